//! One step of a recurrent layer's state as an operation: a few loops over rows that stay in the cache, forward and back.

use super::cell::{self, CellBackward, CellForward, GatedCell, row, row_mut};
use autograd::algebra::Real;
use autograd::ops::{Few, Messages, Op, Pullback, Pushforward};
use autograd::{Array, Error, Shape, Tensor};
use std::ops::RangeInclusive;

/// All states that follow, side by side, `[batch, states · hidden]`. Inputs: what comes of the input and of the hidden state,
/// `x` and `v`, each `[batch, gates · hidden]` with all of one gate before the next, and what is remembered,
/// `[batch, hidden]`. The formulas are those of the [`GatedCell`]: [`LstmCell`](super::LstmCell), [`GruCell`](super::GruCell) or
/// one of your own.
///
/// ```
/// use nn::{layers::{GruCell, LstmCell, CellStep}, prelude::*};
/// let (zeros, c) = (Tensor::from([[0.0_f32, 0.0, 0.0, 0.0]]), Tensor::from([[3.0]]));
/// assert_eq!(Tensor::apply(CellStep(LstmCell), &[&zeros, &zeros, &c]).slice(1, 1..).item(), 1.5);
/// let zeros = zeros.slice(1, 1..);
/// assert_eq!(Tensor::apply(CellStep(GruCell), &[&zeros, &zeros, &c]).item(), 1.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CellStep<C>(pub C);

impl<T: Real, C: GatedCell> Op<T> for CellStep<C> {
    fn name(&self) -> &'static str {
        C::STEP
    }
    fn arity(&self) -> RangeInclusive<usize> {
        3..=3
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        match (&inputs[0][..], &inputs[1][..], &inputs[2][..]) {
            (&[batch, gates], pushed, &[rows, hidden])
                if batch == rows && gates == C::GATES * hidden && pushed == [batch, gates] =>
            {
                Ok(Shape::from([batch, C::STATES * hidden]))
            }
            _ => Err(Error::shape(
                format!("its inputs are no two sets of gates [batch, {} · hidden] and state [batch, hidden]", C::GATES),
                format!("put the {} gates of all hidden features side by side, all of one gate first", C::GATES),
            )),
        }
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(inputs, shape).0
    }
    /// Keeps the gates as the cell left them.
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let [mut gates, pushed, before] = [0, 1, 2].map(|i| inputs[i].contiguous());
        let mut y = Tensor::unset(shape);
        if let (Some(pushed), Some(before), true) = (pushed.as_slice(), before.as_slice(), shape.elements() > 0) {
            let (n, kept, y) = (shape[1] / C::STATES, gates.make_mut(), y.make_mut());
            for i in 0..shape[0] {
                let (hidden, memory) = row_mut(y, i, C::STATES * n).split_at_mut(n);
                cell::forward::<C, T>(CellForward {
                    gates: row_mut(kept, i, C::GATES * n),
                    pushed: row(pushed, i, C::GATES * n),
                    before: row(before, i, n),
                    hidden,
                    memory,
                });
            }
        }
        (y, [gates].into_iter().collect())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        C::vjp(at)
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let Some(gates) = at.kept(0) else { return self.vjp(at) };
        let [pushed, before] = [1, 2].map(|i| at.input(i).contiguous());
        let (y, g, shape) = (at.output().contiguous(), at.cotangent().contiguous(), before.shape());
        let [mut to_x, mut to_pushed] =
            [gates.shape(), if C::ADDS { Shape::from([0]) } else { gates.shape() }].map(Tensor::unset);
        let mut to_before = Tensor::unset(shape);
        let read = [gates, &pushed, &before, &y, &g].map(Tensor::as_slice);
        if let ([Some(gates), Some(pushed), Some(before), Some(y), Some(g)], true) = (read, shape.elements() > 0) {
            let n = shape[1];
            let (to_x, to_pushed, flow) = (to_x.make_mut(), to_pushed.make_mut(), to_before.make_mut());
            for i in 0..shape[0] {
                let (of_hidden, of_memory) = row(g, i, C::STATES * n).split_at((C::STATES - 1) * n);
                row_mut(flow, i, n).copy_from_slice(of_memory);
                cell::backward::<C, T>(CellBackward {
                    gates: row(gates, i, C::GATES * n),
                    pushed: if C::ADDS { &[] } else { row(pushed, i, C::GATES * n) },
                    before: row(before, i, n),
                    memory: &row(y, i, C::STATES * n)[n..],
                    of_hidden,
                    flow: row_mut(flow, i, n),
                    to_x: row_mut(to_x, i, C::GATES * n),
                    to_pushed: row_mut(to_pushed, i, C::GATES * n),
                });
            }
        }
        if C::ADDS {
            to_pushed = to_x.clone();
        }
        at.each(|input| [&to_x, &to_pushed, &to_before][input].clone())
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        C::jvp(at)
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
}
