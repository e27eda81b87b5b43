//! The functions of an `f32` inside a kernel.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | what all of them use; the functions that go through double precision |
//! | `exponential.rs` | exponentials and logarithms |
//! | `trigonometric.rs` | functions of angles |
//! | `powers.rs` | powers, and the length of a vector |
//! | `bell.rs` | the bell curve and what is integrated from it |
//! | `activations.rs` | the curves of networks |
//!
//! What networks and optimizers need is written so that the compiler turns a loop over it into vector instructions: no
//! calls, and every choice is between two values that are both computed. The rest is computed by the functions of an
//! `f64` and rounded.
//!
//! Each function is an argument reduction and a polynomial. The polynomials are minimax fits of this project (Remez
//! exchange in 40-digit arithmetic, the coefficients rounded to `f32` afterwards); the error named with each is the
//! largest of all inputs against double precision, in units in the last place (ulp) of the result, with or without a
//! fused multiply-add. `cargo test --release -p proof --test numerics -- --ignored` goes through them all.
//!
//! Rounding to an integer adds and subtracts 1.5 · 2ᵐ, `m` being the number of mantissa bits: the sum keeps nothing
//! behind the point, and its low bits *are* the integer. A cast would saturate, which does not vectorise. Clamping is
//! written as a comparison rather than as `min` or `max` because those drop NaN.

mod activations;
mod bell;
mod exponential;
mod powers;
mod trigonometric;

pub(super) use activations::{gelu, gelu_tanh, mish, sigmoid, silu, tanh};
pub(super) use bell::{erf, erfc, gaussian, normal_cdf};
pub(super) use exponential::{exp, exp_m1, exp2, ln, ln_1p, log2, log10};
pub(super) use powers::{hypot, pow};
pub(super) use trigonometric::{cos, sin, tan};

use super::{Math, double};

/// Adding this rounds to an integer.
const ROUND: f32 = 1.5 * (1_u32 << 23) as f32;
/// Adding this rounds to an integer, in double precision.
const ROUND_F64: f64 = 1.5 * (1_u64 << 52) as f64;

/// `x · a + b`.
#[inline(always)]
fn mul_add<const FUSED: bool>(x: f32, a: f32, b: f32) -> f32 {
    Math::mul_add::<FUSED>(x, a, b)
}

/// `c₀ + c₁ x + c₂ x² + …`.
#[inline(always)]
fn polynomial<const FUSED: bool, T: Math, const N: usize>(x: T, coefficients: [T; N]) -> T {
    let mut y = coefficients[N - 1];
    for k in (0..N - 1).rev() {
        y = y.mul_add::<FUSED>(x, coefficients[k]);
    }
    y
}

/// `x`, or the bound that it exceeds. NaN stays NaN.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    at_most(if x < low { low } else { x }, high)
}

/// `x`, or the bound that it exceeds. NaN stays NaN.
#[inline(always)]
fn at_most(x: f32, high: f32) -> f32 {
    if x > high { high } else { x }
}

/// `2ⁿ` for −126 ≤ `n` ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `2ⁿ y` for |n| ≤ 252 and a `y` around 1, by two powers of two: a result that overflows, or is subnormal, is rounded
/// once.
#[inline(always)]
fn scaled(y: f32, n: i32) -> f32 {
    let half = n >> 1;
    y * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// Functions that go through double precision: half a unit in the last place, and no vector instructions.
macro_rules! by_double {
    ($($name:ident $double:path),*) => {$(
        #[inline(always)]
        pub(super) fn $name<const FUSED: bool>(x: f32) -> f32 {
            $double(x.into()) as f32
        }
    )*};
}
by_double!(cbrt f64::cbrt, asin f64::asin, acos f64::acos, atan f64::atan);
by_double!(sinh f64::sinh, cosh f64::cosh, asinh f64::asinh, acosh libm::acosh, atanh libm::atanh);
by_double!(ln_gamma libm::lgamma, digamma double::digamma);

#[inline(always)]
pub(super) fn atan2<const FUSED: bool>(y: f32, x: f32) -> f32 {
    f64::atan2(y.into(), x.into()) as f32
}

/// The remainder of two numbers is one, so double precision would round twice.
#[inline(always)]
pub(super) fn remainder<const FUSED: bool>(a: f32, b: f32) -> f32 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

#[inline(always)]
pub(super) fn copysign<const FUSED: bool>(magnitude: f32, sign: f32) -> f32 {
    magnitude.copysign(sign)
}
