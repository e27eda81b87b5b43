//! Gradients divided by their root mean square.

use super::rule::{Element, Rule, Update};
use autograd::algebra::Real;

crate::optimizer! {
    /// RMSprop: `s ← α s + (1 − α) g²`; `d = g/(√s + ε)`; `p ← p − η d`. Centered: `a ← α a + (1 − α) g`, and `s − a²` stands
    /// under the root. With momentum: `b ← μ b + d`; `p ← p − η b`.
    ///
    /// Remembers `s` (`squares`), centered `a` (`mean`), with momentum `b` (`momentum`). Source: Hinton's lecture 6e, 2012;
    /// centered as in Graves, 2013.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut p = Param::new(Tensor::from([1.0_f64]));
    /// let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
    /// RmsProp::new(0.01).step(&mut p, &gradients);
    /// assert!((p.value().item() - 0.9).abs() < 1e-8); // 1 − 0.01 · 2/√(0.01 · 4)
    /// ```
    RmsProp {
        coupled weight_decay = 0.0;
        numbers {
            /// With `α`, what is kept of the mean of squared gradients.
            alpha, with_alpha: Share = 0.99;
            /// With `ε`, what keeps the division finite.
            epsilon, with_epsilon: Positive = 1e-8;
            /// With `μ`, what is kept of the last step.
            momentum, with_momentum: Share = 0.0;
        }
        switches {
            /// Centered: divided by the deviation from the mean in the place of the root mean square.
            centered, with_centered;
        }
    }
}

impl<T: Real> Rule<T> for RmsProp<T> {
    fn memories(&self) -> &'static [&'static str] {
        match (self.centered, self.momentum != 0.0) {
            (false, false) => &["squares"],
            (true, false) => &["squares", "mean"],
            (false, true) => &["squares", "momentum"],
            (true, true) => &["squares", "mean", "momentum"],
        }
    }
    fn update(&self, parameter: Update<'_, T>) {
        let spread = Spread {
            alpha: [self.alpha, 1.0 - self.alpha].map(T::from_f64),
            rate: T::from_f64(parameter.rate()),
            epsilon: T::from_f64(self.epsilon),
        };
        let momentum = T::from_f64(self.momentum);
        match (self.centered, self.momentum != 0.0) {
            (false, false) => parameter.each(spread),
            (true, false) => parameter.each(Centered(spread)),
            (false, true) => parameter.each(Moving { spread, momentum }),
            (true, true) => parameter.each(CenteredMoving { spread, momentum }),
        }
    }
}

/// Neither centered nor with momentum, and what all share.
#[derive(Clone, Copy)]
struct Spread<T> {
    alpha: [T; 2],
    rate: T,
    epsilon: T,
}

impl<T: Real> Spread<T> {
    #[inline(always)]
    fn kept(self, mean: T, new: T) -> T {
        self.alpha[0] * mean + self.alpha[1] * new
    }

    #[inline(always)]
    fn scaled(self, g: T, s: T) -> T {
        g / (s.sqrt() + self.epsilon)
    }
}

/// `s − a²`, which rounding may take a little below 0.
#[inline(always)]
fn variance<T: Real>(s: T, a: T) -> T {
    let variance = s - a * a;
    if variance < T::ZERO { T::ZERO } else { variance }
}

impl<T: Real> Element<T, 1> for Spread<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [s]: [T; 1]) -> (T, [T; 1]) {
        let s = self.kept(s, g * g);
        (p - self.rate * self.scaled(g, s), [s])
    }
}

#[derive(Clone, Copy)]
struct Centered<T>(Spread<T>);

impl<T: Real> Element<T, 2> for Centered<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [s, a]: [T; 2]) -> (T, [T; 2]) {
        let (s, a) = (self.0.kept(s, g * g), self.0.kept(a, g));
        (p - self.0.rate * self.0.scaled(g, variance(s, a)), [s, a])
    }
}

#[derive(Clone, Copy)]
struct Moving<T> {
    spread: Spread<T>,
    momentum: T,
}

impl<T: Real> Element<T, 2> for Moving<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [s, b]: [T; 2]) -> (T, [T; 2]) {
        let s = self.spread.kept(s, g * g);
        let b = self.momentum * b + self.spread.scaled(g, s);
        (p - self.spread.rate * b, [s, b])
    }
}

#[derive(Clone, Copy)]
struct CenteredMoving<T> {
    spread: Spread<T>,
    momentum: T,
}

impl<T: Real> Element<T, 3> for CenteredMoving<T> {
    #[inline(always)]
    fn step(self, p: T, g: T, [s, a, b]: [T; 3]) -> (T, [T; 3]) {
        let (s, a) = (self.spread.kept(s, g * g), self.spread.kept(a, g));
        let b = self.momentum * b + self.spread.scaled(g, variance(s, a));
        (p - self.spread.rate * b, [s, a, b])
    }
}
