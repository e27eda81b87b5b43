//! What holds for every optimizer: it goes down, leaves alone what is to be left alone, can be stopped and gone on with, and
//! refuses settings and states that make no sense.

use autograd::pool_statistics;
use nn::optim::{OptimizerState, Outcome, clip_norm, clip_value, max_norm, try_clip_norm};
use nn::prelude::*;

/// Calls `$check` with every optimizer in `f32` or `f64`, in all forms that it has, with a rate that suits a parabola.
macro_rules! each_optimizer {
    ($T:ty, $check:expr) => {{
        let check: &dyn Fn(&str, &dyn Fn(f64) -> Box<dyn Optimizer<$T>>) = &$check;
        macro_rules! row {
            ($rate:expr, $make:expr) => {
                check(stringify!($make), &|factor| Box::new($make($rate * factor)))
            };
        }
        row!(0.1, GradientDescent::<$T>::new);
        row!(0.1, Sgd::<$T>::new);
        row!(0.05, |rate| Sgd::<$T>::new(rate).with_momentum(0.9));
        row!(0.05, |rate| Sgd::<$T>::new(rate).with_momentum(0.8).with_dampening(0.3));
        row!(0.05, |rate| Sgd::<$T>::new(rate).with_momentum(0.9).with_nesterov());
        row!(0.05, Adam::<$T>::new);
        row!(0.05, |rate| Adam::<$T>::new(rate).with_amsgrad());
        row!(0.05, |rate| AdamW::<$T>::new(rate).with_weight_decay(1e-3));
        row!(0.05, |rate| AdamW::<$T>::new(rate).with_weight_decay(1e-3).with_amsgrad());
        row!(0.01, RmsProp::<$T>::new);
        row!(0.01, |rate| RmsProp::<$T>::new(rate).with_centered());
        row!(0.01, |rate| RmsProp::<$T>::new(rate).with_momentum(0.5));
        row!(0.01, |rate| RmsProp::<$T>::new(rate).with_centered().with_momentum(0.5));
        row!(0.5, Adagrad::<$T>::new);
        row!(0.5, |rate| Adagrad::<$T>::new(rate).with_first(0.1).with_rate_decay(1e-3));
        row!(20.0, Adadelta::<$T>::new);
        row!(0.05, Adamax::<$T>::new);
        row!(0.05, NAdam::<$T>::new);
        row!(0.05, RAdam::<$T>::new);
        row!(0.02, Lion::<$T>::new);
    }};
}

/// One step; the gradients come first.
macro_rules! step {
    ($optimizer:ident, $model:ident, $gradients:expr) => {{
        let gradients = $gradients;
        $optimizer.step(&mut $model, &gradients)
    }};
}

/// `½ Σ k (p − target)²`, with curvatures from 1 to 4.
fn parabola<T: Real>(p: &Param<T>) -> (T, Gradients<Tensor<T>>) {
    let number = |f: fn(usize) -> f64| Tensor::from_fn([7], |i| T::from_f64(f(i)));
    let (curvature, target) = (number(|i| 1.0 + i as f64 / 2.0), number(|i| (i as f64 - 3.0) / 2.0));
    gradient(|tape| {
        let miss = tape.param(p) - tape.constant(&target);
        (miss.square() * tape.constant(&curvature) * T::from_f64(0.5)).sum()
    })
}

/// A parameter that is large enough to be divided among threads moves as its parts do, to the bit.
#[test]
fn a_large_parameter_moves_as_its_parts_do() {
    const SIZE: usize = 150_001;
    each_optimizer!(f32, |name, make| {
        let weights = |from: usize, count: usize| {
            Param::new(Tensor::from_fn([count], |i| (((from + i) * 37) % 101) as f32 / 64.0 - 0.7))
        };
        let moved = |from: usize, count: usize| {
            let (mut p, mut optimizer) = (weights(from, count), make(0.1));
            for _ in 0..3 {
                step!(optimizer, p, gradient(|tape| tape.param(&p).sin().sum()).1);
            }
            p.value().to_vec()
        };
        let cut = SIZE / 3;
        assert_eq!(moved(0, SIZE), [moved(0, cut), moved(cut, SIZE - cut)].concat(), "{name}");
    });
}

#[test]
fn every_optimizer_finds_the_bottom_of_a_parabola() {
    fn finds<T: Real>(name: &str, mut optimizer: Box<dyn Optimizer<T>>) {
        let mut p = Param::new(Tensor::full([7], T::from_f64(2.0)));
        let (first, rate) = (parabola(&p).0.to_f64(), optimizer.learning_rate());
        for step in 0..2000 {
            // A rate that falls, for those whose steps do not shrink by themselves.
            optimizer.set_learning_rate(rate * 0.997_f64.powi(step));
            step!(optimizer, p, parabola(&p).1);
        }
        let last = parabola(&p).0.to_f64();
        assert!(last < 1e-4 * first, "{} {name}: from {first} to {last}", T::NAME);
    }
    each_optimizer!(f64, |name, make| finds(name, make(1.0)));
    each_optimizer!(f32, |name, make| finds(name, make(1.0)));
}

