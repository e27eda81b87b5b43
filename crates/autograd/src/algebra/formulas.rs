//! Every elementwise rule: its formula, its derivative, its documentation.
//!
//! The rules of functions that numbers compute themselves (`exp`, `tanh`, …) name that function in their value; all
//! others are written in terms of those. A slope is given where a better one is known than the automatic one.

use super::Algebra;
use crate::elementwise;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

// ---- arithmetic ------------------------------------------------------------------------------------------

elementwise! {
    /// `y = −x`. Derivative −1. Shape: that of `x`. Written `-x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((-Tensor::from([1.0_f32, -2.0])).to_vec(), [-1.0, 2.0]);
    /// ```
    pub struct Neg;
    fn neg(self, x) { -x }
    slope constant { [-1.0] }
}

elementwise! {
    /// `y = a + b`. Derivatives 1, 1. Shape: `a` and `b` broadcast. Written `a + b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let y = Tensor::from([[1.0_f32], [2.0]]) + Tensor::from([10.0, 20.0]);
    /// assert_eq!(y, Tensor::from([[11.0, 21.0], [12.0, 22.0]]));
    /// ```
    pub struct Add;
    fn add(self, a, b) { a + b }
    slope constant { [1.0, 1.0] }
}

elementwise! {
    /// `y = a − b`. Derivatives 1, −1. Shape: `a` and `b` broadcast. Written `a - b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([3.0_f32]) - Tensor::from([1.0, 5.0])).to_vec(), [2.0, -2.0]);
    /// ```
    pub struct Sub;
    fn sub(self, a, b) { a - b }
    slope constant { [1.0, -1.0] }
}

elementwise! {
    /// `y = a · b`. Derivatives `b`, `a`. Shape: `a` and `b` broadcast. Written `a * b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([2.0_f32, 3.0]) * Tensor::from([4.0, 5.0])).to_vec(), [8.0, 15.0]);
    /// ```
    pub struct Mul;
    fn mul(self, a, b) { a * b }
    slope inputs { [b, a] }
}

elementwise! {
    /// `y = a / b`. Derivatives `1/b`, `−a/b²`. Shape: `a` and `b` broadcast. Written `a / b`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 6.0]) / Tensor::from([2.0, 3.0])).to_vec(), [0.5, 2.0]);
    /// ```
    pub struct Div;
    fn div(self, a, b) { a / b }
    slope inputs { [b.recip(), -(a / b) / b] }
}

elementwise! {
    /// `y = x + c` with a constant `c`. Derivative 1. Shape: that of `x`. Written `x + c`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 2.0]) + 0.5).to_vec(), [1.5, 2.5]);
    /// ```
    pub struct AddConstant {
        /// `c`.
        constant: f64,
    }
    fn add_constant(self, x) { x + self.constant }
    slope constant { [1.0] }
}

elementwise! {
    /// `y = c · x` with a constant `c`. Derivative `c`. Shape: that of `x`. Written `x * c`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 2.0]) * 0.5).to_vec(), [0.5, 1.0]);
    /// ```
    pub struct MulConstant {
        /// `c`.
        constant: f64,
    }
    fn mul_constant(self, x) { x * self.constant }
    slope constant { [self.constant] }
}

elementwise! {
    /// `y = x / c` with a constant `c`. Derivative `1/c`. Shape: that of `x`. Written `x / c`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!((Tensor::from([1.0_f32, 3.0]) / 2.0).to_vec(), [0.5, 1.5]);
    /// ```
    pub struct DivConstant {
        /// `c`.
        constant: f64,
    }
    fn div_constant(self, x) { x / self.constant }
    slope constant { [1.0 / self.constant] }
}

elementwise! {
    /// `y = c − x` with a constant `c`. Derivative −1. Shape: that of `x`. Written `x.rsub(c)`, or `c - x`
    /// where `x` has a concrete type.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 3.0]).rsub(1.0).to_vec(), [0.0, -2.0]);
    /// ```
    pub struct SubtractFrom {
        /// `c`.
        constant: f64,
    }
    fn rsub(self, x) { -x + self.constant }
    slope constant { [-1.0] }
}

