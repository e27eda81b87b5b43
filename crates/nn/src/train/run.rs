//! A run: epoch after epoch of steps, until something ends it.

use super::callback::EpochView;
use super::checkpoint::{self, Checkpoint, Position};
use super::early::{self, Best};
use super::history::History;
use super::method::Rate;
use super::step::all;
use super::trainer::Validation;
use super::{TrainError, Trainer};
use crate::Module;
use crate::data::{Dataset, Rows, train_test_split};
use crate::file::{malformed, write_atomically};
use autograd::Error;
use autograd::algebra::Real;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Its losses, rates and metrics.
    pub history: History,
    /// What ended it.
    pub ended: Ended,
}

/// What ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// All epochs are done.
    Epochs,
    /// All steps are done.
    Steps,
    /// The loss is as small as was asked for.
    Goal,
    /// It did not become better; the best epoch is this one, from 1.
    Early {
        /// The best epoch.
        best: u64,
    },
    /// A callback asked for it.
    Callback,
    /// The stop flag was set, by `Ctrl-C` for example. It can go on from its checkpoint.
    Interrupted,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Epochs => f.write_str("all epochs are done"),
            Ended::Steps => f.write_str("all steps are done"),
            Ended::Goal => f.write_str("the loss is as small as was asked for"),
            Ended::Early { best } => write!(f, "no better epoch came after epoch {best}"),
            Ended::Callback => f.write_str("a callback ended it"),
            Ended::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// What changes while a run goes on, beside the model, the optimizer and a plateau.
pub(super) struct Run<T: Real> {
    pub(super) position: Position,
    pub(super) history: History,
    pub(super) best: Option<Best<T>>,
}

impl<T: Real> Default for Run<T> {
    fn default() -> Self {
        Run { position: Position::default(), history: History::default(), best: None }
    }
}

