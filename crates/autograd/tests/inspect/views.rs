//! Memory, broadcasting, kinks, and a student's numbers.

use crate::example;
use autograd::algebra::formulas;
use autograd::inspect::{Detail, Likeness, Snapshot};
use autograd::prelude::*;

#[test]
fn what_is_kept_and_why() {
    insta::assert_snapshot!(example::tensor::snapshot().memory(), @"
    saved for backward: 32 B, peak 56 B at node 5
      node 2: 16 B   mul keeps `x`, `y`
      node 3: 8 B   ln keeps its input
      node 4: 8 B   exp keeps its output
      recomputing 2 segments: keeps 40 B (125 %), 2 operations again
      recomputing 4 segments: keeps 40 B (125 %), 3 operations again
    ");
    let tape = Tape::<f32>::keeping();
    let x = tape.constant(&Tensor::ones([32, 100]));
    let (w, v) = (tape.var(Tensor::full([50, 100], 0.01)).named("w"), tape.var(Tensor::full([10, 50], 0.1)).named("v"));
    let loss = x.linear(&w, None).tanh().linear(&v, None).square().mean();
    let report = Snapshot::of_backward(&loss).memory();
    insta::assert_snapshot!(report, @"
    saved for backward: 42.5 kB, peak 61.2 kB at node 2
      node 2: 32.8 kB   linear keeps `const`, `w`
      node 3: 6400 B   tanh keeps its output
      node 4: 8400 B   linear keeps `v3`, `v`   (6400 B kept before)
      node 5: 1280 B   square keeps its input
      recomputing 2 segments: keeps 42.5 kB (100 %), 3 operations again
      recomputing 3 segments: keeps 46.9 kB (110 %), 4 operations again
    ");
    // Distinct memories: x, w and v, the tanh, which the second layer keeps as well, and the second layer.
    assert_eq!(report.saved, 4 * (32 * 100 + 50 * 100 + 10 * 50 + 32 * 50 + 32 * 10));
}

#[test]
fn sums_that_broadcasting_makes() {
    let tape = Tape::<f64>::keeping();
    let x = tape.var(Tensor::ones([4, 3])).named("x");
    let (bias, scale) = (tape.var(Tensor::ones([3])).named("bias"), tape.var(Tensor::ones([4, 1])).named("scale"));
    let audit = Snapshot::of_backward(&((&x + &bias) * &scale).sum()).audit();
    assert_eq!(
        audit.reductions.iter().map(|r| (r.operand.as_str(), r.factor)).collect::<Vec<_>>(),
        [("scale", 3), ("bias", 4)]
    );
    assert!(audit.reductions.iter().all(|reduction| !reduction.both));
    let (prediction, target) = (tape.var(Tensor::ones([4, 1])).named("prediction"), tape.constant(&Tensor::ones([4])));
    let text = Snapshot::of_backward(&(&prediction - &target).square().mean()).audit().to_string();
    let text = text.replace(|c: char| c.is_ascii_digit(), "#");
    insta::assert_snapshot!(text, @"
    broadcasting: # reductions on the way back
      node # `sub` (views.rs:##): prediction [#, #] -> [#, #], its gradient is summed over axes [#], # to #
        warning: both operands are stretched, [#, #] with [#] -> [#, #]; if they were meant to match, give them one shape: `.squeeze(-#)` or `.unsqueeze(-#)`
      node # `mul` (views.rs:##): scale [#, #] -> [#, #], its gradient is summed over axes [#], # to #
      node # `add` (views.rs:##): bias [#] -> [#, #], its gradient is summed over axes [#], # to #
    ");
}

#[test]
fn decisions_that_differ() {
    let at = |x: [f64; 3]| {
        let tape = Tape::keeping();
        let x = tape.var(x);
        let y = x.relu().max_keep(0) + x.abs();
        Snapshot::of_backward(&y.sum())
    };
    let kinks = at([0.1, 0.5, 0.4]).kinks(&at([-0.1, 0.3, 0.4]));
    let found: Vec<_> = kinks.flips.iter().map(|flip| (flip.op.as_str(), flip.elements.clone())).collect();
    assert_eq!(found, [("relu", vec![0]), ("max", vec![1, 2]), ("abs", vec![0])]);
    assert_eq!(at([1.0, 2.0, 3.0]).kinks(&at([1.1, 2.0, 3.0])).to_string(), "no decision differs");
    assert_eq!(example::tensor::snapshot().kinks(&at([1.0, 2.0, 3.0])).diverged, Some(1));
}

#[test]
fn a_student_s_numbers() {
    let snapshot = example::scalar::snapshot();
    // By hand: z = 1.2, so x.grad = y (1/z + eᶻ).
    let mine = 0.8 * (1.0 / 1.2 + 1.2_f64.exp());
    assert!(snapshot.compare("x", &[mine]).verdict != Likeness::Wrong);
    assert_eq!(snapshot.compare("x", &[3.3228]).verdict, Likeness::Wrong);
    assert_eq!(
        snapshot.compare("z", &[-snapshot.nodes[2].gradient.value().unwrap().single().unwrap()]).remark.unwrap(),
        "the sign is flipped"
    );
    assert_eq!(snapshot.compare("w", &[1.0]).to_string(), "w: wrong, nothing is called `w`");
    assert_eq!(snapshot.compare("x", &[1.0, 2.0]).to_string(), "x: wrong, yours has 2 elements, here are 1");
}

/// A layer whose activation is part of it is told as the two are: forward, backward, saturation, silent units, also of a step
/// whose numbers alone are kept.
#[test]
fn an_activation_that_is_part_of_its_layer() {
    let at = |i: usize| ((i * 7 + 3) % 11) as f64 / 5.0 - 1.0;
    let seen = |together: bool| {
        let tape = Tape::<f64>::keeping();
        let x = tape.constant(&Tensor::from_fn([6, 4], at));
        let weight = |name, shape: [usize; 2]| tape.var(Tensor::from_fn(shape, |i| at(i + 2))).named(name);
        let (u, v, w) = (weight("u", [5, 4]), weight("v", [3, 5]), weight("w", [2, 3]));
        let hidden = match together {
            true => x.linear_then(&u, None, formulas::Relu).linear_then(&v, None, formulas::Tanh),
            false => x.linear(&u, None).relu().linear(&v, None).tanh(),
        };
        let mut layers = Snapshot::of_backward(&hidden.linear(&w, None).square().mean()).layers();
        layers.iter_mut().for_each(|layer| layer.node = 0);
        layers
    };
    let (one, two) = (seen(true), seen(false));
    let activations: Vec<_> = one.iter().map(|layer| layer.activation.as_deref()).collect();
    assert_eq!(activations, [Some("relu"), Some("tanh"), None]);
    assert!(one[0].units.is_some() && one[0].saturation.is_some() && one[1].saturation.is_some());
    assert_eq!(one, two);

    let (w, x) = (Param::new(Tensor::from([[1.0_f32, -1.0], [-2.0, 0.5]])), Tensor::from([[1.0, -0.5], [0.5, 2.0]]));
    let step = |tape: &Tape| tape.constant(&x).linear_then(&tape.param(&w), None, formulas::Relu).sum();
    let (loss, _, snapshot) = Snapshot::of_step(Detail::Numbers, Tape::keeping(), step);
    let layer = &snapshot.layers()[0];
    // Sums are 1.5, -2.25, -1.5 and 0.
    assert_eq!((loss, layer.activation.as_deref(), layer.saturation), (1.5, Some("relu"), Some(0.75)));
}
