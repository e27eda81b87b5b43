//! **The mistake.** The weights of the last layer are drawn with deviation 4, whatever the width. The logits are far apart
//! before anything is learned, and most samples are answered wrongly with certainty: the first loss is far above ln 10.
//!
//! **What you should see.** `initial loss`: the first loss beside ln 10, and by how much to shrink the weights.
//!
//! **The healthy twin** scales them to the width.

use crate::gallery::{Net, Setting, train};
use nn::init::Init;
use nn::prelude::*;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut net = Net::new(at);
    if !healthy {
        let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
        let weight = Init::Normal { mean: 0.0, deviation: 4.0 }.tensor([10, at.width], &mut generator);
        net.output.weight = Param::new(weight);
    }
    train(net, Adam::new(1e-3), at, |x| x)
}
