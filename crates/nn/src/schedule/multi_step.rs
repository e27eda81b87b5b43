//! Down by a factor at given steps.

use super::{Schedule, checked};
use crate::optim::Range;

/// Down by a factor at each milestone: `η γᵏ`, with `k` milestones at or before `t`.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::MultiStep;
/// let schedule = MultiStep::new(1.0, [10, 15], 0.5);
/// assert_eq!([0, 9, 10, 15, 99].map(|step| schedule.rate(step)), [1.0, 1.0, 0.5, 0.25, 0.25]);
/// ```
#[derive(Clone, Debug)]
pub struct MultiStep {
    rate: f64,
    milestones: Vec<u64>,
    factor: f64,
}

impl MultiStep {
    /// From `rate` down by `factor` at each of the milestones, in any order; one that is named twice counts twice.
    ///
    /// # Panics
    /// If a number is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64, milestones: impl IntoIterator<Item = u64>, factor: f64) -> Self {
        MultiStep {
            rate: checked("MultiStep", "rate", rate, Range::NotNegative, 0.1),
            milestones: milestones.into_iter().collect(),
            factor: checked("MultiStep", "factor", factor, Range::NotNegative, 0.1),
        }
    }
}

impl Schedule for MultiStep {
    fn rate(&self, step: u64) -> f64 {
        let passed = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        self.rate * self.factor.powf(passed as f64)
    }
}
