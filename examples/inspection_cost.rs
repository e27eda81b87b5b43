//! What looking costs: the forward and backward pass of a 784-64-64-10 network on 32 pictures as it is, and with a full
//! snapshot of every value, gradient, local derivative and message.
//!
//! Run it: `cargo run --release --example inspection_cost`. A program that takes no snapshot pays nothing: its
//! instructions are counted by `.ci/instructions`.

use autograd::inspect::Snapshot;
use nn::prelude::*;
use std::time::{Duration, Instant};

const ROUNDS: usize = 400;

/// The median time of one call of each, in microseconds. They take turns, so that a busy machine slows both.
fn medians<const N: usize>(mut calls: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut times = [const { Vec::<Duration>::new() }; N];
    for _ in 0..ROUNDS {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let start = Instant::now();
            call();
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64() * 1e6
    })
}

fn main() {
    let generator = &mut ChaCha8Rng::seed_from_u64(0);
    let net = Sequential::new()
        .with(Linear::<f32>::new(784, 64, generator))
        .with(Relu)
        .with(Linear::new(64, 64, generator))
        .with(Relu)
        .with(Linear::new(64, 10, generator));
    let pictures = Tensor::uniform([32, 784], 0.0, 1.0, generator);
    let labels: Vec<usize> = (0..32).map(|row| row % 10).collect();
    let loss = |tape: &Tape| net.forward(tape.constant(&pictures)).cross_entropy(&labels);

    let mut step = || drop(gradient(loss));
    let mut looked_at = || drop(Snapshot::of_backward(&loss(&Tape::keeping())));
    let [plain, full] = medians([&mut step, &mut looked_at]);

    let snapshot = Snapshot::of_backward(&loss(&Tape::keeping()));
    println!("{} nodes; medians of {ROUNDS} runs, in turns:", snapshot.nodes.len());
    println!("  forward and backward              {plain:7.0} µs");
    println!("  the same with a full snapshot     {full:7.0} µs");
    println!("a full snapshot costs {:.1} times a plain step", full / plain);
}
