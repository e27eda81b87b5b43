//! Chapter 3: the derivatives of one step.

use super::{Op, Step};

// ANCHOR: slopes
impl Op {
    /// Local derivatives: how fast the result moves with each input, the others
    /// held still.
    pub fn slopes(self, x: &[f64]) -> Vec<f64> {
        match self {
            Op::Input => vec![],
            Op::Add => vec![1.0, 1.0],
            Op::Sub => vec![1.0, -1.0],
            Op::Mul => vec![x[1], x[0]],
            Op::Ln => vec![1.0 / x[0]],
            Op::Exp => vec![x[0].exp()],
            Op::Tanh => vec![1.0 - x[0].tanh().powi(2)],
            Op::Max => match x[0] >= x[1] {
                true => vec![1.0, 0.0],
                false => vec![0.0, 1.0],
            },
        }
    }
}
// ANCHOR_END: slopes

// ANCHOR: edges
/// The edges back from a step: each of its inputs, with the local derivative.
pub fn edges(steps: &[Step], at: usize) -> Vec<(usize, f64)> {
    let step = &steps[at];
    let values: Vec<f64> = step.inputs.iter().map(|&i| steps[i].value).collect();
    step.inputs.iter().copied().zip(step.op.slopes(&values)).collect()
}
// ANCHOR_END: edges
