//! Lesson 19, private learning: `cargo run --release --example privacy`.
//!
//! What a network learns may give away whom it learned from. DP-SGD (Abadi et al., 2016) bounds that: every row is in a step's
//! batch by chance alone, every row's own gradient is cut to a norm of at most `C`, and normal noise of deviation `σ C` is added
//! to their sum. So no single row can matter much, and how much is known: (ε, δ) says that whatever one sees of the network
//! is at most e^ε times as likely with a row as without it, up to δ.
//!
//! Look at: `backward_per_sample`, which gives the gradient of each row by one sweep; the norms before and after the cut; and
//! the price, accuracy over noise, in `target/privacy/noise.svg`.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, largest, mean};
use nn::data::{self, Dataset, Labelled};
use nn::prelude::*;
use rand::RngExt;
use std::error::Error;
use std::io;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "DP-SGD: gradients of single rows, clipped and noised")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// C, the largest norm of a row's gradient
    #[arg(long, default_value_t = 1.0)]
    clip: f64,
}

/// How likely a row is to be in a step's batch.
const RATE: f64 = 0.1;
/// The probability with which the promise may fail; less than one row in a thousand.
const DELTA: f64 = 1e-4;

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let (train, test) = data::digits().split_at(1437);
    let steps = course.pick(100, 300);
    println!("{} digits, {steps} steps of about {:.0} rows", train.len(), RATE * train.len() as f64);
    println!("noise σ       ε   accuracy on unseen writers");

    let noises: &[f64] = course.pick(&[0.0, 1.0], &[0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0]);
    let (mut curve, mut cut, mut uncut) = (Vec::new(), Vec::new(), Vec::new());
    for &noise in noises {
        let mut accuracies = Vec::new();
        for seed in course.seeds(5) {
            let (net, norms) = train_privately(&train, noise, steps, seed, options)?;
            accuracies
                .push(100.0 * metrics::accuracy(&metrics::argmax(&net.forward(test.inputs.clone())), &test.labels));
            uncut.push(norms[0]);
            cut.push(norms[1]);
        }
        let epsilon = epsilon(noise, steps, RATE, DELTA);
        println!("{noise:7.1} {epsilon:7.2}   {:.1} % (mean of {})", mean(&accuracies), accuracies.len());
        curve.push((noise, epsilon, mean(&accuracies)));
    }
    println!("largest norm of a row's gradient: {:.2} before the cut, {:.6} after", largest(&uncut), largest(&cut));

    let path = course::folder("privacy")?.join("noise.svg");
    let line = Series::line("digits by unseen writers", curve.iter().map(|&(noise, _, accuracy)| (noise, accuracy)));
    picture::chart(&path, "what privacy costs", ["noise σ, in clipped norms", "right, %"], &[line])?;
    println!("picture: {}", path.display());
    let net = net(&mut ChaCha8Rng::seed_from_u64(course.seed));
    course.inspect(|tape: &Tape| {
        net.forward(tape.constant(&train.inputs.slice(0, ..4))).cross_entropy(&train.labels[..4])
    })?;

    // The accountant against the example that Abadi et al. give.
    let published = epsilon(4.0, 10_000, 0.01, 1e-5);
    let mut outcome = Outcome::new("privacy", "digits, by unseen writers", course)
        .with(
            "ε of σ = 4, q = 0.01, 10,000 steps, δ = 1e-5, off the 1.26 of the paper by",
            (published - 1.26).abs(),
            Limit::AtMost(0.005),
        )
        .with("largest norm of a row's gradient, of its bound", largest(&cut) / options.clip, Limit::AtMost(1.0 + 1e-5))
        .with("no noise, rows clipped: accuracy, %", curve[0].2, Limit::AtLeast(course.pick(70.0, 85.0)));
    for &(noise, epsilon, accuracy) in &curve[1..] {
        let what = format!("noise {noise}, ε = {} at δ = {DELTA:e}: accuracy, %", course::short(epsilon));
        outcome = match noise == 1.0 {
            true => outcome.with(what, accuracy, Limit::AtLeast(course.pick(60.0, 80.0))),
            false => outcome.beside(what, accuracy),
        };
    }
    outcome.finish()
}

