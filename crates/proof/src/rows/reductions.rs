//! Reductions.

use crate::table::operations;
use autograd::ops::scan::{CumProd, CumSum, Recurrence, Way};
use autograd::ops::variance::Center;
use autograd::prelude::*;

operations! {
    sum Normal ["2x3"] [""] ["0"] ["3x50x4"] |x| x[0].sum();
    sum_axes Normal ["2x3x4"] ["2x0x3"] |x| x[0].sum_axes([0, -1]);
    sum_middle Normal ["2x3x4"] ["2x0x3"] |x| x[0].sum_axes(1);
    sum_keep Normal ["2x3x4"] |x| x[0].sum_keep([-1]);
    sum_to Normal ["4x2x3"] |x| x[0].sum_to([2, 1]);
    mean Normal ["2x3"] [""] |x| x[0].mean();
    mean_axes Normal ["2x3x4"] ["0x2x3"] |x| x[0].mean_axes([1, 2]);
    mean_keep Normal ["2x3x4"] |x| x[0].mean_keep(0);
    max Normal ["2x3"] [""] |x| x[0].max();
    max_axes Normal ["2x3x4"] ["0x2x1"] |x| x[0].max_axes([1, 2]);
    max_keep Normal ["2x3x4"] |x| x[0].max_keep(0);
    min Normal ["2x3"] [""] |x| x[0].min();
    min_axes Normal ["2x3x4"] |x| x[0].min_axes([0, 2]);
    min_keep Normal ["2x3x4"] |x| x[0].min_keep(1);
    logsumexp Normal ["2x3"] [""] ["0x3"] |x| x[0].logsumexp(..);
    logsumexp_axes Normal ["2x3x4"] |x| x[0].logsumexp([0, 2]);
    logsumexp_axis Normal ["2x3x4"] ["0x3x2"] |x| x[0].logsumexp(1);
    logsumexp_keep Normal ["2x3x4"] ["5x9"] |x| x[0].logsumexp_keep([0, -1]);
    // products, exact with zeros
    prod Normal ["2x3"] [""] ["0"] ["40"] |x| x[0].prod();
    prod_axes Normal ["2x3x4"] ["2x0x3"] |x| x[0].prod_axes([0, -1]);
    prod_keep Normal ["2x3x4"] ["2x0x3"] |x| x[0].prod_keep(1);
    prod_with_zeros Normal ["2x5"] |x| (x[0].clone() * zero_at(&x[0], 1)).prod_axes(1);
    prod_with_two_zeros Normal ["2x5"] |x| (x[0].clone() * zero_at(&x[0], 1) * zero_at(&x[0], 3)).prod_axes(1);
    // spreads
    var Normal ["2x3"] ["40"] |x| x[0].var(1);
    var_of_one Normal [""] ["1"] |x| x[0].var(0);
    var_axes Normal ["2x3x4"] ["2x0x3"] |x| x[0].var_axes([0, -1], 0);
    var_keep Normal ["2x3x4"] ["0x3x2"] |x| x[0].var_keep(1, 1);
    std Normal ["2x3"] ["40"] |x| x[0].std(1);
    std_axes Normal ["2x3x4"] |x| x[0].std_axes([1, -1], 0);
    std_keep Normal ["2x3x4"] ["0x3x2"] |x| x[0].std_keep(1, 1);
    center Normal ["2x3x4"] ["0x3x2"] ["3x0"] |x| A::apply(Center { axes: [0, -1].into() }, &[&x[0]]);
    // norms
    norm Normal ["2x3"] [""] ["40"] |x| x[0].norm(2.0, ..);
    norm_axes Normal ["2x3x4"] ["0x3x2"] |x| x[0].norm(2.0, [1, -1]);
    norm_keep Normal ["2x3x4"] ["0x3x2"] |x| x[0].norm_keep(2.0, 1);
    norm_one Normal ["2x3x4"] ["0x3x2"] |x| x[0].norm(1.0, 1);
    norm_infinite Normal ["2x3x4"] ["0x3x2"] |x| x[0].norm_keep(f64::INFINITY, 1);
    norm_three Normal ["2x3x4"] ["0x3x2"] |x| x[0].norm(3.0, [0, 1]);
    norm_fraction Positive ["2x3x4"] |x| x[0].norm(1.5, 1);
    // running
    cumsum Normal ["2x3x4"] ["0x3x2"] ["40"] |x| x[0].cumsum(-1);
    cumsum_first Normal ["4x2x3"] ["2x0"] |x| x[0].cumsum(0);
    cumsum_backwards Normal ["4x3"] |x| A::apply(CumSum { axis: 0, way: Way::Backwards }, &[&x[0]]);
    cumprod Normal ["2x3x4"] ["0x3x2"] ["12"] |x| x[0].cumprod(-1);
    cumprod_middle Normal ["2x4x3"] |x| x[0].cumprod(1);
    cumprod_with_zeros Normal ["2x5"] |x| (x[0].clone() * zero_at(&x[0], 1) * zero_at(&x[0], 3)).cumprod(1);
    cumprod_backwards Normal ["4x3"] |x| A::apply(CumProd { axis: 0, way: Way::Backwards, exclusive: false }, &[&x[0]]);
    cumprod_exclusive Normal ["4x3"] ["0x3"] |x| A::apply(CumProd { axis: 0, way: Way::Forwards, exclusive: true }, &[&x[0]]);
    recurrence Normal ["4x3", "4x3"] ["0x3", "0x3"] |x| A::apply(Recurrence { axis: 0, way: Way::Forwards }, &[&x[0], &x[1]]);
    recurrence_backwards Normal ["2x4", "2x4"] |x| A::apply(Recurrence { axis: 1, way: Way::Backwards }, &[&x[0], &x[1]]);
}

/// Ones along the last axis of `x`, but for a zero at `place`.
fn zero_at<T: Real, A: Array<T>>(x: &A, place: usize) -> A {
    let last = x.shape()[x.shape().rank() - 1];
    x.constant(&Tensor::from_fn([last], |i| if i == place { T::ZERO } else { T::ONE }))
}
