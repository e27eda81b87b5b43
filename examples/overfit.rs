//! Lesson 13, overfitting and its cures: `cargo run --release --example overfit`.
//!
//! Sixty patients, 30 measurements each, and one label in five wrong: a network of 64 and 64 hidden units learns all of it by
//! heart, the wrong labels too, and is very sure of what it says about patients that it never saw. Six cures, each alone:
//! more data, a smaller net, an L1 or an L2 penalty on the weights, dropout, early stopping. Each is judged on the same folds
//! as the uncured net, fold by fold, so that what differs is the cure and not the luck of the fold.
//!
//! Look at: the training loss beside the validation loss; the uncured net has the best of the first and the worst of the second.
//! And at the curves in `target/overfit/`: the validation loss falls, turns, and rises.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, mean};
use nn::data::{self, Labelled, Rows, Standard};
use nn::prelude::*;
use nn::train::{EarlyStopping, Trainer};
use rand::RngExt;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Overfitting on sixty rows with wrong labels, and six cures")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// What a net is trained with.
#[derive(Clone, Copy, PartialEq)]
enum Cure {
    None,
    MoreData,
    SmallerNet,
    L1,
    L2,
    Dropout,
    EarlyStopping,
}

const CURES: [(Cure, &str); 7] = [
    (Cure::None, "none"),
    (Cure::MoreData, "more data"),
    (Cure::SmallerNet, "smaller net"),
    (Cure::L1, "L1 penalty"),
    (Cure::L2, "L2 penalty"),
    (Cure::Dropout, "dropout"),
    (Cure::EarlyStopping, "early stopping"),
];

/// Two hidden layers, with dropout before each and before the end.
#[derive(Module)]
struct Net {
    first: Linear,
    second: Linear,
    output: Linear,
    dropout: Dropout,
}

impl Net {
    fn new(hidden: usize, dropout: f64, generator: &mut ChaCha8Rng) -> Self {
        Net {
            first: Linear::new(30, hidden, generator),
            second: Linear::new(hidden, hidden, generator),
            output: Linear::new(hidden, 2, generator),
            dropout: Dropout { p: dropout },
        }
    }
}

