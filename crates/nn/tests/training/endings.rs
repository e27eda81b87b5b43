//! What ends a run, and in which order things happen.

use super::*;
use nn::train::{Callback, EarlyStopping, Ended, EpochView, StepView, TrainError};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn trainer<'a>() -> OfClouds<'a, f64> {
    Trainer::of_layer(Adam::new(0.05), cross_entropy).with_batch_size(20)
}

/// The text without the line of this file, which moves.
fn without_line(error: TrainError) -> String {
    error.to_string().lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn epochs_steps_and_goals_end_a_run() {
    let data = clouds::<f64>(60);
    let run = |trainer: OfClouds<'_, f64>| {
        let mut trainer = trainer;
        let trained = trainer.fit(&mut net(), &data).unwrap();
        (trained.ended, trained.history.steps.len(), trained.history.epochs.len())
    };
    assert_eq!(run(trainer()), (Ended::Epochs, 3, 1));
    assert_eq!(run(trainer().with_epochs(4)), (Ended::Epochs, 12, 4));
    assert_eq!(run(trainer().with_epochs(0)), (Ended::Epochs, 0, 0));
    assert_eq!(run(trainer().with_steps(7)), (Ended::Steps, 7, 2));
    assert_eq!(run(trainer().with_steps(7).with_epochs(1)), (Ended::Epochs, 3, 1));
    let mut goal = trainer().with_loss_goal(0.4).with_epochs(200);
    let history = goal.fit(&mut net(), &data).unwrap().history;
    let losses: Vec<f64> = history.epochs.iter().map(|e| e.get("loss").unwrap()).collect();
    let (last, before) = losses.split_last().unwrap();
    assert!(*last <= 0.4 && before.iter().all(|&loss| loss > 0.4), "{losses:?}");
}

/// Measures that are made to go down, up, and up: the best weights are those of the best epoch.
#[test]
fn early_stopping_brings_back_the_best() {
    let data = clouds::<f64>(60);
    let seen = RefCell::new(Vec::new());
    let measures = [5.0, 3.0, 4.0, 2.95, 6.0, 7.0, 1.0];
    let run = |early: EarlyStopping, larger: bool| {
        seen.borrow_mut().clear();
        let mut model = net::<f64>();
        let count = std::cell::Cell::new(0);
        let mut trainer = trainer()
            .with_validation(&data)
            .with_metric("made", |_, _| {
                let measure = measures[count.replace(count.get() + 1)];
                if larger { -measure } else { measure }
            })
            .with_monitor("validation made")
            .with_early_stopping(early)
            .with_epochs(7)
            .after_each_epoch(|epoch| {
                seen.borrow_mut().push(bits(epoch.model));
                ControlFlow::Continue(())
            });
        let ended = trainer.fit(&mut model, &data).unwrap().ended;
        (ended, bits(&model))
    };
    let (ended, weights) = run(EarlyStopping::new(2), false);
    assert_eq!((ended, seen.borrow().len()), (Ended::Early { best: 4 }, 6));
    assert_eq!(weights, seen.borrow()[3]);
    // A change of 0.05 is not enough for 0.1.
    let (ended, weights) = run(EarlyStopping::new(2).with_least_change(0.1), false);
    assert_eq!((ended, seen.borrow().len()), (Ended::Early { best: 2 }, 4));
    assert_eq!(weights, seen.borrow()[1]);
    let (ended, weights) = run(EarlyStopping::new(2).with_larger_better().with_last_weights(), true);
    assert_eq!((ended, seen.borrow().len()), (Ended::Early { best: 4 }, 6));
    assert_eq!(weights, seen.borrow()[5]);
    // All epochs are done, and the last is the best.
    let (ended, weights) = run(EarlyStopping::new(3), false);
    assert_eq!((ended, seen.borrow().len()), (Ended::Epochs, 7));
    assert_eq!(weights, seen.borrow()[6]);
}

