//! Up to a high rate and down to a very low one.

use super::cosine::half_wave;
use super::{Schedule, checked, some};
use crate::optim::Range;

/// One cycle over `n` steps: from `η/d` up to `η`, which is reached at step `q n − 1`, and down to `η/(d e)` at step `n − 1`;
/// between two heights along half a wave. With three phases it comes down to `η/d` first, as fast as it went up. Source:
/// Smith, Topin, 2018, in PyTorch's form.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::OneCycle;
/// let schedule = OneCycle::new(0.5, 100);
/// let rates = [0, 29, 99].map(|step| schedule.rate(step));
/// assert!((rates[0] - 0.5 / 25.0).abs() < 1e-15 && (rates[1] - 0.5).abs() < 1e-15 && rates[2] < 1e-5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OneCycle {
    most: f64,
    steps: u64,
    rise: f64,
    start: f64,
    end: f64,
    straight: bool,
    three: bool,
}

impl OneCycle {
    /// Up to the rate `most` and down again in `steps` steps. The rise takes 0.3 of them; `d` is 25 and `e` is 10⁴.
    ///
    /// # Panics
    /// If `steps` is 0, or `most` is negative or not finite.
    #[track_caller]
    pub fn new(most: f64, steps: u64) -> Self {
        let most = checked("OneCycle", "most", most, Range::NotNegative, 0.1);
        let steps = some("OneCycle", "steps", steps);
        OneCycle { most, steps, rise: 0.3, start: 25.0, end: 1e4, straight: false, three: false }
    }

    /// With `q`, the share of the steps in which the rate rises.
    ///
    /// # Panics
    /// If it is negative or not below 1.
    #[track_caller]
    pub fn with_rise(self, rise: f64) -> Self {
        OneCycle { rise: checked("OneCycle", "rise", rise, Range::Share, 0.3), ..self }
    }

    /// With `d`, what the highest rate is divided by at the start.
    ///
    /// # Panics
    /// If it is not positive and finite.
    #[track_caller]
    pub fn with_start_divisor(self, divisor: f64) -> Self {
        OneCycle { start: checked("OneCycle", "start_divisor", divisor, Range::Positive, 25.0), ..self }
    }

    /// With `e`, what the first rate is divided by at the end.
    ///
    /// # Panics
    /// If it is not positive and finite.
    #[track_caller]
    pub fn with_end_divisor(self, divisor: f64) -> Self {
        OneCycle { end: checked("OneCycle", "end_divisor", divisor, Range::Positive, 1e4), ..self }
    }

    /// Straight lines in the place of waves.
    pub fn with_lines(self) -> Self {
        OneCycle { straight: true, ..self }
    }

    /// Up, down as fast, then down to the last rate.
    pub fn with_three_phases(self) -> Self {
        OneCycle { three: true, ..self }
    }
}

impl Schedule for OneCycle {
    fn rate(&self, step: u64) -> f64 {
        let low = self.most / self.start;
        let (risen, last) = (self.rise * self.steps as f64 - 1.0, self.steps as f64 - 1.0);
        // Where each phase ends, in steps, and at which rate.
        let phases = match self.three {
            true => [(risen, self.most), (2.0 * risen, low), (last, low / self.end)],
            false => [(risen, self.most), (last, low / self.end), (last, low / self.end)],
        };
        let at = step as f64;
        let (mut begin, mut from) = (0.0, low);
        for (end, to) in phases {
            if at <= end {
                let share = if end > begin { (at - begin) / (end - begin) } else { 1.0 };
                return if self.straight { from + (to - from) * share } else { half_wave(from, to, share) };
            }
            (begin, from) = (end, to);
        }
        from
    }
}
