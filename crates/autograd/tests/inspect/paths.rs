//! The gradient as a sum over paths.

use crate::example;
use autograd::inspect::{Snapshot, paths};
use autograd::prelude::*;
use autograd::scalar;

#[test]
fn the_paths_of_the_example() {
    let found = example::tensor::snapshot().paths_between(5, 0, 5).unwrap();
    insta::assert_snapshot!(found, @"
    paths h -> x: 2, sum 3.32276 = grad
      79.9 %   2.65609 = 1 * 3.32012 * 0.8     add > exp > mul      (x via y)
      20.1 %   0.666667 = 1 * 0.833333 * 0.8   add > ln  > mul
      cancellation 1.00
    ");
    assert_eq!(example::scalar::snapshot().paths_between(5, 0, 5).unwrap(), found);
    insta::assert_snapshot!(example::scalar::snapshot().paths_between(5, 0, 1).unwrap(), @"
    paths h -> x: 2, sum 3.32276 = grad
      79.9 %   2.65609 = 1 * 3.32012 * 0.8   add > exp > mul      (x via y)
      20.1 %   1 more
      cancellation 1.00
    ");
    let error = example::scalar::snapshot().paths_between(0, 5, 1).unwrap_err();
    assert!(error.to_string().starts_with("there is no path from node 0 back to node 5"), "{error}");
}

/// A chain of diamonds `x ← x + x·½` has 2ⁿ paths, and the gradient (3/2)ⁿ.
#[test]
fn paths_beyond_counting_are_counted() {
    let tape = scalar::Tape::traced();
    let x = tape.var(1.0).named("x");
    let y = (0..200).fold(x, |x, _| x + x * 0.5);
    let snapshot = Snapshot::of_backward(&y);
    let found = snapshot.paths_between(snapshot.root.unwrap(), 0, 3).unwrap();
    assert_eq!(found.count, 2.0_f64.powi(200));
    assert!((found.sum / 1.5_f64.powi(200) - 1.0).abs() < 1e-12);
    // The largest goes by the direct edges, the next ones take one detour, which halves.
    assert_eq!(found.paths.iter().map(|path| path.value).collect::<Vec<_>>(), [1.0, 0.5, 0.5]);
    assert!((found.cancellation - 1.0).abs() < 1e-12);
}

#[test]
fn what_cancels_is_said() {
    let tape = scalar::Tape::traced();
    let x = tape.var(3.0).named("x");
    let y = (x * 1000.0 - x * 999.0).named("y");
    insta::assert_snapshot!(Snapshot::of_backward(&y).paths_between(3, 0, 2).unwrap(), @"
    paths y -> x: 2, sum 1 = grad
      100000.0 %   1000 = 1 * 1000   sub > mul_constant
      -99900.0 %   -999 = -1 * 999   sub > mul_constant
      cancellation 1999.00
    ");
}

#[test]
fn paths_of_tensors() {
    let tape = Tape::<f64>::keeping();
    let x = tape.var([0.5, -1.0, 2.0]).named("x");
    let loss = ((x.tanh() + &x * 2.0) * x.exp()).sum().named("loss");
    let found = paths(&loss, &x, 3);
    insta::assert_snapshot!(found, @"
    paths loss -> x: 3, |sum| 52.4496 = |grad|
      69.9 %   |p| 36.7726   sum > mul > exp
      28.8 %   |p| 15.1594   sum > mul > add > mul_constant
       1.3 %   |p| 1.40629   sum > mul > add > tanh
      cancellation 1.02
    ");
    // With more paths than are followed the rest is carried along, and nothing is lost.
    let deep = (0..8).fold(x.clone(), |x, _| x.tanh() + &x * 0.3).sum().named("deep");
    let found = paths(&deep, &x, 4);
    assert_eq!(found.count, 256.0);
    assert!((found.sum - found.gradient).abs() < 1e-12 * found.gradient);
    let shown: f64 = found.paths.iter().map(|path| path.share).sum();
    assert!((shown + found.rest - 1.0).abs() < 1e-12 && found.rest > 0.0);
    let snapshot = Snapshot::of_backward(&deep).with_paths(found.clone());
    assert_eq!(Snapshot::from_json(&snapshot.to_json()).unwrap().paths[0].to_string(), found.to_string());
}

/// Where all cancels there is no sum to have a part of; and where nothing arrives there is nothing at all.
#[test]
fn shares_of_a_gradient_of_zero() {
    let tape = Tape::<f64>::keeping();
    let x = tape.var([3.0, 4.0]).named("x");
    let found = paths(&(&x * 2.0 - &x * 2.0).sum(), &x, 4);
    assert_eq!(found.paths.iter().map(|path| path.share).collect::<Vec<_>>(), [0.5, 0.5]);
    assert_eq!((found.sum, found.rest, found.cancellation), (0.0, 0.0, f64::INFINITY));
    let found = paths(&(&x * 0.0).sum(), &x, 4);
    assert_eq!((found.count, found.sum, found.rest, found.cancellation), (1.0, 0.0, 0.0, 1.0));

    let tape = scalar::Tape::traced();
    let x = tape.var(3.0);
    let found = Snapshot::of_backward(&(x * 2.0 - x * 2.0)).paths_between(3, 0, 4).unwrap();
    // Equally large ones come in any order.
    let mut shares: Vec<f64> = found.paths.iter().map(|path| path.share).collect();
    shares.sort_by(f64::total_cmp);
    assert_eq!(shares, [-0.5, 0.5]);
    assert_eq!(found.cancellation, f64::INFINITY);
    let found = Snapshot::of_backward(&(x * 0.0 + x * 0.0)).paths_between(6, 0, 4).unwrap();
    assert_eq!((found.paths[0].share, found.cancellation), (0.0, 1.0));
}
