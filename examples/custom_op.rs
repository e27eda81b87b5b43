//! Operations of one's own, and how to know that they are right: `cargo run --release --example custom_op`.
//!
//! What acts on each element by itself is a formula: one `elementwise!` block. Anything else is an `Op`: its name, its
//! shapes, how it computes, and how a cotangent is pulled back through it. Either has gradients of any order, forward mode
//! and a name in print from then on, and one call checks all of it. A rule that is wrong is named. Where the derivative
//! that one wants is not that of the value, `custom_vjp` takes both as closures.
//!
//! Two right rules pass and two wrong ones are caught, whatever the seed of the points that they are checked at (tried: 0
//! to 31).

use autograd::check::{Report, check_op};
use autograd::ops::custom::custom_vjp;
use autograd::ops::elementwise::Elementwise;
use autograd::ops::{Messages, Op, Pullback};
use autograd::prelude::*;
use autograd::transform::{grad, hessian, value_and_grad};
use clap::Parser;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::ops::RangeInclusive;

#[derive(Parser)]
#[command(about = "Adds operations to the engine, right ones and wrong ones, and has them checked")]
struct Options {
    /// Fixes the points at which the operations are checked
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// `a × b` of vectors along the last axis. With the cotangent `g`, `a ← b × g` and `b ← g × a`.
#[derive(Clone, Debug)]
struct Cross;

impl<T: Real> Op<T> for Cross {
    fn name(&self) -> &'static str {
        "cross"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        let fits = x[0] == x[1] && x[0].last() == Some(&3);
        if fits { Ok(x[0]) } else { Err(Error::shape("its inputs are not vectors in space", "give two of [.., 3]")) }
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        let turned = |v: &Tensor<T>, by: isize| Tensor::concat(&[&v.slice(-1, by..), &v.slice(-1, ..by)], -1);
        turned(x[0], 1) * turned(x[1], 2) - turned(x[0], 2) * turned(x[1], 1)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let g = at.cotangent();
        at.each(|i| if i == 0 { A::apply(Cross, &[at.input(1), g]) } else { A::apply(Cross, &[g, at.input(0)]) })
    }
    // Linear in each input, so that forward mode follows from the operation itself.
    fn is_multilinear(&self) -> bool {
        true
    }
}

/// The same, with the operands of one message exchanged: its sign is wrong.
#[derive(Clone, Debug)]
struct WrongCross;

impl<T: Real> Op<T> for WrongCross {
    fn name(&self) -> &'static str {
        "wrong_cross"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, x: &[Shape]) -> Result<Shape, Error> {
        Op::<T>::infer(&Cross, x)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        Cross.forward(x, shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let g = at.cotangent();
        at.each(|i| if i == 0 { A::apply(Cross, &[at.input(1), g]) } else { A::apply(Cross, &[at.input(0), g]) })
    }
    fn is_multilinear(&self) -> bool {
        true
    }
}

autograd::elementwise! {
    /// The energy of two atoms at a distance, after Lennard-Jones. Its slope is found by the engine.
    struct LennardJones { depth: f64, radius: f64 }
    fn lennard_jones(self, distance) {
        let attraction = (distance / self.radius).powi(-6);
        (attraction.square() - attraction) * (4.0 * self.depth)
    }
}

autograd::elementwise! {
    /// The same with a slope by hand, in which the inner derivative was forgotten.
    struct WrongLennardJones { depth: f64, radius: f64 }
    fn wrong_lennard_jones(self, distance) {
        let attraction = (distance / self.radius).powi(-6);
        (attraction.square() - attraction) * (4.0 * self.depth)
    }
    slope inputs {
        let attraction = (distance / self.radius).powi(-6);
        [(attraction * 2.0 - 1.0) * (4.0 * self.depth)]
    }
}

/// `ln(1 + eˣ)` as one writes it. Where `eˣ` overflows, so do the value and the two slopes of the chain rule.
fn naive(x: &Var<f64>) -> Var<f64> {
    x.exp().ln_1p()
}

/// The same in a form that holds, with its derivative in a form that holds.
fn stable(x: &Var<f64>) -> Var<f64> {
    custom_vjp("ln_1p_exp", &[x], |x| x[0].softplus(), |at| at.each(|_| at.cotangent() * at.input(0).sigmoid()))
}

