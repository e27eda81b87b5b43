//! Divergences and likelihoods of distributions.

use super::{raise, reduce};
use autograd::algebra::{Algebra, Real};
use autograd::{Array, Error, Reduction, elementwise};
use std::f64::consts::TAU;

elementwise! {
    /// `t (ln t − x)` of a log-probability `x` and a probability `t`, 0 at `t = 0`. Derivatives `−t` and `ln t + 1 − x`.
    /// Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::KlDivergence, prelude::*};
    /// let (x, t) = (Tensor::from([-1.0_f32, -1.0]), Tensor::from([1.0, 0.0]));
    /// assert_eq!(x.zip(&t, KlDivergence).to_vec(), [1.0, 0.0]);
    /// ```
    pub struct KlDivergence;
    fn kl_divergence(self, x, t) { t.if_equal(A::constant(0.0), t, t * (t.ln() - x)) }
    slope inputs { [-t, t.ln() + 1.0 - x] }
}

/// The Kullback–Leibler divergence `Σ t (ln t − x)` of log-probabilities `x` from probabilities `t`, by element and
/// reduced. Formula, derivative and shapes: [`KlDivergence`]. Its definition adds up the classes and takes the mean over
/// the batch: [`batch_mean`] of the kept elements, whereas [`Reduction::Mean`] divides by the number of all elements.
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([[0.5_f64, 0.5]]).ln(), Tensor::from([[1.0, 0.0]]));
/// assert_eq!(loss::batch_mean(&loss::kl_div(&x, &t, Reduction::None)).item(), 2.0_f64.ln());
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn kl_div<A: Array<T>, T: Real>(log_probability: &A, target: &A, reduction: Reduction) -> A {
    reduce(log_probability.zip(target, KlDivergence), reduction)
}

elementwise! {
    /// `eᵗ (t − x)` of two log-probabilities, 0 where `eᵗ` is. Derivatives `−eᵗ` and `eᵗ (t − x + 1)`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::KlDivergenceOfLogarithms, prelude::*};
    /// let (x, t) = (Tensor::from([-1.0_f32, -1.0]), Tensor::from([0.0, f32::NEG_INFINITY]));
    /// assert_eq!(x.zip(&t, KlDivergenceOfLogarithms).to_vec(), [1.0, 0.0]);
    /// ```
    pub struct KlDivergenceOfLogarithms;
    fn kl_divergence_of_logarithms(self, x, t) {
        let (p, zero) = (t.exp(), A::constant(0.0));
        p.if_equal(zero, zero, p * (t - x))
    }
    slope inputs {
        let (p, zero) = (t.exp(), A::constant(0.0));
        [-p, p.if_equal(zero, zero, p * (t - x + 1.0))]
    }
}

/// The Kullback–Leibler divergence of log-probabilities from targets that are log-probabilities too. Formula, derivative
/// and shapes: [`KlDivergenceOfLogarithms`]. See [`kl_div`] for the mean over a batch.
///
/// ```
/// use nn::prelude::*;
/// let x = Tensor::from([[0.25_f64, 0.75]]).ln();
/// assert_eq!(loss::kl_div_of_logarithms(&x, &x, Reduction::Sum).item(), 0.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn kl_div_of_logarithms<A: Array<T>, T: Real>(log_probability: &A, log_target: &A, reduction: Reduction) -> A {
    reduce(log_probability.zip(log_target, KlDivergenceOfLogarithms), reduction)
}

/// The sum of all elements divided by the first extent: what a batch loses in the mean, each sample's losses added up.
/// Derivative 1 over that extent. Shape: `[n, …]` → `[]`.
///
/// ```
/// use nn::prelude::*;
/// assert_eq!(loss::batch_mean(&Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]])).item(), 5.0);
/// ```
///
/// # Panics
/// If the losses are a scalar.
#[track_caller]
pub fn batch_mean<A: Array<T>, T: Real>(losses: &A) -> A {
    match losses.shape().first() {
        Some(&samples) => losses.sum() / T::from_f64(samples as f64),
        None => {
            let help = "keep the losses apart with `Reduction::None`";
            raise(Error::shape("a scalar has no samples to take the mean of", help), "batch_mean", &[losses])
        }
    }
}

/// Up to here an exponential is one; from here on it goes straight on along its tangent, so that it is finite to 10⁴ and
/// beyond in either precision. No variance and no rate of counts is e⁷⁰.
const STRAIGHT_FROM: f64 = 70.0;

/// `curve`, which is `eˣ − minus`, up to 70, and then its tangent there.
#[inline(always)]
fn straightened<A: Algebra>(x: A, curve: A, minus: f64) -> A {
    let tangent = (x - (STRAIGHT_FROM - 1.0)) * STRAIGHT_FROM.exp() - minus;
    x.if_greater(A::constant(STRAIGHT_FROM), tangent, curve)
}

