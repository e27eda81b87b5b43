//! The trainer: what it is made with.

use super::callback::{AfterEpoch, AfterStep, Callback, EpochView, StepView};
use super::checkpoint::Checkpoints;
use super::early::EarlyStopping;
use super::evaluate::Metric;
use super::history::{EpochRecord, History};
use super::method::{IntoMethod, Method, Rate};
use super::objective::{self, Judged, Objective};
use super::order::Order;
use super::run::Run;
use super::step::Clipping;
use super::tell::Teller;
use crate::data::Dataset;
use crate::schedule::{ReduceOnPlateau, Schedule};
use crate::watch::{Log, Watch};
use autograd::algebra::Real;
use autograd::{Error, Layer, Tape, Tensor, Var};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Trains, evaluates and predicts with models `M` on batches `B`.
///
/// Without settings a run is one epoch of shuffled batches of 32. Everything random comes from the seed: the same run gives the
/// same bits, also when it was stopped and went on.
///
/// ```
/// use nn::data;
/// use nn::prelude::*;
/// use nn::train::Trainer;
/// let moons = data::two_moons(300, 0.1, &mut ChaCha8Rng::seed_from_u64(0));
/// let mut generator = ChaCha8Rng::seed_from_u64(1);
/// let mut net = Sequential::new()
///     .with(Linear::new(2, 16, &mut generator))
///     .with(Tanh)
///     .with(Linear::new(16, 2, &mut generator));
/// let mut trainer = Trainer::of_layer(Adam::new(0.03), |logits, labels: &Vec<usize>| logits.cross_entropy(labels))
///     .with_metric("accuracy", |logits, (_, labels)| metrics::accuracy(&metrics::argmax(logits), labels))
///     .with_validation_split(0.2)
///     .with_epochs(30);
/// let trained = trainer.fit(&mut net, &moons)?;
/// assert!(trained.history.epochs[29].get("validation accuracy").unwrap() > 0.95);
/// assert_eq!(trainer.predict(&net, &moons.inputs)?.shape(), Shape::from([300, 2]));
/// # Ok::<(), nn::train::TrainError>(())
/// ```
///
/// A model with a `forward` of its own, with a closure that says what it makes of a batch:
///
/// ```
/// use nn::data::Measured;
/// use nn::prelude::*;
/// use nn::train::Trainer;
///
/// #[derive(Module)]
/// struct Slope {
///     weight: Param,
/// }
/// let mut model = Slope { weight: Param::new(Tensor::from([[0.0]])) };
/// let data = Measured::new([[1.0], [2.0], [3.0]].into(), [[2.0], [4.0], [6.0]].into())?;
/// let objective = |model: &Slope, tape: &Tape, (x, y): &(Tensor, Tensor)| {
///     loss::mse(&tape.constant(x).matmul(&tape.param(&model.weight)), &tape.constant(y), Reduction::Mean)
/// };
/// Trainer::new(Sgd::new(0.05), objective).with_epochs(100).fit(&mut model, &data)?;
/// assert!((model.weight.value().item() - 2.0).abs() < 1e-3);
/// # Ok::<(), nn::train::TrainError>(())
/// ```
pub struct Trainer<'a, M, B, T: Real = f32> {
    pub(super) method: Method<'a, T>,
    pub(super) objective: Objective<'a, M, B, T>,
    pub(super) metrics: Vec<Metric<'a, B, T>>,
    pub(super) training_metrics: bool,
    pub(super) epochs: Option<u64>,
    pub(super) steps: Option<u64>,
    pub(super) goal: Option<f64>,
    pub(super) early: Option<EarlyStopping>,
    pub(super) monitor: Option<String>,
    pub(super) order: Order<'a>,
    pub(super) evaluation_size: usize,
    pub(super) accumulate: usize,
    pub(super) clipping: Clipping,
    pub(super) seed: u64,
    pub(super) rate: Rate<'a>,
    pub(super) validation: Validation<'a, B>,
    pub(super) callbacks: Vec<Box<dyn Callback<M, T> + 'a>>,
    pub(super) checkpoints: Option<Checkpoints>,
    pub(super) stop: Option<Arc<AtomicBool>>,
    pub(super) teller: Teller<'a>,
    pub(super) watch: Option<Watch<T>>,
    pub(super) report: Option<PathBuf>,
    pub(super) run: Run<T>,
}

/// What an epoch is judged on.
pub(super) enum Validation<'a, B> {
    None,
    Given(&'a dyn Dataset<Batch = B>),
    Split(f64),
}

impl<'a, M, B, T: Real> Trainer<'a, M, B, T> {
    /// A trainer of models whose loss for a batch a closure gives, on the tape that it is handed: the loss alone, or `(loss,
    /// output)`, so that there are outputs for metrics. It runs in training and in evaluation; the tape carries the mode.
    pub fn new<Which, R: Judged<T>>(
        optimizer: impl IntoMethod<'a, T, Which>,
        objective: impl Fn(&M, &Tape<T>, &B) -> R + 'a,
    ) -> Self {
        Self::of_objective(optimizer.method(), objective::of_closure(objective))
    }

