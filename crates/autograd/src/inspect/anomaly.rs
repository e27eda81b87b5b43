//! A tape that stops at the first number that is not finite.

use super::Snapshot;
use crate::algebra::Real;
use crate::{Error, Tape, Var};

impl<T: Real> Tape<T> {
    /// A [keeping](Tape::keeping) tape that looks out for numbers that are not finite: the first operation whose result has
    /// one, though everything that went into it is finite, is an [`Error::NonFinite`] with the report that
    /// [`NonFinite`](crate::inspect::NonFinite) prints; so is a backward sweep whose gradients have one. It costs one look at
    /// every value; a tape without it pays nothing.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tape = Tape::<f64>::anomaly();
    /// let x = tape.var([0.5, -2.0]).named("x");
    /// let error = Var::try_apply(autograd::ops::elementwise::Elementwise(autograd::algebra::formulas::Ln), &[&x]);
    /// let text = error.unwrap_err().to_string();
    /// assert!(text.contains("node 1 `ln`") && text.contains("produced NaN at [1]: ln(-2)"), "{text}");
    ///
    /// // Finite forwards, not backwards.
    /// let tape = Tape::<f64>::anomaly();
    /// let error = tape.var([0.0]).named("y").sqrt().sum().try_backward().unwrap_err().to_string();
    /// assert!(error.contains("sends inf to y.grad[0]: g / (2*out) = 1 / (2*0)"), "{error}");
    /// ```
    pub fn anomaly() -> Self {
        Tape::alarmed(report)
    }
}

fn report<T: Real>(tape: &Tape<T>, root: Option<&Var<T>>) -> Option<Error> {
    let snapshot = match root {
        None => Snapshot::of(tape),
        Some(root) => Snapshot::try_of_backward(root).ok()?,
    };
    Some(Error::non_finite(snapshot.non_finite?.to_string(), ""))
}
