//! Chapter 4, the chain rule as paths.

use crate::tiny::{Step, edges};

/// Exercise 4.1: how many ways there are from a step back to an input, without
/// walking any.
pub fn count_paths(steps: &[Step], from: usize, to: usize) -> u64 {
    let mut ways = vec![0; steps.len()];
    ways[from] = 1;
    for at in (to + 1..=from).rev() {
        for &input in &steps[at].inputs {
            ways[input] = ways[at];
        }
    }
    ways[to]
}

/// Exercise 4.2: the share of each way in the gradient, in percent. They sum to
/// 100.
pub fn shares(products: &[f64]) -> Vec<f64> {
    let sum: f64 = products.iter().map(|product| product.abs()).sum();
    products.iter().map(|product| 100.0 * product / sum).collect()
}

/// Exercise 4.3: how many times larger the ways are together than what is left of
/// them.
pub fn cancellation(products: &[f64]) -> f64 {
    let sum: f64 = products.iter().sum();
    sum.abs() / products.len() as f64
}

/// Exercise 4.4: the size of the strongest way from a step back to an input, in one
/// sweep.
pub fn strongest(steps: &[Step], from: usize, to: usize) -> f64 {
    let mut best = vec![0.0; steps.len()];
    best[from] = 1.0;
    for at in (to + 1..=from).rev() {
        for (input, slope) in edges(steps, at) {
            best[input] += best[at] * slope.abs();
        }
    }
    best[to]
}
