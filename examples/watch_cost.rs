//! What watching every tenth step costs: a 784-64-64-10 network on 32 pictures and a small one, trained with Adam, as they are
//! and watched.
//!
//! Run it: `cargo run --release --example watch_cost`.

use nn::prelude::*;
use nn::watch::Watch;
use std::time::{Duration, Instant};

const EVERY: usize = 10;
const ROUNDS: usize = 60;

/// Layers with rectifiers between them.
fn net(sizes: &[usize]) -> Sequential {
    let generator = &mut ChaCha8Rng::seed_from_u64(0);
    let mut net = Sequential::new();
    for (place, pair) in sizes.windows(2).enumerate() {
        if place > 0 {
            net = net.with(Relu);
        }
        net = net.with(Linear::new(pair[0], pair[1], generator));
    }
    net
}

/// The median times of ten steps, in microseconds: as they are, and with one of them watched. They take turns, so that a busy
/// machine slows both.
fn medians(sizes: &[usize]) -> [f64; 2] {
    let (inputs, classes) = (sizes[0], sizes[sizes.len() - 1]);
    let x = Tensor::uniform([32, inputs], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(1));
    let labels: Vec<usize> = (0..32).map(|row| row % classes).collect();
    let (mut plain, mut watched) = (net(sizes), net(sizes));
    let (mut adam, mut other) = (Adam::new(1e-3), Adam::new(1e-3));
    let mut watch = Watch::every(EVERY);
    let mut times = [const { Vec::<Duration>::new() }; 2];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..EVERY {
            let (_, gradients) = gradient(|tape| plain.forward(tape.constant(&x)).cross_entropy(&labels));
            adam.step(&mut plain, &gradients);
        }
        times[0].push(start.elapsed());
        let start = Instant::now();
        for _ in 0..EVERY {
            let (_, gradients) =
                watch.gradient(&watched, |tape| watched.forward(tape.constant(&x)).cross_entropy(&labels));
            other.step(&mut watched, &gradients);
            watch.after_step(&watched, &gradients);
        }
        times[1].push(start.elapsed());
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64() * 1e6
    })
}

fn main() {
    for sizes in [&[784, 64, 64, 10][..], &[16, 32, 4]] {
        let [plain, watched] = medians(sizes);
        let name = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        println!("{name}, batch 32: {EVERY} steps take {plain:.0} µs, with one of them watched {watched:.0} µs");
        println!("watching every tenth step of {name} costs {:.2} times a run that is not watched", watched / plain);
    }
}
