//! Down by a factor at every step.

use super::{Schedule, checked};
use crate::optim::Range;

/// Down by a factor at every step: `η γᵗ`.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::Exponential;
/// let schedule = Exponential::new(1.0, 0.5);
/// assert_eq!([0, 1, 3].map(|step| schedule.rate(step)), [1.0, 0.5, 0.125]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    rate: f64,
    factor: f64,
}

impl Exponential {
    /// From `rate` down by `factor` at every step.
    ///
    /// # Panics
    /// If a number is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64, factor: f64) -> Self {
        Exponential {
            rate: checked("Exponential", "rate", rate, Range::NotNegative, 0.1),
            factor: checked("Exponential", "factor", factor, Range::NotNegative, 0.99),
        }
    }
}

impl Schedule for Exponential {
    fn rate(&self, step: u64) -> f64 {
        self.rate * self.factor.powf(step as f64)
    }
}
