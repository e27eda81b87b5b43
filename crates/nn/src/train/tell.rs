//! What a run says while it goes: a line an epoch, a progress bar, structured logs.

use super::history::EpochRecord;
use super::{Ended, TrainError};
use crate::watch::Watch;
use autograd::algebra::Real;
use std::path::Path;

/// What of an epoch is printed.
type Line<'a> = Box<dyn Fn(&EpochRecord) -> String + 'a>;

/// Says what there is to say, as far as it was asked to.
#[derive(Default)]
pub(super) struct Teller<'a> {
    /// A table's row, or a text of the user's own.
    pub(super) lines: Option<Option<Line<'a>>>,
    headed: bool,
    #[cfg(feature = "progress")]
    pub(super) bar: Option<indicatif::ProgressBar>,
}

impl Teller<'_> {
    /// A run begins, or goes on at a step, of so many in all as far as that is known.
    pub(super) fn start(&mut self, step: u64, steps: Option<u64>) {
        self.headed = false;
        #[cfg(feature = "progress")]
        if let Some(bar) = &mut self.bar {
            *bar = match steps {
                Some(steps) => indicatif::ProgressBar::new(steps),
                None => indicatif::ProgressBar::new_spinner(),
            };
            let template = match steps {
                Some(_) => "{bar:30} step {pos}/{len}, epoch {msg}, {eta} left",
                None => "{spinner} step {pos}, epoch {msg}, {elapsed}",
            };
            if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_position(step);
        }
        #[cfg(feature = "tracing")]
        tracing::info!(target: "nn::train", step, steps, "run");
        let _ = (step, steps);
    }

    pub(super) fn step(&self, epoch: u64, step: u64, loss: f64, rate: f64, gradient_norm: Option<f64>) {
        #[cfg(feature = "progress")]
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{epoch}, loss {loss:.4}"));
            bar.set_position(step);
        }
        #[cfg(feature = "tracing")]
        tracing::debug!(target: "nn::train", epoch, step, loss, rate, gradient_norm, "step");
        let _ = (epoch, step, loss, rate, gradient_norm);
    }

    pub(super) fn epoch(&mut self, record: &EpochRecord) {
        #[cfg(feature = "tracing")]
        {
            let values: std::collections::BTreeMap<_, _> =
                record.values.iter().map(|(name, value)| (name, value)).collect();
            let (loss, validation_loss) = (record.get("loss"), record.get("validation loss"));
            tracing::info!(target: "nn::train", epoch = record.epoch, step = record.step, loss, validation_loss, values = ?values, "epoch");
        }
        let text = match &self.lines {
            None => return,
            Some(Some(line)) => line(record),
            Some(None) if self.headed => record.to_string(),
            Some(None) => format!("{}\n{record}", record.heading()),
        };
        self.headed = true;
        self.print(&text);
    }

    pub(super) fn checkpoint(&self, step: u64, path: &Path) {
        #[cfg(feature = "tracing")]
        tracing::info!(target: "nn::train", step, path = %path.display(), "checkpoint");
        let _ = (step, path);
    }

    pub(super) fn end(&self, step: u64, ended: &Result<Ended, TrainError>) {
        #[cfg(feature = "progress")]
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        #[cfg(feature = "tracing")]
        match ended {
            Ok(reason) => tracing::info!(target: "nn::train", step, %reason, "end"),
            Err(error) => tracing::error!(target: "nn::train", step, %error, "end"),
        }
        let _ = (step, ended);
    }

    /// What a watch has found since it was asked last.
    pub(super) fn news<T: Real>(&self, watch: Option<&mut Watch<T>>) {
        watch.into_iter().flat_map(Watch::news).for_each(|seen| self.print(&seen.to_string()));
    }

    fn print(&self, text: &str) {
        #[cfg(feature = "progress")]
        if let Some(bar) = &self.bar {
            return bar.suspend(|| println!("{text}"));
        }
        println!("{text}");
    }
}
