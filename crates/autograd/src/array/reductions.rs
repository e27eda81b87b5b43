//! The names of the reductions.

use super::Interpretation;
use crate::ops::{reduce, scan, softmax, variance, vector_norm};
use crate::{Axes, Shape};

/// Sums, means, products, spreads, norms and extremes over axes.
pub trait Reductions: Interpretation {
    /// The sum of all elements. Rule: [`Sum`](reduce::Sum).
    #[track_caller]
    fn sum(&self) -> Self {
        self.sum_axes(..)
    }

    /// The sum over `axes`, which go. Rule: [`Sum`](reduce::Sum).
    #[track_caller]
    fn sum_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Sum { axes: axes.into(), keep: false }, &[self])
    }

    /// The sum over `axes`, which stay with extent 1. Rule: [`Sum`](reduce::Sum).
    #[track_caller]
    fn sum_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Sum { axes: axes.into(), keep: true }, &[self])
    }

    /// The mean of all elements. Rule: [`Mean`](reduce::Mean).
    #[track_caller]
    fn mean(&self) -> Self {
        self.mean_axes(..)
    }

    /// The mean over `axes`, which go. Rule: [`Mean`](reduce::Mean).
    #[track_caller]
    fn mean_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Mean { axes: axes.into(), keep: false }, &[self])
    }

    /// The mean over `axes`, which stay with extent 1. Rule: [`Mean`](reduce::Mean).
    #[track_caller]
    fn mean_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Mean { axes: axes.into(), keep: true }, &[self])
    }

    /// The product of all elements. Rule: [`Prod`](reduce::Prod).
    #[track_caller]
    fn prod(&self) -> Self {
        self.prod_axes(..)
    }

    /// The product over `axes`, which go. Rule: [`Prod`](reduce::Prod).
    #[track_caller]
    fn prod_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Prod { axes: axes.into(), keep: false }, &[self])
    }

    /// The product over `axes`, which stay with extent 1. Rule: [`Prod`](reduce::Prod).
    #[track_caller]
    fn prod_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Prod { axes: axes.into(), keep: true }, &[self])
    }

    /// The running sum along an axis. Rule: [`CumSum`](scan::CumSum).
    #[track_caller]
    fn cumsum(&self, axis: isize) -> Self {
        Self::apply(scan::CumSum { axis, way: scan::Way::Forwards }, &[self])
    }

    /// The running product along an axis. Rule: [`CumProd`](scan::CumProd).
    #[track_caller]
    fn cumprod(&self, axis: isize) -> Self {
        Self::apply(scan::CumProd { axis, way: scan::Way::Forwards, exclusive: false }, &[self])
    }

    /// The largest element. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn max(&self) -> Self {
        self.max_axes(..)
    }

    /// The largest over `axes`, which go. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn max_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Max, axes: axes.into(), keep: false }, &[self])
    }

    /// The largest over `axes`, which stay with extent 1. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn max_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Max, axes: axes.into(), keep: true }, &[self])
    }

    /// The smallest element. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn min(&self) -> Self {
        self.min_axes(..)
    }

    /// The smallest over `axes`, which go. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn min_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Min, axes: axes.into(), keep: false }, &[self])
    }

    /// The smallest over `axes`, which stay with extent 1. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn min_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Min, axes: axes.into(), keep: true }, &[self])
    }

    /// The variance of all elements, `Σ(x − mean)²/(n − ddof)`. Rule: [`Variance`](variance::Variance).
    #[track_caller]
    fn var(&self, ddof: usize) -> Self {
        self.var_axes(.., ddof)
    }

    /// The variance over `axes`, which go. Rule: [`Variance`](variance::Variance).
    #[track_caller]
    fn var_axes(&self, axes: impl Into<Axes>, ddof: usize) -> Self {
        Self::apply(variance::Variance { axes: axes.into(), keep: false, ddof }, &[self])
    }

    /// The variance over `axes`, which stay with extent 1. Rule: [`Variance`](variance::Variance).
    #[track_caller]
    fn var_keep(&self, axes: impl Into<Axes>, ddof: usize) -> Self {
        Self::apply(variance::Variance { axes: axes.into(), keep: true, ddof }, &[self])
    }

    /// The standard deviation of all elements, the root of the [`var`](Reductions::var).
    /// Rule: [`StandardDeviation`](variance::StandardDeviation).
    #[track_caller]
    fn std(&self, ddof: usize) -> Self {
        self.std_axes(.., ddof)
    }

    /// The standard deviation over `axes`, which go. Rule: [`StandardDeviation`](variance::StandardDeviation).
    #[track_caller]
    fn std_axes(&self, axes: impl Into<Axes>, ddof: usize) -> Self {
        Self::apply(variance::StandardDeviation { axes: axes.into(), keep: false, ddof }, &[self])
    }

    /// The standard deviation over `axes`, which stay with extent 1.
    /// Rule: [`StandardDeviation`](variance::StandardDeviation).
    #[track_caller]
    fn std_keep(&self, axes: impl Into<Axes>, ddof: usize) -> Self {
        Self::apply(variance::StandardDeviation { axes: axes.into(), keep: true, ddof }, &[self])
    }

    /// The `p`-norm over `axes`, which go: `Σ|x|` for 1, `√Σx²` for 2, `max |x|` for ∞, else `(Σ|x|ᵖ)^(1/p)`.
    /// Rule: [`Norm`](vector_norm::Norm), and for 1 and ∞ those of what they are written as.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([[3.0_f32, -4.0], [0.0, 2.0]]);
    /// assert_eq!(x.norm(2.0, 1).to_vec(), [5.0, 2.0]);
    /// assert_eq!(x.norm(1.0, ..).item(), 9.0);
    /// assert_eq!(x.norm(f64::INFINITY, 0).to_vec(), [3.0, 4.0]);
    /// ```
    #[track_caller]
    fn norm(&self, p: f64, axes: impl Into<Axes>) -> Self {
        match p {
            1.0 => self.abs().sum_axes(axes),
            f64::INFINITY => self.abs().max_axes(axes),
            _ => Self::apply(vector_norm::Norm { p, axes: axes.into(), keep: false }, &[self]),
        }
    }

    /// The `p`-norm over `axes`, which stay with extent 1. See [`norm`](Reductions::norm).
    #[track_caller]
    fn norm_keep(&self, p: f64, axes: impl Into<Axes>) -> Self {
        match p {
            1.0 => self.abs().sum_keep(axes),
            f64::INFINITY => self.abs().max_keep(axes),
            _ => Self::apply(vector_norm::Norm { p, axes: axes.into(), keep: true }, &[self]),
        }
    }

    /// Summed down to a shape that broadcasts to this one. Rule: [`SumTo`](reduce::SumTo).
    #[track_caller]
    fn sum_to(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        if shape == self.shape() {
            return self.clone();
        }
        Self::apply(reduce::SumTo { shape }, &[self])
    }

    /// `ln Σ eˣ` over `axes`, which go. Rule: [`LogSumExp`](softmax::LogSumExp).
    #[track_caller]
    fn logsumexp(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(softmax::LogSumExp { axes: axes.into(), keep: false }, &[self])
    }

    /// `ln Σ eˣ` over `axes`, which stay with extent 1. Rule: [`LogSumExp`](softmax::LogSumExp).
    #[track_caller]
    fn logsumexp_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(softmax::LogSumExp { axes: axes.into(), keep: true }, &[self])
    }
}
impl<A: Interpretation> Reductions for A {}
