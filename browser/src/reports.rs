//! What a page shows besides its recording, if it is given.

use autograd::check::{Check, Report};
use autograd::inspect::{Kinks, Page, Snapshot, integrated_gradients, smooth_grad};
use nn::prelude::*;

/// A page with a gradient check that finds a kink, one that finds a missing factor, decisions that flipped, and two
/// attributions.
pub fn added(page: Page<'_>) -> Page<'_> {
    // A ring, seen by a detector of its upper half.
    let image = Tensor::<f64>::from_fn([8, 8], |i| ring(i / 8, i % 8));
    let half = Tensor::<f64>::from_fn([8, 8], |i| if i < 32 { 1.0 } else { -0.5 });
    let seen = move |x: &Var<f64>| (x * x.constant(&half)).sum().tanh();
    let dark = Tensor::zeros([8, 8]);
    page.with_check(&kinked())
        .with_check(&wrong())
        .with_kinks(&flipped())
        .with_attribution(&integrated_gradients(&seen, &image, &dark))
        .with_attribution(&smooth_grad(&seen, &image, 0.05, 50, 7))
}

fn ring(row: usize, column: usize) -> f64 {
    let distance = (row as f64 - 3.5).hypot(column as f64 - 3.5);
    if (distance - 2.5).abs() < 0.8 { 0.1 } else { 0.0 }
}

/// A rectifier at exactly 0, at the element in row 2 and column 1 of 8 × 3.
fn kinked() -> Report {
    let x = Tensor::from_fn([8, 3], |i| if i == 7 { 0.0 } else { 0.3 + 0.1 * i as f64 });
    let check = Check { full: true, ..Check::default() };
    check.run(&[x], |x| x[0].relu()).named("my_layer")
}

/// A mean whose derivative forgot the number of elements, by a value that is there twice.
fn wrong() -> Report {
    let x = Tensor::from_fn([4, 6], |i| 0.1 * i as f64);
    let check = Check { full: true, second_order: false, ..Check::default() };
    check.run(&[x], |x| x[0].sum() + (x[0].mean() - x[0].sum()).detach()).named("my_mean")
}

fn flipped() -> Kinks {
    let at = |x: f64| {
        let tape = Tape::<f64>::keeping();
        let _y = tape.var([-1.0, x]).named("x").relu();
        Snapshot::of(&tape)
    };
    at(-0.1).kinks(&at(0.1))
}
