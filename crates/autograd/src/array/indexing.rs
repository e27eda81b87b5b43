//! The names of what picks elements by number.

use super::Interpretation;
use crate::ops::index;
use crate::{Error, Indices};

/// Elements and slices picked by number.
pub trait Indexing: Interpretation {
    /// Slices along an axis by number. Rule: [`IndexSelect`](index::IndexSelect).
    #[track_caller]
    fn index_select(&self, axis: isize, indices: impl Into<Indices>) -> Self {
        Self::apply(index::IndexSelect { axis, indices: indices.into() }, &[self])
    }

    /// Slices along an axis by number, or an error if one does not exist.
    ///
    /// # Errors
    /// [`Error::Index`].
    #[track_caller]
    fn try_index_select(&self, axis: isize, indices: impl Into<Indices>) -> Result<Self, Error> {
        Self::try_apply(index::IndexSelect { axis, indices: indices.into() }, &[self])
    }

    /// One element along an axis for each place of the indices. Rule: [`Gather`](index::Gather).
    #[track_caller]
    fn gather(&self, axis: isize, indices: impl Into<Indices>) -> Self {
        Self::apply(index::Gather { axis, indices: indices.into() }, &[self])
    }
}
impl<A: Interpretation> Indexing for A {}
