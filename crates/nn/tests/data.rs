//! Data: what is bundled, mini-batches, and what the loaders say of files that are not what they should be.

use flate2::Compression;
use flate2::write::GzEncoder;
use nn::data::{self, Dataset, Standard, Table, TableFormat, idx_folder, read_images, read_labels, read_npy, read_npz};
use nn::prelude::*;
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};
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

/// Sizes, classes and means as their sources and scikit-learn's documentation give them.
#[test]
fn the_bundled_tables_are_whole() {
    let counts =
        |labels: &[usize]| (0..10).map(|class| labels.iter().filter(|&&l| l == class).count()).collect::<Vec<_>>();
    assert_eq!(counts(&data::iris().0.labels)[..4], [50, 50, 50, 0]);
    assert_eq!(counts(&data::wine().0.labels)[..4], [59, 71, 48, 0]);
    assert_eq!(counts(&data::breast_cancer().0.labels)[..3], [212, 357, 0]);
    assert_eq!(data::iris().0.inputs.to_vec()[..4], [5.1, 3.5, 1.4, 0.2]);
    assert_eq!(data::breast_cancer().1, ["malignant", "benign"]);
    let mean = |values: &Tensor| values.to_vec().iter().map(|&v| f64::from(v)).sum::<f64>() / values.elements() as f64;
    assert!((mean(&data::diabetes().targets) - 152.133).abs() < 1e-3);
    assert!((mean(&data::wine_quality().targets) - 5.636).abs() < 1e-3);
    assert_eq!(data::wine_quality().len(), 1599);
    let (train, test) = data::fashion();
    assert_eq!((counts(&train.labels), counts(&test.labels)), (vec![300; 10], vec![100; 10]));
    let (passengers, sunspots) = (data::airline_passengers().to_vec(), data::sunspots().to_vec());
    assert_eq!((passengers.len(), passengers[143], sunspots.len()), (144, 432.0, 309));
    let text = data::shakespeare();
    assert_eq!((text.len(), text.chars().collect::<BTreeSet<_>>().len()), (1_242_908, 76));
    assert!(text.is_ascii());
}

#[test]
fn batches_that_are_made_beforehand_are_the_same() {
    let digits = data::digits();
    let plain: Vec<Vec<usize>> = data::batches(&digits, 100, 3).map(|(_, labels)| labels).collect();
    for ahead in [0, 1, 50] {
        let got = data::batches(&digits, 100, 3).prefetched(ahead, |batches| batches.map(|b| b.1).collect::<Vec<_>>());
        assert_eq!(got, plain);
    }
    // One who has had enough stops the other thread.
    let first = data::batches(&digits, 100, 3).prefetched(1, |batches| batches.next());
    assert_eq!(first.unwrap().1, plain[0]);
    assert_eq!(data::batches(&digits, 100, 3).after(17).map(|b| b.1).collect::<Vec<_>>(), plain[17..]);
    assert_eq!(data::batches(&digits, 100, 3).after(usize::MAX).count(), 0);
    assert_eq!(data::batches(&digits.select(&[]), 100, 3).count(), 0);
}

#[test]
fn scales_of_features() {
    let (wine, _) = data::wine();
    let scales = Standard::of(&wine.inputs).unwrap();
    let scaled = scales.apply(&wine.inputs);
    for feature in 0..13 {
        let column: Vec<f64> = (0..178).map(|row| f64::from(scaled.at(&[row, feature]).unwrap())).collect();
        let mean = column.iter().sum::<f64>() / 178.0;
        let variance = column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 178.0;
        assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-4, "{feature}: {mean} {variance}");
    }
    // A feature that never changes, whatever its number is in binary, becomes 0.
    let constant = Tensor::<f32>::full([7, 1], 0.1);
    assert!(Standard::of(&constant).unwrap().apply(&constant).to_vec().iter().all(|v| v.abs() < 1e-6));
    assert!(Standard::of(&Tensor::<f32>::zeros([0, 3])).is_err());
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

