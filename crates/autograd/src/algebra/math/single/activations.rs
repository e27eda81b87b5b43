//! The curves of networks.

use super::bell::normal_tail;
use super::exponential::{exp_m1_reduced, reduce_by_ln_2};
use super::{at_most, mul_add, polynomial, power_of_two, scaled};

/// `tanh x`: near 0 it is `x + x³ P(x²)` with a relative error of 1.9e-9, elsewhere `1 − 2/(e²ˣ + 1)`. Error: 1.5 ulp.
#[inline(always)]
pub fn tanh<const FUSED: bool>(x: f32) -> f32 {
    let (magnitude, square) = (x.abs(), x * x);
    let series = polynomial::<FUSED, _, _>(square, [-0.3333332, 0.13332625, -0.05385165, 0.021055805, -0.0062388456]);
    let near = mul_add::<FUSED>(square * series, magnitude, magnitude);
    // From 9.02 on the result rounds to 1.
    let (n, r) = reduce_by_ln_2::<FUSED>(2.0 * at_most(magnitude, 9.5), 0.0);
    let power = power_of_two(n);
    let exp = mul_add::<FUSED>(power, exp_m1_reduced::<FUSED>(r), power);
    let far = 1.0 - 2.0 / (exp + 1.0);
    (if magnitude < 0.55 { near } else { far }).copysign(x)
}

/// `(n, d)` with `sigmoid(low − x) = 2⁻ⁿ / d`, for 0 ≤ `x` ≤ 120 and a `low` of the size of a rounding error. With
/// `eˣ⁻ˡᵒʷ = 2ⁿ (1 + t)` it is `d = 2⁻ⁿ + 1 + t`, rounded once.
#[inline(always)]
fn logistic<const FUSED: bool>(x: f32, low: f32) -> (i32, f32) {
    let (n, r) = reduce_by_ln_2::<FUSED>(x, low);
    let power = power_of_two(-n.min(126));
    let sum = 1.0 + power;
    let lost = power - (sum - 1.0);
    (n, sum + (exp_m1_reduced::<FUSED>(r) + lost))
}

/// `1/(1 + e⁻ˣ)`. Error: 1.7 ulp.
#[inline(always)]
pub fn sigmoid<const FUSED: bool>(x: f32) -> f32 {
    // From 104 on the result underflows, or rounds to 1.
    let (n, d) = logistic::<FUSED>(at_most(x.abs(), 105.0), 0.0);
    let tail = scaled(1.0 / d, n.wrapping_neg());
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// What is left of `x` behind a gate: `max(x, 0)` less what the gate holds back. A gate takes the tail for `x` of both
/// signs, `|x| · gate(−|x|)`, computed as one product so that it may be subnormal where its factors are not.
#[inline(always)]
fn gated(x: f32, held: f32) -> f32 {
    // The sign is that of x, also of −0.
    (if x > 0.0 { x } else { 0.0 } - held).copysign(x)
}

/// `x sigmoid(x)`. Error: 1.7 ulp.
#[inline(always)]
pub fn silu<const FUSED: bool>(x: f32) -> f32 {
    // From 109 on what is held back underflows.
    let magnitude = at_most(x.abs(), 110.0);
    let (n, d) = logistic::<FUSED>(magnitude, 0.0);
    gated(x, scaled(magnitude / d, n.wrapping_neg()))
}

/// `x Φ(x)` with the normal distribution function. Error: 2.8 ulp.
#[inline(always)]
pub fn gelu<const FUSED: bool>(x: f32) -> f32 {
    // From 14.5 on what is held back underflows.
    let magnitude = at_most(x.abs(), 14.5);
    let (n, q) = normal_tail::<FUSED>(magnitude);
    gated(x, scaled(mul_add::<FUSED>(magnitude, q, magnitude) / (magnitude + 1.25), n))
}

/// `x sigmoid(2u)` with `u = √(2/π) (x + 0.044715 x³)`, which is computed in double precision because the exponential
/// magnifies its rounding error. Error: 1.9 ulp.
#[inline(always)]
pub fn gelu_tanh<const FUSED: bool>(x: f32) -> f32 {
    // 2 √(2/π)
    const SCALE: f64 = 1.5957691216057308;
    // From 11 on what is held back underflows.
    let magnitude = at_most(x.abs(), 11.2);
    let wide = f64::from(magnitude);
    let u = wide * (SCALE + SCALE * 0.044715 * (wide * wide));
    let upper = u as f32;
    let (n, d) = logistic::<FUSED>(upper, (f64::from(upper) - u) as f32);
    gated(x, scaled(magnitude / d, n.wrapping_neg()))
}

/// `x tanh(ln(1 + eˣ))`. With `w = e^−|x|` the hyperbolic tangent is `(w² + 2w)/(w² + 2w + 2)` for `x ≤ 0`, and
/// `1 − 2w²/(2w² + 2w + 1)` for `x > 0`. Error: 3.5 ulp.
#[inline(always)]
pub fn mish<const FUSED: bool>(x: f32) -> f32 {
    // From 109 on the result underflows, or rounds to x.
    let magnitude = at_most(x.abs(), 110.0);
    let (n, r) = reduce_by_ln_2::<FUSED>(-magnitude, 0.0);
    let m = 1.0 + exp_m1_reduced::<FUSED>(r);
    let w = scaled(m, n);
    let square = w * w;
    let positive = x > 0.0;
    // For x ≤ 0 the numerator lacks 2ⁿ, so that the product with x may be subnormal where w is not.
    let numerator = if positive { square + square } else { mul_add::<FUSED>(w, m, m + m) };
    let denominator = if positive { (square + w) * 2.0 + 1.0 } else { mul_add::<FUSED>(w, w, w + w) + 2.0 };
    let product = magnitude * numerator / denominator;
    if positive { x - product } else { scaled(product, n).copysign(x) }
}
