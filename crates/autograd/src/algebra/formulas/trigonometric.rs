//! Functions of angles.

use crate::elementwise;

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
