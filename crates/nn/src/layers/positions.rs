//! Positional encodings: what tells the places of a sequence apart.

use super::fits;
use crate::Module;
use crate::init::Init;
use autograd::algebra::Real;
use autograd::{Array, Error, Layer, Param, Shape, Shaping, Tensor};
use rand::Rng;

/// `x + p` with `p[t, 2i] = sin(t / 10000^(2i/d))` and `p[t, 2i + 1] = cos(t / 10000^(2i/d))`. Shape: that of `x`,
/// `[…, time, d]`. Source: Vaswani et al., 2017.
///
/// ```
/// use nn::prelude::*;
/// let positions = SinusoidalPositions::<f32>::new(100, 4);
/// assert_eq!(positions.forward(Tensor::zeros([1, 1, 4])).to_vec(), [0.0, 1.0, 0.0, 1.0]);
/// ```
#[derive(Clone, Debug, Module)]
pub struct SinusoidalPositions<T: Real = f32> {
    #[module(skip)]
    table: Tensor<T>,
}

impl<T: Real> SinusoidalPositions<T> {
    /// For sequences of up to so many places.
    pub fn new(length: usize, features: usize) -> Self {
        let at = |i: usize| {
            let (place, feature) = (i / features, i % features);
            let angle = place as f64 * turn(feature / 2, features, 10_000.0);
            T::from_f64(if feature.is_multiple_of(2) { angle.sin() } else { angle.cos() })
        };
        SinusoidalPositions { table: Tensor::from_fn([length, features], at) }
    }
}

/// How far pair `i` of so many features turns from one place to the next.
fn turn(i: usize, features: usize, base: f64) -> f64 {
    base.powf(-((2 * i) as f64) / features as f64)
}

impl<T: Real> Layer<T> for SinusoidalPositions<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("SinusoidalPositions");
        let places = places("SinusoidalPositions", "it", self.table.shape(), x.shape());
        let table = x.constant(&self.table.slice(0, ..places));
        x + table
    }
}

/// How many places an input `[…, time, features]` has, for a table of them; panics if it does not fit.
#[track_caller]
fn places(layer: &'static str, name: &str, table: Shape, got: Shape) -> isize {
    let (length, features) = (table[0], table[1]);
    let time = got.iter().rev().nth(1).copied();
    if got.last() != Some(&features) || time.is_none_or(|time| time > length) {
        let problem =
            format!("{name} takes inputs […, time, {features}] of up to {length} places, and got one of shape {got}");
        let help = match time {
            Some(time) if time > length => "make the table for the longest sequence, or cut the input",
            _ => "the last axes are [time, features], as many features as the table has",
        };
        Error::shape(problem, help).raise::<()>(layer);
    }
    time.unwrap_or(0) as isize
}

/// `x + p` with a learned row for each place. Shapes: `x` `[…, time, features]`, kept; `p` `[length, features]`.
///
/// ```
/// use nn::prelude::*;
/// let positions = LearnedPositions::<f32>::new(100, 4, &mut ChaCha8Rng::seed_from_u64(0));
/// assert_eq!(positions.forward(Tensor::zeros([2, 7, 4])).shape(), Shape::from([2, 7, 4]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct LearnedPositions<T: Real = f32> {
    /// One row a place.
    pub weight: Param<T>,
}

impl<T: Real> LearnedPositions<T> {
    /// With standard normal rows, as PyTorch's embeddings have it.
    pub fn new(length: usize, features: usize, generator: &mut impl Rng) -> Self {
        Self::with_init(length, features, Init::Normal { mean: 0.0, deviation: 1.0 }, generator)
    }

    /// With rows by `init`.
    pub fn with_init(length: usize, features: usize, init: Init, generator: &mut impl Rng) -> Self {
        LearnedPositions { weight: Param::new(init.tensor([length, features], generator)) }
    }
}

impl<T: Real> Layer<T> for LearnedPositions<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("LearnedPositions");
        let name = fits::name(&self.weight);
        let places = places("LearnedPositions", &name, self.weight.value().shape(), x.shape());
        let rows = x.param(&self.weight).slice(0, ..places);
        x + rows
    }
}

/// Turns each pair of neighbouring features of place `t` by the angle `t θᵢ`, `θᵢ = 10000^(−2i/d)`:
/// `y₂ᵢ = x₂ᵢ cos(tθᵢ) − x₂ᵢ₊₁ sin(tθᵢ)`, `y₂ᵢ₊₁ = x₂ᵢ sin(tθᵢ) + x₂ᵢ₊₁ cos(tθᵢ)`. Then the product of a query and a key
/// depends on how far apart they are alone. Shape: that of `x`, `[…, time, d]`. Source: Su et al., 2021. Usually part of
/// attention: [`with_rotary`](super::MultiHeadAttention::with_rotary).
///
/// ```
/// use nn::prelude::*;
/// let rotary = RotaryPositions::<f64>::new(10, 2);
/// let y = rotary.forward(Tensor::from([[1.0, 0.0], [1.0, 0.0]]));
/// assert_eq!(y.to_vec(), [1.0, 0.0, 1.0_f64.cos(), 1.0_f64.sin()]);
/// ```
#[derive(Clone, Debug, Module)]
pub struct RotaryPositions<T: Real = f32> {
    #[module(skip)]
    cosines: Tensor<T>,
    #[module(skip)]
    sines: Tensor<T>,
}

impl<T: Real> RotaryPositions<T> {
    /// For sequences of up to so many places.
    ///
    /// # Panics
    /// If the number of features is odd.
    #[track_caller]
    pub fn new(length: usize, features: usize) -> Self {
        assert!(features.is_multiple_of(2), "{features} features are no pairs: rotary positions turn pairs of them");
        let pairs = features / 2;
        let table = |of: fn(f64) -> f64| {
            let angle = |i: usize| (i / pairs) as f64 * turn(i % pairs, features, 10_000.0);
            Tensor::from_fn([length, pairs], |i| T::from_f64(of(angle(i))))
        };
        RotaryPositions { cosines: table(f64::cos), sines: table(f64::sin) }
    }

    #[track_caller]
    pub(super) fn turn<A: Array<T>>(&self, x: A) -> A {
        let (shape, table) = (x.shape(), self.cosines.shape());
        let places = places("RotaryPositions", "it", Shape::from([table[0], 2 * table[1]]), shape);
        let (cos, sin) = (self.cosines.slice(0, ..places), self.sines.slice(0, ..places));
        let (cos, sin) = (x.constant(&cos), x.constant(&sin));
        let (even, odd) = (x.slice_step(-1, .., 2), x.slice_step(-1, 1.., 2));
        let turned = [even.clone() * &cos - odd.clone() * &sin, even * &sin + odd * &cos];
        A::stack(&turned.iter().collect::<Vec<_>>(), -1).reshape(shape)
    }
}

impl<T: Real> Layer<T> for RotaryPositions<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("RotaryPositions");
        self.turn(x)
    }
}
