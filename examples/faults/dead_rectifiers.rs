//! **The mistake.** The hidden biases start at −6, "so that the features are sparse". The weights are scaled for inputs of
//! size 1, so that what reaches a rectifier is hardly ever above 6: every unit is 0 at every sample. The output is a constant,
//! the gradient of all hidden weights is exactly 0, and it stays so.
//!
//! **What you should see.** `dead units`: how many of the layer's units are 0 for the whole batch, and at which line.
//!
//! **The healthy twin** starts the biases at 0.

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
        let features = self.hidden.forward(x).relu(); // <- here
        self.output.forward(features)
    }
}

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let mut net = Net {
        hidden: Linear::with_init(8, at.width, Init::KaimingUniform, &mut generator),
        output: Linear::new(at.width, 3, &mut generator),
    };
    if !healthy {
        net.hidden.bias = Some(Param::new(Tensor::full([at.width], -6.0)));
    }
    let x = Tensor::uniform([at.batch, 8], -1.0, 1.0, &mut generator);
    let labels: Vec<usize> = (0..at.batch).map(|i| i % 3).collect();

    let tape = Tape::keeping();
    let loss = net.forward(tape.constant(&x)).cross_entropy(labels);
    Snapshot::of_backward(&loss).diagnose()
}
