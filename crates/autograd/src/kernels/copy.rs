//! Walking a strided view in row-major order.

use super::matrix::{Matrix, turn};
use super::{PARALLEL_ELEMENTS, join};
use crate::algebra::Real;
use crate::shape::{MAX_RANK, Strides};
use crate::{Shape, Tensor};

/// A place in a strided view that moves through it in row-major order.
#[derive(Clone)]
pub(crate) struct Cursor<'a, T> {
    data: &'a [T],
    /// Extents and steps with unit axes dropped and neighbours merged where they can be.
    rank: usize,
    extents: [usize; MAX_RANK],
    strides: Strides,
    coordinates: [usize; MAX_RANK],
    position: isize,
}

impl<'a, T: Real> Cursor<'a, T> {
    /// At the first element of `tensor` stretched to `shape`.
    pub(crate) fn new(tensor: &'a Tensor<T>, shape: &Shape) -> Self {
        let (data, offset, _) = tensor.parts();
        let steps = tensor.strides_in(shape);
        let mut cursor = Cursor {
            data,
            rank: 0,
            extents: [1; MAX_RANK],
            strides: [0; MAX_RANK],
            coordinates: [0; MAX_RANK],
            position: offset as isize,
        };
        for (axis, &extent) in shape.iter().enumerate() {
            if extent == 1 {
                continue;
            }
            let last = cursor.rank.wrapping_sub(1);
            if cursor.rank > 0 && cursor.strides[last] == steps[axis] * extent as isize {
                cursor.extents[last] *= extent;
                cursor.strides[last] = steps[axis];
            } else {
                cursor.extents[cursor.rank] = extent;
                cursor.strides[cursor.rank] = steps[axis];
                cursor.rank += 1;
            }
        }
        if cursor.rank == 0 {
            cursor.rank = 1;
        }
        cursor
    }

    /// Whether every element is the same one.
    pub(crate) fn is_constant(&self) -> bool {
        self.strides[..self.rank].iter().all(|&step| step == 0)
    }

    /// Moves forward by `count` elements.
    pub(crate) fn skip(&mut self, count: usize) {
        let mut rest = count;
        for axis in (0..self.rank).rev() {
            let (extent, step) = (self.extents[axis], self.strides[axis]);
            let reached = self.coordinates[axis] + rest % extent.max(1);
            rest /= extent.max(1);
            let wrapped = reached >= extent;
            let next = if wrapped { reached - extent } else { reached };
            self.position += (next as isize - self.coordinates[axis] as isize) * step;
            self.coordinates[axis] = next;
            rest += usize::from(wrapped);
        }
    }

    /// The next `count` elements where they lie, if they lie side by side; then it has moved past them.
    pub(crate) fn next_slice(&mut self, count: usize) -> Option<&'a [T]> {
        let inner = self.rank - 1;
        if self.strides[inner] != 1 || self.extents[inner] - self.coordinates[inner] < count {
            return None;
        }
        let start = self.position as usize;
        self.advance_inner(count);
        Some(&self.data[start..start + count])
    }

    /// Writes the next elements to `out`.
    pub(crate) fn read(&mut self, out: &mut [T]) {
        let inner = self.rank - 1;
        let (extent, step) = (self.extents[inner], self.strides[inner]);
        let mut rest = out;
        while !rest.is_empty() {
            let run = (extent - self.coordinates[inner]).min(rest.len());
            let (now, later) = rest.split_at_mut(run);
            let start = self.position as usize;
            match step {
                0 => now.fill(self.data[start]),
                1 => now.copy_from_slice(&self.data[start..start + run]),
                _ => {
                    for (i, element) in now.iter_mut().enumerate() {
                        *element = self.data[(self.position + i as isize * step) as usize];
                    }
                }
            }
            self.advance_inner(run);
            rest = later;
        }
    }

    /// Moves along the innermost axis, carrying over into the outer ones at its end.
    fn advance_inner(&mut self, run: usize) {
        let mut axis = self.rank - 1;
        self.coordinates[axis] += run;
        self.position += run as isize * self.strides[axis];
        while self.coordinates[axis] == self.extents[axis] {
            self.position -= self.extents[axis] as isize * self.strides[axis];
            self.coordinates[axis] = 0;
            if axis == 0 {
                return;
            }
            axis -= 1;
            self.coordinates[axis] += 1;
            self.position += self.strides[axis];
        }
    }
}

/// Copies a view into row-major order.
pub(crate) fn gather<T: Real>(tensor: &Tensor<T>, out: &mut [T]) {
    let elements = tensor.elements();
    if elements == 0 {
        return;
    }
    if let Some(slice) = tensor.as_slice() {
        out[..elements].copy_from_slice(slice);
        return;
    }
    let cursor = Cursor::new(tensor, &tensor.shape());
    if let ([rows, columns], [1, apart]) = (&cursor.extents[..cursor.rank], &cursor.strides[..cursor.rank]) {
        let columns_lie = Matrix { data: cursor.data, start: cursor.position as usize, rows: *apart, columns: 1 };
        turn(columns_lie, [*columns, *rows], out);
        return;
    }
    read_all(cursor, &mut out[..elements]);
}

fn read_all<T: Real>(mut cursor: Cursor<'_, T>, out: &mut [T]) {
    if out.len() < PARALLEL_ELEMENTS {
        return cursor.read(out);
    }
    let half = out.len() / 2;
    let (first, second) = out.split_at_mut(half);
    let mut later = cursor.clone();
    later.skip(half);
    join(|| read_all(cursor, first), || read_all(later, second));
}
