//! Steps of one length, along the sign of a momentum.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// Lion: `p ← p (1 − η λ)`; `p ← p − η sign(β₁ m + (1 − β₁) g)`; `m ← β₂ m + (1 − β₂) g`; `sign(0) = 0`. Its learning rate
    /// is usually 3 to 10 times smaller than Adam's, as every step has full length.
    ///
    /// Remembers `m` (`mean`). Source: Chen and others, 2023.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// Lion::new(0.25).step(&mut p, &gradients);
    /// assert_eq!(p.value().item(), 0.75);
    /// ```
    Lion {
        decoupled weight_decay = 0.0;
        numbers {
            /// With `β₁`, the share of the mean in the direction of this step.
            beta1, with_beta1: Share = 0.9;
            /// With `β₂`, what is kept of the mean of gradients.
            beta2, with_beta2: Share = 0.99;
        }
    }
}

impl<T: Real> Rule<T> for Lion<T> {
    fn memories(&self) -> &'static [&'static str] {
        &["mean"]
    }
    fn update(&self, parameter: Update<'_, T>) {
        let rate = T::from_f64(parameter.rate());
        parameter.each(Signs {
            beta1: [self.beta1, 1.0 - self.beta1].map(T::from_f64),
            beta2: [self.beta2, 1.0 - self.beta2].map(T::from_f64),
            rate,
        });
    }
}

#[derive(Clone, Copy)]
struct Signs<T> {
    beta1: [T; 2],
    beta2: [T; 2],
    rate: T,
}

impl<T: Real> Element<T, 1> for Signs<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [m]: [T; 1]) -> (T, [T; 1]) {
        let along = self.beta1[0] * m + self.beta1[1] * g;
        // Not a number stays one: it is to be seen.
        let sign = match () {
            () if along > T::ZERO => T::ONE,
            () if along < T::ZERO => -T::ONE,
            () => along,
        };
        (p - self.rate * sign, [self.beta2[0] * m + self.beta2[1] * g])
    }
}