/// A run in single precision stays beside the same run in double precision.
#[test]
fn single_precision_follows_double() {
    let runs = std::cell::RefCell::new(Vec::new());
    fn run<T: Real>(mut optimizer: Box<dyn Optimizer<T>>) -> Vec<f64> {
        let mut p = Param::new(Tensor::full([7], T::from_f64(2.0)));
        (0..20).for_each(|_| step!(optimizer, p, parabola(&p).1));
        p.value().to_vec().into_iter().map(T::to_f64).collect()
    }
    each_optimizer!(f64, |_, make| runs.borrow_mut().push(run(make(0.1))));
    let place = std::cell::Cell::new(0);
    each_optimizer!(f32, |name, make| {
        let double = &runs.borrow()[place.replace(place.get() + 1)];
        for (single, double) in run(make(0.1)).iter().zip(double) {
            assert!((single - double).abs() < 2e-5, "{name}: {single} and {double}");
        }
    });
}

#[test]
fn a_rate_of_zero_leaves_everything_where_it_is() {
    each_optimizer!(f64, |name, make| {
        let mut p = Param::new(Tensor::full([7], 2.0));
        let mut optimizer = make(0.0);
        (0..5).for_each(|_| step!(optimizer, p, parabola(&p).1));
        assert_eq!(*p.value(), Tensor::full([7], 2.0), "{name}");
    });
}

/// Zero gradients, without decay, from the start: nothing to divide by but `ε`.
#[test]
fn a_gradient_of_zero_leaves_everything_where_it_is() {
    each_optimizer!(f32, |name, make| {
        let mut p = Param::new(Tensor::from([2.0, -3.0, 0.0]));
        let mut optimizer = make(1.0);
        optimizer.set("weight_decay", 0.0).unwrap();
        for _ in 0..5 {
            let (_, gradients) = gradient(|tape| (tape.param(&p) * 0.0).sum());
            optimizer.step(&mut p, &gradients);
        }
        assert_eq!(p.value().to_vec(), [2.0, -3.0, 0.0], "{name}");
    });
}

fn net() -> Sequential<f64> {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    Sequential::new().with(Linear::new(3, 9, &mut generator)).with(Tanh).with(Linear::new(9, 2, &mut generator))
}

fn pass(net: &Sequential<f64>, step: usize) -> Gradients<Tensor<f64>> {
    let x = Tensor::from_fn([4, 3], |i| ((i * 7 + step * 5) % 11) as f64 / 11.0 - 0.4);
    gradient(|tape| net.forward(tape.constant(&x)).cross_entropy([0, 1, 1, 0])).1
}

fn bits(net: &Sequential<f64>) -> Vec<u64> {
    net.values().iter().flat_map(Tensor::to_vec).map(f64::to_bits).collect()
}

/// As a file would hold it: names and numbers.
fn through_text(state: &OptimizerState<f64>) -> OptimizerState<f64> {
    let tensors = state.tensors.iter().map(|(name, tensor)| (name, (tensor.shape().to_vec(), tensor.to_vec())));
    let tensors = serde_json::to_string(&tensors.collect::<std::collections::BTreeMap<_, _>>()).unwrap();
    let numbers = serde_json::to_string(&state.numbers).unwrap();
    let tensors: std::collections::BTreeMap<String, (Vec<usize>, Vec<f64>)> = serde_json::from_str(&tensors).unwrap();
    OptimizerState {
        optimizer: state.optimizer.clone(),
        numbers: serde_json::from_str(&numbers).unwrap(),
        tensors: tensors.into_iter().map(|(name, (shape, data))| (name, Tensor::from_vec(data, &shape[..]))).collect(),
    }
}

#[test]
fn a_stopped_run_goes_on_bit_for_bit() {
    each_optimizer!(f64, |name, make| {
        let (mut whole, mut optimizer) = (net(), make(1.0));
        let rate = optimizer.learning_rate();
        for step in 0..12 {
            if step == 4 {
                optimizer.set_learning_rate(rate * 0.7);
            }
            step!(optimizer, whole, pass(&whole, step));
        }
        let (mut before, mut optimizer) = (net(), make(1.0));
        for step in 0..7 {
            if step == 4 {
                optimizer.set_learning_rate(rate * 0.7);
            }
            step!(optimizer, before, pass(&before, step));
        }
        let (values, state) = (before.values(), through_text(&optimizer.state(&before)));
        // Another process: other identities, and nothing in memory.
        let (mut after, mut optimizer) = (net(), make(1.0));
        after.set_values(&values);
        optimizer.load_state(&after, &state).unwrap();
        assert_eq!(optimizer.state(&after), state, "{name}");
        for step in 7..12 {
            step!(optimizer, after, pass(&after, step));
        }
        assert_eq!(bits(&whole), bits(&after), "{name}");
    });
}

