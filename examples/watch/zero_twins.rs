//! **The mistake.** All weights start at 0, as biases do. Then all hidden units compute the same, get the same gradient and
//! take the same step: however wide the layer is, it is one unit.
//!
//! **What you should see.** `twin units`: how many, of which weight.
//!
//! **The healthy twin** draws the weights at random.

use crate::gallery::{Setting, train};
use nn::init::Init;
use nn::prelude::*;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let init = if healthy { Init::GlorotUniform } else { Init::Constant(0.0) };
    let net = Sequential::new()
        .with(Linear::with_init(64, at.width, init, &mut generator))
        .with(Tanh)
        .with(Linear::with_init(at.width, 10, init, &mut generator));
    train(net, Adam::new(1e-3), at, |x| x)
}
