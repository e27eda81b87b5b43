//! The functions of an `f32` inside a kernel, written so that the compiler turns a loop over them into vector
//! instructions: no calls, no tables, and every choice is between two values that are both computed.
//!
//! Each function is an argument reduction and a polynomial. The polynomials are minimax fits of this project (Remez
//! exchange in 40-digit arithmetic, the coefficients rounded to `f32` afterwards); the error named with each is the
//! largest found against double precision over a dense sweep of all inputs, in units in the last place (ulp) of the
//! result, with or without a fused multiply-add.
//!
//! Rounding to an integer adds and subtracts 1.5 · 2ᵐ, `m` being the number of mantissa bits: the sum keeps nothing
//! behind the point, and its low bits *are* the integer. A cast would saturate, which does not vectorise. Clamping is
//! written as a comparison rather than as `min` or `max` because those drop NaN.

#![allow(clippy::excessive_precision)] // Coefficients are kept as they were computed.

use super::math::Math;
use std::f32::consts::LOG2_E;
use std::f64::consts::FRAC_1_PI;

/// Adding this rounds to an integer.
const ROUND: f32 = 1.5 * (1_u32 << 23) as f32;
/// Adding this rounds to an integer, in double precision.
const ROUND_F64: f64 = 1.5 * (1_u64 << 52) as f64;
/// ln 2 in nine bits, so that its product with an exponent is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
/// What is missing in [`LN_2_HIGH`].
const LN_2_LOW: f32 = (std::f64::consts::LN_2 - 355.0 / 512.0) as f32;
/// 2/3: a significand is taken from [2/3, 4/3), which is 1 at the middle and loses least when an exponent is added.
const TWO_THIRDS: f32 = 2.0 / 3.0;

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
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `2ⁿ` for −126 ≤ `n` ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `(n, r)` with `x − low = n ln 2 + r` and |r| ≤ ½ ln 2, for |x| < 128 and a `low` of the size of a rounding error.
#[inline(always)]
fn reduce_by_ln_2<const FUSED: bool>(x: f32, low: f32) -> (i32, f32) {
    let shifted = mul_add::<FUSED>(x, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = mul_add::<FUSED>(n, -LN_2_HIGH, x);
    let r = mul_add::<FUSED>(n, -LN_2_LOW, r) - low;
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32, r)
}

