//! The names of the products.

use super::Interpretation;
use crate::Error;
use crate::ops::matmul;

/// Products of vectors, matrices and stacks of them.
pub trait Products: Interpretation {
    /// The matrix product. Rule: [`MatMul`](matmul::MatMul).
    #[track_caller]
    fn matmul(&self, other: &Self) -> Self {
        Self::apply(matmul::MatMul, &[self, other])
    }

    /// The matrix product, or an error if the shapes do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`].
    #[track_caller]
    fn try_matmul(&self, other: &Self) -> Result<Self, Error> {
        Self::try_apply(matmul::MatMul, &[self, other])
    }

    /// `x Wᵀ + b` over the last axis. Rule: [`Linear`](matmul::Linear).
    #[track_caller]
    fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        match bias {
            Some(bias) => Self::apply(matmul::Linear, &[self, weight, bias]),
            None => Self::apply(matmul::Linear, &[self, weight]),
        }
    }
}
impl<A: Interpretation> Products for A {}
