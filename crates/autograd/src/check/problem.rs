//! The function that is checked, recorded at points around its inputs.

use super::differences::{dot, squares};
use crate::{Interpretation, Key, Tape, Tensor, Var};

/// A function at its inputs, weighed by a cotangent.
pub(super) struct Problem<'a, F> {
    pub inputs: &'a [Tensor<f64>],
    pub f: F,
    pub cotangent: Tensor<f64>,
    pub seed: u64,
}

/// A recording of the function at a point.
pub(super) struct Recorded {
    pub tape: Tape<f64>,
    pub vars: Vec<Var<f64>>,
    pub y: Var<f64>,
}

impl Recorded {
    /// `√Σ (ḡ v)²` over every number `v` of the recording and its gradient `ḡ`: how far the result moves if each of them is
    /// off by its own size, independently of the others.
    pub fn on_the_way(&self, cotangent: &Tensor<f64>) -> f64 {
        if self.y.node().is_none() {
            return 0.0;
        }
        let gradients = self.y.backward_with(cotangent);
        let squares = self.tape.look(|look| {
            let moved = |id: usize| Some((look.nodes[id].output.as_ref()?, gradients.at_node(id).value()?));
            let square = |(value, gradient)| squares(value, gradient);
            (0..look.nodes.len()).filter_map(moved).map(square).sum::<f64>()
        });
        squares.sqrt()
    }
}

impl<F: Fn(&[Var<f64>]) -> Var<f64>> Problem<'_, F> {
    pub fn record(&self, point: &[Tensor<f64>]) -> Recorded {
        let tape = Tape::keeping().with_key(Key::new(self.seed));
        let vars: Vec<Var<f64>> = point.iter().map(|x| tape.var(x.clone())).collect();
        let y = (self.f)(&vars);
        Recorded { tape, vars, y }
    }

    /// `⟨c, f⟩` at a point.
    pub fn weighed(&self, point: &[Tensor<f64>]) -> f64 {
        dot(&self.cotangent, self.record(point).y.value())
    }

    /// The gradient of `⟨c, f⟩` at a point.
    pub fn gradient(&self, point: &[Tensor<f64>], cotangent: &Tensor<f64>) -> Vec<Tensor<f64>> {
        let Recorded { vars, y, .. } = self.record(point);
        match y.node() {
            Some(_) => {
                let gradients = y.backward_with(cotangent);
                vars.iter().map(|x| gradients.of(x).or_zeros()).collect()
            }
            None => vars.iter().map(|x| Tensor::zeros(x.shape())).collect(),
        }
    }

    /// The inputs, moved by `step` along a direction.
    pub fn moved(&self, direction: &[Tensor<f64>], step: f64) -> Vec<Tensor<f64>> {
        self.inputs.iter().zip(direction).map(|(x, t)| x + t * step).collect()
    }

    /// The first operation whose decision differs between two points.
    pub fn flipped(&self, below: &[Tensor<f64>], above: &[Tensor<f64>]) -> Option<String> {
        let (a, b) = (self.record(below), self.record(above));
        let (first, second) = (a.tape.decisions(), b.tape.decisions());
        let node = (0..first.len().max(second.len())).find(|&i| first.get(i) != second.get(i))?;
        let nodes = a.tape.nodes();
        Some(nodes.get(node).map_or("the recording".to_string(), |view| format!("node {node} {}", view.op)))
    }
}
