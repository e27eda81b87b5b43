//! Data: the bundled digits, mini-batches, and what the loaders say of files that are not what they should be.

use flate2::Compression;
use flate2::write::GzEncoder;
use nn::data::{self, idx_folder, read_images, read_labels};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// A fresh folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("nn-data-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn idx(magic: u32, extents: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = magic.to_be_bytes().to_vec();
    extents.iter().for_each(|extent| file.extend(extent.to_be_bytes()));
    file.extend(bytes);
    file
}

fn images(n: u32) -> Vec<u8> {
    idx(0x803, &[n, 2, 3], &(0..n * 6).map(|i| i as u8).collect::<Vec<_>>())
}

fn labels(n: u32) -> Vec<u8> {
    idx(0x801, &[n], &(0..n).map(|i| (i % 3) as u8).collect::<Vec<_>>())
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_bundled_digits_are_whole() {
    let digits = data::digits();
    let mut counts = BTreeMap::new();
    digits.labels.iter().for_each(|&label| *counts.entry(label).or_insert(0) += 1);
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    let pixels = digits.inputs.to_vec();
    assert_eq!(pixels.len(), 1797 * 64);
    assert!(pixels.iter().all(|p| (0.0..=1.0).contains(p) && p * 16.0 == (p * 16.0).round()));
    // The first image, row 1: 0 0 13 15 10 15 5 0.
    assert_eq!(pixels[8..16].iter().map(|p| (p * 16.0) as i32).collect::<Vec<_>>(), [0, 0, 13, 15, 10, 15, 5, 0]);
}

#[test]
fn batches_show_every_row_once_in_a_seeded_order() {
    let digits = data::digits();
    let order = |seed| data::batches(&digits, 64, seed).flat_map(|(_, labels)| labels).collect::<Vec<_>>();
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
    let mut sorted = (order(1), digits.labels.clone());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1);
    let (x, labels) = data::batches(&digits, 64, 1).next().unwrap();
    assert_eq!((x.shape()[0], x.shape()[1], labels.len()), (64, 64, 64));
    assert_eq!(data::batches(&digits, 64, 1).len(), 29);
}

#[test]
fn a_folder_of_idx_files_plain_or_zipped() {
    let path = folder("good");
    fs::write(path.join("train-images-idx3-ubyte"), images(5)).unwrap();
    fs::write(path.join("train-labels-idx1-ubyte.gz"), zipped(&labels(5))).unwrap();
    fs::write(path.join("t10k-images-idx3-ubyte.gz"), zipped(&images(2))).unwrap();
    fs::write(path.join("t10k-labels-idx1-ubyte"), labels(2)).unwrap();
    let (train, test) = idx_folder(&path).unwrap();
    assert_eq!((train.len(), test.len(), train.features(), train.classes), (5, 2, 6, 3));
    assert_eq!(train.labels, [0, 1, 2, 0, 1]);
    assert_eq!(test.inputs.to_vec()[11], 11.0 / 255.0);
}

#[track_caller]
fn complains(name: &str, file: Vec<u8>, expected: &str) {
    let path = folder(name).join("file");
    fs::write(&path, file).unwrap();
    let text = read_images(&path).unwrap_err().to_string();
    assert!(text.starts_with(&path.display().to_string()), "{text}");
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("\n  help: "), "{text}");
}

#[test]
fn bad_files_are_named_and_explained() {
    complains("truncated", images(5)[..30].to_vec(), "truncated: 14 of 30 bytes promised by the header [5, 2, 3]");
    complains("empty", vec![], "truncated: the header needs 4 bytes, 0 are there");
    complains("header", images(5)[..9].to_vec(), "truncated: the header needs 16 bytes, 9 are there");
    complains("labels", labels(5), "magic number 0x00000801 where images have 0x00000803");
    complains("labels-help", labels(5), "this is a file of labels; are the names of images and labels exchanged?");
    complains("text", b"not an IDX file".to_vec(), "magic number 0x6e6f7420 where images have 0x00000803");
    complains("long", [images(5), vec![0]].concat(), "more bytes than the 30 promised");
    complains("huge", idx(0x803, &[u32::MAX, u32::MAX, u32::MAX], &[1, 2]), "more than a file of 18 bytes can hold");
    complains("large", idx(0x803, &[1000, 28, 28], &[1; 20]), "more than a file of 36 bytes can hold");
    complains("zip", zipped(&images(5))[..20].to_vec(), "truncated");
    complains("junk", [vec![0x1f, 0x8b], vec![7; 40]].concat(), "not valid gzip");
    let missing = folder("missing").join("nothing");
    let text = read_labels(&missing).unwrap_err().to_string();
    assert!(text.contains("nothing: ") && text.contains("an IDX file of labels is expected here"), "{text}");
}

#[test]
fn bad_folders_are_explained() {
    let path = folder("incomplete");
    fs::write(path.join("train-images-idx3-ubyte"), images(5)).unwrap();
    let text = idx_folder(&path).unwrap_err().to_string();
    assert!(text.contains("no file of labels named like `train-labels-idx1-ubyte`"), "{text}");
    fs::write(path.join("train-labels-idx1-ubyte"), labels(4)).unwrap();
    let text = idx_folder(&path).unwrap_err().to_string();
    assert!(text.contains("4 labels for the 5 images of "), "{text}");
    let text = idx_folder(path.join("nowhere")).unwrap_err().to_string();
    assert!(text.contains("give a folder that holds IDX files"), "{text}");
}

/// Whatever bytes a file has, it is read or refused: no panic.
#[test]
fn mutated_files_never_panic() {
    let path = folder("mutated").join("file");
    let mut generator = ChaCha8Rng::seed_from_u64(11);
    for round in 0..4000 {
        let mut file = if round % 2 == 0 { images(6) } else { zipped(&images(6)) };
        for _ in 0..generator.random_range(1..6) {
            let place = generator.random_range(0..file.len());
            match generator.random_range(0..3) {
                0 => file[place] = generator.random(),
                1 => file.truncate(place.max(1)),
                _ => file.insert(place, generator.random()),
            }
        }
        fs::write(&path, &file).unwrap();
        if let Ok(images) = read_images(&path) {
            assert!(images.elements() <= file.len() * 1100);
        }
    }
}
