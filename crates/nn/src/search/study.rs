//! A study: trials, one batch after the other.

use super::file::Record;
use super::{Sampler, Setting, Space};
use crate::FileError;
use autograd::{Error, Key};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Settings that are tried, and what came of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Which trial of its study, from 0.
    pub number: usize,
    /// Where each setting is along its axis, from 0 to 1.
    pub at: Vec<f64>,
    /// What is to be small; not a number while it is not known, or if the trial failed.
    pub loss: f64,
}

impl Trial {
    /// The value of a setting.
    ///
    /// # Panics
    /// If the setting is of another space, which has more of them.
    #[track_caller]
    pub fn get<V>(&self, setting: &Setting<V>) -> V {
        match self.at.get(setting.axis) {
            Some(&at) => (setting.value)(at),
            None => Error::value(
                format!("the trial has {} settings, and was asked for number {}", self.at.len(), setting.axis + 1),
                "ask for the settings of the space that the study was made for",
            )
            .raise("trial"),
        }
    }
}

/// What a study came to.
///
/// ```
/// use nn::search::{Random, Space, Study};
/// let mut space = Space::new();
/// let x = space.linear("x", -1.0..=1.0);
/// let found = Study::new(&space, Random, 0).minimize(50, |trial| trial.get(&x).abs())?;
/// assert_eq!(found.best().unwrap().loss, found.curve()[49]);
/// assert!(found.curve().is_sorted_by(|before, after| before >= after));
/// # Ok::<(), nn::FileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Found {
    /// All trials in order.
    pub trials: Vec<Trial>,
}

impl Found {
    /// The trial of the smallest loss; the first of them if there are several; `None` if none succeeded.
    pub fn best(&self) -> Option<&Trial> {
        self.trials.iter().filter(|trial| !trial.loss.is_nan()).min_by(|a, b| a.loss.total_cmp(&b.loss))
    }

    /// The smallest loss of the trials up to each; not a number before the first that succeeded.
    pub fn curve(&self) -> Vec<f64> {
        let mut best = f64::NAN;
        let so_far = |trial: &Trial| {
            best = best.min(trial.loss);
            best
        };
        self.trials.iter().map(so_far).collect()
    }
}

/// Runs trials that a sampler proposes.
///
/// Trials run side by side in batches: a sampler knows the losses of the batches before, and of its own batch what is being
/// tried. So a study is a function of its space, sampler, seed and batch size, whatever the number of threads and whichever
/// trial is done first; and with a [file](Study::with_file) one that was stopped goes on to the same end.
///
/// ```
/// use nn::search::{Random, Space, Study};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("trials.jsonl");
/// let mut space = Space::new();
/// let x = space.linear("x", -1.0..=1.0);
/// let mut study = Study::new(&space, Random, 3).with_batch(4).with_file(&path);
/// study.minimize(10, |trial| trial.get(&x).powi(2))?;
/// // Later: ten trials are known, ten more are made.
/// let found = study.minimize(20, |trial| trial.get(&x).powi(2))?;
/// assert_eq!(found.trials.len(), 20);
/// # Ok::<(), nn::FileError>(())
/// ```
pub struct Study<'a, S> {
    space: &'a Space,
    sampler: S,
    seed: u64,
    batch: usize,
    threads: Option<usize>,
    file: Option<PathBuf>,
}

impl<'a, S: Sampler> Study<'a, S> {
    /// A study of a space, whose random numbers come from a seed; in batches of 4.
    pub fn new(space: &'a Space, sampler: S, seed: u64) -> Self {
        Study { space, sampler, seed, batch: 4, threads: None, file: None }
    }

    /// In batches of so many trials: more run side by side, and each knows less.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn with_batch(mut self, batch: usize) -> Self {
        assert!(batch > 0, "Study: batches of 0 trials: give at least 1");
        self.batch = batch;
        self
    }

    /// On so many threads, instead of as many as there are cores, and never more than trials in a batch.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Notes each trial in this file as soon as it is done, and begins with those that are in it.
    pub fn with_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Makes trials until there are so many, or the sampler has no more. A loss that is not a number says that the trial failed.
    ///
    /// # Errors
    /// If the file cannot be read or written, or is of another study.
    ///
    /// # Panics
    /// If the objective does, once the trials that run beside it are done and noted.
    pub fn minimize(&mut self, trials: usize, objective: impl Fn(&Trial) -> f64 + Sync) -> Result<Found, FileError> {
        let (record, known) = match &self.file {
            Some(path) => {
                let (record, known) = Record::open(path, &self.describe(), self.space)?;
                (Some(record), known)
            }
            None => (None, BTreeMap::new()),
        };
        let record = Mutex::new((record, None));
        let mut done: Vec<Trial> = Vec::new();
        while done.len() < trials {
            let (first, end) = (done.len(), (done.len() + self.batch).min(trials));
            // Trials that are under way are known too, without a loss: else all of a batch would go to the same place.
            for number in first..end {
                let Some(trial) = self.proposed(number, &done, &known) else { break };
                done.push(trial);
            }
            let is_last = done.len() < end;
            let finished = self.run(done.split_off(first), |trial| {
                if let Some(known) = known.get(&trial.number) {
                    return known.loss;
                }
                let loss = objective(trial);
                let mut record = record.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                let (file, failed) = &mut *record;
                if let (Some(file), None) = (file, &failed) {
                    *failed = file.note(&Trial { loss, ..trial.clone() }, self.space).err();
                }
                loss
            });
            done.extend(finished);
            if let Some(error) = record.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).1.take() {
                return Err(error);
            }
            if is_last {
                break;
            }
        }
        Ok(Found { trials: done })
    }

    /// The trial of this number: as it was noted, or as the sampler proposes it from what was done.
    fn proposed(&self, number: usize, done: &[Trial], known: &BTreeMap<usize, Trial>) -> Option<Trial> {
        let mut generator = Key::new(self.seed).at_step(number as u64).generator(0);
        let at = match known.get(&number) {
            Some(known) => known.at.clone(),
            None => self.sampler.propose(self.space, number, done, &mut generator)?,
        };
        Some(Trial { number, at, loss: f64::NAN })
    }

    /// Runs some trials side by side.
    fn run(&self, mut trials: Vec<Trial>, objective: impl Fn(&Trial) -> f64 + Sync) -> Vec<Trial> {
        let cores = || thread::available_parallelism().map_or(1, |cores| cores.get());
        let threads = self.threads.unwrap_or_else(cores).min(trials.len());
        let next = AtomicUsize::new(0);
        let work = || {
            let mut losses = Vec::new();
            while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
                losses.push((trial.number, objective(trial)));
            }
            losses
        };
        let losses: BTreeMap<usize, f64> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let joined: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
            joined
                .into_iter()
                .flat_map(|losses| losses.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for trial in &mut trials {
            trial.loss = losses.get(&trial.number).copied().unwrap_or(f64::NAN);
        }
        trials
    }

    /// What makes a study the same.
    fn describe(&self) -> [(&'static str, String); 4] {
        [
            ("space", self.space.to_string()),
            ("sampler", self.sampler.describe()),
            ("seed", self.seed.to_string()),
            ("batch", self.batch.to_string()),
        ]
    }
}
