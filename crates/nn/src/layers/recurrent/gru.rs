//! Gated recurrent units.

use super::{GruCell, Recurrence, RecurrentWeights};
use crate::Module;
use autograd::Array;
use autograd::algebra::Real;
use rand::Rng;

/// Gated recurrent units: with `r = σ(Wᵣ x + bᵣ + Vᵣ h + cᵣ)`, `z` likewise and `n = tanh(Wₙ x + bₙ + r (Vₙ h + cₙ))`,
/// `h′ = (1 − z) n + z h`; rows of the weights are those of r, z, n one below the other. Shapes: `x`
/// `[time, batch, inputs]`, outputs `[time, batch, hidden · directions]`, states `[layers · directions, batch, hidden]`.
/// Weights and their names: [`RecurrentWeights`]. Source: Cho et al., 2014, with the reset gate behind the product, as
/// PyTorch and cuDNN have it.
///
/// ```
/// use nn::prelude::*;
/// let gru = Gru::<f32>::new(3, 5, &mut ChaCha8Rng::seed_from_u64(0));
/// let (outputs, state) = gru.forward(Tensor::ones([7, 2, 3]), None);
/// assert_eq!((outputs.shape(), state.shape()), (Shape::from([7, 2, 5]), Shape::from([1, 2, 5])));
/// let (more, _) = gru.forward(Tensor::ones([1, 2, 3]), Some(state));
/// assert_eq!(more.shape(), Shape::from([1, 2, 5]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct Gru<T: Real = f32> {
    /// The weights of all layers and directions.
    #[module(flatten)]
    pub weights: RecurrentWeights<T>,
}

impl<T: Real> Gru<T> {
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
        Gru { weights: RecurrentWeights::new(3, inputs, hidden, recurrence, generator) }
    }

    /// The outputs of the topmost layer and the last state of every layer and direction, from a first state or zeros.
    ///
    /// # Panics
    /// If the input or the state does not fit.
    #[track_caller]
    pub fn forward<A: Array<T>>(&self, x: A, state: Option<A>) -> (A, A) {
        self.run(x, None, state)
    }

    /// [`forward`](Gru::forward) of a batch of sequences that end early: each gives what it gives alone. Outputs behind
    /// its end are 0, its last state is that at its end, and what stands in the padding does not matter.
    ///
    /// # Panics
    /// If the input, the lengths or the state do not fit.
    #[track_caller]
    pub fn forward_padded<A: Array<T>>(&self, x: A, lengths: &[usize], state: Option<A>) -> (A, A) {
        self.run(x, Some(lengths), state)
    }

    #[track_caller]
    fn run<A: Array<T>>(&self, x: A, lengths: Option<&[usize]>, state: Option<A>) -> (A, A) {
        let _scope = x.scope("Gru");
        let (y, [state]) = self.weights.run("Gru", x, lengths, state.map(|state| [state]), &GruCell);
        (y, state)
    }
}
