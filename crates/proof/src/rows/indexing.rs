//! Elements picked by number.

use crate::table::operations;
use autograd::ops::index::{Gather, IndexAdd, ScatterAdd};
use autograd::prelude::*;

operations! {
    index_select Normal ["4x3"] |x| x[0].index_select(0, [3, 1, 3]);
    index_select_last Normal ["2x4"] |x| x[0].index_select(-1, Indices::new(vec![0, 3, 3, 1], [2, 2]));
    index_select_nothing Normal ["4x3"] |x| x[0].index_select(0, Indices::new(vec![], [0]));
    take Normal ["2x3"] ["3x2x2"] |x| x[0].take(Indices::new(vec![0, 5, 5, 1], [2, 2]));
    take_nothing Normal ["0x3"] ["2"] |x| x[0].take(Indices::new(vec![], [0, 2]));
    embedding Normal ["4x3"] |x| x[0].embedding(Indices::new(vec![3, 1, 3, 0], [2, 2]), None);
    embedding_with_padding Normal ["4x3"] ["4"] ["4x2x0"] |x| x[0].embedding([3, 1, 3, 0], Some(2));
    masked_fill Normal ["2x3", "3"] ["2x3", "2x1"] ["0x3", "3"] |x| x[0].masked_fill(&x[1].greater(&x[1].square()), 0.5);
    gather Normal ["3x4"] |x| x[0].gather(1, Indices::new(vec![0, 3, 2, 2, 1, 0], [3, 2]));
    index_add_nothing Normal ["3x0"] |x| A::apply(IndexAdd { axis: 0, indices: [1, 1, 3].into(), shape: Shape::from([4, 0]) }, &[&x[0]]);
    index_add Normal ["3x2"] |x| A::apply(IndexAdd { axis: 0, indices: [1, 1, 3].into(), shape: Shape::from([4, 2]) }, &[&x[0]]);
    gather_nothing Normal ["0x4"] ["3x4"] |x| x[0].gather(1, Indices::new(vec![], [0, 2]));
    scatter_add Normal ["4x3", "2x3"] |x| x[0].scatter_add(0, Indices::new(vec![3, 0, 3, 3, 1, 3], [2, 3]), &x[1]);
    scatter_add_nothing Normal ["4x3", "0x3"] |x| x[0].scatter_add(0, Indices::new(vec![], [0, 3]), &x[1]);
    scatter_add_zeros Normal ["3x2"] |x| {
        let gather = Gather { axis: 1, indices: Indices::new(vec![0, 3, 2, 2, 1, 0], [3, 2]) };
        A::apply(ScatterAdd { gather, shape: Shape::from([3, 4]) }, &[&x[0]])
    };
    // where elements stand, and what stands there
    argmax Normal ["3x4"] ["0x3"] |x| x[0].argmax(1).into_array();
    argmax_keep Normal ["2x4x3"] ["5x3x0"] |x| x[0].argmax_keep(1).into_array();
    argmin Normal ["3x4"] ["2x0x3"] |x| x[0].argmin(-1).into_array();
    argmin_keep Normal ["4"] |x| x[0].argmin_keep(0).into_array();
    argsort Normal ["3x4"] ["0x3"] ["3x0"] |x| x[0].argsort(1, true).into_array();
    take_along Normal ["3x4", "3x4"] ["2x3x2", "2x3x2"] ["0x3", "0x3"] |x| x[0].take_along(1, &x[1].argsort(1, false));
    take_along_twice Normal ["3x4", "3x4"] |x| x[0].take_along(1, &x[1].argmax_keep(1)).square() * x[0].take_along(1, &x[0].argmin_keep(1));
    put_along Normal ["3x4", "3x4"] ["2x3x2", "2x3x2"] ["0x3", "0x3"] |x| x[0].put_along(1, &x[1].argsort(1, true));
    put_along_few Normal ["3x1", "3x4"] |x| x[0].put_along(1, &x[1].argmax_keep(1));
    sort Normal ["3x4"] ["4x3x2"] ["0x3"] ["3x0"] |x| x[0].sort(1, false).0;
    sort_descending Normal ["5"] ["0"] |x| x[0].sort(0, true).0;
    top_k Normal ["3x4"] ["2x3x2"] |x| x[0].top_k(1, 2, true).0;
    top_k_smallest Normal ["5"] |x| x[0].top_k(0, 3, false).0;
    top_none Normal ["3x4"] |x| x[0].top_k(0, 0, false).0;
    max_with_index Normal ["3x4"] ["2x3x2"] ["0x3"] |x| x[0].max_with_index(1).0;
    min_with_index Normal ["5"] |x| x[0].min_with_index(0).0;
}
