//! Slope by nudging: `cargo run -p book --example 01_nudging`.

use book::page::{part, picture, short};
use book::pictures::{Axis, Chart};
use book::println;

// ANCHOR: nudge
/// How far `f` rises on the way from `x` to `x + h`, for each unit of the way.
fn one_sided(f: fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x)) / h
}

/// The same on the way from `x - h` to `x + h`, with `x` in the middle.
fn central(f: fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x + h) - f(x - h)) / (2.0 * h)
}
// ANCHOR_END: nudge

pub fn main() {
    part("01_square");
    println!("f(x) = x² at x = 3");
    for h in [1.0, 0.1, 0.01, 0.001] {
        println!("h = {h:<5}  slope {:.6}", one_sided(|x| x * x, 3.0, h));
    }

    part("01_table");
    let exact = 1.0_f64.cos();
    println!("f(x) = sin x at x = 1, the slope is cos 1 = {exact:.15}\n");
    println!("h        one-sided          error    central            error");
    let (mut one, mut both) = (Vec::new(), Vec::new());
    for digits in 1..=15 {
        let h = 10.0_f64.powi(-digits);
        let (left, middle) =
            (one_sided(f64::sin, 1.0, h), central(f64::sin, 1.0, h));
        let errors = [(left - exact).abs(), (middle - exact).abs()];
        println!(
            "{h:<7e}  {left:.15}  {:.0e}    {middle:.15}  {:.0e}",
            errors[0], errors[1]
        );
        one.push((h, errors[0]));
        both.push((h, errors[1]));
    }
    let smallest = |points: &[(f64, f64)]| {
        points.iter().copied().reduce(|a, b| if b.1 < a.1 { b } else { a })
    };
    for (name, points) in [("one-sided", &one), ("central", &both)] {
        if let Some((h, error)) = smallest(points) {
            println!("the best h, {name}: {h:e}, with an error of {error:.0e}");
        }
    }

    let u_curve = Chart::new(
        "The error of two slopes by nudging against the size of the nudge: both fall and then rise again",
        Axis::decades("size of the nudge h", -15, 0, 3),
        Axis::decades("error of the slope", -12, 0, 2),
    )
    .dotted_curve("one-sided", (1.5e-7, 3e-6), &one)
    .dotted_curve("central", (3e-3, 6e-8), &both)
    .note("rounding: worse on the left", (2e-13, 2e-2), "#444")
    .note("bending: worse on the right", (2e-6, 2e-2), "#444");
    picture("01_u_curve", u_curve.svg());

    part("01_cost");
    let mut calls = 0;
    let mut length = |x: &[f64]| {
        calls += 1;
        x.iter().map(|x| x * x).sum::<f64>().sqrt()
    };
    let (mut x, h) = (vec![1.0; 1000], 1e-5);
    let mut gradient = Vec::new();
    for i in 0..x.len() {
        x[i] += h;
        let above = length(&x);
        x[i] -= 2.0 * h;
        let below = length(&x);
        x[i] += h;
        gradient.push((above - below) / (2.0 * h));
    }
    println!(
        "{} inputs: slope by the first {}, {calls} calls",
        x.len(),
        short(gradient[0])
    );
}
