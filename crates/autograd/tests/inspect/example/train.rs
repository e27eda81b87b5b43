//! A weight that another network makes, detached from it. Its line numbers are in the expected texts.

use autograd::inspect::Snapshot;
use autograd::prelude::*;

fn parameter(path: &str, value: f64) -> Param<f64> {
    let mut parameter = Param::new(Tensor::from([value]));
    parameter.set_path(path);
    parameter
}

/// The encoder's result becomes the decoder's weight.
pub fn lost() -> (Snapshot, Param<f64>, Param<f64>) {
    let (a, b, c) = (parameter("enc.a", 0.5), parameter("enc.b", 0.2), parameter("enc.c", 0.1));
    let weight = parameter("dec.w", 0.0);
    let tape = Tape::keeping();
    let x = tape.var([1.0]).named("x");
    let out = ((&x * tape.param(&a) + tape.param(&b)).tanh() * tape.param(&c)).named("enc.out");
    let made = out.detach();
    tape.bind(&weight, &made);
    let loss = (x.param(&weight) * &x).sum();
    (Snapshot::of_backward(&loss), weight, a)
}