#[test]
fn groups_follow_their_own_settings() {
    let mut net = net();
    let before = net.values();
    let group = || Sgd::<f64>::new(0.0);
    let mut optimizer = Sgd::new(0.1).with_group("*bias", group()).with_group("0.*", Sgd::new(0.05));
    let gradients = pass(&net, 0);
    optimizer.step(&mut net, &gradients);
    for (((path, p), before), rate) in net.parameters().iter().zip(&before).zip([0.05, 0.0, 0.1, 0.0]) {
        let want = before - gradients.of(*p).or_zeros() * rate;
        assert_eq!(*p.value(), want, "{path}");
    }
    // The first pattern that matches counts, and a schedule changes all rates in proportion.
    optimizer.set_learning_rate(0.2);
    let (before, gradients) = (net.values(), pass(&net, 1));
    optimizer.step(&mut net, &gradients);
    for (((path, p), before), rate) in net.parameters().iter().zip(&before).zip([0.1, 0.0, 0.2, 0.0]) {
        let want = before - gradients.of(*p).or_zeros() * rate;
        assert_eq!(*p.value(), want, "{path}");
    }
}

#[test]
fn what_is_frozen_or_not_reached_stays() {
    each_optimizer!(f64, |name, make| {
        let (mut net, mut optimizer) = (net(), make(1.0));
        net.freeze("0.*", true);
        let before = net.values();
        (0..3).for_each(|step| step!(optimizer, net, pass(&net, step)));
        let after = net.values();
        assert!(after[..2] == before[..2] && after[2] != before[2] && after[3] != before[3], "{name}");
        let mut alone = Param::new(Tensor::ones([3]));
        step!(optimizer, alone, pass(&net, 0));
        assert_eq!(alone.value().to_vec(), [1.0; 3], "{name}");
    });
}

/// Decay of both kinds against their formulas, where nothing else happens.
#[test]
fn both_kinds_of_weight_decay() {
    let decayed = |mut optimizer: Sgd<f64>| {
        let mut p = Param::new(Tensor::from([2.0]));
        for _ in 0..2 {
            step!(optimizer, p, gradient(|tape| tape.param(&p).sum()).1);
        }
        p.value().item()
    };
    // p ← p − η (1 + λ p), and p ← p (1 − η λ) − η.
    assert_eq!(decayed(Sgd::new(0.5).with_weight_decay(0.25)), (2.0 - 0.5 * 1.5) - 0.5 * (1.0 + 0.25 * 1.25));
    assert_eq!(decayed(Sgd::new(0.5).with_decoupled_weight_decay(0.25)), (2.0 * 0.875 - 0.5) * 0.875 - 0.5);
    // With momentum they differ: b ← μ b + g + λ p, or without λ p.
    let moving = || Sgd::new(0.5).with_momentum(0.5);
    assert_eq!(decayed(moving().with_weight_decay(0.25)), 1.25 - 0.5 * (0.5 * 1.5 + 1.0 + 0.25 * 1.25));
    assert_eq!(decayed(moving().with_decoupled_weight_decay(0.25)), 1.25 * 0.875 - 0.5 * 1.5);
}

#[test]
fn two_halves_of_a_batch_are_the_batch() {
    let (x, labels) = (Tensor::from_fn([6, 3], |i| ((i * 7) % 11) as f64 / 11.0 - 0.4), [0, 1, 1, 0, 1, 0]);
    let pass = |net: &Sequential<f64>, rows: std::ops::Range<usize>| {
        let part = x.slice(0, rows.start as isize..rows.end as isize);
        gradient(|tape| net.forward(tape.constant(&part)).cross_entropy(labels[rows].to_vec())).1
    };
    let (mut whole, mut halves) = (net(), net());
    let (mut one, mut other) = (Adam::new(0.05), Adam::new(0.05));
    for _ in 0..10 {
        step!(one, whole, pass(&whole, 0..6));
        let sum = pass(&halves, 0..3).plus(pass(&halves, 3..6)).map(|gradient| gradient * 0.5);
        other.step(&mut halves, &sum);
    }
    for (a, b) in whole.values().iter().zip(halves.values()) {
        a.to_vec().iter().zip(b.to_vec()).for_each(|(a, b)| assert!((a - b).abs() < 1e-10, "{a} {b}"));
    }
}

