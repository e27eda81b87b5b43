//! Lesson 15, transfer: `cargo run --release --example transfer`.
//!
//! A convolutional network learns the digits 0 to 4, of which there are many. Then its body is frozen, by its path, and a new
//! head learns the digits 5 to 9 from ten examples of each, in ten passes. The same network learns the same fifty from scratch
//! in as many. Both are tested on writers that neither saw. What the body has learned of strokes serves digits that it never
//! met.
//!
//! It does not come by itself: a body that has only five digits to tell apart keeps what tells those apart and forgets the rest.
//! So the five come turned and mirrored, each way a class of its own, forty in all, as in few-shot learning (Santoro et al.,
//! 2016), and shifted by a pixel, which must not matter.
//!
//! Look at: `net.freeze("body.*", true)`, which is all there is to it; how few numbers the second training moves; and the curve
//! over the passes, in `target/transfer/`. From scratch it takes fifty passes to where the frozen body is after ten, and after a
//! hundred two points are left between them: on pictures as small as these, a body hands on steps more than accuracy.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, mean};
use nn::data::{self, Labelled};
use nn::prelude::*;
use nn::schedule::OneCycle;
use nn::train::Trainer;
use rand::seq::SliceRandom;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Learns 0-4, freezes the body, learns 5-9 from ten examples each")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// The passes over the fifty examples after which the two are compared.
const JUDGED: u64 = 10;

/// A body that sees strokes, and a head that names classes.
#[derive(Module)]
struct Net {
    body: Sequential,
    head: Linear,
}

impl Net {
    fn new(classes: usize, generator: &mut ChaCha8Rng) -> Self {
        let body = Sequential::new()
            .with(Conv2d::new(1, 16, [3, 3], generator).with_padding([1, 1]))
            .with(Relu)
            .with(MaxPool2d::new([2, 2]))
            .with(Conv2d::new(16, 32, [3, 3], generator).with_padding([1, 1]))
            .with(Relu)
            .with(Flatten)
            .with(Dropout { p: 0.25 });
        Net { body, head: Linear::new(32 * 16, classes, generator) }
    }
}

impl Layer for Net {
    fn forward<A: Array>(&self, x: A) -> A {
        self.head.forward(self.body.forward(x))
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let (train, test) = data::digits().split_at(1437);
    let (low, high) = (digits(&train, 0), digits(&train, 5));
    let unseen = digits(&test, 5);
    println!("{} digits 0-4 to learn first; tested on {} digits 5-9 by unseen writers", low.len(), unseen.len());

    let strokes = shifted(&turned(&low));
    println!("the first come in {} classes, {} pictures", strokes.classes, strokes.len());

    // Of each number of passes, what is right by transfer and from scratch, a number a seed.
    let passes: &[u64] = course.pick(&[JUDGED], &[5, JUDGED, 20, 50, 100]);
    let mut curves: Vec<[Vec<f64>; 2]> = vec![Default::default(); passes.len()];
    // A single seed says little here, in the short form too.
    for seed in course.seed..course.seed + course.seeds.unwrap_or(course.pick(3, 20)).max(1) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut learned = Net::new(strokes.classes, &mut generator);
        fit(&mut learned, &strokes, course.pick(1, 2), seed, course)?;
        let few = examples(&high, 10, &mut generator);
        for (&passes, right) in passes.iter().zip(&mut curves) {
            let mut net = Net::new(few.classes, &mut generator);
            net.body.set_values(&learned.body.values());
            net.freeze("body.*", true);
            fit(&mut net, &few, passes, seed, course)?;

            let mut fresh = Net::new(few.classes, &mut generator);
            fit(&mut fresh, &few, passes, seed, course)?;

            let [transferred, scratch] = [&net, &fresh].map(|net| accuracy(net, &unseen));
            right[0].push(transferred);
            right[1].push(scratch);
            if passes == JUDGED {
                if seed == course.seed {
                    println!("\n{}\n", net.summary([1, 1, 8, 8]));
                    course.inspect(|tape: &Tape| {
                        net.forward(tape.constant(&few.inputs.slice(0, ..4))).cross_entropy(&few.labels[..4])
                    })?;
                }
                println!("seed {seed}: {transferred:.1} % by transfer, {scratch:.1} % from scratch");
            }
        }
    }

    let of =
        |which: usize| passes.iter().zip(&curves).map(move |(&passes, right)| (passes as f64, mean(&right[which])));
    let path = course::folder("transfer")?.join("passes.svg");
    let series = [Series::line("body from 0-4, frozen", of(0)), Series::line("from scratch", of(1))];
    let axes = ["passes over ten examples of each", "right, %"];
    picture::chart(&path, "digits 5-9 by unseen writers", axes, &series)?;
    println!("picture: {}", path.display());

