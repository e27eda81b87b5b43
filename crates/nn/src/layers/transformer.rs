//! The blocks of transformers.

use super::{LayerNorm, Linear, MultiHeadAttention, Relu};
use crate::Module;
use autograd::algebra::Real;
use autograd::{Array, Attention, Layer};
use rand::Rng;

/// A transformer's encoder block: attention of a sequence to itself, then two linear layers with an activation `f` between
/// them, each with a residual connection and a layer norm. Shapes: `[batch, places, features]`, kept. Source: Vaswani et
/// al., 2017.
///
/// With the norms in front: `x ← x + attention(norm₁(x))`, `x ← x + linear₂(f(linear₁(norm₂(x))))`. Otherwise, the default as
/// in PyTorch, behind: `x ← norm₁(x + attention(x))`, `x ← norm₂(x + linear₂(f(linear₁(x))))`. In training, dropout follows the
/// attention, the activation and the second linear layer. The names of the parameters are those of PyTorch's
/// `TransformerEncoderLayer`.
///
/// ```
/// use nn::prelude::*;
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let block = EncoderBlock::<f32>::new(8, 2, 16, &mut generator).with_norm_first().with_activation(Gelu).causal();
/// assert_eq!(block.forward(Tensor::ones([3, 5, 8])).shape(), Shape::from([3, 5, 8]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct EncoderBlock<T: Real = f32, F = Relu> {
    /// What each place takes from all.
    pub self_attn: MultiHeadAttention<T>,
    /// From the features to the hidden ones.
    pub linear1: Linear<T>,
    /// Back.
    pub linear2: Linear<T>,
    /// The norm of the attention.
    pub norm1: LayerNorm<T>,
    /// The norm of the linear layers.
    pub norm2: LayerNorm<T>,
    /// `f`.
    pub activation: F,
    /// Whether the norms are in front.
    pub norm_first: bool,
    /// Whether each place takes from those before it and itself alone.
    pub is_causal: bool,
    /// The probability of dropout.
    pub dropout: f64,
}

impl<T: Real> EncoderBlock<T> {
    /// With so many features, heads and hidden features; norms behind, a rectifier, no dropout; weights as those of its
    /// layers, as PyTorch has it.
    ///
    /// # Panics
    /// If the heads do not divide the features.
    #[track_caller]
    pub fn new(features: usize, heads: usize, hidden: usize, generator: &mut impl Rng) -> Self {
        EncoderBlock {
            self_attn: MultiHeadAttention::new(features, heads, generator),
            linear1: Linear::new(features, hidden, generator),
            linear2: Linear::new(hidden, features, generator),
            norm1: LayerNorm::new([features]),
            norm2: LayerNorm::new([features]),
            activation: Relu,
            norm_first: false,
            is_causal: false,
            dropout: 0.0,
        }
    }
}

impl<T: Real, F> EncoderBlock<T, F> {
    /// The same block with the norms in front.
    pub fn with_norm_first(self) -> Self {
        EncoderBlock { norm_first: true, ..self }
    }

    /// The same block with another activation.
    pub fn with_activation<G>(self, activation: G) -> EncoderBlock<T, G> {
        EncoderBlock {
            self_attn: self.self_attn,
            linear1: self.linear1,
            linear2: self.linear2,
            norm1: self.norm1,
            norm2: self.norm2,
            activation,
            norm_first: self.norm_first,
            is_causal: self.is_causal,
            dropout: self.dropout,
        }
    }

    /// The same block, in which each place takes from those before it and itself alone.
    pub fn causal(self) -> Self {
        EncoderBlock { is_causal: true, ..self }
    }

    /// The same block with dropout, of the weights of attention too, as PyTorch has it.
    pub fn with_dropout(self, dropout: f64) -> Self {
        EncoderBlock { self_attn: self.self_attn.with_dropout(dropout), dropout, ..self }
    }
}

impl<T: Real, F: Layer<T>> EncoderBlock<T, F> {
    /// The output where an [`Attention`] says what may attend to what, besides [`is_causal`](EncoderBlock::is_causal).
    ///
    /// # Panics
    /// If the input or the mask does not fit.
    #[track_caller]
    pub fn forward_with<A: Array<T>>(&self, x: A, attention: &Attention<A>) -> A {
        let _scope = x.scope("EncoderBlock");
        let attention = causal_if(self.is_causal, attention);
        let attend = |x: A| self.self_attn.forward_self(x, &attention).dropout(self.dropout);
        let x = added(x, &self.norm1, self.norm_first, attend);
        let expand = |x| expanded(x, &self.linear1, &self.activation, &self.linear2, self.dropout);
        added(x, &self.norm2, self.norm_first, expand)
    }
}

impl<T: Real, F: Layer<T>> Layer<T> for EncoderBlock<T, F> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        self.forward_with(x, &Attention::new())
    }
}

