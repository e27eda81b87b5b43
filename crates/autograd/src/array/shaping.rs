//! The names of what changes a shape.

use super::Interpretation;
use crate::ops::shape;
use crate::{Axes, Error, Shape};
use std::ops::RangeBounds;

/// Other shapes of the same elements, parts of an array, and arrays joined.
pub trait Shaping: Interpretation {
    /// The same elements in another shape; one extent may be −1. Rule: [`Reshape`](shape::Reshape).
    #[track_caller]
    fn reshape(&self, to: impl Into<shape::Extents>) -> Self {
        Self::apply(shape::Reshape { to: to.into() }, &[self])
    }

    /// The same elements in another shape, or an error if they do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`].
    #[track_caller]
    fn try_reshape(&self, to: impl Into<shape::Extents>) -> Result<Self, Error> {
        Self::try_apply(shape::Reshape { to: to.into() }, &[self])
    }

    /// The axes in another order. Rule: [`Permute`](shape::Permute).
    #[track_caller]
    fn permute<const N: usize>(&self, axes: [isize; N]) -> Self {
        Self::apply(shape::Permute { axes: axes[..].into() }, &[self])
    }

    /// The last two axes exchanged. Rule: [`Transpose`](shape::Transpose).
    #[track_caller]
    fn transpose(&self) -> Self {
        Self::apply(shape::Transpose, &[self])
    }

    /// Stretched to a shape. Rule: [`BroadcastTo`](shape::BroadcastTo).
    #[track_caller]
    fn broadcast_to(&self, to: impl Into<Shape>) -> Self {
        let shape = to.into();
        if shape == self.shape() {
            return self.clone();
        }
        Self::apply(shape::BroadcastTo { shape }, &[self])
    }

    /// Without the axes of extent 1 that are named. Rule: [`Squeeze`](shape::Squeeze).
    #[track_caller]
    fn squeeze(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(shape::Squeeze { axes: axes.into() }, &[self])
    }

    /// With a new axis of extent 1. Rule: [`Unsqueeze`](shape::Unsqueeze).
    #[track_caller]
    fn unsqueeze(&self, axis: isize) -> Self {
        Self::apply(shape::Unsqueeze { axis }, &[self])
    }

    /// A range of places along an axis. Rule: [`Slice`](shape::Slice).
    #[track_caller]
    fn slice(&self, axis: isize, range: impl RangeBounds<isize>) -> Self {
        Self::apply(shape::Slice::new(axis, range, 1), &[self])
    }

    /// Every `step`-th of a range of places along an axis. Rule: [`Slice`](shape::Slice).
    #[track_caller]
    fn slice_step(&self, axis: isize, range: impl RangeBounds<isize>, step: isize) -> Self {
        Self::apply(shape::Slice::new(axis, range, step), &[self])
    }

    /// Values one after the other along an axis. Rule: [`Concat`](shape::Concat).
    ///
    /// # Panics
    /// If there are none, or they differ along another axis.
    #[track_caller]
    fn concat(values: &[&Self], axis: isize) -> Self {
        match Self::try_concat(values, axis) {
            Ok(value) => value,
            Err(error) => error.raise("concat"),
        }
    }

    /// Values one after the other along an axis, or an error if they do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Axis`].
    #[track_caller]
    fn try_concat(values: &[&Self], axis: isize) -> Result<Self, Error> {
        if values.is_empty() {
            return Err(Error::shape("nothing to join", "give at least one value").during("concat", []));
        }
        let shapes: Vec<Shape> = values.iter().map(|x| x.shape()).collect();
        Self::try_apply(shape::Concat::new(axis, &shapes), values)
    }

    /// Values of one shape along a new axis.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (a, b) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([3.0, 4.0]));
    /// assert_eq!(Tensor::stack(&[&a, &b], 0), Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
    /// ```
    ///
    /// # Panics
    /// If there are none, or their shapes differ.
    #[track_caller]
    fn stack(values: &[&Self], axis: isize) -> Self {
        let columns: Vec<Self> = values.iter().map(|x| x.unsqueeze(axis)).collect();
        Self::concat(&columns.iter().collect::<Vec<_>>(), axis)
    }
}
impl<A: Interpretation> Shaping for A {}
