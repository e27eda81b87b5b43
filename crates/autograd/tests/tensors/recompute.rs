//! Recomputed segments: the bits of a plain recording, for less memory and counted extra work.

use autograd::prelude::*;
use autograd::transform::{hvp, jvp};
use autograd::{Recomputation, pool_statistics};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

fn bits(x: &Tensor<f64>) -> Vec<u64> {
    x.to_vec().into_iter().map(f64::to_bits).collect()
}

fn random(shape: &[usize], seed: u64) -> Tensor<f64> {
    Tensor::normal(shape, 0.0, 0.7, &mut ChaCha8Rng::seed_from_u64(seed))
}

/// `f(x)`, recomputed or plain.
fn perhaps<A: Array<f64>>(recomputed: bool, x: A, f: impl FnOnce(A) -> A) -> A {
    if recomputed { x.recompute(f) } else { f(x) }
}

/// Three layers with dropout; the second is a segment within a segment.
fn network<A: Array<f64>>(recomputed: bool, weights: &[Param<f64>], x: A) -> A {
    let layer = |x: A, i: usize| {
        let y = x.linear(&x.param(&weights[2 * i]), Some(&x.param(&weights[2 * i + 1])));
        y.gelu().dropout(0.4).softplus()
    };
    let x = perhaps(recomputed, x, |x| layer(x, 0));
    perhaps(recomputed, x, |x| {
        let x = perhaps(recomputed, x.tanh() + &x, |x| layer(x, 1));
        layer(x.clone() * 2.0 + x.sigmoid(), 2)
    })
}

fn weights() -> Vec<Param<f64>> {
    (0..3).flat_map(|i| [Param::new(random(&[5, 5], i)), Param::new(random(&[5], 10 + i))]).collect()
}

#[test]
fn the_training_form_gives_the_same_bits() {
    let (weights, x) = (weights(), random(&[4, 5], 20));
    let run = |recomputed: bool| {
        let mut work = Recomputation::default();
        let mut kept = None;
        let (loss, gradients) = gradient_at(Key::new(9).at_step(3), |tape| {
            kept = Some(tape.clone());
            network(recomputed, &weights, tape.constant(&x)).square().mean()
        });
        if let Some(tape) = kept {
            work = tape.recomputation();
        }
        let slopes: Vec<_> = weights.iter().map(|w| bits(&gradients.of(w).or_zeros())).collect();
        (loss.to_bits(), slopes, work)
    };
    let (plain, recomputed) = (run(false), run(true));
    assert_eq!((plain.0, &plain.1), (recomputed.0, &recomputed.1));
    assert!(plain.1.iter().flatten().any(|&bits| bits != 0));
    assert_eq!(plain.2, Recomputation::default());
    // The second segment has two operations, the four of the nested one, three, and the four of the last layer; the
    // nested one is computed twice: with the one around it, and by itself.
    assert_eq!((recomputed.2.segments, recomputed.2.nodes), (2, 4 + (2 + 4 + 3 + 4) + 4));
    assert!(recomputed.2.kept_bytes < recomputed.2.plain_bytes);
}

