//! Losses: what training makes small. Each is finite for inputs up to ±10⁴.
//!
//! The cross-entropy from logits is a method of every array, because it is one fused operation:
//! `logits.cross_entropy(&labels)`.

use autograd::algebra::Real;
use autograd::{Array, Reduction, elementwise};

/// The losses of single elements made one number, or kept.
fn reduce<A: Array<T>, T: Real>(losses: A, reduction: Reduction) -> A {
    match reduction {
        Reduction::Mean => losses.mean(),
        Reduction::Sum => losses.sum(),
        Reduction::None => losses,
    }
}

/// The squared error `(y − t)²`, reduced over all elements. Shapes: `y` and `t` broadcast.
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 4.0]), Tensor::from([1.0, 2.0]));
/// assert_eq!(loss::mse(&y, &t, Reduction::Mean).item(), 2.0);
/// ```
#[track_caller]
pub fn mse<A: Array<T>, T: Real>(prediction: &A, target: &A, reduction: Reduction) -> A {
    reduce((prediction.clone() - target).square(), reduction)
}

/// Half the mean squared error, `Σ (y − t)² / 2n`, whose derivative has no factor of 2.
///
/// ```
/// use nn::prelude::*;
/// let (y, t) = (Tensor::from([1.0_f32, 4.0]), Tensor::from([1.0, 2.0]));
/// assert_eq!(loss::half_mse(&y, &t).item(), 1.0);
/// ```
#[track_caller]
pub fn half_mse<A: Array<T>, T: Real>(prediction: &A, target: &A) -> A {
    mse(prediction, target, Reduction::Mean) / T::from_f64(2.0)
}

elementwise! {
    /// `−(t ln x + (1 − t) ln(1 − x))` of a probability `x`, both logarithms clamped at −100. Derivatives
    /// `(x − t)/max(x (1 − x), 10⁻¹²)` and `ln(1 − x) − ln x`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::BinaryCrossEntropy, prelude::*};
    /// let (x, t) = (Tensor::from([0.5_f64, 0.0]), Tensor::from([1.0, 1.0]));
    /// assert_eq!(x.zip(&t, BinaryCrossEntropy).to_vec(), [2.0_f64.ln(), 100.0]);
    /// ```
    pub struct BinaryCrossEntropy;
    fn binary_cross_entropy(self, x, t) {
        let (yes, no) = logarithms(x);
        -(t * yes + (-t + 1.0) * no)
    }
    slope inputs {
        let (yes, no) = logarithms(x);
        let variance = x * (-x + 1.0);
        let least = A::constant(1e-12);
        [(x - t) / least.if_greater(variance, least, variance), no - yes]
    }
}

/// `ln x` and `ln(1 − x)`, clamped at −100.
#[inline(always)]
fn logarithms<A: autograd::algebra::Algebra>(x: A) -> (A, A) {
    let least = A::constant(-100.0);
    let clamp = |y: A| least.if_greater(y, least, y);
    (clamp(x.ln()), clamp((-x).ln_1p()))
}

elementwise! {
    /// `max(x, 0) − x t + ln(1 + e^−|x|)`: the binary cross-entropy of the logit `x`. Derivatives `sigmoid(x) − t`
    /// and `−x`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::BinaryCrossEntropyFromLogit, prelude::*};
    /// let (x, t) = (Tensor::from([0.0_f64, -1e4]), Tensor::from([1.0, 1.0]));
    /// assert_eq!(x.zip(&t, BinaryCrossEntropyFromLogit).to_vec(), [2.0_f64.ln(), 1e4]);
    /// ```
    pub struct BinaryCrossEntropyFromLogit;
    fn binary_cross_entropy_from_logit(self, x, t) { x.softplus() - x * t }
    slope inputs { [x.sigmoid() - t, -x] }
}

/// The binary cross-entropy of probabilities, reduced. Rule: [`BinaryCrossEntropy`].
#[track_caller]
pub fn binary_cross_entropy<A: Array<T>, T: Real>(probability: &A, target: &A, reduction: Reduction) -> A {
    reduce(probability.zip(target, BinaryCrossEntropy), reduction)
}

/// The binary cross-entropy of logits, reduced. Rule: [`BinaryCrossEntropyFromLogit`].
#[track_caller]
pub fn binary_cross_entropy_from_logits<A: Array<T>, T: Real>(logit: &A, target: &A, reduction: Reduction) -> A {
    reduce(logit.zip(target, BinaryCrossEntropyFromLogit), reduction)
}

/// The cross-entropy of probabilities against one-hot or soft targets, `−Σ t ln x` along axis 1, as Keras has it; a
/// mean is over rows. Shapes: `[n, classes, …]`.
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([[0.5_f64, 0.5]]), Tensor::from([[0.0, 1.0]]));
/// assert_eq!(loss::categorical_cross_entropy(&x, &t, Reduction::Mean).item(), 2.0_f64.ln());
/// ```
#[track_caller]
pub fn categorical_cross_entropy<A: Array<T>, T: Real>(probability: &A, target: &A, reduction: Reduction) -> A {
    reduce(-(probability.ln() * target).sum_axes(1), reduction)
}
