//! How likely the truth was thought.

use super::rows;
use autograd::algebra::Real;
use autograd::{Error, Tensor};

/// The mean of `−ln p` over the probabilities `p` that the true classes were given, of rows of probabilities
/// `[n, classes]`; in nats. Infinite if what happened was thought impossible.
///
/// # Errors
/// If there is not one label for each row, a label is no class, or there are no rows.
///
/// ```
/// use autograd::Tensor;
/// let probabilities = Tensor::from([[0.5, 0.5], [0.25, 0.75]]);
/// let loss = nn::metrics::log_loss(&probabilities, &[0, 1]).unwrap();
/// assert!((loss - (0.5 * 0.75_f64).ln() / -2.0).abs() < 1e-15);
/// ```
#[track_caller]
pub fn log_loss<T: Real>(probabilities: &Tensor<T>, actual: &[usize]) -> Result<f64, Error> {
    let rows = rows("log_loss", probabilities, actual)?;
    if actual.is_empty() {
        return Err(Error::value("no rows", "give at least one").during("log_loss", []));
    }
    let surprises = rows.rows().zip(actual).map(|(row, &class)| -row[class].ln());
    Ok(surprises.sum::<f64>() / actual.len() as f64)
}

/// What a mean loss in nats means as a number of equally likely choices: `e^loss`.
///
/// ```
/// let loss = (8.0_f64).ln(); // as unsure as between 8 characters
/// assert!((nn::metrics::perplexity(loss) - 8.0).abs() < 1e-12);
/// ```
pub fn perplexity(mean_loss: f64) -> f64 {
    mean_loss.exp()
}
