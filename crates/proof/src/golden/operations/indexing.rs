//! Elements picked by number.

use super::{Results, single};
use crate::golden::json::{Reference, Vars};
use autograd::prelude::*;

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    single(match case.op() {
        "gather" => x["x"].gather(case.whole("axis"), case.indices("index")),
        "take" => x["x"].reshape([-1]).index_select(0, case.indices("index")),
        "index_select" => x["x"].index_select(case.whole("axis"), case.indices("index")),
        _ => return None,
    })
}
