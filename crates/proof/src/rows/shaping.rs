//! Shapes, parts, joins.

use crate::table::operations;
use autograd::ops::shape::{Slice, Unslice};
use autograd::prelude::*;

operations! {
    reshape Normal ["2x6"] ["0x6"] |x| x[0].reshape([-1, 3]);
    permute Normal ["2x3x4"] |x| x[0].permute([2, 0, 1]);
    transpose Normal ["2x3"] ["2x3x4"] ["0x3"] |x| x[0].transpose();
    broadcast_to Normal ["3"] ["1x3"] ["2x1"] [""] |x| x[0].broadcast_to([4, 2, 3]);
    squeeze Normal ["1x3x1"] |x| x[0].squeeze(-1);
    squeeze_all Normal ["1x3x1"] |x| x[0].squeeze(..);
    unsqueeze Normal ["2x3"] [""] |x| x[0].unsqueeze(0);
    slice Normal ["5x3"] |x| x[0].slice(0, 1..4);
    slice_from_the_end Normal ["5x3"] |x| x[0].slice(0, -3..).slice(1, ..-1);
    slice_empty Normal ["5x3"] |x| x[0].slice(0, 3..3);
    slice_step Normal ["7x2"] |x| x[0].slice_step(0, 1.., 3);
    slice_backwards Normal ["7x2"] |x| x[0].slice_step(0, .., -2);
    concat Normal ["2x3", "1x3"] ["0x3", "2x3"] |x| A::concat(&[&x[0], &x[1]], 0);
    concat_last Normal ["2x3", "2x1"] |x| A::concat(&[&x[0], &x[1], &x[0]], -1);
    stack Normal ["2x3", "2x3"] ["", ""] |x| A::stack(&[&x[0], &x[1]], 0);
    unslice Normal ["2x3"] |x| A::apply(Unslice { slice: Slice::new(0, 1..4, 2), shape: Shape::from([5, 3]) }, &[&x[0]]);
}
