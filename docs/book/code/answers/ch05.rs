//! Chapter 5, backpropagation.

use crate::tiny::{Step, edges};

// ANCHOR: one
/// Exercise 5.1: how fast every step moves with *one input*: forwards through the
/// tape.
pub fn forward(steps: &[Step], input: usize) -> Vec<f64> {
    let mut tangent = vec![0.0; steps.len()];
    tangent[input] = 1.0;
    for at in input + 1..steps.len() {
        for (from, slope) in edges(steps, at) {
            tangent[at] += tangent[from] * slope;
        }
    }
    tangent
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 5.2: the gradient, and the number of products that it took: none for
/// steps that the result does not depend on.
pub fn backward_counted(steps: &[Step], result: usize) -> (Vec<f64>, usize) {
    let (mut gradient, mut products) = (vec![0.0; steps.len()], 0);
    gradient[result] = 1.0;
    for at in (0..=result).rev() {
        if gradient[at] == 0.0 {
            continue; // nothing to pass on
        }
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
            products += 1;
        }
    }
    (gradient, products)
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 5.3: the derivatives of several results by several inputs, a row a
/// result.
pub fn jacobian(
    steps: &[Step],
    results: &[usize],
    inputs: &[usize],
) -> Vec<Vec<f64>> {
    let row = |&result: &usize| {
        let gradient = crate::tiny::backward(steps, result);
        inputs.iter().map(|&input| gradient[input]).collect()
    };
    results.iter().map(row).collect()
}
// ANCHOR_END: three

// ANCHOR: four
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
        if at == detached {
            gradient[at] = 0.0;
        }
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient
}
// ANCHOR_END: four