    let mut outcome = Outcome::new("transfer", "digits, by unseen writers", course);
    for (&passes, [transferred, scratch]) in passes.iter().zip(&curves) {
        let (transferred, scratch, seeds) = (mean(transferred), mean(scratch), transferred.len());
        outcome = outcome
            .beside(format!("5-9 after {passes} passes, by transfer: %, mean of {seeds}"), transferred)
            .beside(format!("5-9 after {passes} passes, from scratch: %, mean of {seeds}"), scratch);
        if passes == JUDGED {
            let what = format!("transfer above scratch after {passes} passes, points");
            outcome = outcome.with(what, transferred - scratch, Limit::AtLeast(course.pick(2.0, 5.0)));
        }
    }
    outcome.finish()
}

/// The digits turned by quarter turns, as they are and mirrored, each of the eight ways with classes of its own.
fn turned(digits: &Labelled) -> Labelled {
    let ways = (0..8).map(|way| {
        moved(digits, way * digits.classes, |mut row, mut column| {
            if way >= 4 {
                column = 7 - column;
            }
            for _ in 0..way % 4 {
                (row, column) = (column, 7 - row);
            }
            (row, column)
        })
    });
    together(&ways.collect::<Vec<_>>(), 8 * digits.classes)
}

/// The digits where they are, and a pixel to the left, right, upwards and downwards.
fn shifted(digits: &Labelled) -> Labelled {
    let steps = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)];
    let copies = steps.map(|(down, right)| moved(digits, 0, |row, column| (row + down, column + right)));
    together(&copies, digits.classes)
}

/// Images whose pixels come from where `source` says, empty where that is outside; the labels are raised by `raise`.
fn moved(digits: &Labelled, raise: usize, source: impl Fn(isize, isize) -> (isize, isize)) -> Labelled {
    let pixels = digits.inputs.to_vec();
    let inputs = Tensor::from_fn(digits.inputs.shape(), |i| {
        let (row, column) = source((i % 64 / 8) as isize, (i % 8) as isize);
        let inside = (0..8).contains(&row) && (0..8).contains(&column);
        if inside { pixels[i / 64 * 64 + (row * 8 + column) as usize] } else { 0.0 }
    });
    let labels = digits.labels.iter().map(|label| label + raise).collect();
    Labelled { inputs, labels, classes: digits.classes }
}

fn together(parts: &[Labelled], classes: usize) -> Labelled {
    let inputs = Tensor::concat(&parts.iter().map(|part| &part.inputs).collect::<Vec<_>>(), 0);
    Labelled { inputs, labels: parts.iter().flat_map(|part| part.labels.clone()).collect(), classes }
}

/// The five digits from `first` on, as images, in classes 0 to 4.
fn digits(all: &Labelled, first: usize) -> Labelled {
    let rows: Vec<usize> = (0..all.len()).filter(|&row| (first..first + 5).contains(&all.labels[row])).collect();
    let some = all.select(&rows);
    Labelled {
        inputs: some.inputs.reshape([-1, 1, 8, 8]),
        labels: some.labels.iter().map(|label| label - first).collect(),
        classes: 5,
    }
}

/// So many examples of each class.
fn examples(all: &Labelled, count: usize, generator: &mut ChaCha8Rng) -> Labelled {
    let mut rows: Vec<usize> = (0..all.len()).collect();
    rows.shuffle(generator);
    let of = |class: usize| rows.iter().copied().filter(move |&row| all.labels[row] == class).take(count);
    all.select(&(0..5).flat_map(of).collect::<Vec<_>>())
}

fn fit(net: &mut Net, data: &Labelled, epochs: u64, seed: u64, course: &Course) -> Result<(), Box<dyn Error>> {
    let batch = if data.len() < 1000 { 32 } else { 64 };
    let steps = epochs * data.len().div_ceil(batch) as u64;
    let trainer = Trainer::of_layer(AdamW::new(5e-3), |logits, labels: &Vec<usize>| logits.cross_entropy(labels))
        .with_schedule(OneCycle::new(5e-3, steps))
        .with_epochs(epochs)
        .with_batch_size(batch)
        .with_seed(seed);
    course.watch("transfer", trainer)?.fit(net, data)?;
    Ok(())
}

fn accuracy(net: &Net, data: &Labelled) -> f64 {
    100.0 * metrics::accuracy(&metrics::argmax(&net.forward(data.inputs.clone())), &data.labels)
}
