//! Watching a run: numbers from closed forms, properties, and what is said when.

use autograd::inspect::Fault;
use nn::prelude::*;
use nn::train::Trainer;
use nn::watch::{Histogram, Log, Spread, Watch};
use proptest::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

/// `loss = (w x)²` with w = [1, 2], x = [3, 4]: g = 2 · 11 · x, Δw = −0.01 g.
#[test]
fn a_step_of_gradient_descent_is_known() {
    let mut net = Linear::<f64>::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
    net.weight.set(Tensor::from([[1.0, 2.0]]));
    let (mut watch, mut optimizer) = (Watch::every(1), Sgd::new(0.01));
    let x = Tensor::from([[3.0, 4.0]]);
    let (loss, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).square().sum());
    assert_eq!(loss, 121.0);
    optimizer.step(&mut net, &gradients);
    watch.after_step(&net, &gradients);
    let row = &watch.log().records[0].parameters[0];
    assert_eq!((row.path.as_str(), row.shape.as_slice()), ("weight", &[1, 2][..]));
    let gradient = row.gradient.as_ref().unwrap();
    assert!(near(row.weight.norm(), 5.0_f64.sqrt()), "{row:?}");
    assert!(near(gradient.norm(), 110.0) && near(gradient.rms(), 110.0 / 2.0_f64.sqrt()), "{row:?}");
    assert_eq!(gradient.largest(), 88.0);
    assert!(near(row.update, 0.01 * 110.0 / 5.0_f64.sqrt()), "{row:?}");
}

/// Adam's first step moves every weight by the rate, whatever its gradient: ‖Δw‖/‖w‖ = η √n / ‖w‖.
#[test]
fn the_true_step_is_shown_and_not_the_gradient() {
    let mut net = Linear::<f64>::new(3, 2, &mut ChaCha8Rng::seed_from_u64(1));
    let norm = net.weight.value().square().sum().item().sqrt();
    let (mut watch, mut optimizer) = (Watch::every(1), Adam::new(0.001));
    let x = Tensor::from([[1.0, -2.0, 0.5]]);
    let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).square().sum());
    optimizer.step(&mut net, &gradients);
    watch.after_step(&net, &gradients);
    let update = watch.log().records[0].parameters[0].update;
    assert!((update / (0.001 * 6.0_f64.sqrt() / norm) - 1.0).abs() < 1e-5, "{update}");
}

/// Layers that multiply by c: values grow by c a layer, gradients by c on the way back, in decades log₁₀ c.
#[test]
fn the_gain_of_a_linear_net_is_its_factor() {
    for factor in [0.25, 1.0, 3.0] {
        let weight = Tensor::from([[factor, 0.0], [0.0, factor]]);
        let layer = |_| {
            let mut layer = Linear::<f64>::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
            layer.weight.set(weight.clone());
            layer
        };
        let net: Vec<Linear<f64>> = (0..6).map(layer).collect();
        let mut watch = Watch::every(1).telling(|_| ());
        let x = Tensor::from([[0.5, -1.0], [2.0, 1.0]]);
        let (_, gradients) =
            watch.gradient(&net, |tape| net.iter().fold(tape.constant(&x), |x, layer| layer.forward(x)).sum());
        watch.after_step(&net, &gradients);
        let record = &watch.log().records[0];
        assert_eq!(record.layers.len(), 6);
        for layer in &record.layers {
            assert!(near(layer.gain.unwrap(), factor), "{layer:?}");
        }
        // The first layer's input has no gradient.
        assert_eq!(record.layers[0].gain_back, None);
        assert!(record.layers[1..].iter().all(|layer| near(layer.gain_back.unwrap(), factor)));
        let flow = record.flow.as_ref().unwrap();
        assert!((flow.slope - factor.log10()).abs() < 1e-9, "{flow:?}");
        assert_eq!(
            flow.verdict(),
            if factor < 0.5 {
                "vanishing"
            } else if factor > 2.0 {
                "exploding"
            } else {
                "steady"
            }
        );
        assert!(flow.layers[5].backward.unwrap().abs() < 1e-12); // the sum sends ones
    }
}

