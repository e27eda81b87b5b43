//! What decomposes matrices.

use crate::table::operations;
use autograd::ops::linalg::{Cofactors, CofactorsAlong};
use autograd::prelude::*;

operations! {
    solve Normal ["3x3", "3"] ["3x3", "3x3"] ["3x3", "3x2"] ["2x3x3", "3"] ["3x3", "4x3x2"] ["2x1x2x2", "3x2x1"] ["1x1", "1"] ["0x0", "0"] ["3x3", "3x0"] ["0x2x2", "2x3"] ["20x20", "20x3"] |x| regular(&x[0]).solve(&x[1]);
    solve_lower Normal ["3x3", "3"] ["3x3", "3x3"] ["3x3", "4x3x2"] ["2x3x3", "3x2"] ["0x0", "0"] ["20x20", "20x3"] |x| regular(&x[0]).solve_triangular(&x[1], Triangle::Lower);
    solve_upper Normal ["3x3", "3"] ["3x3", "3x3"] ["3x3", "4x3x2"] ["2x3x3", "3x2"] ["0x2x2", "2x3"] |x| regular(&x[0]).solve_triangular(&x[1], Triangle::Upper);
    inv Normal ["2x2"] ["3x3"] ["2x3x3"] ["1x1"] ["0x0"] ["0x2x2"] ["20x20"] |x| regular(&x[0]).inv();
    // Also of matrices whose rows are equal, where the layout stretches one.
    det Normal ["2x2"] ["2x3x3"] ["1x1"] ["0x0"] ["0x3x3"] ["2x0x0"] |x| x[0].det();
    det_larger Normal ["3x3"] ["6x6"] |x| regular(&x[0]).det();
    cofactors Normal ["3x3"] ["2x3x3"] ["0x0"] |x| A::apply(Cofactors, &[&regular(&x[0])]);
    cofactors_along Normal ["3x3", "3x3"] ["2x3x3", "2x3x3"] |x| A::apply(CofactorsAlong, &[&regular(&x[0]), &x[1]]);
    slogdet Normal ["2x2"] ["3x3"] ["2x3x3"] ["0x0"] ["0x2x2"] ["20x20"] |x| regular(&x[0]).slogdet().1;
    slogdet_both Normal ["3x3"] |x| { let (sign, logarithm) = (-regular(&x[0])).slogdet(); sign + logarithm };
    cholesky Normal ["2x2"] ["3x3"] ["2x3x3"] ["1x1"] ["0x0"] ["0x2x2"] |x| (x[0].matmul(&x[0].transpose()) + regular(&x[0])).cholesky();
    cholesky_larger Normal ["20x4"] |x| regular(&x[0].matmul(&x[0].transpose())).cholesky();
}

/// Far enough from a singular matrix for differences, whatever the layout.
fn regular<T: Real, A: Array<T>>(x: &A) -> A {
    let n = x.shape()[x.shape().rank() - 1];
    x.clone() + x.constant(&(Tensor::eye(n) * T::from_f64(4.0 + n as f64 / 2.0)))
}
