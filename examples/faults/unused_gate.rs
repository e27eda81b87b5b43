//! **The mistake.** The block has a gate: a second layer decides how much of the features passes. It is computed, and the
//! product with it was forgotten. The gate's parameters are there, saved, counted, decayed, and never learn.
//!
//! **What you should see.** `unused`: which parameters, and the line of the last thing that was computed of them.
//!
//! **The healthy twin** multiplies by the gate.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

#[derive(Module)]
struct Gated {
    features: Linear,
    gate: Linear,
    output: Linear,
    #[module(skip)]
    healthy: bool,
}

impl Layer for Gated {
    fn forward<A: Array>(&self, x: A) -> A {
        let features = self.features.forward(x.clone()).tanh();
        let gate = self.gate.forward(x).sigmoid(); // <- here
        self.output.forward(if self.healthy { features * gate } else { features })
    }
}

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let mut net = Gated {
        features: Linear::new(6, at.width, &mut generator),
        gate: Linear::new(6, at.width, &mut generator),
        output: Linear::new(at.width, 3, &mut generator),
        healthy,
    };
    net.name_parameters();
    let x = Tensor::normal([at.batch, 6], 0.0, 1.0, &mut generator);
    let labels: Vec<usize> = (0..at.batch).map(|i| i % 3).collect();

    let tape = Tape::keeping();
    let loss = net.forward(tape.constant(&x)).cross_entropy(labels);
    Snapshot::of_backward(&loss).diagnose()
}
