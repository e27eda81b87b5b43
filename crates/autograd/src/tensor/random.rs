//! Random tensors, and the key that makes randomness a function of where it is used.

use super::Tensor;
use crate::Shape;
use crate::algebra::Real;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::StandardNormal;

impl<T: Real> Tensor<T> {
    /// Independent uniform numbers in `[low, high)`.
    ///
    /// ```
    /// use autograd::Tensor;
    /// use rand::{SeedableRng, rngs::ChaCha8Rng};
    /// let mut generator = ChaCha8Rng::seed_from_u64(7);
    /// let x = Tensor::<f32>::uniform([3], -1.0, 1.0, &mut generator);
    /// assert!(x.to_vec().iter().all(|v| (-1.0..1.0).contains(v)));
    /// ```
    pub fn uniform(shape: impl Into<Shape>, low: f64, high: f64, generator: &mut impl Rng) -> Self {
        Self::from_fn(shape, |_| T::from_f64(low + (high - low) * generator.random::<f64>()))
    }

    /// Independent normal numbers with this mean and standard deviation.
    pub fn normal(shape: impl Into<Shape>, mean: f64, deviation: f64, generator: &mut impl Rng) -> Self {
        Self::from_fn(shape, |_| T::from_f64(mean + deviation * generator.sample::<f64, _>(StandardNormal)))
    }

    /// 1 with probability `p`, else 0, independently.
    pub fn bernoulli(shape: impl Into<Shape>, p: f64, generator: &mut impl Rng) -> Self {
        Self::from_fn(shape, |_| if generator.random::<f64>() < p { T::ONE } else { T::ZERO })
    }
}

/// What the random numbers of a step depend on: the seed of the run and the step in it.
///
/// A generator is made from a key and a place in the program ([`Key::generator`]), not advanced from draw to draw: a
/// second run, a recomputation and any number of threads see the same numbers.
///
/// ```
/// use autograd::Key;
/// use rand::RngExt;
/// let draw = |key: Key, place| key.generator(place).random::<u64>();
/// assert_eq!(draw(Key::new(1).at_step(5), 0), draw(Key::new(1).at_step(5), 0));
/// assert_ne!(draw(Key::new(1).at_step(5), 0), draw(Key::new(1).at_step(6), 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    seed: u64,
    step: u64,
}

impl Key {
    /// The key of a run with this seed, at step 0.
    pub fn new(seed: u64) -> Self {
        Key { seed, step: 0 }
    }

    /// The key of the same run at another step.
    pub fn at_step(self, step: u64) -> Self {
        Key { step, ..self }
    }

    /// The generator (ChaCha8) at a place of the program: seed and step are its key, the place its stream.
    pub fn generator(self, place: u64) -> ChaCha8Rng {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        seed[8..16].copy_from_slice(&self.step.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(seed);
        generator.set_stream(place);
        generator
    }
}

/// Where one operation draws its random numbers: the key of the step, and a place that no other draw has. From
/// [`Interpretation::draw`](crate::Interpretation::draw). An operation that holds it draws the same numbers whenever it
/// is computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The key of the step.
    pub key: Key,
    /// Which draw of the step, counted from 0.
    pub place: u64,
}

impl Draw {
    /// The generator of this draw, from its start.
    pub fn generator(self) -> ChaCha8Rng {
        self.key.generator(self.place)
    }
}
