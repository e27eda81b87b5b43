//! Adam, and Adam with decoupled weight decay; both with AMSGrad.

use super::rule::{Element, Rule, Update, larger};
use autograd::algebra::Real;

crate::optimizer! {
    /// Adam: the mean of the gradients, divided by their root mean square; both means are corrected for beginning at 0.
    /// `m ← β₁ m + (1 − β₁) g`; `v ← β₂ v + (1 − β₂) g²`; `m̂ = m/(1 − β₁ᵗ)`; `v̂ = v/(1 − β₂ᵗ)`; `p ← p − η m̂/(√v̂ + ε)`.
    ///
    /// Remembers `m` (`mean`), `v` (`squares`), and with AMSGrad the largest `v` so far (`largest`). Source: Kingma, Ba, 2015.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// Adam::new(0.1).step(&mut p, &gradients);
    /// assert!((p.value().item() - 0.9000000005).abs() < 1e-15);
    /// ```
    Adam {
        coupled weight_decay = 0.0;
        numbers {
            /// With `β₁`, what is kept of the mean of gradients.
            beta1, with_beta1: Share = 0.9;
            /// With `β₂`, what is kept of the mean of squared gradients.
            beta2, with_beta2: Share = 0.999;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-8;
        }
        switches {
            /// With AMSGrad: the largest `v` so far in the place of `v`, so that steps never grow by forgetting. Source: Reddi, Kale,
            /// Kumar, 2018.
            amsgrad, with_amsgrad;
        }
    }
}

crate::optimizer! {
    /// Adam with decoupled weight decay: `p ← p (1 − η λ)`, then a step of [`Adam`].
    ///
    /// Remembers what [`Adam`] does. Source: Loshchilov, Hutter, 2019.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).step().sum());
    /// AdamW::new(0.1).step(&mut p, &gradients);
    /// assert_eq!(p.value().item(), 0.999); // a zero gradient: the decay of 0.01 alone
    /// ```
    AdamW {
        decoupled weight_decay = 0.01;
        numbers {
            /// With `β₁`, what is kept of the mean of gradients.
            beta1, with_beta1: Share = 0.9;
            /// With `β₂`, what is kept of the mean of squared gradients.
            beta2, with_beta2: Share = 0.999;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-8;
        }
        switches {
            /// With AMSGrad: the largest `v` so far in the place of `v`, so that steps never grow by forgetting. Source: Reddi, Kale,
            /// Kumar, 2018.
            amsgrad, with_amsgrad;
        }
    }
}

macro_rules! moments {
    ($Name:ident) => {
        impl<T: Real> Rule<T> for $Name<T> {
            fn memories(&self) -> &'static [&'static str] {
                if self.amsgrad { &["mean", "squares", "largest"] } else { &["mean", "squares"] }
            }
            fn update(&self, mut parameter: Update<'_, T>) {
                let correction = parameter.one_minus_power(self.beta2).sqrt();
                let moments = Moments {
                    beta1: [self.beta1, 1.0 - self.beta1].map(T::from_f64),
                    beta2: [self.beta2, 1.0 - self.beta2].map(T::from_f64),
                    rate: T::from_f64(parameter.rate() * correction / parameter.one_minus_power(self.beta1)),
                    epsilon: T::from_f64(self.epsilon * correction),
                };
                if self.amsgrad { parameter.each(Largest(moments)) } else { parameter.each(moments) }
            }
        }
    };
}
moments!(Adam);
moments!(AdamW);

/// The numbers of one step.
#[derive(Clone, Copy)]
struct Moments<T> {
    /// β and 1 − β.
    beta1: [T; 2],
    beta2: [T; 2],
    /// η c/(1 − β₁ᵗ), c = √(1 − β₂ᵗ).
    rate: T,
    /// ε c: the formula with numerator and denominator multiplied by c, which saves every element a division.
    epsilon: T,
}

impl<T: Real> Moments<T> {
    #[inline(always)]
    fn means(self, g: T, m: T, v: T) -> [T; 2] {
        [self.beta1[0] * m + self.beta1[1] * g, self.beta2[0] * v + self.beta2[1] * (g * g)]
    }

    #[inline(always)]
    fn moved(self, p: T, m: T, v: T) -> T {
        p - self.rate * (m / (v.sqrt() + self.epsilon))
    }
}

impl<T: Real> Element<T, 2> for Moments<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [m, v]: [T; 2]) -> (T, [T; 2]) {
        let [m, v] = self.means(g, m, v);
        (self.moved(p, m, v), [m, v])
    }
}

/// AMSGrad.
#[derive(Clone, Copy)]
struct Largest<T>(Moments<T>);

impl<T: Real> Element<T, 3> for Largest<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [m, v, largest]: [T; 3]) -> (T, [T; 3]) {
        let [m, v] = self.0.means(g, m, v);
        let largest = larger(largest, v);
        (self.0.moved(p, m, largest), [m, v, largest])
    }
}
