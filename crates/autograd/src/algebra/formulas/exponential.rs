//! Exponentials and logarithms.

use crate::elementwise;
use std::f64::consts::{LN_2, LOG2_E, LOG10_E};

elementwise! {
    /// `y = eˣ`. Derivative `y`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).exp().to_vec(), [1.0]);
    /// ```
    pub struct Exp;
    fn exp(self, x) { x.exp() }
    slope output(y) { [y] }
}

elementwise! {
    /// `y = eˣ − 1`, without cancellation near 0. Derivative `eˣ`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1e-10_f64]).exp_m1().to_vec(), [1.00000000005e-10]);
    /// ```
    pub struct ExpM1;
    fn exp_m1(self, x) { x.exp_m1() }
    slope inputs { [x.exp()] }
}

elementwise! {
    /// `y = ln x`. Derivative `1/x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32]).ln().to_vec(), [0.0]);
    /// ```
    pub struct Ln;
    fn ln(self, x) { x.ln() }
    slope inputs { [x.recip()] }
}

elementwise! {
    /// `y = ln(1 + x)`, without cancellation near 0. Derivative `1/(1 + x)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1e-10_f64]).ln_1p().item() - 9.9999999995e-11).abs() < 1e-25);
    /// ```
    pub struct Ln1p;
    fn ln_1p(self, x) { x.ln_1p() }
    slope inputs { [(x + 1.0).recip()] }
}

elementwise! {
    /// `y = 2ˣ`. Derivative `y ln 2`. Shape: that of `x`. Within 1.1 ulp in `f32`, 0.5 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f32, -1.0]).exp2().to_vec(), [8.0, 0.5]);
    /// ```
    pub struct Exp2;
    fn exp2(self, x) { x.exp2() }
    slope output(y) { [y * LN_2] }
}

elementwise! {
    /// The logarithm to base 2. Derivative `1/(x ln 2)`. Shape: that of `x`. Within 0.5 ulp; exact at powers of two.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([8.0_f32, 0.5]).log2().to_vec(), [3.0, -1.0]);
    /// ```
    pub struct Log2;
    fn log2(self, x) { x.log2() }
    slope inputs { [A::constant(LOG2_E) / x] }
}

elementwise! {
    /// The logarithm to base 10. Derivative `1/(x ln 10)`. Shape: that of `x`. Within 0.5 ulp in `f32`, 1.5 in `f64`; exact at powers
    /// of ten.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1000.0_f32, 0.1]).log10().to_vec(), [3.0, -1.0]);
    /// ```
    pub struct Log10;
    fn log10(self, x) { x.log10() }
    slope inputs { [A::constant(LOG10_E) / x] }
}

elementwise! {
    /// `y = ln(eᵃ + eᵇ)`, computed as `max(a, b) + ln(1 + e^−|a − b|)`: finite for all finite numbers. Derivatives
    /// `sigmoid(a − b)`, `sigmoid(b − a)`. Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let y = Tensor::from([10_000.0_f64, 0.0]).logaddexp(&Tensor::from([0.0, 0.0]));
    /// assert_eq!(y.to_vec(), [10_000.0, 2.0_f64.ln()]);
    /// ```
    pub struct Logaddexp;
    fn logaddexp(self, a, b) {
        // Equal infinities have no difference.
        let apart = a.maximum(b) + (-(a - b).abs()).exp().ln_1p();
        a.if_equal(b, a + LN_2, apart)
     }
    slope inputs { [(a - b).sigmoid(), (b - a).sigmoid()] }
}
