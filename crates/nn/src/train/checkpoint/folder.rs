//! The checkpoints of a run in a folder: when to write one, which to keep.

use super::Checkpoint;
use crate::FileError;
use crate::file::{malformed, remove_half_written, unreadable};
use autograd::algebra::Real;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where a run writes its checkpoints, and when: after each epoch and at the end unless told otherwise. The last two are kept.
/// A folder is for one run.
///
/// ```
/// use nn::train::Checkpoints;
/// let _ = Checkpoints::in_folder("target/run").with_every_steps(100).with_keep(3).with_resume();
/// ```
#[derive(Clone, Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    steps: Option<u64>,
    epochs: Option<u64>,
    keep: usize,
    pub(in crate::train) resume: bool,
}

impl Checkpoints {
    /// In this folder, which is made if it is not there.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Checkpoints { folder: folder.into(), steps: None, epochs: Some(1), keep: 2, resume: false }
    }

    /// After every so many steps, in the place of after each epoch; 0 is never.
    pub fn with_every_steps(self, steps: u64) -> Self {
        Checkpoints { steps: Some(steps).filter(|&steps| steps > 0), epochs: None, ..self }
    }

    /// After every so many epochs; 0 is never.
    pub fn with_every_epochs(self, epochs: u64) -> Self {
        Checkpoints { epochs: Some(epochs).filter(|&epochs| epochs > 0), ..self }
    }

    /// Keeps the last so many, one at least.
    pub fn with_keep(self, keep: usize) -> Self {
        Checkpoints { keep: keep.max(1), ..self }
    }

    /// [`fit`](crate::train::Trainer::fit) goes on from the newest in the folder, where there is one: so a program that was
    /// stopped is just started again.
    pub fn with_resume(self) -> Self {
        Checkpoints { resume: true, ..self }
    }

    /// The newest checkpoint in the folder, if there is one.
    ///
    /// # Errors
    /// [`FileError`] if the folder cannot be read.
    pub fn latest(&self) -> Result<Option<PathBuf>, FileError> {
        Ok(self.all()?.pop().map(|(_, path)| path))
    }

    /// Removes what a process that was killed had half written: a folder is for one run at a time.
    pub(in crate::train) fn clear(&self) -> Result<(), FileError> {
        remove_half_written(&self.folder).map_err(|source| FileError::Unwritable {
            path: self.folder.clone(),
            source,
            help: "may one remove files here?".to_string(),
        })
    }

    /// A new run must not find the checkpoints of another one, which it would mix with its own.
    pub(in crate::train) fn refuse_others(&self) -> Result<(), FileError> {
        match self.latest()? {
            None => Ok(()),
            Some(path) => {
                let help = "go on from it, by `with_resume()` or `resume(…)`, or give a new run a folder of its own";
                Err(malformed(&path, "a new run would mix with the one that this checkpoint is of", help))
            }
        }
    }

    pub(in crate::train) fn is_due_at_step(&self, step: u64) -> bool {
        self.steps.is_some_and(|every| step.is_multiple_of(every))
    }

    pub(in crate::train) fn is_due_after_epoch(&self, epoch: u64) -> bool {
        self.epochs.is_some_and(|every| epoch.is_multiple_of(every))
    }

    /// Writes one, and removes those that are too many, the oldest first.
    pub(in crate::train) fn write<T: Real>(&self, checkpoint: &Checkpoint<T>) -> Result<PathBuf, FileError> {
        let step = checkpoint.position.step;
        let path = self.folder.join(format!("step-{step:09}.safetensors"));
        checkpoint.save(&path)?;
        let mut old: Vec<_> = self.all()?.into_iter().filter(|&(of, _)| of <= step).collect();
        old.truncate(old.len().saturating_sub(self.keep));
        for (_, path) in old {
            fs::remove_file(&path).or_else(|source| match source.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(FileError::Unwritable { path, source, help: "may one remove files here?".to_string() }),
            })?;
        }
        Ok(path)
    }

    /// All checkpoints in the folder with their steps, the oldest first.
    fn all(&self) -> Result<Vec<(u64, PathBuf)>, FileError> {
        let unreadable = |source| unreadable(&self.folder, source, "a folder of checkpoints is expected here");
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unreadable)?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            all.extend(step_of(&path).map(|step| (step, path)));
        }
        all.sort();
        Ok(all)
    }
}

/// The step in a checkpoint's name.
fn step_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("step-")?.strip_suffix(".safetensors")?.parse().ok()
}
