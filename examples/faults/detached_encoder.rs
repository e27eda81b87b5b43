//! **The mistake.** To look at the code by itself, someone detached it from the encoder, and the `.detach()` stayed. The
//! decoder learns to make the best of a random code; the encoder never moves. The loss falls, so nobody notices.
//!
//! **What you should see.** `detached`: which parameters are lost, which value was cut off, and the line of the `detach`.
//!
//! **The healthy twin** computes on with the code itself.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

#[derive(Module)]
struct Autoencoder {
    encoder: Linear,
    decoder: Linear,
}

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let mut net = Autoencoder {
        encoder: Linear::new(at.width, 4, &mut generator),
        decoder: Linear::new(4, at.width, &mut generator),
    };
    net.name_parameters();
    let x = Tensor::normal([at.batch, at.width], 0.0, 1.0, &mut generator);

    let tape = Tape::keeping();
    let code = net.encoder.forward(tape.constant(&x)).tanh().named("code");
    let code = if healthy {
        code
    } else {
        code.detach() // <- here
    };
    let loss = loss::mse(&net.decoder.forward(code), &tape.constant(&x), Reduction::Mean);
    Snapshot::of_backward(&loss).diagnose()
}
