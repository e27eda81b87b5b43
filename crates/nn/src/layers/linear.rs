//! The linear layer, alone and with its activation.

use super::{Then, fits};
use crate::Module;
use crate::init::Init;
use autograd::algebra::{Formula, Real};
use autograd::{Array, Layer, Param, Tensor};
use rand::Rng;

/// `y = x Wᵀ + b` over the last axis. Shapes: `x` `[…, in]`, `W` `[out, in]`, `b` `[out]`, `y` `[…, out]`.
///
/// ```
/// use nn::prelude::*;
/// let layer = Linear::<f32>::new(3, 2, &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!(layer.forward(Tensor::ones([5, 3])).shape(), Shape::from([5, 2]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct Linear<T: Real = f32> {
    /// `W`, one row an output.
    pub weight: Param<T>,
    /// `b`, if there is one.
    pub bias: Option<Param<T>>,
}

impl<T: Real> Linear<T> {
    /// With weights and biases uniform within `±1/√in`, as PyTorch has it.
    pub fn new(inputs: usize, outputs: usize, generator: &mut impl Rng) -> Self {
        let weight = Init::FanIn.tensor([outputs, inputs], generator);
        let bias = Init::within(1.0 / (inputs.max(1) as f64).sqrt()).tensor([outputs], generator);
        Linear { weight: Param::new(weight), bias: Some(Param::new(bias)) }
    }

    /// With weights by `init` and biases 0, as Keras has it.
    ///
    /// ```
    /// use nn::{init::Init, prelude::*};
    /// let layer = Linear::<f32>::with_init(3, 2, Init::KaimingNormal, &mut ChaCha8Rng::seed_from_u64(0));
    /// assert_eq!(layer.bias.unwrap().value().to_vec(), [0.0, 0.0]);
    /// ```
    pub fn with_init(inputs: usize, outputs: usize, init: Init, generator: &mut impl Rng) -> Self {
        let weight = init.tensor([outputs, inputs], generator);
        Linear { weight: Param::new(weight), bias: Some(Param::new(Tensor::zeros([outputs]))) }
    }

    /// The same layer without its bias.
    pub fn without_bias(self) -> Self {
        Linear { bias: None, ..self }
    }

    /// With an activation as part of it.
    pub fn then<F: Formula<1>>(self, formula: F) -> Then<Self, F> {
        Then { layer: self, formula }
    }
}

impl<T: Real> Layer<T> for Linear<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Linear");
        let (weight, bias) = self.on(&x);
        x.linear(&weight, bias.as_ref())
    }
}

impl<T: Real> Linear<T> {
    /// Weight and bias where `x` is read.
    #[track_caller]
    fn on<A: Array<T>>(&self, x: &A) -> (A, Option<A>) {
        fits::takes_features("Linear", &self.weight, self.weight.value().shape()[1], x.shape());
        let weight = x.param(&self.weight);
        // In a closure, the bias would get this line and not the caller's.
        match &self.bias {
            Some(bias) => (weight, Some(x.param(bias))),
            None => (weight, None),
        }
    }
}

impl<F: Formula<1>, T: Real> Layer<T> for Then<Linear<T>, F> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Linear");
        let (weight, bias) = self.layer.on(&x);
        x.linear_then(&weight, bias.as_ref(), self.formula)
    }
}
