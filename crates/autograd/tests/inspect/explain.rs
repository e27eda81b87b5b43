//! Why something has no gradient.

use crate::example::train;
use autograd::algebra::formulas;
use autograd::inspect::{Reason, Snapshot};
use autograd::prelude::*;
use autograd::scalar;

#[test]
fn detached() {
    let (snapshot, weight, encoder) = train::lost();
    let why = snapshot.explain(&weight);
    insta::assert_snapshot!(why, @"`dec.w` has no gradient: its last recorded ancestor `enc.out` was detached at train.rs:19; 3 more parameters were lost the same way");
    assert_eq!(why.others, ["enc.a", "enc.b", "enc.c"]);
    insta::assert_snapshot!(snapshot.explain(&encoder), @"`enc.a` has no gradient: its last recorded result `enc.out` was detached at train.rs:19; 3 more parameters were lost the same way");
    // By path, also when it comes back from JSON.
    let again = Snapshot::from_json(&snapshot.to_json()).unwrap();
    assert_eq!(again.explain("dec.w"), why);
    assert_eq!(again.explain(&weight), why);
}

fn named(path: &str, value: [f64; 2]) -> Param<f64> {
    let mut parameter = Param::new(Tensor::from(value));
    parameter.set_path(path);
    parameter
}

#[test]
fn every_other_reason() {
    let tape = Tape::keeping();
    let (used, unused, absent) = (named("used", [1.0, 2.0]), named("unused", [1.0, 2.0]), named("absent", [1.0, 2.0]));
    let (dead, behind, read) = (named("dead", [-1.0, -2.0]), named("behind", [1.0, 2.0]), named("read", [1.0, 2.0]));
    let mut frozen = named("frozen", [1.0, 2.0]);
    frozen.set_frozen(true);
    let x = tape.param(&used).square();
    tape.param(&unused);
    let dark = tape.param(&dead).relu();
    let mask = tape.param(&behind).greater(&tape.constant(&Tensor::scalar(1.5))).into_array();
    let number = tape.param(&read).exp().value().to_vec()[0];
    let loss = (x * tape.param(&frozen) + dark + mask * number).sum();
    let snapshot = Snapshot::of_backward(&loss);

    assert_eq!(snapshot.explain(&used).reason, Reason::HasGradient);
    assert!(matches!(snapshot.explain(&unused).reason, Reason::NeverUsed { .. }));
    assert_eq!(snapshot.explain(&absent).reason, Reason::NotBroughtIn);
    assert!(matches!(&snapshot.explain(&dead).reason, Reason::Saturated { op, .. } if op == "relu"));
    assert!(matches!(&snapshot.explain(&behind).reason, Reason::Step { op, .. } if op == "greater"));
    assert!(matches!(&snapshot.explain(&read).reason, Reason::NotConnected { op, .. } if op == "exp"));
    assert!(matches!(snapshot.explain(&frozen).reason, Reason::Frozen { .. }));
    assert_eq!(Snapshot::of(&tape).explain(&used).reason, Reason::NotSwept);
    assert_eq!(snapshot.explain(&loss).to_string(), format!("`v{}` has a gradient", loss.node().unwrap()));
    let text = snapshot.explain(&dead).to_string();
    assert!(text.contains("`relu` (explain.rs:") && text.contains("is saturated, its slopes are 0 here"), "{text}");
}

/// What is flat is the activation, also where it is part of its layer.
#[test]
fn an_activation_that_is_part_of_its_layer() {
    let tape = Tape::keeping();
    let (dead, stepped) = (named("dead", [-1.0, -2.0]), named("stepped", [1.0, 2.0]));
    let x = tape.constant(&Tensor::from([[1.0, 2.0]]));
    let on = |weight: &Param<f64>| tape.param(weight).reshape([1, 2]);
    let dark = x.linear_then(&on(&dead), None, formulas::Relu);
    let flat = x.linear_then(&on(&stepped), None, formulas::Step);
    let snapshot = Snapshot::of_backward(&(dark + flat).sum());
    assert!(matches!(snapshot.explain(&dead).reason, Reason::Saturated { op, .. } if op == "relu"));
    assert!(matches!(snapshot.explain(&stepped).reason, Reason::Step { op, .. } if op == "step"));
}

#[test]
fn scalars() {
    let tape = scalar::Tape::traced();
    let (x, y) = (tape.var(1.0).named("x"), tape.var(2.0).named("y"));
    let snapshot = Snapshot::of_backward(&(x * 2.0 + y.floor()));
    assert_eq!(snapshot.explain(&x).reason, Reason::HasGradient);
    assert!(matches!(snapshot.explain(&y).reason, Reason::Step { .. }));
}
