//! Gradients and Hessians against other people's code: hyper-dual numbers, and test functions of optimisation that come
//! with their derivatives.

use argmin_testfunctions as known;
use autograd::algebra::{Algebra, SmallDual};
use autograd::prelude::*;
use autograd::{scalar, transform};
use num_dual::{DualNum, HyperDual64};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Functions written once, for this crate's vocabulary and for that of `num-dual`.
macro_rules! functions {
    ($($name:ident $count:literal |$x:ident| $value:expr;)*) => {$(
        mod $name {
            use super::*;
            fn ours<A: Algebra>($x: &[A]) -> A { $value }
            fn theirs($x: &[HyperDual64]) -> HyperDual64 { $value }
            #[test]
            fn agrees() {
                let mut generator = ChaCha8Rng::seed_from_u64($count);
                for _ in 0..50 {
                    let x: Vec<f64> = (0..$count).map(|_| generator.random_range(0.2..1.8)).collect();
                    let (value, gradient) = scalar::gradient(|x| ours(x), &x);
                    for i in 0..$count {
                        for j in 0..$count {
                            let theirs = hyper(theirs, &x, i, j);
                            let size = 1.0 + theirs.re.abs() + theirs.eps1.abs() + theirs.eps1eps2.abs();
                            let close = |what: &str, a: f64, b: f64| {
                                assert!((a - b).abs() <= 1e-12 * size, "{what} at {x:?}: {a:e}, {b:e}");
                            };
                            close("value", value, theirs.re);
                            close("slope", gradient[i], theirs.eps1);
                            close("curvature", twice(ours, &x, i, j), theirs.eps1eps2);
                        }
                    }
                }
            }
        }
    )*};
}

/// Their value, ∂/∂xᵢ and ∂²/∂xᵢ∂xⱼ.
fn hyper(f: fn(&[HyperDual64]) -> HyperDual64, x: &[f64], i: usize, j: usize) -> HyperDual64 {
    let at = |k: usize, l: usize| f64::from(u8::from(k == l));
    let moving: Vec<HyperDual64> =
        x.iter().enumerate().map(|(k, &x)| HyperDual64::new(x, at(k, i), at(k, j), 0.0)).collect();
    f(&moving)
}

/// A dual of duals.
type Nested = SmallDual<SmallDual<f64, 1>, 1>;

/// Our ∂²/∂xᵢ∂xⱼ.
fn twice(f: fn(&[Nested]) -> Nested, x: &[f64], i: usize, j: usize) -> f64 {
    let at = |k: usize, l: usize| f64::from(u8::from(k == l));
    let moving: Vec<_> = x
        .iter()
        .enumerate()
        .map(|(k, &x)| SmallDual {
            value: SmallDual { value: x, slope: [at(k, i)] },
            slope: [SmallDual { value: at(k, j), slope: [0.0] }],
        })
        .collect();
    f(&moving).slope[0].slope[0]
}

functions! {
    products 3 |x| x[0] * x[1] * x[2] + x[0] / x[1] - x[2] * 0.3;
    exponentials 2 |x| (x[0] * x[1]).exp() + (x[0] + x[1]).ln() * x[1].exp_m1() - x[0].ln_1p();
    waves 2 |x| (x[0] * 3.0).sin() * x[1].cos() + (x[0] - x[1]).tanh();
    powers 2 |x| x[0].powi(3) * x[1].sqrt() + x[0].powi(-2) + (x[0] + x[1]).powf(1.7) + x[1].recip();
    deep 4 |x| ((x[0] * x[1]).sin() + (x[2] * x[3]).exp()).sqrt() / (x[0] * x[0] + x[3].ln_1p() + 1.0);
}

/// The gradient and the Hessian of a tensor program against known ones, at random points.
fn agree(
    name: &str,
    ours: impl Fn(&Var<f64>) -> Var<f64>,
    value: impl Fn(&[f64]) -> f64,
    gradient: impl Fn(&[f64]) -> Vec<f64>,
    hessian: impl Fn(&[f64]) -> Vec<Vec<f64>>,
    n: usize,
) {
    let mut generator = ChaCha8Rng::seed_from_u64(n as u64);
    for _ in 0..20 {
        let x: Vec<f64> = (0..n).map(|_| generator.random_range(-2.0..2.0)).collect();
        let point = Tensor::from_vec(x.clone(), [n]);
        let (got, slope) = transform::value_and_grad(&ours, &point);
        let curvature = transform::hessian(&ours, &point);
        let wanted = [vec![value(&x)], gradient(&x), hessian(&x).concat()];
        for (got, want) in [vec![got], slope.to_vec(), curvature.to_vec()].into_iter().zip(wanted) {
            let size = want.iter().fold(1.0, |m: f64, v| m.max(v.abs()));
            for (got, want) in got.iter().zip(&want) {
                assert!((got - want).abs() <= 1e-11 * size, "{name} at {x:?}: got {got:e}, want {want:e}");
            }
        }
    }
}

#[test]
fn rosenbrock() {
    let ours = |x: &Var<f64>| {
        let (a, b) = (x.slice(0, ..-1), x.slice(0, 1..));
        ((b - a.square()).square() * 100.0 + (1.0 - a).square()).sum()
    };
    for n in [2, 3, 7] {
        agree("rosenbrock", ours, known::rosenbrock, known::rosenbrock_derivative, known::rosenbrock_hessian, n);
    }
}

#[test]
fn rastrigin() {
    let tau = std::f64::consts::TAU;
    let ours = |x: &Var<f64>| (x.square() - (x * tau).cos() * 10.0 + 10.0).sum();
    for n in [1, 4] {
        agree("rastrigin", ours, known::rastrigin, known::rastrigin_derivative, known::rastrigin_hessian, n);
    }
}

#[test]
fn ackley() {
    let tau = std::f64::consts::TAU;
    let ours = |x: &Var<f64>| {
        let hole = (x.square().mean().sqrt() * -0.2).exp() * 20.0;
        let ripples = (x * tau).cos().mean().exp();
        -hole - ripples + 20.0 + std::f64::consts::E
    };
    for n in [2, 5] {
        agree("ackley", ours, known::ackley, known::ackley_derivative, known::ackley_hessian, n);
    }
}

#[test]
fn styblinski_and_tang() {
    let ours = |x: &Var<f64>| ((x.powi(4) - x.square() * 16.0 + x * 5.0) * 0.5).sum();
    agree(
        "styblinski tang",
        ours,
        known::styblinski_tang,
        known::styblinski_tang_derivative,
        known::styblinski_tang_hessian,
        4,
    );
}

#[test]
fn himmelblau() {
    let ours = |x: &Var<f64>| {
        let (a, b) = (x.slice(0, ..1), x.slice(0, 1..));
        ((a.square() + &b - 11.0).square() + (&a + b.square() - 7.0).square()).sum()
    };
    let pair = |x: &[f64]| [x[0], x[1]];
    agree(
        "himmelblau",
        ours,
        |x| known::himmelblau(&pair(x)),
        |x| known::himmelblau_derivative(&pair(x)).to_vec(),
        |x| known::himmelblau_hessian(&pair(x)).iter().map(|row| row.to_vec()).collect(),
        2,
    );
}
