//! Powers, and the length of a vector.

use super::exponential::log2_in_double;
use super::{Math, ROUND_F64, polynomial};

/// `xʸ = 2^(y log₂ x)` in double precision, which leaves room for the product with `y`; the special cases are those of
/// IEEE 754. The exponential is `1 + r Q(r)` with a relative error of 2.6e-9. Error: 0.55 ulp.
#[inline(always)]
pub fn pow<const FUSED: bool>(x: f32, y: f32) -> f32 {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const EXPONENT_BIAS: u64 = 1023;

    let log2 = log2_in_double::<FUSED>(x.abs().into());
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

/// `√(x² + y²)`, in double precision, where the squares are exact and cannot overflow. Infinite if either is. Error: 0.5 ulp.
#[inline(always)]
pub fn hypot<const FUSED: bool>(x: f32, y: f32) -> f32 {
    let (a, b) = (f64::from(x), f64::from(y));
    let length = (a * a + b * b).sqrt() as f32;
    if (x.abs() == f32::INFINITY) | (y.abs() == f32::INFINITY) { f32::INFINITY } else { length }
}
