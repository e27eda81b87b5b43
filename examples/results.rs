//! Runs the course and writes its table of results: `cargo run --release --example results`.
//!
//! Every lesson is a module of this program, so that all of them are built once, and runs as a process of its own: the
//! program calls itself. A lesson leaves its figures, each with the limit that it must hold, in `target/NAME/result.json`;
//! this makes `docs/results.md` of them. With `--quick` every example runs in its short form, by
//! limits of its own, and the page stays as it is: what the tests do. `--only NAME` runs one example and renews its rows.
//! Full sets of pictures are not bundled; give their folders by `--mnist` and `--fashion`.

#![allow(
    clippy::duplicate_mod,
    reason = "a lesson is a program of its own, too, and brings what it shares with others"
)]

#[path = "course/mod.rs"]
mod course;

use clap::Parser;
use course::{Outcome, short};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

#[derive(Parser)]
#[command(about = "Runs every example of the course and writes docs/results.md")]
struct Options {
    /// Short forms with limits of their own; the page is not written
    #[arg(long)]
    quick: bool,
    /// One example alone
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// A folder with the IDX files of MNIST
    #[arg(long, value_name = "DIR")]
    mnist: Option<PathBuf>,
    /// A folder with the IDX files of Fashion-MNIST
    #[arg(long, value_name = "DIR")]
    fashion: Option<PathBuf>,
}

const PAGE: &str = "docs/results.md";

/// The lessons in the order of the course, each with the full sets that it is run on besides the bundled data.
macro_rules! course {
    ($($lesson:ident in $file:literal $(, also $set:literal)*;)+) => {
        $(#[path = $file] mod $lesson;)+

        /// What is to be run: a lesson, and the full set that it gets, if it gets one.
        const COURSE: &[(&str, Option<&str>)] =
            &[$((stringify!($lesson), None), $((stringify!($lesson), Some($set)),)*)+];

        /// Is a lesson itself, if this process was started to be one.
        fn lesson() -> Option<ExitCode> {
            match std::env::var(LESSON).ok()?.as_str() {
                $(stringify!($lesson) => Some($lesson::main()),)+
                _ => None,
            }
        }
    };
}

/// The variable that makes this program a lesson.
const LESSON: &str = "COURSE_LESSON";

course! {
    perceptron in "perceptron.rs";
    xor in "xor.rs";
    keras_dense in "keras_dense.rs", also "full Fashion-MNIST";
    keras_mlp in "keras_mlp.rs", also "full MNIST";
    cnn in "cnn.rs", also "full Fashion-MNIST", also "full MNIST";
    series in "series.rs";
    charlm in "charlm.rs";
    textclass in "textclass.rs";
    sentiment in "sentiment.rs";
    seq2seq in "seq2seq.rs";
    vae in "vae.rs";
    gan in "gan.rs";
    overfit in "overfit.rs";
    search in "search.rs";
    transfer in "transfer.rs";
    policy in "policy.rs";
    robust in "robust.rs";
    regression in "regression.rs";
    privacy in "privacy.rs";
}

fn main() -> ExitCode {
    lesson().unwrap_or_else(|| course::main(|| run(&Options::parse())))
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let names: Vec<&str> = COURSE.iter().filter(|(_, set)| set.is_none()).map(|(lesson, _)| *lesson).collect();
    if let Some(name) = options.only.as_deref().filter(|only| !names.contains(only)) {
        return Err(format!("no lesson `{name}` in the course\nhelp: choose one of {}", names.join(", ")).into());
    }
    let before = std::fs::read_to_string(PAGE).unwrap_or_default();
    let mut table: Vec<String> = COURSE.iter().map(|&(lesson, set)| known(&before, lesson, set)).collect();
    let mut missed = Vec::new();
    for (place, &(lesson, set)) in COURSE.iter().enumerate() {
        let folder = match set {
            Some("full MNIST") => options.mnist.as_deref(),
            Some(_) => options.fashion.as_deref(),
            None => None,
        };
        let wanted = options.only.as_deref().is_none_or(|only| only == lesson);
        if !wanted || set.is_some() && (folder.is_none() || options.quick) {
            continue;
        }
        let outcome = run_lesson(lesson, folder, options.quick)?;
        if !outcome.holds() {
            missed.push(lesson);
        }
        table[place] = told(&outcome);
        // After each, so that nothing is lost if a later one fails.
        if !options.quick {
            std::fs::write(PAGE, page(&table.concat()))?;
        }
    }
    if !options.quick {
        println!("\nthe table: {PAGE}");
    }
    if missed.is_empty() {
        println!("\nevery example that ran holds its limits");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nbelow their limits: {}", missed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// The rows of a lesson as they are in a page; those of a lesson alone are those that name no full set.
fn known(page: &str, lesson: &str, set: Option<&str>) -> String {
    let head = format!("| `{lesson}` | {}", set.map(|set| format!("{set} |")).unwrap_or_default());
    let kept = |line: &&str| line.starts_with(&head) && (set.is_some() || !line.contains("| full "));
    let rows: String = page.lines().filter(kept).map(|line| format!("{line}\n")).collect();
    if rows.is_empty() { format!("| `{lesson}` | {} | not run | | | |\n", set.unwrap_or("–")) } else { rows }
}

/// Runs a lesson to its end and reads what it reached.
fn run_lesson(lesson: &str, data: Option<&Path>, quick: bool) -> Result<Outcome, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(LESSON, lesson);
    if quick {
        command.arg("--quick");
    }
    if let Some(folder) = data {
        command.arg("--data").arg(folder);
    }
    let file = Path::new("target").join(lesson).join("result.json");
    // What an earlier run left is no result of this one.
    if file.exists() {
        std::fs::remove_file(&file)?;
    }
    let start = Instant::now();
    let output = command.output()?;
    let found = std::fs::read_to_string(&file).map_err(|_| {
        format!(
            "`{lesson}` ended without a result\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let outcome: Outcome = serde_json::from_str(&found)?;
    println!("{lesson}, {}: {:.0} s", outcome.data, start.elapsed().as_secs_f64());
    for figure in &outcome.figures {
        let limit =
            figure.limit.map(|limit| format!(" ({limit}{})", if limit.holds(figure.value) { "" } else { ", MISSED" }));
        println!("  {}: {}{}", figure.what, short(figure.value), limit.unwrap_or_default());
    }
    Ok(outcome)
}

/// A row a figure.
fn told(outcome: &Outcome) -> String {
    let row = |figure: &course::Figure| {
        let (limit, holds) = match figure.limit {
            Some(limit) => (limit.to_string(), if limit.holds(figure.value) { "yes" } else { "**no**" }),
            None => (String::new(), ""),
        };
        format!(
            "| `{}` | {} | {} | {limit} | {} | {holds} |\n",
            outcome.name,
            outcome.data,
            figure.what,
            short(figure.value)
        )
    };
    outcome.figures.iter().map(row).collect()
}

fn page(table: &str) -> String {
    format!(
        "# What the examples of the course reach\n\n\
         Made by `cargo run --release --example results`, which runs every example in full and writes down its figures; no hand\n\
         edits it. A figure without a limit is told beside the others. The rows of full sets of pictures, which are not\n\
         bundled, need `--mnist DIR` and `--fashion DIR`: folders with their IDX files.\n\n\
         | example | data | figure | limit | value | holds |\n|---|---|---|---|---|---|\n{table}"
    )
}
