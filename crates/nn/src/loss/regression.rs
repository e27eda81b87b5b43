//! Errors of numbers.

use super::{raise, reduce};
use autograd::algebra::Real;
use autograd::{Array, Error, Reduction, elementwise};
use std::f64::consts::LN_2;

/// The squared error `(y − t)²`, reduced over all elements. Derivatives `2 (y − t)` and its opposite. Shapes: `y` and
/// `t` broadcast.
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 4.0]), Tensor::from([1.0, 2.0]));
/// assert_eq!(loss::mse(&y, &t, Reduction::Mean).item(), 2.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn mse<A: Array<T>, T: Real>(prediction: &A, target: &A, reduction: Reduction) -> A {
    reduce((prediction.clone() - target).square(), reduction)
}

/// Half the mean squared error, `Σ (y − t)² / 2n`, whose derivative `(y − t)/n` has no factor of 2. Shapes: `y` and `t`
/// broadcast.
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 4.0]), Tensor::from([1.0, 2.0]));
/// assert_eq!(loss::half_mse(&y, &t).item(), 1.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn half_mse<A: Array<T>, T: Real>(prediction: &A, target: &A) -> A {
    mse(prediction, target, Reduction::Mean) / T::from_f64(2.0)
}

/// The absolute error `|y − t|`, reduced over all elements. Derivatives `sign(y − t)`, 0 where they are equal, and its
/// opposite. Shapes: `y` and `t` broadcast.
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 4.0]), Tensor::from([1.0, 2.0]));
/// assert_eq!(loss::mae(&y, &t, Reduction::Mean).item(), 1.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn mae<A: Array<T>, T: Real>(prediction: &A, target: &A, reduction: Reduction) -> A {
    reduce((prediction.clone() - target).abs(), reduction)
}

elementwise! {
    /// `d²/2` where `|d| ≤ δ`, else `δ (|d| − δ/2)`, with `d = y − t`. Derivatives `clamp(d, −δ, δ)` and its opposite.
    /// Shapes broadcast. Source: Huber, 1964.
    ///
    /// ```
    /// use nn::{loss::Huber, prelude::*};
    /// let (y, t) = (Tensor::from([1.0_f32, 5.0]), Tensor::from([0.0, 0.0]));
    /// assert_eq!(y.zip(&t, Huber { delta: 2.0 }).to_vec(), [0.5, 8.0]);
    /// ```
    pub struct Huber {
        /// `δ`, where the parabola ends.
        delta: f64,
    }
    fn huber(self, y, t) {
        let near = (y - t).clamp(-self.delta, self.delta);
        near * (y - t - near * 0.5)
    }
    slope inputs {
        let near = (y - t).clamp(-self.delta, self.delta);
        [near, -near]
    }
}

/// The Huber loss, reduced over all elements: squared near 0, absolute from `delta` on. Formula, derivative and shapes:
/// [`Huber`].
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 4.0]), Tensor::from([0.0, 0.0]));
/// assert_eq!(loss::huber(&y, &t, 1.0, Reduction::Sum).item(), 4.0);
/// ```
///
/// # Panics
/// If `delta` is not positive, or the shapes do not broadcast.
#[track_caller]
pub fn huber<A: Array<T>, T: Real>(prediction: &A, target: &A, delta: f64, reduction: Reduction) -> A {
    if delta.is_nan() || delta <= 0.0 {
        let help = "it is where the parabola ends; 1 is common";
        raise(Error::value(format!("`delta` {delta} is not positive"), help), "huber", &[prediction, target])
    }
    reduce(prediction.zip(target, Huber { delta }), reduction)
}

elementwise! {
    /// `d²/2β` where `|d| < β`, else `|d| − β/2`, with `d = y − t`. Derivatives `clamp(d/β, −1, 1)` and its opposite.
    /// Shapes broadcast. Source: Girshick, 2015.
    ///
    /// ```
    /// use nn::{loss::SmoothL1, prelude::*};
    /// let (y, t) = (Tensor::from([1.0_f32, 5.0]), Tensor::from([0.0, 0.0]));
    /// assert_eq!(y.zip(&t, SmoothL1 { beta: 2.0 }).to_vec(), [0.25, 4.0]);
    /// ```
    pub struct SmoothL1 {
        /// `β`, where the parabola ends.
        beta: f64,
    }
    fn smooth_l1(self, y, t) {
        let slope = ((y - t) / self.beta).clamp(-1.0, 1.0);
        slope * (y - t - slope * (0.5 * self.beta))
    }
    slope inputs {
        let slope = ((y - t) / self.beta).clamp(-1.0, 1.0);
        [slope, -slope]
    }
}

/// The absolute error with its tip rounded off, reduced over all elements: the Huber loss divided by `beta`. Formula,
/// derivative and shapes: [`SmoothL1`].
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 5.0]), Tensor::from([0.0, 0.0]));
/// assert_eq!(loss::smooth_l1(&y, &t, 2.0, Reduction::Sum).item(), 4.25);
/// ```
///
/// # Panics
/// If `beta` is not positive, or the shapes do not broadcast.
#[track_caller]
pub fn smooth_l1<A: Array<T>, T: Real>(prediction: &A, target: &A, beta: f64, reduction: Reduction) -> A {
    if beta.is_nan() || beta <= 0.0 {
        let help = "it is where the parabola ends; without a parabola this is `mae`";
        raise(Error::value(format!("`beta` {beta} is not positive"), help), "smooth_l1", &[prediction, target])
    }
    reduce(prediction.zip(target, SmoothL1 { beta }), reduction)
}

elementwise! {
    /// `ln cosh(y − t)`: near 0 from the hyperbolic sine, so that small errors keep their digits, else as
    /// `|d| + ln(1 + e^−2|d|) − ln 2`, which does not overflow. Derivatives `tanh(y − t)` and its opposite. Shapes
    /// broadcast.
    ///
    /// ```
    /// use nn::{loss::LogCosh, prelude::*};
    /// let (y, t) = (Tensor::from([0.0_f64, 1e4]), Tensor::from([0.0, 0.0]));
    /// assert_eq!(y.zip(&t, LogCosh).to_vec(), [0.0, 1e4 - 2.0_f64.ln()]);
    /// ```
    pub struct LogCosh;
    fn log_cosh(self, y, t) {
        let size = (y - t).abs();
        let far = size + (size * -2.0).exp().ln_1p() - LN_2;
        size.if_greater(A::constant(1.0), far, size.sinh().square().ln_1p() * 0.5)
    }
    slope inputs {
        let slope = (y - t).tanh();
        [slope, -slope]
    }
}

/// The logarithm of the hyperbolic cosine of the error, reduced over all elements: squared near 0, absolute far away, and
/// smooth everywhere. Formula, derivative and shapes: [`LogCosh`].
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([3.0_f32]), Tensor::from([3.0]));
/// assert_eq!(loss::log_cosh(&y, &t, Reduction::Mean).item(), 0.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn log_cosh<A: Array<T>, T: Real>(prediction: &A, target: &A, reduction: Reduction) -> A {
    reduce(prediction.zip(target, LogCosh), reduction)
}