elementwise! {
    /// `y = c / x` with a constant `c`. Derivative `−c/x²`. Shape: that of `x`. Written `x.rdiv(c)`, or `c / x`
    /// where `x` has a concrete type.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 4.0]).rdiv(2.0).to_vec(), [2.0, 0.5]);
    /// ```
    pub struct DivideInto {
        /// `c`.
        constant: f64,
    }
    fn rdiv(self, x) { A::constant(self.constant) / x }
    slope inputs { [-(A::constant(self.constant) / x) / x] }
}

elementwise! {
    /// `y = 1/x`. Derivative `−1/x²`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, 4.0]).recip().to_vec(), [0.5, 0.25]);
    /// ```
    pub struct Recip;
    fn recip(self, x) { A::constant(1.0) / x }
    slope output(y) { [-(y * y)] }
}

elementwise! {
    /// `y = slope · g`, except that a cotangent of exactly 0 stays 0 where the slope is not finite.
    /// Derivatives `slope`, `g`. Shape: both broadcast. The step of the chain rule, as an operation of its own so that
    /// it can be differentiated again.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::algebra::formulas::TimesSlope;
    /// let (g, slope) = (Tensor::from([0.0_f32, 2.0]), Tensor::from([f32::INFINITY, 3.0]));
    /// assert_eq!(g.zip(&slope, TimesSlope).to_vec(), [0.0, 6.0]);
    /// ```
    pub struct TimesSlope;
    fn times_slope(self, g, slope) { g.times_slope(slope) }
    slope inputs { [slope, g] }
}

// ---- powers, exponentials, logarithms --------------------------------------------------------------------

elementwise! {
    /// `y = x²`. Derivative `2x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f32, -2.0]).square().to_vec(), [9.0, 4.0]);
    /// ```
    pub struct Square;
    fn square(self, x) { x * x }
    slope inputs { [x * 2.0] }
}

elementwise! {
    /// `y = √x`. Derivative `1/(2√x)`; at 0 it is infinite, and contributes nothing to a cotangent of exactly 0.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([9.0_f32, 0.25]).sqrt().to_vec(), [3.0, 0.5]);
    /// ```
    pub struct Sqrt;
    fn sqrt(self, x) { x.sqrt() }
    slope output(y) { [A::constant(0.5) / y] }
}

elementwise! {
    /// `y = |x|`. Derivative `sign x`, 0 at 0 (the sub-gradient of least norm). Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-3.0_f32, 2.0]).abs().to_vec(), [3.0, 2.0]);
    /// ```
    pub struct Abs;
    fn abs(self, x) { x.abs() }
    slope inputs {
        let zero = A::constant(0.0);
        let negative = zero.if_greater(x, A::constant(-1.0), zero);
        [x.if_greater(zero, A::constant(1.0), negative)]
    }
}

elementwise! {
    /// `y = xⁿ` for a whole number `n`. Derivative `n xⁿ⁻¹`, 0 for `n = 0`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, -3.0]).powi(3).to_vec(), [8.0, -27.0]);
    /// ```
    pub struct Powi {
        /// `n`.
        exponent: i32,
    }
    fn powi(self, x) { x.powi(self.exponent) }
    slope inputs {
        [if self.exponent == 0 {
            A::constant(0.0)
        } else {
            x.powi(self.exponent - 1) * f64::from(self.exponent)
        }]
    }
}

elementwise! {
    /// `y = xᶜ` for a constant `c`. Derivative `c xᶜ⁻¹`, 0 for `c = 0`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([4.0_f32, 9.0]).powf(0.5).to_vec(), [2.0, 3.0]);
    /// ```
    pub struct Powf {
        /// `c`.
        exponent: f64,
    }
    fn powf(self, x) { x.powf(self.exponent) }
    slope inputs {
        [if self.exponent == 0.0 { A::constant(0.0) } else { x.powf(self.exponent - 1.0) * self.exponent }]
    }
}

elementwise! {
    /// `y = aᵇ`. Derivatives `b aᵇ⁻¹` (0 where `b = 0`) and `aᵇ ln a` (at `a = 0`: 0 for `b ≥ 0`, −∞ for `b < 0`).
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, 3.0]).pow(&Tensor::from([3.0, 2.0])).to_vec(), [8.0, 9.0]);
    /// ```
    pub struct Pow;
    fn pow(self, a, b) { a.pow(b) }
    slope inputs, output(y) {
        let zero = A::constant(0.0);
        let base = b.if_equal(zero, zero, b * a.pow(b - 1.0));
        let at_zero = zero.if_greater(b, A::constant(f64::NEG_INFINITY), zero);
        [base, a.if_equal(zero, at_zero, y * a.ln())]
    }
}

