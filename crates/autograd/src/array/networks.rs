//! The names of what networks are made of.

use super::Interpretation;
use crate::ops::{dropout, softmax};
use crate::{Error, Indices, Mode, Reduction};

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

    /// In training, each element 0 with probability `p`, else divided by `1 − p`; in evaluation this value as it is.
    /// Rule: [`Dropout`](dropout::Dropout).
    ///
    /// # Panics
    /// In training without a random key; if `p` is no probability.
    #[track_caller]
    fn dropout(&self, p: f64) -> Self {
        if self.mode() == Mode::Evaluation || p == 0.0 {
            return self.clone();
        }
        match self.draw() {
            Some(draw) => Self::apply(dropout::Dropout { p, draw }, &[self]),
            None => Error::value(
                "the run has no random key, so every step would drop the same elements",
                "give each step its own, `gradient_at(key.at_step(n), |tape| …)` with `let key = Key::new(seed)`; to \
                 predict, feed a tensor or use `Tape::new().evaluating()`",
            )
            .raise("dropout"),
        }
    }
}
impl<A: Interpretation> Networks for A {}