#[test]
fn tables_say_what_is_wrong_and_where() {
    let parse = |text: &str| Table::parse("t.csv", text.as_bytes(), TableFormat::default());
    let table = parse("a,b\n1, 2.5\n-3,4e2\n").unwrap();
    assert_eq!(table.numbers::<f64>(&["b", "a"]).unwrap().to_vec(), [2.5, 1.0, 400.0, -3.0]);
    let zipped = Table::parse("t.csv.gz", &zipped(b"a;b\n1;2\n"), TableFormat::default().separated_by(b';')).unwrap();
    assert_eq!(zipped.numbers::<f64>(zipped.names()).unwrap().to_vec(), [1.0, 2.0]);
    let text = |result: Result<Tensor, nn::FileError>| result.unwrap_err().to_string();
    insta::assert_snapshot!(text(table.numbers(&["c"])), @"
    t.csv: no column `c`
      help: the columns are a, b
    ");
    insta::assert_snapshot!(text(parse("a,b\n1,2\n3,\n").unwrap().numbers(&["b"])), @r#"
    t.csv: row 2, column `b`: "" is no number
      help: columns of words become numbers by `classes`
    "#);
    let uneven = parse("a,b\n1,2\n3\n").unwrap_err().to_string();
    assert!(
        uneven.starts_with("t.csv: CSV error: record 2 (line: 3, byte: 8): found record with 1 fields"),
        "{uneven}"
    );
    assert!(parse("a\n\u{feff}").is_ok() && Table::parse("t", &[0xff, b'\n', 0xfe], TableFormat::default()).is_err());
    let (labels, kinds) = parse("kind\npine\noak\npine\n").unwrap().classes("kind").unwrap();
    assert_eq!((labels, kinds), (vec![1, 0, 1], vec!["oak".to_string(), "pine".to_string()]));
}

/// A file of NumPy, by the description of its format.
fn npy(descr: &str, fortran: bool, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

#[test]
fn arrays_of_numpy() {
    let path = folder("numpy").join("array.npy");
    let read = |file: Vec<u8>| {
        fs::write(&path, file).unwrap();
        read_npy::<f32>(&path).map(|array| (array.shape().to_vec(), array.to_vec()))
    };
    let floats: Vec<u8> = (0..6).flat_map(|i| (i as f32).to_le_bytes()).collect();
    assert_eq!(read(npy("<f4", false, "(2, 3)", &floats)).unwrap(), (vec![2, 3], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]));
    assert_eq!(read(npy("<f4", true, "(2, 3)", &floats)).unwrap(), (vec![2, 3], vec![0.0, 2.0, 4.0, 1.0, 3.0, 5.0]));
    let big_endian: Vec<u8> = [1.5_f64, -2.0].iter().flat_map(|v| v.to_be_bytes()).collect();
    assert_eq!(read(npy(">f8", false, "(2,)", &big_endian)).unwrap(), (vec![2], vec![1.5, -2.0]));
    assert_eq!(read(npy("|u1", false, "()", &[7])).unwrap(), (vec![], vec![7.0]));
    assert_eq!(read(npy("<i8", false, "(1,)", &(-3_i64).to_le_bytes())).unwrap(), (vec![1], vec![-3.0]));
    assert_eq!(read(npy("<f4", false, "(0, 3)", &[])).unwrap(), (vec![0, 3], vec![]));
    let text = |file: Vec<u8>| read(file).unwrap_err().to_string();
    assert!(text(npy("<f4", false, "(2, 3)", &floats[..20])).contains("not a whole .npy file"));
    assert!(text(npy("<f4", false, "(1000000000, 1000000000)", &floats)).contains("the header promises"));
    assert!(text(npy("<c8", false, "(1,)", &[0; 8])).contains("which are no plain numbers"));
    assert!(text(npy("<f4", false, "(1, 1, 1, 1, 1, 1, 1, 1, 1)", &floats)).contains("at most 8 axes"));
    assert!(text(b"nothing of the kind".to_vec()).contains("not a whole .npy file"));
}

#[test]
fn archives_of_numpy() {
    let path = folder("archive").join("arrays.npz");
    let floats: Vec<u8> = (0..2).flat_map(|i| (i as f32).to_le_bytes()).collect();
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for name in ["weights.npy", "labels.npy"] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&npy("<f4", false, "(2,)", &floats)).unwrap();
    }
    archive.finish().unwrap();
    let arrays = read_npz::<f64>(&path).unwrap();
    assert_eq!(arrays.keys().collect::<Vec<_>>(), ["labels", "weights"]);
    assert_eq!(arrays["weights"].to_vec(), [0.0, 1.0]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(read_npz::<f64>(&path).unwrap_err().to_string().contains("not a whole .npz file"));
}

/// Mutates `file` a little.
fn mutated(mut file: Vec<u8>, generator: &mut ChaCha8Rng) -> Vec<u8> {
    for _ in 0..generator.random_range(1..6) {
        let place = generator.random_range(0..file.len());
        match generator.random_range(0..3) {
            0 => file[place] = generator.random(),
            1 => file.truncate(place.max(1)),
            _ => file.insert(place, generator.random()),
        }
    }
    file
}

/// Whatever bytes a file has, it is read or refused: no panic. `LONG=1000000` for as many rounds.
#[test]
fn mutated_tables_and_arrays_never_panic() {
    let folder = folder("mutated-arrays");
    let mut generator = ChaCha8Rng::seed_from_u64(12);
    let floats: Vec<u8> = (0..6).flat_map(|i| (i as f32).to_le_bytes()).collect();
    let rounds = std::env::var("LONG").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2000);
    for _ in 0..rounds {
        let path = folder.join("file");
        fs::write(&path, mutated(npy("<f4", false, "(2, 3)", &floats), &mut generator)).unwrap();
        if let Ok(array) = read_npy::<f32>(&path) {
            assert!(array.elements() <= 2 * floats.len());
        }
        let text = b"a,b\n1,2\n\"x\",4\n".to_vec();
        let text = if generator.random() { zipped(&text) } else { text };
        if let Ok(table) = Table::parse("t", &mutated(text, &mut generator), TableFormat::default()) {
            let _ = table.numbers::<f32>(table.names());
            table.names().iter().for_each(|name| drop(table.classes(name)));
        }
    }
}

/// Whatever bytes a file has, it is read or refused: no panic.
#[test]
fn mutated_files_never_panic() {
    let path = folder("mutated").join("file");
    let mut generator = ChaCha8Rng::seed_from_u64(11);
    for round in 0..4000 {
        let file = mutated(if round % 2 == 0 { images(6) } else { zipped(&images(6)) }, &mut generator);
        fs::write(&path, &file).unwrap();
        if let Ok(images) = read_images(&path) {
            assert!(images.elements() <= file.len() * 1100);
        }
    }
}
