//! Operations of a user's own: by an `Op`, by closures, straight through.

use autograd::check::gradcheck;
use autograd::ops::custom::{StraightThrough, custom_vjp};
use autograd::ops::{Messages, Op, Pullback};
use autograd::prelude::*;
use autograd::transform::{grad, hvp, jvp};

fn t<const N: usize>(x: [f64; N]) -> Tensor<f64> {
    Tensor::from(x)
}

/// `a² b`, by hand.
fn square_times(a: &Var<f64>, b: &Var<f64>) -> Var<f64> {
    custom_vjp(
        "square_times",
        &[a, b],
        |x| x[0] * x[0] * x[1],
        |at| {
            let (a, b, g) = (at.input(0), at.input(1), at.cotangent());
            at.each(|i| if i == 0 { a * b * g * 2.0 } else { a.square() * g })
        },
    )
}

#[test]
fn closures_that_give_the_derivative_are_right_in_every_mode() {
    let report = gradcheck(&[t([0.3, -1.2, 2.0]), t([1.5, 0.4, -0.7])], |x| square_times(&x[0], &x[1]).tanh());
    assert!(report.passed(), "{report}");
    // f = a² b: the Hessian is [[2b, 2a], [2a, 0]].
    let point = (t([3.0]), t([5.0]));
    let (slope, product) = hvp(|(a, b)| square_times(a, b).sum(), &point, &(t([1.0]), t([10.0])));
    assert_eq!(slope, (t([30.0]), t([9.0])));
    assert_eq!(product, (t([2.0 * 5.0 + 2.0 * 3.0 * 10.0]), t([2.0 * 3.0])));
    let (_, moved) = jvp(|(a, b)| square_times(a, b), &point, &(t([1.0]), t([10.0])));
    assert_eq!(moved.item(), 30.0 + 90.0);
    // One input alone moves.
    let (_, moved) = jvp(|b: &Var<f64>| square_times(&b.constant(&t([3.0])), b), &t([5.0]), &t([1.0]));
    assert_eq!(moved.item(), 9.0);
}

/// `x³`, with the derivative of `x²` in the place of its own: what sweeps see is the rule, to every order.
fn cube_as_square(x: &Var<f64>) -> Var<f64> {
    custom_vjp("cube_as_square", &[x], |x| x[0].powi(3), |at| at.each(|_| at.cotangent() * at.input(0) * 2.0))
}

#[test]
fn a_rule_of_ones_own_takes_the_place_of_the_derivative() {
    let x = t([5.0]);
    assert_eq!(grad(|x: &Var<f64>| cube_as_square(x).sum(), &x).item(), 10.0);
    assert_eq!(jvp(|x: &Var<f64>| cube_as_square(x), &x, &t([1.0])).1.item(), 10.0);
    assert_eq!(hvp(|x: &Var<f64>| cube_as_square(x).sum(), &x, &t([1.0])).1.item(), 2.0);
    let tape = Tape::new();
    let v = tape.var(x);
    let y = cube_as_square(&v);
    assert_eq!(y.value().item(), 125.0);
    let slope = y.sum().backward_recorded().of(&v).or_zeros_on(&v);
    assert_eq!(slope.sum().backward().of(&v).or_zeros().item(), 2.0);
    let view = &tape.nodes()[1];
    assert_eq!(view.op, "cube_as_square");
    assert!(view.at.file().ends_with("custom.rs"));
}

#[test]
fn a_gradient_may_be_squashed_on_its_way() {
    let squash = |x: &Var<f64>| custom_vjp("squash", &[x], |x| x[0].clone(), |at| at.each(|_| at.cotangent().tanh()));
    let x = Tape::new().var([1.0, 2.0, 3.0]);
    let slopes = (squash(&x) * x.constant(&t([0.1, -20.0, 0.0]))).sum().backward().of(&x).or_zeros();
    assert_eq!(slopes.to_vec(), [0.1_f64.tanh(), -1.0, 0.0]);
}