#[test]
fn what_is_watched_has_the_same_bits() {
    let train = |every: Option<usize>| {
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let mut net = Sequential::<f32>::new()
            .with(Linear::new(4, 16, &mut generator))
            .with(BatchNorm1d::new(16))
            .with(Relu)
            .with(Dropout { p: 0.3 })
            .with(Linear::new(16, 3, &mut generator));
        let x = Tensor::normal([8, 4], 0.0, 1.0, &mut generator);
        let labels = [0, 1, 2, 0, 1, 2, 0, 1];
        let mut optimizer = Adam::new(0.01);
        let mut watch = Watch::every(every.unwrap_or(1));
        for step in 0..30 {
            let key = Key::new(9).at_step(step);
            let loss = |tape: &Tape| net.forward(tape.constant(&x)).cross_entropy(labels);
            let (_, gradients) = match every {
                Some(_) => watch.gradient_at(&net, key, loss),
                None => gradient_at(key, loss),
            };
            optimizer.step(&mut net, &gradients);
            watch.after_step(&net, &gradients);
        }
        net.state().into_iter().map(|(_, parameter)| parameter.value().to_vec()).collect::<Vec<_>>()
    };
    let plain = train(None);
    assert_eq!(train(Some(1)), plain);
    assert_eq!(train(Some(7)), plain);
}

/// Counts by comparing with every edge.
fn slow_count(numbers: &[f64], low: f64, high: f64) -> u64 {
    let within = |x: f64| match (low, high) {
        (0.0, 0.0) => x == 0.0,
        _ if high <= 0.0 => low < x && x <= high,
        _ => low <= x && x < high,
    };
    numbers.iter().filter(|x| within(**x)).count() as u64
}

proptest! {
    /// Every number is counted once, whatever its bits.
    #[test]
    fn bins_sum_to_the_count(bits in prop::collection::vec(any::<u32>(), 0..4000)) {
        let numbers: Vec<f32> = bits.into_iter().map(f32::from_bits).chain([0.0, -0.0]).collect();
        let histogram = Histogram::of(&numbers);
        prop_assert_eq!(histogram.total() as usize, numbers.len());
        let exact: Vec<f64> = numbers.iter().map(|x| f64::from(*x)).collect();
        for bin in histogram.bins() {
            prop_assert_eq!(bin.count, slow_count(&exact, bin.low, bin.high), "{:?}", bin);
        }
        let of = |what: fn(&f32) -> bool| numbers.iter().filter(|x| what(x)).count() as u64;
        prop_assert_eq!(histogram.nan, of(|x| x.is_nan()));
        prop_assert_eq!(histogram.plus_infinity, of(|x| *x == f32::INFINITY));
        prop_assert_eq!(histogram.minus_infinity, of(|x| *x == f32::NEG_INFINITY));
        prop_assert_eq!(Spread::of(&numbers).subnormal, of(|x| x.is_subnormal()));
    }

    #[test]
    fn bins_of_double_precision_too(numbers in prop::collection::vec(-1e6..1e6_f64, 0..300), bits in prop::collection::vec(any::<u64>(), 0..50)) {
        let wild: Vec<f64> = bits.into_iter().map(f64::from_bits).chain([1e300, -1e300, 5e-324, 1e-200]).collect();
        prop_assert_eq!(Histogram::of(&wild).total() as usize, wild.len());
        let histogram = Histogram::of(&numbers);
        for bin in histogram.bins() {
            prop_assert_eq!(bin.count, slow_count(&numbers, bin.low, bin.high), "{:?}", bin);
        }
    }
}

