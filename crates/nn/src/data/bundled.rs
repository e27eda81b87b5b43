//! Real data that comes with the crate under the feature `bundled`: each with its licence beside it, in `data/`.

use super::idx::labelled;
use super::{Labelled, Measured, Table, TableFormat};
use crate::FileError;
use autograd::{Shaping, Tensor};
use std::path::Path;

macro_rules! file {
    ($name:literal) => {
        (Path::new($name), &include_bytes!(concat!("../../data/", $name))[..])
    };
}

type File = (&'static Path, &'static [u8]);

/// What was read from a file of this crate.
fn intact<R>(read: Result<R, FileError>) -> R {
    read.expect("the bundled files are intact: a test reads them all")
}

/// The fields of a bundled table.
fn table((path, bytes): File, format: TableFormat) -> Table {
    intact(Table::parse(path, bytes, format))
}

/// All columns of a bundled table.
fn numbers(table: &Table) -> Tensor {
    intact(table.numbers(table.names()))
}

/// 1,797 handwritten digits of 8 × 8 pixels, scaled to 0…1, in the order of their source, which is by writer: the last
/// 360 rows are by writers that the first 1,437 never show. Inputs `[1797, 64]`. Source and licence:
/// `data/digits/LICENCE.md`.
///
/// ```
/// let digits = nn::data::digits();
/// assert_eq!(digits.inputs.shape(), autograd::Shape::from([1797, 64]));
/// assert_eq!(digits.labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
/// ```
pub fn digits() -> Labelled {
    let all = numbers(&table(file!("digits/digits.csv.gz"), TableFormat::default().without_names()));
    let labels = all.slice(1, 64..).to_vec().into_iter().map(|label| label as usize).collect();
    Labelled { inputs: (all.slice(1, ..64) * (1.0 / 16.0)).contiguous(), labels, classes: 10 }
}

/// A cut of Fashion-MNIST: 3,000 pictures to learn from and 1,000 to test on, of 28 × 28 pixels, scaled to 0…1, in ten
/// classes: T-shirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot. Inputs `[n, 784]`. Source and
/// licence: `data/fashion/LICENCE.md`.
///
/// ```
/// let (train, test) = nn::data::fashion();
/// assert_eq!((train.len(), test.len(), train.features()), (3000, 1000, 784));
/// ```
pub fn fashion() -> (Labelled, Labelled) {
    let train =
        (file!("fashion/fashion3k-train-images-idx3-ubyte.gz"), file!("fashion/fashion3k-train-labels-idx1-ubyte.gz"));
    let test =
        (file!("fashion/fashion1k-test-images-idx3-ubyte.gz"), file!("fashion/fashion1k-test-labels-idx1-ubyte.gz"));
    (intact(labelled(train.0, train.1)), intact(labelled(test.0, test.1)))
}

/// A table whose first line has the numbers of rows and features and then the names of the classes, and whose last column
/// is the class.
fn classified((path, bytes): File) -> (Labelled, Vec<String>) {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let (head, rows) = text.split_once('\n').unwrap_or_default();
    let names: Vec<String> = head.trim().split(',').skip(2).map(str::to_string).collect();
    let all = numbers(&table((path, rows.as_bytes()), TableFormat::default().without_names()));
    let features = all.shape()[1] as isize - 1;
    let labels = all.slice(1, features..).to_vec().into_iter().map(|label| label as usize).collect();
    (Labelled { inputs: all.slice(1, ..features).contiguous(), labels, classes: names.len() }, names)
}

/// 150 flowers of three species of iris, with their names: length and width of sepals and of petals, in centimetres. Inputs
/// `[150, 4]`. Source and licence: `data/tabular/LICENCE.md`.
///
/// ```
/// let (iris, species) = nn::data::iris();
/// assert_eq!((iris.len(), iris.features()), (150, 4));
/// assert_eq!(species, ["setosa", "versicolor", "virginica"]);
/// ```
pub fn iris() -> (Labelled, Vec<String>) {
    classified(file!("tabular/iris.csv"))
}

