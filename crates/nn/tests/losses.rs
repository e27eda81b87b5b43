//! Every loss far away from 0: finite, as is its gradient. And what losses refuse, word for word.

use nn::loss::{self, GaussianNll, MultiMargin, PoissonNll, TripletMargin};
use nn::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pairs of numbers of these kinds.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// Any numbers and any targets.
    Numbers,
    /// Scores and targets of 0 and 1.
    Scores,
    /// Scores and labels of −1 and 1.
    Signs,
    /// Probabilities and targets between 0 and 1, both ends among them.
    Probabilities,
    /// Log-probabilities and probabilities.
    LogProbabilities,
    /// Two log-probabilities.
    Logarithms,
    /// Rates and counts.
    Rates,
}

impl Of {
    fn pairs<T: Real>(self) -> (Tensor<T>, Tensor<T>) {
        let far = [0.0, 1e-30, -1e-30, 1e-4, -1e-4, 1.0, -1.0, 20.0, -20.0, 90.0, -90.0, 720.0, -720.0, 1e4, -1e4];
        let below = [0.0, -1e-30, -1e-4, -1.0, -20.0, -90.0, -720.0, -1e4];
        let ratio = [0.0, 1e-30, 1e-4, 0.5, 1.0 - 1e-6, 1.0];
        let above = [0.0, 1e-30, 1e-4, 1.0, 20.0, 90.0, 720.0, 1e4];
        let (x, t): (&[f64], &[f64]) = match self {
            Of::Numbers => (&far, &far),
            Of::Scores => (&far, &[0.0, 0.25, 1.0]),
            Of::Signs => (&far, &[-1.0, 1.0]),
            Of::Probabilities => (&ratio, &ratio),
            Of::LogProbabilities => (&below, &ratio),
            Of::Logarithms => (&below, &below),
            Of::Rates => (&above, &above),
        };
        let at = |i: usize| T::from_f64(x[i / t.len()]);
        let [n, m] = [x.len(), t.len()];
        (Tensor::from_fn([n * m], at), Tensor::from_fn([n * m], |i| T::from_f64(t[i % m])))
    }
}

/// A loss of two inputs.
type Loss<T> = fn(&Var<T>, &Var<T>) -> Var<T>;

/// Every loss by name, and what it is made for.
fn table<T: Real>() -> Vec<(&'static str, Of, Loss<T>)> {
    use Reduction::{Mean, None, Sum};
    vec![
        ("mse", Of::Numbers, |x, t| loss::mse(x, t, Mean)),
        ("half_mse", Of::Numbers, |x, t| loss::half_mse(x, t)),
        ("mae", Of::Numbers, |x, t| loss::mae(x, t, Sum)),
        ("huber", Of::Numbers, |x, t| loss::huber(x, t, 0.5, None)),
        ("smooth_l1", Of::Numbers, |x, t| loss::smooth_l1(x, t, 0.5, None)),
        ("log_cosh", Of::Numbers, |x, t| loss::log_cosh(x, t, None)),
        ("binary_cross_entropy", Of::Probabilities, |x, t| loss::binary_cross_entropy(x, t, None)),
        ("binary_cross_entropy_weighted", Of::Probabilities, |x, t| {
            loss::binary_cross_entropy_weighted(x, t, &x.constant(&Tensor::scalar(T::from_f64(3.0))), None)
        }),
        ("binary_cross_entropy_from_logits", Of::Scores, |x, t| loss::binary_cross_entropy_from_logits(x, t, None)),
        ("binary_cross_entropy_from_logits_weighted", Of::Scores, |x, t| {
            let weight = x.constant(&Tensor::scalar(T::from_f64(3.0)));
            loss::binary_cross_entropy_from_logits_weighted(x, t, &weight, None)
        }),
        ("categorical_cross_entropy", Of::Probabilities, |x, t| {
            loss::categorical_cross_entropy(&x.unsqueeze(1), &t.unsqueeze(1), None)
        }),
        ("cross_entropy", Of::Numbers, |x, t| {
            let rows = Var::stack(&[x, t], 1);
            rows.cross_entropy_with(vec![0; x.shape()[0]], ClassLoss::new().with_label_smoothing(0.1))
        }),
        ("cross_entropy_soft", Of::Scores, |x, t| {
            let rows = Var::stack(&[x, &-x.clone()], 1);
            rows.cross_entropy_soft(&Var::stack(&[t, &t.rsub(1.0)], 1), None)
        }),
        ("nll", Of::Logarithms, |x, t| Var::stack(&[x, t], 1).nll(vec![1; x.shape()[0]], Sum)),
        ("focal", Of::Scores, |x, t| loss::focal(x, t, 0.25, 2.0, None)),
        ("hinge", Of::Signs, |x, t| loss::hinge(x, t, None)),
        ("squared_hinge", Of::Signs, |x, t| loss::squared_hinge(x, t, None)),
        ("multi_margin", Of::Numbers, |x, t| {
            let options = MultiMargin { margin: 1.0, squared: true };
            loss::multi_margin(&Var::stack(&[x, t], 1), vec![1; x.shape()[0]], options, None)
        }),
        // Towards a target of 0 the slope by that target is −∞, so the targets are fixed.
        ("kl_div", Of::LogProbabilities, |x, t| loss::kl_div(x, &t.detach(), None)),
        ("kl_div_of_logarithms", Of::Logarithms, |x, t| loss::kl_div_of_logarithms(x, t, None)),
        ("gaussian_kl", Of::Numbers, |x, t| loss::gaussian_kl(&t.unsqueeze(1), &x.unsqueeze(1), None)),
        ("poisson_nll", Of::Numbers, |x, t| loss::poisson_nll(x, t, PoissonNll::default(), None)),
        ("poisson_nll of rates", Of::Rates, |x, t| {
            loss::poisson_nll(x, t, PoissonNll { log_input: false, full: true, ..PoissonNll::default() }, None)
        }),
        ("gaussian_nll", Of::Numbers, |x, t| loss::gaussian_nll(x, t, &t.square(), GaussianNll::default(), None)),
        ("cosine_embedding", Of::Numbers, |x, t| {
            let sides = x.constant(&Tensor::from_fn(x.shape(), |i| T::from_f64([-1.0, 1.0][i % 2])));
            loss::cosine_embedding(&Var::stack(&[x, t], 1), &Var::stack(&[t, x], 1), &sides, 0.1, None)
        }),
        ("triplet_margin", Of::Numbers, |x, t| {
            let (a, p, n) = (Var::stack(&[x, t], 1), Var::stack(&[t, x], 1), Var::stack(&[x, x], 1));
            loss::triplet_margin(&a, &p, &n, TripletMargin { swap: true, ..TripletMargin::default() }, None)
        }),
    ]
}

