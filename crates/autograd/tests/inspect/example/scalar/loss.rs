//! `h = ln z + eᶻ, z = x·y` at x = 1.5, y = 0.8 on scalars. Its line numbers are in the expected texts.

use autograd::inspect::Snapshot;
use autograd::scalar::Tape;

pub fn snapshot() -> Snapshot {
    let tape = Tape::traced();
    let x = tape.var(1.5).named("x");
    let y = tape.var(0.8).named("y");
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    Snapshot::of_backward(&h)
}
