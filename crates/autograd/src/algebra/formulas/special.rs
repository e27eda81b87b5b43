//! The error function, the bell curve, the gamma function.

use super::bounded;
use crate::elementwise;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

elementwise! {
    /// The error function, `y = 2/√π ∫₀ˣ e^(−t²) dt`. Derivative `2/√π e^(−x²)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).erf().item() - 0.8427007929497149).abs() < 1e-15);
    /// ```
    pub struct Erf;
    fn erf(self, x) { x.erf() }
    slope inputs { [x.gaussian().square() * FRAC_2_SQRT_PI] }
}

elementwise! {
    /// The complementary error function, `y = 1 − erf x`, accurate in its tail. Derivative `−2/√π e^(−x²)`.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).erfc().item() - 0.15729920705028513).abs() < 1e-15);
    /// ```
    pub struct Erfc;
    fn erfc(self, x) { x.erfc() }
    slope inputs { [x.gaussian().square() * -FRAC_2_SQRT_PI] }
}

elementwise! {
    /// The bell curve, `y = e^(−x²/2)`, accurate in its tails. Derivative `−x y`. Shape: that of `x`. Within 1.5 ulp.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).gaussian().to_vec(), [1.0]);
    /// ```
    pub struct Gaussian;
    fn gaussian(self, x) { x.gaussian() }
    slope inputs { [-bounded(x) * x.gaussian()] }
}

elementwise! {
    /// The normal distribution function, `Φ(x) = ½ erfc(−x/√2)`, accurate in its tail. Derivative `e^(−x²/2)/√(2π)`.
    /// Shape: that of `x`. Within 3 ulp. PyTorch calls it `special.ndtr`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tail = Tensor::from([-10.0_f64]).normal_cdf().item();
    /// assert!((tail / 7.619853024160526e-24 - 1.0).abs() < 1e-15);
    /// ```
    pub struct NormalCdf;
    fn normal_cdf(self, x) { x.normal_cdf() }
    slope inputs { [x.gaussian() * (0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI)] }
}

elementwise! {
    /// `y = ln |Γ(x)|`, infinite at 0, −1, −2, …. Derivative [`Digamma`]. Shape: that of `x`. Within 2 ulp for `x > 0`.
    /// PyTorch calls it `lgamma`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([5.0_f64]).ln_gamma().item() - 24.0_f64.ln()).abs() < 1e-15);
    /// ```
    pub struct LnGamma;
    fn ln_gamma(self, x) { x.ln_gamma() }
    slope inputs { [x.digamma()] }
}

elementwise! {
    /// The derivative of `ln |Γ(x)|`, with poles at 0, −1, −2, …. Derivative [`Polygamma`] of order 1. Shape: that of `x`. Within
    /// 0.6 ulp in `f32`, 6 in `f64`, also next to its zeros.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).digamma().item() + 0.5772156649015329).abs() < 1e-15); // −γ
    /// ```
    pub struct Digamma;
    fn digamma(self, x) { x.digamma() }
    slope inputs { [x.polygamma(1)] }
}

elementwise! {
    /// The derivative of that order of [`Digamma`]: `(−1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹` over k = 0, 1, …. Derivative: that of the next
    /// order. Shape: that of `x`. In `f64` within about 5 ulp and one more for each order.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let trigamma = Tensor::from([1.0_f64]).polygamma(1).item();
    /// assert!((trigamma - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
    /// ```
    pub struct Polygamma {
        /// How many times the digamma function is differentiated.
        order: u32,
    }
    fn polygamma(self, x) { x.polygamma(self.order) }
    slope inputs { [x.polygamma(self.order.saturating_add(1))] }
}
