//! A run that goes on from a checkpoint is the run that was not stopped.

use super::*;
use nn::schedule::{Cosine, ReduceOnPlateau};
use nn::train::{Checkpoint, Checkpoints, EarlyStopping, Ended, Trained};
use std::ops::ControlFlow;
use std::path::Path;

/// A run of 5 epochs, of which some end after so many steps, and the rest goes on from the folder.
fn in_parts<T: Real>(make: &dyn Fn() -> OfClouds<'static, T>, stops: &[u64]) -> (Vec<u64>, Trained) {
    let folder = tempfile::tempdir().unwrap();
    let data = clouds::<T>(60);
    let checkpoints = || Checkpoints::in_folder(folder.path()).with_every_epochs(0).with_resume();
    for &stop in stops {
        let mut trainer = make().with_checkpoints(checkpoints()).after_each_step(move |step| {
            if step.step == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let ended = trainer.fit(&mut net(), &data).unwrap().ended;
        assert_eq!(ended, Ended::Callback);
    }
    // What a model is before it is brought back does not matter.
    let mut model = net::<T>();
    if !stops.is_empty() {
        model.set_values(&model.values().iter().map(|value| value * T::from_f64(3.0)).collect::<Vec<_>>());
    }
    let trained = make().with_checkpoints(checkpoints()).fit(&mut model, &data).unwrap();
    (bits(&model), trained)
}

fn same_in_parts<T: Real>(name: &str, make: &dyn Fn() -> OfClouds<'static, T>) {
    let whole = in_parts(make, &[]);
    for stops in [&[1][..], &[4], &[3, 6, 7, 13]] {
        let parts = in_parts(make, stops);
        assert_eq!(whole.1, parts.1, "{name} {} stopped at {stops:?}", T::NAME);
        assert_eq!(whole.0, parts.0, "{name} {} stopped at {stops:?}", T::NAME);
    }
}

/// Every optimizer, with dropout and statistics, in the middle of epochs and between them.
fn every_optimizer<T: Real>() {
    macro_rules! same {
        ($($make:expr),* $(,)?) => {$(
            same_in_parts::<T>(stringify!($make), &|| {
                Trainer::of_layer($make, cross_entropy).with_batch_size(20).with_epochs(5)
            });
        )*};
    }
    same!(
        GradientDescent::new(0.1),
        Sgd::new(0.1).with_momentum(0.9).with_nesterov(),
        Adam::new(0.02).with_amsgrad(),
        AdamW::new(0.02).with_group("0.*", AdamW::new(0.01)),
        NAdam::new(0.02),
        RAdam::new(0.02),
        Adamax::new(0.02),
        Lion::new(0.01),
        RmsProp::new(0.01).with_centered().with_momentum(0.5),
        Adagrad::new(0.1),
        Adadelta::new(1.0),
        Lbfgs::new().with_iterations(3),
    );
}

#[test]
fn every_optimizer_goes_on() {
    every_optimizer::<f32>();
    every_optimizer::<f64>();
}

#[test]
fn schedules_plateaus_accumulation_and_early_stopping_go_on() {
    let trainer = || -> OfClouds<'static, f32> {
        Trainer::of_layer(Adam::new(0.02), cross_entropy).with_batch_size(20).with_epochs(5)
    };
    same_in_parts("schedule", &|| trainer().with_schedule(Cosine::new(0.05, 15)));
    same_in_parts("plateau", &|| {
        trainer().with_plateau(ReduceOnPlateau::new(0.3).with_patience(0).with_factor(0.5).with_cooldown(1))
    });
    same_in_parts("early", &|| {
        trainer().with_validation_split(0.3).with_batch_size(14).with_early_stopping(EarlyStopping::new(5))
    });
    same_in_parts("accumulated", &|| trainer().with_batch_size(5).with_accumulation(4).with_clip_norm(0.5));
    same_in_parts("in order", &|| trainer().without_shuffling().with_seed(u64::MAX));
}

/// More epochs may be asked for than the first time.
#[test]
fn a_run_that_is_over_can_be_made_longer() {
    let folder = tempfile::tempdir().unwrap();
    let data = clouds::<f64>(60);
    let trainer = |epochs| -> OfClouds<'_, f64> {
        Trainer::of_layer(Adam::new(0.02), cross_entropy)
            .with_epochs(epochs)
            .with_checkpoints(Checkpoints::in_folder(folder.path()).with_resume())
    };
    let mut model = net();
    trainer(2).fit(&mut model, &data).unwrap();
    let done = bits(&model);
    assert_eq!(trainer(2).fit(&mut model, &data).unwrap().history.epochs.len(), 2);
    assert_eq!(bits(&model), done);
    let longer = trainer(4).fit(&mut model, &data).unwrap();
    let mut whole = net();
    let at_once = Trainer::of_layer(Adam::new(0.02), cross_entropy).with_epochs(4).fit(&mut whole, &data).unwrap();
    assert_eq!((bits(&model), longer), (bits(&whole), at_once));
}

#[test]
fn the_last_few_are_kept_and_others_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = clouds::<f64>(60);
    let checkpoints = Checkpoints::in_folder(folder.path()).with_every_steps(2).with_keep(3);
    let trainer = || -> OfClouds<'_, f64> {
        Trainer::of_layer(Adam::new(0.02), cross_entropy)
            .with_batch_size(20)
            .with_epochs(3)
            .with_checkpoints(checkpoints.clone())
    };
    trainer().fit(&mut net(), &data).unwrap();
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["step-000000006.safetensors", "step-000000008.safetensors", "step-000000009.safetensors"]);
    let error = trainer().fit(&mut net(), &data).unwrap_err().to_string();
    assert!(error.ends_with(
        "step-000000009.safetensors: a new run would mix with the one that this checkpoint is of\n  help: go on from it, by \
         `with_resume()` or `resume(…)`, or give a new run a folder of its own"
    ), "{error}");
    // From the one before the last: the last steps again.
    let mut again = net();
    trainer().resume(&mut again, &data, folder.path().join(&names[1])).unwrap();
    let mut whole = net();
    trainer().with_checkpoints(Checkpoints::in_folder(folder.path().join("other"))).fit(&mut whole, &data).unwrap();
    assert_eq!(bits(&again), bits(&whole));
}

