//! The functions of the number inside a kernel.
//!
//! `FUSED` says whether the instruction set at hand has a fused multiply-add: without one it would be a slow library
//! call, so it is never used there.

use super::math_f32;

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

macro_rules! arithmetic {
    ($t:ident) => {
        #[inline(always)]
        fn mul_add<const FUSED: bool>(self, a: Self, b: Self) -> Self {
            if FUSED { $t::mul_add(self, a, b) } else { self * a + b }
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
    };
}

macro_rules! unary {
    ($($name:ident $($function:ident)::+),*) => {$(
        #[inline(always)]
        fn $name<const FUSED: bool>(self) -> Self {
            $($function)::+(self)
        }
    )*};
}

/// By the standard library.
impl Math for f64 {
    arithmetic!(f64);
    unary!(exp f64::exp, exp_m1 f64::exp_m1, ln f64::ln, ln_1p f64::ln_1p, sin f64::sin, cos f64::cos);
    unary!(tanh f64::tanh, erf libm::erf, erfc libm::erfc);
    #[inline(always)]
    fn powf<const FUSED: bool>(self, exponent: Self) -> Self {
        f64::powf(self, exponent)
    }
}

macro_rules! unary_f32 {
    ($($name:ident)*) => {$(
        #[inline(always)]
        fn $name<const FUSED: bool>(self) -> Self {
            math_f32::$name::<FUSED>(self)
        }
    )*};
}

/// By vector instructions.
impl Math for f32 {
    arithmetic!(f32);
    unary_f32!(exp exp_m1 ln ln_1p sin cos tanh erf erfc);
    #[inline(always)]
    fn powf<const FUSED: bool>(self, exponent: Self) -> Self {
        math_f32::powf::<FUSED>(self, exponent)
    }
}
