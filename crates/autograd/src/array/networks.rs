//! The names of what networks are made of.

use super::Interpretation;
use crate::ops::softmax;
use crate::{Indices, Reduction};

/// The fused operations of networks: softmax and its kin, losses.
pub trait Networks: Interpretation {
    /// Positive numbers that add up to 1 along `axis`. Rule: [`Softmax`](softmax::Softmax).
    #[track_caller]
    fn softmax(&self, axis: isize) -> Self {
        Self::apply(softmax::Softmax { axis }, &[self])
    }

    /// The logarithm of the softmax. Rule: [`LogSoftmax`](softmax::LogSoftmax).
    #[track_caller]
    fn log_softmax(&self, axis: isize) -> Self {
        Self::apply(softmax::LogSoftmax { axis }, &[self])
    }

    /// The mean cross-entropy of these logits against labels. Rule: [`CrossEntropy`](softmax::CrossEntropy).
    #[track_caller]
    fn cross_entropy(&self, labels: impl Into<Indices>) -> Self {
        self.cross_entropy_with(labels, Reduction::Mean)
    }

    /// The cross-entropy of these logits against labels. Rule: [`CrossEntropy`](softmax::CrossEntropy).
    #[track_caller]
    fn cross_entropy_with(&self, labels: impl Into<Indices>, reduction: Reduction) -> Self {
        Self::apply(softmax::CrossEntropy { labels: labels.into(), reduction }, &[self])
    }
}
impl<A: Interpretation> Networks for A {}
