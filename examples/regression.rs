//! Lesson 18, a forecast with its error bar: `cargo run --release --example regression`.
//!
//! A network with two outputs, the mean of a normal distribution and the logarithm of its variance, trained by the likelihood of
//! what was measured (Nix and Weigend, 1994). So it says how sure it is, row by row, and that can be checked: of the
//! intervals that should hold 90 % of new rows, how many do? Patients with diabetes and how their disease went on; red wines
//! and how they tasted; both in five folds, with features and targets standardised by the training rows of each.
//!
//! Look at: R², which is low, as it is for everybody on these data (linear regression: about 0.48 and 0.35), and the intervals,
//! which are honest about it all the same. That takes weight decay: a network that follows the rows it learns from too closely
//! is too sure of others, and without decay its 90 % intervals hold 87 % of them.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, largest, least, mean};
use nn::data::{self, Dataset, Measured, Split, Standard};
use nn::loss::GaussianNll;
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::Trainer;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Regression with error bars: diabetes and the quality of wine")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// Passes over the rows.
const EPOCHS: u64 = 60;

/// Mean and logarithm of the variance, `[n, features]` to `[n, 2]`: linear in the features, and a hidden layer beside it.
#[derive(Module)]
struct Forecast {
    linear: Linear,
    hidden: Linear,
    output: Linear,
}

impl Forecast {
    fn new(features: usize, generator: &mut ChaCha8Rng) -> Self {
        Forecast {
            linear: Linear::new(features, 2, generator),
            hidden: Linear::new(features, 8, generator),
            output: Linear::new(8, 2, generator),
        }
    }
}

impl Layer for Forecast {
    fn forward<A: Array>(&self, x: A) -> A {
        let bent = self.output.forward(self.hidden.forward(x.clone()).tanh());
        self.linear.forward(x) + bent
    }
}

fn likelihood<A: Array>(forecast: &A, target: &A) -> A {
    let (mean, log_variance) = (forecast.slice(1, ..1), forecast.slice(1, 1..));
    loss::gaussian_nll(&mean, target, &log_variance.exp(), GaussianNll::default(), Reduction::Mean)
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let mut outcome = Outcome::new("regression", "diabetes, quality of red wine", course);
    for (name, data, limit) in
        [("diabetes", data::diabetes(), Some(0.45)), ("wine quality", data::wine_quality(), None)]
    {
        println!("{name}: {} rows, {} features", data.len(), data.inputs.shape()[1]);
        let (mut determined, mut covered) = (Vec::new(), Vec::new());
        for seed in course.seeds(5) {
            let mut folds = Vec::new();
            for split in data::k_fold(data.len(), 5, seed)? {
                folds.push(judge(&data, &split, seed, course)?);
            }
            let r2 = mean(&folds.iter().map(|fold| fold.r2).collect::<Vec<_>>());
            let inside: usize = folds.iter().map(|fold| fold.inside).sum();
            let coverage = inside as f64 / data.len() as f64;
            let error = (coverage * (1.0 - coverage) / data.len() as f64).sqrt();
            println!(
                "  seed {seed}: R² {r2:.3} in five folds; {:.1} ± {:.1} % in their 90 % intervals",
                100.0 * coverage,
                100.0 * error
            );
            determined.push(r2);
            covered.push(100.0 * coverage);
            if seed == course.seed {
                draw(name, &folds[0])?;
            }
        }
        let what = format!("{name}: R² in five folds, mean of {}", determined.len());
        outcome = match limit {
            Some(limit) => outcome.with(what, mean(&determined), Limit::AtLeast(limit)),
            None => outcome.beside(what, mean(&determined)),
        };
        outcome = outcome
            .beside(format!("{name}: R² in five folds, worst"), least(&determined))
            .with(format!("{name}: % of rows in their 90 % interval, least"), least(&covered), Limit::AtLeast(85.0))
            .with(format!("{name}: % of rows in their 90 % interval, most"), largest(&covered), Limit::AtMost(95.0));
    }
    println!("pictures: {}/", course::folder("regression")?.display());
    outcome.finish()
}

/// What a fold came to on the rows that it did not learn from.
struct Fold {
    r2: f64,
    /// How many rows lie in their interval.
    inside: usize,
    /// Of each row: what was measured, its mean, and half the interval.
    rows: Vec<[f64; 3]>,
}

fn judge(data: &Measured, split: &Split, seed: u64, course: &Course) -> Result<Fold, Box<dyn Error>> {
    let (train, test) = (data.select(&split.train), data.select(&split.test));
    let (features, targets) = (Standard::of(&train.inputs)?, Standard::of(&train.targets)?);
    let scaled = Measured::new(features.apply(&train.inputs), targets.apply(&train.targets))?;
    let mut net = Forecast::new(data.inputs.shape()[1], &mut ChaCha8Rng::seed_from_u64(seed));
    let steps = EPOCHS * scaled.len().div_ceil(32) as u64;
    let trainer = Trainer::of_layer(AdamW::new(5e-3).with_weight_decay(1.0), |forecast, target: &Tensor| {
        likelihood(forecast, &forecast.constant(target))
    })
    .with_schedule(Cosine::new(5e-3, steps))
    .with_epochs(EPOCHS)
    .with_seed(seed);
    let mut trainer = course.watch("regression", trainer)?;
    trainer.fit(&mut net, &scaled)?;
    course.inspect(|tape: &Tape| {
        let (x, target) = scaled.batch(&[0, 1, 2, 3]);
        likelihood(&net.forward(tape.constant(&x)), &tape.constant(&target))
    })?;

    let forecast = trainer.predict(&net, &features.apply(&test.inputs))?;
    let means = targets.undo(&forecast.slice(1, ..1));
    let deviations = (forecast.slice(1, 1..) * 0.5).exp() * &targets.deviation;
    // 90 % of a normal distribution lie within 1.6449 standard deviations of its mean.
    let halves = deviations * 1.6449;
    let rows: Vec<[f64; 3]> = (test.targets.to_vec().into_iter())
        .zip(means.to_vec())
        .zip(halves.to_vec())
        .map(|((measured, mean), half)| [measured, mean, half].map(f64::from))
        .collect();
    let inside = rows.iter().filter(|[measured, mean, half]| (measured - mean).abs() <= *half).count();
    Ok(Fold { r2: metrics::r2(&means, &test.targets)?, inside, rows })
}

/// The rows of a fold by what was forecast for them.
fn draw(name: &str, fold: &Fold) -> Result<(), Box<dyn Error>> {
    let mut rows = fold.rows.clone();
    rows.sort_by(|a, b| a[1].total_cmp(&b[1]));
    let along = |of: fn(&[f64; 3]) -> f64| rows.iter().enumerate().map(move |(i, row)| (i as f64, of(row)));
    let series = [
        Series::line("mean", along(|row| row[1])),
        Series::points("measured", along(|row| row[0])),
        Series::line("upper end of 90 %", along(|row| row[1] + row[2])),
        Series::line("lower end of 90 %", along(|row| row[1] - row[2])),
    ];
    let path = course::folder("regression")?.join(format!("{}.svg", name.replace(' ', "-")));
    picture::chart(
        path,
        &format!("{name}: rows of one fold that it did not learn from"),
        ["row, in the order of its mean", name],
        &series,
    )
}
