//! The embedding layer.

use crate::Module;
use crate::init::Init;
use autograd::algebra::Real;
use autograd::{Ids, Interpretation, Param};
use rand::Rng;

/// A row of numbers for each token. Shapes: tokens `[…]`, table `[tokens, features]`, result `[…, features]`.
///
/// ```
/// use nn::prelude::*;
/// let layer = Embedding::<f32>::new(10, 4, &mut ChaCha8Rng::seed_from_u64(0));
/// let tape = Tape::new();
/// assert_eq!(layer.forward(&tape.ids([3, 1, 3])).shape(), Shape::from([3, 4]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct Embedding<T: Real = f32> {
    /// One row a token.
    pub weight: Param<T>,
}

impl<T: Real> Embedding<T> {
    /// With standard normal rows, as PyTorch has it.
    pub fn new(tokens: usize, features: usize, generator: &mut impl Rng) -> Self {
        let init = Init::Normal { mean: 0.0, deviation: 1.0 };
        Embedding { weight: Param::new(init.tensor([tokens, features], generator)) }
    }

    /// The rows of these tokens.
    ///
    /// # Panics
    /// If a token is not in the table.
    #[track_caller]
    pub fn forward<A: Interpretation<Real = T>>(&self, tokens: &Ids<A>) -> A {
        let _scope = tokens.scope("Embedding");
        tokens.embed(&self.weight)
    }
}
