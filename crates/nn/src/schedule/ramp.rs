//! Straight up or down; warm-up.

use super::{Schedule, checked, some};
use crate::optim::Range;

/// A straight line from one share of the rate to another in `n` steps, and then on at that height:
/// `η (a + (b − a) min(t, n)/n)`.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::Ramp;
/// let down = Ramp::new(0.5, 1.0, 0.5, 4);
/// assert_eq!([0, 2, 4, 9].map(|step| down.rate(step)), [0.5, 0.375, 0.25, 0.25]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    rate: f64,
    from: f64,
    to: f64,
    steps: u64,
}

impl Ramp {
    /// From `rate · from` to `rate · to` in `steps` steps.
    ///
    /// # Panics
    /// If a number is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64, from: f64, to: f64, steps: u64) -> Self {
        Ramp {
            rate: checked("Ramp", "rate", rate, Range::NotNegative, 0.1),
            from: checked("Ramp", "from", from, Range::NotNegative, 0.1),
            to: checked("Ramp", "to", to, Range::NotNegative, 1.0),
            steps,
        }
    }

    /// Linear warm-up: `η (t + 1)/n` for the first `n` steps, then `η`. So the first step moves, and the last of the `n`
    /// has the full rate. Source: Goyal and others, 2017, section 2.2.
    ///
    /// # Panics
    /// If `steps` is 0, or `rate` is negative or not finite.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::schedule::Ramp;
    /// let schedule = Ramp::warm_up(1.0, 4);
    /// assert_eq!([0, 1, 3, 9].map(|step| schedule.rate(step)), [0.25, 0.5, 1.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn warm_up(rate: f64, steps: u64) -> Self {
        let steps = some("Ramp::warm_up", "steps", steps);
        Ramp::new(rate, 1.0 / steps as f64, 1.0, steps - 1)
    }
}

impl Schedule for Ramp {
    fn rate(&self, step: u64) -> f64 {
        if step >= self.steps {
            return self.rate * self.to;
        }
        self.rate * (self.from + (self.to - self.from) * (step as f64 / self.steps as f64))
    }
}
