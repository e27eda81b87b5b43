//! Ending a run that does not become better.

use autograd::Error;
use autograd::Tensor;
use autograd::algebra::Real;
use std::collections::BTreeMap;

/// Ends a run when what is monitored has not become better for some epochs; the weights of the best epoch are brought back.
/// Source: Prechelt, Early stopping, but when?, 1998.
///
/// ```
/// use nn::train::EarlyStopping;
/// let _ = EarlyStopping::new(5).with_least_change(1e-3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    patience: u64,
    least_change: f64,
    larger: bool,
    keeps_last: bool,
}

impl EarlyStopping {
    /// After `patience` epochs in a row that are not better than the best.
    pub fn new(patience: u64) -> Self {
        EarlyStopping { patience, least_change: 0.0, larger: false, keeps_last: false }
    }

    /// Only what is better by more than this counts as better.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn with_least_change(self, least_change: f64) -> Self {
        match crate::optim::Range::NotNegative.check("least_change", least_change, 0.0) {
            Ok(least_change) => EarlyStopping { least_change, ..self },
            Err(error) => error.raise("EarlyStopping"),
        }
    }

    /// Larger is better: for an accuracy in the place of a loss.
    pub fn with_larger_better(self) -> Self {
        EarlyStopping { larger: true, ..self }
    }

    /// Leaves the weights as they are at the end, instead of bringing back the best.
    pub fn with_last_weights(self) -> Self {
        EarlyStopping { keeps_last: true, ..self }
    }

    pub(super) fn restores(&self) -> bool {
        !self.keeps_last
    }

    pub(super) fn is_over<T: Real>(&self, best: &Best<T>) -> bool {
        best.bad >= self.patience.max(1)
    }

    /// Takes note of an epoch; `weights` are those at its end. What is not a number is not better.
    pub(super) fn report<T: Real>(
        &self,
        best: &mut Option<Best<T>>,
        epoch: u64,
        measure: f64,
        weights: impl FnOnce() -> BTreeMap<String, Tensor<T>>,
    ) {
        let better = best.as_ref().is_none_or(|best| match self.larger {
            _ if best.measure.is_nan() => !measure.is_nan(),
            false => measure < best.measure - self.least_change,
            true => measure > best.measure + self.least_change,
        });
        match best {
            Some(best) if !better => best.bad += 1,
            _ => {
                let weights = if self.keeps_last { BTreeMap::new() } else { weights() };
                *best = Some(Best { epoch, measure, bad: 0, weights });
            }
        }
    }
}

/// The best epoch so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Best<T: Real = f32> {
    /// Which epoch, from 1.
    pub epoch: u64,
    /// What was monitored then.
    pub measure: f64,
    /// How many epochs have passed since then.
    pub bad: u64,
    /// The parameters and statistics then, by path; empty if they are not to be brought back.
    pub weights: BTreeMap<String, Tensor<T>>,
}

/// Says which columns there are to monitor.
#[cold]
#[track_caller]
pub(super) fn unknown(name: &str, columns: &[String]) -> Error {
    let known = columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Error::value(format!("`{name}` is to be monitored, and epochs have {known}"), "give one of these names")
        .during("Trainer", [])
}
