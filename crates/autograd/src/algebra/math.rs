//! The functions of the number inside a kernel.
//!
//! `FUSED` says whether the instruction set at hand has a fused multiply-add: without one it would be a slow library
//! call, so it is never used there.

/// The named functions of a number type.
pub trait Math: Copy {
    /// `self · a + b`, rounded once where `FUSED`.
    fn mul_add<const FUSED: bool>(self, a: Self, b: Self) -> Self;
    /// `eˣ`.
    fn exp<const FUSED: bool>(self) -> Self;
    /// `eˣ − 1`.
    fn exp_m1<const FUSED: bool>(self) -> Self;
    /// `ln x`.
    fn ln<const FUSED: bool>(self) -> Self;
    /// `ln(1 + x)`.
    fn ln_1p<const FUSED: bool>(self) -> Self;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `|x|`.
    fn abs(self) -> Self;
    /// `xⁿ`.
    fn powi(self, exponent: i32) -> Self;
    /// `xʸ`.
    fn powf<const FUSED: bool>(self, exponent: Self) -> Self;
    /// `sin x`.
    fn sin<const FUSED: bool>(self) -> Self;
    /// `cos x`.
    fn cos<const FUSED: bool>(self) -> Self;
    /// `tanh x`.
    fn tanh<const FUSED: bool>(self) -> Self;
    /// The error function.
    fn erf<const FUSED: bool>(self) -> Self;
    /// `1 − erf x`.
    fn erfc<const FUSED: bool>(self) -> Self;
}

macro_rules! by_library {
    ($t:ident, $erf:path, $erfc:path) => {
        impl Math for $t {
            #[inline(always)]
            fn mul_add<const FUSED: bool>(self, a: Self, b: Self) -> Self {
                if FUSED { $t::mul_add(self, a, b) } else { self * a + b }
            }
            #[inline(always)]
            fn exp<const FUSED: bool>(self) -> Self {
                $t::exp(self)
            }
            #[inline(always)]
            fn exp_m1<const FUSED: bool>(self) -> Self {
                $t::exp_m1(self)
            }
            #[inline(always)]
            fn ln<const FUSED: bool>(self) -> Self {
                $t::ln(self)
            }
            #[inline(always)]
            fn ln_1p<const FUSED: bool>(self) -> Self {
                $t::ln_1p(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $t::abs(self)
            }
            #[inline(always)]
            fn powi(self, exponent: i32) -> Self {
                $t::powi(self, exponent)
            }
            #[inline(always)]
            fn powf<const FUSED: bool>(self, exponent: Self) -> Self {
                $t::powf(self, exponent)
            }
            #[inline(always)]
            fn sin<const FUSED: bool>(self) -> Self {
                $t::sin(self)
            }
            #[inline(always)]
            fn cos<const FUSED: bool>(self) -> Self {
                $t::cos(self)
            }
            #[inline(always)]
            fn tanh<const FUSED: bool>(self) -> Self {
                $t::tanh(self)
            }
            #[inline(always)]
            fn erf<const FUSED: bool>(self) -> Self {
                $erf(self)
            }
            #[inline(always)]
            fn erfc<const FUSED: bool>(self) -> Self {
                $erfc(self)
            }
        }
    };
}
by_library!(f64, libm::erf, libm::erfc);
by_library!(f32, libm::erff, libm::erfcf);
