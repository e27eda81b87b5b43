//! One gate at a time: `cargo run -p book --example 03_gates`.

use book::page::{part, picture, short};
use book::pictures::Graph;
use book::println;
use book::tiny::{Number, Op, Step, Tape, edges};

pub fn main() {
    part("03_gates");
    println!("gate  at             local derivatives   by nudging");
    let gates = [
        (Op::Add, vec![3.0, -4.0]),
        (Op::Sub, vec![3.0, -4.0]),
        (Op::Mul, vec![3.0, -4.0]),
    ];
    let more = [
        (Op::Max, vec![3.0, -4.0]),
        (Op::Ln, vec![0.5]),
        (Op::Exp, vec![0.5]),
        (Op::Tanh, vec![0.5]),
    ];
    for (op, x) in gates.into_iter().chain(more) {
        let nudged: Vec<f64> = (0..x.len())
            .map(|i| {
                let moved = |by: f64| {
                    let mut x = x.clone();
                    x[i] += by;
                    op.value(&x)
                };
                (moved(1e-5) - moved(-1e-5)) / 2e-5
            })
            .collect();
        let name = format!("{op:?}").to_lowercase();
        println!(
            "{name:<5} {:<14} {:<19} {}",
            list(&x),
            list(&op.slopes(&x)),
            list(&nudged)
        );
    }

    part("03_circuit");
    let tape = Tape::default();
    circuit(tape.input("x", -2.0), tape.input("y", 5.0), tape.input("z", -4.0));
    let steps = tape.steps();
    println!("{}", tape.to_string().trim_end());

    part("03_by_hand");
    let [by_x, by_y, by_z, by_q] = by_hand(&steps).map(short);
    println!(
        "f by q: {by_q}    f by z: {by_z}    f by x: {by_x}    f by y: {by_y}"
    );
    let mut graph = Graph::new(&steps).slopes().gradient(4, "1");
    for (step, gradient) in [by_x, by_y, by_z, by_q].into_iter().enumerate() {
        graph = graph.gradient(step, gradient);
    }
    picture(
        "03_circuit",
        graph.svg("The circuit (x + y) z with values, local derivatives on the edges, and gradients"),
    );

    part("03_library");
    let tape = autograd::scalar::Tape::traced();
    let (x, y, z) = (
        tape.var(-2.0).named("x"),
        tape.var(5.0).named("y"),
        tape.var(-4.0).named("z"),
    );
    let f = ((x + y).named("q") * z).named("f");
    println!("{}", f.backward().to_string().trim_end());
}

// ANCHOR: circuit
/// `(x + y) z`.
fn circuit<'t>(x: Number<'t>, y: Number<'t>, z: Number<'t>) -> Number<'t> {
    let q = (x + y).named("q");
    (q * z).named("f")
}
// ANCHOR_END: circuit

// ANCHOR: by_hand
/// How fast `f` moves with `x`, `y`, `z` and `q`.
fn by_hand(steps: &[Step]) -> [f64; 4] {
    let (q, f) = (3, 4); // their places on the tape
    let slope = |step: usize, input: usize| edges(steps, step)[input].1;
    let by_q = slope(f, 0);
    let by_z = slope(f, 1);
    let by_x = by_q * slope(q, 0); // x moves q, and q moves f
    let by_y = by_q * slope(q, 1);
    [by_x, by_y, by_z, by_q]
}
// ANCHOR_END: by_hand

fn list(numbers: &[f64]) -> String {
    numbers
        .iter()
        .map(|&x| short((x * 1e6).round() / 1e6))
        .collect::<Vec<_>>()
        .join(", ")
}
