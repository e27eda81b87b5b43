//! Hyperbolic functions.

use crate::elementwise;

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
