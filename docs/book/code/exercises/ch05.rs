//! Chapter 5, backpropagation.

use crate::tiny::{Step, edges};

/// Exercise 5.1: how fast every step moves with *one input*: forwards through the
/// tape.
pub fn forward(steps: &[Step], input: usize) -> Vec<f64> {
    let mut tangent = vec![0.0; steps.len()];
    tangent[input] = 1.0;
    for at in input + 1..steps.len() {
        if let Some(&(from, slope)) = edges(steps, at).first() {
            tangent[at] = tangent[from] * slope;
        }
    }
    tangent
}

/// Exercise 5.2: the gradient, and the number of products that it took: none for
/// steps that the result does not depend on.
pub fn backward_counted(steps: &[Step], result: usize) -> (Vec<f64>, usize) {
    let (mut gradient, mut products) = (vec![0.0; steps.len()], 0);
    gradient[result] = 1.0;
    for at in (0..=result).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
            products += 1;
        }
    }
    (gradient, products)
}

/// Exercise 5.3: the derivatives of several results by several inputs, a row a
/// result.
pub fn jacobian(
    steps: &[Step],
    results: &[usize],
    inputs: &[usize],
) -> Vec<Vec<f64>> {
    let mut gradient = vec![0.0; steps.len()];
    for &result in results {
        gradient[result] = 1.0;
    }
    for at in (0..steps.len()).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
        }
    }
    let row: Vec<f64> = inputs.iter().map(|&input| gradient[input]).collect();
    vec![row; results.len()]
}

/// Exercise 5.4: the gradient when nothing may pass back *through* one step, as if
/// it were a constant.
pub fn backward_detached(
    steps: &[Step],
    result: usize,
    detached: usize,
) -> Vec<f64> {
    let mut gradient = vec![0.0; steps.len()];
    gradient[result] = 1.0;
    for at in (0..=result).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient[detached] = 0.0;
    gradient
}
