//! The derivatives of the logarithm of the gamma function.

use super::Pair;
use std::f64::consts::PI;

/// `B₂ₖ` for k = 1, 2, …: the Bernoulli numbers (OEIS A000367, A002445).
const BERNOULLI: [(f64, f64); 10] = [
    (1.0, 6.0),
    (-1.0, 30.0),
    (1.0, 42.0),
    (-1.0, 30.0),
    (5.0, 66.0),
    (-691.0, 2730.0),
    (7.0, 6.0),
    (-3617.0, 510.0),
    (43867.0, 798.0),
    (-174611.0, 330.0),
];

/// The derivative of ln Γ. Error: 6 ulp, also next to its zeros (on the negative side down to −1000).
///
/// For `x < 0` by reflection, `ψ(1 − x) − π cot(πx)`; where these two cancel, once more with twice the digits.
pub(in super::super) fn digamma(x: f64) -> f64 {
    if x > 0.0 {
        return digamma_of_positive(x);
    }
    if x == 0.0 {
        return -1.0 / x;
    }
    let beyond_pole = x - x.round();
    if beyond_pole == 0.0 || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    let (mirrored, cotangent) = (digamma_of_positive(1.0 - x), PI * cotangent_of_turns(beyond_pole));
    let y = mirrored - cotangent;
    let cancelled = y.abs() < 0.5 || y.abs() < 0.25 * mirrored.abs();
    if cancelled && x > -1000.0 { digamma_by_pairs(x) } else { y }
}

fn digamma_of_positive(mut x: f64) -> f64 {
    if x < 1.0 {
        return digamma_near_its_zero(x + 1.0) - 1.0 / x;
    }
    if x < 10.0 {
        let mut sum = 0.0;
        while x > 2.0 {
            x -= 1.0;
            sum += 1.0 / x;
        }
        return digamma_near_its_zero(x) + sum;
    }
    // Stirling's series, DLMF 5.11.2.
    let inverse_square = 1.0 / (x * x);
    let term = |tail: f64, k: usize| (tail + BERNOULLI[k].0 / BERNOULLI[k].1 / (2 * k + 2) as f64) * inverse_square;
    x.ln() - (0.5 / x + (0..8).rev().fold(0.0, term))
}

/// For 1 ≤ `x` ≤ 2: `(x − x₀) P(2x − 3)` with the zero `x₀` in two parts. `P` is the Chebyshev interpolation of this
/// project in 60-digit arithmetic; its error is 2.0e-17.
fn digamma_near_its_zero(x: f64) -> f64 {
    const ZERO: Pair = Pair { high: 1.4616321449683622, low: 9.549995429965697e-17 };
    const COEFFICIENTS: [f64; 22] = [
        0.951055876031833,
        -0.21181371064073026,
        0.06013562106019355,
        -0.018550615381738605,
        0.005936795278433826,
        -0.0019350666647832667,
        0.000636888028319074,
        -0.00021074841215733007,
        6.995020484160625e-05,
        -2.325823828431376e-05,
        7.741156881253708e-06,
        -2.578107848270217e-06,
        8.591324222417666e-07,
        -2.8628755280038686e-07,
        9.500926192924096e-08,
        -3.166618072027162e-08,
        1.10370884388543e-08,
        -3.6788868183645545e-09,
        8.668257373761658e-10,
        -2.889363639216111e-10,
        2.4765474440031764e-10,
        -8.25512972008104e-11,
    ];
    let quotient = COEFFICIENTS.into_iter().rev().fold(0.0, |y, c| y * (2.0 * x - 3.0) + c);
    ((x - ZERO.high) - ZERO.low) * quotient
}

