//! Steps in the unit of the steps before.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// Adadelta: `s ← ρ s + (1 − ρ) g²`; `d = √(a + ε)/√(s + ε) · g`; `a ← ρ a + (1 − ρ) d²`; `p ← p − η d`. The learning rate
    /// is usually 1.
    ///
    /// Remembers `s` (`squares`) and `a` (`moves`). Source: Zeiler, 2012.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// Adadelta::new(1.0).step(&mut p, &gradients);
    /// assert!((p.value().item() - (1.0 - 1e-3 / 0.4_f64.sqrt() * 2.0)).abs() < 1e-8);
    /// ```
    Adadelta {
        coupled weight_decay = 0.0;
        numbers {
            /// With `ρ`, what is kept of the means.
            rho, with_rho: Share = 0.9;
            /// With `ε`, what gets the first step going.
            epsilon, with_epsilon: Positive = 1e-6;
        }
    }
}

impl<T: Real> Rule<T> for Adadelta<T> {
    fn memories(&self) -> &'static [&'static str] {
        &["squares", "moves"]
    }
    fn update(&self, parameter: Update<'_, T>) {
        let rate = T::from_f64(parameter.rate());
        let rho = [self.rho, 1.0 - self.rho].map(T::from_f64);
        parameter.each(Deltas { rho, rate, epsilon: T::from_f64(self.epsilon) });
    }
}

#[derive(Clone, Copy)]
struct Deltas<T> {
    rho: [T; 2],
    rate: T,
    epsilon: T,
}

impl<T: Real> Element<T, 2> for Deltas<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [s, a]: [T; 2]) -> (T, [T; 2]) {
        let s = self.rho[0] * s + self.rho[1] * (g * g);
        let d = (a + self.epsilon).sqrt() / (s + self.epsilon).sqrt() * g;
        (p - self.rate * d, [s, self.rho[0] * a + self.rho[1] * (d * d)])
    }
}