    fn of_objective(method: Method<'a, T>, objective: Objective<'a, M, B, T>) -> Self {
        Trainer {
            method,
            objective,
            metrics: Vec::new(),
            training_metrics: false,
            epochs: None,
            steps: None,
            goal: None,
            early: None,
            monitor: None,
            order: Order::Shuffled(32),
            evaluation_size: 32,
            accumulate: 1,
            clipping: Clipping::default(),
            seed: 0,
            rate: Rate::Own,
            validation: Validation::None,
            callbacks: Vec::new(),
            checkpoints: None,
            stop: None,
            teller: Teller::default(),
            watch: None,
            report: None,
            run: Run::default(),
        }
    }

    /// So many epochs at most. Without this and [`with_steps`](Trainer::with_steps), one.
    pub fn with_epochs(mut self, epochs: u64) -> Self {
        self.epochs = Some(epochs);
        self
    }

    /// So many steps of the optimizer at most; without [`with_epochs`](Trainer::with_epochs), in as many epochs as that takes.
    pub fn with_steps(mut self, steps: u64) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Ends after an epoch whose loss is at most this: the validation loss, or without a validation set the training loss.
    pub fn with_loss_goal(mut self, loss: f64) -> Self {
        self.goal = Some(loss);
        self
    }

    /// Ends when what is [monitored](Trainer::with_monitor) does not become better.
    pub fn with_early_stopping(mut self, early: EarlyStopping) -> Self {
        self.early = Some(early);
        self
    }

    /// What early stopping and a plateau go by, by its name in the history: `loss`, `validation loss` or a metric,
    /// `validation accuracy`. Without this the validation loss, or without a validation set the training loss.
    pub fn with_monitor(mut self, name: &str) -> Self {
        self.monitor = Some(name.to_string());
        self
    }

