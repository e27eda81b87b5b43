//! A physics-informed network: `cargo run --release --example poisson`.
//!
//! A network is trained to solve `−u″ = f` on [0, 1] with `u(0) = 0` and `u(1) = 1`, by nothing but the equation: the loss
//! is the mean of `(u″ + f)²` at a few points. So the loss holds a second derivative with respect to the input, and is
//! differentiated once more, with respect to the weights. Three sweeps of two kinds do it: forwards for `u′`, backwards
//! and recorded for `u″`, backwards again for the weights. With `f = 4π² sin 2πx` the solution is `u = x + sin 2πx`.

use autograd::check::gradcheck;
use clap::Parser;
use nn::init::Init;
use nn::prelude::*;
use std::f64::consts::TAU;

#[derive(Parser)]
#[command(about = "Solves a boundary value problem by a network that knows only the equation")]
struct Options {
    /// Fixes the initial weights
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Steps of Adam
    #[arg(long, default_value_t = 4000)]
    steps: u64,
    /// The learning rate at the start; it falls to 0 along a half cosine
    #[arg(long, default_value_t = 1e-2)]
    lr: f64,
}

/// What `u` is at either end.
const ENDS: [f64; 2] = [0.0, 1.0];

/// `u(x)`: the line between the ends, and what the layers add to it, times `x (1 − x)`: so the ends are right whatever the
/// weights are.
#[derive(Module)]
#[module(real = "f64")]
struct Solution {
    first: Linear<f64>,
    second: Linear<f64>,
    output: Linear<f64>,
}

impl Layer<f64> for Solution {
    fn forward<A: Array<f64>>(&self, x: A) -> A {
        let hidden = self.second.forward(self.first.forward(x.clone()).tanh()).tanh();
        let line = x.clone() * (ENDS[1] - ENDS[0]) + ENDS[0];
        line + self.output.forward(hidden) * &x * x.rsub(1.0)
    }
}

/// `u″` at each of many points. The value at a point depends on that point alone, so one tangent of ones moves them all,
/// and the gradient of a sum is the derivative at each.
fn second_derivative(u: &Solution, x: &Var<f64>) -> Var<f64> {
    let moved = u.forward(Dual::new(x.clone(), x.constant(&Tensor::ones(x.shape()))));
    moved.tangent_or_zeros().sum().backward_recorded().of(x).or_zeros_on(x)
}

/// The mean of `(u″ + f)²`.
fn loss(u: &Solution, points: &Tensor<f64>, tape: &Tape<f64>) -> Var<f64> {
    let x = tape.var(points.clone());
    let f = (&x.detach() * TAU).sin() * (TAU * TAU);
    (second_derivative(u, &x) + f).square().mean()
}

fn exact(x: &Tensor<f64>) -> Tensor<f64> {
    (x * TAU).sin() + x
}

fn main() {
    let options = Options::parse();
    let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
    let mut layer = |inputs, outputs| Linear::with_init(inputs, outputs, Init::GlorotUniform, &mut generator);
    let mut u = Solution { first: layer(1, 24), second: layer(24, 24), output: layer(24, 1) };
    let points = Tensor::from_fn([48, 1], |i| (i as f64 + 0.5) / 48.0);
    println!("{} weights, {} points, seed {}", u.parameter_count(), points.elements(), options.seed);

    let mut optimizer = Adam::new(options.lr);
    for step in 0..=options.steps {
        let progress = step as f64 / options.steps.max(1) as f64;
        optimizer.set_learning_rate(options.lr * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()));
        let (value, gradients) = gradient(|tape| loss(&u, &points, tape));
        if step % (options.steps / 5).max(1) == 0 {
            println!("step {step:5}: mean of (u″ + f)² = {value:.3e}");
        }
        optimizer.step(&mut u, &gradients);
    }

    let few = Tensor::linspace(0.0, 1.0, 9).reshape([9, 1]);
    println!("\n      x         u     exact");
    for ((x, u), exact) in few.to_vec().iter().zip(u.forward(few.clone()).to_vec()).zip(exact(&few).to_vec()) {
        println!("  {x:.3}  {u:8.5}  {exact:8.5}");
    }

    let report = gradcheck(&u.values(), |weights| {
        u.bind(weights);
        loss(&u, &points, weights[0].tape())
    });
    println!("\n{}", report.named("the loss, by the weights"));

    let grid = Tensor::linspace(0.0, 1.0, 1001).reshape([1001, 1]);
    let error = (u.forward(grid.clone()) - exact(&grid)).abs().max().item();
    println!("largest error against the closed form at {} points: {error:.1e}", grid.elements());
}
