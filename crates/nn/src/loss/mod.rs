//! Losses: what training makes small. Each is finite, and so is its gradient, for inputs up to ±10⁴ that it is made for.
//!
//! | file | what lives there |
//! |---|---|
//! | `regression.rs` | errors of numbers: squared, absolute, and between |
//! | `classification.rs` | cross-entropies of probabilities and of logits, focal loss |
//! | `margin.rs` | hinges: binary and of many classes |
//! | `distribution.rs` | divergences and likelihoods of distributions |
//! | `penalty.rs` | sums of the weights' magnitudes or squares |
//! | `similarity.rs` | what pulls alike together and pushes others apart |
//!
//! The losses of class labels are methods of every array, because each is one fused operation: from logits
//! `logits.cross_entropy(&labels)`, with options `logits.cross_entropy_with(&labels, ClassLoss::new()…)`, against soft
//! targets `logits.cross_entropy_soft(&targets, …)`, from log-probabilities `x.nll(&labels, …)`.

mod classification;
mod distribution;
mod margin;
mod penalty;
mod regression;
mod similarity;

pub use classification::*;
pub use distribution::*;
pub use margin::*;
pub use penalty::*;
pub use regression::*;
pub use similarity::*;

use autograd::algebra::Real;
use autograd::{Array, Error, Interpretation, Reduction};

/// The losses of elements or rows made one number, or kept.
#[track_caller]
fn reduce<A: Array<T>, T: Real>(losses: A, reduction: Reduction) -> A {
    match reduction {
        Reduction::Mean => losses.mean(),
        Reduction::Sum => losses.sum(),
        Reduction::None => losses,
    }
}

/// Panics with this error of a loss at the caller's line, its operands named.
#[cold]
#[track_caller]
fn raise<A: Interpretation, R>(error: Error, loss: &'static str, operands: &[&A]) -> R {
    error.during(loss, operands.iter().map(|x| x.operand())).raise(loss)
}
