//! Recurrent layers: what they share. Each is a step from one state to the next; how steps follow each other is written
//! here, once.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Recurrence`], how layers are stacked; [`RecurrentWeights`], what they are made of; the walk over time |
//! | `rnn.rs` | [`Rnn`](super::Rnn) |
//! | `lstm.rs`, `gru.rs` | [`Lstm`](super::Lstm), [`Gru`](super::Gru) |
//! | `cell.rs` | [`GatedCell`], what the formula of a layer with gates is |
//! | `lstm_cell.rs`, `gru_cell.rs` | [`LstmCell`], [`GruCell`] |
//! | `step.rs` | [`CellStep`]: one step as an operation |
//! | `sequence.rs` | [`CellSequence`]: all steps as one operation |
//! | `walk.rs` | its loops over time |
//! | `padding.rs` | batches of sequences of which some end early |

mod cell;
mod gru;
mod gru_cell;
mod lstm;
mod lstm_cell;
mod padding;
mod rnn;
mod sequence;
mod step;
mod walk;

pub use cell::{CellBackward, CellForward, GatedCell};
pub use gru::Gru;
pub use gru_cell::GruCell;
pub use lstm::{Lstm, LstmState};
pub use lstm_cell::LstmCell;
pub use rnn::{Nonlinearity, Rnn};
pub use sequence::CellSequence;
pub use step::CellStep;

use super::fits;
use crate::init::Init;
use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Array, Param, Shape, Tensor};
use padding::Padding;
use rand::Rng;

/// How recurrent layers are stacked and read their input: one forward layer with biases, time first, unless said otherwise.
///
/// ```
/// use nn::prelude::*;
/// let both = Recurrence::new().with_layers(2).bidirectional();
/// let gru = Gru::<f32>::with(3, 5, both, &mut ChaCha8Rng::seed_from_u64(0));
/// let (output, state) = gru.forward(Tensor::ones([7, 2, 3]), None);
/// assert_eq!((output.shape(), state.shape()), (Shape::from([7, 2, 10]), Shape::from([4, 2, 5])));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recurrence {
    /// How many layers there are, each fed the outputs of the one below.
    pub layers: usize,
    /// Whether each layer also reads the sequence backwards; the outputs of both directions are joined, forward first.
    pub bidirectional: bool,
    /// Whether there are biases.
    pub bias: bool,
    /// Whether inputs and outputs are `[batch, time, features]` and not `[time, batch, features]`; states never are.
    pub batch_first: bool,
    /// The probability with which an output of a layer is dropped on its way to the next, in training.
    pub dropout: f64,
}

impl Default for Recurrence {
    fn default() -> Self {
        Recurrence { layers: 1, bidirectional: false, bias: true, batch_first: false, dropout: 0.0 }
    }
}

impl Recurrence {
    /// One forward layer with biases, time first.
    pub fn new() -> Self {
        Self::default()
    }

    /// With so many layers.
    pub fn with_layers(self, layers: usize) -> Self {
        Recurrence { layers, ..self }
    }

    /// Reading both ways.
    pub fn bidirectional(self) -> Self {
        Recurrence { bidirectional: true, ..self }
    }

    /// Without biases.
    pub fn without_bias(self) -> Self {
        Recurrence { bias: false, ..self }
    }

    /// With the batch as the first axis of inputs and outputs.
    pub fn batch_first(self) -> Self {
        Recurrence { batch_first: true, ..self }
    }

    /// With dropout between layers.
    pub fn with_dropout(self, dropout: f64) -> Self {
        Recurrence { dropout, ..self }
    }

    fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }
}

/// The weights of one direction of one layer, the gates' rows one below the other.
#[derive(Clone, Debug)]
pub struct RecurrentCell<T: Real = f32> {
    /// What inputs are multiplied by, `[gates · hidden, inputs]`.
    pub weight_ih: Param<T>,
    /// What the last hidden state is multiplied by, `[gates · hidden, hidden]`.
    pub weight_hh: Param<T>,
    /// What is added to the former, `[gates · hidden]`, if anything is.
    pub bias_ih: Option<Param<T>>,
    /// What is added to the latter, `[gates · hidden]`, if anything is.
    pub bias_hh: Option<Param<T>>,
}

/// The weights of stacked recurrent layers under PyTorch's names: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`,
/// `bias_hh_l0`, with `_reverse` appended for the backward direction, then those of `l1`.
#[derive(Clone, Debug)]
pub struct RecurrentWeights<T: Real = f32> {
    /// Layer by layer, the forward direction first.
    pub cells: Vec<RecurrentCell<T>>,
    recurrence: Recurrence,
}

/// How a recurrent layer goes from state to state.
trait Recurrent<const S: usize> {
    /// The next state from what comes of the input, what comes of the hidden state, and the state.
    fn next<A: Array<T>, T: Real>(&self, x: &A, pushed: &A, state: &[A; S]) -> [A; S];

    /// The states of all steps, `[S, time, batch, hidden]`, if there is an operation for that: from what comes of the input,
    /// the weight of the hidden state, the first state and the bias.
    fn at_once<A: Array<T>, T: Real>(
        &self,
        _x: &A,
        _weight: &A,
        _start: &[A; S],
        _bias: Option<&A>,
        _backward: bool,
    ) -> Option<A> {
        None
    }
}

