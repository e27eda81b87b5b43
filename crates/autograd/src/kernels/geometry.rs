//! The extents of a convolution, and the patches that its window sees.

use super::Finish;
use super::matrix::Matrix;
use crate::algebra::Real;
use crate::{Shape, Tensor};
use std::ops::Range;

/// Multiplications from which on a batch is divided into halves for two threads: each lays out its weight and its planes
/// anew, so that they should not be small.
const PARALLEL_PRODUCTS: usize = 1 << 24;

/// About as many elements of a tile of patches fit into the second level of cache.
const TILE_ELEMENTS: usize = 1 << 17;

/// No tile is narrower than this, or the product loses more than the cache gives.
const NARROWEST_TILE: usize = 64;

/// The extents of a convolution. One with a single spatial axis has 1 in place of the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// The number of samples.
    pub batch: usize,
    /// The number of groups of channels that see nothing of each other.
    pub groups: usize,
    /// The channels of the large side, a group.
    pub channels: usize,
    /// The channels of the small side, a group.
    pub filters: usize,
    /// The extents of the large side.
    pub large: [usize; 2],
    /// The extents of the small side: the places of the window.
    pub small: [usize; 2],
    /// The extents of the kernel.
    pub kernel: [usize; 2],
    /// How far apart the places of the window are.
    pub stride: [usize; 2],
    /// How many zeros surround the large side.
    pub padding: [usize; 2],
    /// How far apart the places of the kernel are.
    pub dilation: [usize; 2],
}

impl Geometry {
    /// The rows of the patches.
    pub(super) fn patch(&self) -> usize {
        self.channels * self.kernel[0] * self.kernel[1]
    }

    /// The columns of the patches.
    pub(super) fn places(&self) -> usize {
        self.small[0] * self.small[1]
    }

    /// The elements of a group of one sample on the large side.
    pub(super) fn large_elements(&self) -> usize {
        self.channels * self.large[0] * self.large[1]
    }

    /// The elements of a group of one sample on the small side.
    pub(super) fn small_elements(&self) -> usize {
        self.filters * self.places()
    }

    /// The elements of a group of the weight.
    pub(super) fn weight_elements(&self) -> usize {
        self.filters * self.patch()
    }

    /// Whether the patches are the large side itself.
    pub(super) fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.padding == [0, 0]
    }

    /// Whether the window moves a step at a time, so that the patches need not be made. A side without elements is left to
    /// the patches, also where it is all padding.
    pub(super) fn is_direct(&self) -> bool {
        let extents = [self.batch, self.large_elements(), self.small_elements(), self.weight_elements()];
        self.stride == [1, 1] && extents.iter().all(|&extent| extent > 0)
    }

    /// The geometries of two halves of the batch, where the work is worth two threads.
    pub(super) fn halves(&self) -> Option<(Geometry, Geometry)> {
        let products = self.batch * self.groups * self.weight_elements() * self.places();
        if self.batch < 2 || products < PARALLEL_PRODUCTS {
            return None;
        }
        let half = self.batch / 2;
        Some((Geometry { batch: half, ..*self }, Geometry { batch: self.batch - half, ..*self }))
    }

    /// The columns of the patches, a tile at a time.
    pub(super) fn tiles(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (places, width) = (self.places(), self.tile_width());
        (0..places).step_by(width.max(1)).map(move |start| start..(start + width).min(places))
    }

    fn tile_width(&self) -> usize {
        if self.is_pointwise() {
            return self.places();
        }
        (TILE_ELEMENTS / self.patch().max(1)).max(NARROWEST_TILE).min(self.places())
    }

    /// Room for a tile of patches; none is needed where the patches are the large side itself.
    pub(super) fn room<T: Real>(&self) -> Tensor<T> {
        Tensor::unset(Shape::from(if self.is_pointwise() { 0 } else { self.patch() * self.tile_width() }))
    }

    /// For place `k` of the kernel along `axis`: the places of the window from which it sees the large side and not the
    /// padding, and what it sees from place 0.
    fn seen(&self, axis: usize, k: usize) -> (Range<usize>, isize) {
        let (extent, stride) = (self.large[axis] as isize, self.stride[axis] as isize);
        let first = (k * self.dilation[axis]) as isize - self.padding[axis] as isize;
        // The first place at which `first + place · stride ≥ 0`, and the first at which it is ≥ extent.
        let reach = |bound: isize| if first >= bound { 0 } else { (bound - first - 1) / stride + 1 };
        let end = (reach(extent) as usize).min(self.small[axis]);
        ((reach(0) as usize).min(end)..end, first)
    }

    /// The rows of a tile of patches, in pieces that come from one row of the large side each.
    #[inline(always)]
    pub(super) fn pieces(&self, tile: &Range<usize>) -> Pieces<'_> {
        let rows = if tile.is_empty() { 0 } else { self.patch() };
        let (place, end) = (tile.start, tile.end);
        Pieces { at: self, tile: place..end, row: 0, rows, place, seen: [self.seen(0, 0), self.seen(1, 0)] }
    }

    /// The patches of one group of one sample, for a tile of the places of the window.
    pub(super) fn patches<'a, T: Real>(&self, large: &'a [T], tile: &Range<usize>, room: &'a mut [T]) -> Matrix<'a, T> {
        if self.is_pointwise() {
            return Matrix { start: tile.start, ..Matrix::row_major(large, self.places()) };
        }
        let step = self.stride[1];
        for Piece { at, seen, start } in self.pieces(tile) {
            let piece = &mut room[at];
            piece[..seen.start].fill(T::ZERO);
            piece[seen.end..].fill(T::ZERO);
            let inside = &mut piece[seen];
            if step == 1 {
                inside.copy_from_slice(&large[start..start + inside.len()]);
            } else {
                for (i, element) in inside.iter_mut().enumerate() {
                    *element = large[start + i * step];
                }
            }
        }
        Matrix::row_major(room, tile.len())
    }
}

