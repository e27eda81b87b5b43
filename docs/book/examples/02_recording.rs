//! Record a calculation: `cargo run -p book --example 02_recording`.

use book::page::{part, picture};
use book::pictures::Graph;
use book::println;
use book::tiny::{Number, Tape};

// ANCHOR: program
/// `ln z + eᶻ` with `z = x y`, on numbers that are recorded.
fn program<'t>(x: Number<'t>, y: Number<'t>) -> Number<'t> {
    let z = (x * y).named("z");
    (z.ln() + z.exp()).named("h")
}
// ANCHOR_END: program

pub fn main() {
    part("02_tape");
    let tape = Tape::default();
    program(tape.input("x", 1.5), tape.input("y", 0.8));
    println!("{}", tape.to_string().trim_end());
    picture(
        "02_graph",
        Graph::new(&tape.steps())
            .svg("A graph: x and y into z = x y, z into ln and exp, both into h"),
    );

    part("02_branch");
    branches();

    part("02_library");
    library();
}

// ANCHOR: branch
/// Logarithms until the number is at most 1.
fn branches() {
    for start in [3.0, 0.5] {
        let tape = Tape::default();
        let mut x = tape.input("x", start);
        while x.value() > 1.0 {
            x = x.ln();
        }
        println!("from {start}:\n{}", tape.to_string().trim_end());
    }
}
// ANCHOR_END: branch

// ANCHOR: library
/// The same formula on the library's tape.
fn library() {
    let tape = autograd::scalar::Tape::traced();
    let (x, y) = (tape.var(1.5).named("x"), tape.var(0.8).named("y"));
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    println!("{}", tape.to_string().trim_end());
    println!("h = {h}");
}
// ANCHOR_END: library
