//! A tour of the inspector, on programs small enough to follow with a pencil: `cargo run --release --example inspect`.
//!
//! What a tape recorded as a table; the gradient as a sum over paths; the backward pass step by step; where a NaN came from; a
//! parameter without a gradient, and why; an operation whose derivative is wrong, caught; what a whole step looks like to a
//! diagnosis. At the end the same views are written as a page with pictures: `target/inspect/index.html`, with the graph in
//! `graph.svg` and `graph.dot`, and the snapshot that all of it is made from in `snapshot.json`.

#[path = "inspect/tour.rs"]
mod tour;

use autograd::check::Report;
use autograd::inspect::{Page, Snapshot};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

#[derive(Parser)]
#[command(about = "A tour of what a tape can tell of gradients, in the terminal and as a page")]
struct Options {
    /// Where the page goes
    #[arg(long, default_value = "target/inspect")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let options = Options::parse();
    tour::ON_PAPER.iter().for_each(|stop| println!("{}", stop()));
    let (text, wrong) = tour::a_wrong_derivative();
    println!("{text}");
    let (text, snapshot) = tour::one_step();
    println!("{text}");
    match write(&snapshot, &wrong, &options.out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "error: cannot write to {}: {error}\n  help: give another folder with --out",
                options.out.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// The page, the graph by itself in two forms, and the snapshot.
fn write(snapshot: &Snapshot, check: &Report, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let page = Page::new(snapshot).titled("One step of a small net").with_check(check);
    fs::write(folder.join("index.html"), page.to_html())?;
    fs::write(folder.join("graph.svg"), snapshot.to_svg())?;
    fs::write(folder.join("graph.dot"), snapshot.to_dot())?;
    fs::write(folder.join("snapshot.json"), snapshot.to_json())?;
    println!("the same step as a page: {}", folder.join("index.html").display());
    println!(
        "its graph: {} and graph.dot; the snapshot that all is made from: snapshot.json",
        folder.join("graph.svg").display()
    );
    Ok(())
}
