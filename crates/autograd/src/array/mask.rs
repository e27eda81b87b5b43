//! What a comparison gives.

use super::Interpretation;
use crate::Tensor;
use crate::algebra::Real;
use crate::ops::choose;

/// The result of a comparison: 1 where it holds, 0 elsewhere. It cannot be differentiated, only chosen by.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([-1.0_f32, 2.0]);
/// let zero = Tensor::scalar(0.0);
/// assert_eq!(x.greater(&zero).choose(&x, &zero).to_vec(), [0.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Mask<A>(pub(super) A);

impl<A: Interpretation> Mask<A> {
    /// `then` where the mask holds, else `otherwise`; all three broadcast. Rule: [`Choose`](choose::Choose).
    #[track_caller]
    pub fn choose(&self, then: &A, otherwise: &A) -> A {
        A::apply(choose::Choose, &[&self.0, then, otherwise])
    }

    pub(crate) fn as_array(&self) -> &A {
        &self.0
    }

    /// The mask as an array of ones and zeros, through which no derivative flows.
    pub fn into_array(self) -> A {
        self.0
    }
}

impl<T: Real> Mask<Tensor<T>> {
    /// The mask as truth values, row-major.
    pub fn to_bools(&self) -> Vec<bool> {
        self.0.to_vec().iter().map(|&holds| holds == T::ONE).collect()
    }
}