impl<C: GatedCell, const S: usize> Recurrent<S> for C {
    #[track_caller]
    fn next<A: Array<T>, T: Real>(&self, x: &A, pushed: &A, state: &[A; S]) -> [A; S] {
        let all = A::apply(CellStep(*self), &[x, pushed, &state[S - 1]]);
        match S {
            1 => std::array::from_fn(|_| all.clone()),
            _ => {
                let parts = all.chunk(S, -1);
                std::array::from_fn(|i| parts[i].clone())
            }
        }
    }

    #[track_caller]
    fn at_once<A: Array<T>, T: Real>(
        &self,
        x: &A,
        weight: &A,
        start: &[A; S],
        bias: Option<&A>,
        backward: bool,
    ) -> Option<A> {
        let inputs: Vec<&A> = [x, weight].into_iter().chain(start).chain(bias).collect();
        Some(A::apply(CellSequence { cell: *self, backward }, &inputs))
    }
}

impl<T: Real> RecurrentWeights<T> {
    /// Uniform within `±1/√hidden`, as PyTorch has it.
    #[track_caller]
    fn new(gates: usize, inputs: usize, hidden: usize, recurrence: Recurrence, generator: &mut impl Rng) -> Self {
        assert!(recurrence.layers > 0 && hidden > 0, "a recurrent layer has one layer and one hidden feature at least");
        let init = Init::within(1.0 / (hidden as f64).sqrt());
        let mut cells = Vec::new();
        for layer in 0..recurrence.layers {
            let inputs = if layer == 0 { inputs } else { hidden * recurrence.directions() };
            for _ in 0..recurrence.directions() {
                let mut param = |shape: &[usize]| Param::new(init.tensor(shape, generator));
                let (weight_ih, weight_hh) = (param(&[gates * hidden, inputs]), param(&[gates * hidden, hidden]));
                let mut bias = || recurrence.bias.then(|| param(&[gates * hidden]));
                cells.push(RecurrentCell { weight_ih, weight_hh, bias_ih: bias(), bias_hh: bias() });
            }
        }
        RecurrentWeights { cells, recurrence }
    }

    fn names(&self) -> impl Iterator<Item = [String; 4]> + use<T> {
        let directions = self.recurrence.directions();
        (0..self.cells.len()).map(move |i| {
            let place = format!("l{}{}", i / directions, ["", "_reverse"][i % directions]);
            ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map(|name| format!("{name}_{place}"))
        })
    }

    /// The shape of a state: `[layers · directions, batch, hidden]`.
    fn state_shape(&self, batch: usize) -> Shape {
        Shape::from([self.cells.len(), batch, self.cells[0].weight_hh.value().shape()[1]])
    }

    /// From the first step to the last, and back: the outputs of the topmost layer and the last state of every layer and
    /// direction. A state is `S` arrays, of which the first is the hidden one and what is put out.
    #[track_caller]
    fn run<A: Array<T>, const S: usize>(
        &self,
        name: &'static str,
        x: A,
        lengths: Option<&[usize]>,
        start: Option<[A; S]>,
        rule: &impl Recurrent<S>,
    ) -> (A, [A; S]) {
        self.check_input(name, x.shape());
        let x = if self.recurrence.batch_first { x.permute([1, 0, 2]) } else { x };
        let batch = x.shape()[1];
        let start = start.unwrap_or_else(|| {
            let zeros = x.constant(&Tensor::zeros(self.state_shape(batch)));
            std::array::from_fn(|_| zeros.clone())
        });
        self.check_state(name, start.each_ref().map(|state| state.shape()), batch);
        let padding = lengths.and_then(|lengths| Padding::of(name, &x, lengths));
        let mut starts: [Vec<A>; S] = start.map(|state| along_first(state)).map(|mut all| {
            all.reverse();
            all
        });

        // What stands in the padding is nobody's: not even a NaN gets from there into a product.
        let mut y = match &padding {
            Some(padding) => padding.zeroed(x),
            None => x,
        };
        let mut ends: [Vec<A>; S] = std::array::from_fn(|_| Vec::new());
        let directions = self.recurrence.directions();
        for (layer, cells) in self.cells.chunks(directions).enumerate() {
            if layer > 0 {
                y = y.dropout(self.recurrence.dropout);
            }
            let mut outputs = Vec::with_capacity(directions);
            for (cell, backward) in cells.iter().zip([false, true]) {
                let mut state = starts.each_mut().map(|all| all.pop()).map(|state| state.unwrap_or_else(|| y.clone()));
                outputs.push(cell.run(&y, padding.as_ref(), backward, &mut state, rule));
                for (ends, state) in ends.iter_mut().zip(state) {
                    ends.push(state);
                }
            }
            y = match &outputs[..] {
                [only] => only.clone(),
                both => A::concat(&both.iter().collect::<Vec<_>>(), -1),
            };
        }
        let y = if self.recurrence.batch_first { y.permute([1, 0, 2]) } else { y };
        (y, ends.map(|ends| A::stack(&ends.iter().collect::<Vec<_>>(), 0)))
    }

