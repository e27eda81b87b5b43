//! What a search or a sort gives.

use super::Interpretation;
use crate::algebra::Real;
use crate::{Dual, Indices, Shape, Tensor, Var};

/// Where elements stand along an axis: whole numbers, held as the reading's own array, so that shapes and symbols have
/// them too. They cannot be differentiated, only [taken along](super::Indexing::take_along).
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[3.0_f32, 1.0], [2.0, 4.0]]);
/// let places = x.argmax(1);
/// assert_eq!(places.shape(), Shape::from([2]));
/// assert_eq!(places.to_indices(), Indices::from([0, 1]));
/// ```
#[derive(Clone, Debug)]
pub struct Positions<A> {
    array: A,
    below: usize,
}

impl<A: Interpretation> Positions<A> {
    /// Whole numbers below `below`.
    pub(super) fn new(array: A, below: usize) -> Self {
        Positions { array, below }
    }

    /// The extents along each axis.
    pub fn shape(&self) -> Shape {
        self.array.shape()
    }

    /// How many places there are to stand at: every position is below this.
    pub fn below(&self) -> usize {
        self.below
    }

    /// The positions as an array of whole numbers, through which no derivative flows.
    pub fn into_array(self) -> A {
        self.array
    }

    pub(super) fn array(&self) -> &A {
        &self.array
    }
}

impl<T: Real> Positions<Tensor<T>> {
    /// The positions as indices.
    pub fn to_indices(&self) -> Indices {
        indices(&self.array)
    }
}

impl<T: Real> Positions<Var<T>> {
    /// The positions as indices.
    pub fn to_indices(&self) -> Indices {
        indices(self.array.value())
    }
}

impl<T: Real> Positions<Dual<Tensor<T>>> {
    /// The positions as indices.
    pub fn to_indices(&self) -> Indices {
        indices(self.array.value())
    }
}

impl<T: Real> Positions<Dual<Var<T>>> {
    /// The positions as indices.
    pub fn to_indices(&self) -> Indices {
        indices(self.array.value().value())
    }
}

fn indices<T: Real>(array: &Tensor<T>) -> Indices {
    Indices::new(array.to_vec().iter().map(|place| place.to_f64() as usize).collect(), array.shape())
}