impl<M: Module<T>, B, T: Real> Trainer<'_, M, B, T> {
    /// Trains a model, in a new run. The optimizer keeps what it remembers from before.
    ///
    /// With [`Checkpoints::with_resume`](super::Checkpoints::with_resume) it goes on from the newest checkpoint, where there
    /// is one.
    ///
    /// # Errors
    /// If the data has no rows, a setting makes no sense, the loss is not finite, or a checkpoint cannot be written. What the
    /// model learned up to then it keeps, and [`history`](Trainer::history) tells of it.
    ///
    /// # Panics
    /// As the model, the loss, metrics and callbacks do.
    #[track_caller]
    pub fn fit(&mut self, model: &mut M, data: &dyn Dataset<Batch = B>) -> Result<Trained, TrainError> {
        if let Some(checkpoints) = &self.checkpoints {
            match checkpoints.latest()? {
                Some(path) if checkpoints.resume => return self.resume(model, data, path),
                _ if checkpoints.resume => {}
                _ => checkpoints.refuse_others()?,
            }
        }
        self.run = Run { position: Position { seed: self.seed, ..Position::default() }, ..Run::default() };
        if let Rate::Plateau { first, now } = &mut self.rate {
            *now = *first;
        }
        self.with_parts(model, data, None)
    }

    /// Goes on with the run of a checkpoint, bit for bit as if it had not been stopped: with the model, the optimizer, the
    /// settings and the data as they were made for it. More epochs may be asked for than then.
    ///
    /// # Errors
    /// As [`fit`](Trainer::fit); and if the checkpoint cannot be read, is damaged, or is of another model, optimizer, data
    /// or order of batches. Then model and trainer are as they were.
    ///
    /// # Panics
    /// As [`fit`](Trainer::fit).
    #[track_caller]
    pub fn resume(
        &mut self,
        model: &mut M,
        data: &dyn Dataset<Batch = B>,
        path: impl AsRef<Path>,
    ) -> Result<Trained, TrainError> {
        self.with_parts(model, data, Some(path.as_ref()))
    }

    /// Takes the data apart, if a part is to be kept for validation; brings back a checkpoint; runs.
    #[track_caller]
    fn with_parts(
        &mut self,
        model: &mut M,
        data: &dyn Dataset<Batch = B>,
        from: Option<&Path>,
    ) -> Result<Trained, TrainError> {
        match self.validation {
            Validation::None => self.run_on(model, data, None, from),
            Validation::Given(validation) => self.run_on(model, data, Some(validation), from),
            Validation::Split(fraction) => {
                let split = train_test_split(data.len(), fraction, self.seed)?;
                let (train, test) = (Rows::new(data, split.train)?, Rows::new(data, split.test)?);
                self.run_on(model, &train, Some(&test), from)
            }
        }
    }

    #[track_caller]
    fn run_on(
        &mut self,
        model: &mut M,
        data: &dyn Dataset<Batch = B>,
        validation: Option<&dyn Dataset<Batch = B>>,
        from: Option<&Path>,
    ) -> Result<Trained, TrainError> {
        self.check_monitor(validation.is_some())?;
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.clear()?;
        }
        if let Some(path) = from {
            self.bring_back(model, data, path)?;
        }
        let of_epoch = self.order.batches(self.run.position.epoch, data.len(), self.seed)?.len();
        let steps = self.most_epochs().map(|epochs| epochs.saturating_mul(of_epoch.div_ceil(self.accumulate) as u64));
        let steps = [steps, self.steps].into_iter().flatten().min();
        self.teller.start(self.run.position.step, steps);
        let ended = self.until_ended(model, data, validation);
        self.teller.end(self.run.position.step, &ended);
        let written = self.write_report();
        let ended = ended?;
        written?;
        if let (Some(early), Some(best)) = (&self.early, &self.run.best)
            && early.restores()
            && ended != Ended::Interrupted
        {
            checkpoint::set_weights(model, &best.weights);
        }
        Ok(Trained { history: self.run.history.clone(), ended })
    }

    /// The report of what was watched, if one was asked for.
    fn write_report(&self) -> Result<(), TrainError> {
        let (Some(path), Some(watch)) = (&self.report, &self.watch) else { return Ok(()) };
        Ok(write_atomically(path, watch.log().to_html().as_bytes())?)
    }

    #[track_caller]
    fn until_ended(
        &mut self,
        model: &mut M,
        data: &dyn Dataset<Batch = B>,
        validation: Option<&dyn Dataset<Batch = B>>,
    ) -> Result<Ended, TrainError> {
        let mut ended = self.is_over();
        while ended.is_none() {
            let batches = self.order.batches(self.run.position.epoch, data.len(), self.seed)?;
            while ended.is_none() && (self.run.position.batch as usize) < batches.len() {
                let first = self.run.position.batch as usize;
                let next = (first + self.accumulate).min(batches.len());
                let mut flow = self.step(model, data, &batches[first..next])?;
                if next == batches.len() {
                    let after = self.end_epoch(model, data, validation)?;
                    flow = all([flow, after].into_iter());
                }
                ended = match flow {
                    _ if self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::SeqCst)) => Some(Ended::Interrupted),
                    ControlFlow::Break(()) => Some(Ended::Callback),
                    ControlFlow::Continue(()) => self.is_over(),
                };
                self.write_checkpoint(model, data.len(), next == batches.len(), ended.is_some())?;
                if next == batches.len() {
                    break;
                }
            }
        }
        Ok(ended.unwrap_or(Ended::Epochs))
    }

    /// Whether the run has all that it was to have, by where it is and what it remembers.
    fn is_over(&self) -> Option<Ended> {
        let position = &self.run.position;
        let between = position.batch == 0;
        let last = self.run.history.epochs.last().filter(|_| between);
        let loss = last.and_then(|record| record.get("validation loss").or(record.get("loss")));
        let early = self.early.zip(self.run.best.as_ref());
        match () {
            () if self.goal.zip(loss).is_some_and(|(goal, loss)| loss <= goal) => Some(Ended::Goal),
            () if self.steps.is_some_and(|steps| position.step >= steps) => Some(Ended::Steps),
            () if self.most_epochs().is_some_and(|epochs| position.epoch >= epochs) => Some(Ended::Epochs),
            () => early.filter(|(early, best)| early.is_over(best)).map(|(_, best)| Ended::Early { best: best.epoch }),
        }
    }

    fn most_epochs(&self) -> Option<u64> {
        self.epochs.or(if self.steps.is_none() { Some(1) } else { None })
    }

    /// What there is to do once all batches of an epoch are done.
    fn end_epoch(
        &mut self,
        model: &mut M,
        data: &dyn Dataset<Batch = B>,
        validation: Option<&dyn Dataset<Batch = B>>,
    ) -> Result<ControlFlow<()>, TrainError> {
        let position = self.run.position;
        let mut values = vec![("loss".to_string(), position.sum / position.rows as f64)];
        if self.training_metrics {
            values.extend(self.evaluate(model, data)?.metrics);
        }
        if let Some(validation) = validation {
            values.extend(self.evaluate(model, validation)?.named("validation "));
        }
        if let Some(watch) = &mut self.watch {
            // The loss of every step is there.
            values.iter().filter(|(name, _)| name != "loss").for_each(|(name, value)| watch.note(name, *value));
        }
        self.run.history.add_epoch(values);
        self.run.position = Position { epoch: position.epoch + 1, batch: 0, rows: 0, sum: 0.0, ..position };
        let record = &self.run.history.epochs[self.run.history.epochs.len() - 1];
        let measure = record.get(self.monitored(validation.is_some())).unwrap_or(f64::NAN);
        if let Rate::Plateau { now, .. } = &mut self.rate {
            now.report(measure);
        }
        if let Some(early) = &self.early {
            early.report(&mut self.run.best, position.epoch + 1, measure, || checkpoint::weights(model));
        }
        self.teller.epoch(record);
        let view = EpochView { record, history: &self.run.history, model };
        Ok(all(self.callbacks.iter_mut().map(|callback| callback.after_epoch(&view))))
    }

    /// The name of what early stopping and a plateau go by.
    fn monitored(&self, validated: bool) -> &str {
        self.monitor.as_deref().unwrap_or(if validated { "validation loss" } else { "loss" })
    }

    #[track_caller]
    fn check_monitor(&self, validated: bool) -> Result<(), Error> {
        let metrics = || self.metrics.iter().map(|metric| metric.name.as_str());
        let mut columns = vec!["loss".to_string()];
        columns.extend(metrics().filter(|_| self.training_metrics).map(str::to_string));
        if validated {
            columns.extend(["loss"].into_iter().chain(metrics()).map(|name| format!("validation {name}")));
        }
        let name = self.monitored(validated);
        if columns.iter().any(|column| column == name) { Ok(()) } else { Err(early::unknown(name, &columns)) }
    }

    fn write_checkpoint(&self, model: &M, rows: usize, after_epoch: bool, at_end: bool) -> Result<(), TrainError> {
        let Some(checkpoints) = &self.checkpoints else { return Ok(()) };
        let position = self.run.position;
        let due = at_end
            || checkpoints.is_due_at_step(position.step)
            || after_epoch && checkpoints.is_due_after_epoch(position.epoch);
        if due {
            let path = checkpoints.write(&self.checkpoint(model, rows))?;
            self.teller.checkpoint(position.step, &path);
        }
        Ok(())
    }

    fn checkpoint(&self, model: &M, rows: usize) -> Checkpoint<T> {
        Checkpoint {
            history: self.run.history.clone(),
            best: self.run.best.clone(),
            plateau: match &self.rate {
                Rate::Plateau { now, .. } => Some(now.state()),
                _ => None,
            },
            plan: self.plan(rows),
            ..Checkpoint::new(model, self.method.state(model), self.run.position)
        }
    }

    /// What a run cannot change on its way and still be the same.
    fn plan(&self, rows: usize) -> BTreeMap<String, String> {
        let plan = [
            ("seed", self.seed.to_string()),
            ("order", self.order.describe()),
            ("batches for each step", self.accumulate.to_string()),
            ("rows to learn from", rows.to_string()),
            ("rate by a plateau", matches!(self.rate, Rate::Plateau { .. }).to_string()),
            ("early stopping", self.early.is_some().to_string()),
        ];
        plan.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
    }

    /// Brings back model and trainer as they were; all or nothing.
    fn bring_back(&mut self, model: &mut M, data: &dyn Dataset<Batch = B>, path: &Path) -> Result<(), TrainError> {
        let checkpoint = Checkpoint::<T>::load(path)?;
        let other =
            |problem: String| malformed(path, problem, "make model, optimizer, data and trainer as for that run");
        for (name, value) in self.plan(data.len()) {
            match checkpoint.plan.get(&name) {
                Some(then) if *then == value => {}
                then => {
                    let then = then.map_or("nothing", String::as_str);
                    return Err(other(format!("of another run: {name}: {then} there, {value} here")).into());
                }
            }
        }
        let batches = self.order.batches(checkpoint.position.epoch, data.len(), self.seed)?.len();
        check_position(&checkpoint, batches).map_err(other)?;
        let of_other = |error: Error| other(error.report().problem.clone());
        checkpoint::fits(model, &checkpoint.weights).map_err(of_other)?;
        if let Some(best) = checkpoint.best.as_ref().filter(|_| self.early.is_some_and(|early| early.restores())) {
            checkpoint::fits(model, &best.weights).map_err(of_other)?;
        }
        let rate = match (&self.rate, checkpoint.plateau) {
            (Rate::Plateau { now, .. }, Some(state)) => {
                let mut now = *now;
                now.load_state(state).map_err(of_other)?;
                Some(now)
            }
            _ => None,
        };
        self.method.load_state(model, &checkpoint.optimizer).map_err(of_other)?;
        if let (Rate::Plateau { now, .. }, Some(rate)) = (&mut self.rate, rate) {
            *now = rate;
        }
        checkpoint::set_weights(model, &checkpoint.weights);
        let Checkpoint { position, history, best, .. } = checkpoint;
        self.run = Run { position, history, best };
        Ok(())
    }
}

/// A run that a trainer wrote has noted every step, and is between two batches of its epoch.
fn check_position<T: Real>(checkpoint: &Checkpoint<T>, batches: usize) -> Result<(), String> {
    let Position { step, passes, epoch, batch, rows, .. } = checkpoint.position;
    let noted = checkpoint.history.steps.len() as u64;
    match () {
        () if noted != step => Err(format!("at step {step}, and its history has {noted}")),
        () if batch >= batches as u64 => Err(format!("at batch {batch} of an epoch that has {batches} here")),
        () if [passes, epoch, rows].into_iter().max() > Some(1 << 53) => Err("further than any run can be".to_string()),
        () => Ok(()),
    }
}
