//! All steps of a recurrent layer as one operation.

use super::cell::{GatedCell, sum};
use super::walk::{Given, Plan};
use super::{CellStep, along_first};
use autograd::algebra::Real;
use autograd::kernels::Matrix;
use autograd::ops::{Few, Messages, Op, Pullback, Pushforward};
use autograd::{Array, Error, Reductions, Shape, Shaping, Symbol, Tensor};
use std::any::Any;
use std::ops::RangeInclusive;

/// With so many rows in all steps together it is better to turn the weight over first: a row then takes two thirds of the time.
const TURNED_ROWS: usize = 64;

/// The states of all steps, `[states, time, batch, hidden]`, the hidden one first. Inputs: what comes of the input, `x`
/// `[time, batch, gates · hidden]`, the weight of the hidden state, `V` `[gates · hidden, hidden]`, each first state
/// `[batch, hidden]`, and, where there is one, the bias `c`, `[gates · hidden]`.
///
/// Each step is a [`CellStep`] of the cell with `v = V h + c`, and the pull-back is that of the steps, from the last to the first.
/// In one operation the weight is turned over once, pieces of a batch go to several threads, and the weight's gradient is one
/// product.
///
/// ```
/// use nn::{layers::{GruCell, CellSequence, CellStep}, prelude::*};
/// let [x, v] = [Tensor::<f32>::ones([2, 1, 3]), Tensor::ones([3, 1])];
/// let h = Tensor::zeros([1, 1]);
/// let all = Tensor::apply(CellSequence { cell: GruCell, backward: false }, &[&x, &v, &h]);
/// let first = Tensor::apply(CellStep(GruCell), &[&x.slice(0, ..1).squeeze(0), &h.linear(&v, None), &h]);
/// assert_eq!((all.shape(), all.slice(1, ..1).item()), (Shape::from([1, 2, 1, 1]), first.item()));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CellSequence<C> {
    /// What each step is.
    pub cell: C,
    /// Whether the walk is from the last step in time to the first.
    pub backward: bool,
}

