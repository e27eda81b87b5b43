//! Lesson 1, a single neuron: `cargo run --release --example perceptron`.
//!
//! A neuron multiplies, adds and decides: `y = step(w·x + b)`. The step's slope is 0 wherever it has one, so no gradient
//! can teach it; Rosenblatt's rule of 1958 does without: at each row that comes out wrong, `w ← w + (t − y) x`. If a line
//! separates the classes, that ends after at most `(R/γ)²` corrections (Novikoff, 1962); two kinds of iris show it. Then
//! the step goes, and the same neuron learns a noisy line by gradient descent on half the mean squared error: until the loss is
//! below a threshold, and on to where least squares by its closed form says that the end is.
//!
//! Look at: the gradient through the step, which is an exact zero and not an accident; the number of corrections; the two
//! pictures in `target/perceptron/`.

#[path = "course/mod.rs"]
mod course;

use autograd::Reached;
use clap::Parser;
use course::picture::{self, Series};
use course::{Course, Limit, Outcome, largest};
use nn::data::{self, Dataset, Labelled, Measured};
use nn::prelude::*;
use std::error::Error;
use std::io;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "One neuron: the perceptron's rule, then gradient descent")]
struct Options {
    #[command(flatten)]
    course: Course,
    /// Gradient descent tells when the loss is below this
    #[arg(long, default_value_t = 0.04)]
    threshold: f64,
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let (flowers, names) = iris();
    println!(
        "{} flowers of iris, {} and {}, by the length and width of their petals",
        flowers.len(),
        names[0],
        names[1]
    );

    // No gradient passes the step.
    let w = Param::new(Tensor::from([[0.5, -0.5]]));
    let (_, gradients) = gradient(|tape| tape.constant(&flowers.inputs).linear(&tape.param(&w), None).step().sum());
    let zero = matches!(gradients.of(&w), Reached::Zero(_));
    println!("the gradient through the step is an exact zero: {zero}");

    let (mut wrong, mut apart) = (Vec::new(), Vec::new());
    let (mut losses, mut drawn) = (Vec::new(), None);
    for seed in course.seeds(5) {
        let (neuron, corrections) = perceptron(&flowers, seed);
        let mistakes = flowers.len() - metrics::correct(&neuron.classes(&flowers.inputs), &flowers.labels);
        println!("seed {seed}: {mistakes} of {} wrong after {corrections} corrections", flowers.len());
        wrong.push(mistakes as f64);

        let line = noisy_line(seed);
        let (found, steps, loss) = descend(&line, options)?;
        let exact = least_squares(&line);
        let difference = largest(&[(found[0] - exact[0]).abs(), (found[1] - exact[1]).abs()]);
        println!(
            "  y = {:.6} x + {:.6} by gradient descent, {difference:.1e} from least squares; loss {loss:.4} after {steps} steps",
            found[0], found[1]
        );
        losses.push(loss);
        apart.push(difference);
        drawn.get_or_insert((neuron, line, found));
    }
    if let Some((neuron, line, found)) = drawn {
        draw(&flowers, &names, &neuron, &line, found)?;
        course.inspect(|tape: &Tape<f64>| half_mse(&Line::new(), tape, &line.inputs, &line.targets))?;
    }

    Outcome::new("perceptron", "iris, two kinds; noisy lines", course)
        .with("flowers on the wrong side, worst of the seeds", largest(&wrong), Limit::AtMost(0.0))
        .with(
            "gradient descent: ½-mean squared error where it stops first",
            largest(&losses),
            Limit::Below(options.threshold),
        )
        .with("gradient descent: distance to least squares, worst of the seeds", largest(&apart), Limit::AtMost(1e-6))
        .finish()
}

/// Two kinds of iris, by the two measurements of their petals.
fn iris() -> (Labelled, Vec<String>) {
    let (all, names) = data::iris();
    let (two, _) = all.split_at(100); // The source lists fifty of each kind, one kind after the other.
    let petals = two.inputs.slice(1, 2..).contiguous();
    (Labelled { inputs: petals, labels: two.labels, classes: 2 }, names)
}

/// Weights and a bias with a step behind them.
struct Perceptron {
    weights: [f32; 2],
    bias: f32,
}

impl Perceptron {
    fn fires(&self, x: &[f32]) -> bool {
        self.weights[0] * x[0] + self.weights[1] * x[1] + self.bias > 0.0
    }

    fn classes(&self, inputs: &Tensor) -> Vec<usize> {
        inputs.to_vec().chunks(2).map(|x| usize::from(self.fires(x))).collect()
    }
}

