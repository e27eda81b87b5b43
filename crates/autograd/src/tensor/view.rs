//! Transposes, slices and broadcasts: new shapes and steps over the same elements.

use super::buffer::Shared;
use super::{Header, INLINE, Storage, Tensor};
use crate::Shape;
use crate::algebra::Real;
use crate::shape::Strides;

impl<T: Real> Tensor<T> {
    /// A view of the same storage. Every coordinate of `shape` must lie within it. What fits into a header is copied, which
    /// is cheaper than to look at something else from then on.
    pub(crate) fn view(&self, shape: Shape, strides: Strides, offset: usize) -> Tensor<T> {
        if shape.elements() <= INLINE {
            return self.few_elements(shape, &strides, offset);
        }
        let base = match &self.0.storage {
            Storage::View { base, .. } => base.clone(),
            _ => self.clone(),
        };
        let contiguous = is_contiguous(&shape, &strides);
        // Nobody steps along an axis of extent 1; but who knows that the elements lie in order may count on their steps.
        let strides = if contiguous { shape.strides() } else { strides };
        Tensor(Shared::new(Header { shape, storage: Storage::View { base, offset, strides, contiguous } }))
    }

    fn few_elements(&self, shape: Shape, strides: &Strides, offset: usize) -> Tensor<T> {
        let mut elements = [T::ZERO; INLINE];
        for (place, element) in elements.iter_mut().enumerate().take(shape.elements()) {
            let (mut rest, mut from) = (place, offset as isize);
            for (&extent, stride) in shape.iter().zip(strides).rev().filter(|(extent, _)| **extent > 1) {
                from += (rest % extent) as isize * stride;
                rest /= extent;
            }
            *element = self.whole()[from as usize];
        }
        Tensor(Shared::new(Header { shape, storage: Storage::Inline(elements) }))
    }

    /// The same elements under another shape of as many elements; copies only if they do not lie in order.
    pub(crate) fn reshaped(&self, shape: Shape) -> Tensor<T> {
        if shape == self.shape() {
            return self.clone();
        }
        let ordered = self.contiguous();
        let (_, offset, _) = ordered.parts();
        ordered.view(shape, shape.strides(), offset)
    }

    /// Axis `i` of the result is axis `axes[i]` of this.
    pub(crate) fn permuted(&self, axes: &[usize]) -> Tensor<T> {
        let (shape, (_, offset, strides)) = (self.shape(), self.parts());
        let mut permuted_strides = strides;
        let mut permuted_shape = shape;
        for (i, &axis) in axes.iter().enumerate() {
            permuted_strides[i] = strides[axis];
            permuted_shape = permuted_shape.with_extent(i, shape[axis]);
        }
        self.view(permuted_shape, permuted_strides, offset)
    }

    /// The last two axes exchanged.
    pub(crate) fn transposed(&self) -> Tensor<T> {
        let (mut shape, (_, offset, mut strides)) = (self.shape(), self.parts());
        let (rows, columns) = (shape.rank() - 2, shape.rank() - 1);
        shape = shape.with_extent(rows, shape[columns]).with_extent(columns, shape[rows]);
        strides.swap(rows, columns);
        self.view(shape, strides, offset)
    }

    /// Stretched to `shape`, which this shape must broadcast to: steps of 0 along stretched axes.
    pub(crate) fn broadcasted(&self, shape: Shape) -> Tensor<T> {
        if shape == self.shape() {
            return self.clone();
        }
        let (_, offset, _) = self.parts();
        self.view(shape, self.strides_in(&shape), offset)
    }

    /// The steps along each axis of `shape`, which this shape must broadcast to.
    pub(crate) fn strides_in(&self, shape: &Shape) -> Strides {
        let (own, (_, _, strides)) = (self.shape(), self.parts());
        let added = shape.rank() - own.rank();
        let mut stretched = [0; crate::shape::MAX_RANK];
        for (i, &extent) in own.iter().enumerate() {
            stretched[added + i] = if extent == 1 { 0 } else { strides[i] };
        }
        stretched
    }

    /// Along `axis`: `length` elements from `start`, `step` apart (which may be negative).
    pub(crate) fn sliced(&self, axis: usize, start: usize, step: isize, length: usize) -> Tensor<T> {
        let (shape, (_, offset, mut strides)) = (self.shape(), self.parts());
        let offset = (offset as isize + start as isize * strides[axis]) as usize;
        strides[axis] *= step;
        self.view(shape.with_extent(axis, length), strides, offset)
    }
}

/// Whether these steps visit the storage in row-major order without gaps.
fn is_contiguous(shape: &Shape, strides: &Strides) -> bool {
    if shape.elements() <= 1 {
        return true;
    }
    let mut step = 1;
    for axis in (0..shape.rank()).rev() {
        if shape[axis] != 1 {
            if strides[axis] != step {
                return false;
            }
            step *= shape[axis] as isize;
        }
    }
    true
}
