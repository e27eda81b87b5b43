//! Hyperbolic functions.

use crate::elementwise;

elementwise! {
    /// The hyperbolic tangent, `y = tanh x`. Derivative `1 − y²`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).tanh().to_vec(), [0.0]);
    /// ```
    pub struct Tanh;
    fn tanh(self, x) { x.tanh() }
    slope output(y) { [-(y * y) + 1.0] }
}

elementwise! {
    /// The hyperbolic sine, `y = (eˣ − e⁻ˣ)/2`. Derivative `cosh x`. Shape: that of `x`. Within 0.5 ulp in `f32`, 2 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1e-10_f64]).sinh().to_vec(), [1e-10]);
    /// ```
    pub struct Sinh;
    fn sinh(self, x) { x.sinh() }
    slope inputs { [x.cosh()] }
}

elementwise! {
    /// The hyperbolic cosine, `y = (eˣ + e⁻ˣ)/2`. Derivative `sinh x`. Shape: that of `x`. Within 0.5 ulp in `f32`, 1 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).cosh().to_vec(), [1.0]);
    /// ```
    pub struct Cosh;
    fn cosh(self, x) { x.cosh() }
    slope inputs { [x.sinh()] }
}

elementwise! {
    /// The number whose hyperbolic sine is `x`. Derivative `1/√(1 + x²)`. Shape: that of `x`. Within 0.5 ulp in `f32`, 1.5 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).asinh().to_vec(), [0.0]);
    /// ```
    pub struct Asinh;
    fn asinh(self, x) { x.asinh() }
    slope inputs { [A::constant(1.0).hypot(x).recip()] }
}

elementwise! {
    /// The number from 0 on whose hyperbolic cosine is `x`; NaN below 1. Derivative `1/√(x² − 1)`, infinite at 1.
    /// Shape: that of `x`. Within 0.5 ulp in `f32`, 1.5 in `f64`, also next to 1.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32]).acosh().to_vec(), [0.0]);
    /// ```
    pub struct Acosh;
    fn acosh(self, x) { x.acosh() }
    slope inputs { [((x - 1.0).sqrt() * (x + 1.0).sqrt()).recip()] }
}

elementwise! {
    /// The number whose hyperbolic tangent is `x`; ±∞ at ±1, NaN beyond. Derivative `1/(1 − x²)`. Shape: that of `x`.
    /// Within 0.5 ulp in `f32`, 1.5 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 1.0]).atanh().to_vec(), [0.0, f32::INFINITY]);
    /// ```
    pub struct Atanh;
    fn atanh(self, x) { x.atanh() }
    slope inputs { [((-x + 1.0) * (x + 1.0)).recip()] }
}