/// The derivative of that; inlined, as what kernels call must be.
#[inline(always)]
fn straightened_slope<A: Algebra>(x: A, curve: A, minus: f64) -> A {
    let top = A::constant(STRAIGHT_FROM.exp() - minus);
    x.if_greater(A::constant(STRAIGHT_FROM), top, curve)
}

elementwise! {
    /// `½ (e^v + μ² − 1 − v)`: the divergence of a normal distribution of mean `μ` and log-variance `v` from that of mean 0
    /// and variance 1. Derivatives `μ` and `½ (e^v − 1)`. From `v = 70` on, `e^v` goes on along its tangent. Shapes
    /// broadcast.
    ///
    /// ```
    /// use nn::{loss::GaussianKl, prelude::*};
    /// let (mean, log_variance) = (Tensor::from([0.0_f32, 2.0]), Tensor::from([0.0, 0.0]));
    /// assert_eq!(mean.zip(&log_variance, GaussianKl).to_vec(), [0.0, 2.0]);
    /// ```
    pub struct GaussianKl;
    fn gaussian_kl(self, mean, log_variance) {
        (straightened(log_variance, log_variance.exp_m1(), 1.0) - log_variance + mean.square()) * 0.5
    }
    slope inputs { [mean, straightened_slope(log_variance, log_variance.exp_m1(), 1.0) * 0.5] }
}

/// The divergence of independent normal distributions from the standard one, `½ Σ (e^v + μ² − 1 − v)` over the last axis,
/// reduced over rows: the regulariser of a variational auto-encoder. Derivative, by element, and what keeps it finite:
/// [`GaussianKl`]. Shapes: means and log-variances broadcast, the last axis goes. Source: Kingma and Welling, 2013.
///
/// ```
/// use nn::prelude::*;
/// let (mean, log_variance) = (Tensor::from([[1.0_f32, 2.0], [0.0, 0.0]]), Tensor::zeros([2, 2]));
/// assert_eq!(loss::gaussian_kl(&mean, &log_variance, Reduction::None).to_vec(), [2.5, 0.0]);
/// ```
///
/// # Panics
/// If the shapes do not broadcast, or both are those of scalars.
#[track_caller]
pub fn gaussian_kl<A: Array<T>, T: Real>(mean: &A, log_variance: &A, reduction: Reduction) -> A {
    reduce(mean.zip(log_variance, GaussianKl).sum_axes(-1), reduction)
}

elementwise! {
    /// `eˣ − t x`: the negative log-likelihood of a count `t` at the logarithm `x` of a Poisson distribution's rate,
    /// without the terms of `t` alone. Derivatives `eˣ − t` and `−x`. From `x = 70` on, `eˣ` goes on along its tangent.
    /// Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::PoissonFromLog, prelude::*};
    /// let (x, t) = (Tensor::from([0.0_f32, 0.0]), Tensor::from([0.0, 3.0]));
    /// assert_eq!(x.zip(&t, PoissonFromLog).to_vec(), [1.0, 1.0]);
    /// ```
    pub struct PoissonFromLog;
    fn poisson_from_log(self, x, t) { straightened(x, x.exp(), 0.0) - t * x }
    slope inputs { [straightened_slope(x, x.exp(), 0.0) - t, -x] }
}

elementwise! {
    /// `x − t ln(x + ε)`: the negative log-likelihood of a count `t` at the rate `x` of a Poisson distribution, without the
    /// terms of `t` alone. Derivatives `1 − t/(x + ε)` and `−ln(x + ε)`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::PoissonFromRate, prelude::*};
    /// let (x, t) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([5.0, 0.0]));
    /// assert_eq!(x.zip(&t, PoissonFromRate { epsilon: 0.0 }).to_vec(), [1.0, 2.0]);
    /// ```
    pub struct PoissonFromRate {
        /// `ε`, which keeps a rate of 0 away from the logarithm's end.
        epsilon: f64,
    }
    fn poisson_from_rate(self, x, t) { x - t * (x + self.epsilon).ln() }
    slope inputs {
        let rate = x + self.epsilon;
        [-(t / rate) + 1.0, -rate.ln()]
    }
}

elementwise! {
    /// Stirling's approximation of `ln t!`, `t ln t − t + ½ ln 2πt`, where `t > 1`, else 0. Derivative `ln t + 1/2t`
    /// there. Shape: that of `t`.
    ///
    /// ```
    /// use nn::{loss::Stirling, prelude::*};
    /// let y = Tensor::from([20.0_f64, 1.0]).map(Stirling).to_vec();
    /// assert!((y[0] - 2432902008176640000.0_f64.ln()).abs() < 0.005 && y[1] == 0.0);
    /// ```
    pub struct Stirling;
    fn stirling(self, t) {
        let sum = t * t.ln() - t + (t * TAU).ln() * 0.5;
        t.if_greater(A::constant(1.0), sum, A::constant(0.0))
    }
    slope inputs { [t.if_greater(A::constant(1.0), t.ln() + t.recip() * 0.5, A::constant(0.0))] }
}

