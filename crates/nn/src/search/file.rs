//! Trials in a file: a line of JSON that says which study it is, then one for each trial as it was done. What is not yet a whole
//! line was cut off by whatever ended the program, and is forgotten.

use super::{Space, Trial};
use crate::FileError;
use crate::file::{malformed, unreadable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file of trials that is open.
pub(super) struct Record {
    path: PathBuf,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Line {
    trial: usize,
    at: Vec<f64>,
    /// Nothing if the trial failed; infinities are told by `unbounded`, since JSON has none.
    loss: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unbounded: Option<bool>,
    /// For people who read the file.
    settings: BTreeMap<String, String>,
}

impl Record {
    /// Opens the file of a study, or begins it; with the trials that are in it.
    pub(super) fn open(
        path: &Path,
        study: &[(&str, String)],
        space: &Space,
    ) -> Result<(Self, BTreeMap<usize, Trial>), FileError> {
        let unwritable = |source| unwritable(path, source);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut record = Record { path: path.into(), file: options().map_err(unwritable)? };
        let text = fs::read_to_string(path).map_err(|source| unreadable(path, source, "is it a file of trials?"))?;
        let own: BTreeMap<&str, &str> = study.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let head = serde_json::to_string(&own).map_err(|error| unwritable(error.into()))?;
        if head.starts_with(&text) {
            record.file.set_len(0).map_err(unwritable)?;
            record.append(&own)?;
            return Ok((record, BTreeMap::new()));
        }
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines().enumerate();
        let first = lines.next().map_or(text.as_str(), |(_, first)| first);
        let other: BTreeMap<String, String> =
            serde_json::from_str(first).map_err(|error| malformed(path, error.to_string(), FRESH))?;
        for (name, value) in &own {
            let then = other.get(*name).map_or("nothing", String::as_str);
            if then != *value {
                let problem = format!("of another study: {name} `{then}` there, `{value}` here");
                return Err(malformed(path, problem, FRESH));
            }
        }
        let mut known = BTreeMap::new();
        for (number, line) in lines {
            let wrong = |problem: String| malformed(path, format!("line {}: {problem}", number + 1), FRESH);
            let line: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            let fits = line.at.len() == space.len() && line.at.iter().all(|place| (0.0..=1.0).contains(place));
            if !fits {
                return Err(wrong(format!("places {:?} for {} settings, each from 0 to 1", line.at, space.len())));
            }
            let loss = match line.unbounded {
                Some(true) => f64::INFINITY,
                Some(false) => f64::NEG_INFINITY,
                None => line.loss.unwrap_or(f64::NAN),
            };
            known.insert(line.trial, Trial { number: line.trial, at: line.at, loss });
        }
        record.file.set_len(whole as u64).map_err(unwritable)?;
        record.file.seek(SeekFrom::End(0)).map_err(unwritable)?;
        Ok((record, known))
    }

    /// Adds a trial.
    pub(super) fn note(&mut self, trial: &Trial, space: &Space) -> Result<(), FileError> {
        self.append(&Line {
            trial: trial.number,
            at: trial.at.clone(),
            loss: trial.loss.is_finite().then_some(trial.loss),
            unbounded: trial.loss.is_infinite().then_some(trial.loss > 0.0),
            settings: space.described(&trial.at).into_iter().collect(),
        })
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), FileError> {
        let text = serde_json::to_string(line).map_err(io::Error::from);
        let written = text.and_then(|text| self.file.write_all(format!("{text}\n").as_bytes()));
        written.map_err(|source| unwritable(&self.path, source))
    }
}

const FRESH: &str = "give a study a file of its own, or remove this one to begin again";

fn unwritable(path: &Path, source: io::Error) -> FileError {
    let help = "trials that are in it stay there; is there space, and may one write here?".to_string();
    FileError::Unwritable { path: path.into(), source, help }
}