#[test]
fn the_tape_tells_the_same_as_without() {
    let (weights, x) = (weights(), random(&[4, 5], 20));
    let run = |recomputed: bool| {
        let tape = Tape::new().with_key(Key::new(1));
        let x = tape.var(x.clone());
        let mut inner = None;
        let y = perhaps(recomputed, x.clone(), |x| {
            let hidden = network(recomputed, &weights, x);
            inner = Some(hidden.clone());
            hidden.exp()
        });
        let inner = inner.unwrap();
        // What leaves a segment on the side is used outside of it like anything else.
        let loss = y.sum() + (inner.clone() * 3.0).sin().sum();
        let kept: Vec<_> = tape.nodes().iter().map(|node| node.saved_bytes).collect();
        let (first, second) = (loss.backward(), loss.backward());
        let after: Vec<_> = tape.nodes().iter().map(|node| node.saved_bytes).collect();
        assert_eq!(kept, after, "what a sweep computed again is gone when it is done");
        assert_eq!(bits(&first.of(&x).or_zeros()), bits(&second.of(&x).or_zeros()));
        let slopes = [bits(&first.of(&x).or_zeros()), bits(&first.of(&inner).or_zeros())];
        let ops: Vec<_> = tape.nodes().iter().map(|node| node.op).collect();
        // A sweep may start in the middle of a segment.
        let from_inside = bits(&inner.square().sum().backward().of(&x).or_zeros());
        let from_within = bits(&inner.backward_with(&Tensor::ones([4, 5])).of(&x).or_zeros());
        (slopes, ops, from_inside, from_within)
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn second_derivatives_go_through_segments() {
    let (weights, x, t) = (weights(), random(&[4, 5], 20), random(&[4, 5], 21));
    let loss = |recomputed: bool, x: &Var<f64>| network(recomputed, &weights, x.clone()).square().sum();
    // Reverse over reverse, on a tape that keeps little.
    let reverse = |recomputed: bool| {
        let tape = Tape::new().with_key(Key::new(1));
        let x = tape.var(x.clone());
        let slope = loss(recomputed, &x).backward_recorded();
        let mixed = (slope.of(&x).or_zeros_on(&x) * x.constant(&t)).sum()
            + slope.of(&weights[2]).or_zeros_on(&x).square().sum();
        let second = mixed.backward();
        [bits(&second.of(&x).or_zeros()), bits(&second.of(&weights[0]).or_zeros())]
    };
    assert_eq!(reverse(false), reverse(true));
    // The gradient of a segment in which a gradient is taken.
    let inside = |recomputed: bool| {
        let x = Tape::new().with_key(Key::new(1)).var(x.clone());
        let y = perhaps(recomputed, x.clone(), |x| {
            let slope = loss(recomputed, &x).backward_recorded().of(&x).or_zeros_on(&x);
            slope.square()
        });
        bits(&y.sum().backward().of(&x).or_zeros())
    };
    assert_eq!(inside(false), inside(true));
    // Reverse over forward: the tangents are recorded in the same segments.
    let forward = |recomputed: bool| {
        let x = Tape::new().with_key(Key::new(1)).var(x.clone());
        let dual = network(recomputed, &weights, Dual::new(x.clone(), x.constant(&t)));
        bits(&dual.square().sum().tangent_or_zeros().backward().of(&x).or_zeros())
    };
    assert_eq!(forward(false), forward(true));
    // Forward sweeps need every value, so a keeping tape keeps segments too.
    let smooth = |recomputed: bool, x: &Var<f64>| {
        perhaps(recomputed, x.clone(), |x| perhaps(recomputed, x.tanh(), |x| x.exp() * &x).sin()).square().sum()
    };
    let swept = |recomputed: bool| {
        let (_, moved) = jvp(|x: &Var<f64>| smooth(recomputed, x), &x, &t);
        let (slope, product) = hvp(|x: &Var<f64>| smooth(recomputed, x), &x, &t);
        [bits(&moved), bits(&slope), bits(&product)]
    };
    assert_eq!(swept(false), swept(true));
    let tape = Tape::keeping();
    smooth(true, &tape.var(x.clone()));
    assert_eq!((tape.recomputation().segments, tape.recomputation().saved_bytes()), (1, 0));
}

#[test]
fn interpretations_without_a_tape_run_the_segment() {
    let weights = weights();
    let x = random(&[4, 5], 20);
    assert_eq!(network(true, &weights, x.clone()), network(false, &weights, x));
    assert_eq!(network(true, &weights, Shapes::new([4, 5])).shape(), Shape::from([4, 5]));
    let text = |recomputed| network(recomputed, &weights, Symbol::letter("x", [4, 5])).to_string();
    assert_eq!(text(true), text(false));
}

/// `2x`, then `blocks` segments of `length` hyperbolic tangents, each of which keeps its output alone.
fn chain(blocks: usize, length: usize, recomputed: bool, x: Var<f64>) -> Var<f64> {
    let block = |x: Var<f64>| (0..length).fold(x, |x, _| x.tanh());
    (0..blocks).fold(x * 2.0, |x, _| perhaps(recomputed, x, block))
}

#[test]
fn memory_and_work_are_those_of_the_formula() {
    let (blocks, length, n) = (7, 11, 1000);
    let tape = Tape::new();
    let y = chain(blocks, length, true, tape.var(Tensor::ones([n])));
    let bytes = n * size_of::<f64>();
    let expected = Recomputation {
        segments: blocks,
        // Each block would keep what its tangents give, but for the last one's, which goes out; it keeps what came in.
        plain_bytes: blocks * (length - 1) * bytes,
        kept_bytes: blocks * bytes,
        nodes: 0,
    };
    assert_eq!(tape.recomputation(), expected);
    y.sum().backward();
    assert_eq!(tape.recomputation(), Recomputation { nodes: blocks * length, ..expected });
    assert_eq!(tape.recomputation().saved_bytes(), blocks * (length - 2) * bytes);
    assert_eq!(
        tape.recomputation().to_string(),
        "7 segments keep 56000 bytes instead of 560000; 77 operations computed again"
    );
}

/// Buffers that a thread which has none yet must ask for: the most that were held at once.
fn buffers(work: impl FnOnce() + Send + 'static) -> u64 {
    let count = move || {
        let before = pool_statistics().allocated;
        work();
        pool_statistics().allocated - before
    };
    std::thread::spawn(count).join().unwrap()
}

#[test]
fn the_values_are_really_let_go() {
    let (blocks, length) = (20, 20);
    let pass = move |recomputed: bool| {
        buffers(move || {
            let x = Param::new(Tensor::ones([1000]));
            gradient(|tape| chain(blocks, length, recomputed, tape.param(&x)).sum());
        })
    };
    let (plain, recomputed) = (pass(false), pass(true));
    assert!(plain >= (blocks * length) as u64, "{plain}");
    // One value a block, and one block at a time; a few for the gradient on its way.
    assert!(recomputed <= (blocks + length + 8) as u64, "{recomputed}");
}

#[test]
fn only_what_a_sweep_needs_is_computed_again() {
    let tape = Tape::new();
    let x = tape.var(random(&[4], 1));
    let mut third = None;
    let aside = x.recompute(|x| x.exp().tanh());
    let y = x.recompute(|x| {
        let y = x.exp().sin().tanh();
        third = Some(y.clone());
        y.exp().sin()
    });
    // From the middle, only what comes before it.
    third.unwrap().sum().backward();
    assert_eq!(tape.recomputation().nodes, 3);
    // Exact zeros need no values.
    let zero = aside.step().sum() + y.sum();
    zero.backward();
    assert_eq!(tape.recomputation().nodes, 3 + 5);
}

#[test]
fn a_segment_of_nothing() {
    let tape = Tape::new();
    let x = tape.var(Tensor::from([1.0, 2.0]));
    let y = x.recompute(|x| x).recompute(|x| x.recompute(|x| x.square()));
    assert_eq!(y.sum().backward().of(&x).or_zeros().to_vec(), [2.0, 4.0]);
    let constant = x.recompute(|x| x.constant(&Tensor::from([3.0])));
    assert_eq!(constant.node(), None);
    tape.clear();
    let x = tape.var(Tensor::from([1.0, 2.0]));
    assert_eq!(x.recompute(|x| x.square()).sum().backward().of(&x).or_zeros().to_vec(), [2.0, 4.0]);
}

/// One step of a random program; 12 and 13 open and close segments.
fn run(steps: &[u8], recomputed: bool, x: Var<f64>) -> Var<f64> {
    fn from(steps: &mut std::slice::Iter<'_, u8>, depth: usize, recomputed: bool, values: &mut Vec<Var<f64>>) {
        while let Some(&step) = steps.next() {
            let last = values[values.len() - 1].clone();
            let other = values[step as usize / 14 % values.len()].clone();
            values.push(match step % 14 {
                0 => last + &other,
                1 => last * &other * 0.5,
                2 => last.tanh(),
                3 => last.matmul(&other) * 0.3,
                4 => last.sigmoid() * &other,
                5 => last.transpose() - &other,
                6 => last.dropout(0.3),
                7 => last.softmax(-1) + &other,
                8 => other.sum_keep(0).sin() * last,
                9 => last / (other.square() + 1.0),
                10 => Var::concat(&[&last.slice(0, 1..), &other.slice(0, ..1)], 0),
                11 => last.softplus() - other.mean_keep(1),
                12 if recomputed => {
                    last.recompute(|_| from(steps, depth + 1, recomputed, values));
                    continue;
                }
                12 => {
                    from(steps, depth + 1, recomputed, values);
                    continue;
                }
                _ if depth > 0 => return,
                _ => continue,
            });
        }
    }
    let mut values = vec![x];
    from(&mut steps.iter(), 0, recomputed, &mut values);
    values.pop().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_with_random_segments(steps in prop::collection::vec(any::<u8>(), 1..40), seed: u64) {
        let x = random(&[3, 3], seed);
        let gradients = |recomputed: bool| {
            let tape = Tape::new().with_key(Key::new(seed));
            let x = tape.var(x.clone());
            let loss = run(&steps, recomputed, x.clone()).square().sum();
            let first = loss.backward().of(&x).or_zeros();
            let slope = loss.backward_recorded().of(&x).or_zeros_on(&x).sum();
            let second = match slope.node() {
                Some(_) => slope.backward().of(&x).or_zeros(),
                None => Tensor::zeros([3, 3]),
            };
            [bits(loss.value()), bits(&first), bits(&second)]
        };
        prop_assert_eq!(gradients(false), gradients(true));
    }
}

/// A tape that keeps every value has them for every sweep, in whatever order they come.
#[test]
fn a_forward_sweep_after_a_backward_one() {
    let (x, t) = ([0.3_f64, -1.2], [1.0, -2.0]);
    let tape = Tape::keeping();
    let var = tape.var(x);
    let y = var.clone().recompute(|x| x.tanh().square()).sum();
    let gradient = y.backward().of(&var).or_zeros();
    let slope = |x: f64| 2.0 * x.tanh() * (1.0 - x.tanh().powi(2));
    for (found, x) in gradient.to_vec().into_iter().zip(x) {
        assert!((found - slope(x)).abs() < 1e-15);
    }
    let along = y.push_forward(&Direction::new().along(&var, Tensor::from(t))).item();
    let expected: f64 = x.iter().zip(t).map(|(&x, t)| slope(x) * t).sum();
    assert!((along - expected).abs() < 1e-15, "{along} and {expected}");
}
