//! Lesson 7, what comes next? `cargo run --release --example charlm`.
//!
//! Eight plays of Shakespeare, character by character, and four models of the next one: counts of pairs; a net over the last
//! sixteen characters; long short-term memory; a transformer. Judged on the ninth play, which none has seen, by the mean of
//! `−ln p` of what really came: in nats a character, 4.3 if all characters were alike, and the exponential of it is how many
//! characters a model still hesitates between. The better a model remembers, the less it is surprised.
//!
//! The whole takes some five minutes, half of it the transformer. Look at `target/charlm/loss.svg`, the loss as more
//! is read, and at `target/charlm/samples.txt`, what each model writes when it goes on from its own.

#[path = "course/mod.rs"]
mod course;
#[path = "charlm/models.rs"]
mod models;
#[path = "shakespeare/plays.rs"]
mod shakespeare;
#[path = "charlm/text.rs"]
mod text;

use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, folder, mean};
use models::{Bigram, Language, Mlp, Recurrent, Transformer};
use nn::data::Dataset;
use nn::prelude::*;
use nn::schedule::{Cosine, Ramp};
use nn::train::{History, Trainer};
use rand::RngExt;
use std::error::Error;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::Instant;
use text::{Alphabet, Batch, Stretches, TIME};

#[derive(Parser)]
#[command(about = "Models of the next character of Shakespeare: bigram, MLP, LSTM, transformer")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// How a model learns: so many steps of so many stretches, from this learning rate on.
struct Plan {
    rate: f64,
    steps: u64,
    size: usize,
}

/// The mean of `−ln p` of what comes next, in nats.
fn judge<M: Language>(model: &M, tape: &Tape, batch: &Batch) -> Var {
    let logits = model.logits(&tape.ids(&batch.tokens));
    logits.reshape([batch.next.len() as isize, -1]).cross_entropy(&batch.next)
}

fn learn<M: Language>(model: &mut M, text: &[usize], plan: &Plan, course: &Course) -> Result<History, Box<dyn Error>> {
    let &Plan { rate, steps, size } = plan;
    let warm = steps.div_ceil(20);
    let schedule = Ramp::warm_up(rate, warm).then(warm, Cosine::new(rate, steps - warm).with_least(rate / 20.0));
    let start = Instant::now();
    let trainer = Trainer::new(AdamW::new(rate).with_beta2(0.99).with_weight_decay(0.05), judge::<M>)
        .with_batch_size(size)
        .with_steps(steps)
        .with_schedule(schedule)
        .with_clip_norm(1.0)
        .with_seed(course.seed)
        .after_each_step(|step| {
            if step.step.is_multiple_of(steps.div_ceil(8)) {
                let seconds = start.elapsed().as_secs_f64();
                println!("  step {:>4} of {steps}: {:.3} nats, {seconds:.0} s", step.step, step.loss);
            }
            ControlFlow::Continue(())
        });
    Ok(course.watch("charlm", trainer)?.fit(model, &Stretches(text))?.history)
}

/// The loss on a text, of which each stretch begins in the middle of the one before: what is counted are its last characters,
/// so that a model knows half a stretch before each.
fn surprise<M: Language>(model: &M, text: &[usize]) -> f64 {
    let (all, half) = (Stretches(text), TIME / 2);
    let starts: Vec<usize> = (0..all.len()).step_by(half).collect();
    let losses = starts.chunks(64).flat_map(|rows| {
        let batch = all.batch(rows);
        let logits = model.logits(&Ids::new(&Tensor::scalar(0.0), batch.tokens.clone()));
        let losses = logits.reshape([batch.next.len() as isize, -1]).cross_entropy_with(&batch.next, Reduction::None);
        let last = losses.reshape([rows.len() as isize, TIME as isize]).slice(1, half as isize..);
        last.to_vec().into_iter().map(f64::from).collect::<Vec<_>>()
    });
    mean(&losses.collect::<Vec<_>>())
}

/// Goes on from some text by what it wrote itself, a little more sure than it is.
fn write<M: Language>(model: &M, from: &[usize], count: usize, draw: &mut ChaCha8Rng) -> Vec<usize> {
    let mut text = from.to_vec();
    for _ in 0..count {
        let seen = &text[text.len().saturating_sub(TIME)..];
        let logits = model.logits(&Ids::new(&Tensor::scalar(0.0), Indices::new(seen.to_vec(), [1, seen.len()])));
        let likely = (logits.slice(1, -1..).reshape([-1]) / 0.8).softmax(0).to_vec();
        let mut left = draw.random::<f32>();
        let drawn = likely.iter().position(|p| {
            left -= p;
            left <= 0.0
        });
        text.push(drawn.unwrap_or(likely.len() - 1));
    }
    text.split_off(from.len())
}

/// The plays: those to read, and the one to be judged on.
struct Plays {
    alphabet: Alphabet,
    read: Vec<usize>,
    unseen: Vec<usize>,
}

