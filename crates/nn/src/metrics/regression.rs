//! How far predicted numbers are from the true ones.

use super::numbers;
use autograd::algebra::Real;
use autograd::{Error, Tensor};

/// The mean squared error `Σ(p − t)²/n`.
///
/// # Errors
/// If the shapes differ, or there is nothing.
///
/// ```
/// use autograd::Tensor;
/// let (predicted, actual) = (Tensor::from([1.0, 2.0, 5.0]), Tensor::from([1.0, 2.0, 2.0]));
/// assert_eq!(nn::metrics::mse(&predicted, &actual).unwrap(), 3.0);
/// ```
#[track_caller]
pub fn mse<T: Real>(predicted: &Tensor<T>, actual: &Tensor<T>) -> Result<f64, Error> {
    Ok(mean(pairs("mse", predicted, actual)?.iter().map(|(p, t)| (p - t).powi(2))))
}

/// The root of the mean squared error, `√(Σ(p − t)²/n)`, in the unit of what is predicted.
///
/// # Errors
/// As [`mse`].
///
/// ```
/// use autograd::Tensor;
/// let (predicted, actual) = (Tensor::from([1.0, 5.0]), Tensor::from([3.0, 3.0]));
/// assert_eq!(nn::metrics::rmse(&predicted, &actual).unwrap(), 2.0);
/// ```
#[track_caller]
pub fn rmse<T: Real>(predicted: &Tensor<T>, actual: &Tensor<T>) -> Result<f64, Error> {
    Ok(mean(pairs("rmse", predicted, actual)?.iter().map(|(p, t)| (p - t).powi(2))).sqrt())
}

/// The mean absolute error `Σ|p − t|/n`.
///
/// # Errors
/// As [`mse`].
///
/// ```
/// use autograd::Tensor;
/// let (predicted, actual) = (Tensor::from([1.0, 5.0]), Tensor::from([2.0, 2.0]));
/// assert_eq!(nn::metrics::mae(&predicted, &actual).unwrap(), 2.0);
/// ```
#[track_caller]
pub fn mae<T: Real>(predicted: &Tensor<T>, actual: &Tensor<T>) -> Result<f64, Error> {
    Ok(mean(pairs("mae", predicted, actual)?.iter().map(|(p, t)| (p - t).abs())))
}

/// The part of the spread that is explained, `1 − Σ(t − p)²/Σ(t − mean t)²`: 1 is perfect, 0 as good as the mean, and it may
/// be negative. Where all true numbers are equal, 1 if all are met and else 0.
///
/// # Errors
/// As [`mse`].
///
/// ```
/// use autograd::Tensor;
/// let actual = Tensor::from([1.0, 2.0, 3.0]);
/// assert_eq!(nn::metrics::r2(&actual, &actual).unwrap(), 1.0);
/// assert_eq!(nn::metrics::r2(&Tensor::from([2.0, 2.0, 2.0]), &actual).unwrap(), 0.0);
/// ```
#[track_caller]
pub fn r2<T: Real>(predicted: &Tensor<T>, actual: &Tensor<T>) -> Result<f64, Error> {
    let pairs = pairs("r2", predicted, actual)?;
    let middle = mean(pairs.iter().map(|(_, t)| *t));
    let left = mean(pairs.iter().map(|(p, t)| (t - p).powi(2)));
    if pairs.iter().all(|(_, t)| *t == pairs[0].1) {
        return Ok(if left == 0.0 { 1.0 } else { 0.0 });
    }
    Ok(1.0 - left / mean(pairs.iter().map(|(_, t)| (t - middle).powi(2))))
}

fn mean(terms: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = terms.len() as f64;
    terms.sum::<f64>() / n
}

#[track_caller]
fn pairs<T: Real>(metric: &'static str, predicted: &Tensor<T>, actual: &Tensor<T>) -> Result<Vec<(f64, f64)>, Error> {
    let (shape, wanted) = (predicted.shape(), actual.shape());
    let problem = if shape != wanted {
        format!("predictions of shape {shape} for numbers of shape {wanted}")
    } else if shape.elements() == 0 {
        "no numbers".to_string()
    } else {
        return Ok(numbers(predicted).into_iter().zip(numbers(actual)).collect());
    };
    Err(Error::value(problem, "give one prediction for each number, and at least one").during(metric, []))
}
