//! Diagonals and triangles of matrices.

use super::{Messages, Op, Pullback, Saves};
use crate::algebra::Real;
use crate::{Array, Error, Shape, Tensor};

/// The elements of diagonal `offset` of the last two axes: those with column − row = `offset`, 0 being the main one.
/// A diagonal beyond the matrix is empty. Pull-back: `x ← g` on that diagonal of zeros. A view.
///
/// Shape: `[…, rows, columns]` becomes `[…, length]`.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(x.diagonal(0).to_vec(), [1.0, 5.0]);
/// assert_eq!(x.diagonal(1).to_vec(), [2.0, 6.0]);
/// assert_eq!(x.diagonal(-1).to_vec(), [4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Diagonal {
    /// How far above the main diagonal; below it where negative.
    pub offset: isize,
}

/// The adjoint of [`Diagonal`]: a matrix of zeros with `x` on diagonal `offset`. Pull-back: that diagonal of `g`.
///
/// Shape: `[…, length]` becomes `[…, rows, columns]`, whose diagonal has that length.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([1.0_f32, 2.0]);
/// assert_eq!(x.diagonal_matrix(0), Tensor::from([[1.0, 0.0], [0.0, 2.0]]));
/// assert_eq!(Tensor::from([7.0_f32]).diagonal_matrix(1), Tensor::from([[0.0, 7.0], [0.0, 0.0]]));
/// ```
#[derive(Clone, Debug)]
pub struct DiagonalMatrix {
    /// How far above the main diagonal; below it where negative.
    pub offset: isize,
    /// The rows of the matrix.
    pub rows: usize,
    /// The columns of the matrix.
    pub columns: usize,
}

/// The last two axes with zeros above diagonal `offset` (lower) or below it (upper). Its own adjoint. Shape: that of `x`.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.tril(0), Tensor::from([[1.0, 0.0], [3.0, 4.0]]));
/// assert_eq!(x.triu(1), Tensor::from([[0.0, 2.0], [0.0, 0.0]]));
/// ```
#[derive(Clone, Debug)]
pub struct Triangle {
    /// Which part stays.
    pub part: Part,
    /// The last diagonal that stays, above the main one; below it where negative.
    pub offset: isize,
}

/// Which part of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A diagonal and what is below.
    Lower,
    /// A diagonal and what is above.
    Upper,
}

/// Where a diagonal begins, and how long it is.
fn run(rows: usize, columns: usize, offset: isize) -> [usize; 3] {
    let (row, column) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset.unsigned_abs()) };
    [row, column, rows.saturating_sub(row).min(columns.saturating_sub(column))]
}

/// The rows and columns of a value that is a matrix or a stack of them.
fn matrix(shape: &Shape) -> Result<[usize; 2], Error> {
    match shape[..] {
        [.., rows, columns] => Ok([rows, columns]),
        _ => Err(Error::axis(
            format!("shape {shape} has no two axes to be a matrix"),
            "give a matrix, or a stack of matrices along leading axes",
        )),
    }
}

impl<T: Real> Op<T> for Diagonal {
    fn name(&self) -> &'static str {
        "diagonal"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let ([rows, columns], rank) = (matrix(&inputs[0])?, inputs[0].rank());
        let [_, _, length] = run(rows, columns, self.offset);
        Ok(inputs[0].without(rank - 1).with_extent(rank - 2, length))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (from, (_, offset, mut strides)) = (x[0].shape(), x[0].parts());
        let last = from.rank() - 1;
        let [row, column, length] = run(from[last - 1], from[last], self.offset);
        if length == 0 {
            return Tensor::zeros(shape);
        }
        let start = offset as isize + row as isize * strides[last - 1] + column as isize * strides[last];
        strides[last - 1] += strides[last];
        strides[last] = 0;
        x[0].view(shape, strides, start as usize)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let shape = at.input_shape(i);
            let (rows, columns) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
            A::apply(DiagonalMatrix { offset: self.offset, rows, columns }, &[at.cotangent()])
        })
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("offset", self.offset.to_string())]
    }
}

impl DiagonalMatrix {
    /// The square matrix that is just large enough for a diagonal of this length.
    pub fn square(offset: isize, length: usize) -> Self {
        let extent = length.saturating_add(offset.unsigned_abs());
        DiagonalMatrix { offset, rows: extent, columns: extent }
    }
}

impl<T: Real> Op<T> for DiagonalMatrix {
    fn name(&self) -> &'static str {
        "diagonal_matrix"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let [.., length] = inputs[0][..] else {
            return Err(Error::axis("a scalar is no diagonal", "make it a vector with `.unsqueeze(0)`"));
        };
        let [_, _, expected] = run(self.rows, self.columns, self.offset);
        if length != expected {
            return Err(Error::shape(
                format!(
                    "{length} elements for diagonal {} of {} rows and {} columns, which has {expected}",
                    self.offset, self.rows, self.columns
                ),
                "give a last axis as long as the diagonal",
            ));
        }
        let mut extents: super::Few<usize> = inputs[0][..inputs[0].rank() - 1].into();
        extents.extend([self.rows, self.columns]);
        Shape::try_new(&extents)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (x, mut y) = (x[0].contiguous(), Tensor::zeros(shape));
        let [row, column, length] = run(self.rows, self.columns, self.offset);
        if let (Some(data), true) = (x.as_slice(), length > 0) {
            let matrices = y.make_mut().chunks_exact_mut(self.rows * self.columns);
            for (diagonal, matrix) in data.chunks_exact(length).zip(matrices) {
                for (k, &element) in diagonal.iter().enumerate() {
                    matrix[(row + k) * self.columns + column + k] = element;
                }
            }
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| at.cotangent().diagonal(self.offset))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let extents = format!("[{}, {}]", self.rows, self.columns);
        vec![("offset", self.offset.to_string()), ("matrix", extents)]
    }
}

impl<T: Real> Op<T> for Triangle {
    fn name(&self) -> &'static str {
        match self.part {
            Part::Lower => "tril",
            Part::Upper => "triu",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        matrix(&inputs[0]).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (rows, columns) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
        let mut y = x[0].clone();
        for (i, row) in y.make_mut().chunks_exact_mut(columns.max(1)).enumerate() {
            // The first column beyond the diagonal that stays, and the diagonal's own.
            let own = ((i % rows.max(1)) as isize).saturating_add(self.offset);
            match self.part {
                Part::Lower => row[own.saturating_add(1).clamp(0, columns as isize) as usize..].fill(T::ZERO),
                Part::Upper => row[..own.clamp(0, columns as isize) as usize].fill(T::ZERO),
            }
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(self.clone(), &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("offset", self.offset.to_string())]
    }
}
