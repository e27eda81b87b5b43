//! **The mistake.** Rates are positive, so their logarithm is fine. Here they are standardised over the batch *before* the
//! logarithm is taken: about half of them are negative then, and the logarithm of a negative number is NaN. The loss is NaN
//! from the first step on, and so is every weight after it.
//!
//! **What you should see.** `not finite, outside of its domain`, with the element, the number whose logarithm was taken, and
//! the way from there to the loss.
//!
//! **The healthy twin** takes the logarithm first.

use crate::gallery::Setting;
use autograd::inspect::{Diagnosis, Snapshot};
use nn::prelude::*;

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let layer = Linear::<f32>::new(3, at.width, &mut generator);
    let x = Tensor::normal([at.batch, 3], 0.0, 1.0, &mut generator);

    let tape = Tape::keeping();
    let rates = layer.forward(tape.constant(&x)).softplus().named("rates");
    let features = if healthy {
        rates.ln().standardize(0, 1e-5)
    } else {
        let centred = rates.standardize(0, 1e-5).named("centred");
        centred.ln() // <- here
    };
    let loss = (features - 0.5).square().mean();
    Snapshot::of_backward(&loss).diagnose()
}
