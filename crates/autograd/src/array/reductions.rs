//! The names of the reductions.

use super::Interpretation;
use crate::ops::{reduce, softmax};
use crate::{Axes, Shape};

/// Sums, means and extremes over axes.
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
        Self::apply(softmax::LogSumExp { axes: axes.into() }, &[self])
    }
}
impl<A: Interpretation> Reductions for A {}
