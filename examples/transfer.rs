//! Lesson 15, transfer: `cargo run --release --example transfer`.
//!
//! A convolutional network learns the digits 0 to 4, of which there are many. Then its body is frozen, by its path, and a new
//! head learns the digits 5 to 9 from ten examples of each. The same network learns the same fifty from scratch. Both are
//! tested on writers that neither saw. What the body has learned of strokes serves digits that it never met.
//!
//! Look at: `net.freeze("body.*", true)`, which is all there is to it; how few numbers the second training moves; the curve
//! over how many examples there are, in `target/transfer/`.

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

/// Convolutions that see strokes.
#[derive(Clone, Module)]
struct Body {
    first: Conv2d,
    second: Conv2d,
    third: Linear,
}

/// A body, and a head that names five classes.
#[derive(Module)]
struct Net {
    body: Body,
    head: Linear,
}

impl Net {
    fn new(generator: &mut ChaCha8Rng) -> Self {
        let body = Body {
            first: Conv2d::new(1, 16, [3, 3], generator).with_padding([1, 1]),
            second: Conv2d::new(16, 32, [3, 3], generator).with_padding([1, 1]),
            third: Linear::new(32 * 4, 64, generator),
        };
        Net { body, head: Linear::new(64, 5, generator) }
    }
}

impl Layer for Net {
    fn forward<A: Array>(&self, x: A) -> A {
        let halved = MaxPool2d::new([2, 2]).forward(self.body.first.forward(x).relu());
        let quartered = MaxPool2d::new([2, 2]).forward(self.body.second.forward(halved).relu());
        let features = self.body.third.forward(Flatten.forward(quartered).dropout(0.25)).relu();
        self.head.forward(features)
    }
}

fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let (train, test) = data::digits().split_at(1437);
    let (low, high) = (digits(&train, 0), digits(&train, 5));
    let unseen = digits(&test, 5);
    println!("{} digits 0-4 to learn first; tested on {} digits 5-9 by unseen writers", low.len(), unseen.len());

    let counts: &[usize] = course.pick(&[10], &[2, 5, 10, 20, 50]);
    let mut curves: Vec<[Vec<f64>; 2]> = vec![Default::default(); counts.len()];
    for seed in course.seeds(20) {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut learned = Net::new(&mut generator);
        fit(&mut learned, &low, course.pick(10, 20), seed)?;
        for (count, [transferred, scratch]) in counts.iter().zip(&mut curves) {
            // Only ten are judged; the curve around them is told from the first seeds.
            if *count != 10 && seed >= course.seed + 5 {
                continue;
            }
            let few = examples(&high, *count, &mut generator);
            let epochs = course.pick(60, 100);

            let mut net = Net { body: learned.body.clone(), head: Linear::new(64, 5, &mut generator) };
            net.freeze("body.*", true);
            fit(&mut net, &few, epochs, seed)?;
            transferred.push(accuracy(&net, &unseen));

            let mut fresh = Net::new(&mut generator);
            fit(&mut fresh, &few, epochs, seed)?;
            scratch.push(accuracy(&fresh, &unseen));

            if *count == 10 {
                println!(
                    "seed {seed}: {:.1} % by transfer, {:.1} % from scratch",
                    transferred[transferred.len() - 1],
                    scratch[scratch.len() - 1]
                );
                if seed == course.seed {
                    println!("\n{}\n", net.summary([1, 1, 8, 8]));
                    course.inspect(|tape: &Tape| {
                        net.forward(tape.constant(&few.inputs.slice(0, ..4))).cross_entropy(&few.labels[..4])
                    })?;
                }
            }
        }
    }

    let of = |which: usize| counts.iter().zip(&curves).map(move |(&count, both)| (count as f64, mean(&both[which])));
    let path = course::folder("transfer")?.join("examples.svg");
    let series = [Series::line("body from 0-4, frozen", of(0)), Series::line("from scratch", of(1))];
    picture::chart(&path, "digits 5-9 by unseen writers", ["examples of each digit", "right, %"], &series)?;
    println!("picture: {}", path.display());

    let at = counts.iter().position(|&count| count == 10).unwrap_or(0);
    let [transferred, scratch] = &curves[at];
    let gain = mean(transferred) - mean(scratch);
    let seeds = transferred.len();
    Outcome::new("transfer", "digits, by unseen writers", course)
        .beside(format!("5-9 from ten examples each, by transfer: %, mean of {seeds}"), mean(transferred))
        .beside(format!("5-9 from ten examples each, from scratch: %, mean of {seeds}"), mean(scratch))
        .with("transfer above scratch, points", gain, Limit::AtLeast(course.pick(0.0, 5.0)))
        .finish()
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

fn fit(net: &mut Net, data: &Labelled, epochs: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let batch = 32.min(data.len());
    let steps = epochs * data.len().div_ceil(batch) as u64;
    Trainer::of_layer(AdamW::new(5e-3), |logits, labels: &Vec<usize>| logits.cross_entropy(labels))
        .with_schedule(OneCycle::new(5e-3, steps.max(2)))
        .with_epochs(epochs)
        .with_batch_size(batch)
        .with_seed(seed)
        .fit(net, data)?;
    Ok(())
}

fn accuracy(net: &Net, data: &Labelled) -> f64 {
    100.0 * metrics::accuracy(&metrics::argmax(&net.forward(data.inputs.clone())), &data.labels)
}
