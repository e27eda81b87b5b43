//! Chapter 4: all ways back from a result to an input.

use super::{Step, edges};

// ANCHOR: path
/// One way back: the steps that it visits, and the local derivatives between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub steps: Vec<usize>,
    pub slopes: Vec<f64>,
}

impl Path {
    /// How fast the end of the way moves with its beginning, by this way alone.
    pub fn product(&self) -> f64 {
        self.slopes.iter().product()
    }
}

/// Every way from a step back to an input.
pub fn paths(steps: &[Step], from: usize, to: usize) -> Vec<Path> {
    if from == to {
        return vec![Path { steps: vec![to], slopes: vec![] }];
    }
    let mut found = Vec::new();
    for (input, slope) in edges(steps, from) {
        for rest in paths(steps, input, to) {
            found.push(Path {
                steps: [vec![from], rest.steps].concat(),
                slopes: [vec![slope], rest.slopes].concat(),
            });
        }
    }
    found
}
// ANCHOR_END: path
