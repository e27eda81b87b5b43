//! Runs in processes of their own that are killed at random moments, or interrupted, and go on: in the end they have the
//! weights of a run that nobody touched, to the bit. `LONG=1` kills a hundred times.
#![cfg(unix)]

use nn::data;
use nn::prelude::*;
use nn::schedule::ReduceOnPlateau;
use nn::train::{Checkpoints, EarlyStopping, Ended, Trainer, stop_on_ctrl_c};
use rand::RngExt;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where a child process keeps its run; a test process without it has nothing to do.
const FOLDER: &str = "KILLED_FOLDER";
/// How long a child waits after each step, in milliseconds.
const WAIT: &str = "KILLED_WAIT";

/// What a child process does: it trains, from the newest checkpoint on if there is one, and writes the weights in the end. The
/// run has dropout, statistics, momentum, a plateau, a validation split, and early stopping that brings back the best.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let wait = std::env::var(WAIT).ok().and_then(|wait| wait.parse().ok()).unwrap_or(0);
    let folder = Path::new(&folder);
    let clouds = data::blobs(120, 3, 0.4, &mut ChaCha8Rng::seed_from_u64(1));
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let mut net = Sequential::new()
        .with(Linear::new(2, 24, &mut generator))
        .with(BatchNorm1d::new(24))
        .with(Tanh)
        .with(Dropout { p: 0.3 })
        .with(Linear::new(24, 3, &mut generator));
    let mut trainer =
        Trainer::of_layer(Sgd::new(0.1).with_momentum(0.9), |y, labels: &Vec<usize>| y.cross_entropy(labels))
            .with_validation_split(0.2)
            .with_plateau(ReduceOnPlateau::new(0.1).with_patience(1).with_factor(0.5))
            .with_early_stopping(EarlyStopping::new(100))
            .with_batch_size(8)
            .with_epochs(10)
            .with_seed(3)
            .with_checkpoints(Checkpoints::in_folder(folder.join("run")).with_every_steps(1).with_resume())
            .with_stop(stop_on_ctrl_c().unwrap())
            .after_each_step(move |_| {
                std::thread::sleep(Duration::from_millis(wait));
                ControlFlow::Continue(())
            });
    let trained = trainer.fit(&mut net, &clouds).unwrap();
    if trained.ended == Ended::Interrupted {
        println!("interrupted after step {}", trained.history.steps.len());
        return;
    }
    assert_eq!((trained.ended, trained.history.steps.len()), (Ended::Epochs, 120));
    trained.history.save_json(folder.join("history")).unwrap();
    nn::weights::save(&net, folder.join("weights")).unwrap();
}

/// A child process that runs in this folder.
fn start(folder: &Path, wait: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .env(WAIT, wait.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The bytes of the weights and of the history in the end.
fn result(folder: &Path) -> [Vec<u8>; 2] {
    ["weights", "history"].map(|file| std::fs::read(folder.join(file)).unwrap())
}

fn untouched() -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let output = start(folder.path(), 0).wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    result(folder.path())
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_killed_run_goes_on_bit_for_bit() {
    let wanted = if std::env::var("LONG").is_ok() { 100 } else { 6 };
    let untouched = untouched();
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let (mut killed, mut finished) = (0, 0);
    while killed < wanted {
        let folder = tempfile::tempdir().unwrap();
        loop {
            let mut child = start(folder.path(), 0);
            // Sometimes before anything is there, mostly in the middle of steps and of writing.
            std::thread::sleep(Duration::from_micros(generator.random_range(0..250_000)));
            let running = child.try_wait().unwrap().is_none();
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            if !running {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            killed += 1;
        }
        assert!(result(folder.path()) == untouched, "another result after {killed} kills");
        // Nothing that was half written is left behind.
        assert_eq!(files(&folder.path().join("run")), ["step-000000119.safetensors", "step-000000120.safetensors"]);
        finished += 1;
    }
    println!("killed {killed} times, finished {finished} runs");
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits until the run has written its first checkpoint.
fn wait_for_a_checkpoint(folder: &Path) {
    let begun = || std::fs::read_dir(folder.join("run")).is_ok_and(|mut files| files.next().is_some());
    for _ in 0..3000 {
        if begun() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no checkpoint was written");
}

#[test]
fn an_interrupt_ends_at_a_step_with_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let child = start(folder.path(), 20);
    wait_for_a_checkpoint(folder.path());
    std::thread::sleep(Duration::from_millis(50));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let step = text.split("interrupted after step ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let step: usize = step.unwrap_or_else(|| panic!("not interrupted: {text}")).parse().unwrap();
    assert!(step < 120);
    assert_eq!(files(&folder.path().join("run")).last().unwrap(), &format!("step-{step:09}.safetensors"));
    assert!(start(folder.path(), 0).wait().unwrap().success());
    assert!(result(folder.path()) == untouched());
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), 60_000);
    // The wait of a minute comes before the first checkpoint, so it is the folder that tells that the run has begun.
    std::thread::sleep(Duration::from_millis(1000));
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "it waits for the end of its step");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
