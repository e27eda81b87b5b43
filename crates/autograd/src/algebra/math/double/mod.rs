//! The functions of an `f64` that the standard library does not have.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | the bell curve, the curves of networks, the remainder |
//! | `gamma.rs` | the derivatives of the logarithm of the gamma function |
//! | `pair.rs` | numbers of twice the digits, for where digits cancel |

mod gamma;
mod pair;

pub(super) use gamma::{digamma, polygamma};

use pair::Pair;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// `e^(−x²/2)`. The square in two parts, because the exponential would magnify its rounding error. Error: 1.5 ulp.
pub(super) fn gaussian(x: f64) -> f64 {
    // From 38.6 on the result underflows.
    let square = Pair::product(x.clamp(-40.0, 40.0), x.clamp(-40.0, 40.0));
    (-0.5 * square.high).exp() * (1.0 - 0.5 * square.low)
}

/// The normal distribution function, `Φ(x) = ½ erfc(−x/√2)`. The complementary error function magnifies the rounding error
/// of its argument, which is therefore taken back to first order. Error: 2.5 ulp, also in the tail.
pub(super) fn normal_cdf(x: f64) -> f64 {
    /// What is missing in 1/√2.
    const LOW: f64 = -4.833646656726457e-17;
    let x = x.clamp(-40.0, 40.0);
    let z = Pair::product(-x, FRAC_1_SQRT_2);
    let low = z.low - x * LOW;
    0.5 * (libm::erfc(z.high) - FRAC_2_SQRT_PI * (-z.high * z.high).exp() * low)
}

/// `1/(1 + e⁻ˣ)` from `e^−|x|`, so that neither tail overflows.
#[inline(always)]
pub(super) fn sigmoid(x: f64) -> f64 {
    let decay = (-x.abs()).exp();
    (if x < 0.0 { decay } else { 1.0 }) / (1.0 + decay)
}

/// What is left of `x` behind a gate: `max(x, 0)` less what the gate holds back, `|x| · gate(−|x|)`.
#[inline(always)]
fn gated(x: f64, held: f64) -> f64 {
    // The sign is that of x, also of −0.
    (if x > 0.0 { x } else { 0.0 } - held).copysign(x)
}

/// `x` without its sign, or the bound that it exceeds. NaN stays NaN.
#[inline(always)]
fn magnitude(x: f64, bound: f64) -> f64 {
    if x.abs() > bound { bound } else { x.abs() }
}

/// `x sigmoid(−s)` for `x`, `s ≥ 0`. The exponential is multiplied in two halves, so that the product may be subnormal
/// where the exponential is not.
#[inline(always)]
fn held_back(x: f64, half: f64) -> f64 {
    x * half / (1.0 + half * half) * half
}

/// `x sigmoid(x)`. Error: 3 ulp.
#[inline(always)]
pub(super) fn silu(x: f64) -> f64 {
    let magnitude = magnitude(x, 800.0);
    gated(x, held_back(magnitude, (-0.5 * magnitude).exp()))
}

/// `x Φ(x)` with the normal distribution function. Error: 3 ulp.
#[inline(always)]
pub(super) fn gelu(x: f64) -> f64 {
    let magnitude = magnitude(x, 40.0);
    gated(x, magnitude * normal_cdf(-magnitude))
}

/// `x sigmoid(2u)` with `u = √(2/π) (x + 0.044715 x³)`, with twice the digits because the exponential magnifies its
/// rounding error. Error: 4 ulp.
pub(super) fn gelu_tanh(x: f64) -> f64 {
    /// 2 √(2/π), and that times 0.044715.
    const SCALES: [Pair; 2] = [
        Pair { high: 1.5957691216057308, low: -9.96930880911092e-17 },
        Pair { high: 0.07135481627260025, low: -6.175149918155315e-19 },
    ];
    let magnitude = magnitude(x, 30.0);
    let square = Pair::product(magnitude, magnitude);
    let u = (SCALES[0] + SCALES[1] * square) * Pair::from(magnitude);
    gated(x, held_back(magnitude, (-0.5 * u.high).exp() * (1.0 - 0.5 * u.low)))
}

/// `x tanh(ln(1 + eˣ))`. With `w = e^−|x|` the hyperbolic tangent is `(w² + 2w)/(w² + 2w + 2)` for `x ≤ 0`, and
/// `1 − 2w²/(2w² + 2w + 1)` for `x > 0`. Error: 5 ulp.
#[inline(always)]
pub(super) fn mish(x: f64) -> f64 {
    let magnitude = magnitude(x, 800.0);
    let half = (-0.5 * magnitude).exp();
    let w = half * half;
    if x > 0.0 {
        x - magnitude * (2.0 * w * w) / (2.0 * (w * w + w) + 1.0)
    } else {
        (magnitude * half * (w + 2.0) / (w * (w + 2.0) + 2.0) * half).copysign(x)
    }
}

/// `a − b ⌊a/b⌋`: what `%` leaves is exact, and moved to the side of `b` it is rounded once.
#[inline(always)]
pub(super) fn remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}
