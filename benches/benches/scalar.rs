//! The scalar tape: how many times the cost of a function its gradient costs.
//!
//! `cargo bench --bench scalar [name…]` prints the time of each function, of its gradient (recorded anew each time),
//! and their ratio; last, the geometric mean of the seven ratios. Each gradient is checked before it is timed.

#[path = "scalar/problems.rs"]
mod problems;

use autograd::scalar::Tape;
use benches::{HEADER, Timing, measure, print_row};
use problems::{Bundle, Mixture, Network, Problem, Recurrent, Rosenbrock, Speelpenning, Uniform, residual};
use std::hint::black_box;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|chosen| name.contains(chosen));
    println!("{HEADER}");
    let mut ratios = Vec::new();
    let mut run = |name: &str, counts: bool, times: &dyn Fn(&str) -> Timing| {
        if wanted(name) {
            let ratio = times(name);
            ratios.extend(counts.then_some(ratio));
        }
    };
    run("speelpenning_1e5", true, &|name| gradient(name, &Speelpenning::new(100_000)));
    run("speelpenning_1e6", false, &|name| gradient(name, &Speelpenning::new(1_000_000)));
    run("rosenbrock_1e5", true, &|name| gradient(name, &Rosenbrock::new(100_000)));
    run("rosenbrock_1e6", false, &|name| gradient(name, &Rosenbrock::new(1_000_000)));
    run("gmm_d10_k25_n1000", true, &|name| gradient(name, &Mixture::new(10, 25, 1000)));
    run("mlp_2_16_16_1", true, &|name| gradient(name, &Network::new()));
    run("lstm_l2_c1024_b14", true, &|name| gradient(name, &Recurrent::new(2, 1024, 14)));
    run("ba_gradient", true, &|name| gradient(name, &Bundle::new(49, 7776, 31_843)));
    run("ba_jacobian", true, &|name| bundle_jacobian(name, &Bundle::new(49, 7776, 31_843)));
    if ratios.len() == 7 {
        let mean = |part: fn(&Timing) -> f64| (ratios.iter().map(|r| part(r).ln()).sum::<f64>() / 7.0).exp();
        print_row("all", "ratio_geometric_mean", 1, mean(|r| r.median), mean(|r| r.best), "ratio");
    }
}

/// Prints the rows of a function and its derivative; returns the ratio.
fn report(name: &str, [primal, gradient]: [Timing; 2]) -> Timing {
    primal.print(name, "primal", 1);
    gradient.print(name, "gradient", 1);
    let ratio = Timing { median: gradient.median / primal.median, best: gradient.best / primal.best };
    print_row(name, "ratio", 1, ratio.median, ratio.best, "ratio");
    ratio
}

fn gradient(name: &str, problem: &impl Problem) -> Timing {
    let x = problem.point();
    let (mut tape, mut slope) = (Tape::new(), vec![0.0; x.len()]);
    tape.gradient(x, &mut slope, |x| problem.value(x));
    check(name, x, |x| problem.value(x), &slope);
    report(
        name,
        measure([
            &mut || {
                black_box(problem.value(black_box(x)));
            },
            &mut || {
                tape.gradient(black_box(x), &mut slope, |x| problem.value(x));
                black_box(&slope);
            },
        ]),
    )
}

/// A 2 × 15 Jacobian for each observation, on a tape of its own.
fn bundle_jacobian(name: &str, bundle: &Bundle) -> Timing {
    let mut tape = Tape::new();
    let mut jacobians = vec![[[0.0; 2]; 15]; bundle.features.len()];
    let arguments = |i: usize| {
        let (camera, point, weight) = bundle.observation(bundle.point(), i);
        let mut arguments = [weight; 15];
        arguments[..11].copy_from_slice(camera);
        arguments[11..14].copy_from_slice(point);
        arguments
    };
    let mut differentiate = |jacobians: &mut Vec<[[f64; 2]; 15]>| {
        for (i, (slopes, &feature)) in jacobians.iter_mut().zip(&bundle.features).enumerate() {
            tape.jacobian(&arguments(i), slopes, |x| residual(&x[..11], &x[11..14], x[14], feature));
        }
    };
    differentiate(&mut jacobians);
    for (i, (slopes, &feature)) in jacobians.iter().zip(&bundle.features).enumerate().step_by(1000) {
        for k in 0..2 {
            let value = |x: &[f64]| residual(&x[..11], &x[11..14], x[14], feature)[k];
            check(name, &arguments(i), value, &slopes.map(|row| row[k]));
        }
    }
    report(
        name,
        measure([
            &mut || {
                let mut sum = 0.0;
                for (i, &feature) in bundle.features.iter().enumerate() {
                    let (camera, point, weight) = bundle.observation(black_box(bundle.point()), i);
                    let [u, v] = residual(camera, point, weight, feature);
                    sum += u + v;
                }
                black_box(sum);
            },
            &mut || {
                differentiate(&mut jacobians);
                black_box(&jacobians);
            },
        ]),
    )
}

/// Compares a gradient with extrapolated central differences along a random direction.
fn check(name: &str, x: &[f64], f: impl Fn(&[f64]) -> f64, gradient: &[f64]) {
    let direction = Uniform(1).take(x.len(), -1.0, 1.0);
    let along = |h: f64| {
        let at = |h: f64| f(&x.iter().zip(&direction).map(|(x, d)| x + h * d).collect::<Vec<_>>());
        (at(h) - at(-h)) / (2.0 * h)
    };
    let numeric = (4.0 * along(1e-6) - along(2e-6)) / 3.0;
    let exact: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
    let size: f64 = gradient.iter().zip(&direction).map(|(g, d)| (g * d).abs()).sum();
    assert!((exact - numeric).abs() <= 1e-6 * size, "{name}: gradient {exact}, differences {numeric}");
}