/// What one model came to.
struct Reached {
    name: &'static str,
    /// In nats a character of the unseen play.
    loss: f64,
    /// Thousands of characters read, and the loss there.
    curve: Vec<(f64, f64)>,
    sample: String,
}

/// Trains and judges one model, and lets it write.
fn reach<M: Language>(
    name: &'static str,
    mut model: M,
    plan: &Plan,
    plays: &Plays,
    course: &Course,
) -> Result<Reached, Box<dyn Error>> {
    println!("{name}: {} parameters", model.parameter_count());
    let history = learn(&mut model, &plays.read, plan, course)?;
    let loss = surprise(&model, &plays.unseen);
    println!("{name}: {loss:.4} nats a character of the unseen play");
    let draw = &mut ChaCha8Rng::seed_from_u64(course.seed);
    let sample = plays.alphabet.text(&write(&model, &plays.alphabet.numbers("ROMEO.\n"), course.pick(100, 400), draw));
    // Steps are noisy: each point of the curve is the mean of a fiftieth of the run.
    let steps = history.step_curve("loss");
    let curve = steps.chunks(steps.len().div_ceil(50)).map(|part| {
        let read = part[part.len() - 1].0 as f64 * (plan.size * TIME) as f64 / 1000.0;
        (read, mean(&part.iter().map(|step| step.1).collect::<Vec<_>>()))
    });
    if name == "transformer" {
        let few = Batch { tokens: Indices::new(plays.read[..12].to_vec(), [1, 12]), next: plays.read[1..13].to_vec() };
        course.inspect(|tape: &Tape| judge(&model, tape, &few))?;
    }
    Ok(Reached { name, loss, curve: curve.collect(), sample })
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse().course))
}

fn run(course: &Course) -> Result<ExitCode, Box<dyn Error>> {
    let mut all = shakespeare::plays();
    let last = all.pop().ok_or("no plays")?;
    let alphabet = Alphabet::of(&nn::data::shakespeare());
    let read: Vec<usize> = all.iter().flat_map(|play| alphabet.numbers(&play.text)).collect();
    let mut unseen = alphabet.numbers(&last.text);
    unseen.truncate(course.pick(6_000, unseen.len()));
    println!("{} characters to read, {} of `{}` to be judged on", read.len(), unseen.len(), last.title);
    let characters = alphabet.len();
    let pairs = Bigram::count(&read, characters).loss(&unseen);
    println!("bigram: {pairs:.4} nats a character");

    let plays = Plays { alphabet, read, unseen };
    let generator = &mut ChaCha8Rng::seed_from_u64(course.seed);
    let mlp = Mlp::new(characters, course.pick(128, 256), generator);
    let recurrent = Recurrent::new(characters, course.pick(96, 256), generator);
    let (features, layers) = course.pick((64, 2), (128, 4));
    let transformer = Transformer::new(characters, TIME, features, layers, generator);
    let plan = |quick: (f64, u64, usize), full: (f64, u64, usize)| {
        let (rate, steps, size) = course.pick(quick, full);
        Plan { rate, steps, size }
    };
    let reached = [
        reach("mlp", mlp, &plan((5e-3, 150, 32), (3e-3, 1500, 32)), &plays, course)?,
        reach("lstm", recurrent, &plan((1e-2, 50, 32), (4e-3, 450, 32)), &plays, course)?,
        reach("transformer", transformer, &plan((5e-3, 100, 16), (3e-3, 700, 24)), &plays, course)?,
    ];

    let folder = folder("charlm")?;
    let sample =
        |model: &Reached| format!("---- {}, {:.3} nats a character ----\n{}\n\n", model.name, model.loss, model.sample);
    let samples: String = reached.iter().map(sample).collect();
    std::fs::write(folder.join("samples.txt"), &samples)?;
    let most = reached.iter().flat_map(|model| &model.curve).map(|point| point.0).fold(1.0, f64::max);
    let mut lines = vec![Series::line("bigram, unseen play", [(0.0, pairs), (most, pairs)])];
    lines.extend(reached.iter().map(|model| Series::line(model.name, model.curve.clone())));
    let axes = ["thousands of characters read", "nats a character"];
    picture::chart(folder.join("loss.svg"), "loss while learning", axes, &lines)?;
    println!("\n{samples}what they learned and wrote: {0}/loss.svg, {0}/samples.txt", folder.display());

    let mut outcome = Outcome::new("charlm", "eight plays of Shakespeare; the ninth to be judged on", course)
        .beside("bigram, nats a character", pairs);
    for Reached { name, loss, .. } in &reached {
        let limit = if *name == "transformer" && !course.quick { Limit::AtMost(1.8) } else { Limit::Below(pairs) };
        outcome = outcome.with(format!("{name}, nats a character"), *loss, limit);
    }
    outcome.finish()
}
