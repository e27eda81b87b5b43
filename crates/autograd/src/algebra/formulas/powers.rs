//! Powers and roots.

use crate::elementwise;

elementwise! {
    /// `y = x²`. Derivative `2x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f32, -2.0]).square().to_vec(), [9.0, 4.0]);
    /// ```
    pub struct Square;
    fn square(self, x) { x * x }
    slope inputs { [x * 2.0] }
}

elementwise! {
    /// `y = √x`. Derivative `1/(2√x)`; at 0 it is infinite, and contributes nothing to a cotangent of exactly 0.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([9.0_f32, 0.25]).sqrt().to_vec(), [3.0, 0.5]);
    /// ```
    pub struct Sqrt;
    fn sqrt(self, x) { x.sqrt() }
    slope output(y) { [(y * 2.0).recip()] }
}

elementwise! {
    /// `y = xⁿ` for a whole number `n`. Derivative `n xⁿ⁻¹`, 0 for `n = 0`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, -3.0]).powi(3).to_vec(), [8.0, -27.0]);
    /// ```
    pub struct Powi {
        /// `n`.
        exponent: i32,
    }
    fn powi(self, x) { x.powi(self.exponent) }
    slope inputs {
        [if self.exponent == 0 {
            A::constant(0.0)
        } else {
            x.powi(self.exponent - 1) * f64::from(self.exponent)
        }]
    }
}

elementwise! {
    /// `y = xᶜ` for a constant `c`. Derivative `c xᶜ⁻¹`, 0 for `c = 0`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([4.0_f32, 9.0]).powf(0.5).to_vec(), [2.0, 3.0]);
    /// ```
    pub struct Powf {
        /// `c`.
        exponent: f64,
    }
    fn powf(self, x) { x.powf(self.exponent) }
    slope inputs {
        [if self.exponent == 0.0 { A::constant(0.0) } else { x.powf(self.exponent - 1.0) * self.exponent }]
    }
}

elementwise! {
    /// `y = aᵇ`. Derivatives `b aᵇ⁻¹` (0 where `b = 0`) and `aᵇ ln a` (at `a = 0`: 0 for `b ≥ 0`, −∞ for `b < 0`).
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, 3.0]).pow(&Tensor::from([3.0, 2.0])).to_vec(), [8.0, 9.0]);
    /// ```
    pub struct Pow;
    fn pow(self, a, b) { a.pow(b) }
    slope inputs, output(y) {
        let zero = A::constant(0.0);
        let base = b.if_equal(zero, zero, b * a.pow(b - 1.0));
        let at_zero = zero.if_greater(b, A::constant(f64::NEG_INFINITY), zero);
        [base, a.if_equal(zero, at_zero, y * a.ln())]
    }
}

elementwise! {
    /// `y = 1/√x`. Derivative `−y³/2`. Shape: that of `x`. Within 2 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([4.0_f32, 0.25]).rsqrt().to_vec(), [0.5, 2.0]);
    /// ```
    pub struct Rsqrt;
    fn rsqrt(self, x) { x.sqrt().recip() }
    slope output(y) { [y * y * (y * -0.5)] }
}

elementwise! {
    /// The real cube root, `y = ∛x`, odd. Derivative `1/(3y²)`, infinite at 0. Shape: that of `x`. Within 0.5 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([27.0_f32, -8.0]).cbrt().to_vec(), [3.0, -2.0]);
    /// ```
    pub struct Cbrt;
    fn cbrt(self, x) { x.cbrt() }
    slope output(y) { [(y * y * 3.0).recip()] }
}

elementwise! {
    /// The length of a vector, `y = √(a² + b²)`; the squares neither overflow nor underflow. Derivatives `a/y`, `b/y`; 0, 0 at the
    /// origin, as those of the 2-norm. Shape: `a` and `b` broadcast. Within 1 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f64]).hypot(&Tensor::from([4.0, 1e200])).to_vec(), [5.0, 1e200]);
    /// ```
    pub struct Hypot;
    fn hypot(self, a, b) { a.hypot(b) }
    slope inputs, output(y) {
        let zero = A::constant(0.0);
        [y.if_equal(zero, zero, a / y), y.if_equal(zero, zero, b / y)]
    }
}
