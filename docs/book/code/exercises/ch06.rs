//! Chapter 6, three bugs on purpose.

use crate::tiny::{Step, edges};
use std::collections::BTreeMap;

/// Exercise 6.1: the gradient of a result by every step.
pub fn backward(steps: &[Step], result: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; steps.len()];
    gradient[result] = 1.0;
    for at in (0..=result).rev() {
        let messages: BTreeMap<usize, f64> = edges(steps, at).into_iter().collect();
        for (input, slope) in messages {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient
}

/// Exercise 6.2: the same on a graph whose steps have been shuffled: `back[i]` are
/// the edges back from step `i`, to any places.
pub fn backward_in_any_order(
    back: &[Vec<(usize, f64)>],
    result: usize,
) -> Vec<f64> {
    let mut gradient = vec![0.0; back.len()];
    gradient[result] = 1.0;
    for at in (0..back.len()).rev() {
        for &(input, slope) in &back[at] {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient
}

/// Exercise 6.3: where gradient descent on `(w - 3)²` arrives from 0, in so many
/// steps.
pub fn descend(rate: f64, steps: usize) -> f64 {
    let (mut w, mut gradient) = (0.0, 0.0);
    for _ in 0..steps {
        gradient += 2.0 * (w - 3.0);
        w -= rate * gradient;
    }
    w
}

/// Exercise 6.4: the gradient of the *sum* of two results of one tape, in a single
/// sweep.
pub fn of_both(steps: &[Step], first: usize, second: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; steps.len()];
    gradient[first] = 1.0;
    gradient[second] = 1.0;
    for at in (0..=first).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient
}
