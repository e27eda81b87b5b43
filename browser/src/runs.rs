//! Runs of training whose numbers are known.

use nn::prelude::*;
use nn::watch::{Log, Watch};

/// `loss = w²` from w = 3 by gradient descent with rate 0.1: w shrinks by 0.8 a step. Every second step is watched.
pub fn square() -> Log {
    let mut net = Linear::<f64>::new(1, 1, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
    net.weight.set(Tensor::from([[3.0]]));
    let (mut watch, mut optimizer) = (Watch::every(2).telling(|_| ()), Sgd::new(0.1));
    let x = Tensor::from([[1.0]]);
    for step in 0..12 {
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).square().sum());
        watch.note("a line", step as f64);
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
    }
    watch.log().clone()
}

/// A classifier with layers of every kind of row in the report, and names that are no markup.
pub fn classifier() -> Log {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let mut net = Sequential::<f32>::new()
        .with(Linear::new(2, 24, &mut generator))
        .with(Relu)
        .with(Linear::new(24, 24, &mut generator))
        .with(Tanh)
        .with(Linear::new(24, 24, &mut generator))
        .with(Sigmoid)
        .with(Linear::new(24, 3, &mut generator));
    let spiral = nn::data::spiral(300, 3, 0.02, &mut generator);
    let (mut watch, mut optimizer) = (Watch::every(10).telling(|_| ()), Adam::new(0.01));
    for (step, (x, labels)) in (0..40).flat_map(|epoch| nn::data::batches(&spiral, 60, epoch)).enumerate() {
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        watch.note("<b>accuracy</b>", 1.0 - 0.5 / (step + 1) as f64);
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
    }
    watch.log().clone()
}

/// A rate a thousand times too high, until numbers are no longer finite.
pub fn broken() -> Log {
    let mut net = Linear::<f32>::new(1, 1, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
    net.weight.set(Tensor::from([[3.0]]));
    let (mut watch, mut optimizer) = (Watch::every(10).telling(|_| ()), Sgd::new(100.0));
    let x = Tensor::from([[1.0]]);
    for _ in 0..20 {
        let (loss, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).square().sum());
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
        if !loss.is_finite() {
            break;
        }
    }
    watch.log().clone()
}
