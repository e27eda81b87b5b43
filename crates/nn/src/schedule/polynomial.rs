//! Down to 0 as a power of the steps that are left.

use super::{Schedule, checked, some};
use crate::optim::Range;

/// Down to 0 in `n` steps, as a power of the steps that are left: `η (1 − min(t, n)/n)^q`. A power of 1 is a straight line.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::Polynomial;
/// let schedule = Polynomial::new(1.0, 4, 2.0);
/// assert_eq!([0, 2, 4, 9].map(|step| schedule.rate(step)), [1.0, 0.25, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Polynomial {
    rate: f64,
    steps: u64,
    power: f64,
}

impl Polynomial {
    /// From `rate` down to 0 in `steps` steps.
    ///
    /// # Panics
    /// If `steps` is 0, `rate` is negative, `power` is not positive, or one is not finite.
    #[track_caller]
    pub fn new(rate: f64, steps: u64, power: f64) -> Self {
        Polynomial {
            rate: checked("Polynomial", "rate", rate, Range::NotNegative, 0.1),
            steps: some("Polynomial", "steps", steps),
            power: checked("Polynomial", "power", power, Range::Positive, 1.0),
        }
    }
}

impl Schedule for Polynomial {
    fn rate(&self, step: u64) -> f64 {
        let left = self.steps.saturating_sub(step) as f64 / self.steps as f64;
        self.rate * left.powf(self.power)
    }
}
