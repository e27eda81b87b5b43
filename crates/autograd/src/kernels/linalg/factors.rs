//! The factors of a matrix, `P A = L U` with the largest pivot of each column first, and what they are good for.

use super::{Job, lead, places};
use crate::algebra::{Algebra, Lane, Real};
use crate::{Shape, Tensor};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::factor as faer_lu;
use faer::linalg::triangular_solve as substitute;
use faer::traits::RealField;
use faer::{MatMut, MatRef, Par};

/// `P A = L U` for each matrix of a stack.
pub(crate) struct Factors<T: Real> {
    /// `L` below the diagonal, whose own is 1, and `U` from there on, a column after the other.
    pub lu: Tensor<T>,
    /// `[…, n]`: the row of `A` that each row of the factors is.
    pub order: Tensor<T>,
}

/// The factors of the matrices `a` `[…, n, n]`. Those of a singular matrix have a pivot of 0 and NaN after it.
pub(crate) fn factor<T: Real>(a: &Tensor<T>) -> Factors<T> {
    let shape = a.shape();
    let order = Tensor::unset(shape.without(shape.rank() - 1));
    T::decompose(Factor(Factors { lu: a.transposed(), order }))
}

struct Factor<T: Real>(Factors<T>);

impl<T: Real> Job<T> for Factor<T> {
    type Output = Factors<T>;
    fn run(self) -> Factors<T>
    where
        T: RealField,
    {
        let Factors { mut lu, mut order } = self.0;
        let n = lu.shape()[lu.shape().rank() - 1];
        if lu.elements() > 0 {
            let mut rows = vec![0; n];
            for (matrix, order) in lu.make_mut().chunks_exact_mut(n * n).zip(order.make_mut().chunks_exact_mut(n)) {
                decompose(MatMut::from_column_major_slice_mut(matrix, n, n), &mut rows);
                for (order, &row) in order.iter_mut().zip(&rows) {
                    *order = T::from_f64(row as f64);
                }
            }
        }
        Factors { lu, order }
    }
}

/// Puts the factors of one matrix in its place.
fn decompose<T: RealField>(matrix: MatMut<'_, T>, rows: &mut [usize]) {
    let n = rows.len();
    let scratch = faer_lu::lu_in_place_scratch::<usize, T>(n, n, Par::Seq, Default::default());
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    faer_lu::lu_in_place(matrix, rows, &mut vec![0; n], Par::Seq, stack, Default::default());
}

/// The sign of the determinant of one matrix, which it destroys.
pub(super) fn sign<T: Real + RealField>(mut matrix: faer::Mat<T>) -> T {
    let mut rows = vec![0; matrix.nrows()];
    decompose(matrix.as_mut(), &mut rows);
    let pivots = (0..rows.len()).map(|i| matrix[(i, i)]);
    pivots.fold(parity(rows.iter().copied()), |sign, pivot| if pivot < T::ZERO { -sign } else { sign })
}

/// 1 for an even permutation, −1 for an odd one.
fn parity<T: Real>(order: impl Iterator<Item = usize>) -> T {
    let mut order: Vec<usize> = order.collect();
    let mut sign = T::ONE;
    for i in 0..order.len() {
        while order[i] != i {
            let to = order[i];
            order.swap(i, to);
            sign = -sign;
        }
    }
    sign
}

impl<T: Real> Factors<T> {
    /// `A⁻¹ b`, or `A⁻ᵀ b` if `transposed`, of shape `[…, n, k]`, to which `b` broadcasts, and the stack of `A` to its
    /// leading axes.
    pub(crate) fn solve(&self, b: &Tensor<T>, shape: Shape, transposed: bool) -> Tensor<T> {
        T::decompose(Solve { factors: self, b: b.broadcasted(shape), transposed })
    }

    /// `A⁻¹`.
    pub(crate) fn inverse(&self) -> Tensor<T> {
        let shape = self.lu.shape();
        self.solve(&Tensor::eye(shape[shape.rank() - 1]), shape, false)
    }

