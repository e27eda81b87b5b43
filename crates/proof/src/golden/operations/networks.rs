//! The fused operations of networks.

use super::{Results, only, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let (weight, bias, epsilon) = (x.get("weight"), x.get("bias"), case.attribute("eps").as_f64().unwrap_or_default());
    let trailing = || case.list("normalized_shape").len();
    single(match case.op() {
        "softmax" => only(x).softmax(case.whole("axis")),
        "log_softmax" => only(x).log_softmax(case.whole("axis")),
        "conv1d" => x["x"].conv1d(&x["weight"], x.get("bias"), convolution(case)),
        "conv2d" => x["x"].conv2d(&x["weight"], x.get("bias"), convolution(case)),
        "conv_transpose1d" => {
            x["x"].conv_transpose1d(&x["weight"], x.get("bias"), convolution(case), sizes(case, "output_padding"))
        }
        "conv_transpose2d" => {
            x["x"].conv_transpose2d(&x["weight"], x.get("bias"), convolution(case), sizes(case, "output_padding"))
        }
        "avg_pool2d" => {
            let pooling = pooling(case);
            x["x"].avg_pool2d(if case.flag("count_include_pad") { pooling } else { pooling.without_counting_padding() })
        }
        "max_pool2d" => {
            let dilation = if case.attribute("dilation").is_null() { [1, 1] } else { sizes(case, "dilation") };
            x["x"].max_pool2d(pooling(case).with_dilation(dilation))
        }
        "adaptive_avg_pool2d" => x["x"].adaptive_avg_pool2d(sizes(case, "output")),
        "upsample_nearest2d" => x["x"].upsample_nearest2d(sizes(case, "size")),
        "upsample_bilinear2d" => x["x"].upsample_bilinear2d(sizes(case, "size"), case.flag("align_corners")),
        "layer_norm" => x["x"].layer_norm(trailing(), weight, bias, epsilon),
        "rms_norm" => x["x"].rms_norm(trailing(), weight, epsilon),
        "group_norm" => x["x"].group_norm(case.whole("groups") as usize, weight, bias, epsilon),
        "batch_norm_eval" => x["x"].batch_norm_with(&x["running_mean"], &x["running_var"], weight, bias, epsilon),
        "batch_norm" => {
            let batch = x["x"].batch_norm(weight, bias, epsilon);
            let momentum = T::from_f64(case.number("momentum"));
            let count = (x["x"].shape().elements() / batch.mean.shape().elements()) as f64;
            let unbiased = batch.variance * T::from_f64(count / (count - 1.0));
            let moved = |running: &Var<T>, batch: Var<T>| running * (T::ONE - momentum) + batch * momentum;
            return Some(vec![
                ("y", batch.value),
                ("running_mean", moved(&x["running_mean"], batch.mean)),
                ("running_var", moved(&x["running_var"], unbiased)),
            ]);
        }
        _ => return None,
    })
}

/// An attribute that is one number an axis; a single axis may have the number alone.
pub(in crate::golden) fn sizes<const N: usize>(case: &Reference, name: &str) -> [usize; N] {
    let size = |value: isize| value as usize;
    match case.attribute(name).is_array() {
        true => std::array::from_fn(|axis| size(case.list(name)[axis])),
        false => [size(case.whole(name)); N],
    }
}

pub(in crate::golden) fn pooling<const N: usize>(case: &Reference) -> Pooling<N> {
    Pooling::new(sizes(case, "kernel")).with_stride(sizes(case, "stride")).with_padding(sizes(case, "padding"))
}

pub(in crate::golden) fn convolution<const N: usize>(case: &Reference) -> Convolution<N> {
    Convolution {
        stride: sizes(case, "stride"),
        padding: sizes(case, "padding"),
        dilation: sizes(case, "dilation"),
        groups: case.whole("groups") as usize,
    }
}
