//! Data sets that are made, not measured.

use super::Labelled;
use autograd::Tensor;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
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
    points(n, 2, |i| {
        let angle = PI * (i / 2) as f64 / ((n / 2).max(2) - 1) as f64;
        let (x, y) = if i % 2 == 0 { (angle.cos(), angle.sin()) } else { (1.0 - angle.cos(), 0.5 - angle.sin()) };
        [x, y].map(|coordinate| coordinate + noise * (2.0 * generator.random::<f64>() - 1.0))
    })
}

/// Two circles around (0, 0), `n` points in turn from each at random angles, moved by normal noise of standard deviation
/// `noise`. Class 0 has radius 1, class 1 radius `factor`.
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let circles = nn::data::circles(10, 0.5, 0.0, &mut ChaCha8Rng::seed_from_u64(0));
/// let second = &circles.inputs.to_vec()[2..4];
/// assert!((second[0].hypot(second[1]) - 0.5).abs() < 1e-6);
/// ```
pub fn circles(n: usize, factor: f64, noise: f64, generator: &mut impl Rng) -> Labelled {
    points(n, 2, |i| {
        let (angle, radius) = (2.0 * PI * generator.random::<f64>(), if i % 2 == 0 { 1.0 } else { factor });
        [radius * angle.cos(), radius * angle.sin()].map(|coordinate| coordinate + noise * normal(generator))
    })
}

/// Arms of a spiral around (0, 0), `n` points in turn from each of `arms` classes: an arm starts at the middle, turns once,
/// and ends at radius 1; moved by normal noise of standard deviation `noise`.
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let spiral = nn::data::spiral(300, 3, 0.02, &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!((spiral.len(), spiral.classes), (300, 3));
/// ```
pub fn spiral(n: usize, arms: usize, noise: f64, generator: &mut impl Rng) -> Labelled {
    let arms = arms.max(1);
    points(n, arms, |i| {
        let along = (i / arms) as f64 / n.div_ceil(arms).saturating_sub(1).max(1) as f64;
        let angle = 2.0 * PI * (along + (i % arms) as f64 / arms as f64);
        [along * angle.cos(), along * angle.sin()].map(|coordinate| coordinate + noise * normal(generator))
    })
}

/// Normal clouds of standard deviation `spread`, `n` points in turn from each of `clouds` classes, whose middles stand on a
/// circle of radius 1 around (0, 0), the first at (1, 0).
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let clouds = nn::data::blobs(6, 3, 0.0, &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!(clouds.inputs.to_vec()[..2], [1.0, 0.0]);
/// ```
pub fn blobs(n: usize, clouds: usize, spread: f64, generator: &mut impl Rng) -> Labelled {
    let clouds = clouds.max(1);
    points(n, clouds, |i| {
        let angle = 2.0 * PI * (i % clouds) as f64 / clouds as f64;
        [angle.cos(), angle.sin()].map(|middle| middle + spread * normal(generator))
    })
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

/// `n` points of the plane, in turn of each class.
fn points(n: usize, classes: usize, point: impl FnMut(usize) -> [f64; 2]) -> Labelled {
    let numbers = (0..n).flat_map(point).map(|coordinate| coordinate as f32).collect();
    Labelled { inputs: Tensor::from_vec(numbers, [n, 2]), labels: (0..n).map(|i| i % classes).collect(), classes }
}

fn normal(generator: &mut impl Rng) -> f64 {
    StandardNormal.sample(generator)
}
