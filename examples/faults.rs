//! Twelve mistakes that everyone makes once, and what the library says of each: `cargo run --release --example faults`.
//!
//! Each is a short file in `examples/faults/`, with a healthy twin that differs in the one thing that is wrong. `-- NAME`
//! shows one of them, `-- --list` names them, `-- --all` shows all. The diagnosis names the mistake, the line (the one that
//! is marked in the file), the number that shows it with its limit, and what to do; of the healthy twin it says nothing.

#[path = "faults/gallery.rs"]
mod gallery;

use clap::Parser;
use gallery::{Case, GALLERY, Setting};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Shows common mistakes and what the library says of them")]
struct Options {
    /// The mistake to show
    name: Option<String>,
    /// Name the mistakes
    #[arg(long)]
    list: bool,
    /// Show all of them
    #[arg(long)]
    all: bool,
    /// Fixes data and initial weights
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Samples in the step
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(8..=4096))]
    batch: u16,
    /// Units of a layer
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(8..=1024))]
    width: u16,
    /// Time steps of what repeats
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(12..=1000))]
    steps: u16,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let at = Setting {
        seed: options.seed,
        batch: options.batch.into(),
        width: options.width.into(),
        steps: options.steps.into(),
    };
    match &options.name {
        Some(name) => match GALLERY.iter().find(|case| case.name == name) {
            Some(case) => show(case, &at),
            None => {
                let names: Vec<&str> = GALLERY.iter().map(|case| case.name).collect();
                eprintln!("error: there is no mistake `{name}`\n  help: choose one of {}", names.join(", "));
                return ExitCode::FAILURE;
            }
        },
        None if options.all => GALLERY.iter().for_each(|case| show(case, &at)),
        None => {
            GALLERY.iter().for_each(|case| println!("{:17} {}", case.name, case.title));
            if !options.list {
                println!("\n`-- NAME` shows one, `-- --all` shows all");
            }
        }
    }
    if options.all {
        let right = |case: &&Case| {
            let found = (case.step)(&at, false).findings;
            found.iter().any(|finding| finding.fault == case.fault && finding.at.line as usize == case.line())
        };
        let silent = GALLERY.iter().filter(|case| (case.step)(&at, true).findings.is_empty()).count();
        let named = GALLERY.iter().filter(right).count();
        println!(
            "mistakes named with their line: {named} of {}; healthy twins with nothing to say of: {silent} of {}",
            GALLERY.len(),
            GALLERY.len()
        );
    }
    ExitCode::SUCCESS
}

fn show(case: &Case, at: &Setting) {
    println!("-- {}: {}", case.name, case.title);
    println!("   line {} of {}: {}", case.line(), case.file(), case.marked());
    println!("{}", (case.step)(at, false));
    println!("healthy twin: {}\n", (case.step)(at, true));
}
