//! The fused operations of networks.

use crate::table::operations;
use autograd::Mask;
use autograd::algebra::formulas;
use autograd::ops::conv::ConvWeight;
use autograd::ops::normalize::{About, InverseDeviation, Standardize};
use autograd::ops::norms::ScaleShift;
use autograd::ops::resample::{ResampleAdjoint, Resampling};
use autograd::prelude::*;
use autograd::{Draw, ops::dropout::Dropout};

/// The usual convolution along one axis, and along two.
fn plain<const N: usize>() -> Convolution<N> {
    Convolution::new()
}

operations! {
    softmax Normal ["2x3"] ["2x3x4"] ["0x3"] |x| x[0].softmax(-1);
    softmax_first Normal ["3x2"] ["3x2x4"] |x| x[0].softmax(0);
    log_softmax Normal ["2x3"] ["3x2x4"] ["0x3x2"] |x| x[0].log_softmax(1);
    cross_entropy Normal ["3x4"] |x| x[0].cross_entropy([3, 0, 1]);
    cross_entropy_sum Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], Reduction::Sum);
    cross_entropy_none Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], Reduction::None);
    cross_entropy_places Normal ["2x3x2"] |x| x[0].cross_entropy(Indices::new(vec![2, 0, 1, 1], [2, 2]));
    cross_entropy_one_row Normal ["4"] |x| x[0].cross_entropy(Indices::new(vec![2], []));
    cross_entropy_empty Normal ["0x4"] |x| x[0].cross_entropy_with([], Reduction::None);
    cross_entropy_weights Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], ClassLoss::new().with_weights([0.5, 2.0, 1.0, 3.0]));
    cross_entropy_smoothed Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], ClassLoss::new().with_label_smoothing(0.2));
    cross_entropy_ignored Normal ["3x4"] |x| x[0].cross_entropy_with([3, 9, 1], ClassLoss::new().with_ignored(9));
    cross_entropy_all Normal ["2x3x2"] |x| x[0].cross_entropy_with(places(), some_count(Reduction::Mean));
    cross_entropy_all_none Normal ["2x3x2"] |x| x[0].cross_entropy_with(places(), some_count(Reduction::None));
    cross_entropy_soft Normal ["3x4", "3x4"] ["4", "4"] ["2x3x2", "2x3x2"] |x| x[0].cross_entropy_soft(&x[1], Reduction::Mean);
    cross_entropy_soft_none Normal ["3x4", "3x4"] ["2x3x2", "2x3x2"] ["0x4", "0x4"] |x| x[0].cross_entropy_soft(&x[1], Reduction::None);
    cross_entropy_soft_all Normal ["2x3x2", "2x3x2"] ["3", "3"] |x| x[0].cross_entropy_soft(&x[1], ClassLoss { ignored: None, ..some_count(Reduction::Sum) });
    nll Normal ["3x4"] |x| x[0].nll([3, 0, 1], Reduction::Mean);
    nll_none Normal ["3x4"] |x| x[0].nll([3, 0, 1], Reduction::None);
    nll_all Normal ["2x3x2"] |x| x[0].nll(places(), some_count(Reduction::Mean));
    nll_one_row Normal ["4"] |x| x[0].nll(Indices::new(vec![2], []), Reduction::Sum);
    nll_empty Normal ["0x4"] |x| x[0].nll([], Reduction::None);
    dropout Normal ["3x4"] ["2x3x4"] ["0x3"] [""] |x| A::apply(Dropout { p: 0.3, draw: Draw { key: Key::new(5), place: 2 } }, &[&x[0]]);
    // convolutions: every setting alone and together; one place, one sample, no sample
    conv1d Normal ["2x3x7", "4x3x3"] ["1x1x1", "1x1x1"] ["0x2x5", "3x2x2"] ["2x2x5", "3x2x5"] |x| x[0].conv1d(&x[1], None, plain());
    conv1d_bias Normal ["2x3x7", "4x3x3", "4"] ["0x3x7", "4x3x3", "4"] |x| x[0].conv1d(&x[1], Some(&x[2]), plain());
    conv1d_padding Normal ["2x2x4", "3x2x3"] ["1x1x1", "1x1x5"] |x| x[0].conv1d(&x[1], None, plain().with_padding([2]));
    conv1d_stride Normal ["2x2x8", "3x2x3"] ["1x2x9", "2x2x2"] |x| x[0].conv1d(&x[1], None, plain().with_stride([2]));
    conv1d_stride_over_kernel Normal ["2x2x9", "3x2x2"] ["1x2x10", "1x2x1"] |x| x[0].conv1d(&x[1], None, plain().with_stride([4]));
    conv1d_dilation Normal ["2x2x7", "3x2x3"] |x| x[0].conv1d(&x[1], None, plain().with_dilation([3]));
    conv1d_groups Normal ["2x4x5", "6x2x2", "6"] |x| x[0].conv1d(&x[1], Some(&x[2]), plain().with_groups(2));
    conv1d_all Normal ["2x4x9", "2x2x3", "2"] |x| x[0].conv1d(&x[1], Some(&x[2]), all([3], [2], [2]));
    conv2d Normal ["2x3x5x4", "2x3x3x2"] ["1x1x1x1", "1x1x1x1"] ["0x2x3x3", "3x2x2x2"] ["2x2x3x3", "3x2x3x3"] |x| x[0].conv2d(&x[1], None, plain());
    conv2d_bias Normal ["2x3x5x4", "2x3x3x2", "2"] ["0x3x5x4", "2x3x3x2", "2"] |x| x[0].conv2d(&x[1], Some(&x[2]), plain());
    conv2d_then_silu Normal ["2x3x5x4", "2x3x3x2", "2"] ["0x3x5x4", "2x3x3x2", "2"] |x| x[0].conv2d_then(&x[1], Some(&x[2]), plain(), formulas::Silu);
    conv1d_then_tanh Normal ["2x3x5", "2x3x3", "2"] |x| x[0].conv1d_then(&x[1], Some(&x[2]), plain(), formulas::Tanh);
    conv2d_pointwise Normal ["2x3x4x4", "5x3x1x1", "5"] |x| x[0].conv2d(&x[1], Some(&x[2]), plain());
    conv2d_padding Normal ["2x2x3x4", "3x2x3x3"] ["1x1x1x1", "1x1x4x5"] |x| x[0].conv2d(&x[1], None, plain().with_padding([2, 3]));
    conv2d_stride Normal ["2x2x5x6", "2x2x3x2"] |x| x[0].conv2d(&x[1], None, plain().with_stride([2, 3]));
    conv2d_stride_over_kernel Normal ["1x2x8x7", "2x2x2x1"] |x| x[0].conv2d(&x[1], None, plain().with_stride([3, 4]));
    conv2d_dilation Normal ["2x2x6x5", "2x2x3x2"] |x| x[0].conv2d(&x[1], None, plain().with_dilation([2, 3]));
    conv2d_each_channel Normal ["2x3x4x4", "6x1x3x3", "6"] |x| x[0].conv2d(&x[1], Some(&x[2]), plain().with_groups(3));
    conv2d_all Normal ["2x4x7x6", "2x2x3x2", "2"] |x| x[0].conv2d(&x[1], Some(&x[2]), all([2, 3], [2, 1], [1, 2]));
    conv_transpose1d Normal ["2x3x4", "3x2x3", "2"] ["1x1x1", "1x1x1", "1"] ["0x3x4", "3x2x3", "2"] |x| x[0].conv_transpose1d(&x[1], Some(&x[2]), plain(), [0]);
    conv_transpose1d_without_bias Normal ["2x3x4", "3x2x3"] |x| x[0].conv_transpose1d(&x[1], None, plain().with_stride([4]), [3]);
    conv_transpose1d_all Normal ["2x4x3", "4x1x3", "2"] |x| x[0].conv_transpose1d(&x[1], Some(&x[2]), all([3], [2], [2]), [2]);
    conv_transpose2d Normal ["2x3x2x3", "3x2x3x2", "2"] ["1x1x1x1", "1x1x1x1", "1"] ["0x3x2x2", "3x2x2x2", "2"] |x| x[0].conv_transpose2d(&x[1], Some(&x[2]), plain(), [0, 0]);
    conv_transpose2d_all Normal ["2x4x3x2", "4x2x3x2", "4"] |x| x[0].conv_transpose2d(&x[1], Some(&x[2]), all([2, 3], [2, 1], [1, 2]), [1, 2]);
    conv1d_weight Normal ["2x4x9", "2x2x4"] ["0x4x9", "0x2x4"] |x| A::apply(ConvWeight { convolution: all([3], [2], [2]), kernel: [2] }, &[&x[0], &x[1]]);
    conv2d_weight Normal ["2x2x4x5", "2x3x3x3"] ["0x2x4x5", "0x3x3x3"] |x| A::apply(ConvWeight { convolution: plain::<2>(), kernel: [2, 3] }, &[&x[0], &x[1]]);
    // averages over windows, interpolation
    avg_pool1d Normal ["2x3x6"] ["1x1x1"] ["0x2x4"] |x| x[0].avg_pool1d(Pooling::new([1]));
    avg_pool1d_overlapping Normal ["2x3x7"] ["1x1x3"] |x| x[0].avg_pool1d(Pooling::new([3]).with_stride([2]).with_padding([1]));
    avg_pool1d_inside Normal ["2x3x7"] ["1x1x3"] |x| x[0].avg_pool1d(Pooling::new([3]).with_stride([2]).with_padding([1]).without_counting_padding());
    avg_pool1d_gaps Normal ["2x1x9"] |x| x[0].avg_pool1d(Pooling::new([2]).with_stride([4]));
    avg_pool2d Normal ["2x3x4x6"] ["0x1x2x3"] |x| x[0].avg_pool2d(Pooling::new([2, 3]));
    avg_pool2d_all Normal ["2x2x5x7"] |x| x[0].avg_pool2d(all_pooling().without_counting_padding());
    adaptive_avg_pool1d Normal ["2x3x7"] ["1x1x3"] ["0x2x4"] |x| x[0].adaptive_avg_pool1d([3]);
    adaptive_avg_pool2d Normal ["2x2x5x7"] ["1x1x1x1"] ["0x2x5x7"] |x| x[0].adaptive_avg_pool2d([2, 3]);
    adaptive_avg_pool2d_whole Normal ["2x3x4x5"] |x| x[0].adaptive_avg_pool2d([1, 1]);
    upsample_nearest1d Normal ["2x2x3"] ["1x1x1"] ["0x2x3"] |x| x[0].upsample_nearest1d([5]);
    upsample_nearest2d Normal ["2x2x3x4"] ["1x1x1x1"] ["0x2x3x4"] |x| x[0].upsample_nearest2d([5, 2]);
    upsample_linear1d Normal ["2x2x3"] ["1x1x1"] ["0x2x3"] |x| x[0].upsample_linear1d([5], false);
    upsample_linear1d_corners Normal ["2x2x3"] ["1x1x1"] |x| x[0].upsample_linear1d([7], true);
    upsample_bilinear2d Normal ["2x2x3x5"] ["1x1x1x1"] ["0x2x3x5"] |x| x[0].upsample_bilinear2d([5, 3], false);
    upsample_bilinear2d_corners Normal ["2x2x3x5"] ["1x1x4x1"] |x| x[0].upsample_bilinear2d([5, 3], true);
    max_pool1d Normal ["2x3x6"] ["1x1x2"] ["0x2x4"] |x| x[0].max_pool1d(Pooling::new([2]));
    max_pool1d_overlapping Normal ["2x2x7"] |x| x[0].max_pool1d(Pooling::new([3]).with_stride([2]).with_padding([1]).with_dilation([2]));
    max_pool2d Normal ["2x3x4x6"] ["0x1x2x3"] ["1x1x2x3"] |x| x[0].max_pool2d(Pooling::new([2, 3]));
    max_pool2d_all Normal ["2x2x5x7"] |x| x[0].max_pool2d(all_pooling());
    adaptive_max_pool1d Normal ["2x3x7"] ["1x1x3"] ["0x2x4"] |x| x[0].adaptive_max_pool1d([3]);
    adaptive_max_pool2d Normal ["2x2x5x7"] ["1x1x1x1"] ["0x2x5x7"] |x| x[0].adaptive_max_pool2d([2, 3]);
    avg_pool2d_adjoint Normal ["2x2x2x4"] ["0x2x2x4"] |x| A::apply(ResampleAdjoint { resampling: Resampling::Average(all_pooling()), size: [5, 6] }, &[&x[0]]);
    avg_pool1d_adjoint Normal ["2x2x4"] ["0x2x4"] |x| A::apply(ResampleAdjoint { resampling: Resampling::Average(Pooling::new([3]).with_stride([2])), size: [10] }, &[&x[0]]);
    adaptive_avg_pool1d_adjoint Normal ["2x2x3"] ["0x2x3"] |x| A::apply(ResampleAdjoint { resampling: Resampling::AdaptiveAverage([3]), size: [7] }, &[&x[0]]);
    adaptive_avg_pool2d_adjoint Normal ["2x2x3x2"] ["0x2x3x2"] |x| A::apply(ResampleAdjoint { resampling: Resampling::AdaptiveAverage([3, 2]), size: [4, 5] }, &[&x[0]]);
    upsample_nearest1d_adjoint Normal ["2x2x5"] ["0x2x5"] |x| A::apply(ResampleAdjoint { resampling: Resampling::Nearest([5]), size: [3] }, &[&x[0]]);
    upsample_nearest2d_adjoint Normal ["2x2x5x2"] ["0x2x5x2"] |x| A::apply(ResampleAdjoint { resampling: Resampling::Nearest([5, 2]), size: [3, 4] }, &[&x[0]]);
    upsample_linear1d_adjoint Normal ["2x2x5"] ["0x2x5"] |x| A::apply(ResampleAdjoint { resampling: Resampling::Linear { size: [5], align_corners: true }, size: [3] }, &[&x[0]]);
    upsample_bilinear2d_adjoint Normal ["2x2x5x3"] ["0x2x5x3"] |x| A::apply(ResampleAdjoint { resampling: Resampling::Linear { size: [5, 3], align_corners: false }, size: [3, 5] }, &[&x[0]]);
    // norms: reduced axes last, first, around, in between
    standardize Normal ["2x3"] ["3x2x4"] ["0x3"] ["5x1"] |x| x[0].standardize(-1, 1e-3);
    standardize_all Normal ["2x3"] ["4"] |x| x[0].standardize(.., 0.5);
    standardize_first Normal ["3x2"] ["4x2x3"] ["3x0"] |x| x[0].standardize(0, 1e-3);
    standardize_around Normal ["2x3x4"] ["3x1x2x2"] |x| x[0].standardize([0, -1], 1e-3);
    standardize_between Normal ["2x3x4"] ["2x3x2x2"] |x| x[0].standardize(1, 1e-3);
    standardize_about_zero Normal ["2x3"] ["3x2x4"] ["2x0"] |x| A::apply(Standardize { axes: 1.into(), about: About::Zero, epsilon: 1e-3 }, &[&x[0]]);
    inverse_deviation Normal ["2x3"] ["3x2x4"] ["0x3"] |x| A::apply(InverseDeviation { axes: 1.into(), about: About::Mean, epsilon: 0.1 }, &[&x[0]]);
    inverse_deviation_from_zero Normal ["2x3"] ["3x2x4"] ["2x0"] |x| A::apply(InverseDeviation { axes: 0.into(), about: About::Zero, epsilon: 0.1 }, &[&x[0]]);
    layer_norm Normal ["2x5", "5", "5"] ["2x3x4", "4", "4"] ["0x3", "3", "3"] |x| x[0].layer_norm(1, Some(&x[1]), Some(&x[2]), 1e-3);
    layer_norm_two_axes Normal ["2x3x4", "3x4", "3x4"] |x| x[0].layer_norm(2, Some(&x[1]), Some(&x[2]), 1e-3);
    layer_norm_plain Normal ["2x5"] |x| x[0].layer_norm(1, None, None, 1e-3);
    rms_norm Normal ["2x5", "5"] ["2x2x3", "3"] |x| x[0].rms_norm(1, Some(&x[1]), 1e-3);
    group_norm Normal ["2x4x3", "4", "4"] ["2x4x2x3", "4", "4"] ["3x4", "4", "4"] |x| x[0].group_norm(2, Some(&x[1]), Some(&x[2]), 1e-2);
    instance_norm Normal ["2x3x4", "3"] |x| x[0].group_norm(3, None, Some(&x[1]), 1e-2);
    batch_norm Normal ["5x3", "3", "3"] ["2x2x3x2", "2", "2"] |x| x[0].batch_norm(Some(&x[1]), Some(&x[2]), 1e-3).value;
    batch_norm_with Positive ["5x3", "3", "3", "3", "3"] ["2x2x3x2", "2", "2", "2", "2"] ["0x2", "2", "2", "2", "2"] |x| x[0].batch_norm_with(&x[1], &x[2], Some(&x[3]), Some(&x[4]), 1e-3);
    batch_norm_with_plain Positive ["2x3x4", "3", "3"] |x| x[0].batch_norm_with(&x[1], &x[2], None, None, 1e-3);
    scale_shift Normal ["2x3", "3", "2x1"] ["", "2", ""] ["0x3", "3", "3"] |x| A::elementwise(ScaleShift, [&x[0], &x[1], &x[2]]);
    // attention: what is seen and what is hidden
    attention Normal ["2x3x4", "2x5x4", "2x5x3"] ["1x4", "1x4", "1x2"] ["2x0x4", "2x3x4", "2x3x1"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new());
    attention_causal Normal ["2x4x3", "2x4x3", "2x4x2"] ["2x2x3", "5x3", "5x2"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new().causal());
    attention_heads Normal ["2x2x3x4", "2x1x5x4", "5x3"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new().with_scale(0.3));
    attention_values Normal ["3x4", "5x4", "2x5x3"] ["1x2", "3x1x3x2", "2x3x1"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new());
    attention_biased Normal ["2x3x4", "2x5x4", "2x5x2", "3x5"] ["2x2x3x4", "2x1x5x4", "5x2", "2x1x3x1"] ["3x2", "5x2", "2x5x2", "2x3x5"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new().with_bias(&x[3]));
    attention_masked Normal ["2x3x4", "2x5x4", "2x5x2", "5"] ["3x2", "5x2", "5x2", ""] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new().causal().with_bias(&x[3]).with_mask(&some_seen(&x[0])));
    attention_beside Normal ["2x5x2x3", "2x4x2x3", "2x4x2x2"] |x| beside(&x[0]).scaled_dot_product_attention(&beside(&x[1]), &beside(&x[2]), &Attention::new().causal());
    attention_pieces Normal ["18x1", "34x1", "34x1"] ["34x1", "18x1", "18x1"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new().causal());
    attention_many Normal ["66x1", "2x1", "2x1"] ["2x1", "66x1", "66x1"] |x| x[0].scaled_dot_product_attention(&x[1], &x[2], &Attention::new());
    attention_seen Normal ["2x3x4", "2x5x4"] ["1x4", "1x4"] ["2x0x4", "2x3x4"] |x| x[0].attention_weights(&x[1], &Attention::new());
    attention_bias Normal ["2x3x4", "2x5x4", "3x5"] ["2x3x4", "2x5x4", "2x1x5"] ["3x4", "5x4", ""] |x| x[0].attention_weights(&x[1], &Attention::new().with_bias(&x[2]));
    attention_mask Normal ["2x3x4", "2x5x4"] |x| x[0].attention_weights(&x[1], &Attention::new().causal().with_mask(&some_seen(&x[0])));
    attention_bias_and_mask Normal ["2x3x4", "2x5x4", "5"] |x| x[0].attention_weights(&x[1], &Attention::new().with_bias(&x[2]).with_mask(&some_seen(&x[0])));
}

