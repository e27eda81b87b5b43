//! The error function and its kin.

use crate::elementwise;
use std::f64::consts::FRAC_2_SQRT_PI;

elementwise! {
    /// The error function, `y = 2/√π ∫₀ˣ e^(−t²) dt`. Derivative `2/√π e^(−x²)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).erf().item() - 0.8427007929497149).abs() < 1e-15);
    /// ```
    pub struct Erf;
    fn erf(self, x) { x.erf() }
    slope inputs { [(-(x * x)).exp() * FRAC_2_SQRT_PI] }
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
    slope inputs { [(-(x * x)).exp() * -FRAC_2_SQRT_PI] }
}
