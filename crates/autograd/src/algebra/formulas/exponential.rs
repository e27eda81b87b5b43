//! Exponentials and logarithms.

use crate::elementwise;

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
