//! **The mistake.** Adam with a rate of 10⁻⁷, as if it were counted in thousandths.
//!
//! **What you should see.** No step moves the weights by more than a millionth of their size, and the loss stays where it was.

use crate::gallery::{Net, Setting, train};
use nn::optim::Adam;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    train(Net::new(at), Adam::new(if healthy { 1e-3 } else { 1e-7 }), at, |x| x)
}
