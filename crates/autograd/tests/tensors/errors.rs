//! What the library says when something is wrong, word for word. Lines of this file stand for the user's.

use autograd::ops::{Messages, Op, Pullback};
use autograd::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of a panic, with the place replaced by `<line>`.
fn message<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("nothing went wrong") };
    let text = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    let here = file!();
    let mut out = String::new();
    for part in text.split(here) {
        if !out.is_empty() {
            out.push_str("<here>");
        }
        let cut = part.strip_prefix(':').filter(|_| !out.is_empty());
        out.push_str(cut.map_or(part, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')));
    }
    out
}

fn matrix(rows: usize, columns: usize) -> Tensor {
    Tensor::ones([rows, columns])
}

#[test]
fn shapes_that_do_not_multiply() {
    let tape = Tape::new();
    let (x, w) = (tape.var(matrix(32, 784)).named("pixels"), tape.var(matrix(10, 784)).named("w"));
    insta::assert_snapshot!(message(|| x.matmul(&w)), @"
    matmul: shapes [32, 784] and [10, 784] do not fit: 784 columns on the left meet 10 rows on the right
      operands: `pixels` [32, 784], `w` [10, 784]
      at: <here>
      help: transpose the right operand: `a.matmul(&b.transpose())`
    ");
}

#[test]
fn shapes_that_do_not_broadcast() {
    insta::assert_snapshot!(message(|| matrix(4, 3) + Tensor::ones([4])), @"
    add: shapes [4, 3] and [4] do not broadcast: extents 3 and 4 differ at axis -1
      operands: [4, 3], [4]
      at: <here>
      help: axes are matched from the last one; to match [4] with another axis of [4, 3], give it a last axis of extent 1 with `.unsqueeze(-1)`
    ");
}

#[test]
fn the_same_text_from_every_interpretation() {
    let (a, b) = (matrix(2, 3), matrix(2, 3));
    let plain = message(|| a.matmul(&b));
    assert_eq!(message(|| Shapes::<f32>::new([2, 3]).matmul(&Shapes::new([2, 3]))), plain);
    assert_eq!(message(|| Dual::fixed(a.clone()).matmul(&Dual::fixed(b.clone()))), plain);
    let tape = Tape::new();
    assert_eq!(message(|| tape.var(a.clone()).matmul(&tape.var(b.clone()))), plain);
}

#[test]
fn an_axis_that_does_not_exist() {
    insta::assert_snapshot!(message(|| matrix(2, 3).sum_axes(2)), @"
    sum: axis 2 is out of range for 2 axes
      operands: [2, 3]
      at: <here>
      help: use an axis from -2 to 1
    ");
    insta::assert_snapshot!(message(|| matrix(2, 3).sum_axes([1, -1])), @"
    sum: axis -1 is named twice
      operands: [2, 3]
      at: <here>
      help: name each axis once
    ");
}

#[test]
fn a_reshape_that_does_not_fit() {
    insta::assert_snapshot!(message(|| matrix(2, 3).reshape([4, -1])), @"
    reshape: the 6 elements of shape [2, 3] do not fit [4, -1]
      operands: [2, 3]
      at: <here>
      help: the product of the extents must be the number of elements; one extent may be -1 to be worked out
    ");
}

#[test]
fn the_maximum_of_nothing() {
    insta::assert_snapshot!(message(|| Tensor::<f32>::zeros([0, 3]).max()), @"
    max: nothing to choose from: shape [0, 3] has no elements along the reduced axes
      operands: [0, 3]
      at: <here>
      help: check for an empty input first; only sums and products of nothing have a value
    ");
}

#[test]
fn two_tapes_in_one_operation() {
    let (a, b) = (Tape::new().var(matrix(1, 2)).named("a"), Tape::new().var(matrix(1, 2)).named("b"));
    insta::assert_snapshot!(message(|| &a + &b), @"
    add: its operands belong to two different tapes
      operands: `a` [1, 2], `b` [1, 2]
      at: <here>
      help: record one computation on one tape; bring a plain value in with `x.constant(&y.value().clone())`, or detach it
    ");
}

#[test]
fn a_root_that_is_not_a_scalar() {
    let y = Tape::new().var(matrix(2, 3)).exp();
    insta::assert_snapshot!(message(|| y.backward()), @"
    backward: the root `exp` recorded at <here> has shape [2, 3], not that of a scalar
      operands: [2, 3]
      at: <here>
      help: reduce it first, with `.sum()` or `.mean()`, or say what to pull back: `.backward_with(&cotangent)`
    ");
}

#[test]
fn a_root_that_depends_on_nothing_recorded() {
    let x = Tape::new().var(matrix(2, 3));
    insta::assert_snapshot!(message(|| x.detach().sum().backward()), @"
    backward: the root depends on nothing recorded: tracking stopped at the `detach` at <here>
      operands: []
      at: <here>
      help: make an input tracked with `tape.var(…)`, bring parameters in with `x.param(&p)`, and do not detach between them and the loss
    ");
}

#[test]
fn a_value_of_a_tape_that_was_freed() {
    let mut kept = None;
    let weight = Param::new(Tensor::from([2.0_f32]));
    gradient(|tape| {
        let hidden = tape.param(&weight).tanh();
        kept = Some(hidden.clone());
        hidden.sum()
    });
    let hidden = kept.unwrap();
    insta::assert_snapshot!(message(|| hidden.exp()), @"
    exp: uses the output of `tanh` recorded at <here>, whose tape was emptied at <here>
      operands: [1]
      at: <here>
      help: keep the tape with an explicit `backward()` instead of `gradient(|tape| …)`, or compute the value anew on the tape at hand
    ");
}

#[test]
fn labels_out_of_range() {
    insta::assert_snapshot!(message(|| matrix(3, 4).cross_entropy([0, 4, 1])), @"
    cross_entropy: label 4 at position 1 is out of range for 4 classes
      operands: [3, 4]
      at: <here>
      help: labels count from 0; the largest is 3; a cross-entropy leaves out the rows of a label by `ClassLoss::with_ignored`
    ");
    insta::assert_snapshot!(message(|| matrix(3, 4).cross_entropy([0, 1])), @"
    cross_entropy: labels of shape [2] do not fit scores of shape [3, 4]: one label for each of [3] is wanted
      operands: [3, 4]
      at: <here>
      help: scores are [rows, classes], labels [rows]
    ");
    insta::assert_snapshot!(message(|| matrix(3, 4).nll([0, 1, 9], ClassLoss::new().with_ignored(8))), @"
    nll: label 9 at position 2 is out of range for 4 classes
      operands: [3, 4]
      at: <here>
      help: labels count from 0; the largest is 3; a cross-entropy leaves out the rows of a label by `ClassLoss::with_ignored`
    ");
    insta::assert_snapshot!(message(|| matrix(3, 0).nll([0, 1, 9], Reduction::Sum)), @"
    nll: label 0 at position 0 is out of range for 0 classes
      operands: [3, 0]
      at: <here>
      help: there are no classes to choose from
    ");
    insta::assert_snapshot!(message(|| Tensor::scalar(1.0_f32).cross_entropy([0])), @"
    cross_entropy: a scalar has no class axis
      operands: []
      at: <here>
      help: give scores of shape [rows, classes]
    ");
}

#[test]
fn labels_that_do_not_count() {
    let ignoring = ClassLoss::new().with_ignored(1);
    insta::assert_snapshot!(message(|| matrix(2, 4).cross_entropy_with([1, 1], ignoring.clone())), @"
    cross_entropy: all 2 labels are ignored, and nothing has no mean
      operands: [2, 4]
      at: <here>
      help: leave such a batch out, or take the sum, which is 0
    ");
    let weights = ClassLoss::new().with_weights([0.0, 1.0]);
    insta::assert_snapshot!(message(|| matrix(2, 2).cross_entropy_with([0, 0], weights.clone())), @"
    cross_entropy: all 2 labels have weight 0, and nothing has no mean
      operands: [2, 2]
      at: <here>
      help: leave such a batch out, or take the sum, which is 0
    ");
    let sum = ignoring.with_reduction(Reduction::Sum);
    assert_eq!(matrix(2, 4).cross_entropy_with([1, 1], sum).item(), 0.0);
}

#[test]
fn options_of_classes_that_do_not_fit() {
    let weights = ClassLoss::new().with_weights([1.0, 2.0]);
    insta::assert_snapshot!(message(|| matrix(2, 4).cross_entropy_with([1, 1], weights.clone())), @"
    cross_entropy: 2 weights for 4 classes in scores of shape [2, 4]
      operands: [2, 4]
      at: <here>
      help: give one weight for each class; weigh rows by multiplying the losses of `Reduction::None`
    ");
    insta::assert_snapshot!(message(|| matrix(2, 4).cross_entropy_soft(&matrix(2, 4), weights.clone())), @"
    cross_entropy_soft: 2 weights for 4 classes in scores of shape [2, 4]
      operands: [2, 4], [2, 4]
      at: <here>
      help: give one weight for each class; weigh rows by multiplying the losses of `Reduction::None`
    ");
    let negative = ClassLoss::new().with_weights([1.0, -1.0]);
    insta::assert_snapshot!(message(|| matrix(2, 2).cross_entropy_with([0, 1], negative.clone())), @"
    cross_entropy: a class of weight -1
      operands: [2, 2]
      at: <here>
      help: a weight says how often a row of its class counts: a number from 0 up
    ");
    let smoothing = ClassLoss::new().with_label_smoothing(1.5);
    insta::assert_snapshot!(message(|| matrix(2, 4).cross_entropy_with([1, 1], smoothing.clone())), @"
    cross_entropy: label smoothing 1.5 is not between 0 and 1
      operands: [2, 4]
      at: <here>
      help: it is the part of each target that is spread over the classes; 0.1 is common
    ");
    insta::assert_snapshot!(message(|| matrix(2, 4).cross_entropy_soft(&matrix(4, 2), Reduction::Mean)), @"
    cross_entropy_soft: soft targets of shape [4, 2] do not fit logits of shape [2, 4]
      operands: [2, 4], [4, 2]
      at: <here>
      help: give a probability for each class of each row; for one label a row use `cross_entropy`
    ");
    let ignoring = ClassLoss::new().with_ignored(1);
    insta::assert_snapshot!(message(|| matrix(2, 4).cross_entropy_soft(&matrix(2, 4), ignoring.clone())), @"
    cross_entropy_soft: there is no label 1 to ignore in soft targets
      operands: [2, 4], [2, 4]
      at: <here>
      help: set the targets of a row to 0: it then adds nothing to the sum
    ");
}

#[test]
fn an_index_out_of_range() {
    insta::assert_snapshot!(message(|| matrix(3, 4).index_select(0, [0, 7])), @"
    index_select: index 7 at position 1 is out of range for 3 slices along axis 0
      operands: [3, 4]
      at: <here>
      help: indices count from 0; the largest is 2
    ");
}

#[test]
fn a_parameter_updated_under_a_tape() {
    let mut weight = Param::new(Tensor::from([2.0_f32]));
    weight.set_path("encoder.0.weight");
    let tape = Tape::new();
    let _first = tape.param(&weight);
    weight.make_mut()[0] = 3.0;
    insta::assert_snapshot!(message(|| tape.param(&weight)), @"
    param: `encoder.0.weight` was updated after it entered this tape
      at: <here>
      help: record each training step on a tape of its own: `gradient(|tape| …)`, then `optimizer.step`
    ");
}

#[test]
fn numbers_that_do_not_fill_a_shape() {
    insta::assert_snapshot!(message(|| Tensor::from_vec(vec![1.0_f32; 5], [2, 3])), @"
    from_vec: 5 numbers for shape [2, 3], which has 6 elements
      at: <here>
      help: give a shape whose product is the number of elements
    ");
}

#[test]
fn nothing_to_join() {
    insta::assert_snapshot!(message(|| Tensor::<f32>::concat(&[], 0)), @"
    concat: nothing to join
      at: <here>
      help: give at least one value
    ");
    insta::assert_snapshot!(message(|| Tensor::concat(&[&matrix(2, 3), &matrix(2, 4)], 0)), @"
    concat: shapes [2, 3] and [2, 4] differ elsewhere than along axis 0
      operands: [2, 3], [2, 4]
      at: <here>
      help: all inputs must agree in every axis but the one along which they are joined
    ");
}

#[test]
fn a_forward_sweep_of_a_tape_that_keeps_little() {
    let x = Tape::new().var(matrix(1, 1));
    let y = x.exp();
    insta::assert_snapshot!(message(|| y.push_forward(&Direction::new().along(&x, matrix(1, 1)))), @"
    forward sweep: a forward sweep needs every value, and this tape keeps only what the backward sweep needs
      at: <here>
      help: record on `Tape::keeping()`, or use the functions of `autograd::transform`, which do
    ");
}

/// A rule that is wrong: it returns the transposed message and has no forward mode.
#[derive(Clone, Debug)]
struct Crooked;

impl<T: Real> Op<T> for Crooked {
    fn name(&self) -> &'static str {
        "crooked"
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        Ok(x[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0].clone()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| at.cotangent().transpose())
    }
}

#[test]
fn a_rule_that_returns_the_wrong_shape() {
    let y = Var::apply(Crooked, &[&Tape::new().var(matrix(2, 3))]).sum();
    insta::assert_snapshot!(message(|| y.backward()), @"
    crooked: its pull-back returned a message of shape [3, 2] for input 0 of shape [2, 3]
      at: <here>
      help: `Op::vjp` returns one message an input, each of its input's shape
    ");
}

#[test]
fn a_rule_without_forward_mode() {
    let x = Dual::new(matrix(1, 1), matrix(1, 1));
    insta::assert_snapshot!(message(|| Dual::apply(Crooked, &[&x])), @"
    crooked: has no forward-mode rule
      at: <here>
      help: write `jvp` in its `Op`, or use reverse mode (`grad`, `vjp`), which it has
    ");
}

/// NaN in data is data: it goes through, forwards and backwards, and nothing panics.
#[test]
fn nan_in_data_goes_through() {
    let tape = Tape::new();
    let x = tape.var([f32::NAN, 1.0, -1.0]);
    let y = (x.relu() + x.max() + x.softmax(0) * 2.0).logsumexp(..);
    assert!(y.value().item().is_nan());
    assert!(y.backward().of(&x).or_zeros().to_vec()[0].is_nan());
}

#[test]
fn whole_programs_return_what_goes_wrong() {
    use autograd::attempt;
    let tape = Tape::new();
    let x = tape.var(matrix(2, 3));
    // Composites and losses, which have no twins.
    assert!(attempt(|| x.tile(&[2, 2])).is_ok());
    let chunk = attempt(|| x.chunk(2, 5)).unwrap_err();
    let labels = attempt(|| x.cross_entropy([0, 3])).unwrap_err();
    let outer = attempt(|| x.outer(&x)).unwrap_err();
    for (error, op) in [(&chunk, "chunk"), (&labels, "cross_entropy"), (&outer, "outer")] {
        let report = error.report();
        assert_eq!(report.op, op, "{error}");
        assert!(report.at.is_some_and(|at| at.file() == file!()), "{error}");
        assert!(!report.help.is_empty(), "{error}");
    }
    // It says what the panic says, word for word.
    let text = message(|| x.cross_entropy([0, 3]));
    assert_eq!(labels.to_string().split("\n  at: ").next(), text.split("\n  at: ").next());
    // Attempts in attempts: the inner one has it.
    let nested = attempt(|| attempt(|| x.outer(&x)).is_err()).unwrap();
    assert!(nested);
    // The tape is as good as before.
    assert_eq!(x.square().sum().backward().of(&x).or_zeros().to_vec(), [2.0; 6]);
    // Another's panic is no error of the library, and after all that a panic is one again.
    let other = catch_unwind(|| attempt(|| std::panic::resume_unwind(Box::new("mine")))).unwrap_err();
    assert_eq!(other.downcast_ref::<&str>(), Some(&"mine"));
    assert!(message(|| x.outer(&x)).starts_with("outer: "));
}