#[test]
fn clipping_keeps_the_direction_and_bounds_the_size() {
    let net = net();
    let all = |g: &Gradients<Tensor<f64>>| g.of_parameters().flat_map(Tensor::to_vec).collect::<Vec<_>>();
    let plain = all(&pass(&net, 0));
    for power in [1.0, 2.0, 3.0, f64::INFINITY] {
        let size = |g: &[f64]| match power == f64::INFINITY {
            true => g.iter().fold(0.0, |m: f64, g| m.max(g.abs())),
            false => g.iter().map(|g| g.abs().powf(power)).sum::<f64>().powf(1.0 / power),
        };
        let (clipped, norm) = clip_norm(pass(&net, 0), 0.01, power);
        let clipped = all(&clipped);
        assert!((norm - size(&plain)).abs() < 1e-12 * norm, "power {power}");
        assert!(size(&clipped) <= 0.01 && size(&clipped) > 0.01 - 1e-6, "power {power}");
        let factor = clipped[0] / plain[0];
        clipped.iter().zip(&plain).for_each(|(c, p)| assert!((c - p * factor).abs() < 1e-15, "power {power}"));
    }
    assert!(all(&clip_value(pass(&net, 0), 1e-3)).iter().all(|g| g.abs() <= 1e-3));
    // Numbers whose squares leave the range of numbers.
    for scale in [1e-250, 1e250] {
        let p = Param::new(Tensor::from([3.0 * scale, 4.0 * scale]));
        let gradients = gradient(|tape| (tape.param(&p) * tape.constant(p.value())).sum()).1;
        let norm = clip_norm(gradients, 1.0, 2.0).1;
        assert!((norm / scale - 5.0).abs() < 1e-14, "{norm}");
    }
}

/// Corrections stay numbers, and right, however long a run is.
#[test]
fn ten_million_steps_later() {
    each_optimizer!(f32, |name, make| {
        let mut p = Param::new(Tensor::from([1.0, -2.0]));
        let mut optimizer = make(0.01);
        let pass = |p: &Param| gradient(|tape| tape.param(p).square().sum()).1;
        step!(optimizer, p, pass(&p));
        for steps in [1e3, 1e5, 1e7] {
            let mut state = optimizer.state(&p);
            *state.numbers.get_mut("steps").unwrap() = steps;
            optimizer.load_state(&p, &state).unwrap();
            let before = p.value().to_vec();
            step!(optimizer, p, pass(&p));
            let (after, rate) = (p.value().to_vec(), optimizer.learning_rate() as f32);
            for (a, b) in after.iter().zip(before) {
                assert!(a.is_finite() && (a - b).abs() <= 20.0 * rate, "{name} after {steps} steps: {b} to {a}");
            }
        }
    });
}

#[test]
fn a_step_allocates_no_buffer_and_writes_in_place() {
    each_optimizer!(f64, |name, make| {
        let (mut net, mut optimizer) = (net(), make(1.0));
        let mut steps = |count| {
            for step in 0..count {
                let gradients = clip_value(clip_norm(pass(&net, step), 0.1, 2.0).0, 0.05);
                optimizer.step(&mut net, &gradients);
            }
            net.parameters()[0].1.value().as_slice().unwrap().as_ptr()
        };
        let (place, before) = (steps(3), pool_statistics());
        assert_eq!(steps(20), place, "{name}");
        assert_eq!(pool_statistics().allocated, before.allocated, "{name}");
    });
}

/// A gradient that lies in memory in another order, as that of a transposed weight does; a single number, and none.
#[test]
fn layouts_and_sizes_make_no_difference() {
    each_optimizer!(f64, |name, make| {
        let rows = Tensor::from([[1.0, -2.0, 3.0], [0.5, 0.0, -4.0]]);
        let (mut upright, mut flat) = (Param::new(Tensor::ones([2, 3])), Param::new(Tensor::ones([6])));
        let (mut one, mut other) = (make(1.0), make(1.0));
        for _ in 0..3 {
            step!(
                one,
                upright,
                gradient(|tape| (tape.param(&upright).transpose() * tape.constant(&rows.transpose())).sum()).1
            );
            step!(other, flat, gradient(|tape| (tape.param(&flat) * tape.constant(&rows.reshape([6]))).sum()).1);
        }
        assert_eq!(upright.value().to_vec(), flat.value().to_vec(), "{name}");
        let mut model = vec![Param::new(Tensor::ones([])), Param::new(Tensor::ones([0, 3]))];
        let mut optimizer = make(1.0);
        step!(optimizer, model, gradient(|tape| tape.param(&model[0]) + tape.param(&model[1]).sum()).1);
        assert_eq!(optimizer.state(&model).numbers["1.steps"], 1.0, "{name}");
        assert!(model[0].value().item() < 1.0, "{name}");
    });
}

