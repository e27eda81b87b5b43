//! The chain rule as paths: `cargo run -p book --example 04_paths`.

use book::page::{part, picture, short};
use book::pictures::Graph;
use book::println;
use book::tiny::{Number, Path, Step, Tape, paths};

pub fn main() {
    part("04_paths");
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 1.5), tape.input("y", 0.8));
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    let steps = tape.steps();
    let found = paths(&steps, h.step, x.step);
    tell(&steps, &found);
    let nudged = |x: f64| (x * 0.8).ln() + (x * 0.8).exp();
    println!(
        "by nudging: {}",
        short((nudged(1.5 + 1e-5) - nudged(1.5 - 1e-5)) / 2e-5)
    );
    let description = "Two ways back from h to x in two colours, by the logarithm and by the exponential";
    picture("04_paths", coloured(&steps, &found).svg(description));

    part("04_cancellation");
    println!("mean of squares less square of the mean:");
    let tape = Tape::default();
    let numbers = [1000.0, 999.0].map(|x| tape.input(&format!("{x}"), x));
    let spread = squares_less_square(&tape, numbers);
    let steps = tape.steps();
    let found = paths(&steps, spread.step, numbers[0].step);
    tell(&steps, &found);
    let description = "Four ways back from a variance to one of its numbers; two large positive, two large negative";
    picture("04_cancellation", coloured(&steps, &found).svg(description));

    part("04_better");
    println!("mean of squared distances from the mean:");
    let tape = Tape::default();
    let numbers = [1000.0, 999.0].map(|x| tape.input(&format!("{x}"), x));
    let spread = squared_distances(&tape, numbers);
    let steps = tape.steps();
    tell(&steps, &paths(&steps, spread.step, numbers[0].step));

    part("04_library");
    library();
}

// ANCHOR: library
/// The library's view of the same paths: nodes 5 and 0 are `h` and `x`.
fn library() {
    let tape = autograd::scalar::Tape::traced();
    let (x, y) = (tape.var(1.5).named("x"), tape.var(0.8).named("y"));
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    let snapshot = autograd::inspect::Snapshot::of_backward(&h);
    match snapshot.paths_between(5, 0, 10) {
        Ok(paths) => println!("{}", paths.to_string().trim_end()),
        Err(error) => println!("{error}"),
    }
    picture("04_library", snapshot.to_svg());
}
// ANCHOR_END: library

// ANCHOR: variance
/// The variance of two numbers: the mean of their squares less the square of their
/// mean.
fn squares_less_square<'t>(tape: &'t Tape, [x, y]: [Number<'t>; 2]) -> Number<'t> {
    let half = tape.input("half", 0.5);
    let mean = (x + y) * half;
    (x * x + y * y) * half - mean * mean
}
// ANCHOR_END: variance

// ANCHOR: better
/// The same number: the mean of the squared distances from the mean.
fn squared_distances<'t>(tape: &'t Tape, [x, y]: [Number<'t>; 2]) -> Number<'t> {
    let half = tape.input("half", 0.5);
    let mean = (x + y) * half;
    let (a, b) = (x - mean, y - mean);
    (a * a + b * b) * half
}
// ANCHOR_END: better

// ANCHOR: tell
/// Every way with its product, and what they add up to.
fn tell(steps: &[Step], paths: &[Path]) {
    for path in paths {
        let names = path.steps.iter().map(|&at| match steps[at].name.as_str() {
            "" => steps[at].op_name(),
            name => name.to_string(),
        });
        let slopes: Vec<String> =
            path.slopes.iter().map(|&slope| short(slope)).collect();
        let names = names.collect::<Vec<_>>().join(" > ");
        println!(
            "{:>9} = {:<28} {names}",
            short(path.product()),
            slopes.join(" * ")
        );
    }
    let sum: f64 = paths.iter().map(Path::product).sum();
    let sizes: f64 = paths.iter().map(|path| path.product().abs()).sum();
    println!("{} paths, sum {}", paths.len(), short(sum));
    println!("cancellation {}", short(sizes / sum.abs()));
}
// ANCHOR_END: tell

fn coloured(steps: &[Step], paths: &[Path]) -> Graph {
    let mut graph = Graph::new(steps).slopes();
    // Of two edges between the same steps each path takes the one that it came by.
    let mut twins = 0;
    for (colour, path) in paths.iter().enumerate() {
        for pair in path.steps.windows(2) {
            let inputs: Vec<usize> = (0..steps[pair[0]].inputs.len())
                .filter(|&i| steps[pair[0]].inputs[i] == pair[1])
                .collect();
            let input = match inputs.len() {
                1 => inputs[0],
                _ => {
                    twins += 1;
                    inputs[(twins + 1) % 2]
                }
            };
            graph = graph.colour(pair[0], input, colour);
        }
    }
    graph
}
