//! How attention looks: what queries may attend to.

use super::{Array, Interpretation, Mask};
use crate::Tensor;
use crate::algebra::Real;
use crate::ops::attention::AttentionWeights;
use crate::ops::scaled_dot_product::ScaledDotProduct;

/// What queries may attend to, and how sharply: every key, unless said otherwise.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::<f32>::ones([2, 3, 4]);
/// let weights = x.attention_weights(&x, &Attention::new().causal());
/// assert_eq!(weights.slice(0, ..1).to_vec(), [1.0, 0.0, 0.0, 0.5, 0.5, 0.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Attention<A> {
    causal: bool,
    mask: Option<Mask<A>>,
    bias: Option<A>,
    scale: Option<f64>,
}

impl<A> Default for Attention<A> {
    fn default() -> Self {
        Attention { causal: false, mask: None, bias: None, scale: None }
    }
}

impl<A: Interpretation> Attention<A> {
    /// Every query attends to every key.
    pub fn new() -> Self {
        Self::default()
    }

    /// Query `i` attends to the keys up to number `i`.
    pub fn causal(self) -> Self {
        Attention { causal: true, ..self }
    }

    /// Queries attend to keys where the mask holds; it broadcasts to `[…, queries, keys]`. A query that may attend to
    /// nothing gets zeros.
    pub fn with_mask(self, mask: &Mask<A>) -> Self {
        Attention { mask: Some(mask.clone()), ..self }
    }

    /// This is added to the scores; it broadcasts to `[…, queries, keys]`. −∞ hides a key.
    pub fn with_bias(self, bias: &A) -> Self {
        Attention { bias: Some(bias.clone()), ..self }
    }

    /// Scores are multiplied by this, and not by `1/√features`.
    pub fn with_scale(self, scale: f64) -> Self {
        Attention { scale: Some(scale), ..self }
    }

    /// What is added to scores: the bias where the mask holds, −∞ elsewhere.
    #[track_caller]
    fn added(&self) -> Option<A> {
        let Some(mask) = &self.mask else { return self.bias.clone() };
        let number = |value: f64| mask.as_array().constant(&Tensor::scalar(A::Real::from_f64(value)));
        let bias = self.bias.clone().unwrap_or_else(|| number(0.0));
        Some(mask.choose(&bias, &number(f64::NEG_INFINITY)))
    }

    /// The rule of the weights of these queries.
    fn rule(&self, queries: &A) -> AttentionWeights {
        let features = queries.shape().last().copied().unwrap_or(1).max(1);
        AttentionWeights { scale: self.scale.unwrap_or(1.0 / (features as f64).sqrt()), causal: self.causal }
    }

    /// The weights of queries `[…, queries, features]` for keys `[…, keys, features]`.
    #[track_caller]
    pub(crate) fn weights<T: Real>(&self, queries: &A, keys: &A) -> A
    where
        A: Array<T>,
    {
        self.rule(queries).of(queries, keys, self.added().as_ref())
    }

    /// The means of values `[…, keys, any]` by those weights.
    #[track_caller]
    pub(crate) fn attended(&self, queries: &A, keys: &A, values: &A) -> A {
        let op = ScaledDotProduct { weights: self.rule(queries) };
        match self.added() {
            Some(bias) => A::apply(op, &[queries, keys, values, &bias]),
            None => A::apply(op, &[queries, keys, values]),
        }
    }
}
