//! The bilinear layer.

use super::fits;
use crate::Module;
use crate::init::Init;
use autograd::algebra::Real;
use autograd::{Array, Param};
use rand::Rng;

/// `y[o] = Σᵢⱼ a[i] W[o, i, j] b[j] + c[o]` over the last axes. Shapes: `a` `[…, m]`, `b` `[…, n]`, `W` `[out, m, n]`, `c`
/// `[out]`, `y` `[…, out]`; the leading axes broadcast.
///
/// ```
/// use nn::prelude::*;
/// let layer = Bilinear::<f32>::new(3, 4, 2, &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!(layer.forward(Tensor::ones([5, 3]), Tensor::ones([5, 4])).shape(), Shape::from([5, 2]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct Bilinear<T: Real = f32> {
    /// `W`, one matrix an output.
    pub weight: Param<T>,
    /// `c`, if there is one.
    pub bias: Option<Param<T>>,
}

impl<T: Real> Bilinear<T> {
    /// With weights and biases uniform within `±1/√m`, as PyTorch has it.
    pub fn new(first: usize, second: usize, outputs: usize, generator: &mut impl Rng) -> Self {
        let init = Init::within(1.0 / (first.max(1) as f64).sqrt());
        let weight = Param::new(init.tensor([outputs, first, second], generator));
        Bilinear { weight, bias: Some(Param::new(init.tensor([outputs], generator))) }
    }

    /// The same layer without its bias.
    pub fn without_bias(self) -> Self {
        Bilinear { bias: None, ..self }
    }

    /// The output for two inputs.
    ///
    /// # Panics
    /// If an input has another number of features, or the leading axes do not broadcast.
    #[track_caller]
    pub fn forward<A: Array<T>>(&self, first: A, second: A) -> A {
        let _scope = first.scope("Bilinear");
        let shape = self.weight.value().shape();
        fits::takes_features("Bilinear", &self.weight, shape[1], first.shape());
        fits::takes_features("Bilinear", &self.weight, shape[2], second.shape());
        let bias = self.bias.as_ref().map(|bias| first.param(bias));
        first.bilinear(&second, &first.param(&self.weight), bias.as_ref())
    }
}
