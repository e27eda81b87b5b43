//! Adam with the largest gradient in the place of the root mean square.

use super::rule::{Element, Rule, Update, larger};
use autograd::algebra::Real;

crate::optimizer! {
    /// Adamax: Adam in the norm that is a maximum. `m ← β₁ m + (1 − β₁) g`; `u ← max(β₂ u, |g| + ε)`;
    /// `p ← p − η/(1 − β₁ᵗ) · m/u`.
    ///
    /// Remembers `m` (`mean`) and `u` (`largest`). Source: Kingma, Ba, 2015, section 7.1; `ε` as PyTorch has it.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// Adamax::new(0.1).step(&mut p, &gradients);
    /// assert!((p.value().item() - 0.9).abs() < 1e-8);
    /// ```
    Adamax {
        coupled weight_decay = 0.0;
        numbers {
            /// With `β₁`, what is kept of the mean of gradients.
            beta1, with_beta1: Share = 0.9;
            /// With `β₂`, what is kept of the largest gradient.
            beta2, with_beta2: Share = 0.999;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-8;
        }
    }
}

impl<T: Real> Rule<T> for Adamax<T> {
    fn memories(&self) -> &'static [&'static str] {
        &["mean", "largest"]
    }
    fn update(&self, mut parameter: Update<'_, T>) {
        let rate = parameter.rate() / parameter.one_minus_power(self.beta1);
        parameter.each(Largest {
            beta1: [self.beta1, 1.0 - self.beta1].map(T::from_f64),
            beta2: T::from_f64(self.beta2),
            rate: T::from_f64(rate),
            epsilon: T::from_f64(self.epsilon),
        });
    }
}

#[derive(Clone, Copy)]
struct Largest<T> {
    beta1: [T; 2],
    beta2: T,
    /// η/(1 − β₁ᵗ).
    rate: T,
    epsilon: T,
}

impl<T: Real> Element<T, 2> for Largest<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [m, u]: [T; 2]) -> (T, [T; 2]) {
        let m = self.beta1[0] * m + self.beta1[1] * g;
        let u = larger(self.beta2 * u, larger(g, -g) + self.epsilon);
        (p - self.rate * (m / u), [m, u])
    }
}
