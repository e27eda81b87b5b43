//! Convolutions over one or two axes, as matrix products with the patches that the window sees.
//!
//! A convolution joins a large side (its input) and a small side (its output). The patches of a sample are a matrix
//! with a row for each place of the kernel in each channel, and a column for each place of the window. Three products
//! with it are the convolution and its two adjoints:
//!
//! | function | product | |
//! |---|---|---|
//! | [`forward`] | `small = W patches` | the convolution |
//! | [`backward`] | `patches = Wᵀ small` | added back into the large side: the transposed convolution |
//! | [`weight`] | `W = small patchesᵀ` | how a weight must change |
//!
//! Where the window moves a step at a time they need not be made (`direct.rs`). Otherwise the patches are made a tile at a
//! time, so that they stay in the cache. Halves of the batch go to two threads; where they are split depends on the shapes
//! alone.

use super::geometry::{Epilogue, Geometry, Piece, begin, part};
use super::matmul::product;
use super::matrix::Matrix;
use super::{Kernel, direct, dispatch, elementwise, join};
use crate::algebra::Real;
use crate::{Shape, Tensor};
use std::ops::Range;

/// The groups of a sample lie one after the other, like the samples: calls `group` with the group's number and its
/// place among all groups of all samples.
fn over_groups(at: &Geometry, mut group: impl FnMut(usize, usize)) {
    for place in 0..at.batch * at.groups {
        group(place % at.groups, place);
    }
}

/// `small = W patches(large)`, and what it ends with.
pub(crate) fn forward<T: Real>(at: &Geometry, large: &[T], w: &[T], epilogue: Epilogue<'_, T>, small: &mut [T]) {
    let (of_large, of_small, of_weight) = (at.large_elements(), at.small_elements(), at.weight_elements());
    if let Some((a, b)) = at.halves() {
        let (large_a, large_b) = large.split_at(a.batch * at.groups * of_large);
        let (small_a, small_b) = small.split_at_mut(a.batch * at.groups * of_small);
        join(|| forward(&a, large_a, w, epilogue, small_a), || forward(&b, large_b, w, epilogue, small_b));
        return;
    }
    if at.is_direct() {
        return direct::forward(at, large, w, epilogue, small);
    }
    if let Some(bias) = epilogue.bias {
        begin(small, at.places(), bias);
    }
    let mut room = at.room();
    let room = room.make_mut();
    over_groups(at, |group, place| {
        let (large, small) = (&large[part(place, of_large)], &mut small[part(place, of_small)]);
        let w = Matrix::row_major(&w[part(group, of_weight)], at.patch());
        for tile in at.tiles() {
            let patches = at.patches(large, &tile, room);
            let extents = [at.filters, tile.len(), at.patch()];
            product(&mut small[tile.start..], at.places(), extents, w, patches, epilogue.bias.is_some());
        }
        if let Some(finish) = epilogue.finish {
            finish(small);
        }
    });
}

/// `large += Wᵀ small`, each patch added to where it came from.
pub(crate) fn backward<T: Real>(at: &Geometry, small: &[T], w: &[T], large: &mut [T]) {
    let (of_large, of_small, of_weight) = (at.large_elements(), at.small_elements(), at.weight_elements());
    if let Some((a, b)) = at.halves() {
        let (large_a, large_b) = large.split_at_mut(a.batch * at.groups * of_large);
        let (small_a, small_b) = small.split_at(a.batch * at.groups * of_small);
        join(|| backward(&a, small_a, w, large_a), || backward(&b, small_b, w, large_b));
        return;
    }
    // Without patches, numbers meet zeros of the rim: what is not finite would become NaN where nothing of it belongs.
    if at.is_direct() && w.iter().all(|w| w.is_finite()) {
        return direct::backward(at, small, w, large);
    }
    let mut room = at.room();
    let room = room.make_mut();
    over_groups(at, |group, place| {
        let (large, small) = (&mut large[part(place, of_large)], &small[part(place, of_small)]);
        let w = Matrix::row_major(&w[part(group, of_weight)], at.patch()).transposed();
        for tile in at.tiles() {
            let small = Matrix { start: tile.start, ..Matrix::row_major(small, at.places()) };
            let extents = [at.patch(), tile.len(), at.filters];
            if at.is_pointwise() {
                product(large, at.places(), extents, w, small, true);
            } else {
                product(room, tile.len(), extents, w, small, false);
                dispatch(AddBack { at, tile: &tile, patches: room, large });
            }
        }
    });
}

struct AddBack<'a, T> {
    at: &'a Geometry,
    tile: &'a Range<usize>,
    patches: &'a [T],
    large: &'a mut [T],
}

impl<T: Real> Kernel for AddBack<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let step = self.at.stride[1];
        for Piece { at, seen, start } in self.at.pieces(self.tile) {
            let patches = &self.patches[at][seen];
            if step == 1 {
                for (element, &patch) in self.large[start..start + patches.len()].iter_mut().zip(patches) {
                    *element += patch;
                }
            } else {
                for (i, &patch) in patches.iter().enumerate() {
                    self.large[start + i * step] += patch;
                }
            }
        }
    }
}

/// `w = Σ small patches(large)ᵀ` over the samples.
pub(crate) fn weight<T: Real>(at: &Geometry, large: &[T], small: &[T], w: &mut [T]) {
    if at.is_direct() {
        direct::weight(at, large, small, w);
        // Where an infinite number met a zero between two rows, the patches tell what there is.
        if w.iter().all(|w| w.is_finite()) {
            return;
        }
    }
    by_patches(at, large, small, w);
}

/// [`weight`] with patches that are made.
fn by_patches<T: Real>(at: &Geometry, large: &[T], small: &[T], w: &mut [T]) {
    let (of_large, of_small, of_weight) = (at.large_elements(), at.small_elements(), at.weight_elements());
    if let Some((a, b)) = at.halves() {
        let (large_a, large_b) = large.split_at(a.batch * at.groups * of_large);
        let (small_a, small_b) = small.split_at(a.batch * at.groups * of_small);
        let mut second = Tensor::unset(Shape::from(w.len()));
        let other = second.make_mut();
        join(|| by_patches(&a, large_a, small_a, w), || by_patches(&b, large_b, small_b, other));
        elementwise::add_assign(w, other);
        return;
    }
    w.fill(T::ZERO);
    let mut room = at.room();
    let room = room.make_mut();
    over_groups(at, |group, place| {
        let (large, small) = (&large[part(place, of_large)], &small[part(place, of_small)]);
        let w = &mut w[part(group, of_weight)];
        for tile in at.tiles() {
            let patches = at.patches(large, &tile, room).transposed();
            let small = Matrix { start: tile.start, ..Matrix::row_major(small, at.places()) };
            product(w, at.patch(), [at.filters, at.patch(), tile.len()], small, patches, true);
        }
    });
}
