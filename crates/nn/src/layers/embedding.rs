//! The embedding layer.

use super::fits;
use crate::Module;
use crate::init::Init;
use autograd::algebra::Real;
use autograd::{Error, Ids, Interpretation, Param};
use rand::Rng;

/// A row of numbers for each token. Shapes: tokens `[…]`, table `[tokens, features]`, result `[…, features]`.
///
/// One token may be named padding: its row starts as zeros and gets no gradient.
///
/// ```
/// use nn::prelude::*;
/// let layer = Embedding::<f32>::new(10, 4, &mut ChaCha8Rng::seed_from_u64(0)).with_padding(3);
/// let tape = Tape::new();
/// let rows = layer.forward(&tape.ids([3, 1, 3]));
/// assert_eq!(rows.shape(), Shape::from([3, 4]));
/// assert_eq!(rows.value().to_vec()[..4], [0.0; 4]);
/// ```
#[derive(Clone, Debug, Module)]
pub struct Embedding<T: Real = f32> {
    /// One row a token.
    pub weight: Param<T>,
    /// The token that stands for none, if there is one.
    #[module(skip)]
    pub padding: Option<usize>,
}

impl<T: Real> Embedding<T> {
    /// With standard normal rows, as PyTorch has it.
    pub fn new(tokens: usize, features: usize, generator: &mut impl Rng) -> Self {
        let init = Init::Normal { mean: 0.0, deviation: 1.0 };
        Embedding { weight: Param::new(init.tensor([tokens, features], generator)), padding: None }
    }

    /// With a token that stands for none: its row is zeros, and stays what it is.
    ///
    /// # Panics
    /// If the table has no such row.
    #[track_caller]
    pub fn with_padding(mut self, token: usize) -> Self {
        let shape = self.weight.value().shape();
        assert!(
            token < shape[0],
            "padding {token} is out of range for a table of {} tokens: name one of them",
            shape[0]
        );
        self.weight.make_mut()[token * shape[1]..][..shape[1]].fill(T::ZERO);
        self.padding = Some(token);
        self
    }

    /// The rows of these tokens.
    ///
    /// # Panics
    /// If a token is not in the table.
    #[track_caller]
    pub fn forward<A: Interpretation<Real = T>>(&self, tokens: &Ids<A>) -> A {
        let _scope = tokens.scope("Embedding");
        let known = self.weight.value().shape()[0];
        if let Some(token) = tokens.indices().as_slice().iter().find(|&&token| token >= known) {
            let problem = format!("{} has rows for {known} tokens, and got token {token}", fits::name(&self.weight));
            Error::index(
                problem,
                "tokens count from 0: make the table for all of the vocabulary, or check how it was made",
            )
            .raise::<()>("Embedding");
        }
        match self.padding {
            None => tokens.embed(&self.weight),
            Some(padding) => tokens.embed_with_padding(&self.weight, padding),
        }
    }
}
