//! **The mistake.** All weights start at 0, as biases do. Then all hidden units compute the same, get the same gradient, take
//! the same step, and compute the same again: however wide the layer is, it is one unit.
//!
//! **What you should see.** `twin units`: how many, of which weight, and the line of the layer.
//!
//! **The healthy twin** draws the weights at random, which is all that it takes.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::init::Init;
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
    let init = if healthy { Init::GlorotUniform } else { Init::Constant(0.0) };
    let mut net = Net {
        hidden: Linear::with_init(6, at.width, init, &mut generator),
        output: Linear::with_init(at.width, 3, init, &mut generator),
    };
    net.name_parameters();
    let x = Tensor::normal([at.batch, 6], 0.0, 1.0, &mut generator);
    let labels: Vec<usize> = (0..at.batch).map(|i| i % 3).collect();

    let tape = Tape::keeping();
    let loss = net.forward(tape.constant(&x)).cross_entropy(labels);
    Snapshot::of_backward(&loss).diagnose()
}
