//! What decomposes matrices.

use super::{Results, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    single(match case.op() {
        "solve" => x["a"].solve(&x["b"]),
        "inv" => x["a"].inv(),
        "det" => x["a"].det(),
        "slogdet" => {
            let (sign, logarithm) = x["a"].slogdet();
            return Some(vec![("sign", sign), ("logabsdet", logarithm)]);
        }
        "cholesky" => x["a"].cholesky(),
        _ => return None,
    })
}
