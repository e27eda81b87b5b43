//! What a function that is to be differentiated returns.

use super::Var;
use crate::algebra::Real;

/// What a function that is to be differentiated returns: a variable, or a pair of a variable and anything else (a
/// prediction, a count, a part of the loss), which comes back beside the result.
///
/// Every transform and every training form takes both. What is brought along is not differentiated.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::value_and_grad;
/// let x = Tensor::from([3.0_f64, 4.0]);
/// let (value, slope) = value_and_grad(|x| x.square().sum(), &x);
/// let ((same, largest), again) = value_and_grad(|x| (x.square().sum(), x.value().max().item()), &x);
/// assert_eq!((value, slope), (same, again));
/// assert_eq!(largest, 4.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a function that is to be differentiated returns",
    label = "return a `Var`, or a pair `(Var, anything)`"
)]
pub trait Outcome<T: Real> {
    /// A result in the place of the variable.
    type With<V>;
    /// What comes beside the variable.
    type Aside;

    /// The variable, and what comes beside it.
    fn split(self) -> (Var<T>, Self::Aside);

    /// A result in the place of the variable.
    fn join<V>(value: V, aside: Self::Aside) -> Self::With<V>;
}

impl<T: Real> Outcome<T> for Var<T> {
    type With<V> = V;
    type Aside = ();
    fn split(self) -> (Var<T>, ()) {
        (self, ())
    }
    fn join<V>(value: V, (): ()) -> V {
        value
    }
}

impl<T: Real, X> Outcome<T> for (Var<T>, X) {
    type With<V> = (V, X);
    type Aside = X;
    fn split(self) -> (Var<T>, X) {
        self
    }
    fn join<V>(value: V, aside: X) -> (V, X) {
        (value, aside)
    }
}
