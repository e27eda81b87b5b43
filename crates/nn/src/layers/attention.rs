//! Multi-head attention.

use super::positions::RotaryPositions;
use super::{Linear, fits};
use crate::Module;
use crate::init::Init;
use autograd::algebra::Real;
use autograd::{Array, Attention, Layer, Mask, Mode, Param, Shape, Tensor};
use rand::Rng;

/// Attention by several heads: `y = [head₁ … head_h] Wₒᵀ + bₒ`, each head `softmax(q kᵀ/√d) v` of `d = features / heads`
/// features of `q = query Wqᵀ + bq`, and so for `k` and `v`. Shapes: query `[batch, queries, features]`, key and value
/// `[batch, keys, features]`, result `[batch, queries, features]`. Source: Vaswani et al., 2017.
///
/// The three projections are packed as PyTorch has them, so that its files load as they are and attention of a sequence to
/// itself is one product: rows `0 … e−1`, `e … 2e−1`, `2e … 3e−1` of `in_proj_weight` `[3e, e]` and of `in_proj_bias`
/// `[3e]` give q, k and v; `out_proj` is `Wₒ`, `bₒ`.
///
/// What may attend to what is said at each call by an [`Attention`]: causal, masked, biased. Masks broadcast to
/// `[batch, heads, queries, keys]`; see [`padding_mask`].
///
/// ```
/// use nn::prelude::*;
/// let attention = MultiHeadAttention::<f32>::new(8, 2, &mut ChaCha8Rng::seed_from_u64(0));
/// let (x, memory) = (Tensor::ones([3, 5, 8]), Tensor::ones([3, 7, 8]));
/// let y = attention.forward(x.clone(), memory.clone(), memory, &Attention::new());
/// assert_eq!(y.shape(), Shape::from([3, 5, 8]));
/// let y = attention.forward_self(x, &Attention::new().causal());
/// assert_eq!(y.shape(), Shape::from([3, 5, 8]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct MultiHeadAttention<T: Real = f32> {
    /// The weights of q, k and v, one below the other.
    pub in_proj_weight: Param<T>,
    /// Their biases, if there are any.
    pub in_proj_bias: Option<Param<T>>,
    /// What joins the heads.
    pub out_proj: Linear<T>,
    /// How many heads there are.
    pub heads: usize,
    /// The probability with which a weight of attention is dropped in training.
    pub dropout: f64,
    /// What turns queries and keys by their places, if anything does.
    #[module(skip)]
    pub rotary: Option<RotaryPositions<T>>,
}

impl<T: Real> MultiHeadAttention<T> {
    /// As PyTorch has it: the packed weight by [`Init::GlorotUniform`], `out_proj` as [`Linear::new`], biases 0.
    ///
    /// # Panics
    /// If the heads do not divide the features.
    #[track_caller]
    pub fn new(features: usize, heads: usize, generator: &mut impl Rng) -> Self {
        let divided = heads > 0 && features.is_multiple_of(heads);
        assert!(divided, "{heads} heads do not divide {features} features: each head owns as many of them");
        let weight = Init::GlorotUniform.tensor([3 * features, features], generator);
        let mut out_proj = Linear::new(features, features, generator);
        out_proj.bias = Some(Param::new(Tensor::zeros([features])));
        MultiHeadAttention {
            in_proj_weight: Param::new(weight),
            in_proj_bias: Some(Param::new(Tensor::zeros([3 * features]))),
            out_proj,
            heads,
            dropout: 0.0,
            rotary: None,
        }
    }

    /// The same layer without biases.
    pub fn without_bias(self) -> Self {
        MultiHeadAttention { in_proj_bias: None, out_proj: self.out_proj.without_bias(), ..self }
    }

    /// The same layer with dropout of the weights of attention.
    pub fn with_dropout(self, dropout: f64) -> Self {
        MultiHeadAttention { dropout, ..self }
    }

    /// The same layer with queries and keys turned by their places, each head's by itself.
    pub fn with_rotary(self, rotary: RotaryPositions<T>) -> Self {
        MultiHeadAttention { rotary: Some(rotary), ..self }
    }

    /// What each query takes from the values, by its likeness to the keys.
    ///
    /// # Panics
    /// If the inputs or the mask do not fit.
    #[track_caller]
    pub fn forward<A: Array<T>>(&self, query: A, key: A, value: A, attention: &Attention<A>) -> A {
        let _scope = query.scope("MultiHeadAttention");
        self.attend(self.by_head(&self.project(query, key, value)), attention)
    }

    /// [`forward`](MultiHeadAttention::forward), and how much each query took from each key:
    /// `[batch, heads, queries, keys]`, before dropout.
    ///
    /// # Panics
    /// If the inputs or the mask do not fit.
    #[track_caller]
    pub fn forward_with_weights<A: Array<T>>(&self, query: A, key: A, value: A, attention: &Attention<A>) -> (A, A) {
        let _scope = query.scope("MultiHeadAttention");
        let [q, k, v] = self.by_head(&self.project(query, key, value));
        let weights = q.attention_weights(&k, attention);
        (self.weighted(&weights, &v), weights)
    }