/// Unit 0 never opens; unit 1 rests at the first batch only.
#[test]
fn a_unit_is_dead_that_is_silent_in_all_of_the_last_batches() {
    let mut net = Sequential::<f64>::new().with(Linear::new(1, 3, &mut ChaCha8Rng::seed_from_u64(0))).with(Relu);
    net.set_values(&[Tensor::from([[0.0], [1.0], [-1.0]]), Tensor::from([-1.0, 0.0, 9.0])]);
    let mut watch = Watch::every(1).telling(|_| ());
    let mut silent = Vec::new();
    for x in [-1.0, 2.0, -1.0] {
        let x = Tensor::from([[x], [x - 0.5]]);
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).sum());
        watch.after_step(&net, &gradients);
        silent.push(watch.log().records.last().unwrap().layers[0].units.clone().unwrap());
    }
    let told: Vec<_> = silent.into_iter().map(|units| (units.samples, units.silent)).collect();
    assert_eq!(told, [(2, vec![0, 1]), (4, vec![0]), (6, vec![0])]);
}

/// Every logit of the right class is −a, every other a: the loss is ln(1 + 9 e²ᵃ).
#[test]
fn the_first_loss_is_held_against_a_prediction_that_knows_nothing() {
    // A net that knows the answers for certain, as one that was trained before, is no worse than one that knows nothing.
    for (a, is_found) in [(0.0_f64, false), (3.0, true), (-3.0, false)] {
        let mut net = Linear::<f64>::new(10, 10, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
        net.weight.set(Tensor::from_fn([10, 10], |i| if i % 11 == 0 { -a } else { a }));
        let eye = Tensor::from_fn([10, 10], |i| if i % 11 == 0 { 1.0 } else { 0.0 });
        let labels: Vec<usize> = (0..10).collect();
        let mut watch = Watch::every(1).telling(|_| ());
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&eye)).cross_entropy(&labels));
        watch.after_step(&net, &gradients);
        let found: Vec<_> =
            watch.log().findings.iter().filter(|seen| seen.finding.fault == Fault::InitialLoss).collect();
        assert_eq!(found.len(), usize::from(is_found), "{}", watch.log());
        if is_found {
            let loss = (1.0 + 9.0 * (2.0 * a).exp()).ln();
            assert!(near(found[0].finding.value, loss) && near(found[0].finding.limit, 10f64.ln() + 1.5));
        }
    }
}

/// A run that breaks at a step that is not watched.
fn breaking(every: usize, told: Rc<RefCell<Vec<String>>>) -> Log {
    let mut net = Linear::<f32>::new(1, 1, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
    net.weight.set(Tensor::from([[1.0]]));
    let mut watch = Watch::every(every).telling(move |seen| told.borrow_mut().push(seen.to_string()));
    for step in 0..6 {
        // The logarithm of 2, 1.5, 1, 0.5, 0, −0.5.
        let x = Tensor::from([[2.0 - 0.5 * step as f32]]);
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).ln().sum());
        watch.after_step(&net, &gradients);
    }
    watch.log().clone()
}

#[test]
fn a_step_that_fails_is_looked_at_though_it_was_not_due() {
    let told = Rc::new(RefCell::new(Vec::new()));
    let log = breaking(10, told.clone());
    let failure = log.failure.as_ref().unwrap();
    assert_eq!(failure.step, 4);
    let found = failure.snapshot.non_finite.as_ref().unwrap();
    assert_eq!((found.op.as_str(), found.value), ("ln", f64::NEG_INFINITY));
    assert_eq!(told.borrow().len(), 1, "{told:?}"); // the NaN of the next step is no news
    assert!(told.borrow()[0].starts_with("step 4: not finite"), "{told:?}");
    assert!(log.to_html().contains("ln("));
}

#[test]
fn json_brings_back_the_same() {
    for every in [1, 10] {
        let log = breaking(every, Rc::default());
        let again = Log::from_json(&log.to_json()).unwrap();
        // NaN is not equal to itself.
        assert_eq!(again.to_json(), log.to_json());
        assert_eq!(again.to_string(), log.to_string());
        assert_eq!(again.to_html(), log.to_html());
        assert!(log.losses[4] == f64::NEG_INFINITY && again.losses[5].is_nan());
    }
    let cut = breaking(1, Rc::default()).to_json();
    for length in (0..cut.len()).step_by(97) {
        assert!(Log::from_json(cut.get(..length).unwrap_or_default()).is_err());
    }
}