/// A setting that changes what is remembered keeps what it can, under its name.
#[test]
fn what_is_remembered_goes_by_name() {
    let mut p = Param::new(Tensor::from([1.0_f64]));
    let mut optimizer = RmsProp::new(0.01).with_momentum(0.5);
    let pass = |p: &Param<f64>| gradient(|tape| tape.param(p).square().sum()).1;
    step!(optimizer, p, pass(&p));
    let before = optimizer.state(&p).tensors["momentum"].clone();
    optimizer.set("rate", 0.0).unwrap();
    optimizer.set("centered", 1.0).unwrap();
    let slope = pass(&p);
    optimizer.step(&mut p, &slope);
    let tensors = optimizer.state(&p).tensors;
    let g = slope.of(&p).or_zeros().item();
    let (s, a) = (0.99 * 0.01 * 4.0 + 0.01 * g * g, 0.01 * g);
    let want = 0.5 * before.item() + g / ((s - a * a).sqrt() + 1e-8);
    assert!((tensors["momentum"].item() - want).abs() < 1e-12, "{} {want}", tensors["momentum"].item());
}

// ---- L-BFGS ------------------------------------------------------------------------------------------------

/// A parabola of seven curvatures: as many moves as there are curvatures, and a few.
#[test]
fn lbfgs_finds_the_bottom_of_a_parabola() {
    fn finds<T: Real>(most: f64) {
        let mut p = Param::new(Tensor::full([7], T::from_f64(2.0)));
        let mut optimizer = Lbfgs::new().with_tolerance(most);
        let progress = optimizer.step(&mut p, parabola).unwrap();
        assert_eq!(progress.outcome, Outcome::Flat, "{progress:?}");
        assert!(progress.evaluations <= 20, "{progress:?}");
        let last = parabola(&p);
        assert_eq!(progress.loss, last.0.to_f64());
        assert!(last.1.of(&p).or_zeros().to_vec().iter().all(|g| g.to_f64().abs() <= most));
        // At the bottom there is nothing to do.
        assert_eq!(optimizer.step(&mut p, parabola).unwrap().evaluations, 1);
    }
    finds::<f64>(1e-9);
    finds::<f32>(1e-5);
}

/// Every move is along a slope that promised, and got, a fall, to a point that is flatter by enough.
#[test]
fn lbfgs_moves_fulfil_the_strong_wolfe_conditions() {
    let mut moves = 0;
    // The valley, a quartic, and a wall with a logarithm behind it, from several points.
    type Loss = fn(&Var<f64>, &Var<f64>) -> Var<f64>;
    let losses: [Loss; 3] = [
        |x, y| (1.0 - x).square() + (y - x.square()).square() * 100.0,
        |x, y| (x - 2.0).powi(4) + (x - y * 2.0).square() + y.powi(4) * 0.01,
        |x, y| (x + y * 3.0).exp() + (x - y * 3.0).exp() + (x * -1.0).exp() - (x + 8.0).ln() - (8.0 - y).ln(),
    ];
    for (of, loss) in losses.into_iter().enumerate() {
        for start in [[-1.2, 1.0], [3.0, 3.0], [-4.0, 2.0], [0.5, -3.0]] {
            let mut p = Param::new(Tensor::from(start));
            let evaluate = |p: &Param<f64>| {
                gradient(|tape| {
                    let p = tape.param(p);
                    loss(&p.slice(0, 0..1), &p.slice(0, 1..2)).sum()
                })
            };
            let at = |p: &Param<f64>| {
                let (loss, gradients) = evaluate(p);
                (p.value().to_vec(), loss, gradients.of(p).or_zeros().to_vec())
            };
            let mut optimizer = Lbfgs::new().with_iterations(1).with_tolerance(1e-6);
            let mut progress = None;
            for _ in 0..200 {
                let (x, loss, g) = at(&p);
                progress = Some(optimizer.step(&mut p, evaluate).unwrap());
                if progress.unwrap().outcome != Outcome::Moving {
                    break;
                }
                let (there, lower, after) = at(&p);
                let along = |g: &[f64]| (0..2).map(|i| g[i] * (there[i] - x[i])).sum::<f64>();
                let (promised, left) = (along(&g), along(&after));
                let noise = 1e-12 * loss.abs().max(1.0);
                assert!(promised < 0.0 && lower <= loss + 1e-4 * promised + noise, "{of} {start:?}: {loss} to {lower}");
                assert!(left.abs() <= 0.9 * promised.abs() + noise, "{of} {start:?}: slope {promised} to {left}");
                moves += 1;
            }
            assert_eq!(progress.unwrap().outcome, Outcome::Flat, "{of} {start:?}: {progress:?}");
        }
    }
    assert!(moves > 150, "{moves}");
}

