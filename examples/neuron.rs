//! Backpropagation from the smallest piece up: `cargo run --release --example neuron`.
//!
//! First one neuron, on a tape that prints itself; then a 2-16-16-1 net on two moons, all in scalars.

use autograd::algebra::Algebra;
use autograd::scalar::{self, Tape, Var};
use clap::Parser;
use nn::data::{self, Labelled};
use nn::neuron::{Mlp, Neuron};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

#[derive(Parser)]
#[command(about = "One neuron, then a small net on two moons, all in scalars")]
struct Options {
    /// Fixes the data and the initial weights
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps of gradient descent
    #[arg(long, default_value_t = 100)]
    steps: usize,
}

fn main() {
    let options = Options::parse();
    one_neuron();
    two_moons(&options);
}

/// `tanh(w · x + b)`, and what each of its inputs would have to do to change the output.
fn one_neuron() {
    println!("one neuron, o = tanh(w1 x1 + w2 x2 + b)\n");
    let tape = Tape::traced();
    let (x1, x2) = (tape.var(2.0).named("x1"), tape.var(0.0).named("x2"));
    let (w1, w2) = (tape.var(-3.0).named("w1"), tape.var(1.0).named("w2"));
    let b = tape.var(6.8813735870195432).named("b");
    let neuron = Neuron { weights: vec![w1, w2], bias: b, linear: false };
    let o = neuron.forward(&[x1, x2]).named("o");
    println!("{}", o.backward());
    println!(
        "read it from the bottom: the gradient of o is 1; tanh passes on 1 - o² = {:.1};",
        1.0 - o.value().powi(2)
    );
    println!("a sum passes its gradient on as it is; a product passes it on times the other factor.\n");
}

/// Max-margin loss and a little weight decay, full batches, a learning rate that falls from 1 to 0.1.
fn two_moons(options: &Options) {
    let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
    let moons = data::two_moons(100, 0.1, &mut generator);
    let points: Vec<f64> = moons.inputs.to_vec().into_iter().map(f64::from).collect();
    let net = Mlp::new(&[2, 16, 16, 1], &mut generator);
    let mut weights = net.parameters();
    println!("a 2-16-16-1 net, {} weights, on {} points of two moons", weights.len(), moons.len());

    for step in 0..=options.steps {
        let (loss, slopes) = scalar::gradient(|w| loss(&net.with(w), &points, &moons), &weights);
        if step % (options.steps / 5).max(1) == 0 {
            let accuracy = accuracy(&net.with(&weights), &points, &moons);
            println!("step {step:3}: loss {loss:.4}, {:.0} % of the points on their side", 100.0 * accuracy);
        }
        let rate = 1.0 - 0.9 * step as f64 / options.steps.max(1) as f64;
        for (w, slope) in weights.iter_mut().zip(slopes) {
            *w -= rate * slope;
        }
    }
    draw(&net.with(&weights));
}

/// The mean of `max(0, 1 − label · score)`, labels ±1, and `10⁻⁴ Σ w²`.
fn loss<'t>(net: &Mlp<Var<'t>>, points: &[f64], moons: &Labelled) -> Var<'t> {
    let margins = points.chunks(2).zip(&moons.labels).map(|(point, &label)| {
        let x = [Var::constant(point[0]), Var::constant(point[1])];
        let score = net.forward(&x)[0];
        (score * (1.0 - 2.0 * label as f64)).rsub(1.0).relu()
    });
    let data: Var = margins.sum::<Var>() / moons.len() as f64;
    let neurons = net.layers.iter().flat_map(|layer| &layer.neurons);
    let decay: Var = neurons.flat_map(|neuron| &neuron.weights).map(|w| w.square()).sum();
    data + decay * 1e-4
}

fn accuracy(net: &Mlp, points: &[f64], moons: &Labelled) -> f64 {
    let right =
        points.chunks(2).zip(&moons.labels).filter(|(point, label)| (net.forward(point)[0] < 0.0) == (**label == 1));
    right.count() as f64 / moons.len() as f64
}

/// The plane as the net sees it: the sign of its output.
fn draw(net: &Mlp) {
    println!("\nwhat the net says of the plane, x from -1.5 to 2.5, y from 1.25 down to -0.75:");
    for row in 0..12 {
        let y = 1.25 - 2.0 * row as f64 / 11.0;
        let line: String = (0..56)
            .map(|column| {
                let x = -1.5 + 4.0 * column as f64 / 55.0;
                if net.forward(&[x, y])[0] > 0.0 { '#' } else { '.' }
            })
            .collect();
        println!("  {line}");
    }
}
