//! Down by a factor at every so many steps.

use super::{Schedule, checked, some};
use crate::optim::Range;

/// Down by a factor at every `n` steps: `η γ^⌊t/n⌋`.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::Step;
/// let schedule = Step::new(1.0, 10, 0.5);
/// assert_eq!([0, 9, 10, 25].map(|step| schedule.rate(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Step {
    rate: f64,
    every: u64,
    factor: f64,
}

impl Step {
    /// From `rate` down by `factor` at every `every` steps.
    ///
    /// # Panics
    /// If `every` is 0, or a number is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64, every: u64, factor: f64) -> Self {
        Step {
            rate: checked("Step", "rate", rate, Range::NotNegative, 0.1),
            every: some("Step", "every", every),
            factor: checked("Step", "factor", factor, Range::NotNegative, 0.1),
        }
    }
}

impl Schedule for Step {
    fn rate(&self, step: u64) -> f64 {
        self.rate * self.factor.powf((step / self.every) as f64)
    }
}
