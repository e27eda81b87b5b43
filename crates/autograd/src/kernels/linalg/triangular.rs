//! Triangles: Cholesky's factor, and solving with one.

use super::{Job, lead, places};
use crate::Tensor;
use crate::algebra::Real;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::triangular_solve as substitute;
use faer::traits::RealField;
use faer::{MatMut, MatRef, Par};

/// The lower factor `L` of each symmetric positive definite matrix `A = L Lᵀ` of a stack; NaN on and below the diagonal
/// where a matrix is not positive definite.
pub(crate) fn cholesky<T: Real>(a: &Tensor<T>) -> Tensor<T> {
    T::decompose(Cholesky(a.clone()))
}

struct Cholesky<T: Real>(Tensor<T>);

impl<T: Real> Job<T> for Cholesky<T> {
    type Output = Tensor<T>;
    fn run(self) -> Tensor<T>
    where
        T: RealField,
    {
        let mut y = self.0;
        let n = y.shape()[y.shape().rank() - 1];
        if y.elements() == 0 {
            return y;
        }
        let mut memory = MemBuffer::new(cholesky_in_place_scratch::<T>(n, Par::Seq, Default::default()));
        for matrix in y.make_mut().chunks_exact_mut(n * n) {
            let stack = MemStack::new(&mut memory);
            // It is symmetric: its rows are its columns, which faer goes along.
            let columns = MatMut::from_column_major_slice_mut(matrix, n, n);
            let factored = cholesky_in_place(columns, Default::default(), Par::Seq, stack, Default::default());
            let failed = factored.is_err() || matrix.iter().any(|x| x.is_nan());
            for row in 0..n {
                // What stands in the column-major lower triangle belongs into the row-major one.
                for column in 0..=row {
                    matrix[row * n + column] = if failed { T::NAN } else { matrix[column * n + row] };
                }
            }
            for row in 0..n {
                matrix[row * n + row + 1..][..n - row - 1].fill(T::ZERO);
            }
        }
        y
    }
}

/// `y = A⁻¹ b` for a triangle `a`, of which nothing else is read; `b` has the shape of the result, and the stack of `a`
/// broadcasts to its leading axes.
pub(crate) fn solve_triangular<T: Real>(a: &Tensor<T>, b: Tensor<T>, lower: bool) -> Tensor<T> {
    T::decompose(Solve { a: a.contiguous(), b, lower })
}

struct Solve<T: Real> {
    a: Tensor<T>,
    b: Tensor<T>,
    lower: bool,
}

impl<T: Real> Job<T> for Solve<T> {
    type Output = Tensor<T>;
    fn run(self) -> Tensor<T>
    where
        T: RealField,
    {
        let mut y = self.b;
        let shape = y.shape();
        let (n, k) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
        let (Some(a), true) = (self.a.as_slice(), shape.elements() > 0) else { return y };
        let own = places(lead(self.a.shape()), lead(shape));
        for (place, y) in own.zip(y.make_mut().chunks_exact_mut(n * k)) {
            let triangle = MatRef::from_row_major_slice(&a[place * n * n..][..n * n], n, n);
            let right = MatMut::from_row_major_slice_mut(y, n, k);
            if self.lower {
                substitute::solve_lower_triangular_in_place(triangle, right, Par::Seq);
            } else {
                substitute::solve_upper_triangular_in_place(triangle, right, Par::Seq);
            }
        }
        y
    }
}
