//! The cofactor matrix, `∂ det A / ∂A`, and its own derivative, for any matrix: from `A = U S Vᵀ`, in whose terms both
//! are products of singular values, without a division by any of them.

use super::Job;
use super::factors::sign;
use crate::Tensor;
use crate::algebra::Real;
use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::matmul::matmul;
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::traits::RealField;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// The cofactors of each matrix of a stack; NaN where a matrix is not finite.
pub(crate) fn cofactors<T: Real>(a: &Tensor<T>) -> Tensor<T> {
    T::decompose(Cofactors { a: a.contiguous(), along: None })
}

/// The derivative of the cofactors along the matrices `x`.
pub(crate) fn cofactors_along<T: Real>(a: &Tensor<T>, x: &Tensor<T>) -> Tensor<T> {
    T::decompose(Cofactors { a: a.contiguous(), along: Some(x.contiguous()) })
}

struct Cofactors<T: Real> {
    a: Tensor<T>,
    along: Option<Tensor<T>>,
}

/// `A = U S Vᵀ`, and the determinant of `U Vᵀ`.
struct Singular<T> {
    u: Mat<T>,
    s: Vec<T>,
    v: Mat<T>,
    sign: T,
}

impl<T: Real> Job<T> for Cofactors<T> {
    type Output = Tensor<T>;
    fn run(self) -> Tensor<T>
    where
        T: RealField,
    {
        let shape = self.a.shape();
        let n = shape[shape.rank() - 1];
        let mut y = Tensor::unset(shape);
        let (Some(a), true) = (self.a.as_slice(), shape.elements() > 0) else { return y };
        let along = self.along.as_ref().and_then(Tensor::as_slice);
        for (i, out) in y.make_mut().chunks_exact_mut(n * n).enumerate() {
            let matrix = |data| MatRef::from_row_major_slice(part(data, i, n * n), n, n);
            match decompose(matrix(a)) {
                Some(of) => of.write(along.map(matrix), MatMut::from_row_major_slice_mut(out, n, n)),
                None => out.fill(T::NAN),
            }
        }
        y
    }
}

fn part<T>(data: &[T], i: usize, size: usize) -> &[T] {
    &data[i * size..][..size]
}

fn decompose<T: Real + RealField>(a: MatRef<'_, T>) -> Option<Singular<T>> {
    let n = a.nrows();
    if !(0..n).all(|i| (0..n).all(|j| Real::is_finite(a[(i, j)]))) {
        return None;
    }
    let (mut u, mut s, mut v) = (Mat::zeros(n, n), vec![T::ZERO; n], Mat::zeros(n, n));
    let full = ComputeSvdVectors::Full;
    let mut memory = MemBuffer::new(svd_scratch::<T>(n, n, full, full, Par::Seq, Default::default()));
    let stack = MemStack::new(&mut memory);
    let diagonal = DiagMut::from_slice_mut(&mut s);
    svd(a, diagonal, Some(u.as_mut()), Some(v.as_mut()), Par::Seq, stack, Default::default()).ok()?;
    let sign = sign(u.clone()) * sign(v.clone());
    Some(Singular { u, s, v, sign })
}

impl<T: Real + RealField> Singular<T> {
    /// The product of all singular values but these.
    fn without(&self, i: usize, j: usize) -> T {
        let others = self.s.iter().enumerate().filter(|&(k, _)| k != i && k != j);
        others.fold(self.sign, |product, (_, &s)| product * s)
    }

    /// The cofactors, `det(U Vᵀ) U E Vᵀ` with `E` diagonal, or their derivative along a direction.
    fn write(&self, along: Option<MatRef<'_, T>>, out: MatMut<'_, T>) {
        let (n, u, v) = (self.s.len(), self.u.as_ref(), self.v.as_ref());
        let inner = match along {
            None => Mat::from_fn(n, n, |i, j| if i == j { self.without(i, i) } else { T::ZERO }),
            Some(x) => {
                // The direction in terms of the singular vectors.
                let y = product(product(u.transpose(), x).as_ref(), v);
                let mut inner = Mat::zeros(n, n);
                for i in 0..n {
                    for j in 0..i {
                        let others = self.without(i, j);
                        inner[(i, i)] += y[(j, j)] * others;
                        inner[(j, j)] += y[(i, i)] * others;
                        inner[(i, j)] = -y[(j, i)] * others;
                        inner[(j, i)] = -y[(i, j)] * others;
                    }
                }
                inner
            }
        };
        matmul(out, Accum::Replace, product(u, inner.as_ref()).as_ref(), v.transpose(), T::ONE, Par::Seq);
    }
}

fn product<T: Real + RealField>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut y = Mat::zeros(a.nrows(), b.ncols());
    matmul(y.as_mut(), Accum::Replace, a, b, T::ONE, Par::Seq);
    y
}
