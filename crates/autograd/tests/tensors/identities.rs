//! Identities that hold for every program, on random programs.

use autograd::prelude::*;
use autograd::transform;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// A random smooth program on a square matrix, as a list of steps.
fn run<A: Array<f64>>(steps: &[u8], x: A) -> A {
    let mut values = vec![x];
    for &step in steps {
        let last = values[values.len() - 1].clone();
        let other = values[step as usize / 12 % values.len()].clone();
        values.push(match step % 12 {
            0 => last + &other,
            1 => last * &other * 0.5,
            2 => last.tanh(),
            3 => last.matmul(&other) * 0.3,
            4 => last.sigmoid() * &other,
            5 => last.transpose() - &other,
            6 => (last.clone() * 0.2).exp() * last,
            7 => last.softmax(-1) + &other,
            8 => other.sum_keep(0).sin() * last,
            9 => last / (other.square() + 1.0),
            10 => A::concat(&[&last.slice(0, 1..), &other.slice(0, ..1)], 0),
            _ => last.softplus() - other.mean_keep(1),
        });
    }
    values.pop().unwrap_or_else(|| unreachable!("there is at least the input"))
}

fn random(seed: u64) -> Tensor<f64> {
    Tensor::normal([3, 3], 0.0, 0.7, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    (a * b).sum().item()
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-10 * (1.0 + scale.abs())
}

fn all_close(a: &Tensor<f64>, b: &Tensor<f64>) -> bool {
    let scale = a.abs().max().item().max(b.abs().max().item());
    (a - b).abs().max().item() <= 1e-9 * (1.0 + scale)
}

fn bits(x: &Tensor<f64>) -> Vec<u64> {
    x.to_vec().into_iter().map(f64::to_bits).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn forward_and_backward_are_adjoint(steps in prop::collection::vec(any::<u8>(), 1..10), seed: u64) {
        let (x, u, v) = (random(seed), random(seed ^ 1), random(seed ^ 2));
        let (_, moved) = transform::jvp(|x: &Var<f64>| run(&steps, x.clone()), &x, &u);
        let (_, pull_back) = transform::vjp(|x: &Var<f64>| run(&steps, x.clone()), &x);
        let (a, b) = (dot(&v, &moved), dot(&pull_back(&v), &u));
        prop_assert!(close(a, b, a.abs().max(b.abs())), "{a} {b}");
        // A generic program fed a dual gives the same tangent as the sweep of its tape.
        prop_assert!(all_close(&run(&steps, Dual::new(x, u)).tangent_or_zeros(), &moved));
    }

    #[test]
    fn pull_backs_are_linear_and_repeatable(steps in prop::collection::vec(any::<u8>(), 1..10), seed: u64) {
        let (x, u, v) = (random(seed), random(seed ^ 1), random(seed ^ 2));
        let (_, pull_back) = transform::vjp(|x: &Var<f64>| run(&steps, x.clone()), &x);
        prop_assert!(all_close(&pull_back(&(&u * 2.0 - &v)), &(pull_back(&u) * 2.0 - pull_back(&v))));
        prop_assert_eq!(bits(&pull_back(&u)), bits(&pull_back(&u)));
    }

    #[test]
    fn three_ways_to_the_second_derivative_agree(steps in prop::collection::vec(any::<u8>(), 1..8), seed: u64) {
        let (x, t) = (random(seed), random(seed ^ 1));
        let scalar = |x: &Var<f64>| run(&steps, x.clone()).square().sum();
        let (_, forward_over_reverse) = transform::hvp(scalar, &x, &t);

        let tape = Tape::new();
        let var = tape.var(x.clone());
        let slope = scalar(&var).backward_recorded().of(&var).or_zeros_on(&var);
        let along = (slope * var.constant(&t)).sum();
        let reverse_over_reverse = match along.node() {
            Some(_) => along.backward().of(&var).or_zeros(),
            None => Tensor::zeros([3, 3]),
        };
        prop_assert!(all_close(&forward_over_reverse, &reverse_over_reverse));

        let tape = Tape::new();
        let var = tape.var(x.clone());
        let dual = Dual::new(var.clone(), var.constant(&t));
        let moved = run(&steps, dual).square().sum().tangent_or_zeros();
        let reverse_over_forward = match moved.node() {
            Some(_) => moved.backward().of(&var).or_zeros(),
            None => Tensor::zeros([3, 3]),
        };
        prop_assert!(all_close(&forward_over_reverse, &reverse_over_forward));

        let hessian = transform::hessian(scalar, &x).reshape([9, 9]);
        prop_assert!(all_close(&hessian, &hessian.transpose()));
        prop_assert!(all_close(&hessian.matmul(&t.reshape([9])), &forward_over_reverse.reshape([9])));
    }

    #[test]
    fn the_gradient_of_a_sum_is_the_sum_of_gradients(
        first in prop::collection::vec(any::<u8>(), 1..8),
        second in prop::collection::vec(any::<u8>(), 1..8),
        seed: u64,
    ) {
        let x = random(seed);
        let of = |steps: &[u8]| transform::grad(|x: &Var<f64>| run(steps, x.clone()).sum(), &x);
        let both = transform::grad(|x: &Var<f64>| run(&first, x.clone()).sum() + run(&second, x.clone()).sum(), &x);
        prop_assert!(all_close(&both, &(of(&first) + of(&second))));
    }

    #[test]
    fn printed_and_inferred_shapes_are_those_of_the_value(steps in prop::collection::vec(any::<u8>(), 1..10), seed: u64) {
        let x = random(seed);
        let shape = run(&steps, x.clone()).shape();
        prop_assert_eq!(run(&steps, Shapes::new(x.shape())).shape(), shape);
        prop_assert_eq!(run(&steps, Symbol::letter("x", x.shape())).shape(), shape);
    }
}

/// Large enough for every path that splits work: the number of threads must not show in a single bit.
#[cfg(feature = "parallel")]
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let wide = Tensor::<f32>::normal([700, 600], 0.0, 1.0, &mut generator);
    let row = Tensor::<f32>::normal([600], 0.0, 1.0, &mut generator);
    let work = || {
        let tape = Tape::new();
        let (x, b) = (tape.var(wide.clone()), tape.var(row.clone()));
        let y = ((&x * &b).tanh().matmul(&x.transpose()).sigmoid() * 0.01).sum()
            + x.sum_axes(0).square().mean()
            + (&x + &b).exp().max_axes(1).sum();
        let gradients = y.backward();
        let all: Vec<u32> = [y.value().clone(), gradients.of(&x).or_zeros(), gradients.of(&b).or_zeros()]
            .iter()
            .flat_map(Tensor::to_vec)
            .map(f32::to_bits)
            .collect();
        all
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work);
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(3));
}
