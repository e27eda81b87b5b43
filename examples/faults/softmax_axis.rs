//! **The mistake.** The classes are along the last axis, the samples along the first, and the softmax goes over the first:
//! its numbers add up to 1 over the samples of the batch. Shapes fit, the loss falls. The result for one sample depends on
//! which others are in its batch, and is something else when one predicts alone.
//!
//! **What you should see.** `wrong axis`: the axis over which the shares add up, and why that cannot be meant.
//!
//! **The healthy twin** goes over the last axis.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let net = Sequential::<f32>::new().with(Linear::new(6, at.width, &mut generator)).with(Tanh).with(Linear::new(
        at.width,
        3,
        &mut generator,
    ));
    let x = Tensor::normal([at.batch, 6], 0.0, 1.0, &mut generator);
    let targets = Tensor::from_fn([at.batch, 3], |i| if i % 3 == i / 3 % 3 { 1.0 } else { 0.0 });

    let tape = Tape::keeping();
    let logits = net.forward(tape.constant(&x)).named("logits");
    let probabilities = if healthy {
        logits.softmax(-1)
    } else {
        logits.softmax(0) // <- here
    };
    let likelihoods = (probabilities.ln() * tape.constant(&targets)).sum_axes(-1);
    Snapshot::of_backward(&-likelihoods.mean()).diagnose()
}