elementwise! {
    /// `y = eˣ`. Derivative `y`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).exp().to_vec(), [1.0]);
    /// ```
    pub struct Exp;
    fn exp(self, x) { x.exp() }
    slope output(y) { [y] }
}

elementwise! {
    /// `y = eˣ − 1`, without cancellation near 0. Derivative `eˣ`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1e-10_f64]).exp_m1().to_vec(), [1.00000000005e-10]);
    /// ```
    pub struct ExpM1;
    fn exp_m1(self, x) { x.exp_m1() }
    slope inputs { [x.exp()] }
}

elementwise! {
    /// `y = ln x`. Derivative `1/x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32]).ln().to_vec(), [0.0]);
    /// ```
    pub struct Ln;
    fn ln(self, x) { x.ln() }
    slope inputs { [x.recip()] }
}

elementwise! {
    /// `y = ln(1 + x)`, without cancellation near 0. Derivative `1/(1 + x)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1e-10_f64]).ln_1p().item() - 9.9999999995e-11).abs() < 1e-25);
    /// ```
    pub struct Ln1p;
    fn ln_1p(self, x) { x.ln_1p() }
    slope inputs { [(x + 1.0).recip()] }
}

// ---- trigonometric and error functions -------------------------------------------------------------------

elementwise! {
    /// `y = sin x`, radians. Derivative `cos x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).sin().to_vec(), [0.0]);
    /// ```
    pub struct Sin;
    fn sin(self, x) { x.sin() }
    slope inputs { [x.cos()] }
}

elementwise! {
    /// `y = cos x`, radians. Derivative `−sin x`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).cos().to_vec(), [1.0]);
    /// ```
    pub struct Cos;
    fn cos(self, x) { x.cos() }
    slope inputs { [-x.sin()] }
}

elementwise! {
    /// The error function, `y = 2/√π ∫₀ˣ e^(−t²) dt`. Derivative `2/√π e^(−x²)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).erf().item() - 0.8427007929497149).abs() < 1e-15);
    /// ```
    pub struct Erf;
    fn erf(self, x) { x.erf() }
    slope inputs { [(-(x * x)).exp() * FRAC_2_SQRT_PI] }
}

elementwise! {
    /// The complementary error function, `y = 1 − erf x`, accurate in its tail. Derivative `−2/√π e^(−x²)`.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).erfc().item() - 0.15729920705028513).abs() < 1e-15);
    /// ```
    pub struct Erfc;
    fn erfc(self, x) { x.erfc() }
    slope inputs { [(-(x * x)).exp() * -FRAC_2_SQRT_PI] }
}

// ---- activations -----------------------------------------------------------------------------------------

elementwise! {
    /// The hyperbolic tangent, `y = tanh x`. Derivative `1 − y²`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).tanh().to_vec(), [0.0]);
    /// ```
    pub struct Tanh;
    fn tanh(self, x) { x.tanh() }
    slope output(y) { [-(y * y) + 1.0] }
}

elementwise! {
    /// The logistic function, `y = 1/(1 + e⁻ˣ)`. Derivative `y (1 − y)`. Shape: that of `x`.
    /// Computed from `e^−|x|`, so neither tail overflows.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).sigmoid().to_vec(), [0.5]);
    /// ```
    pub struct Sigmoid;
    fn sigmoid(self, x) {
        let decay = (-x.abs()).exp();
        A::constant(0.0).if_greater(x, decay, A::constant(1.0)) / (decay + 1.0)
    }
    slope output(y) { [y * (-y + 1.0)] }
}

elementwise! {
    /// `y = ln(1 + eˣ)`, computed as `max(x, 0) + ln(1 + e^−|x|)`: finite for every finite `x`.
    /// Derivative `sigmoid(x)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([10_000.0_f32, -10_000.0]).softplus().to_vec(), [10_000.0, 0.0]);
    /// ```
    pub struct Softplus;
    fn softplus(self, x) { x.relu() + (-x.abs()).exp().ln_1p() }
    slope inputs { [x.sigmoid()] }
}

