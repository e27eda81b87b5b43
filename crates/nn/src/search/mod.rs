//! Search for good settings: a space of typed settings, samplers that propose trials, and studies that run them.
//!
//! | file | what lives there |
//! |---|---|
//! | `space.rs` | [`Space`], what is searched; [`Setting`], one of its axes, with the type of its values |
//! | `sampler.rs` | [`Sampler`], what proposes trials; [`Random`] |
//! | `grid.rs` | [`Grid`]: every combination of some levels |
//! | `tpe.rs` | [`Tpe`]: a Bayesian sampler, which looks where good trials were dense and bad ones were not |
//! | `study.rs` | [`Study`]: trials side by side, the same for any number of threads; [`Found`] |
//! | `file.rs` | the trials in a file, so that a study that was stopped goes on |
//!
//! ```
//! use nn::search::{Space, Study, Tpe};
//! let mut space = Space::new();
//! let rate = space.log("rate", 1e-4..=1.0);
//! let hidden = space.whole("hidden", 4..=64);
//! let decay = space.choice("decay", [0.0, 0.01]);
//! // Stands for the validation loss of a net that was trained with these settings.
//! let found = Study::new(&space, Tpe::new(), 7).minimize(60, |trial| {
//!     (trial.get(&rate).log10() + 2.0).powi(2) + (trial.get(&hidden) as f64 / 32.0 - 1.0).powi(2) + trial.get(&decay)
//! })?;
//! let best = found.best().unwrap();
//! assert!(best.loss < 0.1);
//! assert!((1e-3..1e-1).contains(&best.get(&rate)));
//! # Ok::<(), nn::FileError>(())
//! ```

mod file;
mod grid;
mod sampler;
mod space;
mod study;
mod tpe;

pub use grid::Grid;
pub use sampler::{Random, Sampler};
pub use space::{Setting, Space};
pub use study::{Found, Study, Trial};
pub use tpe::Tpe;
