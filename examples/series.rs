//! Lesson 6, forecasts by recurrent networks: `cargo run --release --example series`.
//!
//! A recurrent network reads a sequence step by step and keeps a state; an LSTM and a GRU decide by gates what of it stays. Here
//! they read the last two seasons of a series and say its next value: airline passengers by month and sunspots by year. The
//! last 24 months and the last 40 years are held out; what is scaled is scaled by the rows before them alone. The forecast to
//! beat takes the value of one season ago.
//!
//! Look at: what is fed to the network. Passengers grow by a factor a year, so it gets changes of the logarithm, which
//! neither grow nor drift; a network fed the numbers themselves would have to say what it never saw.

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::picture::{self, Series as Drawn};
use course::{Course, Limit, Outcome, largest, mean};
use nn::data::{self, Dataset, Measured, Standard};
use nn::prelude::*;
use nn::schedule::Cosine;
use nn::train::Trainer;
use std::error::Error;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "RNN, LSTM and GRU forecast airline passengers and sunspots")]
struct Options {
    #[command(flatten)]
    course: Course,
}

/// The numbers that a network remembers.
const HIDDEN: usize = 16;

/// A series, and how it is made fit for a network.
struct Series {
    name: &'static str,
    values: Vec<f64>,
    /// When the first value was measured, and how many there are a year.
    from: f64,
    per_year: f64,
    /// How many values a season has.
    season: usize,
    /// How many of the last values are forecast.
    held_out: usize,
    /// The curve on which the series varies evenly, and the way back.
    curve: [fn(f64) -> f64; 2],
    /// Whether changes are learned and not values.
    changes: bool,
}

fn all_series() -> [Series; 2] {
    let numbers = |tensor: Tensor| tensor.to_vec().into_iter().map(f64::from).collect();
    [
        Series {
            name: "airline passengers",
            values: numbers(data::airline_passengers()),
            from: 1949.0,
            per_year: 12.0,
            season: 12,
            held_out: 24,
            curve: [f64::ln, f64::exp],
            changes: true,
        },
        Series {
            name: "sunspots",
            values: numbers(data::sunspots()),
            from: 1700.0,
            per_year: 1.0,
            season: 11,
            held_out: 40,
            curve: [f64::sqrt, |root| root.max(0.0).powi(2)],
            changes: false,
        },
    ]
}

/// A layer that reads a sequence `[time, batch, 1]` and ends with what it puts out last, `[batch, hidden]`.
trait Recurrent: Module {
    fn last<A: Array>(&self, x: A) -> A;
}

macro_rules! recurrent {
    ($($Layer:ident),*) => {$(
        impl Recurrent for $Layer {
            fn last<A: Array>(&self, x: A) -> A {
                self.forward(x, None).0.slice(0, -1..).squeeze(0)
            }
        }
    )*};
}
recurrent!(Rnn, Lstm, Gru);

/// The next value from the last two seasons, `[batch, time]` to `[batch, 1]`.
#[derive(Module)]
struct Forecaster<R> {
    recurrent: R,
    output: Linear,
}

impl<R: Recurrent> Layer for Forecaster<R> {
    fn forward<A: Array>(&self, x: A) -> A {
        self.output.forward(self.recurrent.last(x.transpose().unsqueeze(2)))
    }
}

pub fn main() -> ExitCode {
    course::main(|| run(&Options::parse()))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let course = &options.course;
    let mut outcome = Outcome::new("series", "airline passengers, sunspots", course);
    for series in all_series() {
        let prepared = Prepared::of(&series)?;
        let first = series.values.len() - series.held_out;
        let actual = &series.values[first..];
        let naive = rmse(&series.values[first - series.season..series.values.len() - series.season], actual);
        let last = rmse(&series.values[first - 1..series.values.len() - 1], actual);
        println!(
            "{}: the value of a season ago is off by {naive:.2} (RMSE), the one just before by {last:.2}",
            series.name
        );
        // The last values by their time, from the `start`-th on.
        let by_time = |start: usize, values: &[f64]| -> Vec<(f64, f64)> {
            let time = |i: usize| series.from + (start + i) as f64 / series.per_year;
            values.iter().enumerate().map(|(i, &y)| (time(i), y)).collect()
        };
        let start = first - series.held_out;
        let mut drawn = vec![Drawn::line("measured", by_time(start, &series.values[start..]))];

        for name in ["RNN", "LSTM", "GRU"] {
            let mut errors = Vec::new();
            for seed in course.seeds(5) {
                let generator = &mut ChaCha8Rng::seed_from_u64(seed);
                let forecast = match name {
                    "RNN" => prepared.forecast(Rnn::new(1, HIDDEN, generator), seed, course, generator),
                    "LSTM" => prepared.forecast(Lstm::new(1, HIDDEN, generator), seed, course, generator),
                    _ => prepared.forecast(Gru::new(1, HIDDEN, generator), seed, course, generator),
                }?;
                errors.push(rmse(&forecast, actual));
                if seed == course.seed {
                    drawn.push(Drawn::Line(name.to_string(), by_time(first, &forecast)));
                }
            }
            println!("  {name}: off by {:.2}, worst of {} seeds {:.2}", mean(&errors), errors.len(), largest(&errors));
            outcome = outcome
                .with(
                    format!("{}, {name}: RMSE, mean of {}", series.name, errors.len()),
                    mean(&errors),
                    Limit::Below(naive),
                )
                .with(format!("{}, {name}: RMSE, worst", series.name), largest(&errors), Limit::Below(naive));
        }
        let path = course::folder("series")?.join(format!("{}.svg", series.name.replace(' ', "-")));
        picture::chart(&path, &format!("{}, one step ahead", series.name), ["year", series.name], &drawn)?;
        println!("  picture: {}", path.display());
    }
    outcome.finish()
}

