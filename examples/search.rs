//! Good settings by search: `cargo run --release --example search`.
//!
//! How large should the learning rate be, how wide the net, how much decay? Three samplers get the same number of trials, each a
//! net that is trained on some rows and judged on others: a grid, which spends most trials on settings that do not matter;
//! random places, which try as many values of each setting as there are trials; and a Bayesian one (TPE), which looks where good
//! trials were. Trials run side by side, and are noted in files under `target/search/`: stop the program and start it again with
//! `--keep`, and it goes on where it was.
//!
//! What to look at: `target/search/wine.svg` and `breast_cancer.svg`, the best loss so far, in the mean of ten studies.

#[path = "course/mod.rs"]
mod course;

use autograd::inspect::Snapshot;
use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, folder, mean};
use nn::data::{self, Labelled, Standard, batches, stratified_k_fold};
use nn::prelude::*;
use nn::search::{Found, Grid, Random, Sampler, Setting, Space, Study, Tpe, Trial};
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Searches settings by a grid, at random, and by a Bayesian sampler, with the same number of trials")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// Goes on with the trials that are noted, instead of beginning again
    #[arg(long)]
    keep: bool,
}

/// What is searched, with a handle for each value.
struct Wanted {
    space: Space,
    rate: Setting<f64>,
    hidden: Setting<usize>,
    decay: Setting<f64>,
    momentum: Setting<f64>,
    size: Setting<usize>,
    bend: Setting<Bend>,
}

#[derive(Clone, Copy, Debug)]
enum Bend {
    Relu,
    Tanh,
    Sigmoid,
}

impl Wanted {
    fn new() -> Self {
        let mut space = Space::new();
        Wanted {
            rate: space.log("rate", 1e-5..=10.0),
            hidden: space.whole("hidden", 2..=64),
            decay: space.log("decay", 1e-6..=1.0),
            momentum: space.linear("momentum", 0.0..=0.99),
            size: space.choice("batch size", [8, 16, 32, 64]),
            bend: space.choice("activation", [Bend::Relu, Bend::Tanh, Bend::Sigmoid]),
            space,
        }
    }

    fn net(&self, trial: &Trial, data: &Labelled, seed: u64) -> Sequential {
        let (generator, hidden) = (&mut ChaCha8Rng::seed_from_u64(seed), trial.get(&self.hidden));
        let first = Sequential::new().with(Linear::new(data.features(), hidden, generator));
        let bent = match trial.get(&self.bend) {
            Bend::Relu => first.with(Relu),
            Bend::Tanh => first.with(Tanh),
            Bend::Sigmoid => first.with(Sigmoid),
        };
        bent.with(Linear::new(hidden, data.classes, generator))
    }

    /// The loss on rows that a net did not learn from, in the mean over folds.
    fn judge(&self, trial: &Trial, data: &Labelled, seed: u64) -> f64 {
        let folds = stratified_k_fold(&data.labels, 3, seed).unwrap_or_default();
        let losses: Vec<f64> = folds
            .iter()
            .map(|fold| {
                let [train, test] = [&fold.train, &fold.test].map(|rows| data.select(rows));
                let Ok(scales) = Standard::of(&train.inputs) else { return f64::NAN };
                let train = Labelled { inputs: scales.apply(&train.inputs), ..train };
                let mut net = self.net(trial, data, seed);
                let mut optimizer = Sgd::new(trial.get(&self.rate))
                    .with_momentum(trial.get(&self.momentum))
                    .with_weight_decay(trial.get(&self.decay));
                for epoch in 0..15 {
                    for (x, labels) in batches(&train, trial.get(&self.size), seed << 32 | epoch) {
                        let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
                        optimizer.step(&mut net, &gradients);
                    }
                }
                f64::from(net.forward(scales.apply(&test.inputs)).cross_entropy(&test.labels).item())
            })
            .collect();
        // A net that ran away is as bad as any, and no more than that.
        mean(&losses).min(10.0)
    }
}

fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let (wanted, trials) = (Wanted::new(), course.pick(24, 40));
    let mut outcome = Outcome::new("search", "wine and breast cancer, three folds each", course);
    for (name, data) in [("wine", data::wine().0), ("breast_cancer", data::breast_cancer().0)] {
        println!("{name}: {trials} trials for each sampler, the best loss so far in the mean over studies");
        let grid = |_| Grid::within(&wanted.space, trials);
        let curves = [
            ("grid", studies(options, name, "grid", &wanted, &data, trials, grid)?),
            ("random", studies(options, name, "random", &wanted, &data, trials, |_| Random)?),
            ("Bayesian", studies(options, name, "tpe", &wanted, &data, trials, |_| Tpe::new())?),
        ];
        for (sampler, curve) in &curves {
            let at = |share: usize| curve[curve.len() * share / 4 - 1].1;
            println!("  {sampler:8}  {:.4} after a quarter, {:.4} after half, {:.4} at the end", at(1), at(2), at(4));
        }
        let end = |place: usize| curves[place].1.last().map_or(f64::NAN, |point| point.1);
        let path = folder("search")?.join(format!("{name}.svg"));
        let caption = format!("{name}: best validation loss so far");
        let lines: Vec<_> = curves.iter().map(|(name, curve)| Series::line(name, curve.clone())).collect();
        picture::chart(&path, &caption, ["trials", "loss"], &lines)?;
        println!("  {}", path.display());
        outcome = outcome
            .beside(format!("{name}: grid, best loss"), end(0))
            .beside(format!("{name}: random, best loss, mean of the repeats"), end(1))
            .with(format!("{name}: Bayesian, best loss, mean of the repeats"), end(2), Limit::AtMost(end(1)));
    }
    course.write_inspection(|| {
        let (data, tape) = (data::wine().0, Tape::keeping());
        let trial = Trial { number: 0, at: vec![0.5; wanted.space.len()], loss: f64::NAN };
        let x = tape.constant(&data.inputs.slice(0, ..4).contiguous());
        let logits = wanted.net(&trial, &data, course.seed).forward(x);
        Snapshot::of_backward(&logits.cross_entropy(&data.labels[..4]).named("loss"))
    })?;
    outcome.finish()
}

/// The best loss so far after each trial, in the mean over studies from several seeds. Prints the best trial of the first.
fn studies<S: Sampler>(
    options: &Options,
    name: &str,
    sampler: &str,
    wanted: &Wanted,
    data: &Labelled,
    trials: usize,
    make: impl Fn(u64) -> S,
) -> Result<Vec<(f64, f64)>, Box<dyn Error>> {
    let mut sums = vec![0.0; trials];
    let repeats = options.course.seeds(10);
    let count = (repeats.end - repeats.start) as f64;
    for seed in repeats {
        let file = folder("search")?.join(format!("{name}-{sampler}-{trials}-{seed}.jsonl"));
        if !options.keep && file.exists() {
            std::fs::remove_file(&file)?;
        }
        let mut study = Study::new(&wanted.space, make(seed), seed).with_batch(2).with_file(file);
        let found = study.minimize(trials, |trial| wanted.judge(trial, data, seed))?;
        // A grid may have fewer trials than it was allowed.
        let curve = found.curve();
        for (trial, sum) in sums.iter_mut().enumerate() {
            *sum += curve[trial.min(curve.len() - 1)] / count;
        }
        if seed == options.course.seed {
            tell(&found, wanted, sampler);
        }
    }
    Ok(sums.into_iter().enumerate().map(|(trial, loss)| (trial as f64 + 1.0, loss)).collect())
}

fn tell(found: &Found, wanted: &Wanted, sampler: &str) {
    if let Some(best) = found.best() {
        println!(
            "  {sampler:8}  best of one study: loss {:.4}, rate {:.2e}, {} hidden, decay {:.1e}, momentum {:.2}, batches of {}, {:?}",
            best.loss,
            best.get(&wanted.rate),
            best.get(&wanted.hidden),
            best.get(&wanted.decay),
            best.get(&wanted.momentum),
            best.get(&wanted.size),
            best.get(&wanted.bend)
        );
    }
}
