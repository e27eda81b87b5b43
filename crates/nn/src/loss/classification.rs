//! Cross-entropies of probabilities and of logits. Those of class labels are [methods of arrays](super).

use super::{raise, reduce};
use autograd::algebra::{Algebra, Real};
use autograd::{Array, Error, Reduction, elementwise};

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
        let (yes, no) = (clamped(x.ln()), clamped((-x).ln_1p()));
        -(t * yes + (-t + 1.0) * no)
    }
    slope inputs {
        let variance = x * (-x + 1.0);
        [(x - t) / at_least(variance, 1e-12), clamped((-x).ln_1p()) - clamped(x.ln())]
    }
}

/// A logarithm of a probability, clamped at −100.
#[inline(always)]
fn clamped<A: Algebra>(x: A) -> A {
    at_least(x, -100.0)
}

/// The larger of `x` and a number, with the slope of the larger.
#[inline(always)]
fn at_least<A: Algebra>(x: A, least: f64) -> A {
    let least = A::constant(least);
    least.if_greater(x, least, x)
}

/// The binary cross-entropy of probabilities, reduced over all elements. Formula, derivative and shapes:
/// [`BinaryCrossEntropy`]. From logits, [`binary_cross_entropy_from_logits`] is faster and keeps more digits.
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([0.5_f64, 0.5]), Tensor::from([1.0, 0.0]));
/// assert_eq!(loss::binary_cross_entropy(&x, &t, Reduction::Mean).item(), 2.0_f64.ln());
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn binary_cross_entropy<A: Array<T>, T: Real>(probability: &A, target: &A, reduction: Reduction) -> A {
    reduce(probability.zip(target, BinaryCrossEntropy), reduction)
}

/// The binary cross-entropy of probabilities, each element times its weight, reduced; a mean divides by the number of
/// elements. Formula and derivative: those of [`BinaryCrossEntropy`] times the weight. Shapes: all three broadcast.
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([0.5_f64, 0.5]), Tensor::from([1.0, 0.0]));
/// let weight = Tensor::from([3.0, 1.0]);
/// assert_eq!(loss::binary_cross_entropy_weighted(&x, &t, &weight, Reduction::Mean).item(), 2.0 * 2.0_f64.ln());
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn binary_cross_entropy_weighted<A: Array<T>, T: Real>(
    probability: &A,
    target: &A,
    weight: &A,
    reduction: Reduction,
) -> A {
    reduce(probability.zip(target, BinaryCrossEntropy) * weight, reduction)
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

/// The binary cross-entropy of logits, reduced over all elements. Formula, derivative and shapes:
/// [`BinaryCrossEntropyFromLogit`].
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([0.0_f64, 0.0]), Tensor::from([1.0, 0.0]));
/// assert_eq!(loss::binary_cross_entropy_from_logits(&x, &t, Reduction::Mean).item(), 2.0_f64.ln());
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn binary_cross_entropy_from_logits<A: Array<T>, T: Real>(logit: &A, target: &A, reduction: Reduction) -> A {
    reduce(logit.zip(target, BinaryCrossEntropyFromLogit), reduction)
}

elementwise! {
    /// `(1 − t) ln(1 + eˣ) + p t ln(1 + e⁻ˣ)`: the binary cross-entropy of the logit `x` with the positive side counted
    /// `p` times. Derivatives `(1 − t) sigmoid(x) − p t sigmoid(−x)`, `p ln(1 + e⁻ˣ) − ln(1 + eˣ)` and `t ln(1 + e⁻ˣ)`.
    /// Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::WeightedBinaryCrossEntropyFromLogit, prelude::*};
    /// let (x, t, p) = (Tensor::from([0.0_f64, -1e4]), Tensor::from([0.0, 1.0]), Tensor::from([3.0]));
    /// let y = Tensor::elementwise(WeightedBinaryCrossEntropyFromLogit, [&x, &t, &p]);
    /// assert_eq!(y.to_vec(), [2.0_f64.ln(), 3e4]);
    /// ```
    pub struct WeightedBinaryCrossEntropyFromLogit;
    fn weighted_binary_cross_entropy_from_logit(self, x, t, p) {
        (-t + 1.0) * x.softplus() + p * t * (-x).softplus()
    }
    slope inputs {
        let (yes, no) = ((-x).softplus(), x.softplus());
        [(-t + 1.0) * x.sigmoid() - p * t * (-x).sigmoid(), p * yes - no, t * yes]
    }
}

/// The binary cross-entropy of logits whose positive side counts `positive_weight` times, reduced over all elements: for
/// classes that are rare. Formula, derivative and shapes: [`WeightedBinaryCrossEntropyFromLogit`]; the weight is often
/// one number a class, `[classes]`.
///
/// ```
/// use nn::prelude::*;
/// let (x, t, p) = (Tensor::from([0.0_f64, 0.0]), Tensor::from([1.0, 0.0]), Tensor::from([3.0]));
/// let y = loss::binary_cross_entropy_from_logits_weighted(&x, &t, &p, Reduction::Mean);
/// assert_eq!(y.item(), 2.0 * 2.0_f64.ln());
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn binary_cross_entropy_from_logits_weighted<A: Array<T>, T: Real>(
    logit: &A,
    target: &A,
    positive_weight: &A,
    reduction: Reduction,
) -> A {
    reduce(A::elementwise(WeightedBinaryCrossEntropyFromLogit, [logit, target, positive_weight]), reduction)
}

