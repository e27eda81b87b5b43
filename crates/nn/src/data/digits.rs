//! The bundled handwritten digits.

use super::Labelled;
use autograd::Tensor;
use flate2::read::GzDecoder;
use std::io::Read;

/// 1,797 handwritten digits of 8 × 8 pixels, scaled to 0…1, in the order of their source, which is by writer: the last
/// 360 rows are by writers that the first 1,437 never show. Source and licence: `data/digits/LICENCE.md`.
///
/// ```
/// let digits = nn::data::digits();
/// assert_eq!(digits.inputs.shape(), autograd::Shape::from([1797, 64]));
/// assert_eq!(digits.labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
/// ```
pub fn digits() -> Labelled {
    const FILE: &[u8] = include_bytes!("../../data/digits/digits.csv.gz");
    let mut text = String::new();
    GzDecoder::new(FILE).read_to_string(&mut text).expect("the bundled file is intact: a test reads all of it");
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for row in reader.records().flatten() {
        let numbers: Vec<u8> = row.iter().filter_map(|field| field.parse().ok()).collect();
        if let [image @ .., label] = &numbers[..] {
            pixels.extend(image.iter().map(|&p| f32::from(p) / 16.0));
            labels.push(usize::from(*label));
        }
    }
    Labelled { inputs: Tensor::from_vec(pixels, [labels.len(), 64]), labels, classes: 10 }
}
