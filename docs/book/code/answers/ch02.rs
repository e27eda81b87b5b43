//! Chapter 2, record a calculation.

use crate::tiny::{Number, Op, Step};

// ANCHOR: one
/// Exercise 2.1: `(x − y)²`, with two steps recorded and no more.
pub fn squared_distance<'t>(x: Number<'t>, y: Number<'t>) -> Number<'t> {
    let difference = x - y;
    difference * difference
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 2.2: the values of all steps, were these the inputs.
pub fn replay(steps: &[Step], inputs: &[f64]) -> Vec<f64> {
    let mut inputs = inputs.iter().copied();
    let mut values: Vec<f64> = Vec::new();
    for step in steps {
        let x: Vec<f64> = step.inputs.iter().map(|&i| values[i]).collect();
        values.push(match step.op {
            Op::Input => inputs.next().unwrap_or(f64::NAN),
            op => op.value(&x),
        });
    }
    values
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 2.3: how many times each step is read by others.
pub fn readings(steps: &[Step]) -> Vec<usize> {
    let mut readings = vec![0; steps.len()];
    for input in steps.iter().flat_map(|step| &step.inputs) {
        readings[*input] += 1;
    }
    readings
}
// ANCHOR_END: three

// ANCHOR: four
/// Exercise 2.4: for each step, whether the result depends on it (as it does on
/// itself).
pub fn needed(steps: &[Step], result: usize) -> Vec<bool> {
    let mut needed = vec![false; steps.len()];
    needed[result] = true;
    for at in (0..=result).rev() {
        if needed[at] {
            for &input in &steps[at].inputs {
                needed[input] = true;
            }
        }
    }
    needed
}
// ANCHOR_END: four
