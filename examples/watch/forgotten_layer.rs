//! **The mistake.** A layer is made, and its call was lost when `forward` was edited: its parameters are in the model, are saved
//! and counted, and never learn.
//!
//! **What you should see.** `unused`, with the names of the parameters.
//!
//! **The healthy twin** calls it.

use crate::gallery::{Net, Setting, train};
use nn::init::Init;
use nn::prelude::*;
use nn::watch::Log;

#[derive(Module)]
struct Residual {
    net: Net,
    skip: Linear,
    healthy: bool,
}

impl Layer for Residual {
    fn forward<A: Array>(&self, x: A) -> A {
        let logits = self.net.forward(x.clone());
        if self.healthy { logits + self.skip.forward(x) } else { logits }
    }
}

pub fn run(at: &Setting, healthy: bool) -> Log {
    let skip = Linear::with_init(64, 10, Init::GlorotUniform, &mut ChaCha8Rng::seed_from_u64(at.seed + 1));
    train(Residual { net: Net::new(at), skip, healthy }, Adam::new(1e-3), at, |x| x)
}
