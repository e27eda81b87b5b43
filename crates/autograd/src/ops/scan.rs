//! Running sums, running products, and the linear recurrence that both are made of when they are differentiated.

use super::{Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::scan as kernel;
pub use crate::kernels::scan::Way;
use crate::shape::resolve_axis;
use crate::{Array, Error, Shape, Tensor};
use std::ops::RangeInclusive;

/// `yₖ = Σ xⱼ` over `j ≤ k` along `axis` (over `j ≥ k` backwards). Pull-back: the running sum of `g` the other way.
/// Shape: that of `x`.
///
/// Each rounding error is carried along and added at the end, so the result is as good as one rounding of a sum in twice
/// the precision: `|computed − yₖ| ≤ u |yₖ| + (k u)² Σ |xⱼ|`, `u` being half of [`Real::EPSILON`].
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1.0_f32, 2.0, 4.0]).cumsum(0).to_vec(), [1.0, 3.0, 7.0]);
/// ```
#[derive(Clone, Debug)]
pub struct CumSum {
    /// The axis that is run along.
    pub axis: isize,
    /// From which end.
    pub way: Way,
}

/// `yₖ = Π xⱼ` over `j ≤ k` along `axis`, or over `j < k` if `exclusive` (from the other end backwards). Shape: that of
/// `x`.
///
/// Pull-back, exact also where factors are 0, for nothing is divided by. Of the exclusive product: `xₖ ← yₖ rₖ` with the
/// [`Recurrence`] `rₖ = gₖ₊₁ + xₖ₊₁ rₖ₊₁` from the other end. Of the other, which is `x` times the exclusive one, `p`:
/// `xₖ ← pₖ (gₖ + rₖ)` with `rₖ = xₖ₊₁ (gₖ₊₁ + rₖ₊₁)`. Relative error at most `n u`, `u` being half of [`Real::EPSILON`].
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([2.0_f32, 0.0, 3.0]));
/// let y = x.cumprod(0);
/// assert_eq!(y.value().to_vec(), [2.0, 0.0, 0.0]);
/// assert_eq!(y.sum().backward().of(&x).or_zeros().to_vec(), [1.0, 8.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct CumProd {
    /// The axis that is run along.
    pub axis: isize,
    /// From which end.
    pub way: Way,
    /// Whether a place leaves out its own factor.
    pub exclusive: bool,
}

/// `hₖ₊₁ = aₖ hₖ + uₖ` from `h₀ = 0` along `axis` (from the other end backwards). Inputs: `a`, `u` of one shape, which is
/// that of `h`; the last `aₖ` and `uₖ` are not used.
///
/// Closed under differentiation: with `r` the recurrence of `a` and `g` the other way, `u ← r` and `a ← r h`; the tangent
/// is the recurrence of `a` and `u̇ + ȧ h`.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::scan::{Recurrence, Way};
/// let (a, u) = (Tensor::from([2.0_f32, 3.0, 9.0]), Tensor::from([1.0, 1.0, 9.0]));
/// let h = Tensor::apply(Recurrence { axis: 0, way: Way::Forwards }, &[&a, &u]);
/// assert_eq!(h.to_vec(), [0.0, 1.0, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Recurrence {
    /// The axis that is run along.
    pub axis: isize,
    /// From which end.
    pub way: Way,
}

fn constants(axis: isize, way: Way) -> Vec<(&'static str, String)> {
    let mut constants = vec![("axis", axis.to_string())];
    if way == Way::Backwards {
        constants.push(("way", "backwards".to_string()));
    }
    constants
}

impl<T: Real> Op<T> for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        resolve_axis(self.axis, inputs[0].rank()).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::sums(x[0], resolve_axis(self.axis, shape.rank()).unwrap_or_default(), self.way)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(CumSum { axis: self.axis, way: self.way.reversed() }, &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(self.axis, self.way)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
}

impl CumProd {
    /// The products before each place.
    fn before<A: Array<T>, T: Real>(&self, x: &A) -> A {
        A::apply(CumProd { exclusive: true, ..self.clone() }, &[x])
    }
}

impl<T: Real> Op<T> for CumProd {
    fn name(&self) -> &'static str {
        "cumprod"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        resolve_axis(self.axis, inputs[0].rank()).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::products(x[0], resolve_axis(self.axis, shape.rank()).unwrap_or_default(), self.way, self.exclusive)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let g = at.cotangent();
        at.each(|i| {
            let x = at.input(i);
            let later = |g: &A| A::apply(Recurrence { axis: self.axis, way: self.way.reversed() }, &[x, g]);
            if self.exclusive { later(g) * at.output() } else { (later(&(g.clone() * x)) + g) * self.before(x) }
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let x = at.input(i);
            let before = if self.exclusive { at.output().clone() } else { self.before(x) };
            let own = before * t;
            let moved = A::apply(Recurrence { axis: self.axis, way: self.way }, &[x, &own]);
            if self.exclusive { moved } else { moved * x + own }
        })
    }
    fn saves(&self) -> Saves {
        if self.exclusive { Saves::ALL } else { Saves::INPUTS }
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = constants(self.axis, self.way);
        if self.exclusive {
            constants.push(("exclusive", "true".to_string()));
        }
        constants
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
}

impl<T: Real> Op<T> for Recurrence {
    fn name(&self) -> &'static str {
        "recurrence"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        resolve_axis(self.axis, inputs[0].rank())?;
        if inputs[0] == inputs[1] {
            return Ok(inputs[0]);
        }
        Err(Error::shape(
            format!("factors of shape {} and terms of shape {}", inputs[0], inputs[1]),
            "give as many factors as terms, in one shape; stretch one with `.broadcast_to`",
        ))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::recurrence(x[0], x[1], resolve_axis(self.axis, shape.rank()).unwrap_or_default(), self.way)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let back = Recurrence { axis: self.axis, way: self.way.reversed() };
        let terms = A::apply(back, &[at.input(0), at.cotangent()]);
        at.each(|i| if i == 0 { terms.clone() * at.output() } else { terms.clone() })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let terms = at.sum(|i, t| if i == 0 { t.clone() * at.output() } else { t.clone() });
        A::apply(self.clone(), &[at.input(0), &terms])
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 1, output: true }
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(self.axis, self.way)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
}
