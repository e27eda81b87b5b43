//! Three bugs on purpose: `cargo run -p book --example 06_bugs`.

use book::page::{part, picture, short};
use book::pictures::{Axis, Chart, Graph, strip};
use book::println;
use book::tiny::{Step, Tape, backward, edges};

// ANCHOR: overwriting
/// Bug 1: `=` where `+=` belongs.
fn overwriting(steps: &[Step], result: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; steps.len()];
    gradient[result] = 1.0;
    for at in (0..=result).rev() {
        for (input, slope) in edges(steps, at) {
            gradient[input] = gradient[at] * slope;
        }
    }
    gradient
}
// ANCHOR_END: overwriting

// ANCHOR: recursing
/// Bug 2: each step tells its inputs as soon as it hears something, without waiting
/// for the rest.
fn recursing(steps: &[Step], result: usize) -> Vec<f64> {
    fn visit(steps: &[Step], at: usize, gradient: &mut [f64]) {
        for (input, slope) in edges(steps, at) {
            gradient[input] += gradient[at] * slope;
            visit(steps, input, gradient);
        }
    }
    let mut gradient = vec![0.0; steps.len()];
    gradient[result] = 1.0;
    visit(steps, result, &mut gradient);
    gradient
}
// ANCHOR_END: recursing

// ANCHOR: stale
/// Makes `(w - 3)²` small, from `w = 0`. With bug 3 the old gradient is still there
/// when the next one is added.
fn descend(stale: bool) -> Vec<f64> {
    let (mut w, mut kept) = (0.0, 0.0);
    let mut way = vec![w];
    for _ in 0..40 {
        let tape = Tape::default();
        let weight = tape.input("w", w);
        let distance = weight - tape.input("3", 3.0);
        let loss = distance * distance;
        let fresh = backward(&tape.steps(), loss.step)[weight.step];
        kept = if stale { kept + fresh } else { fresh };
        w -= 0.1 * kept;
        way.push(w);
    }
    way
}
// ANCHOR_END: stale

pub fn main() {
    part("06_wrong");
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 1.5), tape.input("y", 0.8));
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    let steps = tape.steps();
    let right = backward(&steps, h.step);
    let all = [
        ("right", right.clone()),
        ("overwriting", overwriting(&steps, h.step)),
        ("recursing", recursing(&steps, h.step)),
    ];
    println!("step       right      overwriting  recursing");
    for (at, step) in steps.iter().enumerate() {
        let name = format!("{} {}", step.op_name(), step.name);
        println!(
            "{name:<9}  {:<9}  {:<11}  {}",
            short(all[0].1[at]),
            short(all[1].1[at]),
            short(all[2].1[at])
        );
    }

    let panel = |(name, found): &(&str, Vec<f64>)| {
        let mut graph = Graph::new(&steps).without_values();
        for at in 0..steps.len() {
            let text = short(found[at]);
            graph = if found[at] == right[at] {
                graph.gradient(at, text)
            } else {
                graph.wrong_gradient(at, text)
            };
        }
        (name.to_string(), graph)
    };
    let panels: Vec<_> = all.iter().map(panel).collect();
    picture(
        "06_wrong",
        strip(
            "The same graph three times: gradients right, overwritten, and counted twice",
            1,
            &panels,
        ),
    );

    part("06_hidden");
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 1.5), tape.input("y", 0.8));
    let chain = (x * y).tanh().exp();
    let steps = tape.steps();
    println!("x.grad in exp(tanh(x y)), where nothing is used twice:");
    let by =
        |f: fn(&[Step], usize) -> Vec<f64>| short(f(&steps, chain.step)[x.step]);
    println!(
        "right {}, overwriting {}, recursing {}",
        by(backward),
        by(overwriting),
        by(recursing)
    );

    part("06_stale");
    let (fresh, stale) = (descend(false), descend(true));
    println!("step   w, fresh gradients   w, stale gradients");
    for step in [0, 1, 2, 5, 10, 20, 30, 40] {
        println!("{step:>4}   {:<18.6}   {:.6}", fresh[step], stale[step]);
    }
    let curve = |way: &[f64]| {
        way.iter()
            .enumerate()
            .map(|(step, &w)| (step as f64, w))
            .collect::<Vec<_>>()
    };
    let chart = Chart::new(
        "The weight, step by step: with fresh gradients it comes to rest at 3, with stale ones it swings for ever",
        Axis::linear("step", (0.0, 40.0), 10.0),
        Axis::linear("w", (-1.0, 7.0), 1.0),
    )
    .dotted_curve("fresh", (16.0, 2.6), &curve(&fresh))
    .dotted_curve("stale", (9.0, 5.9), &curve(&stale));
    picture("06_stale", chart.svg());

    part("06_library");
    // The library, twice on one tape: the same numbers, and nothing to set to zero.
    let tape = autograd::scalar::Tape::new();
    let w = tape.var(0.0);
    let loss = (w - 3.0) * (w - 3.0);
    println!(
        "first sweep {}, second sweep {}",
        loss.backward().of(w),
        loss.backward().of(w)
    );
}
