//! A hundred thousand training steps do not grow memory. Alone in its process, so that the figure is its own.

use autograd::pool_statistics;
use autograd::prelude::*;

fn step(weights: &mut [Param], x: &Tensor, labels: &[usize]) {
    let (_, gradients) = gradient(|tape| {
        let hidden = tape.constant(x).linear(&tape.param(&weights[0]), Some(&tape.param(&weights[1]))).relu();
        hidden.linear(&tape.param(&weights[2]), None).cross_entropy(labels)
    });
    for weight in weights {
        let slope = gradients.of(weight).or_zeros();
        for (w, g) in weight.make_mut().iter_mut().zip(slope.to_vec()) {
            *w -= 1e-3 * g;
        }
    }
}

fn network() -> (Vec<Param>, Tensor, [usize; 8]) {
    let weight = |shape: &[usize]| Param::new(Tensor::from_fn(shape, |i| ((i * 37 % 101) as f32 - 50.0) / 200.0));
    let x = Tensor::from_fn([8, 16], |i| ((i * 13 % 29) as f32) / 29.0);
    (vec![weight(&[32, 16]), weight(&[32]), weight(&[4, 32])], x, [0, 1, 2, 3, 0, 1, 2, 3])
}

/// The memory of the process in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok()).unwrap_or(0) * 1024
}

#[test]
fn memory_stays_flat_over_many_steps() {
    let (mut weights, x, labels) = network();
    for _ in 0..1_000 {
        step(&mut weights, &x, &labels);
    }
    let (pooled, before) = (pool_statistics().pooled_bytes, resident());
    for _ in 0..100_000 {
        step(&mut weights, &x, &labels);
    }
    assert_eq!(pool_statistics().pooled_bytes, pooled);
    // One word leaked at each step would be 800 kB.
    let grown = resident().saturating_sub(before);
    assert!(grown < 400_000, "grew by {grown} bytes");
}
