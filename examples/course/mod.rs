//! What the examples of the course have in common: their options, and how they say what they have reached.
//!
//! An example ends with [`Outcome::finish`]: each figure beside the limit that it must hold, as text and as
//! `target/NAME/result.json`, from which the example `results` makes `docs/results.md`. So a limit stands in one place: in
//! the example that can miss it.
#![allow(dead_code, reason = "each example uses a part of it")]

pub mod cells;
pub mod images;
pub mod picture;
pub mod watch;

use autograd::algebra::Real;
use autograd::inspect::Snapshot;
use autograd::{Key, Tape, Var};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// The options that every example of the course takes.
#[derive(Args, Debug, Default)]
pub struct Course {
    /// Fixes everything random
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How many seeds, from the first on, to judge by, where a figure is a mean over several
    #[arg(long)]
    pub seeds: Option<u64>,
    /// Less data and fewer steps, with limits of their own: what the tests run
    #[arg(long)]
    pub quick: bool,
    /// Writes the inspector's page of one step to this file
    #[arg(long, value_name = "FILE.html")]
    pub inspect: Option<PathBuf>,
    /// Writes the report of the first run's inside to target/NAME/watch.html
    #[arg(long)]
    pub watch: bool,
    /// Whether that run has begun.
    #[arg(skip)]
    watched: AtomicBool,
    /// Whether a step was inspected.
    #[arg(skip)]
    inspected: AtomicBool,
}

impl Course {
    /// The seeds to judge by: `usual` of them, or as many as were asked for; one when it is quick.
    pub fn seeds(&self, usual: u64) -> std::ops::Range<u64> {
        let count = self.seeds.unwrap_or(if self.quick { 1 } else { usual });
        self.seed..self.seed + count.max(1)
    }

    /// One number when it is quick, the other in full.
    pub fn pick<T>(&self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }

    /// [`write_inspection`](Course::write_inspection) of a loss that is recorded on a tape that keeps every value.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn inspect<T: Real>(&self, loss: impl FnOnce(&Tape<T>) -> Var<T>) -> io::Result<()> {
        self.write_inspection(|| Snapshot::of_backward(&loss(&Tape::keeping().with_key(Key::new(self.seed)))))
    }

    /// Writes the inspector's page of the first step that this is called with, if one was asked for.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_inspection(&self, step: impl FnOnce() -> Snapshot) -> io::Result<()> {
        let Some(file) = &self.inspect else { return Ok(()) };
        if self.inspected.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, step().to_html())?;
        println!("the inspector's page of one step: {}", file.display());
        Ok(())
    }
}

/// What a figure must hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// Above this.
    Above(f64),
    /// Below this.
    Below(f64),
}

impl Limit {
    /// Whether a figure holds it. One that is not a number does not.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Limit::AtLeast(limit) => value >= limit,
            Limit::AtMost(limit) => value <= limit,
            Limit::Above(limit) => value > limit,
            Limit::Below(limit) => value < limit,
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, limit) = match self {
            Limit::AtLeast(limit) => ("≥", limit),
            Limit::AtMost(limit) => ("≤", limit),
            Limit::Above(limit) => (">", limit),
            Limit::Below(limit) => ("<", limit),
        };
        write!(f, "{sign} {}", short(*limit))
    }
}

/// A figure with its limit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// What it measures, with its unit.
    pub what: String,
    /// The number.
    pub value: f64,
    /// What it must hold; `None` for one that is told beside the others.
    pub limit: Option<Limit>,
}

/// What an example has reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The example.
    pub name: String,
    /// What it was run on.
    pub data: String,
    /// Its figures, in the order in which they are told.
    pub figures: Vec<Figure>,
    /// Whether it was the short form.
    pub quick: bool,
}

impl Outcome {
    /// Nothing reached yet.
    pub fn new(name: &str, data: &str, course: &Course) -> Self {
        Outcome { name: name.to_string(), data: data.to_string(), figures: Vec::new(), quick: course.quick }
    }

    /// With a figure and what it must hold.
    pub fn with(mut self, what: impl Into<String>, value: f64, limit: Limit) -> Self {
        self.figures.push(Figure { what: what.into(), value, limit: Some(limit) });
        self
    }

    /// With a figure that is only told.
    pub fn beside(mut self, what: impl Into<String>, value: f64) -> Self {
        self.figures.push(Figure { what: what.into(), value, limit: None });
        self
    }

    /// Whether every figure holds its limit.
    pub fn holds(&self) -> bool {
        self.figures.iter().all(|figure| figure.limit.is_none_or(|limit| limit.holds(figure.value)))
    }

    /// Prints each figure with its limit and keeps them in `target/NAME/result.json`; a failure if one does not hold.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<ExitCode, Box<dyn std::error::Error>> {
        println!();
        for Figure { what, value, limit } in &self.figures {
            match limit {
                Some(limit) => {
                    let verdict = if limit.holds(*value) { "reached" } else { "MISSED" };
                    println!("{what}: {} ({limit} {verdict})", short(*value));
                }
                None => println!("{what}: {}", short(*value)),
            }
        }
        let folder = folder(&self.name)?;
        std::fs::write(folder.join("result.json"), serde_json::to_string_pretty(&self)?)?;
        Ok(if self.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The folder of an example's pictures, `target/NAME`, made if it is not there.
///
/// # Errors
/// If it cannot be made.
pub fn folder(name: &str) -> io::Result<PathBuf> {
    let folder = Path::new("target").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A number with four significant digits at most.
pub fn short(value: f64) -> String {
    if value != 0.0 && (value.abs() < 1e-3 || value.abs() >= 1e6) {
        return format!("{value:.2e}");
    }
    let decimals = 3 - (value.abs().max(1.0).log10().floor() as i32);
    let text = format!("{value:.*}", decimals.max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// The mean of some figures.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The smallest of some figures.
pub fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The largest of some figures.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The middle one of some figures.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { 0.5 * (sorted[half - 1] + sorted[half]) }
}

/// Runs an example and says what went wrong, if something did.
pub fn main(run: impl FnOnce() -> Result<ExitCode, Box<dyn std::error::Error>>) -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
