//! Adam that trusts its second moment only when there is enough of it.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// Rectified Adam: with `ρ∞ = 2/(1 − β₂) − 1` and `ρ = ρ∞ − 2 t β₂ᵗ/(1 − β₂ᵗ)`, a step of [`Adam`](super::Adam) times
    /// `√((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ))` when `ρ > 5`, and `p ← p − η m/(1 − β₁ᵗ)` before that.
    ///
    /// Remembers `m` (`mean`) and `v` (`squares`). Source: Liu and others, 2020; the bound of 5 as PyTorch has it.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// RAdam::new(0.1).step(&mut p, &gradients);
    /// assert!((p.value().item() - 0.8).abs() < 1e-15); // momentum alone at first: 1 − 0.1 · 2
    /// ```
    RAdam {
        coupled weight_decay = 0.0;
        numbers {
            /// With `β₁`, what is kept of the mean of gradients.
            beta1, with_beta1: Share = 0.9;
            /// With `β₂`, what is kept of the mean of squared gradients.
            beta2, with_beta2: Share = 0.999;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-8;
        }
    }
}

impl<T: Real> Rule<T> for RAdam<T> {
    fn memories(&self) -> &'static [&'static str] {
        &["mean", "squares"]
    }
    fn update(&self, mut parameter: Update<'_, T>) {
        let step = parameter.step();
        let left = parameter.one_minus_power(self.beta2);
        let most = 2.0 / (1.0 - self.beta2) - 1.0;
        let length = most - 2.0 * step as f64 * (1.0 - left) / left;
        let rectified = length > 5.0;
        let rectifier = match rectified {
            true => ((length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length)).sqrt(),
            false => 1.0,
        };
        let rate = parameter.rate() / parameter.one_minus_power(self.beta1);
        parameter.each(Rectified {
            beta1: [self.beta1, 1.0 - self.beta1].map(T::from_f64),
            beta2: [self.beta2, 1.0 - self.beta2].map(T::from_f64),
            rate: T::from_f64(rate * rectifier),
            correction: T::from_f64(left.sqrt()),
            epsilon: T::from_f64(self.epsilon),
            rectified,
        });
    }
}

#[derive(Clone, Copy)]
struct Rectified<T> {
    beta1: [T; 2],
    beta2: [T; 2],
    rate: T,
    /// √(1 − β₂ᵗ).
    correction: T,
    epsilon: T,
    /// Whether the second moment is trusted.
    rectified: bool,
}

impl<T: Real> Element<T, 2> for Rectified<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let m = self.beta1[0] * m + self.beta1[1] * g;
        let v = self.beta2[0] * v + self.beta2[1] * (g * g);
        let along = if self.rectified { m * (self.correction / (v.sqrt() + self.epsilon)) } else { m };
        (p - self.rate * along, [m, v])
    }
}
