//! Lesson 14, good settings by search: `cargo run --release --example search`.
//!
//! How large should the learning rate be, how wide the net, how much decay? Three samplers get the same number of trials, each a
//! net that is trained on some rows and judged on others: a grid, which spends most trials on settings that do not matter;
//! random places, which try as many values of each setting as there are trials; and a Bayesian one (TPE), which looks where good
//! trials were. Trials run side by side, and are noted in files under `target/search/`: stop the program and start it again with
//! `--keep`, and it goes on where it was.
//!
//! Look at `target/search/wine.svg` and `breast_cancer.svg`: the best loss so far, in the mean of ten studies.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, folder, mean, median};
use nn::data::{self, Labelled, Standard, stratified_k_fold};
use nn::prelude::*;
use nn::search::{Found, Grid, Random, Sampler, Setting, Space, Study, Tpe, Trial};
use nn::train::Trainer;
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

    fn describe(&self, trial: &Trial) -> String {
        format!(
            "loss {:.4} with rate {:.2e}, {} hidden, decay {:.1e}, momentum {:.2}, batches of {}, {:?}",
            trial.loss,
            trial.get(&self.rate),
            trial.get(&self.hidden),
            trial.get(&self.decay),
            trial.get(&self.momentum),
            trial.get(&self.size),
            trial.get(&self.bend)
        )
    }

    /// A net of these settings, not trained yet.
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

    /// What trains it.
    fn trainer(&self, trial: &Trial, seed: u64) -> Trainer<'static, Sequential, (Tensor, Vec<usize>)> {
        let optimizer = Sgd::new(trial.get(&self.rate))
            .with_momentum(trial.get(&self.momentum))
            .with_weight_decay(trial.get(&self.decay));
        Trainer::of_layer(optimizer, |logits, labels: &Vec<usize>| logits.cross_entropy(labels))
            .with_batch_size(trial.get(&self.size))
            .with_epochs(15)
            .with_seed(seed)
    }

    /// The loss on rows that a net did not learn from, in the mean over three folds.
    fn judge(&self, trial: &Trial, data: &Labelled, seed: u64) -> Result<f64, Box<dyn Error>> {
        let mut losses = Vec::new();
        for fold in stratified_k_fold(&data.labels, 3, seed)? {
            let [train, test] = [&fold.train, &fold.test].map(|rows| data.select(rows));
            let scales = Standard::of(&train.inputs)?;
            let [train, test] = [train, test].map(|part| Labelled { inputs: scales.apply(&part.inputs), ..part });
            let (mut net, mut trainer) = (self.net(trial, data, seed), self.trainer(trial, seed));
            trainer.fit(&mut net, &train)?;
            losses.push(trainer.evaluate(&net, &test)?.loss);
        }
        // A net that ran away is as bad as any, and no more than that.
        Ok(mean(&losses).min(10.0))
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let (wanted, trials) = (Wanted::new(), course.pick(24, 60));
    let mut outcome = Outcome::new("search", "wine and breast cancer, three folds each", course);
    for (name, data) in [("wine", data::wine().0), ("breast_cancer", data::breast_cancer().0)] {
        println!("{name}: {trials} trials for each sampler, the best loss so far in the mean over studies");
        let grid = Grid::within(&wanted.space, trials);
        let by_sampler = [
            ("grid", studies(options, name, "grid", &wanted, &data, trials, grid)?),
            ("random", studies(options, name, "random", &wanted, &data, trials, Random)?),
            ("Bayesian", studies(options, name, "tpe", &wanted, &data, trials, Tpe::new())?),
        ];
        for (sampler, Studies { curve, later, best }) in &by_sampler {
            let at = |share: usize| curve[curve.len() * share / 4 - 1].1;
            println!("  {sampler:8}  {:.4} after a quarter, {:.4} after half, {:.4} at the end", at(1), at(2), at(4));
            println!("            the median of the trials behind the tenth: {later:.4}");
            println!("            best of the first study: {}", wanted.describe(best));
        }
        let end = |place: usize| by_sampler[place].1.curve.last().map_or(f64::NAN, |point| point.1);
        let path = folder("search")?.join(format!("{name}.svg"));
        let caption = format!("{name}: best validation loss so far");
        // The first trials are so bad that nothing else could be seen beside them.
        let late =
            |own: &Studies| own.curve.iter().skip(4).map(|(trial, loss)| (*trial, loss.log10())).collect::<Vec<_>>();
        let lines: Vec<_> = by_sampler.iter().map(|(name, own)| Series::line(name, late(own))).collect();
        picture::chart(&path, &caption, ["trials", "log₁₀ of the loss"], &lines)?;
        println!("  {}", path.display());
        outcome = outcome
            .beside(format!("{name}: grid, best loss"), end(0))
            .beside(format!("{name}: random, best loss, mean of the repeats"), end(1));
        let what = format!("{name}: Bayesian, best loss, mean of the repeats");
        // Few short studies do not tell whose best is better, but they tell whose trials are.
        outcome = if course.quick {
            let ratio = by_sampler[2].1.later / by_sampler[1].1.later;
            outcome.beside(what, end(2)).with(
                format!("{name}: Bayesian, a later trial beside random"),
                ratio,
                Limit::AtMost(0.75),
            )
        } else {
            outcome.with(what, end(2), Limit::AtMost(end(1)))
        };
        look(&wanted, &by_sampler[2].1.best, &data, course)?;
    }
    outcome.finish()
}

