//! Matrices as they lie in memory: where each starts, and how far apart its rows and columns are.

// What an iterator calls may be left out of line and lose the instruction set; a loop over places never does.
#![allow(clippy::needless_range_loop)]

use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::Real;
use crate::shape::Strides;
use crate::{Shape, Tensor};

/// Matrices along the leading axes of a tensor of rank ≥ 2, each as it lies.
pub(crate) struct Stack<'a, T> {
    data: &'a [T],
    offset: usize,
    shape: Shape,
    strides: Strides,
}

impl<'a, T: Real> Stack<'a, T> {
    pub(crate) fn of(x: &'a Tensor<T>) -> Self {
        let (data, offset, strides) = x.parts();
        Stack { data, offset, shape: x.shape(), strides }
    }

    /// The matrix at a place of the leading axes, counted in row-major order.
    pub(crate) fn matrix(&self, place: usize) -> Matrix<'a, T> {
        let (lead, mut rest, mut start) = (self.shape.rank() - 2, place, self.offset as isize);
        for (&extent, &stride) in self.shape[..lead].iter().zip(&self.strides[..lead]).rev() {
            start += (rest % extent) as isize * stride;
            rest /= extent;
        }
        Matrix { data: self.data, start: start as usize, rows: self.strides[lead], columns: self.strides[lead + 1] }
    }

    /// Whether it is the same matrix everywhere.
    pub(super) fn is_one_matrix(&self) -> bool {
        self.strides[..self.shape.rank() - 2].iter().all(|&step| step == 0)
    }

    /// Whether row `i` of the matrices along the last leading axis lie side by side, before row `i + 1` of any: as where heads
    /// are pieces of what each place has.
    pub(crate) fn is_side_by_side(&self) -> bool {
        let rank = self.shape.rank();
        rank > 2
            && self.shape[rank - 3] > 1
            && self.strides[rank - 3] > 0
            && self.strides[rank - 3] < self.strides[rank - 2]
    }
}

/// A matrix that lies in a slice: where it starts, and the steps from row to row and from column to column. Operand of a
/// [`product`](super::product).
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    pub(super) data: &'a [T],
    pub(super) start: usize,
    pub(super) rows: isize,
    pub(super) columns: isize,
}

impl<'a, T: Real> Matrix<'a, T> {
    /// Rows of `width` elements, one after the other.
    pub fn row_major(data: &'a [T], width: usize) -> Self {
        Matrix { data, start: 0, rows: width as isize, columns: 1 }
    }

    /// A tensor of two axes as it lies; one of more axes, in order, as the rows along its last axis.
    pub(crate) fn rows_of(x: &'a Tensor<T>) -> Self {
        let (data, start, strides) = x.parts();
        let rank = x.shape().rank();
        match rank {
            2 => Matrix { data, start, rows: strides[0], columns: strides[1] },
            _ => Matrix { data, start, rows: x.shape()[rank - 1] as isize, columns: 1 },
        }
    }

    /// Whether each row lies in order, and the rows one after the other.
    pub(super) fn is_spread(&self) -> bool {
        self.columns == 1 && self.rows >= 0
    }

    /// Its transpose, as it lies.
    pub fn transposed(self) -> Self {
        Matrix { rows: self.columns, columns: self.rows, ..self }
    }

    /// The matrix from row `i` and column `j` on.
    pub(crate) fn from(self, i: usize, j: usize) -> Self {
        Matrix { start: self.place(i, j) as usize, ..self }
    }

    #[inline(always)]
    pub(super) fn place(&self, i: usize, j: usize) -> isize {
        self.start as isize + i as isize * self.rows + j as isize * self.columns
    }

    /// Whether every element of a matrix of so many rows and columns lies in the slice. Its corners are its extremes.
    pub(super) fn holds(&self, rows: usize, columns: usize) -> bool {
        let inside = |i, j| (0..self.data.len() as isize).contains(&self.place(i, j));
        [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1)].into_iter().all(|(i, j)| inside(i, j))
    }
}

/// The transpose of a matrix of so many rows and columns, in order in `out`.
pub(crate) fn turn<'a, T: Real>(x: Matrix<'_, T>, [rows, columns]: [usize; 2], out: &'a mut [T]) -> Matrix<'a, T> {
    let out = &mut out[..rows * columns];
    if !out.is_empty() {
        turn_over(x, rows, out);
    }
    Matrix::row_major(out, rows)
}

/// [`turn`] of as many columns as fill `out`, on two threads where there are many.
fn turn_over<T: Real>(x: Matrix<'_, T>, rows: usize, out: &mut [T]) {
    let columns = out.len() / rows;
    if out.len() >= PARALLEL_ELEMENTS && columns > 1 {
        let half = columns / 2;
        let (left, right) = out.split_at_mut(half * rows);
        join(|| turn_over(x, rows, left), || turn_over(x.from(0, half), rows, right));
        return;
    }
    dispatch(TurnOver { x, rows, out });
}

struct TurnOver<'a, T> {
    x: Matrix<'a, T>,
    rows: usize,
    out: &'a mut [T],
}

impl<T: Real> Kernel for TurnOver<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        // A square of whole cache lines at a time, by way of a copy: rows far apart fall on each other in the cache.
        const SIDE: usize = 16;
        let (x, rows, columns) = (self.x, self.rows, self.out.len() / self.rows);
        let mut square = [[T::ZERO; SIDE]; SIDE];
        for left in (0..columns).step_by(SIDE) {
            let width = SIDE.min(columns - left);
            for top in (0..rows).step_by(SIDE) {
                let height = SIDE.min(rows - top);
                for i in 0..height {
                    let start = x.place(top + i, left) as usize;
                    if x.columns == 1 && width == SIDE {
                        square[i].copy_from_slice(&x.data[start..start + SIDE]);
                    } else {
                        for j in 0..width {
                            square[i][j] = x.data[x.place(top + i, left + j) as usize];
                        }
                    }
                }
                for j in 0..width {
                    let out = &mut self.out[(left + j) * rows + top..][..height];
                    for i in 0..height {
                        out[i] = square[i][j];
                    }
                }
            }
        }
    }
}
