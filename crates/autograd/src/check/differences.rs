//! Derivatives by differences, with an error bar, and the sums that they are compared in.

use crate::Tensor;

/// A derivative by differences, and how sure it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numeric {
    pub value: f64,
    pub bar: f64,
}

impl Numeric {
    /// From central differences of a function whose values are good to `noise`.
    pub fn extrapolate(h: f64, noise: f64, mut at: impl FnMut(f64) -> f64) -> Self {
        let mut difference = |h: f64| (at(h) - at(-h)) / (2.0 * h);
        let (coarse, middle, fine) = (difference(4.0 * h), difference(2.0 * h), difference(h));
        let (first, second) = (middle + (middle - coarse) / 3.0, fine + (fine - middle) / 3.0);
        let best = second + (second - first) / 15.0;
        let spread = (best - second).abs().max((second - fine).abs().min((best - first).abs()));
        Numeric { value: best, bar: 2.0 * spread + 3.0 * noise / h }
    }
}

/// The step for a point as a whole.
pub(super) fn step(inputs: &[Tensor<f64>]) -> f64 {
    f64::EPSILON.cbrt() * inputs.iter().map(largest).fold(1.0, f64::max)
}

pub(super) fn largest(x: &Tensor<f64>) -> f64 {
    x.to_vec().iter().fold(0.0, |max, v| if v.is_nan() { f64::NAN } else { f64::max(max, v.abs()) })
}

pub(super) fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| a * b).sum()
}

/// The terms of a scalar product, without their signs: what its rounding is measured by.
pub(super) fn terms(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| (a * b).abs()).sum()
}

/// The squares of the terms of a scalar product, summed.
pub(super) fn squares(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| (a * b).powi(2)).sum()
}

pub(super) fn dot_all(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    a.iter().zip(b).map(|(a, b)| dot(a, b)).sum()
}

pub(super) fn same_bits(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> bool {
    let bits = |x: &[Tensor<f64>]| -> Vec<u64> { x.iter().flat_map(Tensor::to_vec).map(f64::to_bits).collect() };
    bits(a) == bits(b)
}
