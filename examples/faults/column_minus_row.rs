//! **The mistake.** A layer with one output gives a column, `[B, 1]`. The targets are a plain list, `[B]`, which meets it as
//! a row, `[1, B]`. Both are stretched: the difference is a square `[B, B]` of every prediction minus every target. Nothing
//! complains; the net learns to predict the mean.
//!
//! **What you should see.** `both stretched`: the two shapes, the square, and the line of the difference.
//!
//! **The healthy twin** takes the axis of extent 1 away first.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let net = Sequential::<f32>::new().with(Linear::new(4, at.width, &mut generator)).with(Tanh).with(Linear::new(
        at.width,
        1,
        &mut generator,
    ));
    let x = Tensor::normal([at.batch, 4], 0.0, 1.0, &mut generator);
    let targets = x.sum_axes(1); // of shape [B]

    let tape = Tape::keeping();
    let prediction = net.forward(tape.constant(&x)).named("prediction"); // of shape [B, 1]
    let error = if healthy {
        prediction.squeeze(-1) - tape.constant(&targets)
    } else {
        prediction - tape.constant(&targets) // <- here
    };
    Snapshot::of_backward(&error.square().mean()).diagnose()
}
