//! What a trainer asks of a model: what it makes of a batch.

use autograd::algebra::Real;
use autograd::{Layer, Tape, Tensor, Var};
use std::panic::Location;

/// What a trainer's closure makes of a batch: the loss, or the loss and the output, `(loss, output)`, which metrics and
/// [`outputs`](super::Trainer::outputs) need.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a model makes of a batch",
    label = "return the loss, a `Var`, or `(loss, output)`, two of them"
)]
pub trait Judged<T: Real = f32> {
    /// The loss, a scalar, and the output, a row for each row of the batch, if there is one.
    fn judged(self) -> (Var<T>, Option<Var<T>>);
}

impl<T: Real> Judged<T> for Var<T> {
    fn judged(self) -> (Var<T>, Option<Var<T>>) {
        (self, None)
    }
}

impl<T: Real> Judged<T> for (Var<T>, Var<T>) {
    fn judged(self) -> (Var<T>, Option<Var<T>>) {
        (self.0, Some(self.1))
    }
}

/// The loss and the output of a model for a batch, on a tape.
pub(super) type Objective<'a, M, B, T> = Box<dyn Fn(&M, &Tape<T>, &B) -> (Var<T>, Option<Var<T>>) + 'a>;

/// The objective of a closure.
pub(super) fn of_closure<'a, M, B, T: Real, R: Judged<T>>(
    f: impl Fn(&M, &Tape<T>, &B) -> R + 'a,
) -> Objective<'a, M, B, T> {
    Box::new(move |model, tape, batch| f(model, tape, batch).judged())
}

/// The objective of a layer whose batches are inputs and targets. What the layer records is told to come from the line of this
/// call.
#[track_caller]
pub(super) fn of_layer<'a, M: Layer<T>, Y, T: Real>(
    loss: impl Fn(&Var<T>, &Y) -> Var<T> + 'a,
) -> Objective<'a, M, (Tensor<T>, Y), T> {
    let at = Location::caller();
    Box::new(move |model, tape, (inputs, targets)| {
        let scope = tape.scope_at("Trainer", at);
        let output = model.forward(tape.constant(inputs));
        drop(scope);
        (loss(&output, targets), Some(output))
    })
}