#[test]
fn a_part_that_is_frozen_is_meant_to_be() {
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let mut net = Sequential::<f32>::new().with(Linear::new(4, 8, &mut generator)).with(Tanh).with(Linear::new(
        8,
        2,
        &mut generator,
    ));
    net.freeze("0.*", true);
    let x = Tensor::normal([8, 4], 0.0, 1.0, &mut generator);
    let (mut watch, mut optimizer) = (Watch::every(1), Adam::new(0.01));
    for _ in 0..5 {
        let (_, gradients) =
            watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy([0, 1, 0, 1, 0, 1, 0, 1]));
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
    }
    assert!(watch.log().findings.is_empty(), "{}", watch.log());
    assert!(watch.log().records[0].parameters[0].gradient.is_none());
    assert_eq!(watch.log().records[0].parameters[0].update, 0.0);
}

#[test]
fn a_trainer_watches_and_writes_its_report_also_when_it_fails() {
    let folder = tempfile::tempdir().unwrap();
    for (rate, fails) in [(0.05, false), (1e30, true)] {
        let path = folder.path().join("report.html");
        let mut net = Sequential::new()
            .with(Linear::new(2, 8, &mut ChaCha8Rng::seed_from_u64(1)))
            .with(Relu)
            .with(Linear::new(8, 2, &mut ChaCha8Rng::seed_from_u64(2)));
        let points = nn::data::blobs(64, 2, 0.1, &mut ChaCha8Rng::seed_from_u64(0));
        let mut trainer = Trainer::of_layer(Sgd::new(rate), |y, labels: &Vec<usize>| y.cross_entropy(labels))
            .with_epochs(4)
            .with_batch_size(16)
            .with_accumulation(2)
            .with_clip_norm(1.0)
            .with_validation_split(0.25)
            .with_report(&path)
            .watch(3);
        let trained = trainer.fit(&mut net, &points);
        assert_eq!(trained.is_err(), fails);
        let log = trainer.watched().unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.starts_with("<!doctype html>"));
        if fails {
            assert!(log.failure.is_some() && page.contains("NonFinite"), "{log}");
            continue;
        }
        // 48 rows in 3 batches, two and one a step.
        assert_eq!(log.losses.len(), 8);
        assert_eq!(log.records.iter().map(|record| record.step).collect::<Vec<_>>(), [0, 3, 6]);
        // The gradient is that which the optimizer got.
        let norm: f64 = log.records[0].parameters.iter().map(|row| row.gradient.as_ref().unwrap().norm().powi(2)).sum();
        assert!(norm.sqrt() <= 1.0 + 1e-6);
        let names: Vec<_> = log.curves.iter().map(|curve| (curve.name.as_str(), curve.values.len())).collect();
        assert_eq!(names, [("learning rate", 8), ("validation loss", 4)]);
        let losses: Vec<f64> = trainer.history().steps.iter().map(|step| step.loss).collect();
        assert!(losses.iter().zip(&log.losses).all(|(a, b)| (a - b).abs() < 0.2), "{losses:?} {:?}", log.losses);
        assert!(log.findings.is_empty(), "{log}");
    }
}

/// A layer does not know who calls it in a trainer.
#[test]
fn a_trainer_of_layers_names_the_line_that_made_it() {
    let mut net = Sequential::new()
        .with(Linear::new(2, 8, &mut ChaCha8Rng::seed_from_u64(1)))
        .with(Relu)
        .with(Linear::new(8, 2, &mut ChaCha8Rng::seed_from_u64(2)));
    let mut values = net.values();
    values[1] = Tensor::full([8], -100.0);
    net.set_values(&values);
    let points = nn::data::blobs(64, 2, 0.1, &mut ChaCha8Rng::seed_from_u64(0));
    let line = line!() + 1;
    let trainer = Trainer::of_layer(Sgd::new(0.01), |y, labels: &Vec<usize>| y.cross_entropy(labels));
    let mut trainer = trainer.with_epochs(1).watch(1);
    trainer.fit(&mut net, &points).unwrap();
    let found = &trainer.watched().unwrap().findings[0].finding;
    assert_eq!(found.fault, Fault::DeadUnits);
    assert_eq!((found.at.file.as_str(), found.at.line), (file!(), line));
}
