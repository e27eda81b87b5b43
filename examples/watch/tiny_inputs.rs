//! **The mistake.** The inputs are lengths of some micrometres, in metres: numbers of the size of 10⁻⁶, beside which the biases
//! are all that there is. The net gives every sample the same answer, and learns which classes are frequent.
//!
//! **What you should see.** `output ignores the input`, with how little the outputs of a batch differ.
//!
//! **The healthy twin** has numbers of the size of 1.

use crate::gallery::{Setting, train};
use nn::prelude::*;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let net = Sequential::new().with(Linear::new(64, at.width, &mut generator)).with(Tanh).with(Linear::new(
        at.width,
        10,
        &mut generator,
    ));
    train(net, Adam::new(1e-3), at, |x| if healthy { x } else { x * 1e-6 })
}
