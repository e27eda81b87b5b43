//! Reductions.

use crate::table::operations;
use autograd::prelude::*;

operations! {
    sum Normal ["2x3"] [""] ["0"] ["3x50x4"] |x| x[0].sum();
    sum_axes Normal ["2x3x4"] ["2x0x3"] |x| x[0].sum_axes([0, -1]);
    sum_middle Normal ["2x3x4"] ["2x0x3"] |x| x[0].sum_axes(1);
    sum_keep Normal ["2x3x4"] |x| x[0].sum_keep([-1]);
    sum_to Normal ["4x2x3"] |x| x[0].sum_to([2, 1]);
    mean Normal ["2x3"] [""] |x| x[0].mean();
    mean_axes Normal ["2x3x4"] |x| x[0].mean_axes([1, 2]);
    mean_keep Normal ["2x3x4"] |x| x[0].mean_keep(0);
    max Normal ["2x3"] [""] |x| x[0].max();
    max_axes Normal ["2x3x4"] ["0x2x1"] |x| x[0].max_axes([1, 2]);
    max_keep Normal ["2x3x4"] |x| x[0].max_keep(0);
    min Normal ["2x3"] [""] |x| x[0].min();
    min_axes Normal ["2x3x4"] |x| x[0].min_axes([0, 2]);
    min_keep Normal ["2x3x4"] |x| x[0].min_keep(1);
    logsumexp Normal ["2x3"] [""] |x| x[0].logsumexp(..);
    logsumexp_axes Normal ["2x3x4"] |x| x[0].logsumexp([0, 2]);
    logsumexp_axis Normal ["2x3x4"] ["0x3x2"] |x| x[0].logsumexp(1);
}
