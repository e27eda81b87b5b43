//! Products.

use crate::table::operations;
use autograd::prelude::*;

operations! {
    matmul Normal ["2x3", "3x4"] ["3", "3"] ["2x3", "3"] ["3", "3x4"] ["5x2x3", "3x4"] ["5x2x3", "5x3x4"] ["2x1x2x3", "4x3x2"] ["0x3", "3x2"] ["2x0", "0x3"] ["3", "2x3x2"] |x| x[0].matmul(&x[1]);
    linear Normal ["2x3", "4x3", "4"] ["3", "4x3", "4"] ["2x5x3", "4x3", "4"] ["0x3", "4x3", "4"] |x| x[0].linear(&x[1], Some(&x[2]));
    linear_without_bias Normal ["2x3", "4x3"] |x| x[0].linear(&x[1], None);
}