#[test]
fn a_name_that_is_not_there_is_told_with_those_that_are() {
    let mut trainer =
        trainer().with_metric("accuracy", accuracy).with_validation_split(0.5).with_monitor("validation acuracy");
    let error = without_line(trainer.fit(&mut net(), &clouds(60)).unwrap_err());
    insta::assert_snapshot!(error, @r"
    Trainer: `validation acuracy` is to be monitored, and epochs have `loss`, `validation loss`, `validation accuracy`
      help: give one of these names
    ");
}

/// Notes what it is asked, under a name.
struct Notes<'a>(&'a str, &'a RefCell<Vec<String>>);

impl Callback<Sequential<f64>, f64> for Notes<'_> {
    fn before_step(&mut self, step: &StepView<'_, Sequential<f64>, f64>) {
        let sum: u64 = bits(step.model).iter().fold(0, |a, b| a ^ b);
        self.1.borrow_mut().push(format!("{} before {} {sum}", self.0, step.step));
    }
    fn after_step(&mut self, step: &StepView<'_, Sequential<f64>, f64>) -> ControlFlow<()> {
        let sum: u64 = bits(step.model).iter().fold(0, |a, b| a ^ b);
        self.1.borrow_mut().push(format!("{} after {} {sum}", self.0, step.step));
        if step.step == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
    fn after_epoch(&mut self, epoch: &EpochView<'_, Sequential<f64>>) -> ControlFlow<()> {
        self.1.borrow_mut().push(format!("{} epoch {}", self.0, epoch.record.epoch));
        ControlFlow::Continue(())
    }
}

#[test]
fn callbacks_are_asked_in_order_and_may_end_a_run() {
    let notes = RefCell::new(Vec::new());
    let mut trainer = trainer().with_epochs(9).with_callback(Notes("a", &notes)).with_callback(Notes("b", &notes));
    assert_eq!(trainer.fit(&mut net(), &clouds(60)).unwrap().ended, Ended::Callback);
    let notes = notes.borrow();
    let words: Vec<String> = notes.iter().map(|note| note.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect();
    let step =
        |n: u32| [format!("a before {n}"), format!("b before {n}"), format!("a after {n}"), format!("b after {n}")];
    let epoch = ["a epoch 1".to_string(), "b epoch 1".to_string()];
    assert_eq!(words, [&step(1)[..], &step(2), &step(3), &epoch, &step(4)].concat());
    // The weights move in between, and not elsewhere.
    let weights = |note: usize| notes[note].rsplit(' ').next().unwrap();
    assert!(weights(0) == weights(1) && weights(1) != weights(2) && weights(2) == weights(4));
}

#[test]
fn a_loss_that_is_not_finite_ends_a_run_with_the_weights_from_before() {
    let mut data = clouds::<f64>(60);
    data.inputs.make_mut()[3] = f64::NAN;
    let mut model = net::<f64>();
    let mut trainer = trainer().without_shuffling().with_batch_size(60);
    let before = bits(&model);
    let error = trainer.fit(&mut model, &data).unwrap_err();
    assert!(error.to_string().starts_with("Trainer: the loss is NaN at step 1, in epoch 1\n  at: "), "{error}");
    assert!(error.to_string().contains("endings.rs"), "{error}");
    assert_eq!(bits(&model), before);
    assert!(trainer.history().steps.is_empty());
}

#[test]
fn data_and_settings_that_make_no_sense_are_told() {
    let empty = Labelled { inputs: Tensor::zeros([0, 2]), labels: vec![], classes: 3 };
    let text =
        |mut trainer: OfClouds<'_, f64>, data: &Labelled<f64>| without_line(trainer.fit(&mut net(), data).unwrap_err());
    insta::assert_snapshot!(text(trainer(), &empty), @r"
    Trainer: the data set has no rows
      help: a step needs at least one row
    ");
    let data = clouds(60);
    insta::assert_snapshot!(text(trainer().with_batches(|_| vec![vec![1, 60]]), &data), @r"
    Trainer: a batch of epoch 1 asks for row 60 of 60
      help: rows count from 0
    ");
    insta::assert_snapshot!(text(trainer().with_schedule(|_| f64::NAN), &data), @r"
    Trainer's schedule: `rate` is NaN, and must be finite and not negative
      help: the usual value is 0.001
    ");
    let mut alone =
        Trainer::new(Adam::new(0.1), |net: &Linear<f64>, tape: &Tape<f64>, (x, y): &(Tensor<f64>, Vec<usize>)| {
            net.forward(tape.constant(x)).cross_entropy(y)
        })
        .with_metric("accuracy", accuracy)
        .with_validation_split(0.5);
    let mut linear = Linear::new(2, 3, &mut ChaCha8Rng::seed_from_u64(0));
    let error = without_line(alone.fit(&mut linear, &data).unwrap_err());
    insta::assert_snapshot!(error, @r"
    Trainer: there is no output for metrics, the closure gives the loss alone
      help: let the closure return `(loss, output)`
    ");
}

#[test]
fn a_stop_flag_ends_a_run_at_its_step() {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let mut trainer = trainer().with_epochs(50).with_stop(stop).after_each_step(move |step| {
        flag.store(step.step == 5, Ordering::SeqCst);
        ControlFlow::Continue(())
    });
    let trained = trainer.fit(&mut net(), &clouds(60)).unwrap();
    assert_eq!((trained.ended, trained.history.steps.len()), (Ended::Interrupted, 5));
}
