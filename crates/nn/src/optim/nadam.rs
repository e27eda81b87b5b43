//! Adam with Nesterov's momentum.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// Adam with Nesterov's momentum: `μₜ = β₁ (1 − ½ · 0.96^(ψ t))`; `Π = μ₁ ⋯ μₜ`; `m`, `v` as in [`Adam`](super::Adam);
    /// `D = √(v/(1 − β₂ᵗ)) + ε`; `p ← p − η (1 − μₜ)/(1 − Π) · g/D − η μₜ₊₁/(1 − Π μₜ₊₁) · m/D`.
    ///
    /// Remembers `m` (`mean`), `v` (`squares`) and the number `Π` (`carried`). Source: Dozat, 2016, in PyTorch's form.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// NAdam::new(0.1).step(&mut p, &gradients);
    /// assert!((0.85..0.95).contains(&p.value().item())); // about one learning rate, as always at first
    /// ```
    NAdam {
        coupled weight_decay = 0.0;
        numbers {
            /// With `β₁`, what is kept of the mean of gradients.
            beta1, with_beta1: Share = 0.9;
            /// With `β₂`, what is kept of the mean of squared gradients.
            beta2, with_beta2: Share = 0.999;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-8;
            /// With `ψ`, how fast the momentum comes up.
            momentum_decay, with_momentum_decay: NotNegative = 4e-3;
        }
    }
}

impl<T: Real> Rule<T> for NAdam<T> {
    fn memories(&self) -> &'static [&'static str] {
        &["mean", "squares"]
    }
    fn update(&self, mut parameter: Update<'_, T>) {
        let (rate, step) = (parameter.rate(), parameter.step());
        let momentum = |step: u64| self.beta1 * (1.0 - 0.5 * 0.96_f64.powf(step as f64 * self.momentum_decay));
        let (now, next) = (momentum(step), momentum(step + 1));
        *parameter.carried() *= now;
        let product = *parameter.carried();
        let correction = parameter.one_minus_power(self.beta2);
        parameter.each(Nesterov {
            beta1: [self.beta1, 1.0 - self.beta1].map(T::from_f64),
            beta2: [self.beta2, 1.0 - self.beta2].map(T::from_f64),
            correction: T::from_f64(correction),
            fresh: T::from_f64(rate * (1.0 - now) / (1.0 - product)),
            ahead: T::from_f64(rate * next / (1.0 - product * next)),
            epsilon: T::from_f64(self.epsilon),
        });
    }
}

#[derive(Clone, Copy)]
struct Nesterov<T> {
    beta1: [T; 2],
    beta2: [T; 2],
    /// 1 − β₂ᵗ.
    correction: T,
    /// The share of the gradient.
    fresh: T,
    /// The share of the mean.
    ahead: T,
    epsilon: T,
}

impl<T: Real> Element<T, 2> for Nesterov<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let m = self.beta1[0] * m + self.beta1[1] * g;
        let v = self.beta2[0] * v + self.beta2[1] * (g * g);
        let spread = (v / self.correction).sqrt() + self.epsilon;
        (p - (self.fresh * g + self.ahead * m) / spread, [m, v])
    }
}
