//! Events for TensorBoard: the real one reads what is written here.

use nn::prelude::*;
use nn::watch::{EventWriter, Spread, Watch};
use std::fs;

/// A run of a small net with event files; returns all weights before the first step, and the log.
fn run(folder: &std::path::Path) -> (Vec<Vec<f32>>, nn::watch::Log) {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let mut net =
        Sequential::new().with(Linear::new(3, 40, &mut generator)).with(Relu).with(Linear::new(40, 2, &mut generator));
    let before = net.values().iter().map(Tensor::to_vec).collect();
    let x = Tensor::normal([16, 3], 0.0, 1.0, &mut generator);
    let labels: Vec<usize> = (0..16).map(|i| i % 2).collect();
    let mut optimizer = Adam::new(0.01);
    let mut watch = Watch::every(5).with_events(EventWriter::create(folder).unwrap());
    for step in 0..21 {
        let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        watch.note("twice the step", 2.0 * step as f64);
        optimizer.step(&mut net, &gradients);
        watch.after_step(&net, &gradients);
    }
    (before, watch.log().clone())
}

/// A record is framed by checksums; an example of the mask is in TensorFlow's own tests of record files.
#[test]
fn records_begin_with_the_version_of_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = EventWriter::create(folder.path()).unwrap();
    events.scalar(3, "loss", 0.5).unwrap();
    let bytes = fs::read(events.path()).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let first = &bytes[12..12 + length];
    assert!(first.ends_with(b"brain.Event:2"), "{first:?}");
    // The second record: a time, the step, and one value.
    let second = &bytes[12 + length + 4..];
    let event = &second[12..second.len() - 4];
    assert_eq!(u64::from_le_bytes(second[..8].try_into().unwrap()) as usize, event.len());
    assert_eq!((event[0], &event[9..11]), (0x09, &[0x10, 3][..]));
    assert!(event.ends_with(&[&[0x15][..], &0.5_f32.to_le_bytes()].concat()));
    let name = events.path().file_name().unwrap().to_str().unwrap().to_string();
    assert!(name.starts_with("events.out.tfevents."), "{name}");
}

#[test]
fn two_writers_never_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..3).map(|_| EventWriter::create(folder.path()).unwrap().path().to_path_buf()).collect();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "{paths:?}");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(EventWriter::create(&file).is_err_and(|error| error.to_string().contains("cannot be written")));
}

/// TensorBoard's reader finds the numbers of the log, and histograms that numpy makes of the same weights.
#[test]
#[ignore = "needs a Python with tensorboard in PYTHON; `.ci/python` has one"]
fn tensorboard_reads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (weights, log) = run(&folder.path().join("run"));
    let mut odd = EventWriter::create(&folder.path().join("odd")).unwrap();
    let numbers = [0.0, 0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0, -2.0];
    odd.histogram(7, "odd", &Spread::of(&numbers)).unwrap();
    log.write_events(&folder.path().join("again")).unwrap();
    let expected = folder.path().join("log.json");
    let weights: Vec<String> = weights.iter().map(|weight| format!("{weight:?}")).collect();
    fs::write(&expected, format!("{{\"log\": {}, \"weights\": [{}]}}", log.to_json(), weights.join(","))).unwrap();
    let python = std::env::var_os("PYTHON").expect("PYTHON names an interpreter");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/events/read.py");
    let status = std::process::Command::new(python).arg(script).arg(folder.path()).status().unwrap();
    assert!(status.success());
}