fn net(generator: &mut ChaCha8Rng) -> Sequential {
    Sequential::new().with(Linear::new(64, 32, generator)).with(Tanh).with(Linear::new(32, 10, generator))
}

/// Trains, and gives the largest norm that a row's gradient had before and after the cut.
fn train_privately(
    train: &Labelled,
    noise: f64,
    steps: u64,
    seed: u64,
    options: &Options,
) -> io::Result<(Sequential, [f64; 2])> {
    let (clip, mut watch) = (options.clip, options.course.watch_loop("privacy")?);
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut net = net(&mut generator);
    let (mut norms, expected) = ([0.0_f64; 2], RATE * train.len() as f64);
    for _ in 0..steps {
        // Every row is in by a throw of its own, so the size of a batch says nothing about anybody.
        let rows: Vec<usize> = (0..train.len()).filter(|_| generator.random_bool(RATE)).collect();
        let (x, labels) = train.batch(&rows);
        let tape = Tape::new();
        let losses = net.forward(tape.constant(&x)).cross_entropy_with(&labels, Reduction::None);
        let gradients = losses.backward_per_sample();
        // [rows, …] of each parameter, and of each row the norm over all of them.
        let each: Vec<Tensor> = net.parameters().iter().map(|(_, parameter)| gradients.of(*parameter)).collect();
        let flat: Vec<Tensor> = each.iter().map(|g| g.reshape([rows.len() as isize, -1])).collect();
        let all = Tensor::concat(&flat.iter().collect::<Vec<_>>(), 1);
        let norm = all.norm(2.0, 1);
        let shrink = (norm.maximum(&Tensor::scalar(clip as f32)).recip() * clip as f32).unsqueeze(1);
        let clipped = all * &shrink;
        let after = f64::from(clipped.norm(2.0, 1).max().item());
        assert!(after <= clip * (1.0 + 1e-5), "a row's gradient has norm {after}, over its bound {clip}");
        norms = [norms[0].max(f64::from(norm.max().item())), norms[1].max(after)];

        let sum = clipped.sum_axes(0);
        let noisy = &sum + Tensor::normal(sum.shape(), 0.0, noise * clip, &mut generator);
        let step = noisy * (0.5 / expected) as f32;
        // The long row of numbers back into the parameters' shapes.
        let sizes: Vec<usize> = net.values().iter().map(Tensor::elements).collect();
        let parts = step.split(&sizes, 0);
        let moved: Vec<Tensor> =
            net.values().iter().zip(parts).map(|(value, part)| value - part.reshape(value.shape())).collect();
        // The report shows the gradient that a step would have without cut and noise, beside the step that it is.
        let plain =
            watch.is_on().then(|| watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy(&labels)));
        net.set_values(&moved);
        if let Some((_, gradients)) = plain {
            watch.after_step(&net, &gradients);
        }
    }
    watch.finish()?;
    Ok((net, norms))
}

/// ε at δ after so many steps, each of which has a row with probability `q`: Rényi divergences of the subsampled Gaussian
/// mechanism at whole orders α, `1/(α−1) ln Σₖ C(α, k) (1−q)^(α−k) qᵏ e^(k(k−1)/2σ²)` a step, added up; the best of
/// `ε + ln(1/δ)/(α−1)`. Source: Mironov, Talwar and Zhang, 2019; Mironov, 2017.
fn epsilon(noise: f64, steps: u64, q: f64, delta: f64) -> f64 {
    if noise == 0.0 {
        return f64::INFINITY;
    }
    let at = |order: u32| {
        let alpha = f64::from(order);
        let mut binomial = 0.0; // The logarithm of C(α, k).
        let terms = (0..=order).map(|k| {
            let j = f64::from(k);
            if k > 0 {
                binomial += (alpha - j + 1.0).ln() - j.ln();
            }
            binomial + (alpha - j) * (1.0 - q).ln() + j * q.ln() + j * (j - 1.0) / (2.0 * noise * noise)
        });
        let terms: Vec<f64> = terms.collect();
        let most = largest(&terms);
        let sum = most + terms.iter().map(|term| (term - most).exp()).sum::<f64>().ln();
        steps as f64 * sum / (alpha - 1.0) - delta.ln() / (alpha - 1.0)
    };
    (2..=256).map(at).fold(f64::INFINITY, f64::min)
}
