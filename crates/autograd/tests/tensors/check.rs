//! The gradient check catches faults, names their pattern, and stays silent on what is right.

use autograd::check::{Check, Report, Verdict, check_op, gradcheck};
use autograd::ops::custom::custom_vjp;
use autograd::ops::{Messages, Op, Pullback, Pushforward};
use autograd::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::cell::Cell;

/// What is wrong with the rule below.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    MissingDivision,
    FlippedSign,
    Factor,
    Transposed,
    MissingTerm,
    ForwardMode,
    NotLinear,
    Restless,
}

/// `y = mean(a · b)`, with a fault.
#[derive(Clone, Debug)]
struct MeanProduct(Fault);

thread_local! {
    static CALLS: Cell<f64> = const { Cell::new(0.0) };
}

impl<T: Real> Op<T> for MeanProduct {
    fn name(&self) -> &'static str {
        "mean_product"
    }
    fn arity(&self) -> std::ops::RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        if x[0] == x[1] { Ok(Shape::SCALAR) } else { Err(Error::shape("shapes differ", "give equal shapes")) }
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        (x[0] * x[1]).mean()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let n = T::from_f64(at.input(0).shape().elements() as f64);
        let g = at.cotangent().clone() / n;
        at.each(|i| {
            let other = at.input(1 - i).clone();
            match self.0 {
                Fault::MissingDivision => other * at.cotangent(),
                Fault::FlippedSign => -(other * &g),
                Fault::Factor => other * &g * T::from_f64(2.0),
                Fault::Transposed => other.transpose() * &g,
                Fault::MissingTerm if i == 1 => other * &g * T::from_f64(0.0),
                Fault::NotLinear => other * &g * &g,
                Fault::Restless => {
                    CALLS.set(CALLS.get() + 1e-3);
                    other * &g * T::from_f64(1.0 + CALLS.get())
                }
                _ => other * &g,
            }
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let product = at.sum(|i, t| (t.clone() * at.input(1 - i)).mean());
        if self.0 == Fault::ForwardMode { product * T::from_f64(0.5) } else { product }
    }
}

fn report(fault: Fault) -> Report {
    let a = Tensor::from([[0.3, -1.2, 0.8], [1.1, 0.4, -0.6], [2.0, 0.7, 0.9]]);
    let b = Tensor::from([[1.3, 0.2, -0.8], [0.5, -0.4, 1.6], [-0.3, 0.1, 1.9]]);
    gradcheck(&[a, b], |x| Var::apply(MeanProduct(fault), &[&x[0], &x[1]])).named("mean_product")
}

#[test]
fn the_right_rule_passes() {
    let report = report(Fault::None);
    assert!(report.passed(), "{report}");
    insta::assert_snapshot!(report, @"gradcheck `mean_product` f64, 18 elements: 18 ok, 0 wrong");
}

#[track_caller]
fn assert_caught(fault: Fault, hint: &str) {
    let report = report(fault);
    assert!(!report.passed(), "{fault:?} was not caught");
    let found = report.hint.clone().unwrap_or_default();
    assert!(found.contains(hint), "{fault:?}: hint `{found}` in\n{report}");
}

#[test]
fn faults_are_caught_and_their_pattern_is_named() {
    assert_caught(Fault::MissingDivision, "analytic/numeric = 9.000000 everywhere: missing 1/n");
    assert_caught(Fault::FlippedSign, "a flipped sign");
    assert_caught(Fault::Factor, "a factor of 2");
    assert_caught(Fault::Transposed, "transposed");
    assert_caught(Fault::MissingTerm, "a missing term");
}

/// Within a longer program, the operation whose rule is wrong is told from those that are right.
#[test]
fn the_guilty_operation_is_named() {
    for (fault, what) in [
        (Fault::FlippedSign, "the message to input 0 is wrong"),
        (Fault::MissingTerm, "the message to input 1 is wrong"),
        (Fault::ForwardMode, "the push-forward of input 0 is wrong"),
    ] {
        let report = gradcheck(&[Tensor::from([0.3, -1.2]), Tensor::from([1.3, 0.2])], |x| {
            Var::apply(MeanProduct(fault), &[&x[0].tanh(), &x[1].exp()]).square() + x[0].sum()
        });
        let culprit = report.culprit.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(culprit.starts_with("node 4 `mean_product` (") && culprit.contains(what), "{report}");
    }
    assert_eq!(report(Fault::None).culprit, None);
}

