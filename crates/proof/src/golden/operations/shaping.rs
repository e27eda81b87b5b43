//! Shapes, parts, joins.

use super::{Results, only, single, variadic};
use crate::golden::json::{Reference, Vars};
use autograd::ops::shape::{Permute, Slice};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    single(match case.op() {
        "reshape" => only(x).reshape(&case.list("shape")[..]),
        "permute" => Var::apply(Permute { axes: case.list("axes")[..].into() }, &[only(x)]),
        "broadcast_to" => {
            let shape: Vec<usize> = case.list("shape").into_iter().map(|n| n as usize).collect();
            only(x).broadcast_to(&shape[..])
        }
        "squeeze" => only(x).squeeze(case.axes()),
        "unsqueeze" => {
            let mut places = case.list("axes");
            let rank = (only(x).shape().rank() + places.len()) as isize;
            places.iter_mut().for_each(|place| *place = place.rem_euclid(rank));
            places.sort_unstable();
            places.into_iter().fold(only(x).clone(), |x, place| x.unsqueeze(place))
        }
        "slice" => {
            let place = |v: &serde_json::Value| v.as_i64().map(|v| v as isize);
            let cuts = case.attribute("slices").as_array().expect("slices").iter().enumerate();
            cuts.fold(only(x).clone(), |x, (axis, cut)| {
                let slice = Slice {
                    axis: axis as isize,
                    start: place(&cut[0]),
                    end: place(&cut[1]),
                    step: place(&cut[2]).unwrap_or(1),
                };
                Var::apply(slice, &[&x])
            })
        }
        "concat" => Var::concat(&variadic(x), case.whole("axis")),
        "stack" => Var::stack(&variadic(x), case.whole("axis")),
        _ => return None,
    })
}
