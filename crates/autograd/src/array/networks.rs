//! The names of what networks are made of.

use super::Interpretation;
use crate::ops::resample::{self, Resampling};
use crate::ops::{Op, conv, dropout, softmax};
use crate::{Convolution, Error, Indices, Mode, Pooling, Reduction};

/// The operations of networks: convolutions, pooling and interpolation, softmax and its kin, losses.
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

    /// A convolution along one axis: of `[batch, in, length]` with a weight `[out, in / groups, kernel]` and, if there is
    /// one, a bias `[out]`. Rule: [`Conv`](conv::Conv).
    #[track_caller]
    fn conv1d(&self, weight: &Self, bias: Option<&Self>, convolution: Convolution<1>) -> Self {
        with_bias(conv::Conv { convolution }, self, weight, bias)
    }

    /// A convolution along two axes: of `[batch, in, height, width]` with a weight `[out, in / groups, height, width]`
    /// and, if there is one, a bias `[out]`. Rule: [`Conv`](conv::Conv).
    #[track_caller]
    fn conv2d(&self, weight: &Self, bias: Option<&Self>, convolution: Convolution<2>) -> Self {
        with_bias(conv::Conv { convolution }, self, weight, bias)
    }

    /// A transposed convolution along one axis, with a weight `[in, out / groups, kernel]`. Rule:
    /// [`ConvTranspose`](conv::ConvTranspose).
    #[track_caller]
    fn conv_transpose1d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        convolution: Convolution<1>,
        output_padding: [usize; 1],
    ) -> Self {
        with_bias(conv::ConvTranspose { convolution, output_padding }, self, weight, bias)
    }

    /// A transposed convolution along two axes, with a weight `[in, out / groups, height, width]`. Rule:
    /// [`ConvTranspose`](conv::ConvTranspose).
    #[track_caller]
    fn conv_transpose2d(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        convolution: Convolution<2>,
        output_padding: [usize; 2],
    ) -> Self {
        with_bias(conv::ConvTranspose { convolution, output_padding }, self, weight, bias)
    }

    /// The mean over windows along one axis of `[batch, channels, length]`. Rule: [`Resample`](resample::Resample).
    #[track_caller]
    fn avg_pool1d(&self, pooling: Pooling<1>) -> Self {
        resampled(self, Resampling::Average(pooling))
    }

    /// The mean over windows along two axes of `[batch, channels, height, width]`. Rule:
    /// [`Resample`](resample::Resample).
    #[track_caller]
    fn avg_pool2d(&self, pooling: Pooling<2>) -> Self {
        resampled(self, Resampling::Average(pooling))
    }

    /// The means over so many cells along one axis of `[batch, channels, length]`. Rule:
    /// [`Resample`](resample::Resample).
    #[track_caller]
    fn adaptive_avg_pool1d(&self, cells: [usize; 1]) -> Self {
        resampled(self, Resampling::AdaptiveAverage(cells))
    }

    /// The means over so many cells along two axes of `[batch, channels, height, width]`. Rule:
    /// [`Resample`](resample::Resample).
    #[track_caller]
    fn adaptive_avg_pool2d(&self, cells: [usize; 2]) -> Self {
        resampled(self, Resampling::AdaptiveAverage(cells))
    }

    /// `[batch, channels, length]` at another length, each element from the nearest one. Rule:
    /// [`Resample`](resample::Resample).
    #[track_caller]
    fn upsample_nearest1d(&self, size: [usize; 1]) -> Self {
        resampled(self, Resampling::Nearest(size))
    }

    /// `[batch, channels, height, width]` at another height and width, each element from the nearest one. Rule:
    /// [`Resample`](resample::Resample).
    #[track_caller]
    fn upsample_nearest2d(&self, size: [usize; 2]) -> Self {
        resampled(self, Resampling::Nearest(size))
    }

    /// `[batch, channels, length]` at another length, by linear interpolation. Rule: [`Resample`](resample::Resample).
    #[track_caller]
    fn upsample_linear1d(&self, size: [usize; 1], align_corners: bool) -> Self {
        resampled(self, Resampling::Linear { size, align_corners })
    }

    /// `[batch, channels, height, width]` at another height and width, by bilinear interpolation. Rule:
    /// [`Resample`](resample::Resample).
    #[track_caller]
    fn upsample_bilinear2d(&self, size: [usize; 2], align_corners: bool) -> Self {
        resampled(self, Resampling::Linear { size, align_corners })
    }
}
impl<A: Interpretation> Networks for A {}

#[track_caller]
fn resampled<A: Interpretation, const N: usize>(x: &A, resampling: Resampling<N>) -> A {
    A::apply(resample::Resample { resampling }, &[x])
}

/// An operation of an input, a weight and perhaps a bias.
#[track_caller]
fn with_bias<A: Interpretation>(op: impl Op<A::Real>, x: &A, weight: &A, bias: Option<&A>) -> A {
    match bias {
        Some(bias) => A::apply(op, &[x, weight, bias]),
        None => A::apply(op, &[x, weight]),
    }
}