    /// What each place of a sequence takes from all of them: [`forward`](MultiHeadAttention::forward) with one input as
    /// query, key and value, by one product.
    ///
    /// # Panics
    /// If the input or the mask does not fit.
    #[track_caller]
    pub fn forward_self<A: Array<T>>(&self, x: A, attention: &Attention<A>) -> A {
        let _scope = x.scope("MultiHeadAttention");
        self.check(&x);
        let bias = self.in_proj_bias.as_ref().map(|bias| x.param(bias));
        let projected = x.linear(&x.param(&self.in_proj_weight), bias.as_ref());
        self.attend(self.by_head(&projected.chunk(3, -1)), attention)
    }

    /// Query, key and value, each by its rows of the packed weight.
    #[track_caller]
    fn project<A: Array<T>>(&self, query: A, key: A, value: A) -> Vec<A> {
        let features = self.features() as isize;
        let weight = query.param(&self.in_proj_weight);
        let bias = self.in_proj_bias.as_ref().map(|bias| query.param(bias));
        let mut projected = Vec::with_capacity(3);
        for (x, start) in [query, key, value].into_iter().zip([0, features, 2 * features]) {
            self.check(&x);
            let rows = start..start + features;
            let bias = bias.as_ref().map(|bias| bias.slice(0, rows.clone()));
            projected.push(x.linear(&weight.slice(0, rows), bias.as_ref()));
        }
        projected
    }

    /// q, k and v of each head, turned by their places.
    #[track_caller]
    fn by_head<A: Array<T>>(&self, projected: &[A]) -> [A; 3] {
        let (q, k, v) = (self.split(&projected[0]), self.split(&projected[1]), self.split(&projected[2]));
        match &self.rotary {
            Some(rotary) => [rotary.turn(q), rotary.turn(k), v],
            None => [q, k, v],
        }
    }

    /// The result for q, k and v: by one operation, unless weights are dropped.
    #[track_caller]
    fn attend<A: Array<T>>(&self, [q, k, v]: [A; 3], attention: &Attention<A>) -> A {
        if self.dropout == 0.0 || q.mode() == Mode::Evaluation {
            return self.join(&q.scaled_dot_product_attention(&k, &v, attention));
        }
        self.weighted(&q.attention_weights(&k, attention), &v)
    }

    /// The result for these weights of attention and values.
    #[track_caller]
    fn weighted<A: Array<T>>(&self, weights: &A, values: &A) -> A {
        self.join(&weights.dropout(self.dropout).matmul(values))
    }

    /// What the heads took, `[batch, heads, places, features / heads]`, joined.
    #[track_caller]
    fn join<A: Array<T>>(&self, taken: &A) -> A {
        let shape = taken.shape();
        let joined = Shape::from([shape[0], shape[2], shape[1] * shape[3]]);
        self.out_proj.forward(taken.permute([0, 2, 1, 3]).reshape(joined))
    }

    /// `[batch, places, features]` as `[batch, heads, places, features / heads]`.
    #[track_caller]
    fn split<A: Array<T>>(&self, x: &A) -> A {
        let shape = x.shape();
        x.reshape(Shape::from([shape[0], shape[1], self.heads, shape[2] / self.heads])).permute([0, 2, 1, 3])
    }

    fn features(&self) -> usize {
        self.in_proj_weight.value().shape()[1]
    }

    #[track_caller]
    fn check<A: Array<T>>(&self, x: &A) {
        let (features, got) = (self.features(), x.shape());
        let fits = got.rank() == 3 && got[2] == features;
        let takes = || format!("inputs [batch, places, {features}]");
        fits::takes("MultiHeadAttention", &self.in_proj_weight, fits, takes, got, || match got.rank() {
            2 => "give a single sequence a batch axis with `.unsqueeze(0)`".to_string(),
            _ => format!("its features are the last axis: make the layer for those of the input, or feed {features}"),
        });
    }
}

/// Hides the keys behind the end of each sequence of a batch: holds for the first `lengths[i]` of so many keys of sequence
/// `i`. Shape: `[batch, 1, 1, keys]`. `near` is any value of the computation.
///
/// ```
/// use nn::prelude::*;
/// let x = Tensor::<f32>::ones([2, 1, 3, 4]);
/// let padded = Attention::new().with_mask(&padding_mask(&x, &[3, 1], 3));
/// let weights = x.attention_weights(&x, &padded);
/// assert_eq!(weights.slice(0, 1..).to_vec()[..3], [1.0, 0.0, 0.0]);
/// ```
#[track_caller]
pub fn padding_mask<A: Array<T>, T: Real>(near: &A, lengths: &[usize], keys: usize) -> Mask<A> {
    let column = Tensor::from_fn([lengths.len(), 1, 1, 1], |i| T::from_f64(lengths[i] as f64));
    near.constant(&column).greater(&near.constant(&Tensor::arange(keys)))
}
