//! A mixture of Gaussians fitted by its likelihood: `cargo run --release --example mixture`.
//!
//! Points are drawn from a mixture that is known, and its weights, means and covariances are found again by Adam on the log
//! density, in the free parameters of `mixture/density.rs`. (The tests hold that program and its gradient against the
//! benchmark ADBench.) A fit must come out more likely than the truth on the points that it saw and less on new ones. By
//! how much is known (Wilks, 1938): twice the logarithm of the ratio is spread as χ² with as many degrees of freedom as
//! there are free numbers, 17 here, so it is 17 ± 6 on the points it saw, and minus that, ± 10, on new ones. A picture goes
//! to `target/mixture/`.
//!
//! Seen at the seeds 0 to 31: 15.2 ± 6.0 on its points (from 4.0 to 29.2), -15.2 ± 10.8 on new ones.

#[path = "mixture/density.rs"]
mod density;
#[path = "mixture/picture.rs"]
mod picture;

use autograd::check::gradcheck;
use clap::Parser;
use density::Mixture;
use nn::prelude::*;
use rand::RngExt;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Fits a mixture of Gaussians by gradients of its log density")]
struct Options {
    /// Fixes the points and where the fits start
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many points are drawn
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(100..=100_000))]
    points: u64,
    /// Fits from different points; the most likely one counts
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    starts: u64,
    /// Steps of Adam of each
    #[arg(long, default_value_t = 400)]
    steps: u64,
}

/// The prior that keeps a component from shrinking onto a single point; on others it has no weight to speak of.
const GAMMA: f64 = 0.01;

/// A mixture whose numbers are trained.
#[derive(Module)]
#[module(real = "f64")]
struct Fit {
    logits: Param<f64>,
    means: Param<f64>,
    factors: Param<f64>,
}

impl Fit {
    fn new(at: Mixture<Tensor<f64>>) -> Self {
        let [logits, means, factors] = [at.logits, at.means, at.factors].map(Param::new);
        Fit { logits, means, factors }
    }

    fn mixture<A: Array<f64>>(&self, door: &A) -> Mixture<A> {
        let [logits, means, factors] = [&self.logits, &self.means, &self.factors].map(|part| door.param(part));
        Mixture { logits, means, factors }
    }

    /// What is made small: minus the log density of the mean point, and the prior.
    fn loss<A: Array<f64>>(&self, door: &A, points: &Tensor<f64>) -> A {
        let mixture = self.mixture(door);
        mixture.penalty(GAMMA, 0.0) / points.shape()[0] as f64 - mixture.log_density(points).mean()
    }
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
    let truth = Mixture {
        logits: Tensor::from([0.5_f64.ln(), 0.3_f64.ln(), 0.2_f64.ln()]),
        means: Tensor::from([[-2.0, 0.0], [2.0, 1.0], [0.5, -3.0]]),
        factors: Tensor::from([[0.0, -0.3, 0.6], [0.4, 0.2, -0.5], [-0.2, 0.5, 0.0]]),
    };
    let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
    let count = options.points as usize;
    let [points, new_points] = [(); 2].map(|()| draw(&truth, count, &mut generator));

    let fits = (0..options.starts).map(|start| {
        let fit = train(&points, options.steps, &mut generator);
        let likelihood = mean_log_density(&fit.mixture(&points), &points);
        println!("start {start}: log density of the mean point {likelihood:.6}");
        (fit, likelihood)
    });
    let best = fits.reduce(|best, fit| if fit.1 > best.1 { fit } else { best });
    let Some((fit, _)) = best else { return Err("no start".into()) };

    let report = gradcheck(&fit.values(), |x| {
        fit.bind(x);
        fit.loss(&x[0], &points)
    });
    println!("\n{}\n", report.named("the loss at the best fit"));

