//! The names of what picks elements by number.

use super::{Interpretation, Mask, Positions};
use crate::algebra::Real;
use crate::error::Operand;
use crate::ops::reduce::Which;
use crate::ops::{index, order};
use crate::shape::resolve_axis;
use crate::{Error, Indices, Shape, Shaping, Tensor};

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

    /// One element along an axis for each place of the indices, or an error if one does not exist.
    ///
    /// # Errors
    /// [`Error::Axis`], [`Error::Shape`], [`Error::Index`].
    #[track_caller]
    fn try_gather(&self, axis: isize, indices: impl Into<Indices>) -> Result<Self, Error> {
        Self::try_apply(index::Gather { axis, indices: indices.into() }, &[self])
    }

    /// The elements with these numbers, counted in row-major order. Shape: that of the indices.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.take([3, 0, 3]).to_vec(), [4.0, 1.0, 4.0]);
    /// ```
    #[track_caller]
    fn take(&self, indices: impl Into<Indices>) -> Self {
        self.reshape([self.shape().elements() as isize]).index_select(0, indices)
    }

    /// With the elements of `source` added where a gather along `axis` by these indices would read: what comes twice is
    /// added twice. The indices have the shape of `source`. Rule: [`ScatterAdd`](index::ScatterAdd).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([10.0_f32, 20.0, 30.0]);
    /// assert_eq!(x.scatter_add(0, [2, 0, 2], &Tensor::from([1.0, 2.0, 3.0])).to_vec(), [12.0, 20.0, 34.0]);
    /// ```
    #[track_caller]
    fn scatter_add(&self, axis: isize, indices: impl Into<Indices>, source: &Self) -> Self {
        match self.try_scatter_add(axis, indices, source) {
            Ok(value) => value,
            Err(error) => error.raise("scatter_add"),
        }
    }

    /// With the elements of `source` added at these indices along an axis, or an error if they do not fit.
    ///
    /// # Errors
    /// [`Error::Axis`], [`Error::Shape`], [`Error::Index`].
    #[track_caller]
    fn try_scatter_add(&self, axis: isize, indices: impl Into<Indices>, source: &Self) -> Result<Self, Error> {
        let gather = index::Gather { axis, indices: indices.into() };
        let added = Self::try_apply(index::ScatterAdd { gather, shape: self.shape() }, &[source])?;
        Ok(self.clone() + added)
    }

    /// The rows of this table for tokens, by number. Row `padding`, if one is given, gets no gradient: it stands for no
    /// token. Shape: that of the tokens, then the table's axes but the first.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tape = Tape::new();
    /// let table = tape.var(Tensor::from([[1.0_f32, 2.0], [0.0, 0.0]]));
    /// let rows = table.embedding([0, 1, 0], Some(1));
    /// assert_eq!(rows.value().to_vec(), [1.0, 2.0, 0.0, 0.0, 1.0, 2.0]);
    /// assert_eq!(rows.sum().backward().of(&table).or_zeros().to_vec(), [2.0, 2.0, 0.0, 0.0]);
    /// ```
    #[track_caller]
    fn embedding(&self, tokens: impl Into<Indices>, padding: Option<usize>) -> Self {
        match self.try_embedding(tokens, padding) {
            Ok(value) => value,
            Err(error) => error.raise("embedding"),
        }
    }

    /// The rows of this table for tokens, or an error if a token or the padding is not in the table.
    ///
    /// # Errors
    /// [`Error::Axis`], [`Error::Index`].
    #[track_caller]
    fn try_embedding(&self, tokens: impl Into<Indices>, padding: Option<usize>) -> Result<Self, Error> {
        let tokens: Indices = tokens.into();
        let rows = self.try_index_select(0, &tokens)?;
        let Some(padding) = padding else { return Ok(rows) };
        if padding >= self.shape()[0] {
            let error = Error::index(
                format!("padding {padding} is out of range for {} rows", self.shape()[0]),
                "name a row of the table, or give no padding",
            );
            return Err(error.during("embedding", [Operand { name: None, shape: self.shape() }]));
        }
        let mut shape: Vec<usize> = tokens.shape().to_vec();
        shape.resize(rows.shape().rank(), 1);
        let numbers = tokens.as_slice();
        let padded = |i: usize| if numbers[i] == padding { Self::Real::ONE } else { Self::Real::ZERO };
        let padded = Mask(rows.constant(&Tensor::from_fn(Shape::of(&shape), padded)));
        Ok(padded.choose(&rows.detach(), &rows))
    }

    /// `value` where the mask holds, else this; the mask broadcasts. What is filled gets no gradient.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// let negative = x.less(&Tensor::scalar(0.0));
    /// assert_eq!(x.masked_fill(&negative, 9.0).to_vec(), [9.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// If the mask does not broadcast to the shape of this.
    #[track_caller]
    fn masked_fill(&self, mask: &Mask<Self>, value: f64) -> Self {
        let (shape, own) = (self.shape(), mask.0.shape());
        if own.broadcast(&shape) != Some(shape) {
            let error = Error::shape(
                format!("a mask of shape {own} does not broadcast to shape {shape}"),
                "axes are matched from the last one; each extent of the mask must be 1 or that of the value",
            );
            let operands = [shape, own].map(|shape| Operand { name: None, shape });
            return error.during("masked_fill", operands).raise("masked_fill");
        }
        mask.choose(&self.constant(&Tensor::scalar(Self::Real::from_f64(value))), self)
    }

    /// The place of the largest element along an axis, which goes; the first of equal ones.
    /// Rule: [`ArgExtreme`](order::ArgExtreme).
    #[track_caller]
    fn argmax(&self, axis: isize) -> Positions<Self> {
        arg_extreme(self, Which::Max, axis, false)
    }

    /// The place of the largest element along an axis, which stays with extent 1.
    /// Rule: [`ArgExtreme`](order::ArgExtreme).
    #[track_caller]
    fn argmax_keep(&self, axis: isize) -> Positions<Self> {
        arg_extreme(self, Which::Max, axis, true)
    }

    /// The place of the smallest element along an axis, which goes; the first of equal ones.
    /// Rule: [`ArgExtreme`](order::ArgExtreme).
    #[track_caller]
    fn argmin(&self, axis: isize) -> Positions<Self> {
        arg_extreme(self, Which::Min, axis, false)
    }

    /// The place of the smallest element along an axis, which stays with extent 1.
    /// Rule: [`ArgExtreme`](order::ArgExtreme).
    #[track_caller]
    fn argmin_keep(&self, axis: isize) -> Positions<Self> {
        arg_extreme(self, Which::Min, axis, true)
    }

    /// The places of all elements along an axis, in order; equal ones stay in the order of their places.
    /// Rule: [`ArgSort`](order::ArgSort).
    #[track_caller]
    fn argsort(&self, axis: isize, descending: bool) -> Positions<Self> {
        arg_sort(self, axis, descending, None)
    }

    /// The elements at these places along an axis. Rule: [`TakeAlong`](order::TakeAlong).
    #[track_caller]
    fn take_along(&self, axis: isize, places: &Positions<Self>) -> Self {
        Self::apply(order::TakeAlong { axis, below: places.below() }, &[self, places.array()])
    }

    /// The elements at these places along an axis, or an error if they do not fit.
    ///
    /// # Errors
    /// [`Error::Axis`], [`Error::Shape`], [`Error::Index`].
    #[track_caller]
    fn try_take_along(&self, axis: isize, places: &Positions<Self>) -> Result<Self, Error> {
        Self::try_apply(order::TakeAlong { axis, below: places.below() }, &[self, places.array()])
    }

    /// The elements put at these places along an axis of zeros, on which the places were found; what comes to one place is
    /// added. Rule: [`PutAlong`](order::PutAlong).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([3.0_f32, 1.0, 2.0]);
    /// let (values, places) = x.sort(0, true);
    /// assert_eq!(values.put_along(0, &places), x);
    /// assert_eq!(x.slice(0, ..1).put_along(0, &x.argmin_keep(0)).to_vec(), [0.0, 3.0, 0.0]);
    /// ```
    #[track_caller]
    fn put_along(&self, axis: isize, places: &Positions<Self>) -> Self {
        Self::apply(order::PutAlong { axis, extent: places.below() }, &[self, places.array()])
    }

    /// The elements along an axis in order, and the places where they were; equal ones stay in the order of their places,
    /// NaN counts as larger than every number. The gradient goes to those places.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (values, places) = Tensor::from([3.0_f32, 1.0, 2.0]).sort(0, false);
    /// assert_eq!(values.to_vec(), [1.0, 2.0, 3.0]);
    /// assert_eq!(places.to_indices().as_slice(), [1, 2, 0]);
    /// ```
    #[track_caller]
    fn sort(&self, axis: isize, descending: bool) -> (Self, Positions<Self>) {
        let places = arg_sort(self, axis, descending, None);
        (self.take_along(axis, &places), places)
    }

    /// The `k` largest (or smallest) elements along an axis in order, and the places where they were; among equal ones the
    /// first come first, NaN counts as larger than every number. The gradient goes to those places.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (values, places) = Tensor::from([3.0_f32, 1.0, 4.0, 2.0]).top_k(0, 2, true);
    /// assert_eq!(values.to_vec(), [4.0, 3.0]);
    /// assert_eq!(places.to_indices().as_slice(), [2, 0]);
    /// ```
    ///
    /// # Panics
    /// If the axis has fewer than `k` places.
    #[track_caller]
    fn top_k(&self, axis: isize, k: usize, largest: bool) -> (Self, Positions<Self>) {
        let places = arg_sort(self, axis, largest, Some(k));
        (self.take_along(axis, &places), places)
    }

    /// The largest element along an axis, which goes, and its place. The whole gradient goes to that place, the first of
    /// equal ones; [`max_axes`](super::Reductions::max_axes) splits it evenly among them.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tape = Tape::new();
    /// let x = tape.var(Tensor::from([2.0_f32, 5.0, 5.0]));
    /// let (largest, place) = x.max_with_index(0);
    /// assert_eq!((largest.value().item(), place.to_indices().as_slice()[0]), (5.0, 1));
    /// assert_eq!(largest.backward().of(&x).or_zeros().to_vec(), [0.0, 1.0, 0.0]);
    /// ```
    #[track_caller]
    fn max_with_index(&self, axis: isize) -> (Self, Positions<Self>) {
        extreme_with_index(self, Which::Max, axis)
    }

    /// The smallest element along an axis, which goes, and its place, to which the whole gradient goes. See
    /// [`max_with_index`](Indexing::max_with_index).
    #[track_caller]
    fn min_with_index(&self, axis: isize) -> (Self, Positions<Self>) {
        extreme_with_index(self, Which::Min, axis)
    }
}
impl<A: Interpretation> Indexing for A {}

/// The number of places along an axis that an operation has found to exist.
fn places<A: Interpretation>(x: &A, axis: isize) -> usize {
    resolve_axis(axis, x.shape().rank()).map_or(0, |axis| x.shape()[axis])
}

#[track_caller]
fn arg_extreme<A: Interpretation>(x: &A, which: Which, axis: isize, keep: bool) -> Positions<A> {
    Positions::new(A::apply(order::ArgExtreme { which, axis, keep }, &[x]), places(x, axis))
}

#[track_caller]
fn arg_sort<A: Interpretation>(x: &A, axis: isize, descending: bool, first: Option<usize>) -> Positions<A> {
    Positions::new(A::apply(order::ArgSort { axis, descending, first }, &[x]), places(x, axis))
}

#[track_caller]
fn extreme_with_index<A: Interpretation>(x: &A, which: Which, axis: isize) -> (A, Positions<A>) {
    let place = arg_extreme(x, which, axis, true);
    let value = x.take_along(axis, &place).squeeze(axis);
    (value, Positions::new(place.array().squeeze(axis), place.below()))
}
