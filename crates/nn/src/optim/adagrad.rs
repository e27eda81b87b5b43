//! Gradients divided by the root of all their squares so far.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// Adagrad: `s ← s + g²`, from `s₀` on; `p ← p − η/(1 + (t − 1) δ) · g/(√s + ε)`.
    ///
    /// Remembers `s` (`squares`). Source: Duchi, Hazan, Singer, 2011.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// Adagrad::new(0.1).step(&mut p, &gradients);
    /// assert!((p.value().item() - 0.9).abs() < 1e-10);
    /// ```
    Adagrad {
        coupled weight_decay = 0.0;
        numbers {
            /// With `δ`, how fast the learning rate falls.
            rate_decay, with_rate_decay: NotNegative = 0.0;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-10;
            /// With `s₀`, the sum of squares before the first step.
            first, with_first: NotNegative = 0.0;
        }
    }
}

impl<T: Real> Rule<T> for Adagrad<T> {
    fn memories(&self) -> &'static [&'static str] {
        &["squares"]
    }
    fn update(&self, parameter: Update<'_, T>) {
        let before = (parameter.step() - 1) as f64;
        let rate = T::from_f64(parameter.rate() / (1.0 + before * self.rate_decay));
        parameter.each_from([self.first], Sums { rate, epsilon: T::from_f64(self.epsilon) });
    }
}

#[derive(Clone, Copy)]
struct Sums<T> {
    /// η/(1 + (t − 1) δ).
    rate: T,
    epsilon: T,
}

impl<T: Real> Element<T, 1> for Sums<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [s]: [T; 1]) -> (T, [T; 1]) {
        let s = s + g * g;
        (p - self.rate * (g / (s.sqrt() + self.epsilon)), [s])
    }
}
