//! Chapter 2, record a calculation.

use crate::tiny::{Number, Op, Step};

/// Exercise 2.1: `(x − y)²`, with two steps recorded and no more.
pub fn squared_distance<'t>(x: Number<'t>, y: Number<'t>) -> Number<'t> {
    (x - y) * (x - y)
}

/// Exercise 2.2: the values of all steps, were these the inputs.
pub fn replay(steps: &[Step], inputs: &[f64]) -> Vec<f64> {
    let mut inputs = inputs.iter().copied();
    let mut values: Vec<f64> = Vec::new();
    for step in steps {
        values.push(match step.op {
            Op::Input => inputs.next().unwrap_or(f64::NAN),
            _ => step.value,
        });
    }
    values
}

/// Exercise 2.3: how many times each step is read by others.
pub fn readings(steps: &[Step]) -> Vec<usize> {
    let read_by =
        |i: usize| steps.iter().filter(|step| step.inputs.contains(&i)).count();
    (0..steps.len()).map(read_by).collect()
}

/// Exercise 2.4: for each step, whether the result depends on it (as it does on
/// itself).
pub fn needed(steps: &[Step], result: usize) -> Vec<bool> {
    let mut needed = vec![false; steps.len()];
    needed[result] = true;
    for &input in &steps[result].inputs {
        needed[input] = true;
    }
    needed
}