impl Layer for Net {
    fn forward<A: Array>(&self, x: A) -> A {
        let first = self.first.forward(self.dropout.forward(x)).relu();
        let second = self.second.forward(self.dropout.forward(first)).relu();
        self.output.forward(self.dropout.forward(second))
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    // Of every cure the losses of all folds, in the same order: training, validation.
    let mut losses: Vec<Vec<[f64; 2]>> = vec![Vec::new(); CURES.len()];
    for seed in course.seeds(5) {
        let (few, more) = patients(seed)?;
        for (number, fold) in data::stratified_k_fold(&few.labels, 5, seed)?.into_iter().enumerate() {
            let (train, held_out) = (few.select(&fold.train), few.select(&fold.test));
            for ((cure, _), losses) in CURES.iter().zip(&mut losses) {
                losses.push(judge(*cure, &train, &more, &held_out, seed * 5 + number as u64, course)?);
            }
        }
    }

    let uncured: Vec<f64> = losses[0].iter().map(|pair| pair[1]).collect();
    let mut outcome = Outcome::new("overfit", "breast cancer, 60 rows, 20 % of the labels flipped", course)
        .beside("no cure: validation loss", mean(&uncured));
    println!("cure             training loss  validation loss  less than uncured (± standard error)  better folds");
    for ((_, name), losses) in CURES.iter().zip(&losses) {
        let of = |which: usize| losses.iter().map(|pair| pair[which]).collect::<Vec<_>>();
        let (training, validation) = (mean(&of(0)), mean(&of(1)));
        let gains: Vec<f64> = uncured.iter().zip(of(1)).map(|(uncured, cured)| uncured - cured).collect();
        let gain = mean(&gains);
        let squares: f64 = gains.iter().map(|g| (g - gain).powi(2)).sum();
        let error = (squares / (gains.len() * (gains.len() - 1).max(1)) as f64).sqrt();
        let better = gains.iter().filter(|gain| **gain > 0.0).count();
        println!(
            "{name:16} {training:13.3}  {validation:15.3}  {gain:19.3} ± {error:.3}          {better:3} of {}",
            gains.len()
        );
        if *name != "none" {
            outcome = outcome.with(
                format!("{name}: validation loss less than uncured, mean of {} folds", gains.len()),
                gain,
                Limit::Above(0.0),
            );
        }
    }
    draw(course)?;
    outcome.finish()
}

/// Sixty patients and the others, drawn by the seed, with one label in five wrong everywhere.
fn patients(seed: u64) -> Result<(Labelled, Labelled), Box<dyn Error>> {
    let (mut all, _) = data::breast_cancer();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    for label in &mut all.labels {
        if generator.random_bool(0.2) {
            *label = 1 - *label;
        }
    }
    let split = data::stratified_split(&all.labels, 60.0 / all.len() as f64, seed)?;
    Ok((all.select(&split.test), all.select(&split.train)))
}

/// Trains with one cure and gives the losses on the rows that it learned from and on those held out.
fn judge(
    cure: Cure,
    train: &Labelled,
    more: &Labelled,
    held_out: &Labelled,
    seed: u64,
    course: &Course,
) -> Result<[f64; 2], Box<dyn Error>> {
    let inputs = match cure {
        Cure::MoreData => Tensor::concat(&[&train.inputs, &more.inputs], 0),
        _ => train.inputs.clone(),
    };
    let labels = match cure {
        Cure::MoreData => [&train.labels[..], &more.labels[..]].concat(),
        _ => train.labels.clone(),
    };
    let scales = Standard::of(&inputs)?;
    let train = Labelled { inputs: scales.apply(&inputs), labels, classes: 2 };
    let held_out = Labelled { inputs: scales.apply(&held_out.inputs), ..held_out.clone() };

    let (hidden, dropout) = match cure {
        Cure::SmallerNet => (2, 0.0),
        Cure::Dropout => (64, 0.5),
        _ => (64, 0.0),
    };
    let mut net = Net::new(hidden, dropout, &mut ChaCha8Rng::seed_from_u64(seed));
    let trainer = Trainer::new(Adam::new(3e-3), move |net: &Net, tape: &Tape, (x, labels): &(Tensor, Vec<usize>)| {
        let logits = net.forward(tape.constant(x));
        let loss = logits.cross_entropy(labels);
        let penalty = match cure {
            Cure::L1 => loss::l1_penalty(&loss, net, "*weight") * 3e-3,
            Cure::L2 => loss::l2_penalty(&loss, net, "*weight") * 1e-2,
            _ => return loss,
        };
        // Penalties are for learning; the loss that is reported has none.
        if loss.mode() == Mode::Training { loss + penalty } else { loss }
    })
    .with_steps(course.pick(180, 450)) // The same for all, also where an epoch has more rows.
    .with_batch_size(16)
    .with_seed(seed);
    let mut trainer = course.watch("overfit", trainer)?;
    if cure == Cure::EarlyStopping {
        // When to stop is decided by rows of its own, taken from those to learn from.
        trainer = trainer.with_validation_split(0.25).with_early_stopping(EarlyStopping::new(10));
    }
    trainer.fit(&mut net, &train)?;
    if cure == Cure::L2 && seed == course.seed * 5 {
        course.inspect(|tape: &Tape| {
            let loss = net.forward(tape.constant(&train.inputs.slice(0, ..4))).cross_entropy(&train.labels[..4]);
            loss.clone() + loss::l2_penalty(&loss, &net, "*weight") * 1e-2
        })?;
    }
    Ok([trainer.evaluate(&net, &train)?.loss, trainer.evaluate(&net, &held_out)?.loss])
}

/// The uncured net on one fold, epoch by epoch.
fn draw(course: &Course) -> Result<(), Box<dyn Error>> {
    let (few, _) = patients(course.seed)?;
    let fold = &data::stratified_k_fold(&few.labels, 5, course.seed)?[0];
    let scales = Standard::of(&few.select(&fold.train).inputs)?;
    let few = Labelled { inputs: scales.apply(&few.inputs), ..few };
    let (train, held_out) = (Rows::new(&few, fold.train.clone())?, Rows::new(&few, fold.test.clone())?);
    let mut net = Net::new(64, 0.0, &mut ChaCha8Rng::seed_from_u64(course.seed));
    let mut trainer = Trainer::of_layer(Adam::new(3e-3), |logits, labels: &Vec<usize>| logits.cross_entropy(labels))
        .with_epochs(course.pick(60, 150))
        .with_batch_size(16)
        .with_validation(&held_out)
        .with_seed(course.seed);
    let history = trainer.fit(&mut net, &train)?.history;
    let curve =
        |name: &str| history.epoch_curve(name).into_iter().enumerate().map(|(i, (_, loss))| (i as f64 + 1.0, loss));
    let series =
        [Series::line("rows it learns from", curve("loss")), Series::line("rows held out", curve("validation loss"))];
    let path = course::folder("overfit")?.join("losses.svg");
    picture::chart(&path, "an uncured net", ["epoch", "loss"], &series)?;
    println!("picture: {}", path.display());
    Ok(())
}
