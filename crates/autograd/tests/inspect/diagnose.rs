//! What is wrong with a step, in words. More of it, and what is healthy, is in the tests of the gallery of mistakes.

use autograd::inspect::{Fault, Snapshot};
use autograd::prelude::*;

fn parameter(path: &str, value: Tensor<f64>) -> Param<f64> {
    let mut parameter = Param::new(value);
    parameter.set_path(path);
    parameter
}

/// The text without the numbers of lines, which move.
fn text(snapshot: &Snapshot) -> String {
    let text = snapshot.diagnose().to_string();
    let again = Snapshot::from_json(&snapshot.to_json()).unwrap();
    assert_eq!(again.diagnose().to_string(), text, "it says the same after a way through JSON");
    let mut parts = text.split("diagnose.rs:");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + "diagnose.rs:_" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn a_list_of_findings() {
    let (w, v) = (parameter("w", Tensor::zeros([4, 3])), parameter("v", Tensor::zeros([1, 4])));
    let mut frozen = parameter("scale", Tensor::from([2.0]));
    frozen.set_frozen(true);
    let gate = parameter("gate", Tensor::ones([4]));
    let tape = Tape::keeping();
    let x = tape.constant(&Tensor::from_fn([5, 3], |i| i as f64 / 7.0 - 1.0));
    let hidden = x.linear(&tape.param(&w), None).tanh();
    let _forgotten = &hidden * tape.param(&gate);
    let prediction = hidden.linear(&tape.param(&v), None) * tape.param(&frozen);
    let target = tape.constant(&Tensor::from([0.0, 1.0, 2.0, 3.0, 4.0]));
    let snapshot = Snapshot::of_backward(&(prediction - target).square().mean());
    insta::assert_snapshot!(text(&snapshot), @r#"
    diagnosis of 11 nodes, 4 parameters: 4 findings
    both stretched (diagnose.rs:_): node 8 `sub` of [5, 1] and [5] is [5, 5]: every element of one meets every element of the other
      elements of the result for each element of an operand: 5, limit 1
      fix: give both one shape before: `.squeeze(-1)` on the column, or `.unsqueeze(-1)` on the other
    twin units (diagnose.rs:_): 4 hidden units of node 1 `linear` have incoming weights `w` that start at 0 and the same gradient: they stay the same, however wide the layer is
      units that have a twin: 4, limit 0
      fix: draw the weights at random (`Init::GlorotUniform`, `Init::KaimingNormal`); only biases may start at 0
    unused (diagnose.rs:_): `gate` has no gradient: the last result, node 4 `mul`, is not used in the loss, or only as a plain number
      parameters without a gradient: 1, limit 0
      fix: use that result, in place of its plain value, or remove what computes it
    frozen (diagnose.rs:_): `scale` is frozen and has no gradient
      parameters without a gradient: 1, limit 0
      fix: if training should change it, thaw: `model.freeze("scale", false)`
    "#);
}

#[test]
fn numbers_and_limits() {
    let tape = Tape::<f64>::keeping();
    let w = tape.var(Tensor::from([[0.6, 1.9], [-2.1, 0.3]])).named("w");
    let state = tape.constant(&Tensor::from([[0.1, 0.2], [0.3, -0.1]]));
    let last = (0..12).fold(state, |state, _| state.matmul(&w));
    insta::assert_snapshot!(text(&Snapshot::of_backward(&last.square().mean())), @"
    diagnosis of 15 nodes, 0 parameters: 1 finding
    exploding gradient (diagnose.rs:_): going back through `w` the gradient grows by a factor of 2.04 a time step, over 11 time steps from 5.2e2 to 1.3e6
      decades a time step: 0.31, limit 0.3
      fix: start the recurrent weight orthogonal, or scale its deviation by 1/√width; clip the norm of the gradient
    ");

    let tape = Tape::<f64>::keeping();
    let logits = tape
        .constant(&Tensor::from_fn([6, 4], |i| (i % 5) as f64))
        .linear(&tape.var(Tensor::from_fn([3, 4], |i| (i % 7) as f64 / 5.0 - 0.6)).named("w"), None);
    let snapshot = Snapshot::of_backward(&logits.softmax(0).cross_entropy(vec![0, 1, 2, 0, 1, 2]));
    insta::assert_snapshot!(text(&snapshot), @"
    diagnosis of 4 nodes, 0 parameters: 1 finding
    wrong axis (diagnose.rs:_): node 2 `softmax` of shape [6, 3] adds up to 1 over axis 0, but the rows are samples with a target each, so that each sample's result depends on the others
      samples that share one sum: 6, limit 1
      fix: `softmax(-1)`
    ");
    assert_eq!(snapshot.diagnose().findings[0].fault, Fault::WrongAxis);
    assert_eq!(serde_json::to_value(snapshot.diagnose()).unwrap()["findings"][0]["fault"], "wrongaxis");
}

/// A forward pass alone shows what it can.
#[test]
fn without_a_backward_pass() {
    let tape = Tape::<f64>::keeping();
    let x = tape.var([1.0, -1.0]).named("x");
    let _y = x.sqrt();
    insta::assert_snapshot!(text(&Snapshot::of(&tape)), @"
    diagnosis of 2 nodes, 0 parameters: 1 finding
    not finite, outside of its domain (diagnose.rs:_): node 1 `sqrt` produced NaN at [1]: sqrt(-1)
      fix: keep x within the domain of `sqrt`, with `maximum` or `clamp` before it
    ");
}