/// `factor · eˣ⁻ˡᵒʷ` for |x| < 128: a polynomial `1 + r + …` with a relative error of 3.2e-9, scaled by two powers of two so
/// that a result that overflows, or is subnormal, is rounded once.
#[inline(always)]
fn scaled_exp<const FUSED: bool>(x: f32, low: f32, factor: f32) -> f32 {
    let (n, r) = reduce_by_ln_2::<FUSED>(x, low);
    let y = polynomial::<FUSED, _, _>(r, [1.0, 1.0, 0.49999994, 0.16666517, 0.041668106, 0.008369141, 0.0013836776]);
    let half = n >> 1;
    y * factor * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `eˣ`. Reduction by ln 2. Error: 1.2 ulp.
#[inline(always)]
pub(super) fn exp<const FUSED: bool>(x: f32) -> f32 {
    // e⁸⁹ is beyond the largest number, e⁻¹⁰⁴ below half of the smallest.
    scaled_exp::<FUSED>(clamp(x, -104.0, 89.0), 0.0, 1.0)
}

/// `2ᵏ (eˣ − 1)` for −18 ≤ `x` ≤ 89: `2ⁿ⁺ᵏ (r + r² P(r)) + (2ⁿ⁺ᵏ − 2ᵏ)`, where `r + r² P(r)` has a relative error of
/// 5.7e-10, so nothing cancels near 0.
#[inline(always)]
fn scaled_exp_m1<const FUSED: bool, const K: i32>(x: f32) -> f32 {
    let (n, r) = reduce_by_ln_2::<FUSED>(x, 0.0);
    let tail = polynomial::<FUSED, _, _>(r, [0.5, 0.16666666, 0.041666467, 0.008333644, 0.0013935175, 0.00019659237]);
    let scale = power_of_two(n.wrapping_add(K));
    let y = mul_add::<FUSED>(scale, r, scale - power_of_two(K));
    mul_add::<FUSED>(r * r * tail, scale, y)
}

/// `eˣ − 1`. Reduction by ln 2. Error: 1.3 ulp.
#[inline(always)]
pub(super) fn exp_m1<const FUSED: bool>(x: f32) -> f32 {
    // Below −18 the result rounds to −1. Half of the result is computed because 2¹²⁸ is not a number.
    let y = 2.0 * scaled_exp_m1::<FUSED, -1>(clamp(x, -18.0, 89.0));
    // eˣ − 1 rounds to x here, and half of a subnormal number, or the sign of −0, would have been lost.
    if x.abs() < 2e-8 { x } else { y }
}

/// `ln(1 + f) + exponent · ln 2` for −1/3 ≤ `f` < 1/3: `f − ½ f² + f³ P(f)` with a relative error of 5.6e-9.
#[inline(always)]
fn ln_reduced<const FUSED: bool>(f: f32, exponent: f32) -> f32 {
    let square = f * f;
    let tail = polynomial::<FUSED, _, _>(
        f,
        [0.33333215, -0.24999797, 0.20010406, -0.16680487, 0.14005871, -0.121842794, 0.13984427, -0.12891607],
    );
    let y = mul_add::<FUSED>(square, -0.5, square * f * tail);
    let y = mul_add::<FUSED>(exponent, LN_2_LOW, y) + f;
    mul_add::<FUSED>(exponent, LN_2_HIGH, y)
}

/// The `n` for which `x / 2ⁿ` is in [2/3, 4/3), times 2²³, with that significand's own bits: for a positive normal `x`.
#[inline(always)]
fn exponent_and_significand(x: f32) -> (i32, f32) {
    let offset = x.to_bits().wrapping_sub(TWO_THIRDS.to_bits());
    let significand = (offset & 0x007f_ffff).wrapping_add(TWO_THIRDS.to_bits());
    ((offset as i32) >> 23, f32::from_bits(significand))
}

/// What a logarithm is where its argument, `x`, is 0, negative, infinite or NaN; else `y`.
#[inline(always)]
fn ln_or_special(x: f32, y: f32) -> f32 {
    let zero_or_less = if x == 0.0 { f32::NEG_INFINITY } else { f32::NAN };
    let y = if x > 0.0 { y } else { zero_or_less };
    if x == f32::INFINITY { x } else { y }
}

/// `ln x`. The significand is taken from [2/3, 4/3). Error: 0.9 ulp.
#[inline(always)]
pub(super) fn ln<const FUSED: bool>(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let normal = if subnormal { x * (1_u32 << 23) as f32 } else { x };
    let (n, significand) = exponent_and_significand(normal);
    let exponent = n as f32 - if subnormal { 23.0 } else { 0.0 };
    ln_or_special(x, ln_reduced::<FUSED>(significand - 1.0, exponent))
}

/// `ln(1 + x)`. The exponent `n` is that of the rounded `1 + x`, but the significand less one is `2⁻ⁿ x + (2⁻ⁿ − 1)`,
/// which has lost nothing of `x`. Error: 1.6 ulp.
#[inline(always)]
pub(super) fn ln_1p<const FUSED: bool>(x: f32) -> f32 {
    let sum = x + 1.0;
    let (n, significand) = exponent_and_significand(sum);
    let scale = power_of_two(n.wrapping_neg());
    // From 2²⁵ on the rounding of the sum does not matter, and the scale would underflow in the end.
    let f = if x > (1_u32 << 25) as f32 { significand - 1.0 } else { mul_add::<FUSED>(scale, x, scale - 1.0) };
    // The sign is that of x, also of −0.
    ln_or_special(sum, ln_reduced::<FUSED>(f, n as f32)).copysign(x)
}

/// `sin(x + shift · π)` for a shift of 0 or 1/2. With `h` the integer next to `x / π + shift`, and `r` what `x` is beyond
/// `(h − shift) π`, it is `±sin r`, |r| ≤ π/2, as `r + r³ P(r²)` with a relative error of 6.1e-9. In double precision, so
/// that an `x` near a multiple of π keeps a precise remainder; only the result is rounded.
#[inline(always)]
fn sine<const FUSED: bool>(x: f32, shift: f64) -> f32 {
    // π in parts of 21 bits, whose products with h − shift are exact for h < 2³¹, and a rest.
    const PARTS: [f64; 3] = [3.141592025756836, 6.278328328335192e-07, 1.2446744343793227e-13];
    // π rounded, and what it is rounded by: a fused multiply-add only needs a difference that is exact.
    const FUSED_PARTS: [f64; 2] = [std::f64::consts::PI, 1.2246467991473532e-16];
    let limit = if FUSED { (1_u64 << 48) as f32 } else { (1_u64 << 32) as f32 };
    let x = f64::from(if x.abs() < limit { x } else { f32::NAN });
    let shifted = if shift == 0.0 {
        Math::mul_add::<FUSED>(x, FRAC_1_PI, ROUND_F64)
    } else {
        Math::mul_add::<FUSED>(x, FRAC_1_PI, shift) + ROUND_F64
    };
    let multiple = shifted - ROUND_F64 - shift;
    let subtract_multiple = |r: f64, part: f64| Math::mul_add::<FUSED>(multiple, -part, r);
    let r = if FUSED {
        FUSED_PARTS.into_iter().fold(x, subtract_multiple)
    } else {
        PARTS.into_iter().fold(x, subtract_multiple)
    };
    let square = r * r;
    let tail = polynomial::<FUSED, _, _>(
        square,
        [-0.16666659513194835, 0.008333065207190227, -0.00019809521521195363, 2.6055903377161628e-6],
    );
    let y = Math::mul_add::<FUSED>(square * r, tail, r) as f32;
    // An odd multiple flips the sign.
    f32::from_bits(y.to_bits() ^ ((shifted.to_bits() as u32) << 31))
}

/// `sin x`, for |x| < 2⁴⁸ where `FUSED` and |x| < 2³² where not; NaN beyond, where neighbouring numbers are many
/// periods apart. Reduction by π in double precision. Error: 0.61 ulp.
#[inline(always)]
pub(super) fn sin<const FUSED: bool>(x: f32) -> f32 {
    let y = sine::<FUSED>(x, 0.0);
    // The reduction turns −0 into 0.
    if x == 0.0 { x } else { y }
}

/// `cos x = sin(x + π/2)`, for the same `x` as [`sin`]. Error: 0.61 ulp.
#[inline(always)]
pub(super) fn cos<const FUSED: bool>(x: f32) -> f32 {
    sine::<FUSED>(x, 0.5)
}

/// `tanh x = (e²ˣ − 1) / (e²ˣ + 1)` with `e²ˣ − 1` free of cancellation. Error: 2.4 ulp.
#[inline(always)]
pub(super) fn tanh<const FUSED: bool>(x: f32) -> f32 {
    // From 9.02 on the result rounds to 1. Half of numerator and denominator is what is computed.
    let magnitude = x.abs();
    let magnitude = if magnitude > 9.5 { 9.5 } else { magnitude };
    let half = scaled_exp_m1::<FUSED, -1>(2.0 * magnitude);
    (half / (half + 1.0)).copysign(x)
}

/// The error function, as `1 − e⁻ᵍ`: `g = −ln(erfc x) = x + x Q(x)` is a smooth function, and the polynomial `Q` makes
/// an error of 4.3e-9 relative to the result. Error: 1.9 ulp.
#[inline(always)]
pub(super) fn erf<const FUSED: bool>(x: f32) -> f32 {
    // From 3.92 on the result rounds to 1; the polynomial is good up to 3.95.
    let magnitude = x.abs();
    let magnitude = if magnitude > 3.95 { 3.95 } else { magnitude };
    let tail = polynomial::<FUSED, _, _>(
        magnitude,
        [
            0.12837917,
            0.63661957,
            0.102776304,
            -0.019147826,
            -0.00016948454,
            0.0016756409,
            -0.00063733547,
            0.00011885136,
            -9.386648e-06,
        ],
    );
    let g = mul_add::<FUSED>(magnitude, tail, magnitude);
    (-scaled_exp_m1::<FUSED, 0>(-g)).copysign(x)
}

/// `1 − erf x`, accurate relative to the result down to where that underflows: for `x ≥ 0` it is `e^(−x²) h(x)`, where
/// `(x + 3) h(x)` is a polynomial of `(x − 3)/(x + 3)` with a relative error of 3e-9, and the square is computed in two
/// parts because its rounding error would be magnified by the exponential. Error: 6.5 ulp.
#[inline(always)]
pub(super) fn erfc<const FUSED: bool>(x: f32) -> f32 {
    // From 10.1 on the result underflows.
    let magnitude = x.abs();
    let magnitude = if magnitude > 10.2 { 10.2 } else { magnitude };
    // The upper twelve bits have an exact square.
    let upper = f32::from_bits(magnitude.to_bits() & 0xffff_f000);
    let square_low = (magnitude - upper) * (magnitude + upper);
    let reciprocal = 1.0 / (magnitude + 3.0);
    let numerator = polynomial::<FUSED, _, _>(
        (magnitude - 3.0) * reciprocal,
        [
            1.0740069,
            -0.88339449,
            0.5902283,
            -0.31046601,
            0.11952907,
            -0.026839826,
            -0.0012264329,
            0.0030803274,
            -0.00048317373,
            -0.00032533124,
        ],
    );
    let y = scaled_exp::<FUSED>(-(upper * upper), square_low, numerator * reciprocal);
    if x < 0.0 { 2.0 - y } else { y }
}

/// `xʸ = 2^(y log₂ x)` in double precision, which leaves room for the product with `y`; the special cases are those of
/// IEEE 754. The logarithm is `n + s P(s²)` with `s = (m − 1)/(m + 1)` for a significand `m` (relative error 2.0e-11),
/// the exponential `1 + r Q(r)` (2.6e-9). Error: 0.55 ulp.
#[inline(always)]
pub(super) fn powf<const FUSED: bool>(x: f32, y: f32) -> f32 {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const EXPONENT_BIAS: u64 = 1023;
    const TWO_TO_52: f64 = (1_u64 << MANTISSA_BITS) as f64;
    // What brings 2/3 to 1, hence the exponent of 2/3 ≤ m < 4/3 to 0.
    const OFFSET: u64 = 1.0_f64.to_bits() - (2.0_f64 / 3.0).to_bits();

    let magnitude = f64::from(x.abs());
    let bits = magnitude.to_bits();
    let biased = bits.wrapping_add(OFFSET) >> MANTISSA_BITS;
    let exponent = f64::from_bits(biased | TWO_TO_52.to_bits()) - (TWO_TO_52 + EXPONENT_BIAS as f64);
    let m = f64::from_bits(bits.wrapping_sub(biased.wrapping_sub(EXPONENT_BIAS) << MANTISSA_BITS));
    let s = (m - 1.0) / (m + 1.0);
    let series = polynomial::<FUSED, _, _>(
        s * s,
        [2.88539008183643573, 0.96179662129622274, 0.577092418023747222, 0.41120270331888609, 0.348446725055296698],
    );
    let log2 = Math::mul_add::<FUSED>(s, series, exponent);
    let zero_or_large = if magnitude == 0.0 { f64::NEG_INFINITY } else { magnitude };
    let log2 = if (magnitude > 0.0) & (magnitude < f64::INFINITY) { log2 } else { zero_or_large };

    let product = f64::from(y) * log2;
    let product = if product < -200.0 { -200.0 } else { product };
    let product = if product > 200.0 { 200.0 } else { product };
    let shifted = product + ROUND_F64;
    let r = product - (shifted - ROUND_F64);
    let tail = polynomial::<FUSED, _, _>(
        r,
        [
            0.693147215010579483,
            0.240226527853841172,
            0.0555031046812983113,
            0.00961769263152880247,
            0.001340667409510879,
            0.000155947502350801555,
        ],
    );
    // Double precision has room for all exponents: the conversion is what overflows, underflows and rounds.
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(EXPONENT_BIAS) << MANTISSA_BITS);
    let power = (Math::mul_add::<FUSED>(r, tail, 1.0) * scale) as f32;

    let (half, integer) = (y * 0.5, y.trunc() == y);
    let odd = integer & (half.trunc() != half);
    let signed = if odd { power.copysign(x) } else { power };
    let undefined = (x < 0.0) & (x > f32::NEG_INFINITY) & !integer;
    let y_is_infinite = y.abs() == f32::INFINITY;
    let one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & y_is_infinite);
    let result = if undefined { f32::NAN } else { signed };
    if one { 1.0 } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far `y` is from `expected`, in units in the last place of the `f32` below `expected`.
    fn error_in_ulp(y: f32, expected: f64) -> f64 {
        let rounded = expected as f32;
        if y.is_nan() || expected.is_nan() {
            return if y.is_nan() && expected.is_nan() { 0.0 } else { f64::INFINITY };
        }
        if y.is_infinite() || rounded.is_infinite() {
            // Neighbours: the largest number and infinity.
            let both_large = y.abs() >= f32::MAX && rounded.abs() >= f32::MAX && y.signum() == rounded.signum();
            return if y == rounded {
                0.0
            } else if both_large {
                1.0
            } else {
                f64::INFINITY
            };
        }
        let exponent = expected.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() as i32;
        (f64::from(y) - expected).abs() / 2.0_f64.powi(exponent - 23)
    }

    /// All exponents and both signs, infinities, NaN and subnormal numbers included.
    fn sweep() -> impl Iterator<Item = f32> {
        (0..=u32::MAX).step_by(20_011).map(f32::from_bits)
    }

    /// `count` numbers from `low` to `high`, evenly.
    fn evenly(low: f64, high: f64, count: i32) -> impl Iterator<Item = f32> {
        (0..=count).map(move |i| (low + (high - low) * f64::from(i) / f64::from(count)) as f32)
    }

    const SPECIAL: [f32; 17] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f32::EPSILON,
        1.0 - f32::EPSILON,
        f32::MIN_POSITIVE,
        -f32::MIN_POSITIVE,
        1e-45,
        -1e-45,
        1e-40,
        -1e-40,
        f32::MAX,
        f32::MIN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
    ];

    #[track_caller]
    fn check(function: fn(f32) -> f32, reference: fn(f64) -> f64, bound: f64, inputs: impl Iterator<Item = f32>) {
        for x in inputs.chain(SPECIAL) {
            let (y, expected) = (function(x), reference(f64::from(x)));
            let error = error_in_ulp(y, expected);
            assert!(error <= bound, "x = {x:e}: {y:e} instead of {expected:e}, {error} ulp");
            let zero = y == 0.0 && expected == 0.0;
            assert!(!zero || y.is_sign_negative() == expected.is_sign_negative(), "the sign of 0 at {x:e}");
        }
    }

    /// Whether or not there is a fused multiply-add, on all of `f32` and finely on an interval.
    macro_rules! accurate {
        ($($test:ident: $name:ident, $reference:expr, $bound:expr, $low:expr, $high:expr;)*) => {$(
            #[test]
            fn $test() {
                let inputs = || sweep().chain(evenly($low, $high, 100_000));
                check(super::$name::<false>, $reference, $bound, inputs());
                check(super::$name::<true>, $reference, $bound, inputs());
            }
        )*};
    }
    accurate! {
        exp_is_accurate: exp, f64::exp, 1.2, -105.0, 90.0;
        exp_m1_is_accurate: exp_m1, f64::exp_m1, 1.3, -3.0, 3.0;
        ln_is_accurate: ln, f64::ln, 0.9, 0.1, 3.0;
        ln_1p_is_accurate: ln_1p, f64::ln_1p, 1.6, -1.0, 3.0;
        tanh_is_accurate: tanh, f64::tanh, 2.5, -3.0, 3.0;
        erf_is_accurate: erf, libm::erf, 2.0, -4.1, 4.1;
        erfc_is_accurate: erfc, libm::erfc, 7.0, -4.0, 10.5;
    }

    #[test]
    fn the_ends_of_exp_are_right() {
        assert_eq!(exp::<false>(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp::<false>(88.73), f32::INFINITY);
        assert!(exp::<false>(88.72).is_finite());
        assert_eq!(exp::<false>(-103.0), 1e-45);
        assert_eq!(exp::<false>(-104.0).to_bits(), 0);
        assert_eq!(exp::<false>(f32::NEG_INFINITY).to_bits(), 0);
        assert_eq!(exp_m1::<false>(-20.0), -1.0);
    }

    #[test]
    fn what_saturates_is_exact() {
        for x in [10.0, 30.0, f32::MAX, f32::INFINITY] {
            assert_eq!((tanh::<false>(x), tanh::<true>(-x)), (1.0, -1.0));
            assert_eq!((erf::<false>(x), erf::<true>(-x)), (1.0, -1.0));
            assert_eq!(erfc::<false>(-x), 2.0);
        }
        assert_eq!(erfc::<false>(10.2).to_bits(), 0);
    }

    /// Sine and cosine below a limit, also next to the multiples of π/2, where the result is small; NaN beyond.
    fn sine_and_cosine<const FUSED: bool>(limit: f32) {
        let below = |x: &f32| x.abs() < limit || !x.is_finite();
        let functions = [(sin::<FUSED> as fn(f32) -> f32, f64::sin as fn(f64) -> f64), (cos::<FUSED>, f64::cos)];
        for (function, reference) in functions {
            let near = (-20_000..20_000).map(|k| (f64::from(k) * std::f64::consts::FRAC_PI_2) as f32);
            let inputs = sweep().chain(evenly(-100.0, 100.0, 100_000)).chain(near).filter(below);
            for x in inputs.chain(SPECIAL.into_iter().filter(below)) {
                let (y, expected) = (function(x), reference(f64::from(x)));
                let error = error_in_ulp(y, expected);
                assert!(error <= 0.61, "x = {x:e}: {y:e} instead of {expected:e}, {error} ulp");
            }
            assert!(function(limit).is_nan() && function(-f32::MAX).is_nan());
        }
        assert!(sin::<FUSED>(-0.0).is_sign_negative());
    }

    #[test]
    fn sine_and_cosine_are_accurate_below_a_limit() {
        sine_and_cosine::<false>(2.0_f32.powi(32));
        sine_and_cosine::<true>(2.0_f32.powi(48));
    }

    fn powers<const FUSED: bool>() {
        // A multiplicative step through all bit patterns, and exponents for which the result is a number.
        let mut bits = 1_u32;
        for i in 0..100_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let x = f32::from_bits(bits);
            for y in [i as f32 * 1e-4 - 5.0, (i % 61 - 30) as f32, f32::from_bits(bits.rotate_left(16))] {
                for x in [x, x.abs(), 1.0 + (i as f32 - 50_000.0) * 1e-6] {
                    let (z, expected) = (powf::<FUSED>(x, y), f64::from(x).powf(f64::from(y)));
                    let error = error_in_ulp(z, expected);
                    assert!(error <= 0.55, "{x:e} to the {y:e}: {z:e} instead of {expected:e}, {error} ulp");
                }
            }
        }
        let more = [2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 2.5, -2.5, 16_777_215.0, -16_777_215.0, 16_777_216.0];
        for x in SPECIAL.into_iter().chain(more) {
            for y in SPECIAL.into_iter().chain(more) {
                let (z, expected) = (powf::<FUSED>(x, y), f64::from(x).powf(f64::from(y)));
                assert!(error_in_ulp(z, expected) <= 0.55, "{x:e} to the {y:e}: {z:e} instead of {expected:e}");
                let sign_matters = !expected.is_nan();
                assert!(!sign_matters || z.is_sign_negative() == expected.is_sign_negative(), "{x:e} to the {y:e}");
            }
        }
    }

    #[test]
    fn powers_are_accurate() {
        powers::<false>();
        powers::<true>();
    }
}
