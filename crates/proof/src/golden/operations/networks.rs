//! The fused operations of networks.

use super::{Results, only, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    single(match case.op() {
        "softmax" => only(x).softmax(case.whole("axis")),
        "log_softmax" => only(x).log_softmax(case.whole("axis")),
        _ => return None,
    })
}
