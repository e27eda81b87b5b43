//! `+ − · /`, with constants on either side, and the step of the chain rule.

use crate::elementwise;

elementwise! {
    /// `y = −x`. Derivative −1. Shape: that of `x`. Written `-x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((-Tensor::from([1.0_f32, -2.0])).to_vec(), [-1.0, 2.0]);
    /// ```
    pub struct Neg;
    fn neg(self, x) { -x }
    slope constant { [-1.0] }
}

elementwise! {
    /// `y = a + b`. Derivatives 1, 1. Shape: `a` and `b` broadcast. Written `a + b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let y = Tensor::from([[1.0_f32], [2.0]]) + Tensor::from([10.0, 20.0]);
    /// assert_eq!(y, Tensor::from([[11.0, 21.0], [12.0, 22.0]]));
    /// ```
    pub struct Add;
    fn add(self, a, b) { a + b }
    slope constant { [1.0, 1.0] }
}

elementwise! {
    /// `y = a − b`. Derivatives 1, −1. Shape: `a` and `b` broadcast. Written `a - b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([3.0_f32]) - Tensor::from([1.0, 5.0])).to_vec(), [2.0, -2.0]);
    /// ```
    pub struct Sub;
    fn sub(self, a, b) { a - b }
    slope constant { [1.0, -1.0] }
}

elementwise! {
    /// `y = a · b`. Derivatives `b`, `a`. Shape: `a` and `b` broadcast. Written `a * b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([2.0_f32, 3.0]) * Tensor::from([4.0, 5.0])).to_vec(), [8.0, 15.0]);
    /// ```
    pub struct Mul;
    fn mul(self, a, b) { a * b }
    slope inputs { [b, a] }
}

elementwise! {
    /// `y = a / b`. Derivatives `1/b`, `−a/b²`. Shape: `a` and `b` broadcast. Written `a / b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 6.0]) / Tensor::from([2.0, 3.0])).to_vec(), [0.5, 2.0]);
    /// ```
    pub struct Div;
    fn div(self, a, b) { a / b }
    slope inputs { [b.recip(), -(a / b) / b] }
}

elementwise! {
    /// `y = x + c` with a constant `c`. Derivative 1. Shape: that of `x`. Written `x + c`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 2.0]) + 0.5).to_vec(), [1.5, 2.5]);
    /// ```
    pub struct AddConstant {
        /// `c`.
        constant: f64,
    }
    fn add_constant(self, x) { x + self.constant }
    slope constant { [1.0] }
}

elementwise! {
    /// `y = c · x` with a constant `c`. Derivative `c`. Shape: that of `x`. Written `x * c`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 2.0]) * 0.5).to_vec(), [0.5, 1.0]);
    /// ```
    pub struct MulConstant {
        /// `c`.
        constant: f64,
    }
    fn mul_constant(self, x) { x * self.constant }
    slope constant { [self.constant] }
}

elementwise! {
    /// `y = x / c` with a constant `c`. Derivative `1/c`. Shape: that of `x`. Written `x / c`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 3.0]) / 2.0).to_vec(), [0.5, 1.5]);
    /// ```
    pub struct DivConstant {
        /// `c`.
        constant: f64,
    }
    fn div_constant(self, x) { x / self.constant }
    slope constant { [1.0 / self.constant] }
}

elementwise! {
    /// `y = c − x` with a constant `c`. Derivative −1. Shape: that of `x`. Written `x.rsub(c)`, or `c - x`
    /// where `x` has a concrete type.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 3.0]).rsub(1.0).to_vec(), [0.0, -2.0]);
    /// ```
    pub struct SubtractFrom {
        /// `c`.
        constant: f64,
    }
    fn rsub(self, x) { -x + self.constant }
    slope constant { [-1.0] }
}

elementwise! {
    /// `y = c / x` with a constant `c`. Derivative `−c/x²`. Shape: that of `x`. Written `x.rdiv(c)`, or `c / x`
    /// where `x` has a concrete type.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 4.0]).rdiv(2.0).to_vec(), [2.0, 0.5]);
    /// ```
    pub struct DivideInto {
        /// `c`.
        constant: f64,
    }
    fn rdiv(self, x) { A::constant(self.constant) / x }
    slope inputs { [-(A::constant(self.constant) / x) / x] }
}

elementwise! {
    /// `y = 1/x`. Derivative `−1/x²`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, 4.0]).recip().to_vec(), [0.5, 0.25]);
    /// ```
    pub struct Recip;
    fn recip(self, x) { A::constant(1.0) / x }
    slope output(y) { [-(y * y)] }
}

elementwise! {
    /// `y = slope · g`, except that a cotangent of exactly 0 stays 0 where the slope is not finite.
    /// Derivatives `slope`, `g`. Shape: both broadcast. The step of the chain rule, as an operation of its own so that
    /// it can be differentiated again.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::algebra::formulas::TimesSlope;
    /// let (g, slope) = (Tensor::from([0.0_f32, 2.0]), Tensor::from([f32::INFINITY, 3.0]));
    /// assert_eq!(g.zip(&slope, TimesSlope).to_vec(), [0.0, 6.0]);
    /// ```
    pub struct TimesSlope;
    fn times_slope(self, g, slope) { g.times_slope(slope) }
    slope inputs { [slope, g] }
}
