//! What the tour shows, stop by stop, as text.

use autograd::check::{Report, check_op};
use autograd::inspect::{Snapshot, paths};
use autograd::ops::{Messages, Op, Pullback, Pushforward};
use autograd::scalar;
use nn::prelude::*;

/// The stops whose numbers one can follow with a pencil.
pub const ON_PAPER: [fn() -> String; 4] = [one_calculation, a_number_that_is_none, a_tape_that_stops, a_lost_gradient];

/// A heading, what to look at, and it.
fn stop(number: usize, title: &str, words: &str, view: impl std::fmt::Display) -> String {
    format!("{number}. {title}\n{words}\n\n{view}\n")
}

/// `h = ln z + eᶻ` with `z = x·y`: its table, its paths, its backward pass.
pub fn one_calculation() -> String {
    let tape = scalar::Tape::traced();
    let x = tape.var(1.5).named("x");
    let y = tape.var(0.8).named("y");
    let z = (x * y).named("z");
    let h = (z.ln() + z.exp()).named("h");
    let snapshot = Snapshot::of_backward(&h);
    let table = stop(
        1,
        "A calculation, recorded",
        "Every operation on a variable adds a row: what went in, what came out, and, after a backward pass, how fast h changes\n\
         with it (grad). `saved` is what an operation must remember for the way back.",
        &snapshot,
    );
    let found = snapshot.paths_between(5, 0, 4).map_or_else(|error| error.to_string(), |paths| paths.to_string());
    let sum = stop(
        2,
        "The gradient as a sum over paths",
        "x reaches h in two ways, by the logarithm and by the exponential. Along a path, local derivatives multiply; over all\n\
         paths, the products add up to the gradient.",
        found,
    );
    let steps = stop(
        3,
        "The same, without walking a path twice",
        "Backpropagation takes the rows from the last to the first. Each sends messages to its operands: what came in, times\n\
         the local derivative. z gets two of them; they are added.",
        snapshot.player(),
    );
    [table, sum, steps].join("\n")
}

pub fn a_number_that_is_none() -> String {
    let tape = Tape::<f64>::keeping();
    let scores = tape.var([[2.0, -1.0], [0.5, 3.0]]).named("scores");
    let shares = (&scores / scores.sum_keep(-1)).named("shares"); // no softmax: shares may be negative
    let loss = -shares.ln().mean();
    let found = Snapshot::of_backward(&loss).non_finite.map_or(String::new(), |found| found.to_string());
    stop(
        4,
        "A NaN, found",
        "The loss of this program is NaN. The first number that is not finite, although all that it was made of is, is the one\n\
         to look at.",
        format!("loss = {}\n{found}", loss.value().item()),
    )
}

pub fn a_tape_that_stops() -> String {
    let tape = Tape::<f64>::anomaly();
    let distance = tape.var([4.0, 0.0]).named("distance");
    let stopped = distance.sqrt().sum().try_backward();
    stop(
        5,
        "Stopped at once",
        "A tape in anomaly mode stops there by itself, forwards or backwards. Here the value is fine and the slope is not.",
        stopped.map_or_else(|error| error.to_string(), |_| "nothing".to_string()),
    )
}

#[derive(Module)]
struct Autoencoder {
    encoder: Linear,
    decoder: Linear,
}

pub fn a_lost_gradient() -> String {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net =
        Autoencoder { encoder: Linear::new(6, 2, &mut generator), decoder: Linear::new(2, 6, &mut generator) };
    net.name_parameters();
    let x = Tensor::normal([8, 6], 0.0, 1.0, &mut generator);
    let tape = Tape::keeping();
    let code = net.encoder.forward(tape.constant(&x)).tanh().named("code");
    let rebuilt = net.decoder.forward(code.detach());
    let snapshot = Snapshot::of_backward(&loss::mse(&rebuilt, &tape.constant(&x), Reduction::Mean));
    let (encoder, decoder) = (snapshot.explain(&net.encoder.weight), snapshot.explain(&net.decoder.weight));
    stop(
        6,
        "A gradient that got lost",
        "The encoder of this autoencoder never learns. Ask why.",
        format!("{encoder}\n{decoder}"),
    )
}

/// `y = Σ x²/n`, with a derivative by hand in which the division was forgotten.
#[derive(Clone, Debug)]
struct MeanSquare;

impl<T: Real> Op<T> for MeanSquare {
    fn name(&self) -> &'static str {
        "mean_square"
    }
    fn infer(&self, _: &[Shape]) -> Result<Shape, Error> {
        Ok(Shape::SCALAR)
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0].square().mean()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.input(i).clone() * at.cotangent() * T::from_f64(2.0))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| (at.input(i).clone() * t).mean() * T::from_f64(2.0))
    }
}

/// With what the check found.
pub fn a_wrong_derivative() -> (String, Report) {
    let points = Tensor::from_fn([2, 3], |i| 0.4 * i as f64 - 0.9);
    let report = check_op(MeanSquare, &[points]);
    let text = stop(
        7,
        "A wrong derivative, caught",
        "`mean_square` is an operation of our own, with a derivative by hand. The check nudges every element of the input and\n\
         compares how the result changes with what the derivative says.",
        format!("{report}\n\n{}", report.diagnose()),
    );
    (text, report)
}

/// One step of a small net, with its snapshot.
pub fn one_step() -> (String, Snapshot) {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut net = Sequential::<f32>::new().with(Linear::new(2, 4, &mut generator)).with(Tanh).with(Linear::new(
        4,
        2,
        &mut generator,
    ));
    net.name_parameters();
    let points = Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let tape = Tape::keeping();
    let x = tape.var(points).named("points");
    let loss = net.forward(x.clone()).named("logits").cross_entropy([0, 1, 1, 0]).named("loss");
    let snapshot = Snapshot::of_backward(&loss);
    let text = stop(
        8,
        "One step of a small net",
        "Two layers on four points. Tensors are shown as mean ± deviation [smallest .. largest]; a diagnosis goes through the\n\
         whole step and has nothing to say of this one. Of one that is ill it names the fault, the line and the fix: see\n\
         `cargo run --release --example faults`.",
        format!("{snapshot}\n\n{}", snapshot.diagnose()),
    );
    (text, snapshot.with_paths(paths(&loss, &x, 3)))
}
