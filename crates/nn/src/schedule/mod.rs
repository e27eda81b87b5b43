//! Schedules: the learning rate of each step.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Schedule`]: the rate of a step; any function is one |
//! | `compose.rs` | [`Then`], one after another; [`Times`], one times another |
//! | `step.rs`, `multi_step.rs` | [`Step`], [`MultiStep`]: down at every so many steps, or at given ones |
//! | `exponential.rs`, `polynomial.rs` | [`Exponential`], [`Polynomial`] |
//! | `ramp.rs` | [`Ramp`]: straight up or down; warm-up |
//! | `cosine.rs`, `warm_restarts.rs` | [`Cosine`], [`WarmRestarts`] |
//! | `one_cycle.rs` | [`OneCycle`] |
//! | `plateau.rs` | [`ReduceOnPlateau`], which goes by a measure of the run |
//!
//! A schedule is a function of the number of the step and remembers nothing, so a run that is stopped goes on at its step;
//! the only one that has a state is [`ReduceOnPlateau`]. Steps count from 0, in whatever unit: updates or epochs. Names are
//! alike: `η` the rate that a schedule is made with, `t` the step, `γ` a factor.
//!
//! ```
//! use nn::prelude::*;
//! use nn::schedule::{Cosine, Ramp};
//! let mut p = Param::new(Tensor::from([1.0_f64]));
//! let mut optimizer = Sgd::new(0.1);
//! let schedule = Ramp::warm_up(0.1, 5).then(5, Cosine::new(0.1, 45));
//! for step in 0..50 {
//!     optimizer.set_learning_rate(schedule.rate(step));
//!     let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
//!     optimizer.step(&mut p, &gradients);
//! }
//! assert!(p.value().item().abs() < 0.01);
//! ```

mod compose;
mod cosine;
mod exponential;
mod multi_step;
mod one_cycle;
mod plateau;
mod polynomial;
mod ramp;
mod step;
mod warm_restarts;

pub use compose::{Then, Times};
pub use cosine::Cosine;
pub use exponential::Exponential;
pub use multi_step::MultiStep;
pub use one_cycle::OneCycle;
pub use plateau::{PlateauState, ReduceOnPlateau, Threshold};
pub use polynomial::Polynomial;
pub use ramp::Ramp;
pub use step::Step;
pub use warm_restarts::WarmRestarts;

use crate::optim::Range;
use autograd::Error;

/// The learning rate of each step. Any function of the step is one.
///
/// ```
/// use nn::prelude::*;
/// let inverse_root = |step: u64| 0.1 / (1.0 + step as f64).sqrt();
/// assert_eq!(inverse_root.rate(99), 0.01);
/// ```
pub trait Schedule {
    /// The rate of step `step`, from 0.
    fn rate(&self, step: u64) -> f64;

    /// This schedule for the first `steps` steps, then the `next` one, whose steps begin at 0 there. More may follow:
    /// `a.then(10, b).then(30, c)` changes at steps 10 and 30.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::schedule::{Exponential, Ramp};
    /// let schedule = Ramp::warm_up(0.5, 4).then(4, Exponential::new(0.5, 0.5));
    /// let rates: Vec<f64> = (0..6).map(|step| schedule.rate(step)).collect();
    /// assert_eq!(rates, [0.125, 0.25, 0.375, 0.5, 0.5, 0.25]);
    /// ```
    fn then<S: Schedule>(self, steps: u64, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then { first: self, steps, next }
    }

    /// The product with another schedule of the same steps, of rate 1 at its height.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::schedule::{Exponential, Ramp};
    /// let schedule = Exponential::new(0.5, 0.5).times(Ramp::warm_up(1.0, 2));
    /// assert_eq!([0, 1, 2].map(|step| schedule.rate(step)), [0.25, 0.25, 0.125]);
    /// ```
    fn times<S: Schedule>(self, factor: S) -> Times<Self, S>
    where
        Self: Sized,
    {
        Times { schedule: self, factor }
    }
}

impl<F: Fn(u64) -> f64> Schedule for F {
    fn rate(&self, step: u64) -> f64 {
        self(step)
    }
}

/// A setting in its range, or a panic with a text at the caller's line.
#[track_caller]
fn checked(schedule: &'static str, setting: &str, value: f64, range: Range, usual: f64) -> f64 {
    range.check(setting, value, usual).unwrap_or_else(|error| error.raise(schedule))
}

/// A number of steps that is not 0.
#[track_caller]
fn some(schedule: &'static str, setting: &str, steps: u64) -> u64 {
    if steps == 0 {
        return Error::value(format!("`{setting}` is 0"), "give the number of steps, from 1").raise(schedule);
    }
    steps
}
