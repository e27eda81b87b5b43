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
        "logsumexp" => {
            let y = only(x).logsumexp(case.axes());
            let shape = only(x).shape();
            let axes = case.axes().resolve(&shape).expect("axes of the input");
            if case.flag("keepdim") { y.reshape(shape.reduced(&axes, true)) } else { y }
        }
        _ => return None,
    })
}
