//! What comes next? `cargo run --release --example charlm`.
//!
//! Eight plays of Shakespeare, character by character, and four models of the next one: counts of pairs; a net over the last
//! sixteen characters; long short-term memory; a transformer. Judged on the ninth play, which none has seen, by the mean of
//! `−ln p` of what really came: in nats a character, 4.3 if all characters were alike, and the exponential of it is how many
//! characters a model still hesitates between. The better a model remembers, the less it is surprised.
//!
//! The whole takes ten minutes on two cores, half of it the transformer. What to look at: `target/charlm/loss.svg`, the loss
//! as more is read, and `target/charlm/samples.txt`, what each model writes when it goes on from its own.

#[path = "course/mod.rs"]
mod course;
#[path = "charlm/models.rs"]
mod models;
#[path = "shakespeare/plays.rs"]
mod shakespeare;

use autograd::inspect::Snapshot;
use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, folder, mean};
use models::{Bigram, Language, Mlp, Recurrent, Transformer};
use nn::data::Dataset;
use nn::prelude::*;
use nn::schedule::{Cosine, Ramp};
use nn::train::{Trained, Trainer};
use rand::RngExt;
use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Parser)]
#[command(about = "Models of the next character of Shakespeare: bigram, MLP, LSTM, transformer")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// One model alone: mlp, lstm, transformer
    #[arg(long)]
    only: Option<String>,
    /// Steps of the transformer
    #[arg(long, default_value_t = 1800)]
    steps: u64,
}

/// How many characters a model sees at once, at most.
const TIME: usize = 96;

/// Every stretch of a text, with the character behind each of its characters.
struct Stretches<'a>(&'a [usize]);

struct Batch {
    tokens: Indices,
    next: Vec<usize>,
}

impl Dataset for Stretches<'_> {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.0.len() - TIME
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        let gather =
            |shift: usize| rows.iter().flat_map(|&at| self.0[at + shift..at + shift + TIME].to_vec()).collect();
        Batch { tokens: Indices::new(gather(0), [rows.len(), TIME]), next: gather(1) }
    }
}

/// A text as numbers, and the characters that they stand for.
struct Alphabet(Vec<char>);

impl Alphabet {
    fn of(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Alphabet(characters)
    }

    fn numbers(&self, text: &str) -> Vec<usize> {
        text.chars().map(|c| self.0.binary_search(&c).unwrap_or(0)).collect()
    }

    fn text(&self, numbers: &[usize]) -> String {
        numbers.iter().map(|&number| self.0[number]).collect()
    }
}

fn judge<M: Language>(model: &M, tape: &Tape, batch: &Batch) -> Var {
    let logits = model.logits(&tape.ids(&batch.tokens));
    logits.reshape([batch.next.len() as isize, -1]).cross_entropy(&batch.next)
}

