//! Prove it, gradient checking: `cargo run -p book --example 07_checking`.

use autograd::check::gradcheck;
use autograd::prelude::*;
use book::page::{part, picture, short};
use book::pictures::{Axis, Chart};
use book::println;
use book::tiny::{Number, Op, Step, Tape, backward};

// ANCHOR: measured
/// The slope of `f` at `x` by nudging, and how far it may be off.
fn measured(f: impl Fn(f64) -> f64, x: f64) -> (f64, f64) {
    let h = f64::EPSILON.cbrt() * x.abs().max(1.0);
    let central = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
    let (near, far) = (central(h), central(2.0 * h));
    let bend = (far - near).abs(); // what a nudge twice as large changes
    let rounding = 3.0 * f64::EPSILON * f(x).abs() / h;
    (near + (near - far) / 3.0, bend + rounding)
}
// ANCHOR_END: measured

// ANCHOR: function
/// `tanh(x + x) + max(x, 0)`.
fn program<'t>(tape: &'t Tape, x: Number<'t>) -> Number<'t> {
    (x + x).tanh() + x.max(tape.input("zero", 0.0))
}

fn recorded(x: f64) -> (Vec<Step>, usize) {
    let tape = Tape::default();
    let result = program(&tape, tape.input("x", x));
    (tape.steps(), result.step)
}

fn value(x: f64) -> f64 {
    let (steps, result) = recorded(x);
    steps[result].value
}
// ANCHOR_END: function

fn analytic(x: f64) -> f64 {
    let (steps, result) = recorded(x);
    backward(&steps, result)[0]
}

/// What comes out if somebody takes `1 - y` for the slope of tanh.
fn with_a_wrong_rule(x: f64) -> f64 {
    let y = (2.0 * x).tanh();
    analytic(x) - 2.0 * (1.0 - y * y) + 2.0 * (1.0 - y)
}

// ANCHOR: decisions
/// Which input each maximum chose.
fn decisions(x: f64) -> Vec<(usize, bool)> {
    let (steps, _) = recorded(x);
    let maxima = steps.iter().enumerate().filter(|(_, step)| step.op == Op::Max);
    maxima
        .map(|(at, step)| {
            (at, steps[step.inputs[0]].value >= steps[step.inputs[1]].value)
        })
        .collect()
}

/// The step that decides otherwise a little to the left than a little to the right.
fn kink(x: f64) -> Option<usize> {
    let h = 2.0 * f64::EPSILON.cbrt() * x.abs().max(1.0);
    let (left, right) = (decisions(x - h), decisions(x + h));
    left.into_iter()
        .zip(right)
        .find(|(left, right)| left != right)
        .map(|((at, _), _)| at)
}
// ANCHOR_END: decisions

fn verdict(x: f64, claim: f64) -> String {
    let (slope, bar) = measured(value, x);
    match kink(x) {
        Some(at) => format!("kink at step {at}"),
        None if (claim - slope).abs() <= bar => "ok".to_string(),
        None => "WRONG".to_string(),
    }
}

// ANCHOR: wrong_rule
autograd::elementwise! {
    /// `x³`, with a slope that lost its 3.
    pub struct Cube;
    fn cube(self, x) { x * x * x }
    slope inputs { [x * x] }
}
// ANCHOR_END: wrong_rule

pub fn main() {
    let points: Vec<f64> = (-6..=6).map(|i| 0.25 * i as f64).collect();
    part("07_table");
    println!(
        "    x   backward   by nudging     +-       the engine       with a wrong rule"
    );
    for &x in &points {
        let (slope, bar) = measured(value, x);
        let (right, wrong) =
            (verdict(x, analytic(x)), verdict(x, with_a_wrong_rule(x)));
        println!(
            "{x:>5}   {:<8}   {slope:.9}   {bar:.0e}   {right:<14}   {wrong}",
            short(analytic(x))
        );
    }

    let smooth = |claim: fn(f64) -> f64| {
        let points = points.iter().filter(|&&x| kink(x).is_none());
        points
            .map(|&x| (x, (claim(x) - measured(value, x).0).abs().max(1e-15)))
            .collect::<Vec<_>>()
    };
    let bars: Vec<(f64, f64)> =
        points.iter().map(|&x| (x, measured(value, x).1)).collect();
    let (right, wrong) = (smooth(analytic), smooth(with_a_wrong_rule));
    let at_kink = [(0.0, (analytic(0.0) - measured(value, 0.0).0).abs())];
    let chart = Chart::new(
        "Differences between backward and nudging on a logarithmic scale: below the error bar where the rule is \
         right, far above it where it is wrong, and far above it at a kink",
        Axis::linear("x", (-1.5, 1.5), 0.5),
        Axis::decades("difference", -15, 1, 2),
    )
    .curve("error bar", (0.6, 4e-9), &bars)
    .dots("the engine", (0.6, 3e-13), &right)
    .dots("a wrong rule", (0.6, 4.0), &wrong)
    .dots("kink", (0.05, 0.4), &at_kink);
    picture("07_bars", chart.svg());

    part("07_library");
    library();
}

// ANCHOR: library
/// The library's check, on tensors: a right function, one with a kink, and one with
/// a wrong rule.
fn library() {
    let x = [Tensor::from([-0.5, 0.0, 2.0])];
    println!("{}\n", gradcheck(&x, |x| x[0].tanh().square()).named("smooth"));
    println!("{}\n", gradcheck(&x, |x| x[0].relu()).named("kinked"));
    println!("{}", gradcheck(&x, |x| x[0].map(Cube)).named("wrong"));
}
// ANCHOR_END: library
