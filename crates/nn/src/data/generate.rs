//! Data sets that are made, not measured.

use super::Labelled;
use autograd::Tensor;
use rand::{Rng, RngExt};
use std::f64::consts::PI;

/// Two interleaved half circles of radius 1, `n` points in turn from each, moved by uniform noise of up to `noise`.
/// Class 0 is the upper one around (0, 0), class 1 the lower one around (1, ½).
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let moons = nn::data::two_moons(100, 0.1, &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!((moons.len(), moons.features(), moons.classes), (100, 2, 2));
/// ```
pub fn two_moons(n: usize, noise: f64, generator: &mut impl Rng) -> Labelled {
    let (mut points, mut labels) = (Vec::with_capacity(2 * n), Vec::with_capacity(n));
    for i in 0..n {
        let angle = PI * (i / 2) as f64 / ((n / 2).max(2) - 1) as f64;
        let (x, y) = if i % 2 == 0 { (angle.cos(), angle.sin()) } else { (1.0 - angle.cos(), 0.5 - angle.sin()) };
        for coordinate in [x, y] {
            points.push((coordinate + noise * (2.0 * generator.random::<f64>() - 1.0)) as f32);
        }
        labels.push(i % 2);
    }
    Labelled { inputs: Tensor::from_vec(points, [n, 2]), labels, classes: 2 }
}

/// The truth table of exclusive or: 4 rows.
///
/// ```
/// assert_eq!(nn::data::xor().labels, [0, 1, 1, 0]);
/// ```
pub fn xor() -> Labelled {
    let inputs = Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    Labelled { inputs, labels: vec![0, 1, 1, 0], classes: 2 }
}
