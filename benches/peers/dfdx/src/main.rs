//! The workloads W1 and W3 in dfdx 0.13, by the same timing rule and in the same rows.

use benches::{HEADER, measure};
use dfdx::optim::{Adam, AdamConfig, Optimizer};
use dfdx::prelude::*;

type Perceptron = ((Linear<784, 64>, ReLU), (Linear<64, 64>, ReLU), Linear<64, 10>);
type ExclusiveOr = ((Linear<2, 2>, ReLU), (Linear<2, 1>, Sigmoid));

fn main() {
    println!("{HEADER}");
    let (mut first, mut third) = (perceptron(), exclusive_or());
    let [w1, w3] = measure([&mut first, &mut third]);
    w1.print("W1", "train step in dfdx", 1);
    w3.print("W3", "train step in dfdx", 1);
}

fn perceptron() -> impl FnMut() {
    let device = Cpu::default();
    let mut model = device.build_module::<Perceptron, f32>();
    let mut gradients = Some(model.alloc_grads());
    let mut optimizer = Adam::new(&model, AdamConfig { lr: 1e-3, ..Default::default() });
    let x: Tensor<Rank2<32, 784>, f32, _> = device.sample_uniform();
    let mut targets = [[0f32; 10]; 32];
    (0..32).for_each(|i| targets[i][(i * 7 + 3) % 10] = 1.0);
    let targets = device.tensor(targets);
    move || {
        let logits = model.forward_mut(x.clone().traced(gradients.take().unwrap()));
        let mut found = cross_entropy_with_logits_loss(logits, targets.clone()).backward();
        optimizer.update(&mut model, &found).unwrap();
        model.zero_grads(&mut found);
        gradients = Some(found);
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
