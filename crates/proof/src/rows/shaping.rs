//! Shapes, parts, joins.

use crate::table::operations;
use autograd::ops::diagonal::DiagonalMatrix;
use autograd::ops::pad::{Pad, Unpad};
use autograd::ops::shape::{Slice, Unslice};
use autograd::prelude::*;

operations! {
    reshape Normal ["2x6"] ["0x6"] |x| x[0].reshape([-1, 3]);
    permute Normal ["2x3x4"] |x| x[0].permute([2, 0, 1]);
    transpose Normal ["2x3"] ["2x3x4"] ["0x3"] |x| x[0].transpose();
    broadcast_to Normal ["3"] ["1x3"] ["2x1"] [""] |x| x[0].broadcast_to([4, 2, 3]);
    squeeze Normal ["1x3x1"] |x| x[0].squeeze(-1);
    squeeze_all Normal ["1x3x1"] |x| x[0].squeeze(..);
    unsqueeze Normal ["2x3"] [""] ["0x3"] |x| x[0].unsqueeze(0);
    slice Normal ["5x3"] |x| x[0].slice(0, 1..4);
    slice_from_the_end Normal ["5x3"] |x| x[0].slice(0, -3..).slice(1, ..-1);
    slice_empty Normal ["5x3"] |x| x[0].slice(0, 3..3);
    slice_step Normal ["7x2"] |x| x[0].slice_step(0, 1.., 3);
    slice_backwards Normal ["7x2"] |x| x[0].slice_step(0, .., -2);
    concat Normal ["2x3", "1x3"] ["0x3", "2x3"] |x| A::concat(&[&x[0], &x[1]], 0);
    concat_last Normal ["2x3", "2x1"] |x| A::concat(&[&x[0], &x[1], &x[0]], -1);
    stack Normal ["2x3", "2x3"] ["", ""] |x| A::stack(&[&x[0], &x[1]], 0);
    split Normal ["2x6"] ["0x6"] |x| {
        let pieces = x[0].split(&[1, 2, 0, 3], 1);
        A::concat(&[&pieces[3], &pieces[2], &pieces[1]], -1) * pieces[0].clone()
    };
    chunk Normal ["5x2"] |x| A::stack(&[&x[0].chunk(3, 0)[0], &x[0].chunk(3, 0)[1]], 0);
    // rims
    pad Normal ["2x3"] ["0x3"] ["2x0"] |x| x[0].pad(&[[0, 1], [2, 0]], Padding::Constant(0.0));
    pad_with_number Normal ["2x3"] |x| x[0].pad(&[[0, 1], [2, 0]], Padding::Constant(1.5)).square();
    pad_scalar Normal [""] |x| x[0].pad(&[], Padding::Reflect);
    pad_reflect Normal ["2x3x4"] |x| x[0].pad(&[[0, 1], [2, 1], [1, 3]], Padding::Reflect);
    pad_replicate Normal ["2x3x4"] ["2x1x1"] |x| x[0].pad(&[[1, 0], [2, 1], [1, 3]], Padding::Replicate);
    unpad Normal ["4x5"] |x| {
        let pad = Pad { pads: [[1, 1], [0, 2]][..].into(), padding: Padding::Reflect };
        A::apply(Unpad { pad, shape: Shape::from([2, 3]) }, &[&x[0]])
    };
    unpad_nothing Normal ["0x3"] |x| {
        let pad = Pad { pads: [[0, 0], [1, 0]][..].into(), padding: Padding::Replicate };
        A::apply(Unpad { pad, shape: Shape::from([0, 2]) }, &[&x[0]])
    };
    uncrop Normal ["4x5"] |x| {
        let pad = Pad { pads: [[1, 1], [0, 2]][..].into(), padding: Padding::Constant(3.0) };
        A::apply(Unpad { pad, shape: Shape::from([2, 3]) }, &[&x[0]])
    };
    // other orders
    flip Normal ["2x3x4"] ["0x3"] ["3x0x2"] |x| x[0].flip([0, 1]);
    flip_all Normal ["2x3"] [""] |x| x[0].flip(..);
    roll Normal ["2x5"] ["5x3x2"] ["2x0"] |x| x[0].roll(-8, 1);
    roll_first Normal ["5x2"] |x| x[0].roll(2, 0);
    // repeated
    repeat_interleave Normal ["2x3"] ["0x3"] ["3x2x2"] |x| x[0].repeat_interleave(3, 1);
    repeat_not_at_all Normal ["2x3"] |x| x[0].repeat_interleave(0, 0);
    tile Normal ["2x3"] ["0x3"] ["2"] [""] |x| x[0].tile(&[2, 3]);
    tile_last Normal ["2x3x2"] |x| x[0].tile(&[3]);
    tile_not_at_all Normal ["2x3"] |x| x[0].tile(&[0, 2]);
    // matrices
    diagonal Normal ["3x4"] ["2x4x3"] ["0x3"] |x| x[0].diagonal(0);
    diagonal_above Normal ["3x4"] ["2x4x3"] |x| x[0].diagonal(1);
    diagonal_below Normal ["3x4"] ["2x4x3"] |x| x[0].diagonal(-2);
    diagonal_beyond Normal ["3x4"] |x| x[0].diagonal(-3);
    diagonal_matrix Normal ["3"] ["2x3"] ["2x0"] |x| x[0].diagonal_matrix(0);
    diagonal_matrix_below Normal ["3"] ["2x3"] ["0"] |x| x[0].diagonal_matrix(-2);
    diagonal_matrix_wide Normal ["2x2"] |x| A::apply(DiagonalMatrix { offset: 1, rows: 2, columns: 4 }, &[&x[0]]);
    trace Normal ["3x3"] ["2x2x4"] ["0x2"] |x| x[0].trace();
    tril Normal ["3x3"] ["2x3x4"] ["0x3"] ["3x0"] |x| x[0].tril(0);
    tril_below Normal ["4x2"] ["2x3x4"] |x| x[0].tril(-1);
    triu Normal ["3x3"] ["2x3x4"] ["0x3"] |x| x[0].triu(0);
    triu_above Normal ["4x2"] ["2x3x4"] |x| x[0].triu(1);
    unslice_backwards Normal ["3x2"] ["3x0"] |x| A::apply(Unslice { slice: Slice::new(0, .., -2), shape: x[0].shape().with_extent(0, 5) }, &[&x[0]]);
    unslice Normal ["2x3"] |x| A::apply(Unslice { slice: Slice::new(0, 1..4, 2), shape: Shape::from([5, 3]) }, &[&x[0]]);
}
