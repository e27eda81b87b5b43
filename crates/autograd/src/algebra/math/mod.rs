//! The functions of the number inside a kernel.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Math`], and the one list of the functions that numbers compute themselves |
//! | `single/` | those of an `f32`, which compile to vector instructions where networks need them |
//! | `double/` | those of an `f64` that the standard library does not have |
//!
//! `FUSED` says whether the instruction set at hand has a fused multiply-add: without one it would be a slow library
//! call, so it is never used there.

pub(super) mod double;
mod single;

/// The functions that the processor has, by their names here and in the standard library; then those of one number and
/// of two, with where double precision has them. Single precision has them in `single/`.
macro_rules! with_functions {
    ($with:ident $($more:tt)*) => {
        $with! { $($more)*
            by_instruction
            sqrt sqrt,
            abs abs,
            floor floor,
            ceil ceil,
            round round_ties_even;
            unary
            cbrt f64::cbrt,
            exp f64::exp,
            exp2 f64::exp2,
            exp_m1 f64::exp_m1,
            ln f64::ln,
            ln_1p f64::ln_1p,
            log2 f64::log2,
            log10 f64::log10,
            sin f64::sin,
            cos f64::cos,
            tan f64::tan,
            asin f64::asin,
            acos f64::acos,
            atan f64::atan,
            sinh f64::sinh,
            cosh f64::cosh,
            tanh f64::tanh,
            asinh f64::asinh,
            acosh libm::acosh,
            atanh libm::atanh,
            erf libm::erf,
            erfc libm::erfc,
            gaussian double::gaussian,
            normal_cdf double::normal_cdf,
            ln_gamma libm::lgamma,
            digamma double::digamma,
            sigmoid double::sigmoid,
            gelu double::gelu,
            gelu_tanh double::gelu_tanh,
            silu double::silu,
            mish double::mish;
            binary
            pow f64::powf,
            hypot f64::hypot,
            atan2 f64::atan2,
            remainder double::remainder,
            copysign f64::copysign;
        }
    };
}
pub(super) use with_functions;

macro_rules! declare {
    (by_instruction $($name:ident $std:ident),*; unary $($one:ident $one_path:path),*; binary $($two:ident $two_path:path),*;) => {
        /// The named functions of a number type; the rules of the same names say what they are.
        pub trait Math: Copy {
            /// `self · a + b`, rounded once where `FUSED`.
            fn mul_add<const FUSED: bool>(self, a: Self, b: Self) -> Self;
            /// `xⁿ`.
            fn powi(self, exponent: i32) -> Self;
            /// The derivative of that order of the digamma function.
            fn polygamma(self, order: u32) -> Self;
            $(#[doc = concat!("The function `", stringify!($name), "`.")]
            fn $name(self) -> Self;)*
            $(#[doc = concat!("The function `", stringify!($one), "`.")]
            fn $one<const FUSED: bool>(self) -> Self;)*
            $(#[doc = concat!("The function `", stringify!($two), "`.")]
            fn $two<const FUSED: bool>(self, other: Self) -> Self;)*
        }

        impl Math for f64 {
            #[inline(always)]
            fn mul_add<const FUSED: bool>(self, a: Self, b: Self) -> Self {
                if FUSED { f64::mul_add(self, a, b) } else { self * a + b }
            }
            #[inline(always)]
            fn powi(self, exponent: i32) -> Self {
                f64::powi(self, exponent)
            }
            #[inline(always)]
            fn polygamma(self, order: u32) -> Self {
                double::polygamma(order, self)
            }
            $(#[inline(always)]
            fn $name(self) -> Self {
                f64::$std(self)
            })*
            $(#[inline(always)]
            fn $one<const FUSED: bool>(self) -> Self {
                $one_path(self)
            })*
            $(#[inline(always)]
            fn $two<const FUSED: bool>(self, other: Self) -> Self {
                $two_path(self, other)
            })*
        }

        impl Math for f32 {
            #[inline(always)]
            fn mul_add<const FUSED: bool>(self, a: Self, b: Self) -> Self {
                if FUSED { f32::mul_add(self, a, b) } else { self * a + b }
            }
            // In double precision, whose range and digits leave room for what the factors lose.
            #[inline(always)]
            fn powi(self, exponent: i32) -> Self {
                f64::powi(self.into(), exponent) as f32
            }
            #[inline(always)]
            fn polygamma(self, order: u32) -> Self {
                double::polygamma(order, self.into()) as f32
            }
            $(#[inline(always)]
            fn $name(self) -> Self {
                f32::$std(self)
            })*
            $(#[inline(always)]
            fn $one<const FUSED: bool>(self) -> Self {
                single::$one::<FUSED>(self)
            })*
            $(#[inline(always)]
            fn $two<const FUSED: bool>(self, other: Self) -> Self {
                single::$two::<FUSED>(self, other)
            })*
        }
    };
}
with_functions!(declare);
