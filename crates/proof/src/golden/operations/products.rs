//! Products.

use super::{Results, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    single(match case.op() {
        "matmul" => {
            let side = |name: &str, flag: &str| {
                let x = x[name].clone();
                if case.flag(flag) { x.transpose() } else { x }
            };
            side("a", "transpose_a").matmul(&side("b", "transpose_b"))
        }
        "dot" => x["a"].matmul(&x["b"]),
        "outer" => x["a"].unsqueeze(1) * x["b"].unsqueeze(0),
        _ => return None,
    })
}