#[test]
fn a_wrong_forward_rule_is_caught() {
    let report = report(Fault::ForwardMode);
    assert!(!report.passed() && report.faults[0].starts_with("forward mode: "), "{report}");
}

#[test]
fn a_pull_back_that_is_not_linear_is_caught() {
    let report = report(Fault::NotLinear);
    assert!(report.faults.iter().any(|fault| fault.contains("not linear in the cotangent")), "{report}");
}

#[test]
fn a_gradient_that_changes_is_called_nondeterministic() {
    let report = report(Fault::Restless);
    assert_eq!(report.count(Verdict::Nondeterministic), 18);
    assert!(!report.passed());
}

/// `a bᵀ` with the operands of one message exchanged: `aᵀ g` for `gᵀ a`, which are the same where `g` is `a`.
#[test]
fn inputs_drawn_from_the_seed_of_the_check_are_inputs_like_any_other() {
    let mut generator = ChaCha8Rng::seed_from_u64(Check::default().seed);
    let inputs = [(); 2].map(|()| Tensor::normal([3, 3], 0.0, 1.0, &mut generator));
    let report = gradcheck(&inputs, |x| {
        custom_vjp(
            "product",
            &[&x[0], &x[1]],
            |x| x[0].matmul(&x[1].transpose()),
            |at| {
                let g = at.cotangent();
                at.each(|i| if i == 0 { g.matmul(at.input(1)) } else { at.input(0).transpose().matmul(g) })
            },
        )
    });
    assert!(report.count(Verdict::Wrong) > 0, "{report}");
}

#[test]
fn a_kink_is_told_from_a_mistake() {
    let x = Tensor::from([[0.4, -0.3, 1.0], [0.7, 0.0, -2.0]]);
    let report = gradcheck(&[x], |x| x[0].relu() * 3.0).named("rectifier");
    assert_eq!((report.count(Verdict::Kink), report.count(Verdict::Wrong)), (1, 0));
    let element = &report.failures[0];
    assert_eq!((element.input, &element.index[..], element.analytic), (0, &[1, 1][..], 0.0));
    assert_eq!(element.node.as_deref(), Some("node 1 relu"));
    assert!((element.numeric.abs() - element.bar).abs() < 1e-9 * element.bar, "{report}");
    // Every element is there to be drawn.
    assert_eq!((report.shapes.clone(), report.checked.len()), (vec![vec![2, 3]], 6));
    assert_eq!(report.checked.iter().filter(|element| element.verdict == Verdict::Ok).count(), 5);
}

/// The texts that the specification of the views shows.
#[test]
fn reports_read_as_specified() {
    let place = |i: usize| if i == 7 { 0.0 } else { 0.3 + 0.1 * i as f64 };
    let rectified =
        gradcheck(&[Tensor::from_fn([8, 3], place)], |x| (x[0].clone() * 2.0 * 0.5).relu()).named("my_layer");
    let text = rectified.to_string();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("gradcheck `my_layer` f64, 24 elements: 23 ok, 1 kink, 0 wrong"));
    let kink = lines.next().unwrap();
    assert!(kink.starts_with("  in[0][2,1]   analytic 0   numeric "), "{text}");
    assert!(kink.ends_with("   node 3 relu changed side between x-h and x+h"), "{text}");
}

#[test]
fn reports_can_be_read_and_kept() {
    let report = report(Fault::MissingDivision);
    let text = report.to_string();
    assert!(
        text.starts_with(
            "gradcheck `mean_product`: 18 of 18 wrong, analytic/numeric = 9.000000 everywhere  -> missing 1/n"
        ),
        "{text}"
    );
    assert!(text.contains("\n  in[") && text.contains("and 8 more"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["failures"][0]["verdict"], "wrong");
    assert_eq!(json["elements"], 18);
}

#[test]
fn a_coarse_numeric_side_is_not_called_right() {
    // A thousand million times larger than what the derivative is asked of: differences drown in rounding.
    let report = Check { second_order: false, full: true, ..Check::default() }
        .run(&[Tensor::from([1.0])], |x| x[0].clone() * 1e-9 + 1e6);
    assert!(report.count(Verdict::Wrong) == 0, "{report}");
}

/// What is wrong with the operation below.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    None,
    Shape,
    Views,
    Single,
    Recording,
    Fused,
    Detached,
    ForwardMode,
    Refusing,
}

