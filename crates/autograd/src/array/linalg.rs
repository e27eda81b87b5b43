//! The names of what decomposes matrices.

use super::Interpretation;
use crate::ops::linalg::{self, Triangle};
use crate::{Error, Shaping};

/// Linear equations, inverses, determinants, Cholesky's factor. Every interpretation has them, behind the feature
/// `linalg`.
///
/// The last two axes are those of matrices, all before them a stack of matrices. A matrix that cannot be inverted, or
/// factored, never panics: its part of the result is infinite or NaN, and the `try_` twins return an error.
pub trait LinearAlgebra: Interpretation {
    /// The solution `y` of `A y = b`. Rule: [`Solve`](linalg::Solve).
    #[track_caller]
    fn solve(&self, right: &Self) -> Self {
        Self::apply(linalg::Solve, &[self, right])
    }

    /// The solution `y` of `A y = b`, or an error if the shapes do not fit or there is none in finite numbers.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Value`].
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let a = Tensor::from([[1.0_f64, 0.0], [0.0, 0.0]]);
    /// let error = a.try_solve(&Tensor::from([1.0, 1.0])).unwrap_err();
    /// assert!(error.to_string().starts_with("solve: the matrix is singular"));
    /// ```
    #[track_caller]
    fn try_solve(&self, right: &Self) -> Result<Self, Error> {
        let y = Self::try_apply(linalg::Solve, &[self, right])?;
        let columns = if right.shape().rank() == 1 { 1 } else { right.shape()[right.shape().rank() - 1] };
        finite(y, "solve", &[self, right], columns, "singular")
    }

    /// The solution `y` of `A y = b` for a triangle `A`. Rule: [`SolveTriangular`](linalg::SolveTriangular).
    #[track_caller]
    fn solve_triangular(&self, right: &Self, triangle: Triangle) -> Self {
        Self::apply(linalg::SolveTriangular { triangle }, &[self, right])
    }

    /// The inverse. Rule: [`Inverse`](linalg::Inverse).
    #[track_caller]
    fn inv(&self) -> Self {
        Self::apply(linalg::Inverse, &[self])
    }

    /// The inverse, or an error if a matrix is not square or has none in finite numbers.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Value`].
    #[track_caller]
    fn try_inv(&self) -> Result<Self, Error> {
        let y = Self::try_apply(linalg::Inverse, &[self])?;
        let columns = y.shape()[y.shape().rank() - 1];
        finite(y, "inv", &[self], columns, "singular")
    }

    /// The determinant. Rule: [`Determinant`](linalg::Determinant).
    #[track_caller]
    fn det(&self) -> Self {
        Self::apply(linalg::Determinant, &[self])
    }

    /// The sign of the determinant and the logarithm of its size. Rule: [`LogDeterminant`](linalg::LogDeterminant).
    #[track_caller]
    fn slogdet(&self) -> (Self, Self) {
        let both = Self::apply(linalg::LogDeterminant, &[self]);
        (both.slice(-1, 0..1).squeeze(-1), both.slice(-1, 1..2).squeeze(-1))
    }

    /// Cholesky's lower triangle of a symmetric positive definite matrix. Rule: [`Cholesky`](linalg::Cholesky).
    #[track_caller]
    fn cholesky(&self) -> Self {
        Self::apply(linalg::Cholesky, &[self])
    }

    /// Cholesky's lower triangle, or an error if a matrix is not square or not positive definite.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Value`].
    #[track_caller]
    fn try_cholesky(&self) -> Result<Self, Error> {
        let y = Self::try_apply(linalg::Cholesky, &[self])?;
        let columns = y.shape()[y.shape().rank() - 1];
        finite(y, "cholesky", &[self], columns, "not positive definite")
    }
}
impl<A: Interpretation> LinearAlgebra for A {}

/// The result, if all its numbers are finite; else an error that says which matrix is to blame.
#[track_caller]
fn finite<A: Interpretation>(y: A, op: &'static str, operands: &[&A], columns: usize, fault: &str) -> Result<A, Error> {
    use crate::algebra::Real;
    let numbers = y.numbers().map(|y| y.to_vec()).unwrap_or_default();
    let Some(place) = numbers.iter().position(|x| !x.is_finite()) else { return Ok(y) };
    let a = operands[0].shape();
    let n = a[a.rank() - 1];
    let index = place / (n * columns);
    let which =
        if a.rank() == 2 && index == 0 { "the matrix".to_string() } else { format!("matrix {index} of the stack") };
    let error = Error::value(
        format!("{which} is {fault}, or not finite"),
        "add a small multiple of the identity, or look at how it comes about",
    );
    Err(error.during(op, operands.iter().map(|x| x.operand())))
}
