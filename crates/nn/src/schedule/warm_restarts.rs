//! Down along half a wave, again and again.

use super::cosine::half_wave;
use super::{Schedule, checked, some};
use crate::optim::Range;

/// [`Cosine`](super::Cosine) over cycles of `n`, `n m`, `n m²`, … steps, each of which begins at the full rate:
/// `η₀ + (η − η₀)(1 + cos(π s/nₖ))/2` at step `s` of a cycle of `nₖ`. Source: Loshchilov, Hutter, 2017.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::WarmRestarts;
/// let schedule = WarmRestarts::new(1.0, 2).with_growth(2);
/// let halves: Vec<u64> = (0..16).filter(|&step| (schedule.rate(step) - 0.5).abs() < 1e-15).collect();
/// assert_eq!(halves, [1, 4, 10]); // the middles of cycles of 2, 4 and 8 steps
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WarmRestarts {
    rate: f64,
    first: u64,
    growth: u64,
    least: f64,
}

impl WarmRestarts {
    /// From `rate` down to 0 in every `first` steps.
    ///
    /// # Panics
    /// If `first` is 0, or `rate` is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64, first: u64) -> Self {
        let rate = checked("WarmRestarts", "rate", rate, Range::NotNegative, 0.1);
        WarmRestarts { rate, first: some("WarmRestarts", "first", first), growth: 1, least: 0.0 }
    }

    /// Each cycle `m` times as long as the one before.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn with_growth(self, growth: u64) -> Self {
        WarmRestarts { growth: some("WarmRestarts", "growth", growth), ..self }
    }

    /// Down to `η₀`.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn with_least(self, least: f64) -> Self {
        WarmRestarts { least: checked("WarmRestarts", "least", least, Range::NotNegative, 0.0), ..self }
    }
}

impl Schedule for WarmRestarts {
    fn rate(&self, step: u64) -> f64 {
        let (mut at, mut length) = (step, self.first);
        if self.growth == 1 {
            at %= length;
        }
        // A cycle doubles at least, so there are few.
        while at >= length {
            at -= length;
            length = length.saturating_mul(self.growth);
        }
        half_wave(self.rate, self.least, at as f64 / length as f64)
    }
}
