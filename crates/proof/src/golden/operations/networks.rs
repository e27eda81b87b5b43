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

fn convolution<const N: usize>(case: &Reference) -> Convolution<N> {
    Convolution {
        stride: sizes(case, "stride"),
        padding: sizes(case, "padding"),
        dilation: sizes(case, "dilation"),
        groups: case.whole("groups") as usize,
    }
}