/// `y = x²`, with a flaw.
#[derive(Clone, Debug)]
struct Squared(Flaw);

impl<T: Real> Op<T> for Squared {
    fn name(&self) -> &'static str {
        "squared"
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        match self.0 {
            Flaw::Shape => Ok(Shape::from([x[0].elements()])),
            Flaw::Refusing => Err(Error::shape("it likes no shape", "use another")),
            _ => Ok(x[0]),
        }
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        match self.0 {
            // As if the numbers lay in order wherever they are.
            Flaw::Views => Tensor::from_fn(shape, |i| x[0].as_slice().map_or(T::ZERO, |x| x[i] * x[i])),
            Flaw::Single => x[0].square() * (T::from_f64(1e60) * T::from_f64(1e-60)),
            _ => x[0].square(),
        }
    }
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, autograd::ops::Few<Tensor<T>>) {
        let y = self.forward(x, shape);
        (if self.0 == Flaw::Recording { y + T::from_f64(1e-9) } else { y }, Default::default())
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let factor = T::from_f64(if self.0 == Flaw::Fused { 2.0 + 1e-9 } else { 2.0 });
        at.each(|_| at.cotangent() * at.input(0) * factor)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| at.cotangent().clone() * at.input(0) * T::from_f64(2.0))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let x = if self.0 == Flaw::Detached { at.input(0).detach() } else { at.input(0).clone() };
        let factor = T::from_f64(if self.0 == Flaw::ForwardMode { -2.0 } else { 2.0 });
        at.sum(|_, t| t.clone() * &x * factor)
    }
}

#[test]
fn one_call_checks_an_operation_in_every_way() {
    let x = || Tensor::from([[0.3, -1.2, 0.8], [1.1, 0.4, -0.6]]);
    let report = check_op(Squared(Flaw::None), &[x()]);
    assert!(report.passed(), "{report}");
    insta::assert_snapshot!(report, @"gradcheck `squared` f64, 6 elements: 6 ok, 0 wrong");
    for (flaw, expected) in [
        (Flaw::Shape, "it infers shape [6] and computes a value of shape [2, 3]"),
        (Flaw::Refusing, "it refuses these inputs: it likes no shape"),
        (Flaw::Views, "views of the same numbers give another value"),
        (Flaw::Single, "the value in f32 differs from that in f64"),
        (Flaw::Recording, "the value of a variable differs from what `forward` computes"),
        (Flaw::Fused, "the gradient of input 0 on tensors differs from the recorded one"),
        (Flaw::Detached, "second order: reverse over forward and forward over reverse differ by"),
        (Flaw::ForwardMode, "forward mode: "),
    ] {
        let report = check_op(Squared(flaw), &[x()]);
        assert!(!report.passed(), "{flaw:?} was not caught");
        assert!(report.faults.iter().any(|fault| fault.contains(expected)), "{flaw:?}: {report}");
        assert_eq!(report.name, "squared");
    }
    let report = check_op(Squared(Flaw::None), &[x(), x()]);
    assert_eq!(report.faults, ["it refuses these inputs: it takes 1 input, and got 2"]);
}

#[test]
fn the_faults_of_a_rule_are_found_by_the_one_call_too() {
    let a = || Tensor::from([[0.3, -1.2, 0.8], [1.1, 0.4, -0.6], [2.0, 0.7, 0.9]]);
    let b = || Tensor::from([[1.3, 0.2, -0.8], [0.5, -0.4, 1.6], [-0.3, 0.1, 1.9]]);
    let passed = |fault| check_op(MeanProduct(fault), &[a(), b()]).passed();
    assert!(passed(Fault::None));
    for fault in [
        Fault::MissingDivision,
        Fault::FlippedSign,
        Fault::Factor,
        Fault::Transposed,
        Fault::MissingTerm,
        Fault::ForwardMode,
        Fault::NotLinear,
        Fault::Restless,
    ] {
        assert!(!passed(fault), "{fault:?} was not caught");
    }
}
