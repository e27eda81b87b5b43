//! Lesson 5, a convolutional network: `cargo run --release --example cnn`.
//!
//! Two convolutions, of 32 and of 64 filters, each with a rectifier and a largest-of-four behind it, then dropout and one
//! linear layer. A filter looks at 3 × 3 pixels and is the same everywhere, so a stroke means the same wherever it stands;
//! that is what a dense network has to learn for every place anew. The last 360 digits are by writers that the network never
//! saw, and there it shows: dense networks reach 91 %.
//!
//! Look at the pictures in `target/cnn/`: the filters of the first layer, and what each of them makes of one digit: edges of one
//! slope or another. A white one found nothing, as the rectifier passes only what is above 0.
//! `--data DIR` takes the IDX files of MNIST or Fashion-MNIST.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::images::Images;
use course::picture::{self, Image, Ink};
use course::{Course, Limit, Outcome, least, mean};
use nn::data::{self, Labelled};
use nn::prelude::*;
use nn::schedule::OneCycle;
use nn::train::Trainer;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Convolutions 32-64 with dropout, on digits or on the pictures of a folder")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// A folder with the IDX files of MNIST or Fashion-MNIST
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Passes over the pictures; 40 for the digits and 8 for a folder, unless given
    #[arg(long)]
    epochs: Option<u64>,
}

/// The network, for square images of one channel.
#[derive(Module)]
struct Cnn {
    first: Conv2d,
    second: Conv2d,
    output: Linear,
}

impl Cnn {
    fn new(side: usize, classes: usize, generator: &mut ChaCha8Rng) -> Self {
        Cnn {
            first: Conv2d::new(1, 32, [3, 3], generator).with_padding([1, 1]),
            second: Conv2d::new(32, 64, [3, 3], generator).with_padding([1, 1]),
            output: Linear::new(64 * (side / 4) * (side / 4), classes, generator),
        }
    }

    /// What the first layer's filters make of images, `[n, 32, side, side]`.
    fn maps<A: Array>(&self, x: A) -> A {
        self.first.forward(x).relu()
    }
}

impl Layer for Cnn {
    fn forward<A: Array>(&self, x: A) -> A {
        let halved = MaxPool2d::new([2, 2]).forward(self.maps(x));
        let quartered = MaxPool2d::new([2, 2]).forward(self.second.forward(halved).relu());
        self.output.forward(Flatten.forward(quartered).dropout(0.5))
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let Images { name, train, test } = Images::load(options.data.as_deref(), course.quick, || {
        let (train, test) = data::digits().split_at(1437);
        ("digits, by unseen writers", train, test)
    })?;
    let (train, test) = (as_images(&train), as_images(&test));
    let side = train.inputs.shape()[2];
    let epochs = options.epochs.unwrap_or(course.pick(12, if options.data.is_some() { 8 } else { 40 }));
    let batch = if options.data.is_some() { 64 } else { 32 };

    let (mut accuracies, mut shown) = (Vec::new(), None);
    for seed in course.seeds(if options.data.is_some() { 1 } else { 5 }) {
        let mut net = Cnn::new(side, train.classes, &mut ChaCha8Rng::seed_from_u64(seed));
        if shown.is_none() {
            println!("{}\n", net.summary([1, 1, side, side]));
        }
        let steps = epochs * train.len().div_ceil(batch) as u64;
        let mut trainer =
            Trainer::of_layer(AdamW::new(3e-3), |logits, labels: &Vec<usize>| logits.cross_entropy(labels))
                .with_metric("accuracy", |logits, (_, labels)| metrics::accuracy(&metrics::argmax(logits), labels))
                .with_schedule(OneCycle::new(3e-3, steps))
                .with_epochs(epochs)
                .with_batch_size(batch)
                .with_seed(seed);
        if options.data.is_some() {
            trainer = trainer.with_lines();
        }
        let mut trainer = course.watch("cnn", trainer)?;
        let trained = trainer.fit(&mut net, &train)?;
        let accuracy = 100.0 * trainer.evaluate(&net, &test)?.get("accuracy").unwrap_or(f64::NAN);
        println!("seed {seed}: {accuracy:.2} % of the test pictures are right");
        accuracies.push(accuracy);
        shown.get_or_insert((net, trained));
    }
    if let Some((net, trained)) = shown {
        let folder = course::folder("cnn")?;
        picture::training(folder.join("training.svg"), &trained.history)?;
        let filters = net.first.weight.value().to_vec();
        let filters: Vec<Image> = (filters.chunks(9).enumerate())
            .map(|(i, filter)| Image::square(format!("filter {i}"), filter.to_vec(), Ink::Signed))
            .collect();
        picture::images(folder.join("filters.svg"), "the filters of the first layer: blue +, red −", 8, 56, &filters)?;
        let digit = test.inputs.slice(0, ..1);
        let maps = net.maps(digit.clone()).to_vec();
        let mut maps: Vec<Image> = (maps.chunks(side * side).enumerate())
            .map(|(i, map)| Image::square(format!("filter {i}"), map.to_vec(), Ink::Signed))
            .collect();
        maps.insert(0, Image::square(format!("a {}", test.labels[0]), digit.to_vec(), Ink::Grey));
        picture::images(folder.join("maps.svg"), "a picture, and what each filter makes of it", 8, 72, &maps)?;
        println!("pictures: {}/", folder.display());
        course.inspect(|tape: &Tape| {
            net.forward(tape.constant(&train.inputs.slice(0, ..4))).cross_entropy(&train.labels[..4])
        })?;
    }

    let limit = match () {
        _ if course.quick => Some(92.0),
        _ if name == "full MNIST" => Some(99.0),
        _ if name == "full Fashion-MNIST" => Some(90.0),
        _ if options.data.is_none() => Some(94.0),
        _ => None,
    };
    let what = format!("test accuracy, %, mean of {}", accuracies.len());
    let outcome = Outcome::new("cnn", &name, course);
    match limit {
        Some(limit) => outcome.with(what, mean(&accuracies), Limit::AtLeast(limit)),
        None => outcome.beside(what, mean(&accuracies)),
    }
    .beside("test accuracy, %, worst", least(&accuracies))
    .finish()
}

/// Rows of pixels as images of one channel, `[n, 1, side, side]`.
fn as_images(rows: &Labelled) -> Labelled {
    let side = (rows.features() as f64).sqrt().round() as usize;
    Labelled { inputs: rows.inputs.reshape(Shape::from([rows.len(), 1, side, side])), ..rows.clone() }
}
