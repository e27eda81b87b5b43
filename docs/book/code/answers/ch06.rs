//! Chapter 6, three bugs on purpose.

use crate::tiny::{Step, edges};

// ANCHOR: one
/// Exercise 6.1: the gradient of a result by every step.
pub fn backward(steps: &[Step], result: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; steps.len()];
    gradient[result] = 1.0;
    for at in (0..=result).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 6.2: the same on a graph whose steps have been shuffled: `back[i]` are
/// the edges back from step `i`, to any places.
pub fn backward_in_any_order(
    back: &[Vec<(usize, f64)>],
    result: usize,
) -> Vec<f64> {
    let mut waiting = vec![0; back.len()]; // how many readers have not spoken yet
    for (input, _) in back.iter().flatten() {
        waiting[*input] += 1;
    }
    let mut ready: Vec<usize> =
        (0..back.len()).filter(|&at| waiting[at] == 0).collect();
    let mut gradient = vec![0.0; back.len()];
    gradient[result] = 1.0;
    while let Some(at) = ready.pop() {
        for &(input, slope) in &back[at] {
            gradient[input] += gradient[at] * slope;
            waiting[input] -= 1;
            if waiting[input] == 0 {
                ready.push(input);
            }
        }
    }
    gradient
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 6.3: where gradient descent on `(w - 3)²` arrives from 0, in so many
/// steps.
pub fn descend(rate: f64, steps: usize) -> f64 {
    let mut w = 0.0;
    for _ in 0..steps {
        let gradient = 2.0 * (w - 3.0);
        w -= rate * gradient;
    }
    w
}
// ANCHOR_END: three

// ANCHOR: four
/// Exercise 6.4: the gradient of the *sum* of two results of one tape, in a single
/// sweep.
pub fn of_both(steps: &[Step], first: usize, second: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; steps.len()];
    gradient[first] += 1.0;
    gradient[second] += 1.0;
    for at in (0..=first.max(second)).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
        }
    }
    gradient
}
// ANCHOR_END: four
