//! Whole programs that give back what goes wrong in them.

use crate::Error;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    /// How many attempts this thread is in.
    static ATTEMPTS: Cell<usize> = const { Cell::new(0) };
}

/// Runs a program and returns the error that an operation or a layer in it ends with: the `try_` form of everything that is
/// made of several operations, such as a loss, `tile`, or a model on data from outside.
///
/// What was recorded until then stays on the tape, which can be used on. A panic that is none of the library's goes through.
/// Where panics end the process (`panic = "abort"`), so does the error.
///
/// # Errors
/// The first that an operation of the program ends with.
///
/// ```
/// use autograd::{attempt, prelude::*};
/// let (scores, labels) = (Tensor::<f32>::zeros([2, 3]), [0, 7]);
/// let error = attempt(|| scores.cross_entropy(labels)).unwrap_err();
/// assert!(matches!(error, Error::Index(_)), "{error}");
/// assert_eq!(attempt(|| scores.cross_entropy([0, 2]).item()).unwrap(), 3.0_f32.ln());
/// ```
pub fn attempt<R>(program: impl FnOnce() -> R) -> Result<R, Error> {
    let outcome = {
        let _attempt = Attempt::enter();
        catch_unwind(AssertUnwindSafe(program))
    };
    outcome.map_err(|payload| match payload.downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => resume_unwind(other),
    })
}

/// Ends the program with an error: for the attempt that it is part of, or as a panic.
#[track_caller]
pub(crate) fn end(error: Error) -> ! {
    if ATTEMPTS.get() > 0 {
        // No message on the terminal: the error is on its way to who asked for it.
        resume_unwind(Box::new(error));
    }
    panic!("{error}")
}

/// One more attempt as long as this lives.
struct Attempt;

impl Attempt {
    fn enter() -> Self {
        ATTEMPTS.set(ATTEMPTS.get() + 1);
        Attempt
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        ATTEMPTS.set(ATTEMPTS.get() - 1);
    }
}
