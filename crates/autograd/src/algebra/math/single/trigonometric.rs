//! Functions of angles, for every finite angle.

use super::{ROUND_F64, polynomial};

/// The first 256 binary digits of `1/π`, which is below ½.
const DIGITS: [u64; 4] = [0x517cc1b727220a94, 0xfe13abe8fa9a6ee0, 0x6db14acc9e21c820, 0xff28b1d5ef5de2b0];

/// The number that the digits of `1/π` from the `first` one on make up, `count` of them, at their place.
const fn digits(first: u32, count: u32) -> f64 {
    let (mut number, mut k) = (0_u64, first - 1);
    while k < first - 1 + count {
        number = number << 1 | DIGITS[(k / 64) as usize] >> (63 - k % 64) & 1;
        k += 1;
    }
    let last_place = f64::from_bits((1023 - (first + count - 1) as u64) << 52);
    number as f64 * last_place
}

/// For each exponent of a large `x`, the digits of `1/π` that matter: those before them contribute a multiple of 2 to
/// `x/π`. The first 29 of them, whose product with `x` is exact in double precision, and the 53 that follow.
static DIGITS_THAT_MATTER: [[f64; 2]; PLACES] = {
    let mut table = [[f64::NAN; 2]; PLACES]; // the last one is for ∞ and NaN
    let mut place = 0;
    while place < PLACES - 1 {
        let first = place as u32 + 2;
        table[place] = [digits(first, 29), digits(first + 29, 53)];
        place += 1;
    }
    table
};
/// Below 2²⁶ all digits matter; 2¹²⁸ is infinite.
const PLACES: usize = 128 - 25 + 1;

/// `x/π` but for a multiple of 2, in two parts, the first of which is exact (Payne, Hanek, 1983). The second is below 1/16.
#[inline(always)]
fn half_turns(x: f32) -> (f64, f64) {
    let biased_exponent = (x.to_bits() & 0x7fff_ffff) >> 23;
    let [high, low] = DIGITS_THAT_MATTER[biased_exponent.saturating_sub(127 + 25) as usize];
    (f64::from(x) * high, f64::from(x) * low)
}

/// `sin(x + shift · π)` for a shift of 0 or 1/2. With `h` the integer next to `x/π + shift` and `f` what is beyond it, it
/// is `±sin(π f)`, |f| ≤ ½, as `f P(f²)` with a relative error of 5.4e-9. In double precision, so that an `x` near a
/// multiple of π keeps a precise remainder; only the result is rounded.
#[inline(always)]
fn sine<const FUSED: bool>(x: f32, shift: f64) -> f32 {
    let (high, low) = half_turns(x);
    let shifted = (high + low + shift) + ROUND_F64;
    let f = (high - (shifted - ROUND_F64 - shift)) + low;
    let quotient = polynomial::<FUSED, _, _>(
        f * f,
        [3.1415926368608744, -5.16770967972295, 2.5500696112790373, -0.5982413021283466, 0.07755856091268218],
    );
    let y = (f * quotient) as f32;
    // An odd multiple flips the sign.
    f32::from_bits(y.to_bits() ^ ((shifted.to_bits() as u32) << 31))
}

/// `sin x`. Error: 0.6 ulp.
#[inline(always)]
pub fn sin<const FUSED: bool>(x: f32) -> f32 {
    let y = sine::<FUSED>(x, 0.0);
    // The reduction turns −0 into 0.
    if x == 0.0 { x } else { y }
}

/// `cos x = sin(x + π/2)`. Error: 0.6 ulp.
#[inline(always)]
pub fn cos<const FUSED: bool>(x: f32) -> f32 {
    sine::<FUSED>(x, 0.5)
}

/// `tan x`. With `h` the integer next to `2x/π` and `f` what is beyond it, |f| ≤ ½, the sine of `f π/2` is `f P(f²)` with a
/// relative error of 3.3e-9, the cosine `Q(f²)` (5.7e-11); an odd `h` exchanges them. Error: 0.6 ulp.
#[inline(always)]
pub fn tan<const FUSED: bool>(x: f32) -> f32 {
    let (high, low) = half_turns(x);
    let shifted = 2.0 * (high + low) + ROUND_F64;
    let f = (2.0 * high - (shifted - ROUND_F64)) + 2.0 * low;
    let square = f * f;
    let sine = polynomial::<FUSED, _, _>(
        square,
        [1.5707963217001046, -0.6459634594636854, 0.07968002266661782, -0.004601625896150867],
    ) * f;
    let cosine = polynomial::<FUSED, _, _>(
        square,
        [0.9999999999438215, -1.2337005395473357, 0.253669182196479, -0.02085993314073203, 0.0009033565383877436],
    );
    let odd = shifted.to_bits() & 1 == 1;
    let (numerator, denominator) = if odd { (-cosine, sine) } else { (sine, cosine) };
    let y = (numerator / denominator) as f32;
    // The reduction turns −0 into 0.
    if x == 0.0 { x } else { y }
}
