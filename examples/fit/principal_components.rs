//! Principal components.

use autograd::ops::linalg::Triangle;
use autograd::prelude::*;
use rand::rngs::ChaCha8Rng;

/// The directions along which rows `[n, features]` vary most around 0, as orthonormal rows `[count, features]`: what repeated
/// multiplication by their covariance leaves of any start. With `L Lᵀ = Y Yᵀ` the rows of `L⁻¹ Y` are orthonormal and span
/// what those of `Y` span.
pub fn principal_components(rows: &Tensor<f64>, count: usize, generator: &mut ChaCha8Rng) -> Tensor<f64> {
    let covariance = rows.transpose().matmul(rows) / rows.shape()[0] as f64;
    let mut directions = Tensor::normal([count, rows.shape()[1]], 0.0, 1.0, generator);
    for _ in 0..2000 {
        let moved = directions.matmul(&covariance);
        directions = moved.matmul(&moved.transpose()).cholesky().solve_triangular(&moved, Triangle::Lower);
    }
    directions
}
