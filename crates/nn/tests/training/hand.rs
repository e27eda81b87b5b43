//! Against the same loop by hand.

use super::*;
use nn::data::{Dataset, Measured, Rows, batches, train_test_split};
use nn::optim::{clip_norm, clip_value};
use nn::schedule::{Cosine, ReduceOnPlateau};

/// The same losses, rates and weights as a hand-written loop with dropout, statistics, a schedule and clipping, to the bit.
fn is_the_loop_by_hand<T: Real>() {
    let data = clouds::<T>(60);
    let (mut by_hand, mut optimizer) = (net::<T>(), AdamW::new(0.05));
    let schedule = Cosine::new(0.05, 20);
    let (mut losses, mut norms, mut step) = (Vec::new(), Vec::new(), 0);
    for epoch in 0..5 {
        // The seed that the trainer's documentation gives an epoch.
        for (x, labels) in batches(&data, 16, 7_u64.rotate_left(32) ^ epoch) {
            optimizer.set_learning_rate(schedule.rate(step));
            let key = Key::new(7).at_step(step);
            let (loss, gradients) = gradient_at(key, |tape| by_hand.forward(tape.constant(&x)).cross_entropy(&labels));
            let (gradients, norm) = clip_norm(clip_value(gradients, 0.2), 0.5, 2.0);
            optimizer.step(&mut by_hand, &gradients);
            losses.push(loss.to_f64());
            norms.push(Some(norm));
            step += 1;
        }
    }
    let mut trained = net::<T>();
    let mut trainer: OfClouds<'_, T> = Trainer::of_layer(AdamW::new(0.05), cross_entropy)
        .with_batch_size(16)
        .with_seed(7)
        .with_schedule(schedule)
        .with_clip_value(0.2)
        .with_clip_norm(0.5)
        .with_epochs(5);
    let run = trainer.fit(&mut trained, &data).unwrap();
    assert_eq!(run.history.steps.iter().map(|s| s.loss).collect::<Vec<_>>(), losses);
    assert_eq!(run.history.steps.iter().map(|s| s.gradient_norm).collect::<Vec<_>>(), norms);
    assert_eq!(run.history.steps[19].rate, schedule.rate(19));
    assert_eq!(bits(&trained), bits(&by_hand));
    // An epoch's loss is the mean over its rows: batches of 16, 16, 16 and 12.
    let mean = (16.0 * (losses[0] + losses[1] + losses[2]) + 12.0 * losses[3]) / 60.0;
    assert!((run.history.epochs[0].get("loss").unwrap() - mean).abs() < 1e-12);
}

#[test]
fn a_run_is_the_loop_by_hand() {
    is_the_loop_by_hand::<f32>();
    is_the_loop_by_hand::<f64>();
}

/// The mean over the rows of several batches is the mean over all rows, also when the batches differ in size.
#[test]
fn accumulated_batches_are_one_batch_of_all_rows() {
    let data = clouds::<f64>(60);
    let model = || Linear::<f64>::new(2, 3, &mut ChaCha8Rng::seed_from_u64(0));
    let order = |cuts: Vec<Vec<usize>>| move |_: u64| cuts.clone();
    let rows = |range: std::ops::Range<usize>| range.collect::<Vec<_>>();
    let run = |batches: Vec<Vec<usize>>, together: usize| {
        let mut model = model();
        let mut trainer = Trainer::of_layer(Sgd::new(0.5).with_momentum(0.9), cross_entropy)
            .with_batches(order(batches))
            .with_accumulation(together)
            .with_epochs(4);
        let steps = trainer.fit(&mut model, &data).unwrap().history.steps;
        (model.values(), steps)
    };
    let (once, whole) = run(vec![rows(0..40), rows(40..60)], 1);
    let (parts, cut) = run(vec![rows(0..8), rows(8..30), rows(30..40), rows(40..43), rows(43..60)], 3);
    for (a, b) in once.iter().zip(&parts) {
        assert!(a.to_vec().iter().zip(b.to_vec()).all(|(a, b)| (a - b).abs() < 1e-12));
    }
    assert_eq!(cut.len(), 8);
    assert!(whole.iter().zip(&cut).all(|(a, b)| (a.loss - b.loss).abs() < 1e-12));
}

/// Full batches of a straight line: L-BFGS finds the least squares, which are known in closed form.
#[test]
fn l_bfgs_finds_the_least_squares() {
    let (x, y) = (vec![0.0, 1.0, 2.0, 3.0], vec![1.1, 2.9, 5.2, 6.8]);
    let data = Measured::new(Tensor::from_vec(x.clone(), [4, 1]), Tensor::from_vec(y.clone(), [4, 1])).unwrap();
    let mut line = Linear::<f64>::new(1, 1, &mut ChaCha8Rng::seed_from_u64(0));
    let mut trainer = Trainer::of_layer(Lbfgs::new(), |out: &Var<f64>, y: &Tensor<f64>| {
        loss::mse(out, &out.constant(y), Reduction::Mean)
    });
    trainer.fit(&mut line, &data).unwrap();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / 4.0;
    let (mx, my) = (mean(&x), mean(&y));
    let slope = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>()
        / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>();
    assert!((line.weight.value().item() - slope).abs() < 1e-8);
    assert!((line.values()[1].item() - (my - slope * mx)).abs() < 1e-8);
}

