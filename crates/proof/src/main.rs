//! The long runs and the page of results: `cargo run --release -p proof -- …`.

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "The proof that every operation is right: long runs, and the page of results")]
struct Options {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Prints the page of results, `docs/correctness.md`
    Page,
    /// Prints what operations say of inputs that do not fit them
    Refusals,
    /// Holds random programs to what must be true of each
    Programs {
        /// How many
        #[arg(default_value_t = 10_000)]
        count: u32,
        /// Fixes which
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

fn main() -> ExitCode {
    let result = match Options::parse().task {
        Task::Page => proof::page::page().map(|page| print!("{page}")),
        Task::Refusals => {
            std::panic::set_hook(Box::new(|_| {}));
            proof::wrong::table(&proof::rows::rows()).map(|table| print!("{table}"))
        }
        Task::Programs { count, seed } => proof::programs::run(count, seed).map(|tally| {
            println!(
                "{} programs of {} operations: {} derivatives agree with differences, {} undecided",
                tally.programs,
                tally.operations,
                tally.derivatives - tally.undecided,
                tally.undecided
            );
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
