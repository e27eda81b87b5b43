//! Functions of pieces: magnitude, sign, bounds, steps, rounding, comparisons, the larger and the smaller of two.

use crate::algebra::Algebra;
use crate::elementwise;

elementwise! {
    /// `y = |x|`. Derivative `sign x`, 0 at 0 (the sub-gradient of least norm). Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-3.0_f32, 2.0]).abs().to_vec(), [3.0, 2.0]);
    /// ```
    pub struct Abs;
    fn abs(self, x) { x.abs() }
    slope inputs { [x.sign()] }
}

elementwise! {
    /// `y = 1` where `x > 0`, −1 where `x < 0`, and `x` itself, that is 0 or NaN, elsewhere. Derivative 0 everywhere.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-3.0_f32, 0.0, 2.0]).sign().to_vec(), [-1.0, 0.0, 1.0]);
    /// ```
    pub struct Sign;
    fn sign(self, x) {
        let zero = A::constant(0.0);
        zero.if_greater(x, A::constant(-1.0), x.if_greater(zero, A::constant(1.0), x))
    }
    slope constant { [0.0] }
}

elementwise! {
    /// The largest whole number that is not above `x`. Derivative 0 everywhere. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-1.5_f32, 2.7]).floor().to_vec(), [-2.0, 2.0]);
    /// ```
    pub struct Floor;
    fn floor(self, x) { x.floor() }
    slope constant { [0.0] }
}

elementwise! {
    /// The smallest whole number that is not below `x`. Derivative 0 everywhere. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-1.5_f32, 2.2]).ceil().to_vec(), [-1.0, 3.0]);
    /// ```
    pub struct Ceil;
    fn ceil(self, x) { x.ceil() }
    slope constant { [0.0] }
}

elementwise! {
    /// The whole number next to `x`, of two the even one, as PyTorch and NumPy round and the standard library's
    /// `round_ties_even`. Derivative 0 everywhere. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.5_f32, 1.5, -2.6]).round().to_vec(), [0.0, 2.0, -3.0]);
    /// ```
    pub struct Round;
    fn round(self, x) { x.round() }
    slope constant { [0.0] }
}

elementwise! {
    /// `y = a − b ⌊a/b⌋`, with the sign of `b`, evaluated exactly and rounded once. Derivatives 1 and `−⌊a/b⌋`.
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let y = Tensor::from([7.5_f32, -7.5]).remainder(&Tensor::from([2.0]));
    /// assert_eq!(y.to_vec(), [1.5, 0.5]);
    /// ```
    pub struct Remainder;
    fn remainder(self, a, b) { a.remainder(b) }
    // The quotient of what was taken away is whole, also where that of a and b is rounded across a step.
    slope inputs, output(y) { [A::constant(1.0), ((y - a) / b).round()] }
}

elementwise! {
    /// `|a|` with the sign of `b`, that of −0 being negative. Derivatives `sign(a) · sign(b)` (0 where `a = 0`) and 0.
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.5_f32]).copysign(&Tensor::from([-2.0, 0.5])).to_vec(), [-1.5, 1.5]);
    /// ```
    pub struct Copysign;
    fn copysign(self, a, b) { a.copysign(b) }
    slope inputs { [a.sign() * A::constant(1.0).copysign(b), A::constant(0.0)] }
}

elementwise! {
    /// `y = min(max(x, low), high)`; an infinite bound is no bound. Derivative 1 strictly between the bounds, else 0
    /// (0 at a bound, so that a clamp from below at 0 is [`Relu`](super::Relu)). Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 0.5, 3.0]).clamp(-1.0, 1.0).to_vec(), [-1.0, 0.5, 1.0]);
    /// ```
    pub struct Clamp {
        /// The lower bound, −∞ for none.
        low: f64,
        /// The upper bound, +∞ for none.
        high: f64,
    }
    fn clamp(self, x) {
        let (low, high) = (A::constant(self.low), A::constant(self.high));
        let x = low.if_greater(x, low, x);
        x.if_greater(high, high, x)
    }
    slope inputs {
        let (zero, one) = (A::constant(0.0), A::constant(1.0));
        let below_high = A::constant(self.high).if_greater(x, one, zero);
        [x.if_greater(A::constant(self.low), below_high, zero)]
    }
}

elementwise! {
    /// `y = 1` where `x > 0`, else 0. Derivative 0 everywhere. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-1.0_f32, 0.0, 2.0]).step().to_vec(), [0.0, 0.0, 1.0]);
    /// ```
    pub struct Step;
    fn step(self, x) { x.if_greater(A::constant(0.0), A::constant(1.0), A::constant(0.0)) }
    slope constant { [0.0] }
}

elementwise! {
    /// 1 where `a > b`, else 0: what a comparison of two arrays computes. Derivatives 0. Shape: both broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let mask = Tensor::from([1.0_f32, 3.0]).greater(&Tensor::from([2.0]));
    /// assert_eq!(mask.to_bools(), [false, true]);
    /// ```
    pub struct Greater;
    fn greater(self, a, b) { a.if_greater(b, A::constant(1.0), A::constant(0.0)) }
    slope constant { [0.0, 0.0] }
}

elementwise! {
    /// 1 where `a = b`, else 0. Derivatives 0. Shape: both broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let mask = Tensor::from([1.0_f32, 2.0]).equal(&Tensor::from([2.0]));
    /// assert_eq!(mask.to_bools(), [false, true]);
    /// ```
    pub struct Equal;
    fn equal(self, a, b) { a.if_equal(b, A::constant(1.0), A::constant(0.0)) }
    slope constant { [0.0, 0.0] }
}

elementwise! {
    /// The larger of two; NaN if either is. Derivatives 1, 0 or 0, 1; ½, ½ where they are equal.
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 5.0]).maximum(&Tensor::from([3.0])).to_vec(), [3.0, 5.0]);
    /// ```
    pub struct Maximum;
    fn maximum(self, a, b) { a.if_greater(b, a, b.if_greater(a, b, a.if_equal(b, a, a + b))) }
    slope inputs { share(a, b) }
}

elementwise! {
    /// The smaller of two; NaN if either is. Derivatives 1, 0 or 0, 1; ½, ½ where they are equal.
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 5.0]).minimum(&Tensor::from([3.0])).to_vec(), [1.0, 3.0]);
    /// ```
    pub struct Minimum;
    fn minimum(self, a, b) { b.if_greater(a, a, a.if_greater(b, b, a.if_equal(b, a, a + b))) }
    slope inputs { share(b, a) }
}

/// What the first and the second of two contestants get when the larger wins and a tie is shared.
#[inline(always)]
fn share<A: Algebra>(first: A, second: A) -> [A; 2] {
    let win = |a: A, b: A| {
        let tie = a.if_equal(b, A::constant(0.5), A::constant(0.0));
        a.if_greater(b, A::constant(1.0), tie)
    };
    [win(first, second), win(second, first)]
}
