//! Formulas of elements.

use super::super::functions;
use super::{Results, only, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let by_name = match x.len() {
        0 => return None,
        2 => functions::binary(case.op(), x.get("a")?.clone(), x.get("b")?.clone()),
        _ => functions::unary(case.op(), case, only(x).clone()),
    };
    if let Some(y) = by_name {
        return single(y);
    }
    single(match case.op() {
        "where" => mask(case, "cond", x).choose(&x["a"], &x["b"]),
        "masked_fill" => x["x"].masked_fill(&mask(case, "mask", x), case.number("value")),
        "clamp" => {
            let bound = |name: &str, none: f64| case.attribute(name).as_f64().unwrap_or(none);
            only(x).clamp(bound("min", f64::NEG_INFINITY), bound("max", f64::INFINITY))
        }
        _ => return None,
    })
}

fn mask<T: Real>(case: &Reference, name: &str, x: &Vars<T>) -> autograd::Mask<Var<T>> {
    only(x).constant(&case.plain(name)).greater(&only(x).constant(&Tensor::scalar(T::ZERO)))
}
