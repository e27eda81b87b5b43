//! Elements picked by number.

use crate::table::operations;
use autograd::ops::index::{Gather, IndexAdd, ScatterAdd};
use autograd::prelude::*;

operations! {
    index_select Normal ["4x3"] |x| x[0].index_select(0, [3, 1, 3]);
    index_select_last Normal ["2x4"] |x| x[0].index_select(-1, Indices::new(vec![0, 3, 3, 1], [2, 2]));
    index_select_nothing Normal ["4x3"] |x| x[0].index_select(0, Indices::new(vec![], [0]));
    gather Normal ["3x4"] |x| x[0].gather(1, Indices::new(vec![0, 3, 2, 2, 1, 0], [3, 2]));
    index_add Normal ["3x2"] |x| A::apply(IndexAdd { axis: 0, indices: [1, 1, 3].into(), shape: Shape::from([4, 2]) }, &[&x[0]]);
    scatter_add Normal ["3x2"] |x| {
        let gather = Gather { axis: 1, indices: Indices::new(vec![0, 3, 2, 2, 1, 0], [3, 2]) };
        A::apply(ScatterAdd { gather, shape: Shape::from([3, 4]) }, &[&x[0]])
    };
}
