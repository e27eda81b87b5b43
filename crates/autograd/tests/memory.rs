//! What recording costs: depth, growth, and allocations in steady state.

// Plain arithmetic, which the crate does not show to its users.
#[path = "../src/tensor/size_class.rs"]
mod size_class;

use autograd::pool_statistics;
use autograd::prelude::*;
use autograd::transform::value_and_grad;
use size_class::{bytes_of, class_of};

/// A chain of a million nodes records, differentiates and drops: no recursion anywhere.
#[test]
fn a_chain_of_a_million_nodes() {
    let tape = Tape::<f64>::new();
    let x = tape.var([1.0]);
    let mut y = x.clone();
    for _ in 0..500_000 {
        y = y * 1.000001 + 1e-9;
    }
    assert_eq!(tape.len(), 1_000_001);
    let slope = y.sum().backward().of(&x).or_zeros().item();
    let expected = (500_000.0 * 1.000001_f64.ln()).exp();
    assert!((slope - expected).abs() < 1e-9 * expected, "{slope} {expected}");
    drop((x, y));
    tape.clear();
    assert!(tape.is_empty());
}

fn step(weights: &mut [Param], x: &Tensor, labels: &[usize]) {
    let (_, gradients) = gradient(|tape| {
        let hidden = tape.constant(x).linear(&tape.param(&weights[0]), Some(&tape.param(&weights[1]))).relu();
        hidden.linear(&tape.param(&weights[2]), None).cross_entropy(labels)
    });
    for weight in weights {
        let slope = gradients.of(weight).or_zeros();
        for (w, g) in weight.make_mut().iter_mut().zip(slope.to_vec()) {
            *w -= 1e-3 * g;
        }
    }
}

fn network() -> (Vec<Param>, Tensor, [usize; 8]) {
    let weight = |shape: &[usize]| Param::new(Tensor::from_fn(shape, |i| ((i * 37 % 101) as f32 - 50.0) / 200.0));
    let x = Tensor::from_fn([8, 16], |i| ((i * 13 % 29) as f32) / 29.0);
    (vec![weight(&[32, 16]), weight(&[32]), weight(&[4, 32])], x, [0, 1, 2, 3, 0, 1, 2, 3])
}

/// In steady state every buffer of a training step comes from the pool.
#[test]
fn a_training_step_allocates_no_buffer() {
    let (mut weights, x, labels) = network();
    for _ in 0..3 {
        step(&mut weights, &x, &labels);
    }
    let before = pool_statistics();
    for _ in 0..100 {
        step(&mut weights, &x, &labels);
    }
    let after = pool_statistics();
    assert_eq!(after.allocated, before.allocated);
    assert!(after.reused > before.reused, "the counter counts");
}

/// Of a chain of operations that keep their outputs, the gradient alone needs those outputs and a few messages more; with the
/// gradient of every value, each has one.
#[test]
fn a_gradient_alone_frees_messages_on_the_way() {
    const DEPTH: u64 = 40;
    let x = Tensor::from_fn([70_000], |i| i as f32 / 70_000.0);
    let chain = |x: &Var| (0..DEPTH).fold(x.clone(), |y, _| y.tanh()).sum();
    let allocated = |f: &dyn Fn()| {
        let before = pool_statistics().allocated;
        f();
        pool_statistics().allocated - before
    };
    let alone = allocated(&|| drop(value_and_grad(chain, &x)));
    assert!((DEPTH..DEPTH + 6).contains(&alone), "{alone}");
    // What the first had is in the pool.
    let every = allocated(&|| {
        let tape = Tape::new();
        chain(&tape.var(x.clone())).backward();
    });
    assert!(every + alone >= 2 * DEPTH, "{every}");
}

/// A weight that nobody else holds is updated where it lies.
#[test]
fn weights_are_updated_in_place() {
    let (mut weights, x, labels) = network();
    step(&mut weights, &x, &labels);
    let place = weights[0].value().as_slice().unwrap().as_ptr();
    step(&mut weights, &x, &labels);
    assert_eq!(weights[0].value().as_slice().unwrap().as_ptr(), place);
}

/// Values that a tape saved do not change when a parameter is updated later.
#[test]
fn an_older_tape_keeps_its_values() {
    let mut weight = Param::new(Tensor::from([2.0_f32, 3.0, 4.0, 5.0, 6.0]));
    let tape = Tape::new();
    let y = tape.param(&weight).square().sum();
    weight.make_mut().fill(100.0);
    assert_eq!(y.backward().of(&weight).or_zeros().to_vec(), [4.0, 6.0, 8.0, 10.0, 12.0]);
}

#[test]
fn tensors_cross_threads() {
    let x = Tensor::<f32>::arange(1000);
    let y = x.clone();
    let sum = std::thread::spawn(move || y.sum().item()).join().unwrap();
    assert_eq!((sum, x.sum().item()), (499_500.0, 499_500.0));
}

#[test]
fn size_classes_hold_what_is_asked_and_waste_little() {
    for lines in 1..5000usize {
        for bytes in [lines * 64 - 63, lines * 64] {
            let capacity = bytes_of(class_of(bytes));
            assert!(capacity >= bytes, "{bytes} bytes in {capacity}");
            assert!(capacity <= lines * 64 * 5 / 4, "{bytes} bytes in {capacity}");
        }
    }
    for class in 0..200 {
        assert_eq!(class_of(bytes_of(class)), class);
    }
}