/// A series on the scales of its training part, cut into windows.
struct Prepared<'a> {
    series: &'a Series,
    scales: Standard,
    train: Measured,
    test: Measured,
}

impl<'a> Prepared<'a> {
    fn of(series: &'a Series) -> Result<Self, Box<dyn Error>> {
        let curved: Vec<f64> = series.values.iter().map(|&y| (series.curve[0])(y)).collect();
        let even: Vec<f32> = match series.changes {
            true => curved.windows(2).map(|pair| (pair[1] - pair[0]) as f32).collect(),
            false => curved.iter().map(|&y| y as f32).collect(),
        };
        let (window, known) = (2 * series.season, even.len() - series.held_out);
        let count = even.len();
        let even = Tensor::from_vec(even, [count, 1]);
        let scales = Standard::of(&even.slice(0, ..known as isize))?;
        let scaled = scales.apply(&even).to_vec();
        // Each row: the window before a value, and the value.
        let rows = |values: std::ops::Range<usize>| {
            let inputs: Vec<f32> = values.clone().flat_map(|at| scaled[at - window..at].to_vec()).collect();
            let targets = scaled[values.clone()].to_vec();
            Measured::new(
                Tensor::from_vec(inputs, [values.len(), window]),
                Tensor::from_vec(targets, [values.len(), 1]),
            )
        };
        Ok(Prepared { series, train: rows(window..known)?, test: rows(known..count)?, scales })
    }

    /// Trains a forecaster, and gives its forecasts of the held-out values, each from the true values before it.
    fn forecast<R: Recurrent>(
        &self,
        recurrent: R,
        seed: u64,
        course: &Course,
        generator: &mut ChaCha8Rng,
    ) -> Result<Vec<f64>, Box<dyn Error>> {
        let mut net = Forecaster { recurrent, output: Linear::new(HIDDEN, 1, generator) };
        let epochs = course.pick(30, 60);
        let steps = epochs * self.train.len().div_ceil(32) as u64;
        let trainer = Trainer::of_layer(Adam::new(0.01), |y, t: &Tensor| loss::mse(y, &y.constant(t), Reduction::Mean))
            .with_epochs(epochs)
            .with_schedule(Cosine::new(0.01, steps))
            .with_clip_norm(1.0)
            .with_seed(seed);
        let mut trainer = course.watch("series", trainer)?;
        trainer.fit(&mut net, &self.train)?;
        course.inspect(|tape: &Tape| {
            let (x, t) = self.train.batch(&[0, 1]);
            loss::mse(&net.forward(tape.constant(&x)), &tape.constant(&t), Reduction::Mean)
        })?;
        let even = self.scales.undo(&trainer.predict(&net, &self.test.inputs)?).to_vec();
        let first = self.series.values.len() - self.series.held_out;
        let [there, back] = self.series.curve;
        let value = |(i, even): (usize, f32)| {
            let before = if self.series.changes { there(self.series.values[first + i - 1]) } else { 0.0 };
            back(before + f64::from(even))
        };
        Ok(even.into_iter().enumerate().map(value).collect())
    }
}

fn rmse(forecast: &[f64], actual: &[f64]) -> f64 {
    let squares: f64 = forecast.iter().zip(actual).map(|(f, a)| (f - a).powi(2)).sum();
    (squares / actual.len() as f64).sqrt()
}
