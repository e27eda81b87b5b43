//! Elements picked by number.

use super::{Results, single};
use crate::golden::json::{Reference, Vars};
use autograd::Positions;
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let with_places =
        |(values, places): (Var<T>, Positions<Var<T>>)| vec![("values", values), ("indices", places.into_array())];
    match case.op() {
        "sort" => return Some(with_places(x["x"].sort(case.whole("axis"), case.flag("descending")))),
        "topk" => {
            let k = case.whole("k") as usize;
            return Some(with_places(x["x"].top_k(case.whole("axis"), k, case.flag("largest"))));
        }
        "max_with_index" => return Some(with_places(x["x"].max_with_index(case.whole("axis")))),
        _ => {}
    }
    // Without an axis, that of all elements in a row.
    let line = || if case.attribute("axis").is_null() { x["x"].reshape([-1]) } else { x["x"].clone() };
    let axis = || if case.attribute("axis").is_null() { 0 } else { case.whole("axis") };
    single(match case.op() {
        "gather" => x["x"].gather(case.whole("axis"), case.indices("index")),
        "take" => x["x"].take(case.indices("index")),
        "index_select" => x["x"].index_select(case.whole("axis"), case.indices("index")),
        "argmax" if case.flag("keepdim") => line().argmax_keep(axis()).into_array(),
        "argmax" => line().argmax(axis()).into_array(),
        "argmin" if case.flag("keepdim") => line().argmin_keep(axis()).into_array(),
        "argmin" => line().argmin(axis()).into_array(),
        "scatter_add" => x["x"].scatter_add(case.whole("axis"), case.indices("index"), &x["src"]),
        "embedding" => {
            let padding = case.attribute("padding_idx").as_u64().map(|padding| padding as usize);
            x["weight"].embedding(case.indices("index"), padding)
        }
        "one_hot" => Tape::new().constant(&case.indices("index").one_hot(case.whole("classes") as usize)),
        _ => return None,
    })
}