    let found = fit.mixture(&points);
    let order = nearest(&truth.means, &found.means);
    println!("          weight          mean             covariance");
    for (component, &number) in order.iter().enumerate() {
        print_component(&format!("{component} true "), &truth, component);
        print_component("  found", &found, number);
    }
    println!("picture: {}", picture::write("target/mixture", &points, &truth, &found)?.display());
    let [seen, unseen] =
        [&points, &new_points].map(|points| mean_log_density(&found, points) - mean_log_density(&truth, points));
    println!("\nlog density of the mean point, less the truth's: {seen:.4} on points it saw, {unseen:.4} on new ones");
    let [seen, unseen] = [seen, unseen].map(|more| 2.0 * count as f64 * more);
    let free = fit.parameter_count() - 1; // Weights add up to 1.
    println!(
        "twice the log likelihood ratio to the truth: {seen:.1} on its points, {unseen:.1} on new ones ({free} and -{free} expected)"
    );
    Ok(())
}

/// Points from a mixture of plane Gaussians: the solution `x` of `Q (x − μ) = z` for a standard normal `z`.
fn draw(mixture: &Mixture<Tensor<f64>>, count: usize, generator: &mut ChaCha8Rng) -> Tensor<f64> {
    let (weights, means) = (mixture.logits.softmax(0).to_vec(), mixture.means.to_vec());
    let q = mixture.triangles().to_vec();
    let normal = Tensor::<f64>::normal([count, 2], 0.0, 1.0, generator).to_vec();
    let mut points = Vec::with_capacity(2 * count);
    for z in normal.chunks(2) {
        let (mut share, mut c) = (generator.random::<f64>(), 0);
        while c + 1 < weights.len() && share > weights[c] {
            share -= weights[c];
            c += 1;
        }
        points.extend(picture::placed(&means[2 * c..], &q[4 * c..], [z[0], z[1]]));
    }
    Tensor::from_vec(points, [count, 2])
}

/// A fit from a random start: three of the points as means, all else 0.
fn train(points: &Tensor<f64>, steps: u64, generator: &mut ChaCha8Rng) -> Fit {
    let chosen: Vec<usize> = (0..3).map(|_| generator.random_range(0..points.shape()[0])).collect();
    let means = points.index_select(0, chosen);
    let mut fit = Fit::new(Mixture { logits: Tensor::zeros([3]), means, factors: Tensor::zeros([3, 3]) });
    let mut optimizer = Adam::new(0.1);
    for step in 0..steps {
        let progress = step as f64 / steps as f64;
        optimizer.set_learning_rate(0.05 * (1.0 + (std::f64::consts::PI * progress).cos()));
        let (_, gradients) = gradient(|tape| fit.loss(&tape.constant(points), points));
        optimizer.step(&mut fit, &gradients);
    }
    fit
}

fn mean_log_density(mixture: &Mixture<Tensor<f64>>, points: &Tensor<f64>) -> f64 {
    mixture.log_density(points).mean().item()
}

/// For each true mean the number of the nearest one that was found.
fn nearest(truth: &Tensor<f64>, found: &Tensor<f64>) -> Vec<usize> {
    nn::metrics::argmax(&-truth.cdist(found))
}

fn print_component(name: &str, mixture: &Mixture<Tensor<f64>>, c: usize) {
    let (weights, means, q) = (mixture.logits.softmax(0), mixture.means.to_vec(), mixture.triangles().to_vec());
    // The inverse of QᵀQ, by that of the triangle Q.
    let (a, b, d) = (q[4 * c], q[4 * c + 2], q[4 * c + 3]);
    let (xx, xy, yy) = (1.0 / (a * a), -b / (a * a * d), (1.0 + (b / a).powi(2)) / (d * d));
    println!(
        "{name}   {:.3}   ({:6.3}, {:6.3})   [{xx:6.3} {xy:6.3}; {xy:6.3} {yy:6.3}]",
        weights.to_vec()[c],
        means[2 * c],
        means[2 * c + 1],
    );
}