/// The perceptron's rule, pass after pass in an order drawn by the seed, until a pass finds nothing to correct; and how many
/// corrections that took. A thousand passes at most: where no line separates, the rule never ends.
fn perceptron(data: &Labelled, seed: u64) -> (Perceptron, usize) {
    let (mut neuron, mut corrections) = (Perceptron { weights: [0.0; 2], bias: 0.0 }, 0);
    for pass in 0..1000 {
        let before = corrections;
        for (x, labels) in data::batches(data, 1, seed << 32 | pass) {
            let x = x.to_vec();
            let error = labels[0] as f32 - f32::from(u8::from(neuron.fires(&x)));
            if error != 0.0 {
                neuron.weights = [neuron.weights[0] + error * x[0], neuron.weights[1] + error * x[1]];
                neuron.bias += error;
                corrections += 1;
            }
        }
        if corrections == before {
            break;
        }
    }
    (neuron, corrections)
}

/// A hundred points near `y = 2 x − 1`.
fn noisy_line(seed: u64) -> Measured<f64> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let x = Tensor::uniform([100, 1], -1.0, 1.0, &mut generator);
    let noise = Tensor::normal([100, 1], 0.0, 0.2, &mut generator);
    Measured { targets: &x * 2.0 - 1.0 + noise, inputs: x }
}

/// The neuron without its step: one weight, one bias.
#[derive(Module)]
#[module(real = "f64")]
struct Line {
    slope: Param<f64>,
    offset: Param<f64>,
}

impl Line {
    fn new() -> Self {
        Line { slope: Param::new(Tensor::zeros([1, 1])), offset: Param::new(Tensor::zeros([1])) }
    }

    fn numbers(&self) -> [f64; 2] {
        [self.slope.value().item(), self.offset.value().item()]
    }
}

fn half_mse(line: &Line, tape: &Tape<f64>, x: &Tensor<f64>, y: &Tensor<f64>) -> Var<f64> {
    let prediction = tape.constant(x).linear(&tape.param(&line.slope), Some(&tape.param(&line.offset)));
    loss::half_mse(&prediction, &tape.constant(y))
}

/// Gradient descent on all rows, until the gradient is 0 to 1e-12. Also after how many steps the loss was below a threshold,
/// and what it was then; the last loss, if it never was.
fn descend(data: &Measured<f64>, options: &Options) -> io::Result<([f64; 2], usize, f64)> {
    let (mut line, mut descent) = (Line::new(), GradientDescent::new(0.5));
    let (mut first, mut last, mut watch) = (None, (0, f64::NAN), options.course.watch_loop("perceptron")?);
    let (x, y) = data.batch(&(0..data.len()).collect::<Vec<_>>());
    for step in 0..10_000 {
        let (loss, gradients) = watch.gradient(&line, |tape| half_mse(&line, tape, &x, &y));
        last = (step, loss);
        if loss < options.threshold {
            first.get_or_insert(last);
        }
        let slopes = [gradients.of(&line.slope), gradients.of(&line.offset)].map(|slope| slope.or_zeros().item().abs());
        if largest(&slopes) < 1e-12 {
            break;
        }
        descent.step(&mut line, &gradients);
        watch.after_step(&line, &gradients);
    }
    watch.finish()?;
    let (steps, loss) = first.unwrap_or(last);
    Ok((line.numbers(), steps, loss))
}

/// `Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²`, and the line through the means.
fn least_squares(data: &Measured<f64>) -> [f64; 2] {
    let (x, y) = (data.inputs.to_vec(), data.targets.to_vec());
    let (x_mean, y_mean) = (course::mean(&x), course::mean(&y));
    let products: f64 = x.iter().zip(&y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let squares: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    let slope = products / squares;
    [slope, y_mean - slope * x_mean]
}

fn draw(
    flowers: &Labelled,
    names: &[String],
    neuron: &Perceptron,
    line: &Measured<f64>,
    found: [f64; 2],
) -> Result<(), Box<dyn Error>> {
    let folder = course::folder("perceptron")?;
    let petals = flowers.inputs.to_vec();
    let of = |class: usize| {
        let rows = petals.chunks(2).zip(&flowers.labels).filter(move |(_, label)| **label == class);
        rows.map(|(x, _)| (f64::from(x[0]), f64::from(x[1])))
    };
    // Where w·x + b = 0, within the picture.
    let border = (0..=100).map(|i| {
        let x = 1.0 + 0.04 * f64::from(i);
        (x, -(f64::from(neuron.weights[0]) * x + f64::from(neuron.bias)) / f64::from(neuron.weights[1]))
    });
    let border = border.filter(|(_, y)| (0.0..2.0).contains(y));
    let series =
        [Series::points(&names[0], of(0)), Series::points(&names[1], of(1)), Series::line("w·x + b = 0", border)];
    picture::chart(
        folder.join("iris.svg"),
        "what the rule has found",
        ["petal length, cm", "petal width, cm"],
        &series,
    )?;
    let points = line.inputs.to_vec().into_iter().zip(line.targets.to_vec());
    let ends = [-1.0, 1.0].map(|x| (x, found[0] * x + found[1]));
    let series = [Series::points("noisy points", points), Series::line("gradient descent", ends)];
    picture::chart(folder.join("line.svg"), "a line by gradient descent", ["x", "y"], &series)?;
    println!("pictures: {}/", folder.display());
    Ok(())
}
