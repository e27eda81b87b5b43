//! A real network trained on real handwritten digits: `cargo run --release --example digits`.
//!
//! The first 1,437 rows train, the last 360 test, in file order: the test digits are by writers that the network never
//! saw. That is the honest split; shuffled rows would put every writer on both sides and flatter by seven points.

#[path = "digits/report.rs"]
mod report;

use autograd::check::gradcheck;
use clap::Parser;
use nn::data::{self, Dataset, Labelled};
use nn::metrics::{self, Average, ConfusionMatrix};
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::{Checkpoints, Ended, Trained, Trainer, stop_on_ctrl_c};
use report::{Epoch, Report};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Parser)]
#[command(about = "Trains a classifier on real handwritten digits")]
struct Options {
    /// Passes over the training set
    #[arg(long, default_value_t = 40)]
    epochs: u64,
    /// Rows in a training step
    #[arg(long, default_value_t = 64)]
    batch_size: usize,
    /// The learning rate at the start; it falls to 0 along a half cosine
    #[arg(long, default_value_t = 3e-3)]
    lr: f64,
    /// Fixes the initial weights and the order of the batches
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Hidden units
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    /// A folder of IDX files (MNIST, Fashion-MNIST), plain or gzipped, instead of the bundled digits
    #[arg(long)]
    data: Option<PathBuf>,
    /// A folder for checkpoints: Ctrl-C then ends cleanly, and the same command goes on
    #[arg(long)]
    checkpoints: Option<PathBuf>,
}

/// The network: one hidden layer of rectifiers, on a number type to choose.
#[derive(Module)]
struct Classifier<T: Real = f32> {
    hidden: Linear<T>,
    output: Linear<T>,
}

impl<T: Real> Layer<T> for Classifier<T> {
    fn forward<A: Array<T>>(&self, x: A) -> A {
        self.output.forward(self.hidden.forward(x).relu())
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let (train, test) = match &options.data {
        Some(folder) => data::idx_folder(folder)?,
        None => data::digits().split_at(1437),
    };
    let split = match &options.data {
        Some(folder) => format!("the sets in {}", folder.display()),
        None => "file order: the test digits are by writers the network never saw".to_string(),
    };
    println!("{} rows to train, {} to test ({split})", train.len(), test.len());

    let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
    let mut net: Classifier = Classifier {
        hidden: Linear::with_init(train.features(), options.hidden, nn::init::Init::KaimingUniform, &mut generator),
        output: Linear::with_init(options.hidden, train.classes, nn::init::Init::GlorotUniform, &mut generator),
    };
    println!("{}-{}-{} network, {} parameters", train.features(), options.hidden, train.classes, net.parameter_count());

    let start = Instant::now();
    let Trained { history, ended } = train_network(&mut net, options, &train, &test)?;
    if ended == Ended::Interrupted {
        println!("interrupted after step {}; the same command goes on from there", history.steps.len());
        return Ok(());
    }
    let epochs: Vec<Epoch> = history.epochs.iter().map(Epoch::of).collect();
    let seconds = start.elapsed().as_secs_f64();

    let predicted = metrics::argmax(&net.forward(test.inputs.clone()));
    let matrix = ConfusionMatrix::new(&predicted, &test.labels, test.classes);
    let scores = matrix.average(Average::Macro);
    println!("\n{matrix}mean F1 {:.3}\n", scores.f1);

    let verdict = check_gradients(&net, &train);
    println!("{verdict}");
    println!("trained for {} epochs in {seconds:.2} s", options.epochs);

    let correct = metrics::correct(&predicted, &test.labels);
    let report = Report {
        epochs: &epochs,
        matrix: &matrix,
        test: &test,
        predicted: &predicted,
        split: &split,
        verdict: &verdict,
        seconds,
    };
    println!("curves and a page: {}", report.write("target/digits")?.display());
    println!("test accuracy: {:.1} % ({correct} of {})", 100.0 * correct as f64 / test.len().max(1) as f64, test.len());
    Ok(())
}

/// Trains by Adam, with a rate that falls to 0 along half a cosine, and prints a line for each epoch.
fn train_network(
    net: &mut Classifier,
    options: &Options,
    train: &Labelled,
    test: &Labelled,
) -> Result<Trained, Box<dyn std::error::Error>> {
    let batch_size = options.batch_size.max(1);
    let steps = train.len().div_ceil(batch_size) as u64 * options.epochs;
    println!("epoch    loss   train    test");
    let mut trainer = Trainer::of_layer(Adam::new(options.lr), |y, labels: &Vec<usize>| y.cross_entropy(labels))
        .with_schedule(Cosine::new(options.lr, steps.max(1)))
        .with_metric("accuracy", |y, (_, labels)| metrics::accuracy(&metrics::argmax(y), labels))
        .with_training_metrics()
        .with_validation(test)
        .with_batch_size(batch_size)
        .with_epochs(options.epochs)
        .with_seed(options.seed)
        .with_line(|epoch| {
            let Epoch { loss, train, test } = Epoch::of(epoch);
            format!("{:>5} {loss:>7.4} {:>5.1} % {:>5.1} %", epoch.epoch, 100.0 * train, 100.0 * test)
        })
        .with_progress();
    if let Some(folder) = &options.checkpoints {
        trainer = trainer.with_checkpoints(Checkpoints::in_folder(folder).with_resume()).with_stop(stop_on_ctrl_c()?);
    }
    Ok(trainer.fit(net, train)?)
}

/// Checks the trained network's gradients against finite differences, in f64, on a few rows.
fn check_gradients(net: &Classifier, train: &Labelled) -> String {
    let values: Vec<Tensor<f64>> = net.values().iter().map(Tensor::cast).collect();
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let (hidden, features) = (values[0].shape()[0], values[0].shape()[1]);
    let mut precise = Classifier::<f64> {
        hidden: Linear::new(features, hidden, &mut generator),
        output: Linear::new(hidden, train.classes, &mut generator),
    };
    precise.set_values(&values);
    let (x, labels) = train.batch(&(0..train.len().min(8)).collect::<Vec<_>>());
    let x = x.cast::<f64>();
    let report = gradcheck(&values, |w| {
        precise.bind(w);
        precise.forward(w[0].constant(&x)).cross_entropy(&labels)
    });
    report.named("digits network").to_string()
}
