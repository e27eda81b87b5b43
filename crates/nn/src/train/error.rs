//! Why a run ended before its end.

use crate::FileError;

/// Why a run could not begin or go on. What it had learned stays in the model, and [`Trainer::history`](super::Trainer::history)
/// is there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// Settings or data that make no sense, or numbers that are not finite.
    #[error(transparent)]
    Value(#[from] autograd::Error),
    /// A checkpoint that cannot be read or written, or is not of this run.
    #[error(transparent)]
    File(#[from] FileError),
}
