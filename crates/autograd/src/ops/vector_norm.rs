//! Norms of vectors.

use super::reduce::{constants, forward, keeps_first, stretched};
use super::{Messages, Op, Pullback, Pushforward, times_slope};
use crate::algebra::Real;
use crate::elementwise;
use crate::kernels::reduce as kernel;
use crate::{Array, Axes, Error, Interpretation, Shape, Tensor};

/// `y = (Σ |x|ᵖ)^(1/p)` over `axes` for a finite `p > 0`; powers that would leave the range are scaled first.
/// Pull-back: `x ← g sign(x) (|x|/y)^(p − 1)`; for `p = 2` that is `g x/y`. 0 at a zero vector (the sub-gradient of least
/// norm), and for `p ≤ 1` at a zero element.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([[3.0_f32, 4.0], [0.0, 0.0]]));
/// let y = x.norm(2.0, -1);
/// assert_eq!(y.value().to_vec(), [5.0, 0.0]);
/// assert_eq!(y.sum().backward().of(&x).or_zeros().to_vec(), [0.6, 0.8, 0.0, 0.0]);
/// assert_eq!(Tensor::from([3e30_f32, 4e30]).norm(2.0, ..).item(), 5e30);
/// ```
#[derive(Clone, Debug)]
pub struct Norm {
    /// The exponent, finite and above 0.
    pub p: f64,
    /// The axes that are reduced.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
}

elementwise! {
    /// `y = x/n`, and 0 where `n = 0`: a part of a whole, of which there may be nothing. Derivatives `1/n`, `−x/n²`, both 0
    /// where `n = 0`. Shape: both broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::ops::vector_norm::OverNorm;
    /// let (x, n) = (Tensor::from([3.0_f32, 0.0]), Tensor::from([5.0, 0.0]));
    /// assert_eq!(x.zip(&n, OverNorm).to_vec(), [0.6, 0.0]);
    /// ```
    pub struct OverNorm;
    fn over_norm(self, x, n) {
        let (zero, one) = (A::constant(0.0), A::constant(1.0));
        n.if_equal(zero, zero, x / n.if_equal(zero, one, n))
    }
    slope inputs {
        let (zero, one) = (A::constant(0.0), A::constant(1.0));
        let safe = n.if_equal(zero, one, n);
        [n.if_equal(zero, zero, safe.recip()), n.if_equal(zero, zero, -(x / safe) / safe)]
    }
}

elementwise! {
    /// `y = sign(x) |x|ᶜ` for a constant `c`, 0 at 0. Derivative `c |x|ᶜ⁻¹`, for `c ≤ 0` taken as 0 at 0.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::ops::vector_norm::SignedPower;
    /// let y = Tensor::from([-3.0_f32, 0.0, 2.0]).map(SignedPower { exponent: 2.0 });
    /// assert_eq!(y.to_vec(), [-9.0, 0.0, 4.0]);
    /// ```
    pub struct SignedPower {
        /// `c`.
        exponent: f64,
    }
    fn signed_power(self, x) {
        let (zero, power) = (A::constant(0.0), x.abs().powf(self.exponent));
        x.if_equal(zero, zero, zero.if_greater(x, -power, power))
    }
    slope inputs {
        let (zero, slope) = (A::constant(0.0), x.abs().powf(self.exponent - 1.0) * self.exponent);
        [if self.exponent > 0.0 { slope } else { x.if_equal(zero, zero, slope) }]
    }
}

/// The sum of powers of `x`, which are squares for `p = 2`.
fn powers<T: Real>(x: &Tensor<T>, p: f64, axes: &Axes, shape: Shape) -> Tensor<T> {
    if p == 2.0 { forward(x, axes, shape, kernel::Squares) } else { forward(x, axes, shape, kernel::Powers(p)) }
}

fn root<T: Real>(x: &Tensor<T>, p: f64) -> Tensor<T> {
    if p == 2.0 { x.sqrt() } else { x.powf(1.0 / p) }
}

/// The `p`-norm of a tensor over `axes`.
pub(super) fn norm<T: Real>(x: &Tensor<T>, p: f64, axes: &Axes, shape: Shape) -> Tensor<T> {
    let sum = powers(x, p, axes, shape);
    // Below this, powers that have left the range could be missing from the sum.
    let smallest = T::SMALLEST / T::EPSILON;
    let in_range = |sum: &T| (sum.is_finite() && *sum >= smallest) || sum.is_nan();
    let mut y = root(&sum, p);
    let sum = sum.to_vec();
    if sum.iter().all(in_range) {
        return y;
    }
    // Only those that need it: what one row gives must not depend on the others.
    let largest = forward(x, axes, shape, kernel::Magnitude);
    let mut scale = largest.clone();
    for scale in scale.make_mut() {
        if *scale == T::ZERO || !scale.is_finite() {
            *scale = T::ONE;
        }
    }
    let scaled = x / &stretched(&scale, axes, x.shape());
    let careful = (root(&powers(&scaled, p, axes, shape), p) * &scale).to_vec();
    for ((y, sum), careful) in y.make_mut().iter_mut().zip(&sum).zip(careful) {
        if !in_range(sum) {
            *y = careful;
        }
    }
    y
}

impl Norm {
    /// `sign(x) (|x|/y)^(p − 1)`, the slope.
    fn slope<A: Array<T>, T: Real>(&self, x: &A, y: &A) -> A {
        let part = x.zip(&stretched(y, &self.axes, x.shape()), OverNorm);
        if self.p == 2.0 { part } else { part.map(SignedPower { exponent: self.p - 1.0 }) }
    }
}

impl<T: Real> Op<T> for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        if !self.p.is_finite() || self.p <= 0.0 {
            return Err(Error::value(
                format!("p = {} is no exponent of a norm", self.p),
                "give a p above 0; the largest magnitude (p = ∞) is `.norm(f64::INFINITY, axes)`",
            ));
        }
        Ok(inputs[0].reduced(&self.axes.resolve(&inputs[0])?, self.keep))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        norm(x[0], self.p, &self.axes, shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let g = stretched(at.cotangent(), &self.axes, at.input_shape(i));
            times_slope(&g, &self.slope(at.input(i), at.output()), at.guards())
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let terms = times_slope(t, &self.slope(at.input(i), at.output()), at.guards());
            terms.sum_axes(self.axes.clone()).reshape(at.output().shape())
        })
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("p", self.p.to_string())];
        all.extend(constants(&self.axes, self.keep));
        all
    }
    fn decisions(&self, x: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        if self.p > 1.0 {
            return y.to_vec().iter().map(|y| 1 + u64::from(*y == T::ZERO)).collect();
        }
        x[0].to_vec().iter().map(|x| if *x > T::ZERO { 3 } else { 1 + u64::from(*x < T::ZERO) }).collect()
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
}