fn every_loss_is_finite<T: Real>() {
    for (name, of, loss) in table::<T>() {
        let (x, t) = of.pairs::<T>();
        let tape = Tape::new();
        let (x, t) = (tape.var(x), tape.var(t));
        let y = loss(&x, &t);
        let gradients = y.sum().backward();
        let parts = [y.value().clone(), gradients.of(&x).or_zeros(), gradients.of(&t).or_zeros()];
        for (part, what) in parts.iter().zip(["value", "gradient of the prediction", "gradient of the target"]) {
            for (i, v) in part.to_vec().into_iter().enumerate() {
                let at = |z: &Var<T>| z.value().to_vec()[if part.elements() == 1 { 0 } else { i }].to_f64();
                assert!(v.is_finite(), "{name}: the {what} at ({:e}, {:e}) is {v}", at(&x), at(&t));
            }
        }
    }
}

#[test]
fn finite_in_single_precision() {
    every_loss_is_finite::<f32>();
}

#[test]
fn finite_in_double_precision() {
    every_loss_is_finite::<f64>();
}

/// Where an exponential goes straight on it has neither a step nor a corner, and below it is the exponential.
#[test]
fn exponentials_go_straight_on() {
    let tape = Tape::<f64>::new();
    let x = tape.var([69.0, 70.0, 70.0 + 1e-9, 71.0, 1e4]);
    let counts = tape.constant(&Tensor::zeros([5]));
    let y = loss::poisson_nll(&x, &counts, PoissonNll::default(), Reduction::None);
    let slope = y.sum().backward().of(&x).or_zeros().to_vec();
    let top = 70.0_f64.exp();
    for (got, want) in y.value().to_vec().iter().zip([69.0_f64.exp(), top, top, 2.0 * top, 9931.0 * top]) {
        assert!((got / want - 1.0).abs() < 1e-8, "{got:e} {want:e}");
    }
    for (got, want) in slope.iter().zip([69.0_f64.exp(), top, top, top, top]) {
        assert!((got / want - 1.0).abs() < 1e-14, "{got:e} {want:e}");
    }
    let v = tape.var([[20.0, 100.0]]);
    let y = loss::gaussian_kl(&tape.constant(&Tensor::zeros([1, 2])), &v, Reduction::Sum);
    let slope = y.backward().of(&v).or_zeros().to_vec();
    assert!((slope[0] / (0.5 * 20.0_f64.exp_m1()) - 1.0).abs() < 1e-14 && (slope[1] / (0.5 * top) - 1.0).abs() < 1e-14);
}

/// A small error keeps its digits: ln cosh d = d²/2 − d⁴/12 + …
#[test]
fn small_errors_keep_their_digits() {
    let d = 1e-6_f64;
    let y = loss::log_cosh(&Tensor::from([d]), &Tensor::from([0.0]), Reduction::Mean).item();
    assert!((y / (d * d / 2.0) - 1.0).abs() < 1e-11, "{y:e}");
}

