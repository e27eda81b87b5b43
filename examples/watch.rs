//! Ten runs that go wrong, and what the watch says of each: `cargo run --release --example watch`.
//!
//! Each is a short file in `examples/watch/`, with a healthy twin that differs in the one thing that is wrong. `-- NAME`
//! shows one of them, `-- --list` names them, `-- --all` shows all; `--report` writes the report of each run as a page into
//! `target/watch/`. The watch names the mistake, the step, the number that shows it with its limit, and what to do; of the
//! healthy twin it says nothing.

#[path = "watch/gallery.rs"]
mod gallery;

use clap::Parser;
use gallery::{Case, GALLERY, Setting};
use nn::watch::Log;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Shows runs that go wrong and what the watch says of them")]
struct Options {
    /// The mistake to show
    name: Option<String>,
    /// Name the mistakes
    #[arg(long)]
    list: bool,
    /// Show all of them
    #[arg(long)]
    all: bool,
    /// Write reports into target/watch/
    #[arg(long)]
    report: bool,
    /// Fixes initial weights and the order of the data
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Samples of a batch
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(8..=1024))]
    batch: u16,
    /// Units of a layer
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(8..=1024))]
    width: u16,
    /// Layers or time steps, of what is deep
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(10..=200))]
    depth: u16,
    /// Steps of a run
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u16).range(60..=10000))]
    steps: u16,
    /// From one watched step to the next
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=12))]
    every: u16,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let at = Setting {
        seed: options.seed,
        batch: options.batch.into(),
        width: options.width.into(),
        depth: options.depth.into(),
        steps: options.steps.into(),
        every: options.every.into(),
    };
    let chosen: Vec<&Case> = match &options.name {
        Some(name) => match GALLERY.iter().find(|case| case.name == name) {
            Some(case) => vec![case],
            None => {
                let names: Vec<&str> = GALLERY.iter().map(|case| case.name).collect();
                eprintln!("error: there is no mistake `{name}`\n  help: choose one of {}", names.join(", "));
                return ExitCode::FAILURE;
            }
        },
        None if options.all => GALLERY.iter().collect(),
        None => {
            GALLERY.iter().for_each(|case| println!("{:19} {}", case.name, case.title));
            if !options.list {
                println!("\n`-- NAME` shows one, `-- --all` shows all");
            }
            return ExitCode::SUCCESS;
        }
    };
    let (mut named, mut silent) = (0, 0);
    for case in &chosen {
        let (log, twin) = ((case.run)(&at, false), (case.run)(&at, true));
        named += usize::from(log.findings.iter().any(|seen| seen.finding.fault == case.fault));
        silent += usize::from(twin.findings.is_empty());
        show(case, &log, &twin, chosen.len() == 1);
        if options.report {
            for (log, name) in [(&log, case.name.to_string()), (&twin, format!("{}-healthy", case.name))] {
                if let Err(error) = write(log, &name) {
                    eprintln!("error: target/watch: {error}\n  help: start it where one may write");
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    let count = chosen.len();
    println!("mistakes named: {named} of {count}; healthy twins with nothing to say of: {silent} of {count}");
    ExitCode::SUCCESS
}

fn show(case: &Case, log: &Log, twin: &Log, in_full: bool) {
    println!("-- {}: {}", case.name, case.title);
    match in_full {
        true => println!("{log}\n"),
        false => log.findings.iter().for_each(|seen| println!("{seen}")),
    }
    println!("healthy twin: {}, {} findings", twin.headline(), twin.findings.len());
    twin.findings.iter().for_each(|seen| println!("  {seen}"));
    println!();
}

fn write(log: &Log, name: &str) -> std::io::Result<()> {
    std::fs::create_dir_all("target/watch")?;
    std::fs::write(format!("target/watch/{name}.html"), log.to_html())?;
    println!("   target/watch/{name}.html");
    Ok(())
}
