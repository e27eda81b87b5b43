//! The plain recurrent layer.

use super::{Recurrence, Recurrent, RecurrentWeights};
use crate::Module;
use autograd::Array;
use autograd::algebra::Real;
use rand::Rng;

/// What follows the sum in an [`Rnn`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nonlinearity {
    /// The hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`.
    Relu,
}

impl Recurrent<1> for Nonlinearity {
    #[track_caller]
    fn next<A: Array<T>, T: Real>(&self, x: &A, pushed: &A, _: &[A; 1]) -> [A; 1] {
        let sum = x.clone() + pushed;
        [match self {
            Nonlinearity::Tanh => sum.tanh(),
            Nonlinearity::Relu => sum.relu(),
        }]
    }
}

/// Recurrent layers: `h′ = φ(W x + b + V h + c)`, `φ` the hyperbolic tangent or a rectifier. Shapes: `x`
/// `[time, batch, inputs]`, outputs `[time, batch, hidden · directions]`, states `[layers · directions, batch, hidden]`.
/// Weights and their names: [`RecurrentWeights`]. Source: Elman, 1990.
///
/// ```
/// use nn::prelude::*;
/// let rnn = Rnn::<f32>::new(3, 5, &mut ChaCha8Rng::seed_from_u64(0));
/// let (outputs, state) = rnn.forward(Tensor::ones([7, 2, 3]), None);
/// assert_eq!((outputs.shape(), state.shape()), (Shape::from([7, 2, 5]), Shape::from([1, 2, 5])));
/// let (more, _) = rnn.forward(Tensor::ones([1, 2, 3]), Some(state));
/// assert_eq!(more.shape(), Shape::from([1, 2, 5]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct Rnn<T: Real = f32> {
    /// The weights of all layers and directions.
    #[module(flatten)]
    pub weights: RecurrentWeights<T>,
    /// `φ`.
    #[module(skip)]
    pub nonlinearity: Nonlinearity,
}

impl<T: Real> Rnn<T> {
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
        let weights = RecurrentWeights::new(1, inputs, hidden, recurrence, generator);
        Rnn { weights, nonlinearity: Nonlinearity::Tanh }
    }

    /// The same layers with another `φ`.
    pub fn with_nonlinearity(self, nonlinearity: Nonlinearity) -> Self {
        Rnn { nonlinearity, ..self }
    }

    /// The outputs of the topmost layer and the last state of every layer and direction, from a first state or zeros.
    ///
    /// # Panics
    /// If the input or the state does not fit.
    #[track_caller]
    pub fn forward<A: Array<T>>(&self, x: A, state: Option<A>) -> (A, A) {
        self.run(x, None, state)
    }

    /// [`forward`](Rnn::forward) of a batch of sequences that end early: each gives what it gives alone. Outputs behind
    /// its end are 0, its last state is that at its end, and what stands in the padding does not matter.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let rnn = Rnn::<f64>::new(1, 2, &mut ChaCha8Rng::seed_from_u64(0));
    /// let padded = Tensor::from([[[1.0], [1.0]], [[2.0], [f64::NAN]]]);
    /// let (_, state) = rnn.forward_padded(padded, &[2, 1], None);
    /// let (_, short) = rnn.forward(Tensor::from([[[1.0]]]), None);
    /// assert!((state.slice(1, 1..) - short).abs().max().item() < 1e-15);
    /// ```
    ///
    /// # Panics
    /// If the input, the lengths or the state do not fit.
    #[track_caller]
    pub fn forward_padded<A: Array<T>>(&self, x: A, lengths: &[usize], state: Option<A>) -> (A, A) {
        self.run(x, Some(lengths), state)
    }

    #[track_caller]
    fn run<A: Array<T>>(&self, x: A, lengths: Option<&[usize]>, state: Option<A>) -> (A, A) {
        let _scope = x.scope("Rnn");
        let (y, [state]) = self.weights.run("Rnn", x, lengths, state.map(|state| [state]), &self.nonlinearity);
        (y, state)
    }
}
