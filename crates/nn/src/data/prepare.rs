//! Getting numbers ready. Classes as rows of zeros and a one: [`Indices::one_hot`](autograd::Indices::one_hot).

use autograd::algebra::Real;
use autograd::{Error, Indexing, Interpretation, Reductions, Tensor};

/// Scales that make each feature have mean 0 and standard deviation 1 on the rows that they were taken from: take them from
/// the rows to learn from, and apply them to all others.
///
/// `x ↦ (x − mean)/deviation`, feature by feature, with the deviation over `n`; a feature that never changes is only moved.
///
/// ```
/// use autograd::Tensor;
/// use nn::data::Standard;
/// let train = Tensor::from([[1.0, 10.0], [3.0, 10.0]]);
/// let scales = Standard::of(&train).unwrap();
/// assert_eq!(scales.apply(&train).to_vec(), [-1.0, 0.0, 1.0, 0.0]);
/// assert_eq!(scales.apply(&Tensor::from([[4.0, 11.0]])).to_vec(), [2.0, 1.0]);
/// assert_eq!(scales.undo(&Tensor::from([[2.0, 1.0]])).to_vec(), [4.0, 11.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Standard<T: Real = f32> {
    /// The mean of each feature, `[…]` without the rows.
    pub mean: Tensor<T>,
    /// The standard deviation of each feature, 1 where it is 0.
    pub deviation: Tensor<T>,
}

impl<T: Real> Standard<T> {
    /// The scales of rows `[n, …]`.
    ///
    /// # Errors
    /// If there are no rows.
    #[track_caller]
    pub fn of(rows: &Tensor<T>) -> Result<Self, Error> {
        let shape = rows.shape();
        if shape.first().is_none_or(|&rows| rows == 0) {
            let help = "give at least one row to take the scales from";
            return Err(Error::value(format!("rows of shape {shape}"), help).during("Standard::of", []));
        }
        // Rounding can give a feature that never changes a tiny deviation; so that is asked of the numbers themselves.
        let constant = rows.max_axes(0).equal(&rows.min_axes(0));
        Ok(Standard { mean: rows.mean_axes(0), deviation: rows.std_axes(0, 0).masked_fill(&constant, 1.0) })
    }

    /// Rows on these scales.
    pub fn apply(&self, rows: &Tensor<T>) -> Tensor<T> {
        (rows - &self.mean) / &self.deviation
    }

    /// Rows back from these scales.
    pub fn undo(&self, rows: &Tensor<T>) -> Tensor<T> {
        rows * &self.deviation + &self.mean
    }
}
