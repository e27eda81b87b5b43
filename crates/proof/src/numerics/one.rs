//! The functions of one number.

use super::{SPECIAL, Worst, error_in_ulp};
use autograd::algebra::{Algebra, Lane, SmallDual};
use autograd::prelude::*;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// A function of one number: how it is computed, and how far it may be off.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What its values may be off by, in units in the last place.
    pub bound: f64,
    /// What its slopes may be off by, in units in the last place of the slope or of 1, whichever is larger.
    pub slope_bound: f64,
    exact: fn(f64) -> f64,
    /// As the kernels for this machine compute it.
    tensor: fn(&Tensor<f32>) -> Tensor<f32>,
    /// Without a fused multiply-add.
    plain: fn(f32) -> f32,
    /// The slope with and without one.
    slopes: [fn(f32) -> f32; 2],
    /// The slope in double precision.
    slope: fn(f64) -> f64,
}

/// How many numbers are computed at once.
const BLOCK: usize = 1 << 14;

impl Function {
    /// Value and slope at every `step`-th `f32` and at the special ones: all exponents and both signs, with and without a
    /// fused multiply-add. Returns the worst of both.
    ///
    /// # Errors
    /// What is off by more than allowed; that one element gives other bits than many.
    pub fn check(&self, step: usize) -> Result<[Worst; 2], String> {
        let [mut value, mut slope] = [Worst::default(); 2];
        let mut inputs = (0..=u32::MAX).step_by(step).map(f32::from_bits).chain(SPECIAL);
        loop {
            let block: Vec<f32> = inputs.by_ref().take(BLOCK).collect();
            let Some(&first) = block.first() else { break };
            let many = (self.tensor)(&Tensor::from(block.clone())).to_vec();
            if (self.tensor)(&Tensor::scalar(first)).item().to_bits() != many[0].to_bits() {
                return Err(format!("one element gives other bits than many at {first:e}"));
            }
            for (&x, &y) in block.iter().zip(&many) {
                let want = (self.exact)(x.into());
                for got in [y, (self.plain)(x)] {
                    value.meet(error_in_ulp(got, want, 0.0), [x, f32::NAN], got, want);
                }
            }
        }
        // Slopes are compared with the same rule in double precision, which is held against tables.
        for x in (0..=u32::MAX).step_by(step.max(20_011)).map(f32::from_bits).chain(SPECIAL) {
            let want = (self.slope)(x.into());
            // Where the value has left the range, its slope need not stay within it.
            if ((self.exact)(x.into()) as f32).is_infinite() {
                continue;
            }
            for got in self.slopes.map(|slope| slope(x)) {
                slope.meet(error_in_ulp(got, want, 1.0), [x, f32::NAN], got, want);
            }
        }
        Ok([value.within(self.bound, "the value")?, slope.within(self.slope_bound, "the slope")?])
    }
}

/// One line a function: its name, the bounds of value and slope in ulp, the function itself, and its exact values.
macro_rules! functions {
    ($($name:ident $bound:literal $slope_bound:literal |$x:ident| $body:expr, $exact:expr;)*) => {
        /// Every function of one number.
        pub fn functions() -> Vec<Function> {
            vec![$({
                fn run<A: Algebra>($x: A) -> A {
                    $body
                }
                fn slope<A: Algebra>(x: A) -> A {
                    run(SmallDual::variables([x])[0]).slope[0]
                }
                Function {
                    name: stringify!($name),
                    bound: $bound,
                    slope_bound: $slope_bound,
                    exact: $exact,
                    tensor: |$x| $body,
                    plain: |x| run(Lane::<f32, false>(x)).0,
                    slopes: [|x| slope(Lane::<f32, false>(x)).0, |x| slope(Lane::<f32, true>(x)).0],
                    slope: slope::<f64>,
                }
            }),*]
        }
    };
}