/// Labels of two samples at two places, one of which does not count below.
fn places() -> Indices {
    Indices::new(vec![2, 0, 9, 1], [2, 2])
}

/// A loss of three classes with all settings.
fn some_count(reduction: Reduction) -> ClassLoss {
    ClassLoss::from(reduction).with_weights([0.5, 2.0, 1.25]).with_label_smoothing(0.1).with_ignored(9)
}

/// Pooling with all settings.
fn all_pooling() -> Pooling<2> {
    Pooling::new([2, 3]).with_stride([3, 2]).with_padding([1, 2]).with_dilation([2, 1])
}

/// A convolution with all settings, and two groups.
fn all<const N: usize>(stride: [usize; N], padding: [usize; N], dilation: [usize; N]) -> Convolution<N> {
    Convolution::new().with_stride(stride).with_padding(padding).with_dilation(dilation).with_groups(2)
}

/// Heads that are pieces of the features, `[samples, places, heads, any]`, as leading axes.
fn beside<T: Real, A: Array<T>>(x: &A) -> A {
    x.permute([0, 2, 1, 3])
}

/// Of three queries and five keys: the first query sees some keys, the second none, the last all.
fn some_seen<T: Real, A: Array<T>>(x: &A) -> Mask<A> {
    let seen = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    x.constant(&Tensor::from_fn([3, 5], |i| T::from_f64(seen[i]))).greater(&x.constant(&Tensor::scalar(T::ZERO)))
}