/// The smoothed loss, written out from the log-softmax: an identity between two ways.
#[test]
fn smoothing_is_a_soft_target() {
    let x = Tensor::from([[0.3_f64, -1.2, 2.0], [0.1, 0.0, -0.4]]);
    let labels = Indices::from([2, 0]);
    let options = ClassLoss::new().with_label_smoothing(0.3);
    let by_label = x.cross_entropy_with(&labels, options.clone()).item();
    let by_target = x.cross_entropy_soft(&labels.one_hot(3), options).item();
    let spread = labels.one_hot::<f64>(3) * 0.7 + 0.1;
    let written_out = -(x.log_softmax(1) * spread).sum().item() / 2.0;
    assert!((by_label - written_out).abs() < 1e-15 && (by_target - written_out).abs() < 1e-15);
}

/// An impossible class that is not expected adds nothing.
#[test]
fn impossible_classes_that_are_not_expected() {
    let tape = Tape::new();
    let x = tape.var(Tensor::from([[0.0_f64, 0.0, f64::NEG_INFINITY]]));
    let y = x.cross_entropy_soft(&tape.constant(&Tensor::from([[0.5, 0.5, 0.0]])), Reduction::Mean);
    assert_eq!(y.value().item(), 2.0_f64.ln());
    assert_eq!(y.backward().of(&x).or_zeros().to_vec(), [0.0, 0.0, 0.0]);
}

/// What a program panics with, without the line.
fn message<R>(f: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(f()))).expect_err("it should have panicked");
    let text = payload.downcast::<String>().map(|text| *text).expect("a message");
    assert!(text.contains("tests/losses.rs"), "the line is not the user's: {text}");
    text.lines().filter(|line| !line.trim_start().starts_with("at: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_losses_refuse() {
    let (x, t) = (Tensor::<f32>::ones([3, 4]), Tensor::<f32>::ones([2, 4]));
    let mean = Reduction::Mean;
    insta::assert_snapshot!(message(|| loss::huber(&x, &x, 0.0, mean)), @"
    huber: `delta` 0 is not positive
      operands: [3, 4], [3, 4]
      help: it is where the parabola ends; 1 is common
    ");
    insta::assert_snapshot!(message(|| loss::smooth_l1(&x, &x, 0.0, mean)), @"
    smooth_l1: `beta` 0 is not positive
      operands: [3, 4], [3, 4]
      help: it is where the parabola ends; without a parabola this is `mae`
    ");
    insta::assert_snapshot!(message(|| loss::focal(&x, &x, 0.25, -1.0, mean)), @"
    focal: `gamma` -1 is negative
      operands: [3, 4], [3, 4]
      help: it says how much less counts what is right already; 2 is common
    ");
    insta::assert_snapshot!(message(|| loss::gaussian_nll(&x, &x, &x, GaussianNll { full: false, epsilon: 0.0 }, mean)), @"
    gaussian_nll: `epsilon` 0 is not positive
      operands: [3, 4], [3, 4], [3, 4]
      help: it is the least variance; 1e-6 is common
    ");
    insta::assert_snapshot!(message(|| loss::categorical_cross_entropy(&x, &t, mean)), @"
    categorical_cross_entropy: soft targets of shape [2, 4] do not fit probabilities of shape [3, 4]
      operands: [3, 4], [2, 4]
      help: give both as [rows, classes]; `Indices::one_hot` makes targets of labels
    ");
    insta::assert_snapshot!(message(|| loss::multi_margin(&x, [0, 4, 1], MultiMargin::default(), mean)), @"
    multi_margin: label 4 at position 1 is out of range for 4 classes
      operands: [3, 4]
      help: labels count from 0; the largest is 3; a cross-entropy leaves out the rows of a label by `ClassLoss::with_ignored`
    ");
    insta::assert_snapshot!(message(|| loss::multi_margin(&x, [0, 1], MultiMargin::default(), mean)), @"
    multi_margin: labels of shape [2] do not fit scores of shape [3, 4]: one label for each of [3] is wanted
      operands: [3, 4]
      help: scores are [rows, classes], labels [rows]
    ");
    insta::assert_snapshot!(message(|| loss::batch_mean(&Tensor::scalar(1.0_f32))), @"
    batch_mean: a scalar has no samples to take the mean of
      operands: []
      help: keep the losses apart with `Reduction::None`
    ");
    insta::assert_snapshot!(message(|| loss::mse(&x, &t, mean)), @"
    sub: shapes [3, 4] and [2, 4] do not broadcast: extents 3 and 2 differ at axis -2
      operands: [3, 4], [2, 4]
      help: axes are matched from the last one and must be equal or 1; insert axes with `.unsqueeze`, or reorder them with `.permute`
    ");
    insta::assert_snapshot!(message(|| loss::triplet_margin(&x, &t, &x, TripletMargin::default(), mean)), @"
    pairwise_distance: shapes [3, 4] and [2, 4] do not broadcast: extents 3 and 2 differ at axis -2
      operands: [3, 4], [2, 4]
      help: axes are matched from the last one and must be equal or 1; insert axes with `.unsqueeze`, or reorder them with `.permute`
    ");
}
