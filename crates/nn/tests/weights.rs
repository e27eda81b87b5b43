//! Weights in files: there and back to the bit, other number types, and files that are not what they should be.

use nn::prelude::*;
use nn::weights;
use proptest::prelude::*;
use safetensors::{Dtype, tensor::TensorView};
use std::fs;
use std::path::PathBuf;

fn net<T: autograd::algebra::Real>(seed: u64) -> Sequential<T> {
    let generator = &mut ChaCha8Rng::seed_from_u64(seed);
    Sequential::new().with(Linear::new(5, 3, generator)).with(Tanh).with(Linear::new(3, 2, generator))
}

/// A folder that goes away, and a path in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    (folder, path)
}

#[test]
fn there_and_back_to_the_bit() {
    let (_folder, path) = place();
    let mut saved = net::<f64>(1);
    // Numbers that a detour through text or single precision would lose.
    let odd = [f64::MIN_POSITIVE / 8.0, -0.0, 0.1 + 0.2, f64::MAX, f64::NEG_INFINITY];
    saved.visit_mut(&mut nn::Path::default(), &mut |_, parameter| {
        for (number, odd) in parameter.make_mut().iter_mut().zip(odd) {
            *number = odd;
        }
    });
    weights::save(&saved, &path).unwrap();
    let mut loaded = net::<f64>(2);
    let ids: Vec<_> = loaded.parameters().iter().map(|(_, parameter)| parameter.id()).collect();
    weights::load(&mut loaded, &path).unwrap();
    let bits = |net: &Sequential<f64>| -> Vec<u64> {
        net.values().iter().flat_map(|value| value.to_vec()).map(f64::to_bits).collect()
    };
    assert_eq!(bits(&saved), bits(&loaded));
    assert_eq!(ids, loaded.parameters().iter().map(|(_, parameter)| parameter.id()).collect::<Vec<_>>());
    // A model of another precision rounds.
    let mut single = net::<f32>(3);
    weights::load(&mut single, &path).unwrap();
    assert_eq!(single.values()[0].to_vec()[2], 0.3);
}

/// One entry `weight` of these bytes.
fn file(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
    let shape = vec![2, 1];
    safetensors::serialize([("weight", TensorView::new(dtype, shape, bytes).unwrap())], None).unwrap()
}

#[test]
fn numbers_of_other_types() {
    let (_folder, path) = place();
    // −2.5 and 3 as each type writes them; for the half types by the definition of their bits.
    let cases: [(Dtype, &[u8], [f32; 2]); 6] = [
        (Dtype::F16, &[0x00, 0xc1, 0x00, 0x42], [-2.5, 3.0]),
        (Dtype::BF16, &[0x20, 0xc0, 0x40, 0x40], [-2.5, 3.0]),
        (Dtype::F64, &[0, 0, 0, 0, 0, 0, 4, 0xc0, 0, 0, 0, 0, 0, 0, 8, 0x40], [-2.5, 3.0]),
        (Dtype::I64, &[0xfe, 255, 255, 255, 255, 255, 255, 255, 3, 0, 0, 0, 0, 0, 0, 0], [-2.0, 3.0]),
        (Dtype::U8, &[254, 3], [254.0, 3.0]),
        (Dtype::I16, &[0xfe, 255, 3, 0], [-2.0, 3.0]),
    ];
    let mut model = Linear::<f32>::new(1, 2, &mut ChaCha8Rng::seed_from_u64(0)).without_bias();
    for (dtype, bytes, want) in cases {
        fs::write(&path, file(dtype, bytes)).unwrap();
        weights::load(&mut model, &path).unwrap();
        assert_eq!(model.weight.value().to_vec(), want, "{dtype:?}");
    }
    fs::write(&path, file(Dtype::BOOL, &[1, 0])).unwrap();
    let error = weights::load(&mut model, &path).unwrap_err().to_string();
    assert!(error.contains("`weight` holds numbers of type BOOL"), "{error}");
}