elementwise! {
    /// `−t ln x` of a probability `x`, the logarithm clamped at −100: what a class adds to a cross-entropy. Derivatives
    /// `−t/max(x, 10⁻³⁷)` and `−ln x`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::ClassCrossEntropy, prelude::*};
    /// let (x, t) = (Tensor::from([0.5_f64, 0.0, 0.0]), Tensor::from([1.0, 1.0, 0.0]));
    /// assert_eq!(x.zip(&t, ClassCrossEntropy).to_vec(), [2.0_f64.ln(), 100.0, 0.0]);
    /// ```
    pub struct ClassCrossEntropy;
    fn class_cross_entropy(self, x, t) { t * -clamped(x.ln()) }
    slope inputs { [-t / at_least(x, 1e-37), -clamped(x.ln())] }
}

/// The cross-entropy of probabilities against one-hot or soft targets, `−Σ t ln x` along axis 1 (axis 0 of a vector), as
/// Keras has it; a mean is over rows. Derivative `−t/x`; by element [`ClassCrossEntropy`]. Shapes: both
/// `[n, classes, …]`. From logits, `logits.cross_entropy(…)` is faster and keeps more digits.
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([[0.5_f64, 0.5]]), Tensor::from([[0.0, 1.0]]));
/// assert_eq!(loss::categorical_cross_entropy(&x, &t, Reduction::Mean).item(), 2.0_f64.ln());
/// ```
///
/// # Panics
/// If the shapes are not the same, or those of scalars.
#[track_caller]
pub fn categorical_cross_entropy<A: Array<T>, T: Real>(probability: &A, target: &A, reduction: Reduction) -> A {
    let (shape, own) = (probability.shape(), target.shape());
    if shape != own || shape.rank() == 0 {
        let problem = format!("soft targets of shape {own} do not fit probabilities of shape {shape}");
        let help = "give both as [rows, classes]; `Indices::one_hot` makes targets of labels";
        raise(Error::shape(problem, help), "categorical_cross_entropy", &[probability, target])
    }
    let axis = isize::from(shape.rank() > 1);
    reduce(probability.zip(target, ClassCrossEntropy).sum_axes(axis), reduction)
}

elementwise! {
    /// `α_t q^γ ℓ` of the logit `x` with the binary cross-entropy `ℓ`, the probability `q = p (1 − t) + (1 − p) t` of being
    /// wrong, `p = sigmoid(x)`, and `α_t = α t + (1 − α)(1 − t)`. Derivative by `x`: `α_t q^γ (γ (1 − 2t) r ℓ + p − t)`
    /// with `r = p (1 − p)/q`, which is `p` at `t = 1` and `1 − p` at `t = 0`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::Focal, prelude::*};
    /// let (x, t) = (Tensor::from([0.0_f64, -1e4]), Tensor::from([1.0, 1.0]));
    /// let y = x.zip(&t, Focal { alpha: 0.25, gamma: 2.0 }).to_vec();
    /// assert_eq!(y, [0.0625 * 2.0_f64.ln(), 2500.0]);
    /// ```
    pub struct Focal {
        /// What the positive side counts, from 0 to 1; the negative one counts the rest.
        alpha: f64,
        /// How much less counts what is right already; with 0 all counts alike.
        gamma: f64,
    }
    fn focal(self, x, t) {
        let weight = t * self.alpha + (-t + 1.0) * (1.0 - self.alpha);
        weight * wrong(x, t).powf(self.gamma) * surprise(x, t)
    }
    slope inputs {
        let (p, rest, one, zero) = (x.sigmoid(), (-x).sigmoid(), A::constant(1.0), A::constant(0.0));
        let (wrong, surprise) = (wrong(x, t), surprise(x, t));
        let weight = t * self.alpha + (-t + 1.0) * (1.0 - self.alpha);
        let focus = wrong.powf(self.gamma);
        // Certain targets leave no quotient of what may both have vanished.
        let moved = t.if_equal(one, p, t.if_equal(zero, rest, p * rest / wrong));
        let by_logit = (t * -2.0 + 1.0) * moved * surprise * self.gamma + p - t;
        // Below a `gamma` of 1 the slope has a pole where nothing is wrong; the surprise that it is multiplied by is 0 there.
        let by_target = at_least(wrong, 1e-37).powf(self.gamma - 1.0) * (rest - p) * surprise * self.gamma - focus * x;
        [weight * focus * by_logit, focus * surprise * (2.0 * self.alpha - 1.0) + weight * by_target]
    }
}

/// The probability of being wrong, from a logit.
#[inline(always)]
fn wrong<A: Algebra>(x: A, t: A) -> A {
    x.sigmoid() * (-t + 1.0) + (-x).sigmoid() * t
}

/// The binary cross-entropy of a logit, as a sum without differences.
#[inline(always)]
fn surprise<A: Algebra>(x: A, t: A) -> A {
    (-t + 1.0) * x.softplus() + t * (-x).softplus()
}

/// The focal loss of logits, reduced over all elements: the binary cross-entropy, with what is right already counted less.
/// Formula, derivative and shapes: [`Focal`]. Source: Lin and others, 2017, who take `alpha` 0.25 and `gamma` 2.
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([0.0_f64]), Tensor::from([1.0]));
/// assert_eq!(loss::focal(&x, &t, 0.25, 2.0, Reduction::Mean).item(), 0.25 * 0.25 * 2.0_f64.ln());
/// ```
///
/// # Panics
/// If `gamma` is negative, or the shapes do not broadcast.
#[track_caller]
pub fn focal<A: Array<T>, T: Real>(logit: &A, target: &A, alpha: f64, gamma: f64, reduction: Reduction) -> A {
    if gamma.is_nan() || gamma < 0.0 {
        let help = "it says how much less counts what is right already; 2 is common";
        raise(Error::value(format!("`gamma` {gamma} is negative"), help), "focal", &[logit, target])
    }
    reduce(logit.zip(target, Focal { alpha, gamma }), reduction)
}
