//! The history as a table in text: a row a step. What is known of an epoch stands in the row of its last step, under its name
//! with `epoch ` before it.

use super::{EpochRecord, History, StepRecord};
use crate::FileError;
use crate::file::{malformed, read, write_atomically};
use std::path::Path;

/// The columns of a step.
const STEP: [&str; 5] = ["step", "epoch", "loss", "rate", "gradient norm"];
/// As short as it is exact.
fn text(number: f64) -> String {
    format!("{number:?}")
}

/// Before the name of what is known of an epoch.
const EPOCH: &str = "epoch ";

impl History {
    /// Writes it as CSV: the columns `step`, `epoch`, `loss`, `rate`, `gradient norm`, and for what was measured of epochs
    /// `epoch loss`, `epoch validation loss`, …, filled in the row of an epoch's last step. The numbers are exact.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn save_csv(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        let path = path.as_ref();
        let names = self.names();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let heading = STEP.iter().map(|name| name.to_string()).chain(names.iter().map(|name| format!("{EPOCH}{name}")));
        let mut written = writer.write_record(heading);
        let mut epochs = self.epochs.iter().peekable();
        for step in &self.steps {
            let norm = step.gradient_norm.map(text).unwrap_or_default();
            let own = [step.step.to_string(), step.epoch.to_string(), text(step.loss), text(step.rate), norm];
            let epoch = epochs.next_if(|epoch| epoch.step == step.step);
            let value = |name: &&str| epoch.and_then(|epoch| epoch.get(name)).map(text);
            let row = own.into_iter().chain(names.iter().map(|name| value(name).unwrap_or_default()));
            written = written.and_then(|()| writer.write_record(row));
        }
        let text =
            written.map_err(|error| error.to_string()).and_then(|()| writer.into_inner().map_err(|e| e.to_string()));
        let text = text.map_err(|error| malformed(path, error, "this is an error of the library"))?;
        write_atomically(path, &text)
    }

    /// Reads what [`save_csv`](History::save_csv) wrote.
    ///
    /// # Errors
    /// [`FileError`] if the file cannot be read or is not one; it names the row.
    pub fn load_csv(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = read(path, "the history of a run, as `save_csv` writes it, is expected here")?;
        let wrong = |problem: String| malformed(path, problem, "give a file that `save_csv` wrote");
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let heading = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
        if !heading.iter().take(STEP.len()).eq(STEP) {
            return Err(wrong(format!("the first columns are not {}", STEP.join(", "))));
        }
        let names: Vec<&str> = heading.iter().skip(STEP.len()).map(|name| name.trim_start_matches(EPOCH)).collect();
        let mut history = History::default();
        for (row, record) in reader.records().enumerate() {
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let number = |column: usize| -> Result<Option<f64>, FileError> {
                match record.get(column).unwrap_or_default() {
                    "" => Ok(None),
                    text => text.parse().map(Some).map_err(|_| {
                        wrong(format!("row {}: `{text}` under `{}` is not a number", row + 2, &heading[column]))
                    }),
                }
            };
            let given = |column: usize| {
                number(column)?.ok_or_else(|| wrong(format!("row {} has no `{}`", row + 2, STEP[column])))
            };
            let step = StepRecord {
                step: given(0)? as u64,
                epoch: given(1)? as u64,
                loss: given(2)?,
                rate: given(3)?,
                gradient_norm: number(4)?,
            };
            let mut values = Vec::new();
            for (place, name) in names.iter().enumerate() {
                values.extend(number(STEP.len() + place)?.map(|value| (name.to_string(), value)));
            }
            if !values.is_empty() {
                history.epochs.push(EpochRecord { epoch: step.epoch, step: step.step, values });
            }
            history.steps.push(step);
        }
        Ok(history)
    }
}
