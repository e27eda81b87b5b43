//! A tape that stops at the first number that is not finite.

use super::{Snapshot, scalars};
use crate::algebra::Real;
use crate::scalar::{self, Steps, Traced};
use crate::{Error, Tape, Var};
use std::panic::Location;

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

impl scalar::Tape<Traced> {
    /// A [traced](scalar::Tape::traced) tape that looks out for numbers that are not finite, as
    /// [`Tape::anomaly`](crate::Tape::anomaly) does for tensors: the first operation that makes one of finite numbers
    /// panics, and so does a backward sweep that finds one, with the report that
    /// [`NonFinite`](crate::inspect::NonFinite) prints. Where tracing is not asked for, nothing is paid for this.
    ///
    /// ```should_panic
    /// use autograd::scalar::Tape;
    /// let tape = Tape::anomaly();
    /// let (x, y) = (tape.var(1.0).named("x"), tape.var(0.0).named("y"));
    /// let quotient = x / y; // NonFinite: node 2 `div` (demo.rs:4) produced inf: 1/0
    /// # let _ = quotient;
    /// ```
    pub fn anomaly() -> Self {
        Self::alarmed(report_steps)
    }
}

fn report_steps(steps: Steps<'_>, sweep: Option<(usize, &[f64])>, at: &'static Location<'static>) -> Option<Error> {
    Some(Error::non_finite(scalars::take(steps, sweep, at).non_finite?.to_string(), ""))
}