    /// What `fold` makes of the sign of each permutation and of the pivots.
    fn pivots<R>(&self, mut fold: impl FnMut(T, &mut dyn Iterator<Item = T>) -> R) -> Vec<R> {
        let n = self.order.shape()[self.order.shape().rank() - 1];
        let matrices = self.order.elements().checked_div(n).unwrap_or_else(|| lead(self.lu.shape()).elements());
        let (lu, order) = (self.lu.contiguous(), self.order.contiguous());
        let (Some(lu), Some(order)) = (lu.as_slice(), order.as_slice()) else { return Vec::new() };
        let one = |i: usize| {
            let rows = order[i * n..][..n].iter().map(|row| row.to_f64() as usize);
            fold(parity(rows), &mut (0..n).map(|k| lu[i * n * n + k * n + k]))
        };
        (0..matrices).map(one).collect()
    }

    /// The determinants, of shape `[…]`: the product of the pivots up to the first that is 0.
    pub(crate) fn determinant(&self, shape: Shape) -> Tensor<T> {
        let product = |sign: T, pivots: &mut dyn Iterator<Item = T>| {
            let mut product = sign;
            for pivot in pivots {
                if pivot == T::ZERO {
                    return T::ZERO;
                }
                product *= pivot;
            }
            product
        };
        Tensor::from_vec(self.pivots(product), shape)
    }

    /// The signs of the determinants and the logarithms of their sizes, `[…, 2]`; 0 and −∞ if a pivot is 0.
    pub(crate) fn log_determinant(&self, shape: Shape) -> Tensor<T> {
        let sum = |sign: T, pivots: &mut dyn Iterator<Item = T>| {
            let (mut sign, mut logarithm) = (sign, T::ZERO);
            for pivot in pivots {
                if pivot == T::ZERO {
                    return [T::ZERO, T::NEG_INFINITY];
                }
                // NaN takes the sign with it.
                let size = if pivot < T::ZERO { -pivot } else { pivot };
                sign *= pivot / size;
                logarithm += Lane::<T, false>(size).ln().0;
            }
            [sign, logarithm]
        };
        Tensor::from_vec(self.pivots(sum).concat(), shape)
    }
}

struct Solve<'a, T: Real> {
    factors: &'a Factors<T>,
    b: Tensor<T>,
    transposed: bool,
}

impl<T: Real> Job<T> for Solve<'_, T> {
    type Output = Tensor<T>;
    fn run(self) -> Tensor<T>
    where
        T: RealField,
    {
        let mut y = self.b;
        let shape = y.shape();
        let (n, k) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
        let (lu, order) = (self.factors.lu.contiguous(), self.factors.order.contiguous());
        let (Some(lu), Some(order), true) = (lu.as_slice(), order.as_slice(), shape.elements() > 0) else { return y };
        let mut permuted = vec![T::ZERO; n * k];
        let own = places(lead(self.factors.lu.shape()), lead(shape));
        for (place, y) in own.zip(y.make_mut().chunks_exact_mut(n * k)) {
            let factors = MatRef::from_column_major_slice(&lu[place * n * n..][..n * n], n, n);
            let rows = order[place * n..][..n].iter().map(|row| row.to_f64() as usize);
            if self.transposed {
                let mut right = MatMut::from_row_major_slice_mut(y, n, k);
                substitute::solve_lower_triangular_in_place(factors.transpose(), right.as_mut(), Par::Seq);
                substitute::solve_unit_upper_triangular_in_place(factors.transpose(), right, Par::Seq);
                permuted.copy_from_slice(y);
                for (from, row) in permuted.chunks_exact(k).zip(rows) {
                    y[row * k..][..k].copy_from_slice(from);
                }
            } else {
                permuted.copy_from_slice(y);
                for (to, row) in y.chunks_exact_mut(k).zip(rows) {
                    to.copy_from_slice(&permuted[row * k..][..k]);
                }
                let mut right = MatMut::from_row_major_slice_mut(y, n, k);
                substitute::solve_unit_lower_triangular_in_place(factors, right.as_mut(), Par::Seq);
                substitute::solve_upper_triangular_in_place(factors, right, Par::Seq);
            }
        }
        y
    }
}
