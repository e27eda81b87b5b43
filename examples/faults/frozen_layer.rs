//! **The mistake.** The first layer was frozen for an earlier experiment, and the model was kept. Everything runs, the loss
//! falls a little, and one layer stays as it was.
//!
//! **What you should see.** `frozen`: which parameters, and the line that brings them in. Whoever froze them on purpose knows
//! it already; the library cannot.
//!
//! **The healthy twin** thaws the layer before it trains.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

#[derive(Module)]
struct Net {
    hidden: Linear,
    output: Linear,
}

impl Layer for Net {
    fn forward<A: Array>(&self, x: A) -> A {
        let features = self.hidden.forward(x).tanh(); // <- here
        self.output.forward(features)
    }
}

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let mut net =
        Net { hidden: Linear::new(5, at.width, &mut generator), output: Linear::new(at.width, 3, &mut generator) };
    net.name_parameters();
    net.freeze("hidden.*", true);
    if healthy {
        net.freeze("hidden.*", false);
    }
    let x = Tensor::normal([at.batch, 5], 0.0, 1.0, &mut generator);
    let labels: Vec<usize> = (0..at.batch).map(|i| i % 3).collect();

    let tape = Tape::keeping();
    let loss = net.forward(tape.constant(&x)).cross_entropy(labels);
    Snapshot::of_backward(&loss).diagnose()
}