/// Trains a net of good settings on all rows, to look into it.
fn look(wanted: &Wanted, best: &Trial, data: &Labelled, course: &Course) -> Result<(), Box<dyn Error>> {
    let data = Labelled { inputs: Standard::of(&data.inputs)?.apply(&data.inputs), ..data.clone() };
    let mut net = wanted.net(best, &data, course.seed);
    course.watch("search", wanted.trainer(best, course.seed))?.fit(&mut net, &data)?;
    course.inspect(|tape: &Tape| {
        net.forward(tape.constant(&data.inputs.slice(0, ..4))).cross_entropy(&data.labels[..4])
    })?;
    Ok(())
}

/// Studies from several seeds by one sampler.
struct Studies {
    /// The best loss so far after each trial, in the mean over studies.
    curve: Vec<(f64, f64)>,
    /// The median loss of the trials behind the tenth, in the mean over studies: what a sampler proposes when it knows something.
    later: f64,
    /// The best trial of the first study.
    best: Trial,
}

fn studies<S: Sampler + Clone>(
    options: &Options,
    name: &str,
    label: &str,
    wanted: &Wanted,
    data: &Labelled,
    trials: usize,
    sampler: S,
) -> Result<Studies, Box<dyn Error>> {
    let (mut first, mut later) = (None, Vec::new());
    let mut sums = vec![0.0; trials];
    // One study says little, also when it is quick.
    let course = &options.course;
    let repeats = course.seeds.unwrap_or(course.pick(5, 10)).max(1);
    for seed in course.seed..course.seed + repeats {
        let file = folder("search")?.join(format!("{name}-{label}-{trials}-{seed}.jsonl"));
        if !options.keep && file.exists() {
            std::fs::remove_file(&file)?;
        }
        let mut study = Study::new(&wanted.space, sampler.clone(), seed).with_batch(2).with_file(file);
        let found = study.minimize(trials, |trial| wanted.judge(trial, data, seed).unwrap_or(f64::NAN))?;
        // A grid may have fewer trials than it was allowed.
        let curve = found.curve();
        for (trial, sum) in sums.iter_mut().enumerate() {
            *sum += curve[trial.min(curve.len() - 1)] / repeats as f64;
        }
        later.push(median(&found.trials[10..].iter().map(|trial| trial.loss).collect::<Vec<_>>()));
        first.get_or_insert(found);
    }
    let best = first.as_ref().and_then(Found::best).ok_or("no trial of the first study succeeded")?.clone();
    let curve = sums.into_iter().enumerate().map(|(trial, loss)| (trial as f64 + 1.0, loss)).collect();
    Ok(Studies { curve, later: mean(&later), best })
}
