//! Chapter 9, from scalars to tensors.

use autograd::prelude::*;

/// Exercise 9.1: a layer: `x` is `[rows, in]`, `w` is `[out, in]`, `b` is `[out]`,
/// the result `[rows, out]`.
pub fn linear(x: &Tensor<f64>, w: &Tensor<f64>, b: &Tensor<f64>) -> Tensor<f64> {
    x.matmul(w) + b
}

/// Exercise 9.2: the gradient of a layer by its weight, given the gradient `g`
/// `[rows, out]` of its result.
pub fn by_weight(g: &Tensor<f64>, x: &Tensor<f64>) -> Tensor<f64> {
    g.transpose().matmul(x) / x.shape()[0] as f64
}

/// Exercise 9.3: the gradient of a layer by its bias.
pub fn by_bias(g: &Tensor<f64>) -> Tensor<f64> {
    g.mean_axes([0])
}

/// Exercise 9.4: how many nodes the scalar tape gets from one point: each neuron
/// has a product and a sum for each weight, and all but those of the last layer a
/// tanh.
pub fn nodes(widths: &[usize]) -> usize {
    widths.windows(2).map(|pair| 2 * pair[0] * pair[1]).sum()
}