#[test]
fn lbfgs_trains_what_is_not_frozen() {
    let mut net = net();
    net.freeze("0.bias", true);
    let before = net.values();
    let mut evaluate = |net: &Sequential<f64>| {
        let x = Tensor::from_fn([4, 3], |i| ((i * 7) % 11) as f64 / 11.0 - 0.4);
        let pass = |tape: &Tape<f64>| net.forward(tape.constant(&x)).cross_entropy([0, 1, 1, 0]);
        gradient(|tape| pass(tape) + loss::l2_penalty(&tape.constant(&x), net, "*") * 1e-3)
    };
    let (first, mut optimizer) = (evaluate(&net).0, Lbfgs::new());
    let mut progress = optimizer.step(&mut net, &mut evaluate).unwrap();
    while progress.outcome == Outcome::Moving {
        let next = optimizer.step(&mut net, &mut evaluate).unwrap();
        assert!(next.loss <= progress.loss, "it never goes up");
        progress = next;
    }
    assert!(progress.slope < 1e-8 && progress.loss < 0.2 * first, "from {first}: {progress:?}");
    assert!(net.values()[1] == before[1] && net.values()[0] != before[0]);
}

#[test]
fn lbfgs_stopped_goes_on_bit_for_bit() {
    fn check<T: Real>() {
        let start = || vec![Param::new(Tensor::full([4], T::from_f64(-1.0))), Param::new(Tensor::full([3], T::ONE))];
        // A chain of valleys.
        let evaluate = |model: &Vec<Param<T>>| {
            gradient(|tape| {
                let all = Var::concat(&[&tape.param(&model[0]), &tape.param(&model[1])], 0);
                let (x, y) = (all.slice(0, 0..6), all.slice(0, 1..7));
                let one = tape.constant(&Tensor::ones([6]));
                ((one - &x).square() + (y - x.square()).square() * T::from_f64(20.0)).sum()
            })
        };
        let make = || Lbfgs::new().with_iterations(3).with_history(4);
        let (mut whole, mut optimizer) = (start(), make());
        (0..6).for_each(|_| _ = optimizer.step(&mut whole, evaluate).unwrap());
        let (mut before, mut optimizer) = (start(), make());
        (0..3).for_each(|_| _ = optimizer.step(&mut before, evaluate).unwrap());
        let state = optimizer.state(&before);
        assert_eq!(state.tensors.len(), 4 * 2 * 2);
        let (mut after, mut optimizer) = (start(), make());
        after.set_values(&before.values());
        optimizer.load_state(&after, &state).unwrap();
        assert_eq!(optimizer.state(&after), state);
        (0..3).for_each(|_| _ = optimizer.step(&mut after, evaluate).unwrap());
        assert!(whole.values() == after.values() && before.values() != after.values());

        let failure = |change: &dyn Fn(&mut OptimizerState<T>)| {
            let mut changed = state.clone();
            change(&mut changed);
            text(make().load_state(&after, &changed).unwrap_err())
        };
        insta::allow_duplicates! {
            insta::assert_snapshot!(failure(&|state| state.optimizer = "Adam".into()), @"
            Lbfgs: this is the state of another optimizer, `Adam`
              help: give the state of this model; or it is damaged
            ");
            insta::assert_snapshot!(failure(&|state| drop(state.tensors.remove("1.change.2"))), @"
            Lbfgs: the state has no `1.change.2`
              help: give the state of this model; or it is damaged
            ");
            insta::assert_snapshot!(failure(&|state| _ = state.numbers.insert("pairs".into(), 1e300)), @"
            Lbfgs: the state has no `0.move.4`
              help: give the state of this model; or it is damaged
            ");
            insta::assert_snapshot!(failure(&|state| _ = state.numbers.insert("pairs".into(), 2.0)), @"
            Lbfgs: the state has 16 tensors, of which 8 are wanted
              help: give the state of this model; or it is damaged
            ");
            insta::assert_snapshot!(failure(&|state| {
                state.tensors.insert("0.move.0".into(), Tensor::full([4], T::NAN));
            }), @"
            Lbfgs: move 0 is not one along a positive curvature
              help: give the state of this model; or it is damaged
            ");
        }
    }
    check::<f64>();
    check::<f32>();
}

/// Where it cannot go on it says so, and the model is at the lowest point that it saw.
#[test]
fn lbfgs_that_cannot_go_on() {
    let mut p = Param::new(Tensor::from([2.0_f64]));
    // A gradient of the wrong sign: nothing lower that way.
    let wrong = |p: &Param<f64>| {
        let (loss, gradients) = gradient(|tape| tape.param(p).square().sum());
        (loss, gradients.map(|g| g * -1.0))
    };
    let progress = Lbfgs::new().step(&mut p, wrong).unwrap();
    assert_eq!((progress.outcome, p.value().item(), progress.loss), (Outcome::Stuck, 2.0, 4.0));
    // The logarithm is not a number beyond 0: such points are too high.
    let barrier = |p: &Param<f64>| gradient(|tape| (tape.param(p) - tape.param(p).ln()).sum());
    assert_eq!(Lbfgs::new().step(&mut p, barrier).unwrap().outcome, Outcome::Flat);
    assert!((p.value().item() - 1.0).abs() < 1e-10);
    let mut p = Param::new(Tensor::from([-1.0_f64]));
    let text = text(Lbfgs::new().step(&mut p, barrier).unwrap_err());
    insta::assert_snapshot!(text, @"
    Lbfgs::step: the loss is NaN, and the largest magnitude in its gradient 2
      help: begin where the loss is finite
    ");
    assert_eq!(p.value().item(), -1.0);
}

// ---- bounds and penalties ----------------------------------------------------------------------------------

#[test]
fn each_unit_within_its_norm() {
    let mut net = net();
    let norms = |net: &Sequential<f64>| {
        let weight = net.parameters()[0].1.value().clone();
        weight.to_vec().chunks(3).map(|w| w.iter().map(|w| w * w).sum::<f64>().sqrt()).collect::<Vec<_>>()
    };
    let (before, values) = (norms(&net), net.values());
    let mut sorted = before.clone();
    sorted.sort_by(f64::total_cmp);
    let most = (sorted[3] + sorted[4]) / 2.0;
    assert_eq!(max_norm(&mut net, "0.weight", most), 5);
    for (after, before) in norms(&net).into_iter().zip(before) {
        assert!((after - before.min(most)).abs() < 1e-15);
    }
    assert!(net.values()[1..] == values[1..]);
    net.freeze("*", true);
    assert_eq!(max_norm(&mut net, "*", 0.0), 0);
}

/// A penalty's slope, in training, is what weight decay does.
#[test]
fn half_the_squares_are_weight_decay() {
    let (mut decayed, mut penalised) = (net(), net());
    let x = Tensor::from_fn([4, 3], |i| ((i * 7) % 11) as f64 / 11.0 - 0.4);
    let (mut one, mut other) = (Sgd::new(0.1).with_weight_decay(0.3), Sgd::new(0.1));
    for _ in 0..5 {
        step!(one, decayed, gradient(|tape| decayed.forward(tape.constant(&x)).cross_entropy([0, 1, 1, 0])).1);
        let (_, gradients) = gradient(|tape| {
            let y = penalised.forward(tape.constant(&x));
            y.clone().cross_entropy([0, 1, 1, 0]) + loss::l2_penalty(&y, &penalised, "*") * 0.15
        });
        other.step(&mut penalised, &gradients);
    }
    for (a, b) in decayed.values().iter().zip(penalised.values()) {
        a.to_vec().iter().zip(b.to_vec()).for_each(|(a, b)| assert!((a - b).abs() < 1e-14, "{a} {b}"));
    }
    // It is a number for a tensor, too.
    let squares: f64 = decayed.values().iter().flat_map(Tensor::to_vec).map(|p| p * p).sum();
    assert!((loss::l2_penalty(&x, &decayed, "*").item() - squares).abs() < 1e-13);
    let sizes: f64 = decayed.values()[0].to_vec().iter().map(|p| p.abs()).sum();
    assert!((loss::l1_penalty(&x, &decayed, "0.weight").item() - sizes).abs() < 1e-13);
    insta::assert_snapshot!(refused(|| _ = loss::l1_penalty(&x, &decayed, "*wieght")), @"
    l1_penalty: no parameter's path matches `*wieght`
      help: the paths are `0.weight`, `0.bias`, `2.weight`, `2.bias`
    ");
}

// ---- what is refused ---------------------------------------------------------------------------------------

fn refused(f: impl FnOnce()) -> String {
    let text = *std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err().downcast::<String>().unwrap();
    text.lines().filter(|line| !line.starts_with("  at:")).collect::<Vec<_>>().join("\n")
}

fn text(error: Error) -> String {
    error.to_string().lines().filter(|line| !line.starts_with("  at:")).collect::<Vec<_>>().join("\n")
}

#[test]
fn settings_outside_their_range() {
    insta::assert_snapshot!(refused(|| drop(Adam::<f32>::new(-0.1))), @"
    Adam: `rate` is -0.1, and must be finite and not negative
      help: the usual value is 0.001
    ");
    insta::assert_snapshot!(refused(|| drop(Adam::<f32>::new(0.1).with_beta2(1.0))), @"
    Adam: `beta2` is 1, and must be at least 0 and less than 1
      help: the usual value is 0.999
    ");
    insta::assert_snapshot!(refused(|| drop(AdamW::<f32>::new(0.1).with_weight_decay(f64::NAN))), @"
    AdamW: `weight_decay` is NaN, and must be finite and not negative
      help: the usual value is 0.01
    ");
    insta::assert_snapshot!(refused(|| drop(RmsProp::<f32>::new(0.1).with_epsilon(0.0))), @"
    RmsProp: `epsilon` is 0, and must be finite and more than 0
      help: the usual value is 1e-8
    ");
    insta::assert_snapshot!(refused(|| Lion::<f32>::new(0.1).set_learning_rate(f64::INFINITY)), @"
    Lion: `rate` is inf, and must be finite and not negative
      help: the usual value is 0.1
    ");
    insta::assert_snapshot!(text(Sgd::<f32>::new(0.1).set("nesterov", 0.5).unwrap_err()), @"
    Sgd: `nesterov` is 0.5, and must be 0 or 1
      help: the usual value is 0.0
    ");
    insta::assert_snapshot!(text(Sgd::<f32>::new(0.1).set("beta1", 0.5).unwrap_err()), @"
    Sgd: there is no setting `beta1`
      help: the settings are `rate`, `weight_decay`, `momentum`, `dampening`, `nesterov`
    ");
}

#[test]
fn gradients_that_no_factor_mends() {
    let p = Param::new(Tensor::from([0.0_f64, 1.0]));
    let pass = || gradient(|tape| tape.param(&p).sqrt().sum()).1;
    insta::assert_snapshot!(text(try_clip_norm(pass(), 1.0, 2.0).unwrap_err()), @"
    clip_norm: the norm is inf: 1 of 1 gradients hold numbers that are not finite, of shapes [2]
      help: skip this step or lower the learning rate; a tape that stops at the first such number says where it arose
    ");
    insta::assert_snapshot!(text(try_clip_norm(pass(), 0.0, 2.0).unwrap_err()), @"
    clip_norm: the largest norm is 0 and the power 2
      help: give a positive norm, and a power from 1, usually 2
    ");
    insta::assert_snapshot!(text(try_clip_norm(pass(), 1.0, f64::NAN).unwrap_err()), @"
    clip_norm: the largest norm is 1 and the power NaN
      help: give a positive norm, and a power from 1, usually 2
    ");
    assert_eq!(clip_value(pass(), 2.0).of(&p).or_zeros().to_vec(), [2.0, 0.5]);
}

#[test]
fn states_that_do_not_fit() {
    let (mut net, mut optimizer) = (net(), Adam::new(0.1));
    step!(optimizer, net, pass(&net, 0));
    let state = optimizer.state(&net);
    let failure = |optimizer: &mut dyn Optimizer<f64>, change: &dyn Fn(&mut OptimizerState<f64>)| {
        let mut changed = state.clone();
        change(&mut changed);
        let before = optimizer.state(&net);
        let error = optimizer.load_state(&net, &changed).unwrap_err();
        assert_eq!(optimizer.state(&net), before, "nothing changes when it fails");
        text(error)
    };
    insta::assert_snapshot!(failure(&mut AdamW::new(0.1), &|_| ()), @"
    AdamW: this is the state of another optimizer, `Adam`
      help: make the optimizer that was saved, with the same settings
    ");
    insta::assert_snapshot!(failure(&mut Adam::new(0.1).with_amsgrad(), &|_| ()), @"
    Adam: the state has no `0.weight.largest`
      help: make the optimizer that was saved, with the same settings; or the state is damaged
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| drop(state.tensors.remove("0.weight.mean"))), @"
    Adam: the state has no `0.weight.mean`
      help: make the optimizer that was saved, with the same settings; or the state is damaged
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| {
        state.tensors.insert("0.weight.mean".into(), Tensor::zeros([2, 3]));
    }), @"
    Adam: `0.weight.mean` has shape [2, 3], and the parameter has shape [9, 3]
      help: make the model that was saved
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| {
        state.tensors.insert("4.weight.mean".into(), Tensor::zeros([2, 3]));
    }), @"
    Adam: the state has `4.weight.mean`, which this model with this optimizer does not have
      help: make the model and the optimizer that were saved, with the same settings
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| _ = state.numbers.remove("0.bias.steps")), @"
    Adam: the state has `0.bias.mean`, `0.bias.squares`, which this model with this optimizer does not have
      help: make the model and the optimizer that were saved, with the same settings
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| _ = state.numbers.insert("0.bias.steps".into(), 0.5)), @"
    Adam: `0.bias.steps` is 0.5, and must be a whole number from 1
      help: the state is damaged
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| _ = state.numbers.insert("learning_rate".into(), f64::NAN)), @"
    Adam: `learning_rate` is NaN, and must be finite and not negative
      help: the usual value is 0.001
    ");
    insta::assert_snapshot!(failure(&mut optimizer, &|state| state.numbers.clear()), @"
    Adam: the state has no `learning_rate`
      help: make the optimizer that was saved, with the same settings; or the state is damaged
    ");
}
