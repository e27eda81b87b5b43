//! Layers: plain structs of parameters and other layers.
//!
//! | file | what lives there |
//! |---|---|
//! | `linear.rs` | [`Linear`] |
//! | `embedding.rs` | [`Embedding`] |
//! | `activation.rs` | every activation as a layer, [`Flatten`] |
//! | `dropout.rs` | [`Dropout`] |
//! | `recompute.rs` | [`Recompute`]: a layer whose inside is not kept but computed again |
//! | `sequential.rs` | [`Sequential`] |

mod activation;
mod dropout;
mod embedding;
mod linear;
mod recompute;
mod sequential;

pub use activation::{
    Elu, Flatten, Gelu, GeluTanh, LeakyRelu, LogSoftmax, Relu, Sigmoid, Silu, Softmax, Softplus, Tanh,
};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use linear::Linear;
pub use recompute::Recompute;
pub use sequential::Sequential;
