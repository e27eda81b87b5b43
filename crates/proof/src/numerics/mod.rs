//! How far single precision is from exact: every function over all of `f32`, against double precision.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | units in the last place; what is swept |
//! | `one.rs` | the functions of one number, with their bounds |
//! | `two.rs` | the functions of two numbers, with their bounds |
//!
//! The exact values come from the standard library and `libm` in double precision, in formulas that are written here.
//! Double precision itself is held against correctly rounded tables, see [`golden`](crate::golden).

mod one;
mod two;

pub use one::{Function, functions};
pub use two::{FunctionOfTwo, functions_of_two};

/// The worst error of a function, and where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// In units in the last place.
    pub ulp: f64,
    /// The first input of the worst point.
    pub at: f32,
    /// The second one, if there is one.
    pub and: f32,
    /// What came out there.
    pub got: f32,
    /// What should have.
    pub want: f64,
}

impl Worst {
    fn meet(&mut self, ulp: f64, [at, and]: [f32; 2], got: f32, want: f64) {
        if ulp > self.ulp || ulp.is_nan() {
            *self = Worst { ulp, at, and, got, want };
        }
    }

    fn within(self, bound: f64, what: &str) -> Result<Worst, String> {
        let Worst { ulp, at, and, got, want } = self;
        match ulp <= bound {
            true => Ok(self),
            false => {
                Err(format!("{what} is {got:e} at {at:e}, {and:e} instead of {want:e}: {ulp} ulp, {bound} allowed"))
            }
        }
    }
}

/// How far `got` is from `want`, in units in the last place of the `f32` below the larger of `want` and `floor`. Infinity
/// counts as the neighbour of the largest number; a zero of the wrong sign is infinitely far off.
fn error_in_ulp(got: f32, want: f64, floor: f64) -> f64 {
    let rounded = want as f32;
    if got.is_nan() || want.is_nan() {
        return if got.is_nan() && want.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if got.is_infinite() || rounded.is_infinite() {
        let both_large = got.abs() >= f32::MAX && rounded.abs() >= f32::MAX && got.signum() == rounded.signum();
        return match (got == rounded, both_large) {
            (true, _) => 0.0,
            (false, true) => 1.0,
            (false, false) => f64::INFINITY,
        };
    }
    if got == 0.0 && want == 0.0 && floor == 0.0 && got.is_sign_negative() != want.is_sign_negative() {
        return f64::INFINITY;
    }
    let size = want.abs().max(floor).max(f64::from(f32::MIN_POSITIVE));
    let exponent = (size.to_bits() >> (f64::MANTISSA_DIGITS - 1)) as i32 - 1023;
    (f64::from(got) - want).abs() / 2.0_f64.powi(exponent - 23)
}

/// Numbers at which functions take care.
const SPECIAL: [f32; 27] = [
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    1.5,
    -1.5,
    2.0,
    -2.0,
    2.5,
    3.0,
    -3.0,
    f32::EPSILON,
    1.0 - f32::EPSILON,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-45,
    -1e-45,
    1e-40,
    16_777_215.0,
    16_777_216.0,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];
