//! Training: a trainer, what a run was like, and checkpoints to go on from.
//!
//! | file | what lives there |
//! |---|---|
//! | `trainer.rs` | [`Trainer`]: what it is made with |
//! | `run.rs` | `fit` and `resume`: epoch after epoch, until something [ended](Ended) it |
//! | `step.rs`, `pass.rs` | one step; one evaluation of the loss and its gradients, which a step may need several of |
//! | `evaluate.rs` | `evaluate`, `outputs`, `predict`; metrics of whole data sets |
//! | `objective.rs` | what a model makes of a batch |
//! | `method.rs` | what moves the weights, and at which rate |
//! | `order.rs` | which rows make which batch |
//! | `early.rs` | [`EarlyStopping`] |
//! | `callback.rs` | [`Callback`]: what looks at a run, and the order of things in a step |
//! | `cross.rs` | [`cross_validate`] |
//! | `tell.rs` | a line an epoch, a progress bar, structured logs |
//! | `history/` | [`History`]: curves, as CSV, JSON and SVG |
//! | `checkpoint/` | [`Checkpoint`], a file; [`Checkpoints`], a folder of them |
//! | `interrupt.rs` | `stop_on_ctrl_c`, under the feature `ctrlc` |
//!
//! A loop written by hand is ten lines and can do all of this, too; the trainer is that loop with what one tends to want around
//! it. Nothing of a run is hidden in it: histories and checkpoints are values that a hand-written loop makes as well.
//!
//! # Logs
//!
//! Under the feature `tracing` a run says what it does to whoever listens, under the target `nn::train`: `run`, `epoch`,
//! `checkpoint` and `end` as information, `step` for debugging, with numbers as fields.

mod callback;
mod checkpoint;
mod cross;
mod early;
mod error;
mod evaluate;
mod history;
#[cfg(feature = "ctrlc")]
mod interrupt;
mod method;
mod objective;
mod order;
mod pass;
mod run;
mod step;
mod tell;
mod trainer;

pub use callback::{Callback, EpochView, StepView};
pub use checkpoint::{Checkpoint, Checkpoints, Position};
pub use cross::{CrossValidation, Fold, cross_validate};
pub use early::{Best, EarlyStopping};
pub use error::TrainError;
pub use evaluate::Evaluation;
pub use history::{EpochRecord, History, StepRecord};
#[cfg(feature = "ctrlc")]
pub use interrupt::stop_on_ctrl_c;
pub use method::{IntoMethod, which};
pub use objective::Judged;
pub use run::{Ended, Trained};
pub use trainer::Trainer;
