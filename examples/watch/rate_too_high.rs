//! **The mistake.** Adam with a rate of 0.3, where 0.003 was meant.
//!
//! **What you should see.** The first steps move the weights by more than their own size, and the loss rises far above its
//! start. Nothing that the net started with is left.

use crate::gallery::{Net, Setting, train};
use nn::optim::Adam;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    train(Net::new(at), Adam::new(if healthy { 3e-3 } else { 0.3 }), at, |x| x)
}