elementwise! {
    /// `y = −ln(1 + e⁻ˣ)`, the logarithm of [`Sigmoid`], computed as the negated softplus of `−x`: finite for every
    /// finite `x`, where the logarithm of a rounded sigmoid would be −∞. Derivative `sigmoid(−x)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([10_000.0_f32, -10_000.0]).log_sigmoid().to_vec(), [0.0, -10_000.0]);
    /// ```
    pub struct LogSigmoid;
    fn log_sigmoid(self, x) { -(-x).softplus() }
    slope inputs { [(-x).sigmoid()] }
}

elementwise! {
    /// The rectifier, `y = max(x, 0)`; NaN stays NaN. Derivative 1 where `x > 0`, else 0 (0 at 0). Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-1.0_f32, 2.0]).relu().to_vec(), [0.0, 2.0]);
    /// ```
    pub struct Relu;
    fn relu(self, x) {
        let zero = A::constant(0.0);
        zero.if_greater(x, zero, x)
    }
    slope inputs {
        let zero = A::constant(0.0);
        [x.if_greater(zero, A::constant(1.0), zero)]
    }
}

elementwise! {
    /// `y = x` if `x > 0`, else `slope·x`. Derivative 1 or `slope` (`slope` at 0). Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 2.0]).leaky_relu(0.5).to_vec(), [-1.0, 2.0]);
    /// ```
    pub struct LeakyRelu {
        /// The slope on the negative side.
        slope: f64,
    }
    fn leaky_relu(self, x) { x.if_greater(A::constant(0.0), x, x * self.slope) }
    slope inputs { [x.if_greater(A::constant(0.0), A::constant(1.0), A::constant(self.slope))] }
}

elementwise! {
    /// `y = x` if `x > 0`, else `α (eˣ − 1)`. Derivative 1 or `α eˣ` (`α` at 0). Shape: that of `x`.
    /// Source: Clevert, Unterthiner, Hochreiter, 2015.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 2.0]).elu(1.0).to_vec(), [0.0, 2.0]);
    /// ```
    pub struct Elu {
        /// `α`, what the function tends to, with its sign changed.
        alpha: f64,
    }
    fn elu(self, x) { x.if_greater(A::constant(0.0), x, x.exp_m1() * self.alpha) }
    slope inputs { [x.if_greater(A::constant(0.0), A::constant(1.0), x.exp() * self.alpha)] }
}

elementwise! {
    /// `y = x Φ(x)` with the normal distribution function `Φ(x) = ½ erfc(−x/√2)`.
    /// Derivative `Φ(x) + x φ(x)` with `φ(x) = e^(−x²/2)/√(2π)`. Shape: that of `x`. Source: Hendrycks, Gimpel, 2016.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).gelu().item() - 0.8413447460685429).abs() < 1e-15);
    /// ```
    pub struct Gelu;
    fn gelu(self, x) { x * ((x * -FRAC_1_SQRT_2).erfc() * 0.5) }
    slope inputs {
        let density = (x * x * -0.5).exp() * (0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI);
        [(x * -FRAC_1_SQRT_2).erfc() * 0.5 + x * density]
    }
}

elementwise! {
    /// `y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`, computed as `x · sigmoid(2u)` so that the negative tail keeps
    /// its digits. Derivative by the chain rule. Shape: that of `x`. Source: Hendrycks, Gimpel, 2016.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).gelu_tanh().item() - 0.8411919906082768).abs() < 1e-15);
    /// ```
    pub struct GeluTanh;
    fn gelu_tanh(self, x) {
        let u = (x + x * x * x * 0.044715) * (2.0 / PI).sqrt();
        x * (u * 2.0).sigmoid()
    }
    slope inputs {
        let scale = 2.0 * (2.0 / PI).sqrt();
        let gate = ((x + x * x * x * 0.044715) * scale).sigmoid();
        // Where the gate is fully open or shut its slope is 0, however large the rest has grown.
        let (zero, bend) = (A::constant(0.0), gate * (-gate + 1.0));
        let steep = x * (x * x * (3.0 * 0.044715) + 1.0) * scale;
        [gate + bend.if_equal(zero, zero, bend * steep)]
    }
}