/// A batch norm that sees the same rows in every step: after `n` steps of momentum 0.1 its mean is `1 − 0.9ⁿ` of theirs.
#[test]
fn l_bfgs_learns_statistics_once_a_step() {
    let data = clouds::<f64>(60);
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let mut model = Sequential::new().with(BatchNorm1d::<f64>::new(2)).with(Linear::new(2, 3, &mut generator));
    let mut trainer: OfClouds<'_, f64> =
        Trainer::of_layer(Lbfgs::new().with_iterations(2), cross_entropy).with_batch_size(60).with_epochs(3);
    trainer.fit(&mut model, &data).unwrap();
    let mean = data.inputs.mean_axes(0) * (1.0 - 0.9_f64.powi(3));
    let state = model.state();
    let learned = state.iter().find(|(path, _)| path == "0.running_mean").unwrap().1.value();
    assert!((learned - mean).abs().max().item() < 1e-12);
}

#[test]
fn evaluation_is_that_of_all_rows_in_evaluation_mode() {
    let data = clouds::<f64>(60);
    let mut model = net::<f64>();
    let mut trainer: OfClouds<'_, f64> = Trainer::of_layer(Adam::new(0.05), cross_entropy)
        .with_metric("accuracy", accuracy)
        .with_batch_size(7)
        .with_epochs(3);
    trainer.fit(&mut model, &data).unwrap();
    let logits = model.forward(data.inputs.clone());
    let evaluation = trainer.evaluate(&model, &data).unwrap();
    assert!((evaluation.loss - logits.cross_entropy(&data.labels).item()).abs() < 1e-12);
    assert_eq!(evaluation.get("accuracy"), Some(metrics::accuracy(&metrics::argmax(&logits), &data.labels)));
    let near = |a: Tensor<f64>| a.to_vec().iter().zip(logits.to_vec()).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(near(trainer.predict(&model, &data.inputs).unwrap()));
    assert!(near(trainer.outputs(&model, &data).unwrap()));
}

/// The validation rows are those of the split that the seed draws, and no step learns from them.
#[test]
fn a_validation_split_is_kept_apart() {
    let data = clouds::<f64>(60);
    let split = train_test_split(60, 0.25, 3).unwrap();
    let (learn, judge) = (Rows::new(&data, split.train).unwrap(), Rows::new(&data, split.test).unwrap());
    let trainer = || -> OfClouds<'_, f64> {
        Trainer::of_layer(Adam::new(0.05), cross_entropy).with_metric("accuracy", accuracy).with_seed(3).with_epochs(2)
    };
    let (mut a, mut b) = (net::<f64>(), net::<f64>());
    let by_split = trainer().with_validation_split(0.25).fit(&mut a, &data).unwrap();
    let given = trainer().with_validation(&judge).fit(&mut b, &learn).unwrap();
    assert_eq!(by_split, given);
    assert_eq!(bits(&a), bits(&b));
    assert_eq!((learn.len(), judge.len()), (45, 15));
    let names: Vec<_> = given.history.names();
    assert_eq!(names, ["loss", "validation loss", "validation accuracy"]);
}

/// A plateau that is reported the same losses has the same rates.
#[test]
fn a_plateau_goes_by_the_epochs() {
    let data = clouds::<f64>(60);
    let mut model = net::<f64>();
    let plateau = || ReduceOnPlateau::new(0.3).with_patience(1).with_factor(0.5);
    let mut trainer: OfClouds<'_, f64> =
        Trainer::of_layer(Sgd::new(0.3), cross_entropy).with_plateau(plateau()).with_epochs(25);
    let history = trainer.fit(&mut model, &data).unwrap().history;
    let (mut by_hand, mut rate) = (plateau(), 0.3);
    for epoch in &history.epochs {
        assert!(history.steps.iter().filter(|s| s.epoch == epoch.epoch).all(|s| s.rate == rate));
        rate = by_hand.report(epoch.get("loss").unwrap());
    }
    assert!(rate < 0.3, "the rate was never reduced");
}

/// Cross-validation is what a loop over the folds gives.
#[test]
fn folds_are_judged_on_what_they_did_not_see() {
    let data = clouds::<f32>(60);
    let folds = nn::data::stratified_k_fold(&data.labels, 4, 9).unwrap();
    let trainer = || -> OfClouds<'_, f32> {
        Trainer::of_layer(Adam::new(0.05), cross_entropy).with_metric("accuracy", accuracy).with_epochs(5)
    };
    let result = nn::train::cross_validate(&data, &folds, |_| (net::<f32>(), trainer())).unwrap();
    let mut accuracies = Vec::new();
    for (fold, split) in result.folds.iter().zip(&folds) {
        let mut model = net::<f32>();
        trainer().fit(&mut model, &data.select(&split.train)).unwrap();
        assert_eq!(bits(&model), bits(&fold.model));
        let test = data.select(&split.test);
        accuracies.push(accuracy(&model.forward(test.inputs.clone()), &test.batch(&Vec::from_iter(0..test.len()))));
    }
    let mean = accuracies.iter().sum::<f64>() / 4.0;
    let deviation = (accuracies.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
    let (got, spread) = result.mean("accuracy").unwrap();
    assert!((got - mean).abs() < 1e-12 && (spread - deviation).abs() < 1e-12);
    assert!(result.to_string().contains(&format!("accuracy {mean:.4} ± {deviation:.4} over 4 folds")));
}