    /// Batches of so many rows, in training and evaluation; the last of an epoch may be smaller.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn with_batch_size(mut self, size: usize) -> Self {
        let size = at_least_one("batch_size", size);
        self.order = if let Order::Stored(_) = self.order { Order::Stored(size) } else { Order::Shuffled(size) };
        self.evaluation_size = size;
        self
    }

    /// Rows in the order of the data in every epoch, instead of shuffled anew.
    pub fn without_shuffling(mut self) -> Self {
        self.order = Order::Stored(self.evaluation_size);
        self
    }

    /// Batches of one's own: the rows of each batch of an epoch, which counts from 0. For samplers that weigh rows, or sort
    /// them by length. It must be a function of the epoch alone, or a run that was stopped goes on differently.
    pub fn with_batches(mut self, batches: impl Fn(u64) -> Vec<Vec<usize>> + 'a) -> Self {
        self.order = Order::Given(Box::new(batches));
        self
    }

    /// Adds up the gradients of so many batches before each step, as the mean over all their rows. The last step of an epoch
    /// may have fewer.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn with_accumulation(mut self, batches: usize) -> Self {
        self.accumulate = at_least_one("accumulation", batches);
        self
    }

    /// Scales gradients so that their norm together is at most this; see [`clip_norm`](crate::optim::clip_norm). It comes
    /// after [`with_clip_value`](Trainer::with_clip_value).
    pub fn with_clip_norm(mut self, most: f64) -> Self {
        self.clipping.norm = Some(most);
        self
    }

    /// Brings every element of every gradient within ± this; see [`clip_value`](crate::optim::clip_value).
    pub fn with_clip_value(mut self, most: f64) -> Self {
        self.clipping.value = Some(most);
        self
    }

    /// The seed of the order of rows, of the validation split, and of what dropout draws.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The learning rate of each step, counted from 0 over the whole run.
    pub fn with_schedule(mut self, schedule: impl Schedule + 'a) -> Self {
        self.rate = Rate::Schedule(Box::new(schedule));
        self
    }

    /// A learning rate that goes by what is [monitored](Trainer::with_monitor), which is reported after each epoch.
    pub fn with_plateau(mut self, plateau: ReduceOnPlateau) -> Self {
        self.rate = Rate::Plateau { first: plateau, now: plateau };
        self
    }

    /// A data set on which every epoch is judged.
    pub fn with_validation(mut self, data: &'a dyn Dataset<Batch = B>) -> Self {
        self.validation = Validation::Given(data);
        self
    }

    /// Keeps a part of the rows, drawn by the seed, to judge every epoch on, instead of learning from them.
    pub fn with_validation_split(mut self, fraction: f64) -> Self {
        self.validation = Validation::Split(fraction);
        self
    }

    /// A measure of a whole data set, from all outputs, one below the other, and the batch of all rows. It is computed after
    /// each epoch on the validation set, as `validation NAME`, and by [`evaluate`](Trainer::evaluate).
    pub fn with_metric(mut self, name: &str, compute: impl Fn(&Tensor<T>, &B) -> f64 + 'a) -> Self {
        self.metrics.push(Metric { name: name.to_string(), compute: Box::new(compute) });
        self
    }

    /// Computes the metrics on the training set, too, after each epoch, at the cost of one more pass over it.
    pub fn with_training_metrics(mut self) -> Self {
        self.training_metrics = true;
        self
    }

    /// What looks at the run. Several are asked in the order in which they were given.
    pub fn with_callback(mut self, callback: impl Callback<M, T> + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// A closure as a callback after each step; breaking ends the run.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::train::{Ended, Trainer};
    /// use std::ops::ControlFlow;
    /// let mut net = Linear::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0));
    /// let mut trainer = Trainer::of_layer(Adam::new(0.01), |y, labels: &Vec<usize>| y.cross_entropy(labels))
    ///     .with_epochs(100)
    ///     .after_each_step(|step| if step.step < 7 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) });
    /// let trained = trainer.fit(&mut net, &nn::data::xor())?;
    /// assert_eq!((trained.history.steps.len(), trained.ended), (7, Ended::Callback));
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    pub fn after_each_step(self, f: impl FnMut(&StepView<'_, M, T>) -> ControlFlow<()> + 'a) -> Self {
        self.with_callback(AfterStep(f))
    }

    /// A closure as a callback after each epoch; breaking ends the run.
    pub fn after_each_epoch(self, f: impl FnMut(&EpochView<'_, M>) -> ControlFlow<()> + 'a) -> Self {
        self.with_callback(AfterEpoch(f))
    }

    /// Writes checkpoints.
    pub fn with_checkpoints(mut self, checkpoints: Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }

    /// Ends at the end of a step once this is set, from another thread or by a signal, with the checkpoint written.
    pub fn with_stop(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Watches the first step of a run and every n-th after it: what is wrong is printed when it is found, and
    /// [`watched`](Trainer::watched) tells the rest. Not with L-BFGS, whose steps are many evaluations.
    ///
    /// # Panics
    /// If it is 0.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::train::Trainer;
    /// let mut net = Linear::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0));
    /// let mut trainer = Trainer::of_layer(Adam::new(0.01), |y, labels: &Vec<usize>| y.cross_entropy(labels))
    ///     .with_epochs(40)
    ///     .watch(10);
    /// trainer.fit(&mut net, &nn::data::xor())?;
    /// let log = trainer.watched().unwrap();
    /// assert_eq!(log.records.iter().map(|record| record.step).collect::<Vec<_>>(), [0, 10, 20, 30]);
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    pub fn watch(self, every: usize) -> Self {
        self.with_watch(Watch::every(every))
    }

    /// Watches with a watch of one's own, with its settings. It goes on from run to run.
    pub fn with_watch(mut self, watch: Watch<T>) -> Self {
        self.watch = Some(watch.collecting());
        self
    }

    /// Writes the report of what was watched as a page to a path, at the end of a run and also when it ends with an error.
    /// It watches every tenth step, unless it was said which.
    pub fn with_report(mut self, path: impl Into<PathBuf>) -> Self {
        self.report = Some(path.into());
        if self.watch.is_none() { self.watch(10) } else { self }
    }

    /// What was watched so far, also after an error.
    pub fn watched(&self) -> Option<&Log> {
        self.watch.as_ref().map(Watch::log)
    }

    /// Prints a table, a row an epoch.
    pub fn with_lines(mut self) -> Self {
        self.teller.lines = Some(None);
        self
    }

    /// Prints a line an epoch, as a closure words it.
    pub fn with_line(mut self, line: impl Fn(&EpochRecord) -> String + 'a) -> Self {
        self.teller.lines = Some(Some(Box::new(line)));
        self
    }

    /// Shows a progress bar on a terminal.
    #[cfg(feature = "progress")]
    pub fn with_progress(mut self) -> Self {
        self.teller.bar = Some(indicatif::ProgressBar::hidden());
        self
    }

    /// The last run so far, also when it ended with an error.
    pub fn history(&self) -> &History {
        &self.run.history
    }
}

impl<'a, M: Layer<T>, Y, T: Real> Trainer<'a, M, (Tensor<T>, Y), T> {
    /// A trainer of layers on inputs and targets, with a loss of outputs and targets. What is wrong with a layer's numbers is
    /// told with the line of this call.
    #[track_caller]
    pub fn of_layer<Which>(
        optimizer: impl IntoMethod<'a, T, Which>,
        loss: impl Fn(&Var<T>, &Y) -> Var<T> + 'a,
    ) -> Self {
        Self::of_objective(optimizer.method(), objective::of_layer(loss))
    }
}

#[track_caller]
fn at_least_one(setting: &str, value: usize) -> usize {
    if value == 0 {
        return Error::value(format!("`{setting}` is 0"), "give at least 1").raise("Trainer");
    }
    value
}
