//! The names of what changes a shape.

use super::Interpretation;
use crate::error::Operand;
use crate::ops::diagonal::{self, Part};
use crate::ops::pad::{self, Padding};
use crate::ops::{rearrange, shape};
use crate::shape::resolve_axis;
use crate::{Axes, Error, Reductions, Shape};
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

    /// The pieces of these sizes, one after the other along an axis: slices, which together are the whole.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let pieces = Tensor::from([1.0_f32, 2.0, 3.0]).split(&[1, 2], 0);
    /// assert_eq!(pieces[1].to_vec(), [2.0, 3.0]);
    /// ```
    ///
    /// # Panics
    /// If the sizes do not add up to the extent of the axis.
    #[track_caller]
    fn split(&self, sizes: &[usize], axis: isize) -> Vec<Self> {
        match self.try_split(sizes, axis) {
            Ok(value) => value,
            Err(error) => error.raise("split"),
        }
    }

    /// The pieces of these sizes along an axis, or an error if the sizes do not add up.
    ///
    /// # Errors
    /// [`Error::Axis`], [`Error::Shape`].
    #[track_caller]
    fn try_split(&self, sizes: &[usize], axis: isize) -> Result<Vec<Self>, Error> {
        let whole = extent(self, axis, "split")?;
        let total = sizes.iter().fold(0usize, |total, &size| total.saturating_add(size));
        if total != whole {
            let error = Error::shape(
                format!("sizes {sizes:?} add up to {total}, but axis {axis} has {whole} places"),
                "give sizes that add up to the extent; `.slice` cuts out a part",
            );
            return Err(error.during("split", [operand(self)]));
        }
        let (mut start, mut pieces) = (0, Vec::with_capacity(sizes.len()));
        // A loop, not a closure: that would hide the caller's line from the nodes.
        for &size in sizes {
            pieces.push(self.slice(axis, start as isize..(start + size) as isize));
            start += size;
        }
        Ok(pieces)
    }

    /// At most `count` pieces of equal size along an axis, of which the last may be smaller: slices, which together are
    /// the whole.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let pieces = Tensor::<f32>::arange(5).chunk(3, 0);
    /// assert_eq!(pieces.iter().map(|piece| piece.elements()).collect::<Vec<_>>(), [2, 2, 1]);
    /// ```
    ///
    /// # Panics
    /// If `count` is 0.
    #[track_caller]
    fn chunk(&self, count: usize, axis: isize) -> Vec<Self> {
        let whole = match extent(self, axis, "chunk") {
            Ok(value) => value,
            Err(error) => error.raise("chunk"),
        };
        if count == 0 {
            let error = Error::value("0 pieces are no whole", "ask for 1 piece at least");
            return error.during("chunk", [operand(self)]).raise("chunk");
        }
        let size = whole.div_ceil(count).max(1);
        let sizes: Vec<usize> = (0..whole.max(1)).step_by(size).map(|start| size.min(whole - start)).collect();
        self.split(&sizes, axis)
    }

    /// With a rim of `[before, after]` places along each axis. Rule: [`Pad`](pad::Pad).
    #[track_caller]
    fn pad(&self, pads: &[[usize; 2]], padding: Padding) -> Self {
        Self::apply(pad::Pad { pads: pads.into(), padding }, &[self])
    }

    /// With a rim of `[before, after]` places along each axis, or an error if it does not fit.
    ///
    /// # Errors
    /// [`Error::Shape`].
    #[track_caller]
    fn try_pad(&self, pads: &[[usize; 2]], padding: Padding) -> Result<Self, Error> {
        Self::try_apply(pad::Pad { pads: pads.into(), padding }, &[self])
    }

    /// Backwards along some axes. Rule: [`Flip`](rearrange::Flip).
    #[track_caller]
    fn flip(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(rearrange::Flip { axes: axes.into() }, &[self])
    }

    /// Moved round along an axis, towards higher places. Rule: [`Roll`](rearrange::Roll).
    #[track_caller]
    fn roll(&self, shift: isize, axis: isize) -> Self {
        Self::apply(rearrange::Roll { shift, axis }, &[self])
    }

    /// Each element `repeats` times in a row along an axis.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 2.0]).repeat_interleave(2, 0).to_vec(), [1.0, 1.0, 2.0, 2.0]);
    /// ```
    #[track_caller]
    fn repeat_interleave(&self, repeats: usize, axis: isize) -> Self {
        let shape = self.shape();
        let to = resolve_axis(axis, shape.rank()).and_then(|axis| {
            let mut extents = shape.to_vec();
            extents[axis] = extents[axis].saturating_mul(repeats);
            Ok((Shape::try_new(&extents)?, axis + 1))
        });
        match to {
            Ok((to, cut)) => repeated(self, cut, repeats, to),
            Err(error) => error.during("repeat_interleave", [operand(self)]).raise("repeat_interleave"),
        }
    }

    /// The whole array repeated so many times along each axis. Fewer numbers are for the last axes; more are for new axes
    /// in front.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tensor::from([1.0_f32, 2.0]);
    /// assert_eq!(x.tile(&[2]).to_vec(), [1.0, 2.0, 1.0, 2.0]);
    /// assert_eq!(x.tile(&[2, 1]), Tensor::from([[1.0, 2.0], [1.0, 2.0]]));
    /// ```
    #[track_caller]
    fn tile(&self, repeats: &[usize]) -> Self {
        let shape = self.shape();
        let rank = shape.rank().max(repeats.len());
        let (mut extents, ones) = (vec![1; rank - shape.rank()], rank - repeats.len());
        extents.extend(shape.iter());
        let stretched: Vec<usize> = extents
            .iter()
            .enumerate()
            .map(|(axis, &extent)| if axis < ones { extent } else { extent.saturating_mul(repeats[axis - ones]) })
            .collect();
        if let Err(error) = Shape::try_new(&stretched) {
            return error.during("tile", [operand(self)]).raise("tile");
        }
        let mut tiled = if extents.len() == shape.rank() { self.clone() } else { self.reshape(Shape::of(&extents)) };
        // The last axes first: they are the shortest to copy.
        for (axis, &times) in repeats.iter().enumerate().rev().filter(|&(_, &times)| times != 1) {
            extents[ones + axis] = stretched[ones + axis];
            tiled = repeated(&tiled, ones + axis, times, Shape::of(&extents));
        }
        tiled
    }

    /// A diagonal of the last two axes. Rule: [`Diagonal`](diagonal::Diagonal).
    #[track_caller]
    fn diagonal(&self, offset: isize) -> Self {
        Self::apply(diagonal::Diagonal { offset }, &[self])
    }

    /// The square matrix with the last axis on a diagonal. Rule: [`DiagonalMatrix`](diagonal::DiagonalMatrix).
    #[track_caller]
    fn diagonal_matrix(&self, offset: isize) -> Self {
        let length = self.shape().last().copied().unwrap_or_default();
        Self::apply(diagonal::DiagonalMatrix::square(offset, length), &[self])
    }

    /// The sum of the main diagonal of the last two axes.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]).trace().item(), 5.0);
    /// ```
    #[track_caller]
    fn trace(&self) -> Self {
        self.diagonal(0).sum_axes(-1)
    }

    /// The last two axes with zeros above a diagonal. Rule: [`Triangle`](diagonal::Triangle).
    #[track_caller]
    fn tril(&self, offset: isize) -> Self {
        Self::apply(diagonal::Triangle { part: Part::Lower, offset }, &[self])
    }

    /// The last two axes with zeros below a diagonal. Rule: [`Triangle`](diagonal::Triangle).
    #[track_caller]
    fn triu(&self, offset: isize) -> Self {
        Self::apply(diagonal::Triangle { part: Part::Upper, offset }, &[self])
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
        let mut columns = Vec::with_capacity(values.len());
        // A loop, not a closure: that would hide the caller's line from the nodes.
        for x in values {
            columns.push(x.unsqueeze(axis));
        }
        Self::concat(&columns.iter().collect::<Vec<_>>(), axis)
    }
}
impl<A: Interpretation> Shaping for A {}

fn operand<A: Interpretation>(x: &A) -> Operand {
    Operand { name: None, shape: x.shape() }
}

/// The extent of an axis, or the error that it does not exist.
#[track_caller]
fn extent<A: Interpretation>(x: &A, axis: isize, op: &'static str) -> Result<usize, Error> {
    match resolve_axis(axis, x.shape().rank()) {
        Ok(axis) => Ok(x.shape()[axis]),
        Err(error) => Err(error.during(op, [operand(x)])),
    }
}

/// What stands together from axis `cut` on, `times` times in a row, as shape `to`.
#[track_caller]
fn repeated<A: Interpretation>(x: &A, cut: usize, times: usize, to: Shape) -> A {
    let shape = x.shape();
    let (before, after): (usize, usize) = (shape[..cut].iter().product(), shape[cut..].iter().product());
    x.reshape(Shape::of(&[before, 1, after])).broadcast_to(Shape::of(&[before, times, after])).reshape(to)
}
