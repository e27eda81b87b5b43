//! Lesson 3, a dense network as Keras's first page has it: `cargo run --release --example keras_dense`.
//!
//! 784-32-10 with a softmax at its end, categorical cross-entropy on its probabilities, Adam, 10 epochs, batches of 32:
//! word for word, first on random inputs and random targets, as it is usually shown. There is nothing to learn in those but
//! the rows themselves, so look at how little the loss falls, and that it cannot fall below the entropy of the targets. That
//! the steps are the right ones is shown by a run of PyTorch's that this follows loss by loss. Then the same lines meet real
//! pictures, of clothes.
//!
//! In `target/keras_dense/units.svg` stand the weights of the hidden units. Those that still look like noise have learned nothing:
//! their input is negative for every picture, and no gradient passes a rectifier that is shut.
//!
//! `--data DIR` takes the IDX files of Fashion-MNIST in the place of the bundled cut.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::images::Images;
use course::picture::{self, Image, Ink};
use course::{Course, Limit, Outcome, largest, least, mean};
use nn::data::{self, Labelled, Measured};
use nn::init::Init;
use nn::prelude::*;
use nn::train::Trainer;
use serde_json::Value;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "784-32-10, softmax, categorical cross-entropy, Adam")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// A folder with the IDX files of Fashion-MNIST
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// `Dense(32, relu)`, `Dense(10, softmax)`, with Keras's initial weights.
fn dense(generator: &mut ChaCha8Rng) -> Sequential {
    Sequential::new()
        .with(Linear::with_init(784, 32, Init::GlorotUniform, generator))
        .with(Relu)
        .with(Linear::with_init(32, 10, Init::GlorotUniform, generator))
        .with(Softmax { axis: 1 })
}

/// `compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])`, `fit(epochs=10, batch_size=32)`.
fn trainer<'a>(epochs: u64, seed: u64) -> Trainer<'a, Sequential, (Tensor, Tensor)> {
    Trainer::of_layer(Adam::new(1e-3), |p, targets: &Tensor| {
        loss::categorical_cross_entropy(p, &p.constant(targets), Reduction::Mean)
    })
    .with_metric("accuracy", |p, (_, targets)| metrics::accuracy(&metrics::argmax(p), &metrics::argmax(targets)))
    .with_epochs(epochs)
    .with_batch_size(32)
    .with_seed(seed)
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let difference = golden()?;
    println!("the golden run, 40 steps of PyTorch's: losses differ by {difference:.1e} at most, of the largest");
    let (first, last, entropy) = random(course)?;
    println!(
        "random targets: loss {first:.4} in the first epoch, {last:.4} in the last; no net gets below {entropy:.4}\n"
    );

    let images = Images::load(options.data.as_deref(), course.quick, || {
        let (train, test) = data::fashion();
        ("Fashion-MNIST, cut", train, test)
    })?;
    let (train, test) = (one_hot(&images.train), one_hot(&images.test));
    let (mut accuracies, mut shown) = (Vec::new(), None);
    for seed in course.seeds(5) {
        let mut net = dense(&mut ChaCha8Rng::seed_from_u64(seed));
        let mut trainer = course.watch("keras_dense", trainer(10, seed))?;
        let trained = trainer.fit(&mut net, &train)?;
        let evaluation = trainer.evaluate(&net, &test)?;
        let accuracy = 100.0 * evaluation.get("accuracy").unwrap_or(f64::NAN);
        println!("seed {seed}: test loss {:.4}, accuracy {accuracy:.1} %", evaluation.loss);
        accuracies.push(accuracy);
        shown.get_or_insert((net, trained));
    }
    if let Some((net, trained)) = shown {
        let folder = course::folder("keras_dense")?;
        picture::training(folder.join("training.svg"), &trained.history)?;
        draw(&net)?;
        println!("pictures: {}/", folder.display());
        course.inspect(|tape: &Tape| {
            let p = net.forward(tape.constant(&train.inputs.slice(0, ..8)));
            loss::categorical_cross_entropy(&p, &tape.constant(&train.targets.slice(0, ..8)), Reduction::Mean)
        })?;
    }

    let outcome = Outcome::new("keras_dense", &images.name, course)
        .with("golden run: largest relative difference of the loss", difference, Limit::AtMost(1e-10))
        .with("random targets: fall of the loss in 10 epochs", first - last, Limit::Above(0.0))
        .with("random targets: loss over the entropy of the targets", last - entropy, Limit::Above(0.0));
    let what = format!("test accuracy, %, mean of {}", accuracies.len());
    let limit = match () {
        _ if course.quick => Some(75.0),
        _ if images.is("full Fashion-MNIST") => Some(85.0),
        _ if options.data.is_none() => Some(80.0),
        _ => None,
    };
    let outcome = match limit {
        Some(limit) => outcome.with(what, mean(&accuracies), Limit::AtLeast(limit)),
        None => outcome.beside(what, mean(&accuracies)),
    };
    outcome.beside("test accuracy, %, worst", least(&accuracies)).finish()
}

