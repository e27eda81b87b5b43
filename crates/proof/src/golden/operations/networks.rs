//! The fused operations of networks.

use super::{Results, only, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
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
        "adaptive_avg_pool2d" => x["x"].adaptive_avg_pool2d(sizes(case, "output")),
        "upsample_nearest2d" => x["x"].upsample_nearest2d(sizes(case, "size")),
        "upsample_bilinear2d" => x["x"].upsample_bilinear2d(sizes(case, "size"), case.flag("align_corners")),
        _ => return None,
    })
}

/// An attribute that is one number an axis; a single axis may have the number alone.
fn sizes<const N: usize>(case: &Reference, name: &str) -> [usize; N] {
    let size = |value: isize| value as usize;
    match case.attribute(name).is_array() {
        true => std::array::from_fn(|axis| size(case.list(name)[axis])),
        false => [size(case.whole(name)); N],
    }
}

fn pooling<const N: usize>(case: &Reference) -> Pooling<N> {
    Pooling::new(sizes(case, "kernel")).with_stride(sizes(case, "stride")).with_padding(sizes(case, "padding"))
}

fn convolution<const N: usize>(case: &Reference) -> Convolution<N> {
    Convolution {
        stride: sizes(case, "stride"),
        padding: sizes(case, "padding"),
        dilation: sizes(case, "dilation"),
        groups: case.whole("groups") as usize,
    }
}