impl<T: Real, C: GatedCell> Op<T> for CellSequence<C> {
    fn name(&self) -> &'static str {
        C::SEQUENCE
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2 + C::STATES..=3 + C::STATES
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (states, bias) = (&inputs[2..2 + C::STATES], inputs.get(2 + C::STATES));
        match (&inputs[0][..], &inputs[1][..], &states[0][..]) {
            (&[time, batch, gates], weight, &[rows, hidden])
                if time > 0
                    && batch == rows
                    && gates == C::GATES * hidden
                    && weight == [gates, hidden]
                    && states.iter().all(|state| *state == states[0])
                    && bias.is_none_or(|bias| bias[..] == [gates]) =>
            {
                Ok(Shape::from([C::STATES, time, batch, hidden]))
            }
            _ => Err(Error::shape(
                format!(
                    "its inputs are no gates [time, batch, {0} · hidden], weight [{0} · hidden, hidden], {1} [batch, hidden] and, \
                     if any, bias [{0} · hidden]",
                    C::GATES,
                    if C::STATES == 1 { "state" } else { "two states" },
                ),
                "give a sequence of one step at least, time first, and all of one gate before the next",
            )),
        }
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(inputs, shape).0
    }
    /// Keeps the gates as the cell left them, and `v` where the cell wants to see it again.
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let plan = Plan::new::<C>(shape, self.backward);
        let (mut gates, weight) = (inputs[0].contiguous(), inputs[1].contiguous());
        let turned = (shape[1] * shape[2] >= TURNED_ROWS).then(|| weight.transpose().contiguous());
        let mut pushed = Tensor::unset(if C::ADDS { Shape::from([shape[2], plan.gates]) } else { gates.shape() });
        let mut y = Tensor::unset(shape);
        if shape.elements() > 0 {
            let rest: Few<Tensor<T>> = inputs[2..].iter().map(|x| x.contiguous()).collect();
            let given = Given {
                weight: match &turned {
                    Some(turned) => Matrix::row_major(plain(turned), plan.gates),
                    None => Matrix::row_major(plain(&weight), plan.hidden).transposed(),
                },
                starts: rest[..C::STATES].iter().map(plain).collect(),
            };
            let bias = rest.get(C::STATES).map(plain);
            plan.forward::<C, T>(&given, bias, gates.make_mut(), pushed.make_mut(), y.make_mut());
        }
        (y, if C::ADDS { [gates].into_iter().collect() } else { [gates, pushed].into_iter().collect() })
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        if (at.cotangent() as &dyn Any).is::<Symbol<T>>() {
            return at.each(|i| in_print::<C, A, T>(i, at.input(i).shape()));
        }
        let inputs: Few<&A> = (0..at.count()).map(|i| at.input(i)).collect();
        let (weight, own) = (inputs[1], along_first(side_by_side(at.cotangent())));
        let mut to_x = vec![None; own.len()];
        let (mut to_weight, mut to_bias, mut to_states) = (None, None, None);
        for passed in self.steps(&inputs).into_iter().rev() {
            let own = own[passed.time].clone();
            let g = match to_states {
                Some(carried) => own + &carried,
                None => own,
            };
            let messages = at.through(&CellStep(self.cell), &passed.inputs.each_ref(), &passed.y, &g);
            let [of_x, of_pushed, of_memory] = [0, 1, 2].map(|i| {
                let zeros = || g.constant(&Tensor::zeros(passed.inputs[i].shape()));
                messages[i].clone().unwrap_or_else(zeros)
            });
            let of_hidden = of_pushed.matmul(weight);
            to_states = Some(match C::STATES {
                1 => of_hidden + &of_memory,
                _ => A::concat(&[&of_hidden, &of_memory], -1),
            });
            to_weight = sum([to_weight, Some(of_pushed.transpose().matmul(&passed.hidden))]);
            to_bias = sum([to_bias, Some(of_pushed.sum_axes(0))]);
            to_x[passed.time] = Some(of_x);
        }
        let to_starts = to_states.map_or(Vec::new(), |all| all.chunk(C::STATES, -1));
        at.each(|i| match i {
            0 => Some(A::stack(&to_x.iter().flatten().collect::<Vec<_>>(), 0)),
            1 => to_weight.clone(),
            i => to_starts.get(i - 2).cloned().or_else(|| to_bias.clone()),
        })
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let (Some(gates), shape) = (at.kept(0), at.cotangent().shape()) else { return self.vjp(at) };
        let plan = Plan::new::<C>(shape, self.backward);
        let rest: Few<Tensor<T>> = (1..2 + C::STATES).map(|i| at.input(i).contiguous()).collect();
        let [y, g] = [at.output(), at.cotangent()].map(Tensor::contiguous);
        let mut to_x = Tensor::unset(gates.shape());
        let mut to_pushed = Tensor::unset(if C::ADDS { Shape::from([0]) } else { gates.shape() });
        let mut to_starts = Tensor::zeros(shape.with_extent(1, 1));
        let mut to_weight = at.wants(1).then(|| Tensor::zeros(at.input_shape(1)));
        if shape.elements() > 0 {
            let given = Given {
                weight: Matrix::row_major(plain(&rest[0]), plan.hidden),
                starts: rest[1..].iter().map(plain).collect(),
            };
            let kept = [gates, at.kept(1).unwrap_or(gates), &y, &g].map(plain);
            let written = [&mut to_x, &mut to_pushed, &mut to_starts].map(Tensor::make_mut);
            plan.backward::<C, T>(&given, kept, written);
            let to_pushed = plain(if C::ADDS { &to_x } else { &to_pushed });
            if let Some(message) = &mut to_weight {
                plan.to_weight(to_pushed, &plain(&y)[..plan.elements()], given.starts[0], message.make_mut());
            }
        }
        if C::ADDS {
            to_pushed = to_x.clone();
        }
        at.each(|i| match i {
            0 => Some(to_x.clone()),
            1 => to_weight.clone(),
            i if i < 2 + C::STATES => Some(to_starts.slice(0, i as isize - 2..i as isize - 1).squeeze([0, 1])),
            _ => Some(to_pushed.sum_axes([0, 1])),
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let inputs: Few<&A> = (0..at.count()).map(|i| at.input(i)).collect();
        let x_moves = at.tangent(0).map(|t| along_first(t.clone()));
        let bias = (at.count() > 2 + C::STATES).then(|| at.tangent(2 + C::STATES)).flatten();
        let mut states: Vec<Option<A>> = (0..C::STATES).map(|s| at.tangent(2 + s).cloned()).collect();
        let mut moved = vec![None; at.output().shape()[1]];
        for passed in self.steps(&inputs) {
            let of_x = x_moves.as_ref().map(|moves| moves[passed.time].clone());
            let of_hidden = states[0].as_ref().map(|t| t.linear(inputs[1], None));
            let of_weight = at.tangent(1).map(|t| passed.hidden.linear(t, None));
            let of_bias = bias.map(|t| t.broadcast_to(passed.inputs[1].shape()));
            let of_pushed = sum([sum([of_hidden, of_weight]), of_bias]);
            let tangents = [of_x.as_ref(), of_pushed.as_ref(), states[C::STATES - 1].as_ref()];
            let y = at.through(&CellStep(self.cell), &passed.inputs.each_ref(), &passed.y, &tangents);
            states = match &y {
                Some(y) => y.chunk(C::STATES, -1).into_iter().map(Some).collect(),
                None => vec![None; C::STATES],
            };
            let zeros = || at.output().constant(&Tensor::zeros(passed.y.shape()));
            moved[passed.time] = Some(y.unwrap_or_else(zeros));
        }
        let moved = A::stack(&moved.iter().flatten().collect::<Vec<_>>(), 0);
        let (time, batch, all) = (moved.shape()[0], moved.shape()[1], moved.shape()[2]);
        moved.reshape(Shape::from([time, batch, C::STATES, all / C::STATES])).permute([2, 0, 1, 3])
    }
    fn multiply_adds(&self, inputs: &[Shape], _: Shape) -> usize {
        inputs[0].elements() * inputs[1][1]
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        if self.backward { vec![("backward", "true".to_string())] } else { Vec::new() }
    }
}

