//! The bell curve, and what is integrated from it.

use super::exponential::{exp_m1_reduced, exp_of_two_parts, reduce_by_ln_2, scaled_exp_m1};
use super::{at_most, mul_add, polynomial, scaled};

/// `(a, b)` with `x² = a + b`, where `a` is exact: the rounding error of a square would be magnified by an exponential.
#[inline(always)]
fn square_in_two_parts(x: f32) -> (f32, f32) {
    // The upper twelve bits have an exact square.
    let upper = f32::from_bits(x.to_bits() & 0xffff_f000);
    (upper * upper, (x - upper) * (x + upper))
}

/// `e^(−x²/2)`. Error: 1.4 ulp.
#[inline(always)]
pub fn gaussian<const FUSED: bool>(x: f32) -> f32 {
    // From 14.4 on the result underflows.
    let (square, low) = square_in_two_parts(at_most(x.abs(), 14.5));
    exp_of_two_parts::<FUSED>(-0.5 * square, 0.5 * low)
}

/// `(n, q)` for an `x` from 0 to 14.5, such that `2ⁿ (1 + q) / (x + 1.25)` is the normal distribution's upper tail,
/// `½ erfc(x/√2)`: the bell curve times `(1 + p) / (2x + 2.5)`, where `p` is a polynomial of `(x − 3.5)/(x + 3.5)` with a
/// relative error of 3.5e-9. What is divided is close to 1 everywhere, so that its rounding does least harm.
#[inline(always)]
pub fn normal_tail<const FUSED: bool>(x: f32) -> (i32, f32) {
    let (square, low) = square_in_two_parts(x);
    let (n, r) = reduce_by_ln_2::<FUSED>(-0.5 * square, 0.5 * low);
    let p = polynomial::<FUSED, _, _>(
        (x - 3.5) / (x + 3.5),
        [
            0.010278957,
            -0.28899497,
            0.06450157,
            0.045274444,
            -0.05098413,
            0.01998812,
            -0.000131892,
            -0.0026706217,
            0.00026473266,
            0.00037589364,
            4.3642296e-05,
        ],
    );
    (n.wrapping_sub(1), joined::<FUSED>(p, exp_m1_reduced::<FUSED>(r)))
}

/// `(1 + p) (1 + e) − 1`.
#[inline(always)]
fn joined<const FUSED: bool>(p: f32, e: f32) -> f32 {
    p + mul_add::<FUSED>(p, e, e)
}

/// The normal distribution function. Error: 2.7 ulp, also in the tail.
#[inline(always)]
pub fn normal_cdf<const FUSED: bool>(x: f32) -> f32 {
    let magnitude = at_most(x.abs(), 14.5);
    let (n, q) = normal_tail::<FUSED>(magnitude);
    let tail = scaled((1.0 + q) / (magnitude + 1.25), n);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// `1 − erf x`, accurate relative to the result down to where that underflows: for `x ≥ 0` it is `e^(−x²)` times
/// `(1 + p) / (2x + 1.875)`, where `p` is a polynomial of `(x − 3)/(x + 3)` with a relative error of 1.8e-9. Error: 3.0 ulp.
#[inline(always)]
pub fn erfc<const FUSED: bool>(x: f32) -> f32 {
    // From 10.1 on the result underflows.
    let magnitude = at_most(x.abs(), 10.2);
    let (square, low) = square_in_two_parts(magnitude);
    let (n, r) = reduce_by_ln_2::<FUSED>(-square, low);
    let p = polynomial::<FUSED, _, _>(
        (magnitude - 3.0) / (magnitude + 3.0),
        [
            0.40963405,
            -0.4210755,
            0.1673409,
            -0.0017049081,
            -0.056563042,
            0.046951123,
            -0.020063778,
            0.003191475,
            0.0014834387,
            -0.0007478603,
            -0.00021726434,
        ],
    );
    let q = joined::<FUSED>(p, exp_m1_reduced::<FUSED>(r));
    let y = scaled((1.0 + q) / (magnitude + 0.9375), n.wrapping_sub(1));
    if x < 0.0 { 2.0 - y } else { y }
}

/// The error function, as `1 − e⁻ᵍ`: `g = −ln(erfc x) = x + x Q(x)` is a smooth function, and the polynomial `Q` makes
/// an error of 4.3e-9 relative to the result. Error: 2.0 ulp.
#[inline(always)]
pub fn erf<const FUSED: bool>(x: f32) -> f32 {
    // From 3.92 on the result rounds to 1; the polynomial is good up to 3.95.
    let magnitude = at_most(x.abs(), 3.95);
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
