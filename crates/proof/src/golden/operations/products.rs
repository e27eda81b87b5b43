//! Products.

use super::{Results, single, variadic};
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
        "einsum" => Var::einsum(case.attribute("equation").as_str().expect("an equation"), &variadic(x)),
        "dot" => x["a"].dot(&x["b"]),
        "outer" => x["a"].outer(&x["b"]),
        "kron" => x["a"].kron(&x["b"]),
        "pairwise_distance" => x["a"].pairwise_distance(&x["b"], case.number("p"), case.number("eps")),
        "cosine_similarity" => x["a"].cosine_similarity(&x["b"], case.whole("axis"), case.number("eps")),
        "cdist" => x["a"].cdist(&x["b"]),
        _ => return None,
    })
}