functions! {
    abs 0.0 0.0 |x| x.abs(), f64::abs;
    sign 0.0 0.0 |x| x.sign(), |x| if x == 0.0 { x } else { x.signum() };
    floor 0.0 0.0 |x| x.floor(), f64::floor;
    ceil 0.0 0.0 |x| x.ceil(), f64::ceil;
    round 0.0 0.0 |x| x.round(), f64::round_ties_even;
    step 0.0 0.0 |x| x.step(), |x| f64::from(u8::from(x > 0.0));
    square 0.5 1.0 |x| x.square(), |x| x * x;
    recip 0.5 2.0 |x| x.recip(), f64::recip;
    sqrt 0.5 1.5 |x| x.sqrt(), f64::sqrt;
    rsqrt 1.5 6.0 |x| x.rsqrt(), |x| x.sqrt().recip();
    cbrt 0.51 4.0 |x| x.cbrt(), f64::cbrt;
    powi 0.51 2.0 |x| x.powi(-7), |x| x.powi(-7);
    powf 0.55 2.0 |x| x.powf(1.75), |x| x.powf(1.75);
    exp 1.0 1.0 |x| x.exp(), f64::exp;
    exp2 1.1 2.0 |x| x.exp2(), f64::exp2;
    exp_m1 1.3 1.0 |x| x.exp_m1(), f64::exp_m1;
    ln 0.9 1.0 |x| x.ln(), f64::ln;
    ln_1p 1.7 2.0 |x| x.ln_1p(), f64::ln_1p;
    log2 0.51 2.0 |x| x.log2(), f64::log2;
    log10 0.51 2.0 |x| x.log10(), f64::log10;
    sin 0.6 1.0 |x| x.sin(), f64::sin;
    cos 0.6 1.0 |x| x.cos(), f64::cos;
    tan 0.6 3.0 |x| x.tan(), f64::tan;
    asin 0.51 3.0 |x| x.asin(), f64::asin;
    acos 0.51 3.0 |x| x.acos(), f64::acos;
    atan 0.51 1.0 |x| x.atan(), f64::atan;
    sinh 0.51 1.0 |x| x.sinh(), f64::sinh;
    cosh 0.51 1.0 |x| x.cosh(), f64::cosh;
    tanh 1.5 3.0 |x| x.tanh(), f64::tanh;
    asinh 0.51 2.0 |x| x.asinh(), f64::asinh;
    acosh 0.51 3.0 |x| x.acosh(), libm::acosh;
    atanh 0.51 3.0 |x| x.atanh(), libm::atanh;
    erf 2.0 4.0 |x| x.erf(), libm::erf;
    erfc 3.0 4.0 |x| x.erfc(), libm::erfc;
    gaussian 1.4 2.0 |x| x.gaussian(), |x| (-0.5 * x * x).exp();
    normal_cdf 2.7 2.0 |x| x.normal_cdf(), normal_cdf;
    ln_gamma 0.51 0.51 |x| x.ln_gamma(), libm::lgamma;
    sigmoid 1.7 2.0 |x| x.sigmoid(), sigmoid;
    softplus 2.0 2.0 |x| x.softplus(), softplus;
    log_sigmoid 2.0 2.0 |x| x.log_sigmoid(), |x| -softplus(-x);
    relu 0.0 0.0 |x| x.relu(), |x| if x < 0.0 { 0.0 } else { x };
    relu6 0.0 0.0 |x| x.relu6(), |x| x.clamp(0.0, 6.0);
    hard_tanh 0.0 0.0 |x| x.hard_tanh(-1.0, 1.0), |x| x.clamp(-1.0, 1.0);
    leaky_relu 0.5 0.0 |x| x.leaky_relu(0.25), |x| if x > 0.0 { x } else { 0.25 * x };
    elu 2.5 2.0 |x| x.elu(1.3), |x| if x > 0.0 { x } else { 1.3 * x.exp_m1() };
    selu 3.0 3.0 |x| x.selu(), |x| 1.0507009873554805 * if x > 0.0 { x } else { 1.6732632423543773 * x.exp_m1() };
    gelu 2.8 4.0 |x| x.gelu(), |x| gated(x, normal_cdf);
    gelu_tanh 1.9 4.0 |x| x.gelu_tanh(), |x| gated(x, |x| sigmoid((8.0 / PI).sqrt() * (x + 0.044715 * x * x * x)));
    silu 1.7 4.0 |x| x.silu(), |x| gated(x, sigmoid);
    mish 3.5 4.0 |x| x.mish(), |x| gated(x, |x| softplus(x).tanh());
    softsign 1.5 2.0 |x| x.softsign(), |x| if x.is_infinite() { x.signum() } else { x / (1.0 + x.abs()) };
    hard_sigmoid 1.5 1.0 |x| x.hard_sigmoid(), |x| (x.clamp(-3.0, 3.0) + 3.0) / 6.0;
    hard_swish 2.0 2.0 |x| x.hard_swish(), |x| x.max(-3.0) * ((x.clamp(-3.0, 3.0) + 3.0) / 6.0);
}

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// `x · gate(x)`, and its limit at −∞.
fn gated(x: f64, gate: impl Fn(f64) -> f64) -> f64 {
    if x == f64::NEG_INFINITY { -0.0 } else { x * gate(x) }
}