/// A checkpoint in the middle of the second epoch.
fn written(folder: &Path) -> std::path::PathBuf {
    let mut trainer: OfClouds<'_, f64> = Trainer::of_layer(Adam::new(0.02), cross_entropy)
        .with_batch_size(20)
        .with_steps(4)
        .with_early_stopping(EarlyStopping::new(3))
        .with_plateau(ReduceOnPlateau::new(0.1))
        .with_checkpoints(Checkpoints::in_folder(folder));
    trainer.fit(&mut net(), &clouds(60)).unwrap();
    folder.join("step-000000004.safetensors")
}

/// Whatever is cut off or changed in a file: an error with a fix, or the same checkpoint; never a panic.
#[test]
fn damaged_files_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let (bytes, right) = (std::fs::read(&path).unwrap(), Checkpoint::<f64>::load(&path).unwrap());
    let damaged = folder.path().join("damaged");
    let refused = |bytes: &[u8]| {
        std::fs::write(&damaged, bytes).unwrap();
        match Checkpoint::<f64>::load(&damaged) {
            Ok(checkpoint) => {
                assert_eq!(checkpoint, right);
                false
            }
            Err(error) => {
                assert!(error.to_string().contains("\n  help: "), "{error}");
                true
            }
        }
    };
    let mut generator = ChaCha8Rng::seed_from_u64(6);
    let mut below = |n: usize| rand::RngExt::random_range(&mut generator, 0..n);
    for length in (0..200).chain((200..bytes.len()).step_by(37)) {
        assert!(refused(&bytes[..length]), "cut to {length}");
    }
    assert!(refused(&[&bytes[..], &[0]].concat()), "longer");
    // Every bit counts, but for spaces in the header.
    let flips = if std::env::var("LONG").is_ok() { 100_000 } else { 400 };
    let passed = (0..flips).filter(|_| {
        let (place, bit) = (below(bytes.len()), below(8));
        let mut bytes = bytes.clone();
        bytes[place] ^= 1 << bit;
        !refused(&bytes)
    });
    assert_eq!(passed.count(), 0);
    for _ in 0..flips {
        let mut bytes = bytes.clone();
        for _ in 0..1 + below(8) {
            let (from, to, length) = (below(bytes.len()), below(bytes.len()), below(64));
            let part = bytes[from..(from + length).min(bytes.len())].to_vec();
            bytes.splice(to..(to + below(64)).min(bytes.len()), part);
        }
        refused(&bytes);
    }
}

#[test]
fn checkpoints_of_other_runs_are_told_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path());
    let base = || -> OfClouds<'_, f64> {
        Trainer::of_layer(Adam::new(0.02), cross_entropy)
            .with_batch_size(20)
            .with_early_stopping(EarlyStopping::new(3))
            .with_plateau(ReduceOnPlateau::new(0.1))
    };
    let told = |mut trainer: OfClouds<'_, f64>, mut model: Sequential<f64>, rows: usize| {
        let before = bits(&model);
        let error = trainer.resume(&mut model, &clouds(rows), &path).unwrap_err().to_string();
        assert_eq!(bits(&model), before);
        assert!(error.contains("\n  help: make model, optimizer, data and trainer as for that run"), "{error}");
        error.split_once("safetensors: ").unwrap().1.split_once("\n  help").unwrap().0.to_string()
    };
    insta::assert_snapshot!(told(base().with_batch_size(19), net(), 60), @"of another run: order: shuffled batches of 20 there, shuffled batches of 19 here");
    insta::assert_snapshot!(told(base().with_seed(1), net(), 60), @"of another run: seed: 0 there, 1 here");
    insta::assert_snapshot!(told(base(), net(), 57), @"of another run: rows to learn from: 60 there, 57 here");
    insta::assert_snapshot!(told(base().with_schedule(|_| 0.1), net(), 60), @"of another run: rate by a plateau: true there, false here");
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let other = Sequential::new().with(Linear::new(2, 3, &mut generator));
    insta::assert_snapshot!(told(base(), other, 60), @r"
    the weights are of another model: 0 entries loaded
      not in the model: 1.bias, 1.num_batches_tracked, 1.running_mean, 1.running_var, 1.weight, 4.bias, 4.weight
      0.weight: [3, 2] in the model, [12, 2] in the file
      0.bias: [3] in the model, [12] in the file
    ");
    let sgd: OfClouds<'_, f64> = Trainer::of_layer(Sgd::new(0.1), cross_entropy)
        .with_batch_size(20)
        .with_early_stopping(EarlyStopping::new(3))
        .with_plateau(ReduceOnPlateau::new(0.1));
    insta::assert_snapshot!(told(sgd, net(), 60), @"this is the state of another optimizer, `Adam`");
    let error = Checkpoint::<f32>::load(&path).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "the run is in f64, and this model in f32\n  help: make the model with the number type of the run"
        )
    );
    let weights = folder.path().join("weights");
    nn::weights::save(&net::<f64>(), &weights).unwrap();
    let error = Checkpoint::<f64>::load(&weights).unwrap_err().to_string();
    assert!(error.ends_with("not a checkpoint of a run\n  help: give a file that a trainer wrote"), "{error}");
}
