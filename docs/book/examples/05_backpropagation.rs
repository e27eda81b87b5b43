//! Backpropagation, paths without walking twice: `cargo run -p book --example
//! 05_backpropagation`.

use book::page::{part, picture, short};
use book::pictures::{Axis, Chart, Graph, strip};
use book::println;
use book::tiny::{Number, Path, Step, Tape, backward, edges, paths};

pub fn main() {
    part("05_player");
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 1.5), tape.input("y", 0.8));
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    let steps = tape.steps();
    picture(
        "05_player",
        strip("The sweep in four frames", 1, &play(&steps, h.step)),
    );

    part("05_gradient");
    let gradient = backward(&steps, h.step);
    for (step, gradient) in steps.iter().zip(&gradient) {
        println!("{:<5}  {:<1}  {}", step.op_name(), step.name, short(*gradient));
    }
    let sum: f64 = paths(&steps, h.step, x.step).iter().map(Path::product).sum();
    println!("the sum over all paths to x: {}", short(sum));

    part("05_library");
    library();

    part("05_diamonds");
    println!(
        "diamonds        paths   products, path by path   products, backward   same gradient"
    );
    let (mut walking, mut sweeping) = (Vec::new(), Vec::new());
    for n in [1, 2, 3, 5, 8, 12] {
        let tape = Tape::default();
        let x = tape.input("x", 1.0);
        let result = diamonds(&tape, x, n);
        let steps = tape.steps();
        let all = paths(&steps, result.step, x.step);
        let one_by_one: usize = all.iter().map(|path| path.slopes.len()).sum();
        let at_once: usize = steps.iter().map(|step| step.inputs.len()).sum();
        let sum: f64 = all.iter().map(Path::product).sum();
        let gradient = backward(&steps, result.step)[x.step];
        let same = (sum - gradient).abs() <= 1e-12 * gradient.abs();
        println!(
            "{n:>8} {:>12} {one_by_one:>24} {at_once:>20}   {same}",
            all.len()
        );
        walking.push((n as f64, one_by_one as f64));
        sweeping.push((n as f64, at_once as f64));
    }
    // Too many to walk: counted.
    let n = 50;
    let tape = Tape::default();
    let x = tape.input("x", 1.0);
    let result = diamonds(&tape, x, n);
    let steps = tape.steps();
    let (ways, products) = counted(&steps, result.step, x.step);
    let at_once: usize = steps.iter().map(|step| step.inputs.len()).sum();
    println!("{n:>8} {ways:>12.2e} {products:>24.2e} {at_once:>20}   (counted)");
    println!(
        "50 diamonds, path by path at a billion products a second: {:.1} years",
        products / 1e9 / 3.156e7
    );
    println!(
        "50 diamonds, backward: gradient {}",
        short(backward(&steps, result.step)[x.step])
    );

    let chart = Chart::new(
        "Multiplications against the number of diamonds: walking every path grows exponentially, backward linearly",
        Axis::linear("diamonds in the chain", (0.0, 12.0), 2.0),
        Axis::decades("multiplications", 0, 6, 1),
    )
    .dotted_curve("path by path", (4.3, 2.5e3), &walking)
    .dotted_curve("backward", (8.5, 2.2e1), &sweeping);
    picture("05_diamonds", chart.svg());
}

// ANCHOR: library
/// The library's sweep over the same formula.
fn library() {
    let tape = autograd::scalar::Tape::traced();
    let (x, y) = (tape.var(1.5).named("x"), tape.var(0.8).named("y"));
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    println!("{}\n", h.backward().to_string().trim_end());
    let snapshot = autograd::inspect::Snapshot::of_backward(&h);
    println!("{}", snapshot.player());
}
// ANCHOR_END: library

// ANCHOR: diamonds
/// `x` splits in two and joins again, `n` times.
fn diamonds<'t>(tape: &'t Tape, mut x: Number<'t>, n: usize) -> Number<'t> {
    let (p, q) = (tape.input("p", 0.6), tape.input("q", 0.5));
    for _ in 0..n {
        x = x * p + x * q;
    }
    x
}
// ANCHOR_END: diamonds

/// How many ways there are and how long they are together, without walking any.
fn counted(steps: &[Step], from: usize, to: usize) -> (f64, f64) {
    let mut ways = vec![(0.0, 0.0); steps.len()];
    ways[from].0 = 1.0;
    for at in (to + 1..=from).rev() {
        for &input in &steps[at].inputs {
            let (count, length) = ways[at];
            ways[input].0 += count;
            ways[input].1 += length + count;
        }
    }
    ways[to]
}

/// One frame for each step that speaks: what it sends, and what has arrived so far.
fn play(steps: &[Step], result: usize) -> Vec<(String, Graph)> {
    let mut gradient = vec![0.0; steps.len()];
    let mut heard = vec![false; steps.len()];
    (gradient[result], heard[result]) = (1.0, true);
    let mut frames = Vec::new();
    for at in (0..=result).rev().filter(|&at| !steps[at].inputs.is_empty()) {
        let mut graph = Graph::new(steps).lit(at);
        let mut sums = Vec::new();
        for (number, (input, slope)) in edges(steps, at).into_iter().enumerate() {
            let message = gradient[at] * slope;
            graph = graph.slope(at, number, short(slope)).message(
                at,
                number,
                short(message),
            );
            graph = graph.colour(at, number, 1);
            if heard[input] {
                let sum = gradient[input] + message;
                sums.push(format!(
                    "{} + {} = {}",
                    short(gradient[input]),
                    short(message),
                    short(sum)
                ));
            }
            gradient[input] += message;
            heard[input] = true;
        }
        for step in (0..steps.len()).filter(|&step| heard[step]) {
            graph = graph.gradient(step, short(gradient[step]));
        }
        let name = if steps[at].name.is_empty() {
            steps[at].op_name()
        } else {
            steps[at].name.clone()
        };
        let caption = format!("{}. {name} speaks", frames.len() + 1);
        let caption = if sums.is_empty() {
            caption
        } else {
            format!("{caption}: {}", sums.join(", "))
        };
        println!("{caption}");
        frames.push((caption, graph));
    }
    frames
}
