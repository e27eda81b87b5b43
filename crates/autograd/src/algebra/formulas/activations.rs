//! What networks bend their values with.

use crate::elementwise;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

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