elementwise! {
    /// `y = x · sigmoid(x)`. Derivative `s (1 + x (1 − s))` with `s = sigmoid(x)`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).silu().to_vec(), [0.0]);
    /// ```
    pub struct Silu;
    fn silu(self, x) { x * x.sigmoid() }
    slope inputs { [x.sigmoid() * (x * (-x).sigmoid() + 1.0)] }
}

// ---- pieces ----------------------------------------------------------------------------------------------

elementwise! {
    /// `y = min(max(x, low), high)`; an infinite bound is no bound. Derivative 1 strictly between the bounds, else 0
    /// (0 at a bound, so that a clamp from below at 0 is [`Relu`]). Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 0.5, 3.0]).clamp(-1.0, 1.0).to_vec(), [-1.0, 0.5, 1.0]);
    /// ```
    pub struct Clamp {
        /// The lower bound, −∞ for none.
        low: f64,
        /// The upper bound, +∞ for none.
        high: f64,
    }
    fn clamp(self, x) {
        let (low, high) = (A::constant(self.low), A::constant(self.high));
        let x = low.if_greater(x, low, x);
        x.if_greater(high, high, x)
    }
    slope inputs {
        let (zero, one) = (A::constant(0.0), A::constant(1.0));
        let below_high = A::constant(self.high).if_greater(x, one, zero);
        [x.if_greater(A::constant(self.low), below_high, zero)]
    }
}

elementwise! {
    /// `y = 1` where `x > 0`, else 0. Derivative 0 everywhere. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-1.0_f32, 0.0, 2.0]).step().to_vec(), [0.0, 0.0, 1.0]);
    /// ```
    pub struct Step;
    fn step(self, x) { x.if_greater(A::constant(0.0), A::constant(1.0), A::constant(0.0)) }
    slope constant { [0.0] }
}

elementwise! {
    /// 1 where `a > b`, else 0: what a comparison of two arrays computes. Derivatives 0. Shape: both broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let mask = Tensor::from([1.0_f32, 3.0]).greater(&Tensor::from([2.0]));
    /// assert_eq!(mask.to_bools(), [false, true]);
    /// ```
    pub struct Greater;
    fn greater(self, a, b) { a.if_greater(b, A::constant(1.0), A::constant(0.0)) }
    slope constant { [0.0, 0.0] }
}

elementwise! {
    /// 1 where `a = b`, else 0. Derivatives 0. Shape: both broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let mask = Tensor::from([1.0_f32, 2.0]).equal(&Tensor::from([2.0]));
    /// assert_eq!(mask.to_bools(), [false, true]);
    /// ```
    pub struct Equal;
    fn equal(self, a, b) { a.if_equal(b, A::constant(1.0), A::constant(0.0)) }
    slope constant { [0.0, 0.0] }
}

elementwise! {
    /// The larger of two; NaN if either is. Derivatives 1, 0 or 0, 1; ½, ½ where they are equal.
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 5.0]).maximum(&Tensor::from([3.0])).to_vec(), [3.0, 5.0]);
    /// ```
    pub struct Maximum;
    fn maximum(self, a, b) { a.if_greater(b, a, b.if_greater(a, b, a.if_equal(b, a, a + b))) }
    slope inputs { share(a, b) }
}

elementwise! {
    /// The smaller of two; NaN if either is. Derivatives 1, 0 or 0, 1; ½, ½ where they are equal.
    /// Shape: `a` and `b` broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 5.0]).minimum(&Tensor::from([3.0])).to_vec(), [1.0, 3.0]);
    /// ```
    pub struct Minimum;
    fn minimum(self, a, b) { b.if_greater(a, a, a.if_greater(b, b, a.if_equal(b, a, a + b))) }
    slope inputs { share(b, a) }
}

/// What the first and the second of two contestants get when the larger wins and a tie is shared.
#[inline(always)]
fn share<A: Algebra>(first: A, second: A) -> [A; 2] {
    let win = |a: A, b: A| {
        let tie = a.if_equal(b, A::constant(0.5), A::constant(0.0));
        a.if_greater(b, A::constant(1.0), tie)
    };
    [win(first, second), win(second, first)]
}
