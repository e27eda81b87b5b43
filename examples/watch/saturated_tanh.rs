//! **The mistake.** Pixels from 0 to 255 go into a layer of `tanh` as they are. Its units are at their flat ends, ±1, where
//! hardly any gradient passes.
//!
//! **What you should see.** `saturated units`, with the mean slope.
//!
//! **The healthy twin** has pixels from 0 to 1.

use crate::gallery::{Setting, train};
use nn::init::Init;
use nn::prelude::*;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let net = Sequential::new()
        .with(Linear::with_init(64, at.width, Init::GlorotUniform, &mut generator))
        .with(Tanh)
        .with(Linear::with_init(at.width, 10, Init::GlorotUniform, &mut generator));
    train(net, Adam::new(1e-3), at, |x| if healthy { x } else { x * 255.0 })
}
