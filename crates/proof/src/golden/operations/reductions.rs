//! Reductions.

use super::{Results, only, single};
use crate::golden::json::{Reference, Vars};
use autograd::Axes;
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let reduced = |with: fn(&Var<T>, Axes) -> Var<T>, keeping: fn(&Var<T>, Axes) -> Var<T>| {
        if case.flag("keepdim") { keeping(only(x), case.axes()) } else { with(only(x), case.axes()) }
    };
    single(match case.op() {
        "sum" => reduced(|x, a| x.sum_axes(a), |x, a| x.sum_keep(a)),
        "mean" => reduced(|x, a| x.mean_axes(a), |x, a| x.mean_keep(a)),
        "max" => reduced(|x, a| x.max_axes(a), |x, a| x.max_keep(a)),
        "min" => reduced(|x, a| x.min_axes(a), |x, a| x.min_keep(a)),
        "logsumexp" => reduced(|x, a| x.logsumexp(a), |x, a| x.logsumexp_keep(a)),
        "prod" => reduced(|x, a| x.prod_axes(a), |x, a| x.prod_keep(a)),
        "norm" => {
            let p = case.number("p");
            if case.flag("keepdim") { only(x).norm_keep(p, case.axes()) } else { only(x).norm(p, case.axes()) }
        }
        "var" | "std" => {
            let (axes, ddof) = (case.axes(), case.whole("ddof") as usize);
            match (case.op(), case.flag("keepdim")) {
                ("var", false) => only(x).var_axes(axes, ddof),
                ("var", true) => only(x).var_keep(axes, ddof),
                (_, false) => only(x).std_axes(axes, ddof),
                (_, true) => only(x).std_keep(axes, ddof),
            }
        }
        "cumsum" => only(x).cumsum(case.whole("axis")),
        "cumprod" => only(x).cumprod(case.whole("axis")),
        _ => return None,
    })
}
