//! What a run was like: losses and rates of every step, losses and metrics of every epoch, as a value.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`History`], its records and curves, the table in print |
//! | `csv.rs` | a row a step, in text that any table program reads |
//! | `json.rs` | the same as JSON; numbers that are not finite |
//! | `plot.rs` | curves as a picture, under the feature `plot` |

mod csv;
pub(super) mod json;
#[cfg(feature = "plot")]
mod plot;

use autograd::Error;
use json::Number;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a run was like. It prints as a table of its epochs.
///
/// ```
/// use nn::train::History;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.csv");
/// let mut history = History::default();
/// for (step, loss) in [(1, 0.75), (2, 0.5), (3, 0.25), (4, 0.5)] {
///     history.add_step((step + 1) / 2, loss, 0.1, None);
/// }
/// assert_eq!(history.step_curve("loss"), [(1, 0.75), (2, 0.5), (3, 0.25), (4, 0.5)]);
/// history.save_csv(&path).unwrap();
/// assert_eq!(History::load_csv(&path).unwrap(), history);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Every step of the optimizer, in order.
    pub steps: Vec<StepRecord>,
    /// Every epoch, in order.
    pub epochs: Vec<EpochRecord>,
}

/// A step of the optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Its number, from 1.
    pub step: u64,
    /// The epoch that it was made in, from 1.
    pub epoch: u64,
    /// The loss that its gradients are of.
    #[serde(with = "json::number")]
    pub loss: f64,
    /// Its learning rate.
    #[serde(with = "json::number")]
    pub rate: f64,
    /// The norm of all gradients together before they were clipped, where they are clipped by it.
    #[serde(with = "json::optional")]
    pub gradient_norm: Option<f64>,
}

/// An epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Its number, from 1.
    pub epoch: u64,
    /// The number of the last step in it.
    pub step: u64,
    /// `loss`, the mean over the epoch's rows as they were learned from; and what was measured at its end: `validation loss`,
    /// and metrics by their names, of the validation set with `validation ` before them.
    #[serde(with = "json::named")]
    pub values: Vec<(String, f64)>,
}

impl EpochRecord {
    /// A value by its name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|(known, _)| known == name).map(|&(_, value)| value)
    }
}

impl History {
    /// Notes a step, of this epoch, from 1.
    pub fn add_step(&mut self, epoch: u64, loss: f64, rate: f64, gradient_norm: Option<f64>) {
        let step = self.steps.len() as u64 + 1;
        self.steps.push(StepRecord { step, epoch, loss, rate, gradient_norm });
    }

    /// Notes that an epoch is over, with what was measured. It belongs to the last step.
    ///
    /// # Panics
    /// If there is no step yet.
    #[track_caller]
    pub fn add_epoch(&mut self, values: Vec<(String, f64)>) {
        let Some(last) = self.steps.last() else {
            return Error::value("an epoch without steps", "add its steps first, with `add_step`").raise("add_epoch");
        };
        self.epochs.push(EpochRecord { epoch: last.epoch, step: last.step, values });
    }

    /// A curve over the steps, as (step, value): of `loss`, `rate` or `gradient norm`.
    pub fn step_curve(&self, name: &str) -> Vec<(u64, f64)> {
        let value = |record: &StepRecord| match name {
            "loss" => Some(record.loss),
            "rate" => Some(record.rate),
            "gradient norm" => record.gradient_norm,
            _ => None,
        };
        self.steps.iter().filter_map(|record| value(record).map(|value| (record.step, value))).collect()
    }

    /// A curve over the epochs, as (the last step of the epoch, value).
    pub fn epoch_curve(&self, name: &str) -> Vec<(u64, f64)> {
        self.epochs.iter().filter_map(|record| record.get(name).map(|value| (record.step, value))).collect()
    }

    /// The names of what was measured of epochs, in the order of the first that has it.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.epochs.iter().flat_map(|record| &record.values) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, record) in self.epochs.iter().enumerate() {
            if number == 0 {
                writeln!(f, "{}", record.heading())?;
            }
            writeln!(f, "{record}")?;
        }
        Ok(())
    }
}

impl EpochRecord {
    /// The names over what it prints as.
    pub fn heading(&self) -> String {
        let names = self.values.iter().map(|(name, _)| format!("  {name:>8}")).collect::<String>();
        format!("epoch    step{names}")
    }
}

/// The values in columns as wide as their names, as far as five digits tell them.
impl fmt::Display for EpochRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>5} {:>7}", self.epoch, self.step)?;
        self.values.iter().try_for_each(|(name, value)| {
            write!(f, "  {:>width$}", Number(*value).short(), width = name.chars().count().max(8))
        })
    }
}
