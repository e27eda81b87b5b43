//! `h = ln z + eᶻ, z = x·y` at x = 1.5, y = 0.8 on tensors. Its line numbers are in the expected texts.

use autograd::inspect::Snapshot;
use autograd::prelude::*;

pub fn snapshot() -> Snapshot {
    let tape = Tape::<f64>::keeping();
    let x = tape.var(Tensor::scalar(1.5)).named("x");
    let y = tape.var(Tensor::scalar(0.8)).named("y");
    let z = (&x * &y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    Snapshot::of_backward(&h)
}
