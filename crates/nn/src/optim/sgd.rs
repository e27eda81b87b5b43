//! Gradient descent, plain and with momentum.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// Plain gradient descent: `p ← p − η g`. Remembers nothing. Source: Cauchy, 1847.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f32]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// GradientDescent::new(0.1).step(&mut p, &gradients);
    /// assert_eq!(p.value().to_vec(), [0.8]);
    /// ```
    GradientDescent {
        coupled weight_decay = 0.0;
    }
}

impl<T: Real> Rule<T> for GradientDescent<T> {
    fn memories(&self) -> &'static [&'static str] {
        &[]
    }
    fn update(&self, parameter: Update<'_, T>) {
        let rate = T::from_f64(parameter.rate());
        parameter.each(Descent { rate });
    }
}

#[derive(Clone, Copy)]
struct Descent<T> {
    rate: T,
}

impl<T: Real> Element<T, 0> for Descent<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, []: [T; 0]) -> (T, [T; 0]) {
        (p - self.rate * g, [])
    }
}

crate::optimizer! {
    /// Stochastic gradient descent with momentum, as PyTorch has it: `b ← g` at the first step, then `b ← μ b + (1 − d) g`;
    /// `p ← p − η b`, or `p ← p − η (g + μ b)` with Nesterov's form.
    ///
    /// Remembers `b` (`momentum`), and nothing when `μ` is 0. Source: Polyak, 1964; Nesterov, 1983, in the form of
    /// Sutskever, Martens, Dahl, Hinton, 2013.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let mut optimizer = Sgd::new(0.25).with_momentum(0.5);
    /// for want in [0.5, 0.0, -0.25] {
    ///     let (_, gradients) = gradient(|tape| tape.param(&p).square().sum()); // 2 p
    ///     optimizer.step(&mut p, &gradients);
    ///     assert_eq!(p.value().item(), want);
    /// }
    /// ```
    Sgd {
        coupled weight_decay = 0.0;
        numbers {
            /// With `μ`, what is kept of the last step.
            momentum, with_momentum: Share = 0.0;
            /// With `d`, what is taken off a gradient that joins the momentum.
            dampening, with_dampening: Share = 0.0;
        }
        switches {
            /// With Nesterov's momentum: the gradient's share of the next step is taken at once.
            nesterov, with_nesterov;
        }
    }
}

impl<T: Real> Rule<T> for Sgd<T> {
    fn memories(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["momentum"] }
    }
    fn update(&self, parameter: Update<'_, T>) {
        let rate = T::from_f64(parameter.rate());
        if self.momentum == 0.0 {
            return parameter.each(Descent { rate });
        }
        let fresh = if parameter.step() == 1 { 1.0 } else { 1.0 - self.dampening };
        let [momentum, fresh] = [self.momentum, fresh].map(T::from_f64);
        parameter.each(Momentum { rate, momentum, fresh, nesterov: self.nesterov });
    }
}

#[derive(Clone, Copy)]
struct Momentum<T> {
    rate: T,
    momentum: T,
    /// The share of the new gradient.
    fresh: T,
    nesterov: bool,
}

impl<T: Real> Element<T, 1> for Momentum<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [b]: [T; 1]) -> (T, [T; 1]) {
        let b = self.momentum * b + self.fresh * g;
        let along = if self.nesterov { g + self.momentum * b } else { b };
        (p - self.rate * along, [b])
    }
}
