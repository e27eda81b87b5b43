//! Adam, and Adam with decoupled weight decay.

use super::{Memories, Optimizer, walk};
use crate::Module;
use autograd::algebra::Real;
use autograd::kernels::{Kernel, dispatch};
use autograd::{Gradients, Tensor};

/// Adam: `g ← g + λ p`; `m ← β₁ m + (1 − β₁) g`; `v ← β₂ v + (1 − β₂) g²`;
/// `p ← p − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)`. Source: Kingma, Ba, 2015.
///
/// ```
/// use nn::prelude::*;
/// let mut p = Param::new(Tensor::from([1.0_f64]));
/// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
/// Adam::new(0.1).step(&mut p, &gradients);
/// assert!((p.value().item() - 0.9000000005).abs() < 1e-15);
/// ```
#[derive(Clone, Debug)]
pub struct Adam<T: Real = f32> {
    /// `η`, the learning rate.
    pub rate: f64,
    /// `β₁`, what is kept of the mean of gradients.
    pub beta1: f64,
    /// `β₂`, what is kept of the mean of squared gradients.
    pub beta2: f64,
    /// `ε`, what keeps the division finite.
    pub epsilon: f64,
    /// `λ`, the weight decay that joins the gradient.
    pub weight_decay: f64,
    #[doc(hidden)]
    pub state: AdamState<T>,
}

/// Adam with decoupled weight decay: `p ← p (1 − η λ)`, then [`Adam`] without decay. Source: Loshchilov, Hutter, 2019.
///
/// ```
/// use nn::prelude::*;
/// let mut p = Param::new(Tensor::from([1.0_f64]));
/// let (_, gradients) = gradient(|tape| tape.param(&p).step().sum());
/// AdamW::new(0.1).step(&mut p, &gradients);
/// assert_eq!(p.value().item(), 0.999); // a zero gradient: the decay of 0.01 alone
/// ```
#[derive(Clone, Debug)]
pub struct AdamW<T: Real = f32> {
    /// `η`, the learning rate.
    pub rate: f64,
    /// `β₁`, what is kept of the mean of gradients.
    pub beta1: f64,
    /// `β₂`, what is kept of the mean of squared gradients.
    pub beta2: f64,
    /// `ε`, what keeps the division finite.
    pub epsilon: f64,
    /// `λ`, the decoupled weight decay.
    pub weight_decay: f64,
    #[doc(hidden)]
    pub state: AdamState<T>,
}

/// The two running means of each parameter.
#[derive(Clone, Debug)]
pub struct AdamState<T: Real>(Memories<T, 2>);

impl<T: Real> Adam<T> {
    /// With learning rate `η`, β = (0.9, 0.999), ε = 10⁻⁸ and no decay.
    pub fn new(rate: f64) -> Self {
        let state = AdamState(Memories::default());
        Adam { rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0, state }
    }
}

impl<T: Real> AdamW<T> {
    /// With learning rate `η`, β = (0.9, 0.999), ε = 10⁻⁸ and decay 0.01.
    pub fn new(rate: f64) -> Self {
        let state = AdamState(Memories::default());
        AdamW { rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, state }
    }
}

macro_rules! step_by_moments {
    ($Name:ident, |$optimizer:ident| $shrink:expr, $decay:expr) => {
        impl<T: Real> Optimizer<T> for $Name<T> {
            fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<Tensor<T>>) {
                let $optimizer = &*self;
                let (shrink, decay) = ($shrink, $decay);
                let (rate, beta1, beta2, epsilon) = (self.rate, self.beta1, self.beta2, self.epsilon);
                // Parameters usually are at the same step; the powers are computed when it changes.
                let mut corrections = (0, 1.0, 1.0);
                walk(model, gradients, &mut self.state.0, |p, g, [m, v], step| {
                    if corrections.0 != step {
                        corrections = (step, 1.0 - beta1.powi(step), (1.0 - beta2.powi(step)).sqrt());
                    }
                    let [shrink, decay, beta1_, beta2_, epsilon] =
                        [shrink, decay, beta1, beta2, epsilon].map(T::from_f64);
                    dispatch(Moments {
                        p,
                        g,
                        m,
                        v,
                        shrink,
                        decay,
                        beta1: [beta1_, T::from_f64(1.0 - beta1)],
                        beta2: [beta2_, T::from_f64(1.0 - beta2)],
                        rate: T::from_f64(rate / corrections.1),
                        correction: T::from_f64(corrections.2),
                        epsilon,
                    });
                });
            }
            fn learning_rate(&self) -> f64 {
                self.rate
            }
            fn set_learning_rate(&mut self, rate: f64) {
                self.rate = rate;
            }
        }
    };
}
step_by_moments!(Adam, |optimizer| 1.0, optimizer.weight_decay);
step_by_moments!(AdamW, |optimizer| 1.0 - optimizer.rate * optimizer.weight_decay, 0.0);

struct Moments<'a, T> {
    p: &'a mut [T],
    g: &'a [T],
    m: &'a mut [T],
    v: &'a mut [T],
    shrink: T,
    decay: T,
    beta1: [T; 2],
    beta2: [T; 2],
    rate: T,
    correction: T,
    epsilon: T,
}

impl<T: Real> Kernel for Moments<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let n = self.p.len();
        let (p, g, m, v) = (self.p, &self.g[..n], &mut self.m[..n], &mut self.v[..n]);
        for i in 0..n {
            let weight = p[i] * self.shrink;
            let g = g[i] + self.decay * weight;
            m[i] = self.beta1[0] * m[i] + self.beta1[1] * g;
            v[i] = self.beta2[0] * v[i] + self.beta2[1] * (g * g);
            p[i] = weight - self.rate * (m[i] / (v[i].sqrt() / self.correction + self.epsilon));
        }
    }
}
