//! From scalars to tensors: `cargo run --release -p book --example 09_tensors`.

use autograd::prelude::*;
use autograd::scalar;
use book::page::{part, picture};
use book::pictures::{Axis, Chart};
use book::println;
use nn::layers::Linear;
use nn::neuron::Mlp;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use std::time::Instant;

// ANCHOR: net
/// The net of chapter 8, a layer at a time.
struct Net {
    layers: Vec<Linear<f64>>,
}

impl Net {
    /// With the weights of the net that is made from scalars.
    fn like(net: &Mlp) -> Self {
        let layers = net.layers.iter().map(|layer| {
            let (outputs, inputs) =
                (layer.neurons.len(), layer.neurons[0].weights.len());
            let weights =
                layer.neurons.iter().flat_map(|neuron| neuron.weights.clone());
            let biases = layer.neurons.iter().map(|neuron| neuron.bias);
            Linear {
                weight: Param::new(Tensor::from_vec(
                    weights.collect(),
                    [outputs, inputs],
                )),
                bias: Some(Param::new(Tensor::from_vec(
                    biases.collect(),
                    [outputs],
                ))),
            }
        });
        Net { layers: layers.collect() }
    }

    /// A row of `x` is a point, a row of the result its score.
    fn forward<A: Array<f64>>(&self, mut x: A) -> A {
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            if i + 1 < self.layers.len() {
                x = x.tanh();
            }
        }
        x
    }

    /// The mean of `max(0, 1 - sign · score)`, over all rows at once.
    fn loss<A: Array<f64>>(&self, x: A, signs: &Tensor<f64>) -> A {
        let signs = x.constant(signs);
        (self.forward(x) * signs).rsub(1.0).relu().mean()
    }
}
// ANCHOR_END: net

/// The same from scalars, with the number of steps that it took.
fn scalar_gradient(net: &Mlp, points: &[f64], signs: &[f64]) -> (Vec<f64>, usize) {
    use autograd::algebra::Algebra;
    let tape = scalar::Tape::new();
    let weights = tape.vars(&net.parameters());
    let copy = net.with(&weights);
    let misses = points.chunks(2).zip(signs).map(|(x, &sign)| {
        let x = [scalar::Var::constant(x[0]), scalar::Var::constant(x[1])];
        (copy.forward(&x)[0] * sign).rsub(1.0).relu()
    });
    let loss = misses.sum::<scalar::Var>() / signs.len() as f64;
    let gradients = loss.backward();
    (weights.iter().map(|&w| gradients.of(w)).collect(), tape.len())
}

fn tensor_gradient(net: &Net, points: &[f64], signs: &[f64]) -> (Vec<f64>, usize) {
    let tape = Tape::new();
    let x = tape.constant(&Tensor::from_vec(points.to_vec(), [signs.len(), 2]));
    let loss = net.loss(x, &Tensor::from_vec(signs.to_vec(), [signs.len(), 1]));
    let gradients = loss.backward();
    let mut all = Vec::new();
    for layer in &net.layers {
        let by_weight = gradients.of(&layer.weight).or_zeros();
        let by_bias =
            layer.bias.as_ref().map(|bias| gradients.of(bias).or_zeros().to_vec());
        // Neuron by neuron, as the scalars have it: a row of weights, then the
        // bias.
        let width = by_weight.shape()[1];
        for (row, bias) in
            by_weight.to_vec().chunks(width).zip(by_bias.unwrap_or_default())
        {
            all.extend(row.iter().copied().chain([bias]));
        }
    }
    (all, tape.len())
}

pub fn main() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let moons = nn::data::two_moons(1000, 0.1, &mut generator);
    let points: Vec<f64> =
        moons.inputs.to_vec().into_iter().map(f64::from).collect();
    let signs: Vec<f64> =
        moons.labels.iter().map(|&class| 1.0 - 2.0 * class as f64).collect();
    let scalars = Mlp::new(&[2, 16, 16, 1], &mut generator);
    let tensors = Net::like(&scalars);

    part("09_same");
    let (one, _) = scalar_gradient(&scalars, &points[..200], &signs[..100]);
    let (other, _) = tensor_gradient(&tensors, &points[..200], &signs[..100]);
    let largest =
        one.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("{} gradients from scalars, {} from tensors", one.len(), other.len());
    println!("every one the same to 1e-12: {}", largest <= 1e-12);

    part("09_nodes");
    println!("points   scalar tape   tensor tape");
    let (mut of_scalars, mut of_tensors) = (Vec::new(), Vec::new());
    for n in [1, 10, 100, 1000] {
        let start = Instant::now();
        let (_, scalar_nodes) =
            scalar_gradient(&scalars, &points[..2 * n], &signs[..n]);
        let scalar_time = start.elapsed();
        let start = Instant::now();
        let (_, tensor_nodes) =
            tensor_gradient(&tensors, &points[..2 * n], &signs[..n]);
        let tensor_time = start.elapsed();
        println!("{n:>6}   {scalar_nodes:>11}   {tensor_nodes:>11}");
        // Times differ from machine to machine, so they go to the reader alone.
        eprintln!("         in   {scalar_time:>8.1?}   {tensor_time:>10.1?}");
        of_scalars.push((n as f64, scalar_nodes as f64));
        of_tensors.push((n as f64, tensor_nodes as f64));
    }
    let chart = Chart::new(
        "Nodes on the tape against points: with scalars as many times more as there are points, with tensors the same few",
        Axis::decades("points", 0, 3, 1),
        Axis::decades("nodes on the tape", 0, 6, 1),
    )
    .dotted_curve("scalars", (8.0, 2e4), &of_scalars)
    .dotted_curve("tensors", (8.0, 3e1), &of_tensors);
    picture("09_nodes", chart.svg());
}
