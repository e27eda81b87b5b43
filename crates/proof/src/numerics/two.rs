//! The functions of two numbers.

use super::{SPECIAL, Worst, error_in_ulp};
use autograd::algebra::{Algebra, Lane};
use autograd::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// A function of two numbers: how it is computed, and how far it may be off.
#[derive(Clone, Copy, Debug)]
pub struct FunctionOfTwo {
    /// Its name.
    pub name: &'static str,
    /// What its values may be off by, in units in the last place of the value or of `floor`, whichever is larger.
    pub bound: f64,
    /// The size of what may cancel in the value: digits below its last place are lost.
    pub floor: f64,
    exact: fn(f64, f64) -> f64,
    /// As the kernels for this machine compute it.
    tensor: fn(&Tensor<f32>, &Tensor<f32>) -> Tensor<f32>,
    /// Without a fused multiply-add.
    plain: fn(f32, f32) -> f32,
}

impl FunctionOfTwo {
    /// Values at `pairs` pairs of all sizes and signs, of moderate numbers, of whole numbers and of numbers near 1, and at
    /// all pairs of special ones. Returns the worst.
    ///
    /// # Errors
    /// What is off by more than allowed.
    pub fn check(&self, pairs: usize) -> Result<Worst, String> {
        let mut generator = ChaCha8Rng::seed_from_u64(29);
        let mut inputs: Vec<[f32; 2]> = Vec::new();
        for i in 0..pairs {
            let any = |bits: u32| f32::from_bits(bits);
            let whole = |bits: u32| (bits % 61) as f32 - 30.0;
            let moderate = |bits: u32| bits as f32 / 2.0_f32.powi(29) - 4.0;
            let near_one = |bits: u32| 1.0 + (bits as f32 / 2.0_f32.powi(31) - 1.0) * 0.05;
            let kinds: [fn(u32) -> f32; 4] = [any, whole, moderate, near_one];
            let mut draw = |kind: usize| kinds[kind % 4](generator.random());
            inputs.push([draw(i), draw(i / 4)]);
        }
        inputs.extend(SPECIAL.iter().flat_map(|&a| SPECIAL.map(|b| [a, b])));
        let column = |k: usize| Tensor::from(inputs.iter().map(|pair| pair[k]).collect::<Vec<f32>>());
        let values = (self.tensor)(&column(0), &column(1)).to_vec();
        let mut worst = Worst::default();
        for (&[a, b], &y) in inputs.iter().zip(&values) {
            let want = (self.exact)(a.into(), b.into());
            for got in [y, (self.plain)(a, b)] {
                worst.meet(error_in_ulp(got, want, self.floor), [a, b], got, want);
            }
        }
        worst.within(self.bound, "the value")
    }
}

/// One line a function: its name, its bound in ulp, the size of what cancels, the function itself, and its exact values.
macro_rules! functions {
    ($($name:ident $bound:literal $floor:literal |$a:ident, $b:ident| $body:expr, $exact:expr;)*) => {
        /// Every function of two numbers.
        pub fn functions_of_two() -> Vec<FunctionOfTwo> {
            vec![$({
                fn run<A: Algebra>($a: A, $b: A) -> A {
                    $body
                }
                FunctionOfTwo {
                    name: stringify!($name),
                    bound: $bound,
                    floor: $floor,
                    exact: $exact,
                    tensor: |a, b| a.$name(b),
                    plain: |a, b| run(Lane::<f32, false>(a), Lane::<f32, false>(b)).0,
                }
            }),*]
        }
    };
}

functions! {
    pow 0.55 0.0 |a, b| a.pow(b), f64::powf;
    hypot 0.51 0.0 |a, b| a.hypot(b), f64::hypot;
    atan2 0.51 0.0 |a, b| a.atan2(b), f64::atan2;
    remainder 0.51 0.0 |a, b| a.remainder(b), remainder;
    copysign 0.0 0.0 |a, b| a.copysign(b), f64::copysign;
    maximum 0.0 1e-45 |a, b| a.maximum(b), |a, b| if a.is_nan() | b.is_nan() { f64::NAN } else { a.max(b) };
    minimum 0.0 1e-45 |a, b| a.minimum(b), |a, b| if a.is_nan() | b.is_nan() { f64::NAN } else { a.min(b) };
    logaddexp 1.5 1.0 |a, b| a.logaddexp(b), logaddexp;
}

fn remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 || (rest > 0.0) == (b > 0.0) { rest } else { rest + b }
}

fn logaddexp(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == b {
        a + std::f64::consts::LN_2
    } else {
        a.max(b) + (-(a - b).abs()).exp().ln_1p()
    }
}
