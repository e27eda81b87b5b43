//! One model, written once, under every interpretation; what each gives is checked against the others.

use autograd::transform::{grad, hessian, hvp, jvp};
use nn::prelude::*;

/// Two layers with a residual connection, as a user writes it.
#[derive(Module)]
struct Model<T: Real = f32> {
    body: Sequential<T>,
    head: Linear<T>,
}

impl<T: Real> Model<T> {
    fn new(seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        Model {
            body: Sequential::new().with(Linear::new(3, 3, &mut generator)).with(Tanh),
            head: Linear::new(3, 2, &mut generator),
        }
    }
}

impl<T: Real> Layer<T> for Model<T> {
    fn forward<A: Array<T>>(&self, x: A) -> A {
        self.head.forward(self.body.forward(x.clone()) * T::from_f64(0.5) + x)
    }
}

/// The line of `Model::forward`'s one expression, found in this file.
fn model_line() -> u32 {
    let lines = include_str!("one_model.rs").lines();
    lines.take_while(|line| !line.contains("self.head.forward(self.body")).count() as u32 + 1
}

fn input(seed: u64) -> Tensor<f64> {
    Tensor::normal([2, 3], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn all_close(a: &Tensor<f64>, b: &Tensor<f64>) {
    assert_eq!(a.shape(), b.shape());
    let (off, scale) = ((a - b).abs().max().item(), a.abs().max().item());
    assert!(off <= 1e-12 * (1.0 + scale), "{a}\n{b}");
}

/// `Σ tanh(model(x))`, to have a curvature.
fn scalar<A: Array<f64>>(model: &Model<f64>, x: A) -> A {
    model.forward(x).tanh().sum()
}

/// The prediction by hand, from the numbers of the parameters.
fn by_hand(values: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let linear = |w: &[f64], b: &[f64], x: &[f64]| -> Vec<f64> {
        let dot = |row: &[f64]| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        w.chunks(x.len()).zip(b).map(|(row, b)| dot(row) + b).collect()
    };
    let hidden = linear(&values[0], &values[1], x);
    let mixed: Vec<f64> = hidden.iter().zip(x).map(|(h, x)| 0.5 * h.tanh() + x).collect();
    linear(&values[2], &values[3], &mixed)
}
#[test]
fn one_model_every_interpretation() {
    let (model, x, t) = (Model::<f64>::new(1), input(2), input(3));

    // Prediction, against the formula written out.
    let y = model.forward(x.clone());
    let values: Vec<Vec<f64>> = model.values().iter().map(Tensor::to_vec).collect();
    let expected: Vec<f64> = x.to_vec().chunks(3).flat_map(|row| by_hand(&values, row)).collect();
    all_close(&y, &Tensor::from_vec(expected, [2, 2]));

    // Recording gives the same value; shapes and the printed formula fit it.
    let recorded = Tape::new().var(x.clone());
    assert_eq!(model.forward(recorded).value(), &y);
    assert_eq!(model.forward(Shapes::new([2, 3])).shape(), y.shape());
    let mut named = Model::<f64>::new(1);
    named.name_parameters();
    assert_eq!(
        named.forward(Symbol::letter("x", [2, 3])).to_string(),
        "linear(tanh(linear(x, body.0.weight, body.0.bias)) * 0.5 + x, head.weight, head.bias)"
    );

    // Forward mode: a dual through the program, and the forward sweep of its recording; against the gradient.
    let f = |x: &Var<f64>| scalar(&model, x.clone());
    let slope = grad(f, &x);
    let (_, swept) = jvp(f, &x, &t);
    let dual = scalar(&model, Dual::new(x.clone(), t.clone())).tangent_or_zeros();
    let inner = (&slope * &t).sum();
    all_close(&swept, &dual);
    all_close(&swept, &inner);

    // The gradient against central differences.
    for i in 0..6 {
        let moved = |h: f64| {
            let mut x = x.clone();
            x.make_mut()[i] += h;
            scalar(&model, x).item()
        };
        let (h, got) = (1e-5, slope.to_vec()[i]);
        let numeric = (moved(h) - moved(-h)) / (2.0 * h);
        assert!((numeric - got).abs() < 1e-8, "{numeric} {got}");
    }

    // Hessian-vector products over the input: three ways.
    let (_, forward_over_reverse) = hvp(f, &x, &t);
    let var = Tape::new().var(x.clone());
    let slope_var = f(&var).backward_recorded().of(&var).or_zeros_on(&var);
    let reverse_over_reverse = (slope_var * var.constant(&t)).sum().backward().of(&var).or_zeros();
    let var = Tape::new().var(x.clone());
    let tangent = scalar(&model, Dual::new(var.clone(), var.constant(&t))).tangent_or_zeros();
    let reverse_over_forward = tangent.backward().of(&var).or_zeros();
    all_close(&forward_over_reverse, &reverse_over_reverse);
    all_close(&forward_over_reverse, &reverse_over_forward);
    let matrix = hessian(f, &x).reshape([6, 6]);
    all_close(&matrix.matmul(&t.reshape([6])).reshape([2, 3]), &forward_over_reverse);
    all_close(&matrix, &matrix.transpose());
}

#[test]
fn the_same_over_parameters() {
    let (model, x) = (Model::<f64>::new(4), input(5));
    let values = model.values();
    let along: Vec<Tensor<f64>> = values.iter().enumerate().map(|(i, w)| w.sin() * (1.0 + i as f64)).collect();
    let loss = model.of_parameters(|tape| scalar(&model, tape.constant(&x)));

    // The gradient over bound variables is the one that training gets.
    let slopes = grad(&loss, &values);
    let (_, gradients) = gradient(|tape| scalar(&model, tape.constant(&x)));
    for ((_, parameter), slope) in model.parameters().into_iter().zip(&slopes) {
        assert_eq!(&gradients.of(parameter).or_zeros(), slope);
    }

    // Hessian-vector products, against differences of gradients and reverse over reverse.
    let (_, product) = hvp(&loss, &values, &along);
    let h = 1e-5;
    let moved = |h: f64| {
        let mut other = Model::<f64>::new(4);
        other.set_values(&values.iter().zip(&along).map(|(w, t)| w + &(t * h)).collect::<Vec<_>>());
        let (_, gradients) = gradient(|tape| scalar(&other, tape.constant(&x)));
        other.parameters().into_iter().map(|(_, p)| gradients.of(p).or_zeros()).collect::<Vec<_>>()
    };
    let (up, down) = (moved(h), moved(-h));
    for ((up, down), product) in up.iter().zip(&down).zip(&product) {
        let numeric = (up - down) / (2.0 * h);
        assert!((numeric - product).abs().max().item() < 1e-8);
    }
    let tape = Tape::new();
    let w: Vec<Var<f64>> = values.iter().map(|w| tape.var(w.clone())).collect();
    let recorded = loss(&w).backward_recorded();
    let inner = w.iter().zip(&along).map(|(w, t)| (recorded.of(w).or_zeros_on(w) * w.constant(t)).sum());
    let second = inner.reduce(|a, b| a + b).unwrap().backward();
    for (w, product) in w.iter().zip(&product) {
        all_close(&second.of(w).or_zeros(), product);
    }
}

#[test]
fn nodes_know_their_module_and_the_users_line() {
    let mut model = Model::<f64>::new(6);
    model.name_parameters();
    let tape = Tape::keeping();
    let x = tape.var(input(7)).named("x");
    let _ = model.forward(x);
    let nodes = tape.nodes();
    let tanh = nodes.iter().find(|node| node.op == "tanh").unwrap();
    assert_eq!(tanh.modules, ["Sequential", "Tanh"]);
    let names: Vec<_> = nodes.iter().filter(|n| n.op == "leaf").filter_map(|n| n.name.as_deref()).collect();
    assert_eq!(names, ["x", "body.0.weight", "body.0.bias", "head.weight", "head.bias"]);
    // A library layer carries the line that called it; a boxed one is known by the scope around it.
    let linear = nodes.iter().rfind(|node| node.op == "linear").unwrap();
    assert_eq!(linear.modules, ["Linear"]);
    assert!(linear.at.file().ends_with("one_model.rs") && linear.at.line() == model_line(), "{}", linear.at);
}

#[test]
fn dropout_is_a_function_of_key_and_place() {
    let x = Param::new(Tensor::<f64>::ones([4000]));
    let draw = |seed, step| {
        let mut kept = None;
        gradient_at(Key::new(seed).at_step(step), |tape| {
            let y = Dropout { p: 0.3 }.forward(tape.param(&x));
            kept = Some(y.value().clone());
            y.sum()
        });
        kept.unwrap()
    };
    let first = draw(1, 0);
    assert_eq!(first, draw(1, 0));
    assert_ne!(first, draw(1, 1));
    assert_ne!(first, draw(2, 0));
    let dropped = first.to_vec().iter().filter(|&&v| v == 0.0).count() as f64 / 4000.0;
    assert!((dropped - 0.3).abs() < 4.0 * (0.3_f64 * 0.7 / 4000.0).sqrt(), "{dropped}");
    assert!(first.to_vec().iter().all(|&v| v == 0.0 || (v - 1.0 / 0.7).abs() < 1e-15));
    let tape = Tape::new().evaluating();
    assert_eq!(Dropout { p: 0.3 }.forward(tape.param(&x)).value(), x.value());
}

/// Constants are no nodes, and a dual records more of them: neither moves the places where masks are drawn.
#[test]
fn every_draw_has_a_place_of_its_own_in_every_interpretation() {
    let twice = |tape: &Tape<f64>| {
        let x = tape.constant(&Tensor::ones([4000]));
        (Dropout { p: 0.5 }.forward(x.clone()).value().clone(), Dropout { p: 0.5 }.forward(x).value().clone())
    };
    let tape = Tape::new().with_key(Key::new(1));
    let (first, second) = twice(&tape);
    let equal = first.to_vec().iter().zip(second.to_vec()).filter(|(a, b)| *a == b).count() as f64 / 4000.0;
    assert!((equal - 0.5).abs() < 4.0 * (0.25_f64 / 4000.0).sqrt(), "{equal}");

    let net = Sequential::<f64>::new().with(Tanh).with(Dropout { p: 0.5 }).with(Tanh).with(Dropout { p: 0.5 });
    let x = Tensor::normal([40], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(1));
    let tape = || Tape::new().with_key(Key::new(2));
    let recorded = net.forward(tape().var(x.clone()));
    let var = tape().var(x);
    let dual = net.forward(Dual::new(var.clone(), var.constant(&Tensor::ones([40]))));
    assert_eq!(recorded.value(), dual.value().value());
}

#[test]
fn frozen_parameters_stay_and_cost_nothing() {
    let mut model = Model::<f64>::new(8);
    assert_eq!(model.freeze("body.*", true), 2);
    let before = model.values();
    let (_, gradients) = gradient(|tape| scalar(&model, tape.constant(&input(9))));
    Adam::new(0.1).step(&mut model, &gradients);
    let after = model.values();
    assert_eq!((&before[0], &before[1]), (&after[0], &after[1]));
    assert_ne!(before[2], after[2]);
}
