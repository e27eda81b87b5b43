//! Losses.

use super::{Results, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;
use nn::loss;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    single(match case.op() {
        "mse" => loss::mse(&x["x"], &x["t"], case.reduction()),
        "half_mse" => loss::half_mse(&x["x"], &x["t"]),
        "categorical_cross_entropy" => loss::categorical_cross_entropy(&x["x"], &x["t"], case.reduction()),
        _ => return None,
    })
}