/// 178 wines from three growers, with 13 chemical measurements. Inputs `[178, 13]`. Source and licence:
/// `data/tabular/LICENCE.md`.
///
/// ```
/// assert_eq!(nn::data::wine().0.inputs.shape(), autograd::Shape::from([178, 13]));
/// ```
pub fn wine() -> (Labelled, Vec<String>) {
    classified(file!("tabular/wine_data.csv"))
}

/// 569 tumours of the breast, malignant (class 0) or benign (class 1), with 30 measurements of the nuclei of their cells.
/// Inputs `[569, 30]`. Source and licence: `data/tabular/LICENCE.md`.
///
/// ```
/// assert_eq!(nn::data::breast_cancer().0.inputs.shape(), autograd::Shape::from([569, 30]));
/// ```
pub fn breast_cancer() -> (Labelled, Vec<String>) {
    classified(file!("tabular/breast_cancer.csv"))
}

/// 442 patients with diabetes: age, sex, body mass index, blood pressure and six measurements of the blood, and how far the
/// disease had gone a year later. Inputs `[442, 10]`, targets `[442, 1]`. Source and licence: `data/tabular/LICENCE.md`.
///
/// ```
/// let patients = nn::data::diabetes();
/// assert_eq!(patients.inputs.shape(), autograd::Shape::from([442, 10]));
/// assert_eq!(patients.targets.to_vec()[..2], [151.0, 75.0]);
/// ```
pub fn diabetes() -> Measured {
    let format = TableFormat::default().without_names().separated_by(b' ');
    let inputs = numbers(&table(file!("tabular/diabetes_data_raw.csv.gz"), format));
    Measured { inputs, targets: numbers(&table(file!("tabular/diabetes_target.csv.gz"), format)) }
}

/// 1,599 red wines with 11 physical and chemical measurements, and their quality by taste, from 3 to 8. Inputs `[1599, 11]`,
/// targets `[1599, 1]`. Source and licence: `data/tabular/LICENCE.md`.
///
/// ```
/// assert_eq!(nn::data::wine_quality().inputs.shape(), autograd::Shape::from([1599, 11]));
/// ```
pub fn wine_quality() -> Measured {
    let all = numbers(&table(file!("tabular/winequality-red.csv.gz"), TableFormat::default()));
    Measured { inputs: all.slice(1, ..11).contiguous(), targets: all.slice(1, 11..).contiguous() }
}

/// The passengers of airlines in each of 144 months from January 1949, in thousands; `[144]`. Source and licence:
/// `data/series/LICENCE.md`.
///
/// ```
/// assert_eq!(nn::data::airline_passengers().to_vec()[..3], [112.0, 118.0, 132.0]);
/// ```
pub fn airline_passengers() -> Tensor {
    series(file!("series/airline_passengers.csv"), "Passengers")
}

/// The number of sunspots in each year from 1700 to 2008; `[309]`. Source and licence: `data/series/LICENCE.md`.
///
/// ```
/// assert_eq!(nn::data::sunspots().to_vec()[..3], [5.0, 11.0, 16.0]);
/// ```
pub fn sunspots() -> Tensor {
    series(file!("series/sunspots_yearly.csv"), "SUNACTIVITY")
}

fn series(file: File, column: &str) -> Tensor {
    let numbers: Tensor = intact(table(file, TableFormat::default()).numbers(&[column]));
    numbers.reshape([-1])
}

/// Nine plays of Shakespeare, one after the other. Source and licence: `data/text/LICENCE.md`.
///
/// ```
/// assert!(nn::data::shakespeare().starts_with("THE TRAGEDY OF CORIOLANUS\n"));
/// ```
pub fn shakespeare() -> String {
    let (path, bytes) = file!("text/shakespeare_9_plays.txt.gz");
    String::from_utf8_lossy(&intact(crate::file::unzipped(path, bytes))).into_owned()
}
