//! Shapes, parts, joins.

use super::{Results, only, single, variadic};
use crate::golden::json::{Reference, Vars, list};
use autograd::ops::shape::{Permute, Slice};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let count = |&n: &isize| usize::try_from(n).expect("a count");
    if case.op() == "split" {
        let sizes: Vec<usize> = case.list("sizes").iter().map(count).collect();
        return Some(["y0", "y1", "y2"].into_iter().zip(only(x).split(&sizes, case.whole("axis"))).collect());
    }
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
        "pad" => {
            let pads = case.attribute("pads").as_array().expect("pads").iter();
            let pads: Vec<[usize; 2]> = pads.map(|pair| [count(&list(pair)[0]), count(&list(pair)[1])]).collect();
            let padding = match case.attribute("mode").as_str() {
                Some("reflect") => Padding::Reflect,
                Some("replicate") => Padding::Replicate,
                _ => Padding::Constant(case.number("value")),
            };
            only(x).pad(&pads, padding)
        }
        "flip" => only(x).flip(case.axes()),
        "roll" => {
            let moves = case.list("shifts").into_iter().zip(case.list("axes"));
            moves.fold(only(x).clone(), |x, (shift, axis)| x.roll(shift, axis))
        }
        "tile" => only(x).tile(&case.list("reps").iter().map(count).collect::<Vec<_>>()),
        "repeat_interleave" => only(x).repeat_interleave(count(&case.whole("repeats")), case.whole("axis")),
        "diag" if only(x).shape().rank() == 1 => only(x).diagonal_matrix(case.whole("k")),
        "diag" => only(x).diagonal(case.whole("k")),
        "trace" => only(x).trace(),
        "tril" => only(x).tril(case.whole("k")),
        "triu" => only(x).triu(case.whole("k")),
        _ => return None,
    })
}
