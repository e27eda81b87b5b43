//! A ring of eight round normal clouds, and how well samples cover it.

use autograd::Tensor;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use std::f64::consts::TAU;

/// The standard deviation of a cloud; their middles stand on a circle of radius 1.
const SPREAD: f64 = 0.05;

fn middle(mode: usize) -> [f64; 2] {
    let (sine, cosine) = (TAU * mode as f64 / 8.0).sin_cos();
    [cosine, sine]
}

/// So many points, `[n, 2]`.
pub fn sample(count: usize, generator: &mut ChaCha8Rng) -> Tensor {
    let noise = Tensor::<f32>::normal([count, 2], 0.0, SPREAD, generator);
    let middles: Vec<f32> = (0..count).flat_map(|_| middle(generator.random_range(0..8))).map(|x| x as f32).collect();
    noise + Tensor::from_vec(middles, [count, 2])
}

/// How samples cover the ring.
pub struct Cover {
    /// The share of samples within three standard deviations of the nearest middle.
    pub near: f64,
    /// The share that the poorest of the eight clouds holds, of samples that near.
    pub poorest: f64,
}

pub fn cover(points: &Tensor) -> Cover {
    let points = points.to_vec();
    let mut held = [0.0; 8];
    for point in points.chunks(2) {
        let distance =
            |mode: usize| (f64::from(point[0]) - middle(mode)[0]).hypot(f64::from(point[1]) - middle(mode)[1]);
        if let Some(mode) = (0..8).find(|&mode| distance(mode) <= 3.0 * SPREAD) {
            held[mode] += 2.0 / points.len() as f64;
        }
    }
    Cover { near: held.iter().sum(), poorest: held.iter().copied().fold(1.0, f64::min) }
}
