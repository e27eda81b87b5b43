//! Chapter 5: the sum over all ways, without walking twice.

use super::{Step, edges};

// ANCHOR: backward
/// How fast the result moves with every step: once back through the tape.
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
// ANCHOR_END: backward
