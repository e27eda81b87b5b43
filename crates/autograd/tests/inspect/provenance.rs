//! Where a number that is not finite came from.

use crate::example::model;
use autograd::inspect::{Cause, Snapshot};
use autograd::prelude::*;
use autograd::scalar;

fn report(snapshot: &Snapshot) -> String {
    let found = snapshot.non_finite.as_ref().expect("something is not finite");
    let again = Snapshot::from_json(&snapshot.to_json()).unwrap();
    assert_eq!(again.non_finite.unwrap().to_string(), found.to_string());
    found.to_string()
}

#[test]
fn a_masked_branch() {
    insta::assert_snapshot!(report(&model::masked(Tape::keeping())), @"
    NonFinite: node 7 `sqrt` (model.rs:41) produced NaN at [0]: sqrt(-1)
      forward: NaN hidden by node 8 `where` (model.rs:42), condition false at [0] and [1]; loss is finite
      backward: d sqrt = g / (2*out) = 0 / (2*NaN): 0 times a slope that is not finite, suppressed to 0 at x.grad[0], x.grad[1]
                (with the rule switched off: NaN)
      cause: masked branch. fix: sqrt(where(x > 0, x, 1)) inside
    ");
    insta::assert_snapshot!(report(&model::masked(Tape::keeping().strict())), @"
    NonFinite: node 7 `sqrt` (model.rs:41) produced NaN at [0]: sqrt(-1)
      forward: NaN hidden by node 8 `where` (model.rs:42), condition false at [0] and [1]; loss is finite
      backward: d sqrt = g / (2*out) = 0 / (2*NaN): 0 times a slope that is not finite, NaN at x.grad[0], x.grad[1], since the rule is switched off
      cause: masked branch. fix: sqrt(where(x > 0, x, 1)) inside
    ");
}

#[test]
fn other_causes() {
    insta::assert_snapshot!(report(&model::logarithm()), @"
    NonFinite: node 1 `ln` (model.rs:13) produced -inf at [1]: ln(0)
      forward: reaches the loss by node 2 `mul` > node 3 `sum` > node 4 `neg`
      cause: outside of its domain. fix: keep p above 0, `ln(p.maximum(small))`; for probabilities use `log_softmax` or `log_sigmoid`
    ");
    insta::assert_snapshot!(report(&model::exponential()), @"
    NonFinite: node 1 `exp` (model.rs:21) produced inf at [0,1]: exp(100)
      forward: reaches the loss by node 3 `div` > node 4 `sum`
      cause: overflow. fix: subtract the maximum of logits first; `softmax`, `logsumexp`, `softplus` and `log_sigmoid` do
    ");
    insta::assert_snapshot!(report(&model::root()), @"
    NonFinite: node 1 `sqrt` (model.rs:29) sends inf to x.grad[1]: g / (2*out) = 1 / (2*0)
      cause: infinite slope. fix: keep x away from where `sqrt` has an infinite slope, as in `sqrt(x + small)`
    ");
}

#[test]
fn scalars_and_large_tensors() {
    let tape = scalar::Tape::traced();
    let (x, y) = (tape.var(1.0).named("x"), tape.var(0.0).named("y"));
    let found = Snapshot::of_backward(&(x / y)).non_finite.unwrap();
    assert_eq!((found.formula.as_str(), found.cause), ("1/0", Cause::DivisionByZero));

    let tape = Tape::<f32>::keeping();
    let x = tape.var(Tensor::from_fn([20, 30], |i| if i == 437 { -3.5 } else { 1.0 })).named("x");
    let found = Snapshot::of_backward(&x.ln().mean()).non_finite.unwrap();
    assert_eq!((found.index.clone(), found.formula.as_str()), (vec![14, 17], "ln(-3.5)"));
}

#[test]
fn what_is_healthy_is_not_reported() {
    let tape = Tape::<f64>::keeping();
    let scores = tape.var([[1.0, 2.0], [3.0, 4.0]]).named("scores");
    let mask = scores.constant(&Tensor::from([[0.0, f64::NEG_INFINITY], [0.0, 0.0]]));
    let attention = (&scores + &mask).softmax(-1);
    let safe =
        scores.greater(&scores.constant(&Tensor::scalar(0.0))).choose(&scores, &scores.constant(&Tensor::scalar(1.0)));
    let snapshot = Snapshot::of_backward(&(attention * safe.sqrt()).sum());
    assert_eq!(snapshot.non_finite, None);
}

#[test]
fn a_tape_that_stops() {
    let tape = Tape::<f64>::anomaly();
    let x = tape.var([-1.0, 4.0]).named("x");
    let y = (&x * 2.0).exp();
    assert!((&y - &y).sum().try_backward().is_ok(), "what is finite goes through");
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| x.sqrt())).unwrap_err();
    let text = stopped.downcast_ref::<String>().unwrap();
    assert!(text.contains("`sqrt` (provenance.rs:") && text.contains("produced NaN at [0]: sqrt(-1)"), "{text}");
    let trained = std::panic::catch_unwind(|| {
        let w = Param::new(Tensor::from([0.0]));
        Tape::<f64>::anomaly().gradient(|tape| tape.param(&w).sqrt().sum())
    });
    assert!(trained.is_err());
}

#[test]
fn a_scalar_tape_that_stops() {
    let stopped = |program: &dyn Fn(&scalar::Tape<scalar::Traced>)| {
        let run = std::panic::AssertUnwindSafe(|| program(&scalar::Tape::anomaly()));
        let text = std::panic::catch_unwind(run).err().and_then(|text| text.downcast::<String>().ok());
        text.map_or(String::new(), |text| *text)
    };
    assert_eq!(stopped(&|tape| drop((tape.var(4.0).sqrt() / 2.0).backward())), "");
    let text = stopped(&|tape| {
        let (x, y) = (tape.var(1.0).named("x"), tape.var(0.0).named("y"));
        let _ = (x / y).tanh();
    });
    assert!(text.starts_with("div: NonFinite: node 2 `div` (provenance.rs:"), "{text}");
    assert!(text.contains("produced inf: 1/0") && text.contains("cause: division by 0"), "{text}");
    // Finite forwards, not backwards; also where only the gradient is asked for.
    let text = stopped(&|tape| drop(tape.var(0.0).named("x").sqrt().backward()));
    assert!(text.starts_with("backward: NonFinite: node 1 `sqrt`") && text.contains("sends inf to x.grad"), "{text}");
    let mut tape = scalar::Tape::anomaly();
    let run = std::panic::AssertUnwindSafe(|| tape.gradient(&[0.0], &mut [0.0], |x| x[0].sqrt()));
    assert!(std::panic::catch_unwind(run).is_err());
}