/// A piece of a row of patches.
pub(super) struct Piece {
    /// Where it is in the patches.
    pub at: Range<usize>,
    /// The part of it that sees the large side; the rest sees padding.
    pub seen: Range<usize>,
    /// Where in the large side that part starts.
    pub start: usize,
}

/// A walk over pieces. An iterator and no closure, so that the instruction set reaches the loop around it.
pub(super) struct Pieces<'a> {
    at: &'a Geometry,
    tile: Range<usize>,
    row: usize,
    rows: usize,
    place: usize,
    seen: [(Range<usize>, isize); 2],
}

impl Iterator for Pieces<'_> {
    type Item = Piece;
    #[inline(always)]
    fn next(&mut self) -> Option<Piece> {
        let [height, width] = self.at.large;
        let across = self.at.small[1];
        if self.place == self.tile.end {
            self.row += 1;
            self.place = self.tile.start;
            let (i, j) = (self.row / self.at.kernel[1] % self.at.kernel[0], self.row % self.at.kernel[1]);
            self.seen = [self.at.seen(0, i), self.at.seen(1, j)];
        }
        if self.row >= self.rows {
            return None;
        }
        let channel = self.row / (self.at.kernel[0] * self.at.kernel[1]);
        let (y, x) = (self.place / across, self.place % across);
        let length = (across - x).min(self.tile.end - self.place);
        let at = self.row * self.tile.len() + self.place - self.tile.start;
        self.place += length;

        let [(rows, first_row), (columns, first)] = &self.seen;
        let (from, to) = (columns.start.clamp(x, x + length), columns.end.clamp(x, x + length));
        if !rows.contains(&y) || from == to {
            return Some(Piece { at: at..at + length, seen: 0..0, start: 0 });
        }
        let row = first_row + (y * self.at.stride[0]) as isize;
        let column = first + (from * self.at.stride[1]) as isize;
        let start = (channel * height + row as usize) * width + column as usize;
        Some(Piece { at: at..at + length, seen: from - x..to - x, start })
    }
}

/// The part of `data` that belongs to group number `place`.
pub(super) fn part(place: usize, elements: usize) -> Range<usize> {
    place * elements..(place + 1) * elements
}

/// What a convolution ends with.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a, T> {
    /// What is added to each filter's plane.
    pub bias: Option<&'a [T]>,
    /// What is done with the planes of a group of a sample.
    pub finish: Option<Finish<'a, T>>,
}

/// Fills each plane of so many elements with its channel's bias.
pub(crate) fn begin<T: Real>(y: &mut [T], plane: usize, bias: &[T]) {
    if plane > 0 {
        for (plane, &bias) in y.chunks_exact_mut(plane).zip(bias.iter().cycle()) {
            plane.fill(bias);
        }
    }
}
