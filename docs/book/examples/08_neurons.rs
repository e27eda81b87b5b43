//! A neuron, and a small net from scalars: `cargo run -p book --example
//! 08_neurons`.

use autograd::algebra::Algebra;
use autograd::scalar::{self, Tape, Var};
use book::page::{part, picture};
use book::pictures::{Axis, Chart, surfaces};
use book::println;
use nn::data;
use nn::neuron::{Mlp, Neuron};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

// ANCHOR: neuron
/// A weighted sum, bent.
fn neuron<A: Algebra>(weights: &[A], bias: A, x: &[A]) -> A {
    let sum = weights.iter().zip(x).fold(bias, |sum, (&w, &x)| sum + w * x);
    sum.tanh()
}
// ANCHOR_END: neuron

// ANCHOR: loss
/// How far the scores are on the wrong side:
/// the mean of `max(0, 1 - sign · score)`.
fn loss<'t>(net: &Mlp<Var<'t>>, points: &[((f64, f64), usize)]) -> Var<'t> {
    let misses = points.iter().map(|&((x, y), class)| {
        let score = net.forward(&[Var::constant(x), Var::constant(y)])[0];
        let sign = if class == 0 { 1.0 } else { -1.0 };
        (score * sign).rsub(1.0).relu()
    });
    misses.sum::<Var>() / points.len() as f64
}
// ANCHOR_END: loss

// ANCHOR: train
/// Gradient descent. Returns the weights of every hundredth step, and every loss.
fn train(net: &Mlp, points: &[((f64, f64), usize)]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut weights = net.parameters();
    let (mut kept, mut losses) = (Vec::new(), Vec::new());
    for step in 0..=300 {
        let (loss, slopes) =
            scalar::gradient(|w| loss(&net.with(w), points), &weights);
        losses.push(loss);
        if step % 100 == 0 {
            kept.push(weights.clone());
        }
        for (w, slope) in weights.iter_mut().zip(slopes) {
            *w -= 0.1 * slope;
        }
    }
    (kept, losses)
}
// ANCHOR_END: train

pub fn main() {
    part("08_neuron");
    let tape = Tape::traced();
    let (x1, x2) = (tape.var(2.0).named("x1"), tape.var(0.0).named("x2"));
    let (w1, w2) = (tape.var(-3.0).named("w1"), tape.var(1.0).named("w2"));
    let b = tape.var(6.9).named("b");
    let o = neuron(&[w1, w2], b, &[x1, x2]).named("o");
    println!("{}", o.backward().to_string().trim_end());
    let library = Neuron { weights: vec![-3.0, 1.0], bias: 6.9, linear: false };
    println!(
        "the library's neuron says the same: {}",
        library.forward(&[2.0, 0.0]) == o.value()
    );

    part("08_train");
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let moons = data::two_moons(100, 0.1, &mut generator);
    let coordinates: Vec<f64> =
        moons.inputs.to_vec().into_iter().map(f64::from).collect();
    let points: Vec<((f64, f64), usize)> = coordinates
        .chunks(2)
        .map(|x| (x[0], x[1]))
        .zip(moons.labels.iter().copied())
        .collect();
    let net = Mlp::new(&[2, 16, 16, 1], &mut generator);
    println!("{} points, {} weights", points.len(), net.parameters().len());
    let (kept, losses) = train(&net, &points);
    for (i, weights) in kept.iter().enumerate() {
        let net = net.with(weights);
        let right = points.iter().filter(|&&((x, y), class)| {
            (net.forward(&[x, y])[0] < 0.0) == (class == 1)
        });
        let step = 100 * i;
        println!(
            "step {step:>3}   loss {:.4}   {} of {} right",
            losses[step],
            right.count(),
            points.len()
        );
    }

    let panels: Vec<_> = kept
        .iter()
        .enumerate()
        .map(|(i, weights)| {
            let net = net.with(weights);
            (format!("step {}", 100 * i), move |x: f64, y: f64| {
                net.forward(&[x, y])[0]
            })
        })
        .collect();
    let description = "Two moons and the score of the net over the plane at four times: a straight border bends \
                       until it winds between the moons";
    picture(
        "08_surface",
        surfaces(description, ((-1.5, -1.0), (2.5, 1.5)), &panels, &points),
    );
    let curve: Vec<(f64, f64)> = losses
        .iter()
        .enumerate()
        .map(|(step, &loss)| (step as f64, loss))
        .collect();
    let chart = Chart::new(
        "The loss falls over the steps",
        Axis::linear("step", (0.0, 300.0), 50.0),
        Axis::linear("loss", (0.0, 0.5), 0.1),
    );
    picture("08_loss", chart.curve("loss", (30.0, 0.3), &curve).svg());
}
