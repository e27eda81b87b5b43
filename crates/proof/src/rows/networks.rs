//! The fused operations of networks.

use crate::table::operations;
use autograd::prelude::*;
use autograd::{Draw, ops::dropout::Dropout};

operations! {
    softmax Normal ["2x3"] ["2x3x4"] ["0x3"] |x| x[0].softmax(-1);
    softmax_first Normal ["3x2"] ["3x2x4"] |x| x[0].softmax(0);
    log_softmax Normal ["2x3"] ["3x2x4"] |x| x[0].log_softmax(1);
    cross_entropy Normal ["3x4"] |x| x[0].cross_entropy([3, 0, 1]);
    cross_entropy_sum Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], Reduction::Sum);
    cross_entropy_none Normal ["3x4"] |x| x[0].cross_entropy_with([3, 0, 1], Reduction::None);
    cross_entropy_places Normal ["2x3x2"] |x| x[0].cross_entropy(Indices::new(vec![2, 0, 1, 1], [2, 2]));
    cross_entropy_one_row Normal ["4"] |x| x[0].cross_entropy(Indices::new(vec![2], []));
    dropout Normal ["3x4"] ["2x3x4"] ["0x3"] [""] |x| A::apply(Dropout { p: 0.3, draw: Draw { key: Key::new(5), place: 2 } }, &[&x[0]]);
}
