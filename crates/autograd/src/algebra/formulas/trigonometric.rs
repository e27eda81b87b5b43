//! Functions of angles.

use crate::elementwise;

elementwise! {
    /// `y = sin x`, radians. Derivative `cos x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).sin().to_vec(), [0.0]);
    /// ```
    pub struct Sin;
    fn sin(self, x) { x.sin() }
    slope inputs { [x.cos()] }
}

elementwise! {
    /// `y = cos x`, radians. Derivative `−sin x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).cos().to_vec(), [1.0]);
    /// ```
    pub struct Cos;
    fn cos(self, x) { x.cos() }
    slope inputs { [-x.sin()] }
}

elementwise! {
    /// `y = tan x`, radians. Derivative `1 + y²`. Shape: that of `x`. Within 0.6 ulp for every finite angle.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).tan().to_vec(), [0.0]);
    /// ```
    pub struct Tan;
    fn tan(self, x) { x.tan() }
    slope output(y) { [y * y + 1.0] }
}

elementwise! {
    /// The angle from −π/2 to π/2 whose sine is `x`; NaN beyond ±1. Derivative `1/√(1 − x²)`, infinite at ±1.
    /// Shape: that of `x`. Within 0.6 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 1.0]).asin().to_vec(), [0.0, std::f32::consts::FRAC_PI_2]);
    /// ```
    pub struct Asin;
    fn asin(self, x) { x.asin() }
    slope inputs { [((-x + 1.0) * (x + 1.0)).rsqrt()] }
}

elementwise! {
    /// The angle from 0 to π whose cosine is `x`; NaN beyond ±1. Derivative `−1/√(1 − x²)`, infinite at ±1.
    /// Shape: that of `x`. Within 0.6 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, -1.0]).acos().to_vec(), [0.0, std::f32::consts::PI]);
    /// ```
    pub struct Acos;
    fn acos(self, x) { x.acos() }
    slope inputs { [-((-x + 1.0) * (x + 1.0)).rsqrt()] }
}

elementwise! {
    /// The angle from −π/2 to π/2 whose tangent is `x`. Derivative `1/(1 + x²)`. Shape: that of `x`. Within 0.6 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 1.0]).atan().to_vec(), [0.0, std::f32::consts::FRAC_PI_4]);
    /// ```
    pub struct Atan;
    fn atan(self, x) { x.atan() }
    slope inputs { [(x * x + 1.0).recip()] }
}

elementwise! {
    /// The angle from −π to π of the point `(b, a)`: `a` is the ordinate and comes first. Derivatives `b/(a² + b²)`,
    /// `−a/(a² + b²)`; 0, 0 at the origin, where there is none. Shape: `a` and `b` broadcast. Within 0.6 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let angle = Tensor::from([1.0_f32]).atan2(&Tensor::from([1.0, 0.0, -1.0]));
    /// let eighth = std::f32::consts::FRAC_PI_4;
    /// assert_eq!(angle.to_vec(), [eighth, 2.0 * eighth, 3.0 * eighth]);
    /// ```
    pub struct Atan2;
    fn atan2(self, a, b) { a.atan2(b) }
    slope inputs { [A::apply(Inversion, [a, b]), -A::apply(Inversion, [b, a])] }
}

elementwise! {
    /// `y = b/(a² + b²)`, the second coordinate of the point `(a, b)` inverted in the unit circle; 0 at the origin. With
    /// `x = a/(a² + b²)`, the first one, the derivatives are `−2xy` and `(x − y)(x + y)`: no square overflows, and nothing cancels
    /// that need not. Shape: `a` and `b` broadcast. What the derivatives of [`Atan2`] are made of.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::algebra::formulas::Inversion;
    /// assert_eq!(Tensor::from([3.0_f64]).zip(&Tensor::from([4.0]), Inversion).to_vec(), [0.16]);
    /// ```
    pub struct Inversion;
    fn inversion(self, a, b) {
        let (zero, length) = (A::constant(0.0), a.hypot(b));
        length.if_equal(zero, zero, b / length / length)
     }
    slope inputs, output(y) {
        let x = A::apply(Inversion, [b, a]);
        [x * y * -2.0, (x - y) * (x + y)]
    }
}
