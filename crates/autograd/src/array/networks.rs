//! The names of what networks are made of.

use super::Interpretation;
use crate::algebra::Formula;
use crate::ops::normalize::{self, About};
use crate::ops::norms::{self, BatchNormalized};
use crate::ops::pool::{MaxPool, Windows};
use crate::ops::resample::{self, Resampling};
use crate::ops::{Op, classes, conv, dropout, softmax, then::Then};
use crate::{Attention, Axes, ClassLoss, Convolution, Error, Indices, Mode, Pooling, Reduction};

/// The operations of networks: convolutions, pooling and interpolation, norms, attention, softmax and its
/// kin, losses.
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

    /// The mean cross-entropy of these logits against labels. Rule: [`CrossEntropy`](classes::CrossEntropy).
    #[track_caller]
    fn cross_entropy(&self, labels: impl Into<Indices>) -> Self {
        self.cross_entropy_with(labels, Reduction::Mean)
    }

    /// The cross-entropy of these logits against labels, with options or a [`Reduction`] alone.
    /// Rule: [`CrossEntropy`](classes::CrossEntropy).
    #[track_caller]
    fn cross_entropy_with(&self, labels: impl Into<Indices>, options: impl Into<ClassLoss>) -> Self {
        Self::apply(classes::CrossEntropy { labels: labels.into(), options: options.into() }, &[self])
    }

    /// The cross-entropy of these logits against a probability for every class, with options or a [`Reduction`] alone.
    /// Rule: [`SoftCrossEntropy`](classes::SoftCrossEntropy).
    #[track_caller]
    fn cross_entropy_soft(&self, targets: &Self, options: impl Into<ClassLoss>) -> Self {
        Self::apply(classes::SoftCrossEntropy { options: options.into() }, &[self, targets])
    }

    /// The negative log-likelihood of labels under these log-probabilities, with options or a [`Reduction`] alone.
    /// Rule: [`NegativeLogLikelihood`](classes::NegativeLogLikelihood).
    #[track_caller]
    fn nll(&self, labels: impl Into<Indices>, options: impl Into<ClassLoss>) -> Self {
        Self::apply(classes::NegativeLogLikelihood { labels: labels.into(), options: options.into() }, &[self])
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

    /// A convolution along one axis and its activation as one operation. Rule: [`Then`].
    ///
    /// ```
    /// use autograd::algebra::formulas::Relu;
    /// use autograd::prelude::*;
    /// let (x, w) = (Tensor::from([[[1.0_f32, 3.0, 2.0]]]), Tensor::from([[[1.0, -1.0]]]));
    /// assert_eq!(x.conv1d_then(&w, None, Convolution::new(), Relu).to_vec(), [0.0, 1.0]);
    /// ```
    #[track_caller]
    fn conv1d_then<F: Formula<1>>(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        convolution: Convolution<1>,
        formula: F,
    ) -> Self {
        with_bias(Then(conv::Conv { convolution }, formula), self, weight, bias)
    }

    /// A convolution along two axes: of `[batch, in, height, width]` with a weight `[out, in / groups, height, width]`
    /// and, if there is one, a bias `[out]`. Rule: [`Conv`](conv::Conv).
    #[track_caller]
    fn conv2d(&self, weight: &Self, bias: Option<&Self>, convolution: Convolution<2>) -> Self {
        with_bias(conv::Conv { convolution }, self, weight, bias)
    }

    /// A convolution along two axes and its activation as one operation. Rule: [`Then`].
    ///
    /// ```
    /// use autograd::algebra::formulas::Relu;
    /// use autograd::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 3.0], [2.0, 0.0]]).reshape([1, 1, 2, 2]);
    /// let w = Tensor::from([1.0, -1.0]).reshape([1, 1, 1, 2]);
    /// assert_eq!(x.conv2d_then(&w, None, Convolution::new(), Relu).to_vec(), [0.0, 2.0]);
    /// ```
    #[track_caller]
    fn conv2d_then<F: Formula<1>>(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        convolution: Convolution<2>,
        formula: F,
    ) -> Self {
        with_bias(Then(conv::Conv { convolution }, formula), self, weight, bias)
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

    /// The largest element of each window along one axis of `[batch, channels, length]`; padding never is. The whole
    /// gradient goes to the first of equal ones. Rule: [`MaxPool`].
    #[track_caller]
    fn max_pool1d(&self, pooling: Pooling<1>) -> Self {
        Self::apply(MaxPool { windows: Windows::Moving(pooling) }, &[self])
    }

    /// The largest element of each window over `[batch, channels, height, width]`; padding never is. The whole gradient
    /// goes to the first of equal ones, row by row. Rule: [`MaxPool`].
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::<f32>::arange(16).reshape([1, 1, 4, 4]);
    /// assert_eq!(x.max_pool2d(Pooling::new([2, 2])).to_vec(), [5.0, 7.0, 13.0, 15.0]);
    /// ```
    #[track_caller]
    fn max_pool2d(&self, pooling: Pooling<2>) -> Self {
        Self::apply(MaxPool { windows: Windows::Moving(pooling) }, &[self])
    }

    /// The largest element of each of so many cells along one axis of `[batch, channels, length]`. The whole gradient
    /// goes to the first of equal ones. Rule: [`MaxPool`].
    #[track_caller]
    fn adaptive_max_pool1d(&self, cells: [usize; 1]) -> Self {
        Self::apply(MaxPool { windows: Windows::Cells(cells) }, &[self])
    }

    /// The largest element of each of so many cells over `[batch, channels, height, width]`. The whole gradient goes to
    /// the first of equal ones, row by row. Rule: [`MaxPool`].
    #[track_caller]
    fn adaptive_max_pool2d(&self, cells: [usize; 2]) -> Self {
        Self::apply(MaxPool { windows: Windows::Cells(cells) }, &[self])
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

    /// Over `axes`: differences from the mean, divided by the standard deviation. Rule:
    /// [`Standardize`](normalize::Standardize).
    #[track_caller]
    fn standardize(&self, axes: impl Into<Axes>, epsilon: f64) -> Self {
        Self::apply(normalize::Standardize { axes: axes.into(), about: About::Mean, epsilon }, &[self])
    }

    /// The layer norm over the last `axes` axes: `(x − mean)/√(variance + ε) · weight + bias`. The weight and the bias
    /// have the shape of those axes; absent they are 1 and 0. Source: Ba, Kiros and Hinton, 2016. Rule:
    /// [`Standardize`](normalize::Standardize).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (x, weight) = (Tensor::from([[1.0_f32, 3.0], [8.0, 4.0]]), Tensor::from([1.0, 10.0]));
    /// assert_eq!(x.layer_norm(1, Some(&weight), None, 0.0).to_vec(), [-1.0, 10.0, 1.0, -10.0]);
    /// ```
    ///
    /// # Panics
    /// If there are not so many axes, or a parameter has another shape.
    #[track_caller]
    fn layer_norm(&self, axes: usize, weight: Option<&Self>, bias: Option<&Self>, epsilon: f64) -> Self {
        or_raise("layer_norm", norms::over_last(self, About::Mean, axes, weight, bias, epsilon))
    }

    /// The root-mean-square norm over the last `axes` axes: `x/√(mean(x²) + ε) · weight`. The weight has the shape of
    /// those axes; absent it is 1. Source: Zhang and Sennrich, 2019. Rule: [`Standardize`](normalize::Standardize).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 7.0]]);
    /// assert_eq!(x.rms_norm(1, None, 0.0).to_vec(), [0.2, 1.4]);
    /// ```
    ///
    /// # Panics
    /// If there are not so many axes, or the weight has another shape.
    #[track_caller]
    fn rms_norm(&self, axes: usize, weight: Option<&Self>, epsilon: f64) -> Self {
        or_raise("rms_norm", norms::over_last(self, About::Zero, axes, weight, None, epsilon))
    }

    /// The group norm of `[batch, channels, …]`: each sample standardised over each of `groups` groups of channels, then
    /// scaled and shifted by one number a channel; absent they are 1 and 0. With as many groups as channels it is the
    /// instance norm. Source: Wu and He, 2018. Rule: [`Standardize`](normalize::Standardize).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 3.0, 10.0, 20.0]]);
    /// assert_eq!(x.group_norm(2, None, None, 0.0).to_vec(), [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the groups do not divide the channels, or a parameter is not `[channels]`.
    #[track_caller]
    fn group_norm(&self, groups: usize, weight: Option<&Self>, bias: Option<&Self>, epsilon: f64) -> Self {
        or_raise("group_norm", norms::over_groups(self, groups, weight, bias, epsilon))
    }

    /// The batch norm of `[batch, channels, …]` in training: each channel standardised over all samples and places, then
    /// scaled and shifted by one number a channel; absent they are 1 and 0. Also returns the statistics of the batch.
    /// Source: Ioffe and Szegedy, 2015. Rule: [`Standardize`](normalize::Standardize).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let batch = Tensor::from([[1.0_f32, 30.0], [3.0, 10.0]]).batch_norm(None, None, 0.0);
    /// assert_eq!(batch.value.to_vec(), [-1.0, 1.0, 1.0, -1.0]);
    /// assert_eq!((batch.mean.to_vec(), batch.variance.to_vec()), (vec![2.0, 20.0], vec![1.0, 100.0]));
    /// ```
    ///
    /// # Panics
    /// If a channel has fewer than two elements, or a parameter is not `[channels]`.
    #[track_caller]
    fn batch_norm(&self, weight: Option<&Self>, bias: Option<&Self>, epsilon: f64) -> BatchNormalized<Self> {
        or_raise("batch_norm", norms::over_batch(self, weight, bias, epsilon))
    }

    /// The batch norm in evaluation: `(x − mean)/√(variance + ε) · weight + bias` by given statistics, one number a
    /// channel each.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (mean, variance) = (Tensor::from([1.0_f32]), Tensor::from([4.0]));
    /// assert_eq!(Tensor::from([[1.0], [5.0]]).batch_norm_with(&mean, &variance, None, None, 0.0).to_vec(), [0.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// If a statistic or a parameter is not `[channels]`.
    #[track_caller]
    fn batch_norm_with(
        &self,
        mean: &Self,
        variance: &Self,
        weight: Option<&Self>,
        bias: Option<&Self>,
        epsilon: f64,
    ) -> Self {
        or_raise("batch_norm", norms::by_statistics(self, mean, variance, weight, bias, epsilon))
    }

    /// How much each of these queries `[…, queries, features]` takes from each of the keys `[…, keys, features]`:
    /// `softmax(q kᵀ/√features)` over the keys that it may attend to, `[…, queries, keys]`. Leading axes broadcast: heads
    /// are one of them. Rule: [`AttentionWeights`](crate::ops::attention::AttentionWeights).
    #[track_caller]
    fn attention_weights(&self, keys: &Self, attention: &Attention<Self>) -> Self {
        attention.weights(self, keys)
    }

    /// Scaled dot-product attention: the mean of values `[…, keys, any]` for each of these queries
    /// `[…, queries, features]`, by their [weights](Networks::attention_weights) for keys `[…, keys, features]`:
    /// `softmax(q kᵀ/√features) v`, `[…, queries, any]`. A query that may attend to nothing gets zeros. Source: Vaswani
    /// et al., 2017. Rule: [`ScaledDotProduct`](crate::ops::scaled_dot_product::ScaledDotProduct).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (q, k) = (Tensor::from([[0.0_f32, 0.0], [900.0, 0.0]]), Tensor::from([[1.0, 0.0], [-1.0, 0.0]]));
    /// let v = Tensor::from([[2.0], [4.0]]);
    /// assert_eq!(q.scaled_dot_product_attention(&k, &v, &Attention::new()).to_vec(), [3.0, 2.0]);
    /// ```
    #[track_caller]
    fn scaled_dot_product_attention(&self, keys: &Self, values: &Self, attention: &Attention<Self>) -> Self {
        attention.attended(self, keys, values)
    }
}
impl<A: Interpretation> Networks for A {}

/// The value, or a panic with the error at the caller's line.
#[track_caller]
fn or_raise<R>(name: &'static str, result: Result<R, Error>) -> R {
    match result {
        Ok(value) => value,
        Err(error) => error.raise(name),
    }
}

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
