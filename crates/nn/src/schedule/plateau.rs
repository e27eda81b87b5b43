//! Down when a measure of the run no longer gets better.

use super::checked;
use crate::optim::Range;
use autograd::Error;

/// How much better counts as better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// By this share of the best so far: `m < best (1 − θ)`, or `m > best (1 + θ)` where larger is better.
    Relative(f64),
    /// By this much: `m < best − θ`, or `m > best + θ`.
    Absolute(f64),
}

/// Down by a factor `γ` when a measure has not become better for more than `patience` reports; then it waits `cooldown`
/// reports before it counts again.
///
/// ```
/// use nn::prelude::*;
/// use nn::schedule::ReduceOnPlateau;
/// let mut plateau = ReduceOnPlateau::new(0.1).with_factor(0.5).with_patience(1);
/// let rates: Vec<f64> = [3.0, 2.0, 2.0, 2.0, 2.0].map(|loss| plateau.report(loss)).into();
/// assert_eq!(rates, [0.1, 0.1, 0.1, 0.05, 0.05]);
///
/// let state = plateau.state(); // for a checkpoint
/// let mut resumed = ReduceOnPlateau::new(0.1).with_factor(0.5).with_patience(1);
/// resumed.load_state(state)?;
/// assert_eq!(resumed.report(2.0), plateau.report(2.0));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReduceOnPlateau {
    factor: f64,
    patience: u64,
    threshold: Threshold,
    larger: bool,
    cooldown: u64,
    least: f64,
    state: PlateauState,
}

/// What [`ReduceOnPlateau`] remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateauState {
    /// The rate now.
    pub rate: f64,
    /// The best measure so far; infinite at first.
    pub best: f64,
    /// For how many reports it has not become better.
    pub bad: u64,
    /// How many reports are left of waiting.
    pub cooling: u64,
}

impl ReduceOnPlateau {
    /// From `rate` down by 0.1 after more than 10 reports that are not smaller by a ten-thousandth than the best; without
    /// waiting, down to 0.
    ///
    /// # Panics
    /// If `rate` is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        let rate = checked("ReduceOnPlateau", "rate", rate, Range::NotNegative, 0.1);
        let state = PlateauState { rate, best: f64::INFINITY, bad: 0, cooling: 0 };
        let threshold = Threshold::Relative(1e-4);
        ReduceOnPlateau { factor: 0.1, patience: 10, threshold, larger: false, cooldown: 0, least: 0.0, state }
    }

    /// Down by the factor `γ`.
    ///
    /// # Panics
    /// If it is negative or not below 1.
    #[track_caller]
    pub fn with_factor(self, factor: f64) -> Self {
        ReduceOnPlateau { factor: checked("ReduceOnPlateau", "factor", factor, Range::Share, 0.1), ..self }
    }

    /// After more than so many reports that are not better.
    pub fn with_patience(self, patience: u64) -> Self {
        ReduceOnPlateau { patience, ..self }
    }

    /// How much better counts as better.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn with_threshold(self, threshold: Threshold) -> Self {
        let (Threshold::Relative(by) | Threshold::Absolute(by)) = threshold;
        checked("ReduceOnPlateau", "threshold", by, Range::NotNegative, 1e-4);
        ReduceOnPlateau { threshold, ..self }
    }

    /// Larger is better: for an accuracy in the place of a loss.
    pub fn with_larger_better(mut self) -> Self {
        self.larger = true;
        self.state.best = f64::NEG_INFINITY;
        self
    }

    /// After each reduction so many reports do not count.
    pub fn with_cooldown(self, cooldown: u64) -> Self {
        ReduceOnPlateau { cooldown, ..self }
    }

    /// Never below this rate.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn with_least(self, least: f64) -> Self {
        ReduceOnPlateau { least: checked("ReduceOnPlateau", "least", least, Range::NotNegative, 0.0), ..self }
    }

    /// The rate now.
    pub fn rate(&self) -> f64 {
        self.state.rate
    }

    /// Reports the measure of a step or an epoch, and returns the rate of the next. What is not a number is not better.
    pub fn report(&mut self, measure: f64) -> f64 {
        let state = &mut self.state;
        let better = match (self.threshold, self.larger) {
            (Threshold::Relative(by), false) => measure < state.best * (1.0 - by),
            (Threshold::Absolute(by), false) => measure < state.best - by,
            (Threshold::Relative(by), true) => measure > state.best * (1.0 + by),
            (Threshold::Absolute(by), true) => measure > state.best + by,
        };
        if better {
            state.best = measure;
        }
        state.bad = if better { 0 } else { state.bad + 1 };
        if state.cooling > 0 {
            state.cooling -= 1;
            state.bad = 0;
        }
        if state.bad > self.patience {
            state.rate = state.rate.min((state.rate * self.factor).max(self.least));
            (state.bad, state.cooling) = (0, self.cooldown);
        }
        state.rate
    }

    /// What it remembers: four numbers, for a checkpoint.
    pub fn state(&self) -> PlateauState {
        self.state
    }

    /// Brings back what [`state`](ReduceOnPlateau::state) gave.
    ///
    /// # Errors
    /// If the rate is negative or not finite, or the best is not a number.
    pub fn load_state(&mut self, state: PlateauState) -> Result<(), Error> {
        Range::NotNegative.check("rate", state.rate, 0.1).map_err(|error| error.during("ReduceOnPlateau", []))?;
        if state.best.is_nan() {
            return Err(Error::value("`best` is NaN", "the state is damaged").during("ReduceOnPlateau", []));
        }
        self.state = state;
        Ok(())
    }
}