#[test]
fn what_does_not_fit_is_told_entry_by_entry() {
    let (_folder, path) = place();
    let generator = &mut ChaCha8Rng::seed_from_u64(0);
    let other = Sequential::<f32>::new().with(Linear::new(5, 4, generator)).with(Linear::new(4, 2, generator));
    weights::save(&other, &path).unwrap();
    let mut model = net::<f32>(1);
    let before = model.values();
    let error = weights::load(&mut model, &path).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&path.display().to_string(), "net.safetensors"), @"
    net.safetensors: does not fit the model: 0 entries loaded
      missing from the file: 2.weight, 2.bias
      not in the model: 1.bias, 1.weight
      0.weight: [3, 5] in the model, [4, 5] in the file
      0.bias: [3] in the model, [4] in the file
      help: `load_matching` takes what fits and leaves the rest; the model is as it was
    ");
    assert_eq!(model.values(), before);

    let wider = Sequential::<f32>::new().with(Linear::new(5, 3, generator)).with(Linear::new(3, 2, generator));
    weights::save(&wider, &path).unwrap();
    let report = weights::load_matching(&mut model, &path).unwrap();
    assert_eq!(
        (report.loaded, report.unexpected),
        (vec!["0.weight".to_string(), "0.bias".to_string()], vec!["1.bias".to_string(), "1.weight".to_string()],)
    );
    assert_eq!(model.values()[..2], wider.values()[..2]);
    assert_eq!(model.values()[2..], before[2..]);
}

#[test]
fn a_file_that_cannot_be_read_or_written() {
    let (folder, path) = place();
    let missing = weights::load(&mut net::<f32>(1), &path).unwrap_err().to_string();
    assert!(missing.contains("a file of weights, safetensors, is expected here"), "{missing}");
    fs::write(&path, b"old").unwrap();
    let below = weights::save(&net::<f32>(1), path.join("deeper")).unwrap_err().to_string();
    assert!(below.contains("cannot be written"), "{below}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    weights::save(&net::<f32>(1), &path).unwrap();
    // Nothing temporary is left behind.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Python's own library reads what is written here, and what it writes is read here.
#[test]
#[ignore = "needs a Python with safetensors in PYTHON; `.ci/python` has one"]
fn python_reads_and_writes_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (folder.path().join("ours.safetensors"), folder.path().join("theirs.safetensors"));
    let mut model = net::<f32>(1);
    let fill = |model: &mut Sequential<f32>, step: f32| {
        model.visit_mut(&mut nn::Path::default(), &mut |_, parameter| {
            for (i, number) in parameter.make_mut().iter_mut().enumerate() {
                *number = i as f32 * step - 1.0;
            }
        });
    };
    fill(&mut model, 0.125);
    weights::save(&model, &ours).unwrap();
    let python = std::env::var_os("PYTHON").expect("PYTHON names an interpreter");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/weights/exchange.py");
    let status = std::process::Command::new(python).arg(script).args([&ours, &theirs]).status().unwrap();
    assert!(status.success());
    let mut loaded = net::<f32>(2);
    weights::load(&mut loaded, &theirs).unwrap();
    fill(&mut model, 3.0);
    assert_eq!(loaded.values(), model.values());
}

/// Loads damaged bytes; if that fails the model is as it was.
fn survives(bytes: &[u8]) {
    let (_folder, path) = place();
    fs::write(&path, bytes).unwrap();
    let mut model = net::<f32>(1);
    let before = model.values();
    if weights::load(&mut model, &path).is_err() {
        assert_eq!(model.values(), before);
    }
}

#[test]
fn files_cut_off_anywhere_are_refused() {
    let (_folder, path) = place();
    weights::save(&net::<f32>(1), &path).unwrap();
    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(weights::load(&mut net::<f32>(2), &path).is_err(), "{length} of {} bytes", bytes.len());
    }
    // A header that promises more than there can be.
    for promise in [u64::MAX, 1 << 62, 1 << 33, bytes.len() as u64] {
        let mut bytes = bytes.clone();
        bytes[..8].copy_from_slice(&promise.to_le_bytes());
        fs::write(&path, &bytes).unwrap();
        assert!(weights::load(&mut net::<f32>(2), &path).is_err(), "{promise}");
    }
}

proptest! {
    #[test]
    fn damaged_files_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let (_folder, path) = place();
        weights::save(&net::<f32>(1), &path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] ^= byte;
        }
        survives(&bytes);
    }

    #[test]
    fn foreign_files_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&bytes);
    }
}
