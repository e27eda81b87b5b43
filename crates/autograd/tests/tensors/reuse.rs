//! Results in the place of operands: only where nobody can tell. Numbers are small whole ones, so that results are exact.

use autograd::Observer;
use autograd::algebra::formulas;
use autograd::prelude::*;

/// Large enough for memory to be reused, with a rest behind the last whole piece.
const COUNT: usize = (1 << 17) + 77;

fn at(i: usize) -> f32 {
    (i * 7919 % 13) as f32 - 6.0
}

fn numbers() -> Tensor {
    Tensor::from_fn([COUNT], at)
}

/// Where the elements lie.
fn address(x: &Tensor) -> usize {
    x.as_slice().map_or(0, |x| x.as_ptr() as usize)
}

fn assert_each(y: &Tensor, want: impl Fn(f32) -> f32) {
    let y = y.to_vec();
    for (i, y) in y.into_iter().enumerate() {
        assert_eq!(y, want(at(i)), "element {i}");
    }
}

#[test]
fn what_is_given_up_is_written_over_and_nothing_else() {
    let x = numbers();
    let lent = x.clone();
    // Somebody else holds it.
    assert_each(&(x * 2.0), |x| x * 2.0);
    assert_each(&lent, |x| x);
    // Nobody else does.
    let before = address(&lent);
    let y = -(lent + 1.0);
    assert_eq!(address(&y), before);
    assert_each(&y, |x| -(x + 1.0));
    // Of two, the one that can be; of a view, a row, or a smaller operand, none.
    let (left, right) = (numbers(), numbers());
    let (kept, free) = (left.clone(), address(&right));
    let y = left - right * 3.0;
    assert_eq!(address(&y), free);
    assert_each(&y, |x| x - 3.0 * x);
    assert_each(&kept, |x| x);
    let wide = Tensor::from_fn([2, COUNT], |i| at(i % COUNT));
    let row = wide.slice(0, 1..);
    assert_each(&(row + 1.0), |x| x + 1.0);
    assert_each(&wide.slice(0, 1..), |x| x);
    assert_each(&(numbers() + Tensor::scalar(1.0)), |x| x + 1.0);
    assert_each(&(Tensor::scalar(1.0) - numbers()), |x| 1.0 - x);
    assert_eq!((numbers() + wide.clone()).shape(), wide.shape());
    let x = numbers();
    assert_each(&(x.clone() + x), |x| x + x);
}

/// On a tape nothing is written over that a rule reads, that a handle shows, or that came in from outside.
#[test]
fn what_a_tape_needs_is_left_alone() {
    let outside = numbers();
    let tape = Tape::new();
    let x = tape.var(outside.clone());
    let c = tape.constant(&outside);
    let shown = x.clone() * 2.0;
    let squares = (shown.clone() + 1.0) * (shown.clone() + 1.0);
    let y = -(squares * c.clone()) + shown.clone() * 3.0 - c * 5.0;
    let f = |x: f32| -(2.0 * x + 1.0) * (2.0 * x + 1.0) * x + 6.0 * x - 5.0 * x;
    assert_each(y.value(), f);
    assert_each(shown.value(), |x| 2.0 * x);
    assert_each(&outside, |x| x);
    // y = −(2x + 1)² c + 6x − 5c, where c is a constant of the same numbers.
    let slope = |x: f32| -4.0 * (2.0 * x + 1.0) * x + 6.0;
    for _ in 0..2 {
        assert_each(&y.sum().backward().of(&x).or_zeros(), slope);
    }
}

#[test]
fn a_tape_that_keeps_every_value_has_every_value() {
    let tape = Tape::keeping();
    let x = tape.var(numbers());
    let y = -((x + 1.0) * 2.0);
    assert_each(y.value(), |x| -2.0 * (x + 1.0));
    let kept: Vec<Tensor> = tape.nodes().into_iter().map(|node| node.value.expect("everything is kept")).collect();
    assert_each(&kept[0], |x| x);
    assert_each(&kept[1], |x| x + 1.0);
    assert_each(&kept[2], |x| 2.0 * (x + 1.0));
}

/// A rectifier, a sigmoid and a hyperbolic tangent need their output alone.
#[test]
fn activations_write_over_what_they_need_no_more() {
    let w = Param::new(numbers());
    let (loss, gradients) = gradient(|tape| {
        let h = tape.param(&w) * 2.0;
        let before = address(h.value());
        let y = h.map_owned(formulas::Relu);
        assert_eq!(address(y.value()), before);
        assert_each(y.value(), |x| (2.0 * x).max(0.0));
        y.sum()
    });
    assert_eq!(loss, (0..COUNT).map(|i| (2.0 * at(i)).max(0.0)).sum::<f32>());
    assert_each(&gradients.of(&w).or_zeros(), |x| if x > 0.0 { 2.0 } else { 0.0 });
    // One that needs its input is computed beside it.
    let tape = Tape::new();
    let x = tape.var(numbers());
    let y = (x.clone() * 2.0).map_owned(formulas::Square);
    assert_each(y.value(), |x| 4.0 * x * x);
    assert_each(&y.sum().backward().of(&x).or_zeros(), |x| 8.0 * x);
}

/// Within a segment that is recomputed, what comes in from outside is needed again.
#[test]
fn what_comes_into_a_segment_is_left_alone() {
    let tape = Tape::new();
    let x = tape.var(numbers());
    let inside = x.clone() * 3.0;
    let y = inside.recompute(|inside| (inside + 1.0) * 2.0 - 1.0).square();
    assert_each(y.value(), |x| (6.0 * x + 1.0) * (6.0 * x + 1.0));
    assert_each(&y.sum().backward().of(&x).or_zeros(), |x| 12.0 * (6.0 * x + 1.0));
}

/// Messages that meet at one value: added as they are computed, in a sweep that is watched and in one that is not.
#[test]
fn messages_are_added_where_they_belong() {
    struct Watches;
    impl Observer for Watches {}
    let program = |x: &Var| (x.square() + x.powi(3) - &(x * x) * x).sum() + (x * 2.0).sum();
    let want = |x: f32| 2.0 * x + 2.0;
    let tape = Tape::new();
    let x = tape.var(numbers());
    assert_each(&program(&x).backward().of(&x).or_zeros(), want);
    assert_each(&program(&x).backward_observed(&mut Watches).of(&x).or_zeros(), want);
    // Stretched along an axis: a row that meets a matrix.
    let (rows, row) = (Tensor::<f32>::from_fn([4, 40_000], |i| at(i % 40_000)), Tensor::from_fn([40_000], at));
    let v = tape.var(row);
    let y = v.square().sum() + (v.clone() * tape.constant(&rows)).square().sum();
    let slope = y.backward().of(&v).or_zeros();
    assert!(slope.to_vec().iter().enumerate().all(|(i, &g)| g == 2.0 * at(i) + 8.0 * at(i).powi(3)));
}