#[test]
fn the_output_may_be_read_and_inputs_left_without_a_message() {
    // y = eˣ + c, of which c has no gradient.
    let f = |x: &Var<f64>, c: &Var<f64>| {
        custom_vjp(
            "exp_plus",
            &[x, c],
            |x| x[0].exp() + x[1],
            |at| at.each(|i| (i == 0).then(|| at.cotangent() * (at.output() - at.input(1)))),
        )
    };
    let tape = Tape::new();
    let (x, c) = (tape.var([0.5]), tape.var([2.0]));
    let gradients = f(&x, &c).sum().backward();
    assert!((gradients.of(&x).or_zeros().item() - 0.5_f64.exp()).abs() < 1e-15);
    assert!(matches!(gradients.of(&c), autograd::Reached::Zero(_)));
    let (_, product) = hvp(|(x, c)| f(x, c).sum(), &(t([0.5]), t([2.0])), &(t([1.0]), t([0.0])));
    assert!((product.0.item() - 0.5_f64.exp()).abs() < 1e-15);
}

#[test]
fn a_recomputed_segment_calls_the_closures_again() {
    let x = Tape::new().var([1.5, -0.5]);
    let plain = square_times(&x.tanh(), &x).sin().sum().backward().of(&x).or_zeros();
    let recomputed = x.recompute(|x| square_times(&x.tanh(), &x).sin()).sum().backward().of(&x).or_zeros();
    assert_eq!(plain, recomputed);
}

#[test]
#[should_panic(expected = "crooked: its pull-back returned a message of shape [1] for input 0 of shape [2]")]
fn a_message_of_the_wrong_shape() {
    let x = Tape::<f64>::new().var([1.0, 2.0]);
    let y = custom_vjp("crooked", &[&x], |x| x[0].clone(), |at| at.each(|_| at.input(0).constant(&t([1.0]))));
    y.sum().backward();
}

#[test]
#[should_panic(expected = "lonely: an operation without inputs belongs to no tape")]
fn no_inputs() {
    custom_vjp::<f64>("lonely", &[], |_| t([1.0]), |at| at.each(|_| None));
}

/// Straight through rounding to a step, on any interpretation.
fn bit<A: Array<f64>>(x: A) -> A {
    x.straight_through(&x.step())
}

#[test]
fn straight_through_is_the_value_forwards_and_the_identity_backwards() {
    let x = t([-0.3, 0.1, 7.0]);
    let weight = |x: &Var<f64>| x.constant(&t([2.0, 3.0, 4.0]));
    assert_eq!(bit(x.clone()).to_vec(), [0.0, 1.0, 1.0]);
    // x + (v − x) would round: this is v to the bit.
    assert_eq!(t([0.1]).straight_through(&t([1e-17])).item(), 1e-17);
    assert_eq!(grad(|x: &Var<f64>| (bit(x.clone()) * weight(x)).sum(), &x).to_vec(), [2.0, 3.0, 4.0]);
    assert_eq!(jvp(|x: &Var<f64>| bit(x.clone()), &x, &t([1.0, 2.0, 3.0])).1.to_vec(), [1.0, 2.0, 3.0]);
    assert_eq!(bit(Dual::new(x.clone(), t([1.0, 2.0, 3.0]))).tangent_or_zeros().to_vec(), [1.0, 2.0, 3.0]);
    // Σ w b²: the slope is 2 w b at the value b, and its slope in turn 2 w.
    let loss = |x: &Var<f64>| (bit(x.clone()).square() * weight(x)).sum();
    let (slope, product) = hvp(loss, &x, &t([1.0, 1.0, 1.0]));
    assert_eq!((slope.to_vec(), product.to_vec()), (vec![0.0, 6.0, 8.0], vec![4.0, 6.0, 8.0]));
    assert_eq!(bit(Symbol::<f64>::letter("x", [3])).to_string(), "straight_through(x, step(x))");
    assert_eq!(bit(Shapes::<f64>::new([3])).shape(), Shape::from([3]));
    let error = Tensor::try_apply(StraightThrough, &[&x, &t([1.0])]).unwrap_err();
    assert!(error.to_string().starts_with("straight_through: a value of shape [1] cannot take the gradient of one"));
}

