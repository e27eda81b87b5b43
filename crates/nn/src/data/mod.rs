//! Data sets, their loaders, and mini-batches.
//!
//! | file | what lives there |
//! |---|---|
//! | `sets.rs` | [`Dataset`], rows that are gathered into batches; [`Labelled`] and [`Measured`] |
//! | `batches.rs` | mini-batches in a seeded order, gathered beforehand if wanted |
//! | `splits.rs` | what to learn from and what to test on: splits and folds |
//! | `rows.rs` | [`Rows`], some rows of a data set as one of its own |
//! | `prepare.rs` | [`Standard`], scales for features |
//! | `table.rs` | [`Table`], CSV and its relatives |
//! | `idx.rs` | IDX files, as MNIST and its relatives come in |
//! | `numpy.rs` | arrays of NumPy, `.npy` and `.npz`, under the feature `numpy` |
//! | `generate.rs` | data sets that are made, not measured |
//! | `bundled.rs` | real data that comes with the crate, under the feature `bundled` |
//!
//! Whatever is wrong with a file is a [`FileError`](crate::FileError), never a panic, and no file makes a loader hold more than
//! a constant times its size.

mod batches;
#[cfg(feature = "bundled")]
mod bundled;
mod generate;
mod idx;
#[cfg(feature = "numpy")]
mod numpy;
mod prepare;
mod rows;
mod sets;
mod splits;
mod table;

pub use batches::{Batches, batches, batches_in_order};
#[cfg(feature = "bundled")]
pub use bundled::{
    airline_passengers, breast_cancer, diabetes, digits, fashion, iris, shakespeare, sunspots, wine, wine_quality,
};
pub use generate::{blobs, circles, spiral, two_moons, xor};
pub use idx::{idx_folder, read_images, read_labels};
#[cfg(feature = "numpy")]
pub use numpy::{read_npy, read_npz};
pub use prepare::Standard;
pub use rows::Rows;
pub use sets::{Dataset, Labelled, Measured};
pub(crate) use splits::shuffled;
pub use splits::{Split, k_fold, stratified_k_fold, stratified_split, train_test_split};
pub use table::{Table, TableFormat};
