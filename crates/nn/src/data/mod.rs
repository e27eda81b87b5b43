//! Data sets, their loaders, and mini-batches.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Labelled`], a data set of inputs and classes |
//! | `idx.rs` | IDX files, as MNIST and its relatives come in |
//! | `digits.rs` | the bundled handwritten digits |
//! | `batches.rs` | mini-batches in a seeded order |
//! | `splits.rs` | what to learn from and what to test on: splits and folds |
//! | `generate.rs` | data sets that are made, not measured |
//!
//! Whatever is wrong with a file is a [`FileError`](crate::FileError), never a panic.

mod batches;
mod digits;
mod generate;
mod idx;
mod splits;

pub use batches::{Batches, batches};
pub use digits::digits;
pub use generate::{two_moons, xor};
pub use idx::{idx_folder, read_images, read_labels};
pub use splits::{Split, k_fold, stratified_k_fold, stratified_split, train_test_split};

use autograd::{Indexing, Shaping, Tensor};

/// Inputs, one row each, and their classes.
///
/// ```
/// let digits = nn::data::digits();
/// assert_eq!((digits.len(), digits.classes), (1797, 10));
/// let (train, test) = digits.split_at(1437);
/// assert_eq!((train.len(), test.len()), (1437, 360));
/// ```
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The inputs, `[n, features]`.
    pub inputs: Tensor,
    /// The class of each.
    pub labels: Vec<usize>,
    /// The number of classes.
    pub classes: usize,
}

impl Labelled {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of features of each row.
    pub fn features(&self) -> usize {
        self.inputs.shape().get(1).copied().unwrap_or(0)
    }

    /// The first `n` rows, and the others.
    pub fn split_at(&self, n: usize) -> (Labelled, Labelled) {
        let n = n.min(self.len());
        let part = |inputs: Tensor, labels: &[usize]| Labelled {
            inputs: inputs.contiguous(),
            labels: labels.to_vec(),
            classes: self.classes,
        };
        let at = n as isize;
        (part(self.inputs.slice(0, ..at), &self.labels[..n]), part(self.inputs.slice(0, at..), &self.labels[n..]))
    }

    /// These rows, in this order.
    ///
    /// # Panics
    /// If one does not exist.
    pub fn rows(&self, rows: &[usize]) -> (Tensor, Vec<usize>) {
        (self.inputs.index_select(0, rows), rows.iter().map(|&row| self.labels[row]).collect())
    }
}
