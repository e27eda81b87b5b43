//! Tensor workloads as rows `workload,metric,threads,median,best,unit`: `cargo bench -p benches --bench workloads`.
//!
//! A name as an argument runs that one alone. The number of threads is that of the rayon pool (`RAYON_NUM_THREADS`).

use autograd::prelude::*;
use benches::{HEADER, measure};
use nn::prelude::*;
use std::hint::black_box;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|c| c == name);
    let threads = rayon::current_num_threads();
    println!("{HEADER}");
    if wanted("W1") {
        let mut step = perceptron(64, 32);
        let [time] = measure([&mut step]);
        time.print("W1", "train step", threads);
    }
    if wanted("W3") {
        let mut step = exclusive_or();
        let [time] = measure([&mut step]);
        time.print("W3", "train step", threads);
    }
    if wanted("W7") {
        let mut composed = curve(|x| x.tanh() * x.sigmoid() + (-x.square()).exp());
        let mut formula = curve(|x| x.map(Wave));
        let [composed, formula] = measure([&mut composed, &mut formula]);
        composed.print("W7", "value and gradient", threads);
        formula.print("W7", "value and gradient as one formula", threads);
    }
    if wanted("W8") {
        for n in [512, 1024, 2048] {
            let mut product = product(n);
            let [time] = measure([&mut product]);
            time.print("W8", &format!("matmul {n} forward and backward"), threads);
        }
    }
    if wanted("W9") {
        let mut chain = chain();
        let [time] = measure([&mut chain]);
        time.print("W9", "1000 triples forward and backward", threads);
    }
}

/// 784-h-h-10, softmax cross-entropy, Adam.
fn perceptron(hidden: usize, batch: usize) -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f32>::new()
        .with(Linear::new(784, hidden, &mut generator))
        .with(Relu)
        .with(Linear::new(hidden, hidden, &mut generator))
        .with(Relu)
        .with(Linear::new(hidden, 10, &mut generator));
    let x = Tensor::uniform([batch, 784], 0.0, 1.0, &mut generator);
    let labels: Indices = (0..batch).map(|i| (i * 7 + 3) % 10).collect::<Vec<_>>().into();
    let mut optimizer = Adam::new(1e-3);
    move || {
        let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        optimizer.step(&mut net, &gradients);
    }
}

/// 2-2-1, one row, binary cross-entropy on probabilities, Adam.
fn exclusive_or() -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f32>::new()
        .with(Linear::new(2, 2, &mut generator))
        .with(Relu)
        .with(Linear::new(2, 1, &mut generator))
        .with(Sigmoid);
    let (x, target) = (Tensor::from([[0.0_f32, 1.0]]), Tensor::from([[1.0]]));
    let mut optimizer = Adam::new(1e-3);
    move || {
        let (_, gradients) = gradient(|tape| {
            let p = net.forward(tape.constant(&x));
            loss::binary_cross_entropy(&p, &tape.constant(&target), Reduction::Mean)
        });
        optimizer.step(&mut net, &gradients);
    }
}

autograd::elementwise! {
    /// `tanh(x) · sigmoid(x) + e^(−x²)`.
    pub struct Wave;
    fn wave(self, x) { x.tanh() * x.sigmoid() + (-(x * x)).exp() }
}

/// The value and the gradient of the sum of a curve over a million numbers.
fn curve(f: impl Fn(&Var) -> Var) -> impl FnMut() {
    let x = Tensor::uniform([1_000_000], -2.0, 2.0, &mut ChaCha8Rng::seed_from_u64(7));
    move || {
        let tape = Tape::new();
        let x = tape.var(x.clone());
        black_box(f(&x).sum().backward().of(&x).value());
    }
}

/// An n × n product and both its gradients: 6n³ operations.
fn product(n: usize) -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let mut matrix = || Tensor::<f32>::uniform([n, n], -1.0, 1.0, &mut generator);
    let (a, b, cotangent) = (matrix(), matrix(), matrix());
    move || {
        let tape = Tape::new();
        let (a, b) = (tape.var(a.clone()), tape.var(b.clone()));
        let gradients = a.matmul(&b).backward_with(&cotangent);
        black_box((gradients.of(&a).value(), gradients.of(&b).value()));
    }
}

/// A thousand times (sin, · 1.01, + 0.1) on one number.
fn chain() -> impl FnMut() {
    move || {
        let tape = Tape::new();
        let x = tape.var([0.3_f32]);
        let mut y = x.clone();
        for _ in 0..1000 {
            y = y.sin() * 1.01 + 0.1;
        }
        black_box(y.sum().backward().of(&x).value());
    }
}
