//! How weights start. Every initialiser draws from the generator that it is given, so a seed fixes it.

use autograd::algebra::Real;
use autograd::{Shape, Tensor};
use rand::Rng;

/// How a weight `[out, in, …]` starts.
///
/// ```
/// use nn::init::Init;
/// use nn::prelude::*;
/// let mut generator = ChaCha8Rng::seed_from_u64(1);
/// let weight: Tensor = Init::GlorotUniform.tensor([3, 5], &mut generator);
/// let bound = (6.0_f32 / 8.0).sqrt();
/// assert!(weight.to_vec().iter().all(|w| w.abs() <= bound));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Every number the same.
    Constant(f64),
    /// Uniform in `[low, high)`.
    Uniform {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Normal.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        deviation: f64,
    },
    /// Uniform within `±√(6 / (in + out))`. Source: Glorot, Bengio, 2010 (also called Xavier).
    GlorotUniform,
    /// Normal with variance `2 / (in + out)`. Source: Glorot, Bengio, 2010.
    GlorotNormal,
    /// Uniform within `±√(6 / in)`, for layers before a rectifier. Source: He, Zhang, Ren, Sun, 2015 (also called
    /// Kaiming).
    KaimingUniform,
    /// Normal with variance `2 / in`, for layers before a rectifier. Source: He, Zhang, Ren, Sun, 2015.
    KaimingNormal,
    /// Uniform within `±1/√in`: what PyTorch starts its linear layers with.
    FanIn,
}

impl Init {
    /// Uniform within `±bound`.
    ///
    /// ```
    /// use nn::init::Init;
    /// assert_eq!(Init::within(0.5), Init::Uniform { low: -0.5, high: 0.5 });
    /// ```
    pub fn within(bound: f64) -> Self {
        Init::Uniform { low: -bound, high: bound }
    }

    /// A weight of this shape: axis 0 counts the outputs, axis 1 the inputs, further axes the places of a filter.
    pub fn tensor<T: Real>(self, shape: impl Into<Shape>, generator: &mut impl Rng) -> Tensor<T> {
        let shape = shape.into();
        let places: usize = shape.iter().skip(2).product();
        let outputs = (shape.first().copied().unwrap_or(1) * places) as f64;
        let inputs = (shape.get(1).or(shape.first()).copied().unwrap_or(1) * places) as f64;
        let uniform = |bound: f64, generator| Tensor::uniform(shape, -bound, bound, generator);
        match self {
            Init::Constant(value) => Tensor::full(shape, T::from_f64(value)),
            Init::Uniform { low, high } => Tensor::uniform(shape, low, high, generator),
            Init::Normal { mean, deviation } => Tensor::normal(shape, mean, deviation, generator),
            Init::GlorotUniform => uniform((6.0 / (inputs + outputs)).sqrt(), generator),
            Init::GlorotNormal => Tensor::normal(shape, 0.0, (2.0 / (inputs + outputs)).sqrt(), generator),
            Init::KaimingUniform => uniform((6.0 / inputs).sqrt(), generator),
            Init::KaimingNormal => Tensor::normal(shape, 0.0, (2.0 / inputs).sqrt(), generator),
            Init::FanIn => uniform(1.0 / inputs.sqrt(), generator),
        }
    }
}
