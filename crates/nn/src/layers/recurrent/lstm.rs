//! Long short-term memory.

use super::{LstmCell, Recurrence, RecurrentWeights};
use crate::Module;
use autograd::Array;
use autograd::algebra::Real;
use rand::Rng;

/// The state of an [`Lstm`], each `[layers · directions, batch, hidden]`.
#[derive(Clone, Debug)]
pub struct LstmState<A> {
    /// `h`, what it puts out.
    pub hidden: A,
    /// `c`, what it remembers.
    pub cell: A,
}

/// Long short-term memory: with `a = W x + b + V h + c`, whose rows are the gates i, f, g, o one below the other,
/// `c′ = σ(f) c + σ(i) tanh(g)` and `h′ = σ(o) tanh(c′)`. Shapes: `x` `[time, batch, inputs]`, outputs
/// `[time, batch, hidden · directions]`, states `[layers · directions, batch, hidden]`. Weights and their names:
/// [`RecurrentWeights`]. Source: Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and Cummins, 2000.
///
/// ```
/// use nn::prelude::*;
/// let lstm = Lstm::<f32>::new(3, 5, &mut ChaCha8Rng::seed_from_u64(0));
/// let (outputs, state) = lstm.forward(Tensor::ones([7, 2, 3]), None);
/// assert_eq!((outputs.shape(), state.cell.shape()), (Shape::from([7, 2, 5]), Shape::from([1, 2, 5])));
/// let (more, _) = lstm.forward(Tensor::ones([1, 2, 3]), Some(state));
/// assert_eq!(more.shape(), Shape::from([1, 2, 5]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct Lstm<T: Real = f32> {
    /// The weights of all layers and directions.
    #[module(flatten)]
    pub weights: RecurrentWeights<T>,
}

impl<T: Real> Lstm<T> {
    /// One forward layer with weights and biases uniform within `±1/√hidden`, as PyTorch has it.
    pub fn new(inputs: usize, hidden: usize, generator: &mut impl Rng) -> Self {
        Self::with(inputs, hidden, Recurrence::new(), generator)
    }

    /// Layers stacked as said.
    ///
    /// # Panics
    /// Without a layer or a hidden feature.
    #[track_caller]
    pub fn with(inputs: usize, hidden: usize, recurrence: Recurrence, generator: &mut impl Rng) -> Self {
        Lstm { weights: RecurrentWeights::new(4, inputs, hidden, recurrence, generator) }
    }

    /// The outputs of the topmost layer and the last state of every layer and direction, from a first state or zeros.
    ///
    /// # Panics
    /// If the input or the state does not fit.
    #[track_caller]
    pub fn forward<A: Array<T>>(&self, x: A, state: Option<LstmState<A>>) -> (A, LstmState<A>) {
        self.run(x, None, state)
    }

    /// [`forward`](Lstm::forward) of a batch of sequences that end early: each gives what it gives alone. Outputs behind
    /// its end are 0, its last state is that at its end, and what stands in the padding does not matter.
    ///
    /// # Panics
    /// If the input, the lengths or the state do not fit.
    #[track_caller]
    pub fn forward_padded<A: Array<T>>(
        &self,
        x: A,
        lengths: &[usize],
        state: Option<LstmState<A>>,
    ) -> (A, LstmState<A>) {
        self.run(x, Some(lengths), state)
    }

    #[track_caller]
    fn run<A: Array<T>>(&self, x: A, lengths: Option<&[usize]>, state: Option<LstmState<A>>) -> (A, LstmState<A>) {
        let _scope = x.scope("Lstm");
        let state = state.map(|state| [state.hidden, state.cell]);
        let (y, [hidden, cell]) = self.weights.run("Lstm", x, lengths, state, &LstmCell);
        (y, LstmState { hidden, cell })
    }
}
