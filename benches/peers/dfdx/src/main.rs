//! The workloads in dfdx, by the same timing rule and in the same rows: those that it has on a stable compiler.

use benches::{HEADER, measure};
use dfdx::optim::{Adam, AdamConfig, Optimizer};
use dfdx::prelude::*;

type Perceptron<const H: usize> = ((Linear<784, H>, ReLU), (Linear<H, H>, ReLU), Linear<H, 10>);
type ExclusiveOr = ((Linear<2, 2>, ReLU), (Linear<2, 1>, Sigmoid));

/// Its types know every size, so that a function for all of them would have to repeat what each layer asks for.
macro_rules! perceptron {
    ($hidden:literal, $batch:literal) => {{
        let device = Cpu::default();
        let mut model = device.build_module::<Perceptron<$hidden>, f32>();
        let mut gradients = Some(model.alloc_grads());
        let mut optimizer = Adam::new(&model, AdamConfig { lr: 1e-3, ..Default::default() });
        let x: Tensor<Rank2<$batch, 784>, f32, _> = device.sample_uniform();
        let mut targets = [[0f32; 10]; $batch];
        (0..$batch).for_each(|i| targets[i][(i * 7 + 3) % 10] = 1.0);
        let targets = device.tensor(targets);
        move || {
            let logits = model.forward_mut(x.clone().traced(gradients.take().unwrap()));
            let mut found = cross_entropy_with_logits_loss(logits, targets.clone()).backward();
            optimizer.update(&mut model, &found).unwrap();
            model.zero_grads(&mut found);
            gradients = Some(found);
        }
    }};
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, steps] = &arguments[..]
        && name == "process-of-steps"
    {
        let mut step = exclusive_or();
        return (0..steps.parse().unwrap_or(0)).for_each(|_| step());
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let one = |name: &str, metric: &str, step: &mut dyn FnMut()| {
        let [time] = measure([step]);
        time.print(name, metric, rayon::current_num_threads());
    };
    println!("{HEADER}");
    if wanted("W1") {
        one("W1", "train step", &mut perceptron!(64, 32));
    }
    if wanted("W2") {
        one("W2", "train step", &mut perceptron!(512, 128));
    }
    if wanted("W3") {
        one("W3", "train step", &mut exclusive_or());
    }
    if wanted("W7") {
        one("W7", "value and gradient", &mut curve());
    }
    if wanted("W8") {
        for n in [512, 1024, 2048] {
            one("W8", &format!("matmul {n} forward and backward"), &mut product(n));
        }
    }
    if wanted("W9") {
        one("W9", "1000 triples forward and backward", &mut chain());
    }
}

fn exclusive_or() -> impl FnMut() {
    let device = Cpu::default();
    let mut model = device.build_module::<ExclusiveOr, f32>();
    let mut gradients = Some(model.alloc_grads());
    let mut optimizer = Adam::new(&model, AdamConfig { lr: 1e-3, ..Default::default() });
    let (x, t) = (device.tensor([[0f32, 1.0]]), device.tensor([[1f32]]));
    move || {
        let p = model.forward_mut(x.clone().traced(gradients.take().unwrap()));
        let (p, tape) = p.split_tape();
        let (yes, tape) = ((p.clone().put_tape(tape) + 1e-7).ln() * t.clone()).split_tape();
        let no = (p.put_tape(tape).negate() + (1.0 + 1e-7)).ln() * (t.clone().negate() + 1.0);
        let (no, tape) = no.split_tape();
        let mut found = (yes.put_tape(tape) + no).mean().negate().backward();
        optimizer.update(&mut model, &found).unwrap();
        model.zero_grads(&mut found);
        gradients = Some(found);
    }
}

fn curve() -> impl FnMut() {
    let device = Cpu::default();
    let numbers: Vec<f32> = (0..1_000_000).map(|i| i as f32 / 250_000.0 - 2.0).collect();
    let x = device.tensor_from_vec(numbers, (1_000_000usize,));
    move || {
        let (tanh, tape) = x.leaky_trace().tanh().split_tape();
        let (sigmoid, tape) = x.clone().put_tape(tape).sigmoid().split_tape();
        let (product, tape) = (tanh.put_tape(tape) * sigmoid).split_tape();
        let (bell, tape) = x.clone().put_tape(tape).square().negate().exp().split_tape();
        drop((product.put_tape(tape) + bell).sum::<Rank0, _>().backward());
    }
}

fn product(n: usize) -> impl FnMut() {
    let device = Cpu::default();
    let matrix = |shift: usize| {
        let numbers = (0..n * n).map(|i| ((i * 7919 + shift) % 1009) as f32 / 1009.0).collect();
        device.tensor_from_vec(numbers, (n, n))
    };
    let (a, b): (Tensor<(usize, usize), f32, _>, Tensor<(usize, usize), f32, _>) = (matrix(0), matrix(500));
    move || drop(a.leaky_trace().matmul(b.clone()).sum::<Rank0, _>().backward())
}

fn chain() -> impl FnMut() {
    let device = Cpu::default();
    let x = device.tensor([0.3f32]);
    move || {
        let mut y = x.leaky_trace();
        for _ in 0..1000 {
            y = y.sin() * 1.01 + 0.001;
        }
        drop(y.sum::<Rank0, _>().backward());
    }
}
