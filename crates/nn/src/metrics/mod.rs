//! How well a model does.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | which class is taken, and how often rightly |
//! | `confusion.rs` | [`ConfusionMatrix`]: precision, recall, F1, Matthews' coefficient |
//! | `ranking.rs` | [`roc_curve`], [`roc_auc`], [`average_precision`]: how well scores tell classes apart |
//! | `probability.rs` | [`log_loss`], [`perplexity`]: how likely the truth was thought |
//! | `regression.rs` | [`mse`], [`rmse`], [`mae`], [`r2`]: how far numbers are off |
//!
//! All are computed in double precision. What data can make meaningless is an [`Error`].

mod confusion;
mod probability;
mod ranking;
mod regression;

pub use confusion::{Average, ClassScores, ConfusionMatrix};
pub use probability::{log_loss, perplexity};
pub use ranking::{Classes, RocCurve, average_precision, roc_auc, roc_auc_of_classes, roc_curve};
pub use regression::{mae, mse, r2, rmse};

use autograd::algebra::Real;
use autograd::{Error, Tensor};

/// The class with the largest score in each row; the first one where several are equal. Shape `[n, classes]`.
///
/// ```
/// use autograd::Tensor;
/// assert_eq!(nn::metrics::argmax(&Tensor::from([[0.1_f32, 0.9], [0.8, 0.2]])), [1, 0]);
/// ```
pub fn argmax<T: Real>(scores: &Tensor<T>) -> Vec<usize> {
    let classes = scores.shape().last().copied().unwrap_or(1).max(1);
    let best = |row: &[T]| (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    scores.to_vec().chunks(classes).map(best).collect()
}

/// The fraction that is right; 0 of nothing. A row without a prediction is not right.
///
/// ```
/// assert_eq!(nn::metrics::accuracy(&[1, 0, 2, 2], &[1, 0, 2, 0]), 0.75);
/// ```
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    correct(predicted, actual) as f64 / actual.len().max(1) as f64
}

/// The number that is right.
///
/// ```
/// assert_eq!(nn::metrics::correct(&[1, 0, 2, 2], &[1, 0, 2, 0]), 3);
/// ```
pub fn correct(predicted: &[usize], actual: &[usize]) -> usize {
    predicted.iter().zip(actual).filter(|(p, a)| p == a).count()
}

/// The fraction of rows whose class is among the `k` largest scores of `scores`, `[n, classes]`; of equal scores the
/// earlier class counts as larger. 0 of nothing.
///
/// # Errors
/// If there is not one label for each row, or a label is no class.
///
/// ```
/// use autograd::Tensor;
/// let scores = Tensor::from([[0.5_f32, 0.3, 0.2], [0.1, 0.2, 0.7]]);
/// assert_eq!(nn::metrics::top_k_accuracy(&scores, &[1, 0], 2).unwrap(), 0.5);
/// ```
#[track_caller]
pub fn top_k_accuracy<T: Real>(scores: &Tensor<T>, actual: &[usize], k: usize) -> Result<f64, Error> {
    let rows = rows("top_k_accuracy", scores, actual)?;
    let is_among = |(row, &class): (&[f64], &usize)| {
        let before = (0..row.len()).filter(|&i| row[i] > row[class] || (row[i] == row[class] && i < class));
        before.count() < k
    };
    let right = rows.rows().zip(actual).filter(|&pair| is_among(pair)).count();
    Ok(right as f64 / actual.len().max(1) as f64)
}

/// Scores of classes in double precision, row after row.
struct Rows {
    scores: Vec<f64>,
    classes: usize,
}

impl Rows {
    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.scores.chunks(self.classes.max(1))
    }
}

/// The rows of `[n, classes]`, if there is one label for each and it is a class.
#[track_caller]
fn rows<T: Real>(metric: &'static str, scores: &Tensor<T>, actual: &[usize]) -> Result<Rows, Error> {
    let shape = scores.shape();
    let problem = match shape[..] {
        [n, _] if n != actual.len() => Some((
            format!("{} labels for scores of shape {shape}", actual.len()),
            "give one label for each row".to_string(),
        )),
        [_, classes] => actual.iter().position(|&class| class >= classes).map(|row| {
            let problem = format!("label {} at position {row} is out of range for {classes} classes", actual[row]);
            (problem, "labels count from 0".to_string())
        }),
        _ => Some((format!("scores of shape {shape}"), "give one row of scores a sample: [n, classes]".to_string())),
    };
    match problem {
        Some((problem, help)) => Err(Error::value(problem, help).during(metric, [])),
        None => Ok(Rows { scores: numbers(scores), classes: shape[1] }),
    }
}

fn numbers<T: Real>(tensor: &Tensor<T>) -> Vec<f64> {
    tensor.to_vec().into_iter().map(Real::to_f64).collect()
}
