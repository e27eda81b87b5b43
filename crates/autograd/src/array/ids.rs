//! Whole numbers in a computation.

use super::{Indexing, Interpretation, Scope};
use crate::algebra::Real;
use crate::{Indices, Param, Tensor};

/// Whole numbers brought into a computation, for layers whose input is tokens or classes.
///
/// ```
/// use autograd::prelude::*;
/// let table = Param::new(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]));
/// let tape = Tape::new();
/// let ids = tape.ids([1, 1]);
/// let rows = ids.embed(&table);
/// assert_eq!(rows.value().to_vec(), [3.0, 4.0, 3.0, 4.0]);
/// assert_eq!(rows.sum().backward().of(&table).or_zeros().to_vec(), [0.0, 0.0, 2.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Ids<A> {
    door: A,
    indices: Indices,
}

impl<A: Interpretation> Ids<A> {
    /// These numbers, in the computation that `door` belongs to.
    #[track_caller]
    pub fn new(door: &A, indices: impl Into<Indices>) -> Self {
        Ids { door: door.constant(&Tensor::scalar(A::Real::ZERO)), indices: indices.into() }
    }

    /// The numbers.
    pub fn indices(&self) -> &Indices {
        &self.indices
    }

    /// Brings a parameter into the computation.
    #[track_caller]
    pub fn param(&self, parameter: &Param<A::Real>) -> A {
        self.door.param(parameter)
    }

    /// Brings a plain value into the computation.
    #[track_caller]
    pub fn constant(&self, value: &Tensor<A::Real>) -> A {
        self.door.constant(value)
    }

    /// Row `i` of the table for each index `i`: shape of the indices, then the table's axes but the first.
    #[track_caller]
    pub fn embed(&self, table: &Param<A::Real>) -> A {
        self.param(table).index_select(0, &self.indices)
    }

    /// Row `i` of the table for each index `i`, where row `padding` gets no gradient. See
    /// [`embedding`](Indexing::embedding).
    #[track_caller]
    pub fn embed_with_padding(&self, table: &Param<A::Real>, padding: usize) -> A {
        self.param(table).embedding(&self.indices, Some(padding))
    }

    /// For each index a row of `classes` places that are 0, but for a 1 at the index.
    ///
    /// # Panics
    /// If an index is not below `classes`.
    #[track_caller]
    pub fn one_hot(&self, classes: usize) -> A {
        self.door.constant(&self.indices.one_hot(classes))
    }

    /// Opens a module's scope.
    #[track_caller]
    pub fn scope(&self, module: &'static str) -> Scope {
        self.door.scope(module)
    }
}
