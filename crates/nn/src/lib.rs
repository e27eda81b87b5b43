//! Neural networks built from differentiable operations.
//!
//! A model is a plain struct of parameters and layers, and its `forward` is one generic function: fed a tensor it
//! predicts, fed a variable it is recorded.
//!
//! | module | what lives there |
//! |---|---|
//! | [`Module`] | the walk over parameters with their paths |
//! | [`layers`] | linear, convolutions, norms, recurrent layers, attention, transformers, activations, … |
//! | [`init`] | how weights start |
//! | [`loss`] | what training makes small |
//! | [`optim`] | optimizers, one fused pass a parameter; clipping, bounds |
//! | [`schedule`] | the learning rate of each step |
//! | [`search`] | good settings: grid, random and Bayesian, in parallel |
//! | [`summary`] | a model as a table of its modules |
//! | [`metrics`] | how well a model does: of classes, scores, probabilities and numbers |
//! | [`watch`] | what a run of training looks like from inside, and what is wrong with it |
//! | [`data`] | data sets, loaders, mini-batches |
//! | [`train`] | a trainer, histories of runs, checkpoints |
//! | [`weights`] | weights in files, as PyTorch names and reads them |
//! | [`neuron`] | a neuron and a net made from scalars, for the lessons |
//!
//! # Example
//!
//! ```
//! use nn::prelude::*;
//!
//! let mut generator = ChaCha8Rng::seed_from_u64(0);
//! let mut net = Sequential::new()
//!     .with(Linear::new(2, 16, &mut generator))
//!     .with(Tanh)
//!     .with(Linear::new(16, 2, &mut generator));
//! let (x, labels) = (Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 1, 1, 0]);
//! let mut optimizer = Adam::new(0.05);
//! let mut losses = Vec::new();
//! for _ in 0..200 {
//!     let (loss, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(labels));
//!     optimizer.step(&mut net, &gradients);
//!     losses.push(loss);
//! }
//! assert!(losses[199] < 0.1);
//! assert_eq!(metrics::accuracy(&metrics::argmax(&net.forward(x)), &labels), 1.0);
//! ```
#![deny(missing_docs)]

// The derive macro names this crate; inside it, that name must resolve too.
extern crate self as nn;

pub mod data;
mod file;
pub mod init;
pub mod layers;
pub mod loss;
pub mod metrics;
mod module;
pub mod neuron;
pub mod optim;
pub mod schedule;
pub mod search;
pub mod summary;
pub mod train;
pub mod watch;
pub mod weights;

pub use autograd::{Layer, Param};
pub use file::FileError;
pub use module::{BoxedLayer, Module, ModuleExt, Path};
pub use nn_derive::Module;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// What most programs need: `use nn::prelude::*;`.
pub mod prelude {
    pub use crate::layers::*;
    pub use crate::optim::{
        Adadelta, Adagrad, Adam, AdamW, Adamax, GradientDescent, Lbfgs, Lion, NAdam, Optimizer, RAdam, RmsProp, Sgd,
    };
    pub use crate::schedule::Schedule;
    pub use crate::{Module, ModuleExt, loss, metrics, optim, schedule};
    pub use autograd::prelude::*;
    pub use rand::SeedableRng;
    pub use rand::rngs::ChaCha8Rng;
}
