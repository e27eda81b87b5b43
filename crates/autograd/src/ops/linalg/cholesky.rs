//! Cholesky's factor.

use super::square;
use crate::algebra::Real;
use crate::kernels::linalg as kernel;
use crate::ops::{Messages, Op, Pullback, Pushforward, Saves};
use crate::{Array, Error, LinearAlgebra, Shape, Tensor, Triangle};

/// The lower triangle `L` with `L Lᵀ = (A + Aᵀ)/2`, for a symmetric positive definite `A`. Shape: that of `A`,
/// `[…, n, n]`.
///
/// With `Φ(M)` the lower triangle of `M`, its diagonal halved: pull-back `A ← (S + Sᵀ)/2` for `S = L⁻ᵀ Φ(Lᵀ g) L⁻¹`;
/// push-forward `L Φ(L⁻¹ (Ȧ + Ȧᵀ)/2 L⁻ᵀ)` (Iain Murray, *Differentiation of the Cholesky decomposition*, 2016). Since
/// the symmetric part is factored, the gradient is symmetric, and right for steps in any direction.
///
/// Where a matrix is not positive definite its triangle is NaN; [`try_cholesky`](LinearAlgebra::try_cholesky) returns
/// an error.
///
/// ```
/// use autograd::prelude::*;
/// let a = Tensor::from([[4.0_f64, 2.0], [2.0, 5.0]]);
/// assert_eq!(a.cholesky(), Tensor::from([[2.0, 0.0], [1.0, 2.0]]));
/// ```
#[derive(Clone, Debug)]
pub struct Cholesky;

fn symmetric<A: Array<T>, T: Real>(x: &A) -> A {
    (x.clone() + x.transpose()) / T::from_f64(2.0)
}

/// The lower triangle with its diagonal halved.
fn halved<A: Array<T>, T: Real>(x: &A) -> A {
    let n = x.shape()[x.shape().rank() - 1];
    let mask = Tensor::from_fn([n, n], |i| {
        let (row, column) = (i / n, i % n);
        T::from_f64(if column < row { 1.0 } else { f64::from(u8::from(column == row)) / 2.0 })
    });
    x.clone() * x.constant(&mask)
}

impl<T: Real> Op<T> for Cholesky {
    fn name(&self) -> &'static str {
        "cholesky"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        square(inputs[0])?;
        Ok(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        kernel::cholesky(&symmetric(x[0]))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| {
            let turned = at.output().transpose();
            let inner = halved(&turned.matmul(at.cotangent()));
            let left = turned.solve_triangular(&inner, Triangle::Upper);
            symmetric(&turned.solve_triangular(&left.transpose(), Triangle::Upper))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let l = at.output();
        at.sum(|_, t| {
            let left = l.solve_triangular(&symmetric(t), Triangle::Lower);
            l.matmul(&halved(&l.solve_triangular(&left.transpose(), Triangle::Lower)))
        })
    }
    fn saves(&self) -> Saves {
        Saves::OUTPUT
    }
}
