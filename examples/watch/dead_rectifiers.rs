//! **The mistake.** The hidden biases start at −6, so that no rectifier ever opens. The gradient of all hidden weights is exactly
//! 0; only the last bias learns, which classes are frequent.
//!
//! **What you should see.** `dead units`: how many of the layer's units are 0 at every sample.
//!
//! **The healthy twin** starts the biases at 0.

use crate::gallery::{Net, Setting, train};
use nn::prelude::*;
use nn::watch::Log;

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut net = Net::new(at);
    if !healthy {
        net.hidden.bias = Some(Param::new(Tensor::full([at.width], -6.0)));
    }
    train(net, Adam::new(1e-3), at, |x| x)
}
