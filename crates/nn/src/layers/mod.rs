//! Layers: plain structs of parameters and other layers.
//!
//! | file | what lives there |
//! |---|---|
//! | `linear.rs`, `bilinear.rs` | [`Linear`], [`Bilinear`] |
//! | `embedding.rs` | [`Embedding`] |
//! | `conv.rs` | [`Conv1d`], [`Conv2d`], [`ConvTranspose2d`] |
//! | `pool.rs` | the largest or the mean of windows, means over cells |
//! | `norm.rs` | [`LayerNorm`], [`RmsNorm`], [`GroupNorm`] |
//! | `batch_norm.rs` | [`BatchNorm1d`], [`BatchNorm2d`] |
//! | `recurrent/` | [`Rnn`], [`Lstm`], [`Gru`] |
//! | `attention.rs` | [`MultiHeadAttention`] |
//! | `positions.rs` | [`SinusoidalPositions`], [`LearnedPositions`], [`RotaryPositions`] |
//! | `transformer.rs` | [`EncoderBlock`], [`DecoderBlock`] |
//! | `activation.rs` | every activation as a layer, [`Flatten`] |
//! | `gates.rs` | activations with parameters or of two halves: [`PRelu`], [`Glu`] |
//! | `then.rs` | [`Then`]: a layer and its activation as one operation |
//! | `dropout.rs` | [`Dropout`] |
//! | `recompute.rs` | [`Recompute`]: a layer whose inside is not kept but computed again |
//! | `sequential.rs`, `residual.rs` | [`Sequential`], [`Residual`] |
//! | `fits.rs` | what layers say of inputs that do not fit them |

mod activation;
mod attention;
mod batch_norm;
mod bilinear;
mod conv;
mod dropout;
mod embedding;
mod fits;
mod gates;
mod linear;
mod norm;
mod pool;
mod positions;
mod recompute;
mod recurrent;
mod residual;
mod sequential;
mod then;
mod transformer;

pub use activation::{
    Elu, Flatten, Gelu, GeluTanh, HardSigmoid, HardSwish, HardTanh, LeakyRelu, LogSigmoid, LogSoftmax, Mish, Relu,
    Relu6, Selu, Sigmoid, Silu, Softmax, Softplus, Softsign, Tanh,
};
pub use attention::{MultiHeadAttention, padding_mask};
pub use batch_norm::{BatchNorm1d, BatchNorm2d};
pub use bilinear::Bilinear;
pub use conv::{Conv1d, Conv2d, ConvTranspose2d};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use gates::{Glu, PRelu};
pub use linear::Linear;
pub use norm::{GroupNorm, LayerNorm, RmsNorm};
pub use pool::{AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d};
pub use positions::{LearnedPositions, RotaryPositions, SinusoidalPositions};
pub use recompute::Recompute;
pub use recurrent::{
    CellBackward, CellForward, CellSequence, CellStep, GatedCell, Gru, GruCell, Lstm, LstmCell, LstmState,
    Nonlinearity, Recurrence, RecurrentCell, RecurrentWeights, Rnn,
};
pub use residual::Residual;
pub use sequential::Sequential;
pub use then::Then;
pub use transformer::{DecoderBlock, EncoderBlock};
