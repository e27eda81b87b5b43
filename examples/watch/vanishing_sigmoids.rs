//! **The mistake.** A deep stack of sigmoids. The slope of a sigmoid is ¼ at most, so that each layer takes more than half a
//! decade from the gradient, and the first layers hardly learn.
//!
//! **What you should see.** `vanishing gradient`, by which factor a layer.
//!
//! **The healthy twin** has `tanh`, whose slope is 1 at 0.

use crate::gallery::{Setting, train};
use nn::init::Init;
use nn::prelude::*;
use nn::watch::Log;

#[derive(Module)]
struct Stack {
    layers: Vec<Linear>,
    output: Linear,
    healthy: bool,
}

impl Layer for Stack {
    fn forward<A: Array>(&self, mut x: A) -> A {
        for layer in &self.layers {
            x = layer.forward(x);
            x = if self.healthy { x.tanh() } else { x.sigmoid() };
        }
        self.output.forward(x)
    }
}

pub fn run(at: &Setting, healthy: bool) -> Log {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let inputs = |layer: usize| if layer == 0 { 64 } else { at.width };
    let layer = |i| Linear::with_init(inputs(i), at.width, Init::GlorotUniform, &mut generator);
    let layers = (0..at.depth).map(layer).collect();
    let output = Linear::with_init(at.width, 10, Init::GlorotUniform, &mut generator);
    train(Stack { layers, output, healthy }, Adam::new(1e-3), at, |x| x)
}