fn one_hot(images: &Labelled) -> Measured {
    Measured { inputs: images.inputs.clone(), targets: Indices::from(&images.labels[..]).one_hot(images.classes) }
}

/// The lines on what they are usually shown with: a thousand rows of noise, with noise for targets. Gives the loss of the first
/// epoch and of the last, and the mean entropy of the targets, which is the least that a cross-entropy can be.
fn random(course: &Course) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let mut generator = ChaCha8Rng::seed_from_u64(course.seed);
    let inputs = Tensor::uniform([1000, 784], 0.0, 1.0, &mut generator);
    let targets: Tensor = Tensor::uniform([1000, 10], 0.0, 1.0, &mut generator);
    let targets = &targets / targets.sum_keep(1);
    let entropy = -(&targets * targets.clamp(1e-30, 1.0).ln()).sum_axes(1).mean().item();
    let mut net = dense(&mut generator);
    let trained = trainer(10, course.seed).fit(&mut net, &Measured::new(inputs, targets)?)?;
    let losses: Vec<f64> = trained.history.epoch_curve("loss").into_iter().map(|(_, loss)| loss).collect();
    Ok((losses[0], losses[losses.len() - 1], f64::from(entropy)))
}

/// A run whose weights, rows and losses PyTorch wrote down: 12-8-8-3 on random inputs with random targets, in f64. Gives the
/// largest difference of a step's loss, as a part of the largest loss.
fn golden() -> Result<f64, Box<dyn Error>> {
    let file: Value = serde_json::from_str(include_str!("../crates/nn/tests/data/reference/training.json"))?;
    let case = file["cases"].as_array().and_then(|cases| cases.iter().find(|case| case["op"] == "mlp_soft"));
    let case = case.ok_or("the golden run is not in its file")?;
    let numbers = |value: &Value| -> Result<Tensor<f64>, Box<dyn Error>> {
        let shape: Vec<usize> = serde_json::from_value(value["shape"].clone())?;
        Ok(Tensor::from_vec(serde_json::from_value(value["data"].clone())?, Shape::from(&shape[..])))
    };
    let (inputs, attributes) = (&case["inputs"], &case["attrs"]);
    let data = Measured::new(numbers(&inputs["x"])?, numbers(&inputs["target"])?)?;
    let batches: Vec<Vec<usize>> = serde_json::from_value(attributes["batches"].clone())?;

    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let mut net = Sequential::<f64>::new()
        .with(Linear::new(12, 8, &mut generator))
        .with(Relu)
        .with(Linear::new(8, 8, &mut generator))
        .with(Relu)
        .with(Linear::new(8, 3, &mut generator))
        .with(Softmax { axis: 1 });
    let names = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"];
    net.set_values(&names.iter().map(|name| numbers(&inputs[*name])).collect::<Result<Vec<_>, _>>()?);
    let mut trainer = Trainer::of_layer(Adam::new(0.01), |p: &Var<f64>, targets: &Tensor<f64>| {
        loss::categorical_cross_entropy(p, &p.constant(targets), Reduction::Mean)
    })
    .with_batches(move |_| batches.clone())
    .with_epochs(10);
    let history = trainer.fit(&mut net, &data)?.history;

    let expected = numbers(&case["outputs"]["loss"])?.to_vec();
    let differences: Vec<f64> =
        history.steps.iter().zip(&expected).map(|(step, loss)| (step.loss - loss).abs()).collect();
    if differences.len() != expected.len() {
        return Err(format!("{} steps where the golden run has {}", differences.len(), expected.len()).into());
    }
    Ok(largest(&differences) / largest(&expected))
}

/// What each hidden unit looks for: its weights as a picture, blue where it wants light.
fn draw(net: &Sequential) -> Result<(), Box<dyn Error>> {
    let weights = net.values()[0].to_vec();
    let images: Vec<Image> = weights
        .chunks(784)
        .enumerate()
        .map(|(unit, weights)| Image::square(format!("unit {unit}"), weights.to_vec(), Ink::Signed))
        .collect();
    picture::images(
        course::folder("keras_dense")?.join("units.svg"),
        "what the 32 hidden units look for: blue counts for them, red against",
        8,
        84,
        &images,
    )
}
