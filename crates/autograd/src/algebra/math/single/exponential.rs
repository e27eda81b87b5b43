//! Exponentials and logarithms.

use super::{Math, ROUND, clamp, mul_add, polynomial, power_of_two, scaled};
use std::f32::consts::{LN_2, LOG2_E};

/// ln 2 in nine bits, so that its product with an exponent is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
/// What is missing in [`LN_2_HIGH`].
const LN_2_LOW: f32 = (std::f64::consts::LN_2 - 355.0 / 512.0) as f32;
/// 2/3: a significand is taken from [2/3, 4/3), which is 1 at the middle and loses least when an exponent is added.
const TWO_THIRDS: f32 = 2.0 / 3.0;

/// `(n, r)` with `x − low = n ln 2 + r` and |r| ≤ ½ ln 2, for |x| ≤ 150 and a `low` of the size of a rounding error.
#[inline(always)]
pub fn reduce_by_ln_2<const FUSED: bool>(x: f32, low: f32) -> (i32, f32) {
    let shifted = mul_add::<FUSED>(x, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = mul_add::<FUSED>(n, -LN_2_HIGH, x);
    let r = mul_add::<FUSED>(n, -LN_2_LOW, r) - low;
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32, r)
}

/// `eʳ − 1` for |r| ≤ ½ ln 2: `r + r² Q(r)`, where `Q` makes an error of 3.1e-9 of `eʳ`. The 1 is left to the caller, who
/// can add it to what the result is about.
#[inline(always)]
pub fn exp_m1_reduced<const FUSED: bool>(r: f32) -> f32 {
    let tail = polynomial::<FUSED, _, _>(r, [0.49999994, 0.16666521, 0.04166839, 0.008368745, 0.0013814539]);
    mul_add::<FUSED>(r * r, tail, r)
}

/// `eˣ⁻ˡᵒʷ` for −104 ≤ `x` ≤ 89.
#[inline(always)]
pub fn exp_of_two_parts<const FUSED: bool>(x: f32, low: f32) -> f32 {
    let (n, r) = reduce_by_ln_2::<FUSED>(x, low);
    scaled(1.0 + exp_m1_reduced::<FUSED>(r), n)
}

/// `eˣ`. Reduction by ln 2. Error: 1.0 ulp.
#[inline(always)]
pub fn exp<const FUSED: bool>(x: f32) -> f32 {
    // e⁸⁹ is beyond the largest number, e⁻¹⁰⁴ below half of the smallest.
    exp_of_two_parts::<FUSED>(clamp(x, -104.0, 89.0), 0.0)
}

/// `2ˣ`. Reduction by 1, which is exact. Error: 1.1 ulp.
#[inline(always)]
pub fn exp2<const FUSED: bool>(x: f32) -> f32 {
    let x = clamp(x, -151.0, 129.0);
    let shifted = x + ROUND;
    let r = (x - (shifted - ROUND)) * LN_2;
    scaled(1.0 + exp_m1_reduced::<FUSED>(r), shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32)
}

/// `2ᵏ (eˣ − 1)` for −18 ≤ `x` ≤ 89: `2ⁿ⁺ᵏ (r + r² P(r)) + (2ⁿ⁺ᵏ − 2ᵏ)`, where `r + r² P(r)` has a relative error of
/// 5.7e-10, so nothing cancels near 0.
#[inline(always)]
pub fn scaled_exp_m1<const FUSED: bool, const K: i32>(x: f32) -> f32 {
    let (n, r) = reduce_by_ln_2::<FUSED>(x, 0.0);
    let tail = polynomial::<FUSED, _, _>(r, [0.5, 0.16666666, 0.041666467, 0.008333644, 0.0013935175, 0.00019659237]);
    let scale = power_of_two(n.wrapping_add(K));
    let y = mul_add::<FUSED>(scale, r, scale - power_of_two(K));
    mul_add::<FUSED>(r * r * tail, scale, y)
}

/// `eˣ − 1`. Reduction by ln 2. Error: 1.3 ulp.
#[inline(always)]
pub fn exp_m1<const FUSED: bool>(x: f32) -> f32 {
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
pub fn ln<const FUSED: bool>(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let normal = if subnormal { x * (1_u32 << 23) as f32 } else { x };
    let (n, significand) = exponent_and_significand(normal);
    let exponent = n as f32 - if subnormal { 23.0 } else { 0.0 };
    ln_or_special(x, ln_reduced::<FUSED>(significand - 1.0, exponent))
}

/// `ln(1 + x)`. The exponent `n` is that of the rounded `1 + x`, but the significand less one is `2⁻ⁿ x + (2⁻ⁿ − 1)`,
/// which has lost nothing of `x`. Error: 1.6 ulp.
#[inline(always)]
pub fn ln_1p<const FUSED: bool>(x: f32) -> f32 {
    let sum = x + 1.0;
    let (n, significand) = exponent_and_significand(sum);
    let scale = power_of_two(n.wrapping_neg());
    // From 2²⁵ on the rounding of the sum does not matter, and the scale would underflow in the end.
    let f = if x > (1_u32 << 25) as f32 { significand - 1.0 } else { mul_add::<FUSED>(scale, x, scale - 1.0) };
    // The sign is that of x, also of −0.
    ln_or_special(sum, ln_reduced::<FUSED>(f, n as f32)).copysign(x)
}

/// `log₂` of a positive number in double precision: `n + s P(s²)` with `s = (m − 1)/(m + 1)` for a significand `m`, with a
/// relative error of 2.0e-11; −∞ of 0, `x` itself of ∞ and NaN.
#[inline(always)]
pub fn log2_in_double<const FUSED: bool>(x: f64) -> f64 {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const EXPONENT_BIAS: u64 = 1023;
    const TWO_TO_52: f64 = (1_u64 << MANTISSA_BITS) as f64;
    // What brings 2/3 to 1, hence the exponent of 2/3 ≤ m < 4/3 to 0.
    const OFFSET: u64 = 1.0_f64.to_bits() - (2.0_f64 / 3.0).to_bits();

    let bits = x.to_bits();
    let biased = bits.wrapping_add(OFFSET) >> MANTISSA_BITS;
    let exponent = f64::from_bits(biased | TWO_TO_52.to_bits()) - (TWO_TO_52 + EXPONENT_BIAS as f64);
    let m = f64::from_bits(bits.wrapping_sub(biased.wrapping_sub(EXPONENT_BIAS) << MANTISSA_BITS));
    let s = (m - 1.0) / (m + 1.0);
    let series = polynomial::<FUSED, _, _>(
        s * s,
        [2.88539008183643573, 0.96179662129622274, 0.577092418023747222, 0.41120270331888609, 0.348446725055296698],
    );
    let log2 = Math::mul_add::<FUSED>(s, series, exponent);
    let zero_or_large = if x == 0.0 { f64::NEG_INFINITY } else { x };
    if (x > 0.0) & (x < f64::INFINITY) { log2 } else { zero_or_large }
}

/// `log₂ x`, in double precision; exact at powers of two. Error: 0.5 ulp.
#[inline(always)]
pub fn log2<const FUSED: bool>(x: f32) -> f32 {
    ln_or_special(x, log2_in_double::<FUSED>(x.into()) as f32)
}

/// `log₁₀ x`, in double precision; exact at powers of ten. Error: 0.5 ulp.
#[inline(always)]
pub fn log10<const FUSED: bool>(x: f32) -> f32 {
    ln_or_special(x, (log2_in_double::<FUSED>(x.into()) * std::f64::consts::LOG10_2) as f32)
}