/// Learns for so many steps of so many stretches.
fn learn<M: Language>(
    model: &mut M,
    text: &[usize],
    (rate, steps, size): (f64, u64, usize),
    seed: u64,
) -> Result<Trained, Box<dyn Error>> {
    let warm = (steps / 20).max(1);
    let schedule = Ramp::warm_up(rate, warm).then(warm, Cosine::new(rate, steps.max(2) - warm).with_least(rate / 20.0));
    let start = Instant::now();
    let mut trainer = Trainer::new(AdamW::new(rate).with_beta2(0.99).with_weight_decay(0.05), judge::<M>)
        .with_batch_size(size)
        .with_steps(steps)
        .with_schedule(schedule)
        .with_clip_norm(1.0)
        .with_seed(seed)
        .after_each_step(|step| {
            if step.step.is_multiple_of((steps / 8).max(1)) {
                println!(
                    "  step {:>5} of {steps}: {:.3} nats, {:.0} s",
                    step.step,
                    step.loss,
                    start.elapsed().as_secs_f64()
                );
            }
            std::ops::ControlFlow::Continue(())
        });
    Ok(trainer.fit(model, &Stretches(text))?)
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

fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

/// What one model came to.
struct Reached {
    name: &'static str,
    loss: f64,
    curve: Vec<(f64, f64)>,
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let (course, mut plays) = (&options.course, shakespeare::plays());
    let last = plays.pop().ok_or("no plays")?;
    let text: String = plays.iter().map(|play| play.text.as_str()).collect();
    let alphabet = Alphabet::of(&nn::data::shakespeare());
    let (train, test) = (alphabet.numbers(&text), alphabet.numbers(&last.text));
    let test = &test[..course.pick(20_000, test.len())];
    let characters = alphabet.0.len();
    println!("{} characters to read, {} of `{}` to be judged on", train.len(), test.len(), last.title);

    let pairs = Bigram::count(&train, characters).loss(test);
    println!("bigram: {pairs:.4} nats a character");
    let mut samples = String::new();
    let mut reached = Vec::new();
    let seed = course.seed;
    let generator = &mut ChaCha8Rng::seed_from_u64(seed);
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| only == name);
    if wanted("mlp") {
        let mut model = Mlp::new(characters, course.pick(128, 256), generator);
        let plan = (course.pick(5e-3, 3e-3), course.pick(150, 1500), 32);
        reached.push(one("mlp", &mut model, plan, &train, test, &alphabet, &mut samples, seed)?);
    }
    if wanted("lstm") {
        let mut model = Recurrent::new(characters, course.pick(96, 256), generator);
        let plan = (course.pick(1e-2, 4e-3), course.pick(80, 700), 32);
        reached.push(one("lstm", &mut model, plan, &train, test, &alphabet, &mut samples, seed)?);
    }
    if wanted("transformer") {
        let (features, layers) = course.pick((64, 2), (128, 4));
        let mut model = Transformer::new(characters, TIME, features, layers, generator);
        let plan = (course.pick(5e-3, 3e-3), course.pick(120, options.steps), course.pick(16, 24));
        reached.push(one("transformer", &mut model, plan, &train, test, &alphabet, &mut samples, seed)?);
        course.write_inspection(|| {
            let (tape, stretch) = (Tape::keeping(), Indices::new(train[..12].to_vec(), [1, 12]));
            let logits = model.logits(&tape.ids(&stretch)).reshape([12, -1]);
            Snapshot::of_backward(&logits.cross_entropy(&train[1..13]).named("loss"))
        })?;
    }
    let folder = folder("charlm")?;
    std::fs::write(folder.join("samples.txt"), &samples)?;
    let most = reached.iter().flat_map(|model| &model.curve).map(|point| point.0).fold(1.0, f64::max);
    let mut lines = vec![Series::line("bigram, unseen play", [(0.0, pairs), (most, pairs)])];
    lines.extend(reached.iter().map(|model| Series::line(model.name, model.curve.clone())));
    let axes = ["thousands of characters read", "nats a character"];
    picture::chart(folder.join("loss.svg"), "loss while learning", axes, &lines)?;
    println!("\n{samples}\nwhat they learned and wrote: {0}/loss.svg, {0}/samples.txt", folder.display());

    let mut outcome = Outcome::new("charlm", "eight plays of Shakespeare; the ninth to be judged on", course)
        .beside("bigram, nats a character", pairs);
    for model in &reached {
        outcome = outcome.with(format!("{}, nats a character", model.name), model.loss, Limit::Below(pairs));
        if model.name == "transformer" && !course.quick {
            outcome = outcome.with("transformer, nats a character", model.loss, Limit::AtMost(1.8));
        }
    }
    outcome.finish()
}

/// Trains and judges one model, and lets it write.
#[allow(clippy::too_many_arguments, reason = "what one model is given and leaves behind")]
fn one<M: Language>(
    name: &'static str,
    model: &mut M,
    plan: (f64, u64, usize),
    train: &[usize],
    test: &[usize],
    alphabet: &Alphabet,
    samples: &mut String,
    seed: u64,
) -> Result<Reached, Box<dyn Error>> {
    println!("{name}: {} parameters", model.parameter_count());
    let start = Instant::now();
    let trained = learn(model, train, plan, seed)?;
    let seconds = start.elapsed().as_secs_f64();
    let loss = surprise(model, test);
    println!("{name}: {loss:.4} nats a character of the unseen play, after {seconds:.0} s");
    let written = write(model, &alphabet.numbers("ROMEO.\n"), 400, &mut ChaCha8Rng::seed_from_u64(seed));
    writeln!(samples, "---- {name}, {loss:.3} nats a character ----\n{}\n", alphabet.text(&written))?;
    // Steps are noisy: each point of the curve is the mean of a fiftieth of the run.
    let steps = trained.history.step_curve("loss");
    let curve = steps.chunks((steps.len() / 50).max(1)).map(|part| {
        let read = part[part.len() - 1].0 as f64 * (plan.2 * TIME) as f64 / 1000.0;
        (read, mean(&part.iter().map(|step| step.1).collect::<Vec<_>>()))
    });
    Ok(Reached { name, loss, curve: curve.collect() })
}
