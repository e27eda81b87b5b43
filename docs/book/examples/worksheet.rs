//! A graph with empty gradient boxes, and its key:
//! `cargo run -p book --example worksheet -- 7`.

use book::worksheet::Worksheet;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let seed = match std::env::args().nth(1) {
        Some(text) => text
            .parse()
            .map_err(|_| format!("the seed is a number, not `{text}`"))?,
        None => 1,
    };
    let sheet = Worksheet::new(seed);
    println!("worksheet {seed}\n\n{}\nkey\n\n{}", sheet.text(), sheet.key());
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/worksheets");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{seed}.svg")), sheet.picture())?;
    fs::write(folder.join(format!("{seed}-key.svg")), sheet.picture_of_key())?;
    fs::write(folder.join(format!("{seed}.html")), sheet.page())?;
    println!(
        "to print: target/worksheets/{seed}.html, with the key folded up; {seed}.svg and {seed}-key.svg"
    );
    Ok(())
}