/// The options of [`poisson_nll`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonNll {
    /// Whether the predictions are logarithms of rates.
    pub log_input: bool,
    /// Whether the terms of the counts alone are added, by [`Stirling`]'s approximation.
    pub full: bool,
    /// `ε`, which is added to rates that are no logarithms.
    pub epsilon: f64,
}

impl Default for PoissonNll {
    fn default() -> Self {
        PoissonNll { log_input: true, full: false, epsilon: 1e-8 }
    }
}

/// The negative log-likelihood of counts under Poisson distributions, reduced over all elements. Formula and derivative:
/// [`PoissonFromLog`], finite as that is, or [`PoissonFromRate`].
/// Shapes: predictions and counts broadcast.
///
/// ```
/// use nn::{loss::PoissonNll, prelude::*};
/// let (x, t) = (Tensor::from([0.0_f32, 0.0]), Tensor::from([0.0, 3.0]));
/// assert_eq!(loss::poisson_nll(&x, &t, PoissonNll::default(), Reduction::Sum).item(), 2.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn poisson_nll<A: Array<T>, T: Real>(prediction: &A, count: &A, options: PoissonNll, reduction: Reduction) -> A {
    let losses = if options.log_input {
        prediction.zip(count, PoissonFromLog)
    } else {
        prediction.zip(count, PoissonFromRate { epsilon: options.epsilon })
    };
    reduce(if options.full { losses + count.map(Stirling) } else { losses }, reduction)
}

elementwise! {
    /// `½ (ln v + (y − t)²/v)` with `v = max(variance, ε)`: the negative log-likelihood of `t` under a normal distribution
    /// of mean `y`, without its constant. Derivatives `(y − t)/v`, its opposite, and `½ (1 − (y − t)²/v)/v`, 0 up to `ε`.
    /// Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::GaussianLikelihood, prelude::*};
    /// let (y, t, variance) = (Tensor::from([1.0_f32]), Tensor::from([3.0]), Tensor::from([1.0]));
    /// let y = Tensor::elementwise(GaussianLikelihood { epsilon: 1e-6 }, [&y, &t, &variance]);
    /// assert_eq!(y.to_vec(), [2.0]);
    /// ```
    pub struct GaussianLikelihood {
        /// `ε`, the least variance.
        epsilon: f64,
    }
    fn gaussian_likelihood(self, y, t, variance) {
        let v = variance.clamp(self.epsilon, f64::INFINITY);
        (v.ln() + (y - t).square() / v) * 0.5
    }
    slope inputs {
        let v = variance.clamp(self.epsilon, f64::INFINITY);
        let (apart, zero) = ((y - t) / v, A::constant(0.0));
        let by_variance = (-(apart * (y - t)) + 1.0) / v * 0.5;
        [apart, -apart, variance.if_greater(A::constant(self.epsilon), by_variance, zero)]
    }
}

/// The options of [`gaussian_nll`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianNll {
    /// Whether the constant `½ ln 2π` is added.
    pub full: bool,
    /// `ε`, the least variance.
    pub epsilon: f64,
}

impl Default for GaussianNll {
    fn default() -> Self {
        GaussianNll { full: false, epsilon: 1e-6 }
    }
}

/// The negative log-likelihood of targets under normal distributions of these means and variances, reduced over all
/// elements. Formula and derivative: [`GaussianLikelihood`]. Shapes: all three broadcast. Source: Nix and Weigend, 1994.
///
/// ```
/// use nn::{loss::GaussianNll, prelude::*};
/// let (y, t, variance) = (Tensor::from([1.0_f32]), Tensor::from([3.0]), Tensor::from([1.0]));
/// assert_eq!(loss::gaussian_nll(&y, &t, &variance, GaussianNll::default(), Reduction::Mean).item(), 2.0);
/// ```
///
/// # Panics
/// If `epsilon` is not positive, or the shapes do not broadcast.
#[track_caller]
pub fn gaussian_nll<A: Array<T>, T: Real>(
    mean: &A,
    target: &A,
    variance: &A,
    options: GaussianNll,
    reduction: Reduction,
) -> A {
    let GaussianNll { full, epsilon } = options;
    if epsilon.is_nan() || epsilon <= 0.0 {
        let help = "it is the least variance; 1e-6 is common";
        let error = Error::value(format!("`epsilon` {epsilon} is not positive"), help);
        raise(error, "gaussian_nll", &[mean, target, variance])
    }
    let losses = A::elementwise(GaussianLikelihood { epsilon }, [mean, target, variance]);
    reduce(if full { losses + T::from_f64(0.5 * TAU.ln()) } else { losses }, reduction)
}
