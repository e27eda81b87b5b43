//! A pendulum's parameters, found through an integrator: `cargo run --release --example pendulum`.
//!
//! A damped pendulum obeys `θ″ = −(g/L) sin θ − c θ′`. Its angle is measured a hundred times, with noise, and `g/L`, `c` and
//! how it started are fitted to that: the classical Runge–Kutta rule is a program like any other, so its derivatives come
//! from the same sweeps as a network's. Backwards through all steps, a tape must remember them; recomputed segments
//! remember where each began. The Gauss–Newton Hessian says how far off the fit should be, and over many noises it is.
//!
//! Seen at the seeds 1000 to 1399: 1,529 of 1,600 parameters within two standard errors of the true value, which is 95.6 %
//! where 95.4 % are expected, and every fit arrived. The parameters of one fit go together, so that eight fits scatter: at
//! the seeds 0 to 63, 28 to 32 of 32, and root mean squares from 0.80 to 1.34.

#[path = "fit/levenberg_marquardt.rs"]
mod levenberg_marquardt;

use autograd::check::gradcheck;
use autograd::prelude::*;
use autograd::transform::{jacobian, jvp};
use clap::Parser;
use levenberg_marquardt::fit;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Finds the parameters of a damped pendulum from noisy angles, through a Runge–Kutta integrator")]
struct Options {
    /// Fixes the noise of the first fit; each further one has the next seed
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Fits, each to a noise of its own
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1000))]
    fits: u64,
    /// The noise of an angle, in radians
    #[arg(long, default_value_t = 0.02, allow_negative_numbers = true)]
    noise: f64,
}

/// Angles measured, the time between two of them in seconds, and the steps of the integrator that it takes.
const ANGLES: usize = 100;
const BETWEEN: f64 = 0.1;
const STEPS: usize = 4;

const NAMES: [&str; 4] = ["g/L, 1/s²", "damping, 1/s", "first angle", "first speed, 1/s"];
const TRUE: [f64; 4] = [9.81, 0.15, 2.0, 0.0];
const GUESS: [f64; 4] = [8.0, 0.0, 1.5, 0.0];

/// What makes one pendulum move unlike another. Each of shape `[1]`.
struct Pendulum<A> {
    stiffness: A,
    damping: A,
}

impl<A: Array<f64>> Pendulum<A> {
    /// How angle and speed change: `(θ′, −(g/L) sin θ − c θ′)`.
    fn change(&self, [angle, speed]: &[A; 2]) -> [A; 2] {
        [speed.clone(), -(angle.sin() * &self.stiffness + speed.clone() * &self.damping)]
    }

    /// Angle and speed after the time `h`, by the classical Runge–Kutta rule: an error of `h⁵`.
    fn step(&self, state: [A; 2], h: f64) -> [A; 2] {
        let moved = |along: &[A; 2], h: f64| [0, 1].map(|i| along[i].clone() * h + &state[i]);
        let first = self.change(&state);
        let second = self.change(&moved(&first, h / 2.0));
        let third = self.change(&moved(&second, h / 2.0));
        let fourth = self.change(&moved(&third, h));
        let mean = [0, 1].map(|i| (first[i].clone() + &fourth[i] + (second[i].clone() + &third[i]) * 2.0) / 6.0);
        moved(&mean, h)
    }
}

/// The angles at all times of measurement, shape `[100]`, of a pendulum with these four parameters, shape `[4]`. What lies
/// between two measurements is remembered or computed again.
fn angles<A: Array<f64>>(parameters: &A, recompute: bool) -> A {
    let mut each = parameters.split(&[1; 4], 0).into_iter();
    let mut next = || each.next().unwrap_or_else(|| unreachable!("there are four"));
    let pendulum = Pendulum { stiffness: next(), damping: next() };
    let mut state = [next(), next()];
    let mut seen = Vec::with_capacity(ANGLES);
    for _ in 0..ANGLES {
        let [angle, speed] = state;
        let run =
            |angle| (0..STEPS).fold([angle, speed.clone()], |state, _| pendulum.step(state, BETWEEN / STEPS as f64));
        state = if recompute { angle.recompute(run) } else { run(angle) };
        seen.push(state[0].clone());
    }
    A::concat(&seen.iter().collect::<Vec<_>>(), 0)
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    if !(options.noise > 0.0 && options.noise < 1.0) {
        return Err(format!("a noise of {} radians\n  help: give one between 0 and 1", options.noise).into());
    }
    let (truth, guess) = (Tensor::from(TRUE), Tensor::from(GUESS));
    let measured = |seed: u64| {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        angles(&truth, false) + Tensor::normal([ANGLES], 0.0, options.noise, &mut generator)
    };
    check(&guess, &measured(options.seed));

    let mut distances = Vec::new();
    println!("seed  Jacobians   noise{}", NAMES.map(|name| format!("{name:>20}")).concat());
    println!("true           {:8.4}{}", options.noise, TRUE.map(|value| format!("{value:>11.4}         ")).concat());
    for seed in options.seed..options.seed.saturating_add(options.fits) {
        let y = measured(seed);
        let found = fit(|p| angles(p, false) - p.constant(&y), &guess, 100)?;
        let (values, errors) = (found.parameters.to_vec(), found.standard_errors.to_vec());
        let noise = (found.sum_of_squares / (ANGLES - TRUE.len()) as f64).sqrt();
        let shown: String = values.iter().zip(&errors).map(|(v, e)| format!("{v:>11.4} ± {e:.4}")).collect();
        let end = if found.converged { "" } else { "  (stopped)" };
        println!("{seed:4} {:10}{noise:8.4}{shown}{end}", found.iterations);
        distances.extend(values.iter().zip(&errors).zip(TRUE).map(|((v, e), truth)| (v - truth) / e));
    }
    let within = distances.iter().filter(|distance| distance.abs() < 2.0).count();
    let mean_square = distances.iter().map(|distance| distance * distance).sum::<f64>() / distances.len() as f64;
    println!(
        "within two standard errors of the true value: {within} of {} (95.4 % expected); root mean square: {:.2} (1 expected)",
        distances.len(),
        mean_square.sqrt()
    );
    Ok(())
}

/// The gradient through the whole integration: with and without recomputation, against forward mode and differences.
fn check(at: &Tensor<f64>, measured: &Tensor<f64>) {
    let loss = |p: &Var<f64>, recompute| (angles(p, recompute) - p.constant(measured)).square().sum();
    let gradient = |recompute| {
        let tape = Tape::new();
        let p = tape.var(at.clone());
        let gradient = loss(&p, recompute).backward().of(&p).or_zeros();
        (gradient, tape)
    };
    let ((plain, tape), (again, segments)) = (gradient(false), gradient(true));
    let saved = segments.recomputation();
    println!("{} Runge–Kutta steps, {} operations on the tape", ANGLES * STEPS, tape.len());
    println!("recomputed: {saved}; the same gradient to the bit: {}", plain.to_vec() == again.to_vec());
    let residuals = |p: &Var<f64>| angles(p, false) - p.constant(measured);
    let by_columns = jacobian(residuals, at).transpose().matmul(&jvp(residuals, at, at).0) * 2.0;
    let apart = (&by_columns - &plain).abs().max().item() / plain.abs().max().item();
    println!("backwards {plain}, by the columns of forward mode the same to {apart:.0e}");
    println!(
        "{}\n",
        gradcheck(std::slice::from_ref(at), |p| loss(&p[0], true)).named("the loss, through the integrator")
    );
}