/// A transformer's decoder block: attention of a sequence to itself, then to a memory, then two linear layers with an
/// activation `f` between them, each with a residual connection and a layer norm, in front or behind as in
/// [`EncoderBlock`]. Shapes: `x` `[batch, places, features]`, kept; memory `[batch, memories, features]`. The names of the
/// parameters are those of PyTorch's `TransformerDecoderLayer`. Source: Vaswani et al., 2017.
///
/// ```
/// use nn::prelude::*;
/// let block = DecoderBlock::<f32>::new(8, 2, 16, &mut ChaCha8Rng::seed_from_u64(0));
/// let (x, memory) = (Tensor::ones([3, 5, 8]), Tensor::ones([3, 7, 8]));
/// assert_eq!(block.forward(x, memory).shape(), Shape::from([3, 5, 8]));
/// ```
#[derive(Clone, Debug, Module)]
pub struct DecoderBlock<T: Real = f32, F = Relu> {
    /// What each place takes from those before it.
    pub self_attn: MultiHeadAttention<T>,
    /// What each place takes from the memory.
    pub multihead_attn: MultiHeadAttention<T>,
    /// From the features to the hidden ones.
    pub linear1: Linear<T>,
    /// Back.
    pub linear2: Linear<T>,
    /// The norm of the attention to itself.
    pub norm1: LayerNorm<T>,
    /// The norm of the attention to the memory.
    pub norm2: LayerNorm<T>,
    /// The norm of the linear layers.
    pub norm3: LayerNorm<T>,
    /// `f`.
    pub activation: F,
    /// Whether the norms are in front.
    pub norm_first: bool,
    /// Whether each place takes from those before it and itself alone; true unless said otherwise.
    pub is_causal: bool,
    /// The probability of dropout.
    pub dropout: f64,
}

impl<T: Real> DecoderBlock<T> {
    /// With so many features, heads and hidden features; causal, norms behind, a rectifier, no dropout; weights as those of
    /// its layers, as PyTorch has it.
    ///
    /// # Panics
    /// If the heads do not divide the features.
    #[track_caller]
    pub fn new(features: usize, heads: usize, hidden: usize, generator: &mut impl Rng) -> Self {
        DecoderBlock {
            self_attn: MultiHeadAttention::new(features, heads, generator),
            multihead_attn: MultiHeadAttention::new(features, heads, generator),
            linear1: Linear::new(features, hidden, generator),
            linear2: Linear::new(hidden, features, generator),
            norm1: LayerNorm::new([features]),
            norm2: LayerNorm::new([features]),
            norm3: LayerNorm::new([features]),
            activation: Relu,
            norm_first: false,
            is_causal: true,
            dropout: 0.0,
        }
    }
}

impl<T: Real, F> DecoderBlock<T, F> {
    /// The same block with the norms in front.
    pub fn with_norm_first(self) -> Self {
        DecoderBlock { norm_first: true, ..self }
    }

    /// The same block with another activation.
    pub fn with_activation<G>(self, activation: G) -> DecoderBlock<T, G> {
        DecoderBlock {
            self_attn: self.self_attn,
            multihead_attn: self.multihead_attn,
            linear1: self.linear1,
            linear2: self.linear2,
            norm1: self.norm1,
            norm2: self.norm2,
            norm3: self.norm3,
            activation,
            norm_first: self.norm_first,
            is_causal: self.is_causal,
            dropout: self.dropout,
        }
    }

    /// The same block with dropout, of the weights of attention too, as PyTorch has it.
    pub fn with_dropout(self, dropout: f64) -> Self {
        DecoderBlock {
            self_attn: self.self_attn.with_dropout(dropout),
            multihead_attn: self.multihead_attn.with_dropout(dropout),
            dropout,
            ..self
        }
    }
}

impl<T: Real, F: Layer<T>> DecoderBlock<T, F> {
    /// The output for a sequence and a memory.
    ///
    /// # Panics
    /// If the inputs do not fit.
    #[track_caller]
    pub fn forward<A: Array<T>>(&self, x: A, memory: A) -> A {
        self.forward_with(x, memory, &Attention::new(), &Attention::new())
    }

    /// The output where an [`Attention`] says what may attend to what of the sequence, besides
    /// [`is_causal`](DecoderBlock::is_causal), and another what of the memory.
    ///
    /// # Panics
    /// If the inputs or a mask do not fit.
    #[track_caller]
    pub fn forward_with<A: Array<T>>(&self, x: A, memory: A, own: &Attention<A>, other: &Attention<A>) -> A {
        let _scope = x.scope("DecoderBlock");
        let own = causal_if(self.is_causal, own);
        let attend = |x: A| self.self_attn.forward_self(x, &own).dropout(self.dropout);
        let x = added(x, &self.norm1, self.norm_first, attend);
        let recall = |x: A| {
            let taken = self.multihead_attn.forward(x, memory.clone(), memory.clone(), other);
            taken.dropout(self.dropout)
        };
        let x = added(x, &self.norm2, self.norm_first, recall);
        let expand = |x| expanded(x, &self.linear1, &self.activation, &self.linear2, self.dropout);
        added(x, &self.norm3, self.norm_first, expand)
    }
}

fn causal_if<A: Array<T>, T: Real>(causal: bool, attention: &Attention<A>) -> Attention<A> {
    if causal { attention.clone().causal() } else { attention.clone() }
}

/// `x + f(norm(x))`, or `norm(x + f(x))`.
#[track_caller]
fn added<A: Array<T>, T: Real>(x: A, norm: &LayerNorm<T>, first: bool, f: impl FnOnce(A) -> A) -> A {
    match first {
        true => f(norm.forward(x.clone())) + x,
        false => norm.forward(f(x.clone()) + x),
    }
}

/// The two linear layers and what is between them.
#[track_caller]
fn expanded<A: Array<T>, T: Real>(x: A, first: &Linear<T>, f: &impl Layer<T>, second: &Linear<T>, p: f64) -> A {
    second.forward(f.forward(first.forward(x)).dropout(p)).dropout(p)
}