/// Moved to 64 ≤ `y` < 65 by the recurrence, where a few terms of Stirling's series give 31 digits.
fn digamma_by_pairs(x: f64) -> f64 {
    const LN_64: Pair = Pair { high: 4.1588830833596715, low: 3.611874137558093e-16 };
    let ratio = |(numerator, denominator): (f64, f64)| Pair::from(numerator) / Pair::from(denominator);
    let shift = (64.0 - x).ceil();
    let steps = (0..shift as i32).map(|k| Pair::from(1.0) / Pair::sum(x, k.into()));
    let steps = steps.fold(Pair::from(0.0), |sum, step| sum + step);

    // ln(y/64) = 2 artanh s.
    let y = Pair::sum(x, shift);
    let s = (y + Pair::from(-64.0)) / (y + Pair::from(64.0));
    let term = |series: Pair, k: i32| series * (s * s) + ratio((1.0, (2 * k + 1).into()));
    let artanh = (0..9).rev().fold(Pair::from(0.0), term) * s;

    let inverse = Pair::from(1.0) / y;
    let square = inverse * inverse;
    let term = |tail: Pair, k: usize| (tail + ratio(BERNOULLI[k]) / Pair::from((2 * k + 2) as f64)) * square;
    let stirling = inverse * Pair::from(0.5) + (0..10).rev().fold(Pair::from(0.0), term);
    (LN_64 + artanh + artanh + -stirling + -steps).high
}

/// `cot(π t)` for |t| ≤ ½, also where it is small.
fn cotangent_of_turns(t: f64) -> f64 {
    if t.abs() <= 0.25 { 1.0 / (PI * t).tan() } else { (PI * (0.5 - t.abs())).tan().copysign(t) }
}

/// The derivative of that order of the digamma function. Error: about 5 ulp and one more for each order; less precise next
/// to the zeros that those of even order have on the negative side.
///
/// For `x < 0` by the derivative of the reflection, in which the cotangent `c` becomes a polynomial of itself, because
/// its derivative is `−(1 + c²)`.
pub(in super::super) fn polygamma(order: u32, x: f64) -> f64 {
    if order == 0 {
        return digamma(x);
    }
    let odd = order % 2 == 1;
    if x > 0.0 {
        let y = magnitude_of_polygamma(order, x);
        return if odd { y } else { -y };
    }
    let beyond_pole = x - x.round();
    if beyond_pole == 0.0 {
        // An odd order comes to a pole from both sides alike.
        return if odd { f64::INFINITY } else { digamma(x) };
    }
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    let mut polynomial = vec![0.0, 1.0];
    for _ in 0..order {
        let mut derived = vec![0.0; polynomial.len() + 1];
        for (power, coefficient) in polynomial.iter().enumerate().skip(1) {
            derived[power - 1] -= coefficient * power as f64;
            derived[power + 1] -= coefficient * power as f64;
        }
        polynomial = derived;
    }
    let cotangent = cotangent_of_turns(beyond_pole);
    let derived = polynomial.iter().rev().fold(0.0, |y, c| y * cotangent + c);
    -magnitude_of_polygamma(order, 1.0 - x) - PI.powi(order as i32 + 1) * derived
}

/// `n! Σ (x + k)⁻ⁿ⁻¹` over k = 0, 1, … for `x > 0`: a few terms, and for the rest Euler and Maclaurin's formula
/// (DLMF 25.11.7). A term is a product of small factors, so that it leaves the range only where the result does.
fn magnitude_of_polygamma(order: u32, mut x: f64) -> f64 {
    if x == f64::INFINITY {
        return 0.0;
    }
    let n = f64::from(order);
    let term = |x: f64| (1..=order).fold(1.0 / x, |product, j| product * (f64::from(j) / x));
    let mut sum = 0.0;
    while x < n + 20.0 {
        sum += term(x);
        x += 1.0;
    }
    let next = term(x);
    let mut factor = next * (x / n);
    let mut rest = factor + 0.5 * next;
    for (k, (numerator, denominator)) in BERNOULLI.into_iter().enumerate() {
        let j = (2 * k + 1) as f64;
        factor *= (n + j - 1.0) * (n + j) / (j * (j + 1.0)) / (x * x);
        rest += numerator / denominator * factor;
    }
    sum + rest
}