/// The nearest integer, with the derivative of `y = x`: straight through. That of rounding is 0 and teaches nothing.
fn rounded(x: &Var<f64>) -> Var<f64> {
    custom_vjp("rounded", &[x], |x| x[0].round(), |at| at.each(|_| at.cotangent().clone()))
}

fn main() {
    let options = Options::parse();
    use_them();
    derivatives_of_ones_own();

    let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
    let vectors = [(); 2].map(|()| Tensor::normal([2, 3], 0.0, 1.0, &mut generator));
    let distances = [Tensor::uniform([4], 0.95, 2.5, &mut generator)];
    let formula = LennardJones { depth: 1.3, radius: 1.1 };
    let wrong_formula = WrongLennardJones { depth: 1.3, radius: 1.1 };

    let right = [check_op(Cross, &vectors), check_op(Elementwise(formula), &distances)];
    right.iter().for_each(|report| println!("{report}\n"));
    let wrong = [check_op(WrongCross, &vectors), check_op(Elementwise(wrong_formula), &distances)];
    wrong.iter().for_each(|report| println!("{report}\n"));

    let passed = right.iter().filter(|report| report.passed()).count();
    let named = wrong.iter().filter(|report| !report.passed() && names_itself(report)).count();
    println!(
        "right rules that pass: {passed} of {}; wrong ones caught by name: {named} of {}",
        right.len(),
        wrong.len()
    );
}

/// Once written, an operation is one like any other.
fn use_them() {
    println!("in print: {}", (cross(Symbol::letter("a", [3]), &Symbol::letter("b", [3])) * 2.0).sum());
    println!("of unit vectors: {}", cross(Tensor::from([1.0, 0.0, 0.0]), &Tensor::from([0.0, 1.0, 0.0])));
    // The length of a × b is an area. It grows fastest where b moves straight away from a.
    let (a, b) = (Tensor::from([2.0, 0.0, 0.0]), Tensor::from([1.0, 3.0, 0.0]));
    let slope = grad(|b: &Var<f64>| cross(b.constant(&a), b).norm(2.0, ..), &b);
    println!("how the area between (2, 0, 0) and (1, 3, 0) changes with the second: {slope}");

    // Where the force is 0 the energy is least: Newton's steps, by the formula's second derivative.
    let energy = |distance: &Var<f64>| distance.map(LennardJones { depth: 1.0, radius: 1.0 }).sum();
    let mut distance = Tensor::from([1.05]);
    for _ in 0..7 {
        distance = &distance - grad(energy, &distance) / hessian(energy, &distance).reshape([1]);
    }
    let closed_form = 2.0_f64.powf(1.0 / 6.0);
    println!("two atoms rest at {:.15}, in closed form {closed_form:.15}\n", distance.item());
}

fn derivatives_of_ones_own() {
    let x = Tensor::from([800.0]);
    let (value, slope) = value_and_grad(|x: &Var<f64>| naive(x).sum(), &x);
    println!("ln(1 + exp 800) as written: {value}, slope {slope}");
    let (value, slope) = value_and_grad(|x: &Var<f64>| stable(x).sum(), &x);
    println!("in the stable form: {value}, slope {slope}");

    // A weight that must be an integer, drawn to 3.
    let mut weight = Tensor::from([0.2]);
    let true_slope = grad(|w: &Var<f64>| (w.round() - 3.0).square().sum(), &weight);
    let mut steps = 0;
    while weight.round().item() != 3.0 && steps < 100 {
        weight = &weight - grad(|w: &Var<f64>| (rounded(w) - 3.0).square().sum(), &weight) * 0.1;
        steps += 1;
    }
    println!("a rounded weight: its slope is {true_slope}; straight through it goes from 0 to 3 in {steps} steps\n");
}

fn cross<A: Array<f64>>(a: A, b: &A) -> A {
    A::apply(Cross, &[&a, b])
}

/// Whether a report blames the operation that it is about.
fn names_itself(report: &Report) -> bool {
    report.culprit.as_ref().is_some_and(|culprit| culprit.op == report.name)
}
