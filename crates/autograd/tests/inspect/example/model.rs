//! Programs with numbers that are not finite. Their line numbers are in the expected texts.
//!
//! The last one is the masked square root: both branches of a choice are computed, so the root of a negative number is
//! there although nobody sees it, and on the way back a cotangent of 0 meets its slope.

use autograd::inspect::Snapshot;
use autograd::prelude::*;

/// The logarithm of a probability that has become 0.
pub fn logarithm() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let p = tape.var([0.5, 0.0]).named("p");
    let entropy = -(p.ln() * &p).sum();
    Snapshot::of_backward(&entropy)
}

/// An exponential that overflows.
pub fn exponential() -> Snapshot {
    let tape = Tape::<f32>::keeping();
    let logits = tape.var([[1.0, 100.0], [3.0, 4.0]]).named("logits");
    let e = logits.exp();
    Snapshot::of_backward(&(&e / e.sum_keep(-1)).sum())
}

/// A root at 0 is finite; its slope is not.
pub fn root() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let x = tape.var([4.0, 0.0]).named("x");
    Snapshot::of_backward(&x.sqrt().sum())
}

/// A root of what may be negative, in a branch that is not taken then: the choice hides it, and its slope meets a
/// cotangent of 0.
pub fn masked(tape: Tape<f64>) -> Snapshot {
    let input = tape.var([-1.0, 0.0, 4.0]).named("input");
    let w = tape.var([1.0, 1.0, 1.0]).named("w");
    let b = tape.var([0.0, 0.0, 0.0]).named("b");
    let x = (&input * &w + &b).named("x");
    let positive = x.greater(&x.constant(&Tensor::scalar(0.0)));
    let other = &x * 0.1;
    let root = x.sqrt();
    let chosen = positive.choose(&root, &other);
    Snapshot::of_backward(&chosen.sum())
}