    #[track_caller]
    fn check_input(&self, name: &'static str, got: Shape) {
        let weight = &self.cells[0].weight_ih;
        let features = weight.value().shape()[1];
        let axes = if self.recurrence.batch_first { "batch, time" } else { "time, batch" };
        let time = usize::from(self.recurrence.batch_first);
        let fits = got.rank() == 3 && got[2] == features && got[time] > 0;
        let takes = || format!("inputs [{axes}, {features}]");
        fits::takes(name, weight, fits, takes, got, || match (got.rank(), got.last() == Some(&features)) {
            (3, true) => "a sequence has one step at least".to_string(),
            (2, true) => format!("give a single sequence a batch axis with `.unsqueeze({})`", 1 - time),
            _ => format!("its features are the last axis: make the layer for those of the input, or feed {features}"),
        });
    }

    #[track_caller]
    fn check_state<const S: usize>(&self, name: &'static str, got: [Shape; S], batch: usize) {
        let wanted = self.state_shape(batch);
        for got in got {
            let takes = || format!("a state {wanted}");
            fits::takes(name, &self.cells[0].weight_hh, got == wanted, takes, got, || {
                "a state is [layers · directions, batch, hidden], whatever the layout of the input; without one it is zeros"
                    .to_string()
            });
        }
    }
}

impl<T: Real> RecurrentCell<T> {
    /// One direction of one layer: its outputs `[time, batch, hidden]`; `state` becomes the last one.
    #[track_caller]
    fn run<A: Array<T>, const S: usize>(
        &self,
        x: &A,
        padding: Option<&Padding<A>>,
        backward: bool,
        state: &mut [A; S],
        rule: &impl Recurrent<S>,
    ) -> A {
        let param = |bias: &Option<Param<T>>| bias.as_ref().map(|bias| x.param(bias));
        let (bias_ih, bias_hh) = (param(&self.bias_ih), param(&self.bias_hh));
        let weight_hh = x.param(&self.weight_hh);
        // All steps at once: what does not wait for a state is one product.
        let inputs = x.linear(&x.param(&self.weight_ih), bias_ih.as_ref());
        if padding.is_none()
            && let Some(all) = rule.at_once(&inputs, &weight_hh, state, bias_hh.as_ref(), backward)
        {
            let end = if backward { all.slice(1, ..1) } else { all.slice(1, -1..) };
            *state = std::array::from_fn(|i| end.slice(0, i as isize..i as isize + 1).squeeze([0, 1]));
            return all.slice(0, ..1).squeeze(0);
        }
        let inputs = along_first(inputs);
        let mut outputs = inputs.clone();
        for i in 0..inputs.len() {
            let time = if backward { inputs.len() - 1 - i } else { i };
            let pushed = state[0].linear(&weight_hh, bias_hh.as_ref());
            let next = rule.next(&inputs[time], &pushed, state);
            *state = match padding.and_then(|padding| padding.at(time)) {
                Some(inside) => std::array::from_fn(|i| inside.choose(&next[i], &state[i])),
                None => next,
            };
            outputs[time] = state[0].clone();
        }
        let y = A::stack(&outputs.iter().collect::<Vec<_>>(), 0);
        match padding {
            Some(padding) => padding.zeroed(y),
            None => y,
        }
    }
}

impl<T: Real> Module<T> for RecurrentWeights<T> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        for (cell, [weight_ih, weight_hh, bias_ih, bias_hh]) in self.cells.iter().zip(self.names()) {
            path.within(&weight_ih, |path| cell.weight_ih.visit(path, visit));
            path.within(&weight_hh, |path| cell.weight_hh.visit(path, visit));
            path.within(&bias_ih, |path| cell.bias_ih.visit(path, visit));
            path.within(&bias_hh, |path| cell.bias_hh.visit(path, visit));
        }
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        let names = self.names();
        for (cell, [weight_ih, weight_hh, bias_ih, bias_hh]) in self.cells.iter_mut().zip(names) {
            path.within(&weight_ih, |path| cell.weight_ih.visit_mut(path, visit));
            path.within(&weight_hh, |path| cell.weight_hh.visit_mut(path, visit));
            path.within(&bias_ih, |path| cell.bias_ih.visit_mut(path, visit));
            path.within(&bias_hh, |path| cell.bias_hh.visit_mut(path, visit));
        }
    }
}

/// The slices along the first axis, without it. By pieces of √n: where a slice's message is not added in place but becomes
/// an array of what it was cut from, cutting every one from the whole would cost the square of their number.
#[track_caller]
fn along_first<A: Array<T>, T: Real>(x: A) -> Vec<A> {
    let count = x.shape()[0] as isize;
    let length = count.isqrt().max(1);
    let mut slices = Vec::with_capacity(count as usize);
    for start in (0..count).step_by(length as usize) {
        let piece = x.slice(0, start..(start + length).min(count));
        slices.extend((0..length.min(count - start)).map(|i| piece.slice(0, i..i + 1).squeeze(0)));
    }
    slices
}