/// A product of three: linear in each, so that it needs no rule for forward mode.
#[derive(Clone, Debug)]
struct Triple;

impl<T: Real> Op<T> for Triple {
    fn name(&self) -> &'static str {
        "triple"
    }
    fn arity(&self) -> std::ops::RangeInclusive<usize> {
        3..=3
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        Ok(x[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0] * x[1] * x[2]
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| A::apply(Triple, &[at.cotangent(), at.input((i + 1) % 3), at.input((i + 2) % 3)]))
    }
    fn is_multilinear(&self) -> bool {
        true
    }
}

#[test]
fn a_users_op_of_three_inputs() {
    let report = gradcheck(&[t([0.3, -1.2]), t([1.5, 0.4]), t([-0.6, 2.2])], |x| {
        Var::apply(Triple, &[&x[0], &x[1], &x[2]]).sin()
    });
    assert!(report.passed(), "{report}");
    let [a, b, c] = [t([2.0]), t([3.0]), t([5.0])].map(|x| Dual::new(x, t([1.0])));
    assert_eq!(Dual::apply(Triple, &[&a, &b, &c]).tangent_or_zeros().item(), 15.0 + 10.0 + 6.0);
}

/// What is kept is told by a bit an input, and there are more inputs than bits.
#[test]
fn an_operation_may_have_any_number_of_inputs() {
    let report = gradcheck(&(0..40).map(|i| t([f64::from(i)])).collect::<Vec<_>>(), |x| {
        Var::concat(&x.iter().collect::<Vec<_>>(), 0).square()
    });
    assert!(report.passed() && report.elements == 40, "{report}");
}

autograd::elementwise! {
    /// Six inputs, each with a slope of its own: the square of `a + 2b + 3c + 4d + 5e + 6f`.
    struct Squared;
    fn squared(self, a, b, c, d, e, f) { (a + b * 2.0 + c * 3.0 + d * 4.0 + e * 5.0 + f * 6.0).square() }
}

autograd::elementwise! {
    /// The same with its slopes written down.
    struct SquaredByHand;
    fn squared_by_hand(self, a, b, c, d, e, f) { (a + b * 2.0 + c * 3.0 + d * 4.0 + e * 5.0 + f * 6.0).square() }
    slope inputs {
        let twice = (a + b * 2.0 + c * 3.0 + d * 4.0 + e * 5.0 + f * 6.0) * 2.0;
        [twice, twice * 2.0, twice * 3.0, twice * 4.0, twice * 5.0, twice * 6.0]
    }
}

#[test]
fn a_formula_may_have_many_inputs() {
    let x: Vec<Tensor<f64>> = (1..=6).map(|i| t([f64::from(i), -0.5])).collect();
    fn six<F: autograd::algebra::Formula<6>>(formula: F) -> impl Fn(&[Var<f64>]) -> Var<f64> {
        move |x| Var::elementwise(formula, [&x[0], &x[1], &x[2], &x[3], &x[4], &x[5]])
    }
    for report in [gradcheck(&x, six(Squared)), gradcheck(&x, six(SquaredByHand))] {
        assert!(report.passed(), "{report}");
    }
    // At the first element the sum is 1 + 4 + 9 + 16 + 25 + 36 = 91, so the slopes are 182 i.
    let tape = Tape::new();
    let vars: Vec<Var<f64>> = x.iter().map(|x| tape.var(x.clone())).collect();
    let gradients = six(Squared)(&vars).sum().backward();
    for (i, x) in (1..).zip(&vars) {
        assert_eq!(gradients.of(x).or_zeros().to_vec()[0], 182.0 * f64::from(i));
    }
}
