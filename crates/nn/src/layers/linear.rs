//! The linear layer.

use super::fits;
use crate::Module;
use crate::init::Init;
use autograd::algebra::Real;
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
}

impl<T: Real> Layer<T> for Linear<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Linear");
        fits::takes_features("Linear", &self.weight, self.weight.value().shape()[1], x.shape());
        let weight = x.param(&self.weight);
        match &self.bias {
            Some(bias) => x.linear(&weight, Some(&x.param(bias))),
            None => x.linear(&weight, None),
        }
    }
}
