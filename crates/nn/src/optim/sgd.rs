//! Gradient descent, plain and with momentum.

use super::{Memories, Optimizer, walk};
use crate::Module;
use autograd::algebra::Real;
use autograd::kernels::{Kernel, dispatch};
use autograd::{Gradients, Tensor};

/// Plain gradient descent: `p ← p − η g`.
///
/// ```
/// use nn::prelude::*;
/// let mut p = Param::new(Tensor::from([1.0_f32]));
/// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
/// GradientDescent::new(0.1).step(&mut p, &gradients);
/// assert_eq!(p.value().to_vec(), [0.8]);
/// ```
#[derive(Clone, Debug)]
pub struct GradientDescent {
    rate: f64,
}

impl GradientDescent {
    /// With learning rate `η`.
    pub fn new(rate: f64) -> Self {
        GradientDescent { rate }
    }
}

impl<T: Real> Optimizer<T> for GradientDescent {
    fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<Tensor<T>>) {
        let rate = T::from_f64(self.rate);
        walk::<T, M, 0>(model, gradients, &mut Memories::default(), |p, g, [], _| {
            dispatch(Descend { p, g, rate });
        });
    }
    fn learning_rate(&self) -> f64 {
        self.rate
    }
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = rate;
    }
}

struct Descend<'a, T> {
    p: &'a mut [T],
    g: &'a [T],
    rate: T,
}

impl<T: Real> Kernel for Descend<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (p, &g) in self.p.iter_mut().zip(self.g) {
            *p -= self.rate * g;
        }
    }
}

/// Stochastic gradient descent with momentum, as PyTorch has it: `g ← g + λ p`; `b ← g` at first, then
/// `b ← μ b + (1 − d) g`; `p ← p − η b`, or `p ← p − η (g + μ b)` with Nesterov's form.
///
/// ```
/// use nn::prelude::*;
/// let mut p = Param::new(Tensor::from([1.0_f32]));
/// let mut optimizer = Sgd { momentum: 0.9, ..Sgd::new(0.1) };
/// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
/// optimizer.step(&mut p, &gradients);
/// assert_eq!(p.value().to_vec(), [0.8]);
/// ```
#[derive(Clone, Debug)]
pub struct Sgd<T: Real = f32> {
    /// `η`, the learning rate.
    pub rate: f64,
    /// `μ`, what is kept of the last step.
    pub momentum: f64,
    /// `d`, what is taken off the gradient that joins the momentum.
    pub dampening: f64,
    /// `λ`, the weight decay.
    pub weight_decay: f64,
    /// Whether to look ahead.
    pub nesterov: bool,
    #[doc(hidden)]
    pub state: SgdState<T>,
}

/// The momentum of each parameter.
#[derive(Clone, Debug)]
pub struct SgdState<T: Real>(Memories<T, 1>);

impl<T: Real> Sgd<T> {
    /// With learning rate `η`, no momentum, no decay.
    pub fn new(rate: f64) -> Self {
        let state = SgdState(Memories::default());
        Sgd { rate, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false, state }
    }
}

impl<T: Real> Optimizer<T> for Sgd<T> {
    fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<Tensor<T>>) {
        let [rate, momentum, dampening, decay] =
            [self.rate, self.momentum, self.dampening, self.weight_decay].map(T::from_f64);
        let nesterov = self.nesterov;
        walk(model, gradients, &mut self.state.0, |p, g, [b], step| {
            let fresh = if step == 1 { T::ONE } else { T::ONE - dampening };
            dispatch(Momentum { p, g, b, rate, momentum, fresh, decay, nesterov });
        });
    }
    fn learning_rate(&self) -> f64 {
        self.rate
    }
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = rate;
    }
}

struct Momentum<'a, T> {
    p: &'a mut [T],
    g: &'a [T],
    b: &'a mut [T],
    rate: T,
    momentum: T,
    fresh: T,
    decay: T,
    nesterov: bool,
}

impl<T: Real> Kernel for Momentum<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for ((p, &g), b) in self.p.iter_mut().zip(self.g).zip(self.b) {
            let g = g + self.decay * *p;
            *b = self.momentum * *b + self.fresh * g;
            let along = if self.nesterov { g + self.momentum * *b } else { *b };
            *p -= self.rate * along;
        }
    }
}
