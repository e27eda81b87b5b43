//! What networks bend their values with.

use super::bounded;
use crate::elementwise;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

elementwise! {
    /// The logistic function, `y = 1/(1 + e⁻ˣ)`. Derivative `y (1 − y)`. Shape: that of `x`.
    /// Computed from `e^−|x|`, so neither tail overflows. Within 1.7 ulp in `f32`, 2 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).sigmoid().to_vec(), [0.5]);
    /// ```
    pub struct Sigmoid;
    fn sigmoid(self, x) { x.sigmoid() }
    slope output(y) { [y * (-y + 1.0)] }
}

elementwise! {
    /// `y = ln(1 + eˣ)`, computed as `max(x, 0) + ln(1 + e^−|x|)`: finite for every finite `x`.
    /// Derivative `sigmoid(x)`. Shape: that of `x`. Within 2 ulp.
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
    /// Within 2 ulp.
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
    slope output(y) {
        let zero = A::constant(0.0);
        [y.if_greater(zero, A::constant(1.0), zero)]
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
    /// Derivative `Φ(x) + x φ(x)` with `φ(x) = e^(−x²/2)/√(2π)`. Shape: that of `x`. Within 3 ulp, also in the negative
    /// tail. Source: Hendrycks, Gimpel, 2016.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).gelu().item() - 0.8413447460685429).abs() < 1e-15);
    /// ```
    pub struct Gelu;
    fn gelu(self, x) { x.gelu() }
    slope inputs { [x.normal_cdf() + bounded(x) * x.gaussian() * (0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI)] }
}

elementwise! {
    /// `y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`, computed as `x · sigmoid(2u)` so that the negative tail keeps
    /// its digits. Derivative by the chain rule. Shape: that of `x`. Within 1.9 ulp in `f32`, 4 in `f64`.
    /// Source: Hendrycks, Gimpel, 2016.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert!((Tensor::from([1.0_f64]).gelu_tanh().item() - 0.8411919906082768).abs() < 1e-15);
    /// ```
    pub struct GeluTanh;
    fn gelu_tanh(self, x) { x.gelu_tanh() }
    slope inputs {
        let scale = 2.0 * (2.0 / PI).sqrt();
        let inner = (x + x * x * x * 0.044715) * scale;
        let gate = inner.sigmoid();
        // Where the gate is fully open or shut its slope is 0, however large the rest has grown.
        let (zero, bend) = (A::constant(0.0), gate * (-inner).sigmoid());
        let steep = x * (x * x * (3.0 * 0.044715) + 1.0) * scale;
        [gate + bend.if_equal(zero, zero, bend * steep)]
    }
}

elementwise! {
    /// `y = x · sigmoid(x)`, also called swish. Derivative `s (1 + x (1 − s))` with `s = sigmoid(x)`. Shape: that of `x`.
    /// Within 1.7 ulp in `f32`, 3 in `f64`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32]).silu().to_vec(), [0.0]);
    /// ```
    pub struct Silu;
    fn silu(self, x) { x.silu() }
    slope inputs { [x.sigmoid() * (bounded(x) * (-x).sigmoid() + 1.0)] }
}

elementwise! {
    /// `y = x · tanh(ln(1 + eˣ))`. Derivative `t + x s (1 − t²)` with `t = tanh(softplus(x))` and `s = sigmoid(x)`.
    /// Shape: that of `x`. Within 3.5 ulp in `f32`, 5 in `f64`. Source: Misra, 2019.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 100.0]).mish().to_vec(), [0.0, 100.0]);
    /// ```
    pub struct Mish;
    fn mish(self, x) { x.mish() }
    slope inputs {
        // (1 − t)/2, which a difference would lose where the gate is open.
        let shut = ((x.exp() + 1.0).square() + 1.0).recip();
        let bend = shut * (-shut + 1.0) * 4.0;
        [x.softplus().tanh() + bounded(x) * x.sigmoid() * bend]
    }
}

elementwise! {
    /// `y = λ x` if `x > 0`, else `λ α (eˣ − 1)`, with the `λ` and `α` that keep mean 0 and variance 1 from layer to layer.
    /// Derivative `λ` or `λ α eˣ` (`λ α` at 0). Shape: that of `x`. Source: Klambauer, Unterthiner, Mayr, Hochreiter, 2017.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f64, 0.0]).selu().to_vec(), [1.0507009873554805, 0.0]);
    /// ```
    pub struct Selu;
    fn selu(self, x) {
        x.if_greater(A::constant(0.0), x * SELU_SCALE, x.exp_m1() * (SELU_SCALE * SELU_ALPHA))
    }
    slope inputs {
        let negative = x.exp() * (SELU_SCALE * SELU_ALPHA);
        [x.if_greater(A::constant(0.0), A::constant(SELU_SCALE), negative)]
    }
}

/// `λ` of [`Selu`].
const SELU_SCALE: f64 = 1.0507009873554804934193349852946;
/// `α` of [`Selu`].
const SELU_ALPHA: f64 = 1.6732632423543772848170429916717;

elementwise! {
    /// `y = x/(1 + |x|)`. Derivative `1/(1 + |x|)²`. Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, -3.0, f32::INFINITY]).softsign().to_vec(), [0.5, -0.75, 1.0]);
    /// ```
    pub struct Softsign;
    fn softsign(self, x) {
        let size = x.abs();
        size.if_equal(A::constant(f64::INFINITY), x.sign(), x / (size + 1.0))
    }
    slope inputs { [(x.abs() + 1.0).recip().square()] }
}

elementwise! {
    /// `y = min(max(x + 3, 0), 6)/6`, a sigmoid of three straight pieces. Derivative 1/6 strictly between −3 and 3, else 0.
    /// Shape: that of `x`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-4.0_f32, 0.0, 1.5, 3.0]).hard_sigmoid().to_vec(), [0.0, 0.5, 0.75, 1.0]);
    /// ```
    pub struct HardSigmoid;
    fn hard_sigmoid(self, x) { (x + 3.0).clamp(0.0, 6.0) / 6.0 }
    slope inputs {
        let zero = A::constant(0.0);
        let below = A::constant(3.0).if_greater(x, A::constant(1.0 / 6.0), zero);
        [x.if_greater(A::constant(-3.0), below, zero)]
    }
}

elementwise! {
    /// `y = x · hard_sigmoid(x)`. Derivative `(2x + 3)/6` strictly between −3 and 3, 0 up to −3, 1 from 3 on. Shape: that of `x`.
    /// Source: Howard and others, 2019.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([-4.0_f32, 1.5, 4.0]).hard_swish().to_vec(), [0.0, 1.125, 4.0]);
    /// ```
    pub struct HardSwish;
    fn hard_swish(self, x) { x.clamp(-3.0, f64::INFINITY) * x.hard_sigmoid() }
    slope inputs {
        let (zero, three) = (A::constant(0.0), A::constant(3.0));
        let below = three.if_greater(x, (x * 2.0 + 3.0) / 6.0, A::constant(1.0));
        [x.if_greater(-three, below, zero)]
    }
}
