//! One observer sees a sweep in its documented order, and what it puts in the place of a gradient counts.

use autograd::prelude::*;
use autograd::{Edge, Observer, Reached, Visit};

/// Writes down everything that it sees.
#[derive(Default)]
struct Log(Vec<String>);

impl Observer<Tensor<f64>> for Log {
    fn before(&mut self, node: Visit) {
        assert!(node.at.file().ends_with("observe.rs"));
        self.0.push(format!("before {} {}", node.node, node.op));
    }
    fn gradient(&mut self, node: Visit, gradient: Tensor<f64>) -> Tensor<f64> {
        self.0.push(format!("gradient of {}: {:?}", node.node, gradient.to_vec()));
        gradient
    }
    fn leaf(&mut self, node: Visit, gradient: Tensor<f64>) -> Tensor<f64> {
        self.0.push(format!("leaf {}: {:?}", node.node, gradient.to_vec()));
        gradient
    }
    fn message(&mut self, edge: Edge, message: Option<&Tensor<f64>>) {
        let Edge { from, input, to } = edge;
        self.0.push(format!("{} -> {to} by input {input}: {:?}", from.node, message.map(Tensor::to_vec)));
    }
}

/// `Σ (x w + x · 0-slope + unused)`: a value used twice, a message that is an exact zero, a leaf that nothing reaches.
fn record(x: Var<f64>, w: Var<f64>) -> Var<f64> {
    let product = &x * &w;
    let step = x.step();
    let _unused = w.exp();
    ((product + &x) * (step + 1.0)).sum()
}

#[test]
fn the_order_is_the_documented_one() {
    let tape = Tape::new();
    let (x, w) = (tape.var([2.0, -3.0]), tape.var([5.0, 7.0]));
    let mut log = Log::default();
    let observed = record(x.clone(), w.clone()).backward_observed(&mut log);
    let expected = [
        "before 8 sum",
        "gradient of 8: [1.0]",
        "8 -> 7 by input 0: Some([1.0, 1.0])",
        "before 7 mul",
        "gradient of 7: [1.0, 1.0]",
        // step + 1 is 2 and 1; x w + x is 12 and −24.
        "7 -> 5 by input 0: Some([2.0, 1.0])",
        "7 -> 6 by input 1: Some([12.0, -24.0])",
        "before 6 add_constant",
        "gradient of 6: [12.0, -24.0]",
        "6 -> 3 by input 0: Some([12.0, -24.0])",
        "before 5 add",
        "gradient of 5: [2.0, 1.0]",
        "5 -> 2 by input 0: Some([2.0, 1.0])",
        "5 -> 0 by input 1: Some([2.0, 1.0])",
        // 4, the exponential that nothing uses, is passed over.
        "before 3 step",
        "gradient of 3: [12.0, -24.0]",
        "3 -> 0 by input 0: None",
        "before 2 mul",
        "gradient of 2: [2.0, 1.0]",
        "2 -> 0 by input 0: Some([10.0, 7.0])",
        "2 -> 1 by input 1: Some([4.0, -3.0])",
        "before 1 leaf",
        "leaf 1: [4.0, -3.0]",
        "before 0 leaf",
        "leaf 0: [12.0, 8.0]",
    ];
    assert_eq!(log.0, expected);
    assert_eq!(observed.of(&x).or_zeros().to_vec(), [12.0, 8.0]);

    // The training form shows the same in the same order.
    let (p, q) = (Param::new(Tensor::from([2.0, -3.0])), Param::new(Tensor::from([5.0, 7.0])));
    let mut trained = Log::default();
    Tape::new().gradient_observed(&mut trained, |tape| record(tape.param(&p), tape.param(&q)));
    assert_eq!(trained.0, expected);
}

#[test]
fn nodes_that_exact_zeros_reach_are_passed_over() {
    let tape = Tape::new();
    let x = tape.var([1.0, 2.0]);
    let mut log = Log::default();
    let gradients = x.exp().step().sum().backward_observed(&mut log);
    let seen: Vec<&str> = log.0.iter().filter_map(|line| line.strip_prefix("before ")).collect();
    assert_eq!(seen, ["3 sum", "2 step"]);
    assert!(matches!(gradients.of(&x), Reached::Zero(_)));
}

/// Doubles the gradient of every operation of one name, and adds 1 to that of every leaf, on any interpretation.
struct Change(&'static str);

impl<A: Array<f64>> Observer<A> for Change {
    fn gradient(&mut self, node: Visit, gradient: A) -> A {
        if node.op == self.0 { gradient * 2.0 } else { gradient }
    }
    fn leaf(&mut self, _: Visit, gradient: A) -> A {
        gradient + 1.0
    }
}

#[test]
fn what_is_put_in_the_place_of_a_gradient_counts() {
    let tape = Tape::new();
    let (x, w) = (tape.var([3.0]), tape.var([5.0]));
    let y = &x * &w;
    let loss = y.square().sum();
    let gradients = loss.backward_observed(&mut Change("mul"));
    // (x w)²: 2 x w at the product, doubled, times the other factor, and 1.
    assert_eq!(gradients.of(&y).or_zeros().item(), 60.0);
    assert_eq!(gradients.of(&x).or_zeros().item(), 60.0 * 5.0 + 1.0);
    assert_eq!(gradients.of(&w).or_zeros().item(), 60.0 * 3.0 + 1.0);
    // Unwatched, nothing is left of it.
    assert_eq!(loss.backward().of(&x).or_zeros().item(), 30.0 * 5.0);
    // Recorded, the change is differentiated too: d/dx (4 x w² + 1) = 4 w².
    let slope = loss.backward_recorded_observed(&mut Change("mul")).of(&x).or_zeros_on(&x);
    assert_eq!(slope.value().item(), 301.0);
    assert_eq!(slope.sum().backward().of(&x).or_zeros().item(), 100.0);
    // In the training form, with settings of the tape.
    let weight = Param::new(Tensor::from([3.0]));
    let tape = Tape::new().with_key(Key::new(1));
    let ((_, aside), gradients) =
        tape.gradient_observed(&mut Change("square"), |tape| (tape.param(&weight).square().sum(), "aside"));
    assert_eq!((gradients.of(&weight).or_zeros().item(), aside), (2.0 * 6.0 + 1.0, "aside"));
}

#[test]
fn recomputed_segments_are_seen_as_if_they_were_plain() {
    let log = |recomputed: bool| {
        let tape = Tape::new();
        let x = tape.var([0.3, -0.8]);
        let f = |x: Var<f64>| x.tanh() * x.exp();
        let y = if recomputed { x.recompute(f) } else { f(x) };
        let mut log = Log::default();
        y.sum().backward_observed(&mut log);
        log.0
    };
    assert_eq!(log(true), log(false));
}

/// Sums every gradient up.
struct Sum;
impl Observer<Tensor<f64>> for Sum {
    fn gradient(&mut self, _: Visit, gradient: Tensor<f64>) -> Tensor<f64> {
        gradient.sum()
    }
}

#[test]
#[should_panic(expected = "square: an observer put a gradient of shape [] in the place of one of shape [2]")]
fn a_gradient_keeps_its_shape() {
    Tape::new().var([1.0, 2.0]).square().sum().backward_observed(&mut Sum);
}