/// The message to input `i` in print: by the name of the step's rule, which is printed wherever a step stands alone.
fn in_print<C: GatedCell, A: Array<T>, T: Real>(i: usize, shape: Shape) -> Option<A> {
    let step = C::STEP;
    let text = match i {
        0 => format!("g · ∂{step}/∂x at each step"),
        1 => format!("Σ (g · ∂{step}/∂v)ᵀ @ h over all steps"),
        i if i < 2 + C::STATES => format!("g · ∂{step}/∂state through all steps"),
        _ => format!("Σ g · ∂{step}/∂v over all steps"),
    };
    let symbol = Symbol::<T>::letter(&text, shape);
    (&symbol as &dyn Any).downcast_ref::<A>().cloned()
}

/// One step of the walk in operations.
struct Passed<A> {
    /// When.
    time: usize,
    /// The hidden state before it.
    hidden: A,
    /// The inputs of the [`CellStep`].
    inputs: [A; 3],
    /// Its output.
    y: A,
}

impl<C: GatedCell> CellSequence<C> {
    /// All steps, in the order of the walk.
    fn steps<A: Array<T>, T: Real>(&self, inputs: &[&A]) -> Vec<Passed<A>> {
        let x = along_first(inputs[0].clone());
        let mut states: Vec<A> = inputs[2..2 + C::STATES].iter().map(|&state| state.clone()).collect();
        let bias = inputs.get(2 + C::STATES).copied();
        let step = |i: usize| {
            let time = if self.backward { x.len() - 1 - i } else { i };
            let (hidden, memory) = (states[0].clone(), states[C::STATES - 1].clone());
            let inputs = [x[time].clone(), hidden.linear(inputs[1], bias), memory];
            let y = A::apply(CellStep(self.cell), &inputs.each_ref());
            states = y.chunk(C::STATES, -1);
            Passed { time, hidden, inputs, y }
        };
        (0..x.len()).map(step).collect()
    }
}

/// States `[states, time, batch, hidden]` as `[time, batch, states · hidden]`.
fn side_by_side<A: Array<T>, T: Real>(x: &A) -> A {
    let (states, time, batch, hidden) = (x.shape()[0], x.shape()[1], x.shape()[2], x.shape()[3]);
    x.permute([1, 2, 0, 3]).reshape(Shape::from([time, batch, states * hidden]))
}

/// The elements of a tensor in order.
fn plain<T: Real>(x: &Tensor<T>) -> &[T] {
    x.as_slice().unwrap_or(&[])
}
