//! Second derivatives three ways, and what they are good for: `cargo run --release --example hessian`.
//!
//! Rosenbrock's function `f(x, y) = (1 − x)² + 100 (y − x²)²` at (−1.2, 1): its gradient, its Hessian by reverse over
//! reverse, forward over reverse and reverse over forward, and Newton's steps to its minimum at (1, 1).

use autograd::prelude::*;
use autograd::transform::{hessian, value_and_grad};

/// Written once; what is fed in decides what happens.
fn rosenbrock<A: Array<f64>>(point: A) -> A {
    let (x, y) = (point.slice(0, 0..1), point.slice(0, 1..2));
    let valley = y - x.square();
    (x.rsub(1.0).square() + valley.square() * 100.0).sum()
}

/// The gradient's gradient: the backward sweep is recorded and swept again, once for each row.
fn reverse_over_reverse(point: &Tensor<f64>) -> Tensor<f64> {
    let x = Tape::new().var(point.clone());
    let slope = rosenbrock(x.clone()).backward_recorded().of(&x).or_zeros_on(&x);
    let row = |i: isize| slope.slice(0, i..i + 1).sum().backward().of(&x).or_zeros();
    Tensor::stack(&[&row(0), &row(1)], 0)
}

/// The backward sweep on duals: how the gradient changes along each axis.
fn forward_over_reverse(point: &Tensor<f64>) -> Tensor<f64> {
    hessian(|x: &Var<f64>| rosenbrock(x.clone()), point)
}

/// The gradient of a directional derivative, recorded as the tangent of a dual.
fn reverse_over_forward(point: &Tensor<f64>) -> Tensor<f64> {
    let row = |i: usize| {
        let x = Tape::new().var(point.clone());
        let axis = Tensor::from_fn([2], |j| if i == j { 1.0 } else { 0.0 });
        let moved = rosenbrock(Dual::new(x.clone(), x.constant(&axis))).tangent_or_zeros();
        moved.backward().of(&x).or_zeros()
    };
    Tensor::stack(&[&row(0), &row(1)], 0)
}

fn main() {
    let point = Tensor::from([-1.2, 1.0]);
    println!("f = {}", rosenbrock(Symbol::<f64>::letter("p", [2])));
    let (value, slope) = value_and_grad(|x: &Var<f64>| rosenbrock(x.clone()), &point);
    println!("at (-1.2, 1): f = {value:.1}, gradient {slope}");

    let ways = [
        ("reverse over reverse", reverse_over_reverse(&point)),
        ("forward over reverse", forward_over_reverse(&point)),
        ("reverse over forward", reverse_over_forward(&point)),
    ];
    for (name, matrix) in &ways {
        println!("\nHessian, {name}:\n{matrix}");
    }
    let apart = (&ways[0].1 - &ways[1].1).abs().maximum(&(&ways[0].1 - &ways[2].1).abs()).max().item();
    println!("\nlargest difference between the three: {apart:e}");

    println!("\nNewton's steps, p <- p - H⁻¹ g:");
    let mut point = point;
    for step in 0..=6 {
        let (value, slope) = value_and_grad(|x: &Var<f64>| rosenbrock(x.clone()), &point);
        println!("  {step}: p = {point:.10}, f = {value:.3e}");
        let (g, h) = (slope.to_vec(), forward_over_reverse(&point).to_vec());
        let determinant = h[0] * h[3] - h[1] * h[2];
        let solved = [(h[3] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[2] * g[0]) / determinant];
        point = point - Tensor::from(solved);
    }
}
