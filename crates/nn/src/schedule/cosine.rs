//! Down along half a wave.

use super::{Schedule, checked, some};
use crate::optim::Range;
use std::f64::consts::PI;

/// Down along half a wave in `n` steps: `η₀ + (η − η₀)(1 + cos(π t/n))/2`. Behind `n` it goes up again, as the wave does; give
/// it as many steps as it is used for. Source: Loshchilov, Hutter, 2017.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::Cosine;
/// let schedule = Cosine::new(1.0, 10).with_least(0.5);
/// let rates = [0, 5, 10].map(|step| schedule.rate(step));
/// assert!(rates[0] == 1.0 && (rates[1] - 0.75).abs() < 1e-15 && rates[2] == 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Cosine {
    rate: f64,
    steps: u64,
    least: f64,
}

impl Cosine {
    /// From `rate` down to 0 in `steps` steps.
    ///
    /// # Panics
    /// If `steps` is 0, or `rate` is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64, steps: u64) -> Self {
        let rate = checked("Cosine", "rate", rate, Range::NotNegative, 0.1);
        Cosine { rate, steps: some("Cosine", "steps", steps), least: 0.0 }
    }

    /// Down to `η₀`.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn with_least(self, least: f64) -> Self {
        Cosine { least: checked("Cosine", "least", least, Range::NotNegative, 0.0), ..self }
    }
}

impl Schedule for Cosine {
    fn rate(&self, step: u64) -> f64 {
        half_wave(self.rate, self.least, step as f64 / self.steps as f64)
    }
}

/// From one height to another along half a wave, at a share of the way.
pub(super) fn half_wave(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * share).cos()) / 2.0
}
