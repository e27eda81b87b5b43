//! Watching a run: what every n-th step of training looks like from inside, and what is wrong with it.
//!
//! A [`Watch`] stands in the place of [`gradient`](autograd::gradient) in a loop, and is told when the optimizer has stepped.
//! It sees a step as it is: the same loss and gradients, bit for bit. A step that is not watched costs a reading of the clock and
//! a number that is noted.
//!
//! ```
//! use nn::prelude::*;
//! use nn::watch::Watch;
//!
//! let mut net = Linear::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0));
//! let (x, labels) = (Tensor::from([[0.0, 1.0], [1.0, 0.0]]), [0, 1]);
//! let mut optimizer = Adam::new(0.01);
//! let mut watch = Watch::every(10);
//! for _ in 0..100 {
//!     let (_, gradients) = watch.gradient(&net, |tape| net.forward(tape.constant(&x)).cross_entropy(labels));
//!     optimizer.step(&mut net, &gradients);
//!     watch.after_step(&net, &gradients);
//! }
//! println!("{}", watch.log());             // parameters, layers, gradient flow, what was found
//! let page: String = watch.log().to_html(); // the same over time, in one file that needs no network
//! assert!(watch.log().findings.is_empty());
//! # assert!(page.contains("update"));
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Watch`]: where it stands in a loop |
//! | `log.rs` | [`Log`]: what a run showed; as text and as JSON |
//! | `parameters.rs` | [`ParameterRow`]: a parameter, its gradient and its step |
//! | `histogram.rs` | [`Histogram`]: symmetric-logarithmic bins, the same for every tensor and step |
//! | `recent.rs` | units that were silent in the last batches |
//! | `diagnose.rs` | what only a run can show: the learning rate, the first loss, an output that ignores its input |
//! | `cost.rs` | [`Cost`]: what watching costs, measured on the run itself |
//! | `sparkline.rs` | numbers over time in a word of text |
//! | `page/` | the report of a run as one page |
//! | `tensorboard.rs` | event files for TensorBoard, behind the feature `tensorboard` |

mod cost;
mod diagnose;
mod histogram;
mod log;
mod page;
mod parameters;
mod recent;
mod sparkline;
#[cfg(feature = "tensorboard")]
mod tensorboard;

pub use cost::Cost;
pub use histogram::{Bin, Histogram};
pub use log::{Curve, Failure, Log, Record, Seen};
pub use parameters::{ParameterRow, Spread};
#[cfg(feature = "tensorboard")]
pub use tensorboard::EventWriter;

use crate::{Module, ModuleExt};
use autograd::algebra::Real;
use autograd::inspect::{Detail, Place, Snapshot};
use autograd::{Gradients, Key, Outcome, Tape, Tensor};
use cost::Clock;
use recent::Recent;
use std::panic::Location;

/// Watches every n-th step of a training loop; see the [module](self).
///
/// What is wrong is printed when it is found, each thing once, on the standard error stream.
pub struct Watch<T: Real = f32> {
    every: usize,
    log: Log,
    tell: Tell,
    /// The line that runs have, if not that of the call.
    at: Option<&'static Location<'static>>,
    clock: Clock,
    recent: Recent,
    /// The losses of the passes of the step that is under way.
    passes: Vec<f64>,
    /// Of a step that is watched: the parameters before it, and what the pass showed.
    underway: Option<Underway<T>>,
    #[cfg(feature = "tensorboard")]
    events: Option<EventWriter>,
}

/// What is done with a finding.
enum Tell {
    Print,
    Call(Box<dyn FnMut(&Seen)>),
    Collect(Vec<Seen>),
}

struct Underway<T: Real> {
    before: Vec<Tensor<T>>,
    snapshot: Snapshot,
}

impl<T: Real> Watch<T> {
    /// Watches the first step and every n-th after it.
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn every(n: usize) -> Self {
        assert!(n > 0, "Watch::every(0): give the number of steps from one that is watched to the next, from 1");
        Watch {
            every: n,
            log: Log::new(n, T::NAME),
            tell: Tell::Print,
            at: None,
            clock: Clock::default(),
            recent: Recent::default(),
            passes: Vec::new(),
            underway: None,
            #[cfg(feature = "tensorboard")]
            events: None,
        }
    }

    /// With something else to do with a finding than to print it.
    ///
    /// ```
    /// use nn::watch::Watch;
    /// let watch = Watch::<f32>::every(10).telling(|seen| println!("at step {}: {}", seen.step, seen.finding.fix));
    /// # let _ = watch;
    /// ```
    pub fn telling(mut self, tell: impl FnMut(&Seen) + 'static) -> Self {
        self.tell = Tell::Call(Box::new(tell));
        self
    }

    /// With an event file for TensorBoard, which is written as the run goes. If it can no longer be written the run goes on
    /// without, and says so.
    #[cfg(feature = "tensorboard")]
    pub fn with_events(mut self, events: EventWriter) -> Self {
        self.events = Some(events);
        self
    }

    /// The same, for a trainer that asks for news and prints them itself.
    pub(crate) fn collecting(mut self) -> Self {
        if let Tell::Print = self.tell {
            self.tell = Tell::Collect(Vec::new());
        }
        self
    }

    /// Names this line where a whole run is meant.
    pub(crate) fn speak_of(&mut self, at: &'static Location<'static>) {
        self.at = Some(at);
    }

    /// What was found since this was asked last, if it is collected.
    pub(crate) fn news(&mut self) -> Vec<Seen> {
        match &mut self.tell {
            Tell::Collect(news) => std::mem::take(news),
            _ => Vec::new(),
        }
    }

    /// What the run has shown so far.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Whether the step that comes is one that is watched.
    pub fn is_due(&self) -> bool {
        self.log.losses.len().is_multiple_of(self.every)
    }

    /// A number of this step by name, for a curve of the report: an accuracy, a learning rate.
    ///
    /// ```
    /// use nn::watch::Watch;
    /// let mut watch = Watch::<f32>::every(10);
    /// watch.note("accuracy", 0.5);
    /// assert_eq!((watch.log().curves[0].steps[0], watch.log().curves[0].values[0]), (0, 0.5));
    /// ```
    pub fn note(&mut self, name: &str, value: f64) {
        #[cfg(feature = "tensorboard")]
        if let Some(events) = &mut self.events {
            let written = events.scalar(self.log.losses.len(), name, value);
            self.stop_on(written);
        }
        self.log.note(name, value);
    }

    /// The loss and the gradients, as [`gradient`](autograd::gradient), in a step that may be watched. Where a loss is not
    /// finite, `f` is called once more to see where that came from; it must record the same again.
    ///
    /// With several passes before one step, the first one is watched.
    ///
    /// # Panics
    /// As [`gradient`](autograd::gradient).
    #[track_caller]
    pub fn gradient<R: Outcome<T>>(
        &mut self,
        model: &dyn Module<T>,
        f: impl Fn(&Tape<T>) -> R,
    ) -> (R::With<T>, Gradients<Tensor<T>>) {
        self.pass(model, None, f)
    }

    /// [`gradient`](Watch::gradient) with a random key: what dropout draws from.
    ///
    /// # Panics
    /// As [`gradient`](autograd::gradient).
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::watch::Watch;
    /// let net = Sequential::new().with(Linear::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0))).with(Dropout { p: 0.5 });
    /// let (mut watch, key) = (Watch::every(1), Key::new(7));
    /// let step = |tape: &Tape| net.forward(tape.constant(&Tensor::ones([4, 2]))).square().mean();
    /// let (loss, _) = watch.gradient_at(&net, key.at_step(0), step);
    /// assert_eq!(loss, gradient_at(key.at_step(0), step).0);
    /// ```
    #[track_caller]
    pub fn gradient_at<R: Outcome<T>>(
        &mut self,
        model: &dyn Module<T>,
        key: Key,
        f: impl Fn(&Tape<T>) -> R,
    ) -> (R::With<T>, Gradients<Tensor<T>>) {
        self.pass(model, Some(key), f)
    }

    #[track_caller]
    fn pass<R: Outcome<T>>(
        &mut self,
        model: &dyn Module<T>,
        key: Option<Key>,
        f: impl Fn(&Tape<T>) -> R,
    ) -> (R::With<T>, Gradients<Tensor<T>>) {
        let with_key = |tape: Tape<T>| match key {
            Some(key) => tape.with_key(key),
            None => tape,
        };
        // The value of the loss beside it, as a result of any kind cannot be asked for it.
        let step = |tape: &Tape<T>| {
            let (loss, aside) = f(tape).split();
            let value = loss.value().to_vec().first().map_or(f64::NAN, |loss| loss.to_f64());
            (loss, (value, aside))
        };
        let is_watched = self.is_due() && self.passes.is_empty();
        if self.passes.is_empty() {
            self.clock.step(is_watched);
        }
        let ((loss, (value, aside)), gradients) = if is_watched {
            let detail = if self.log.graph.is_none() { Detail::Full } else { Detail::Numbers };
            let (outcome, gradients, snapshot) = Snapshot::of_step(detail, with_key(Tape::keeping()), step);
            self.see(model, snapshot);
            (outcome, gradients)
        } else {
            with_key(Tape::new()).gradient(step)
        };
        if !value.is_finite() && self.log.failure.is_none() {
            let (.., snapshot) = Snapshot::of_step(Detail::Full, with_key(Tape::keeping()), step);
            self.fail(model, snapshot);
        }
        self.passes.push(value);
        (R::join(loss, aside), gradients)
    }

    /// Takes in a watched pass.
    fn see(&mut self, model: &dyn Module<T>, mut snapshot: Snapshot) {
        if let Some(at) = self.at {
            snapshot.at = Place { file: at.file().to_string(), line: at.line() };
        }
        let parameters = model.parameters();
        let before = parameters.iter().map(|(_, parameter)| parameter.value().clone()).collect();
        snapshot.name_parameters(parameters.iter().cloned());
        let is_first = self.log.graph.is_none();
        if is_first {
            self.log.graph = Some(snapshot.clone());
        }
        if snapshot.non_finite.is_some() && self.log.failure.is_none() {
            self.fail(model, snapshot.clone());
        }
        let snapshot = self.recent.merged(snapshot);
        if self.log.failure.is_none() {
            let mut found = match is_first {
                true => snapshot.diagnose_parameters(parameters.into_iter().filter(|(_, p)| !p.is_frozen())).findings,
                false => snapshot.diagnose_numbers().findings,
            };
            found.retain(|finding| diagnose::counts(finding, self.recent.batches()));
            if is_first {
                found.extend(diagnose::initial_loss(&snapshot));
            } else if found.is_empty() && self.log.findings.is_empty() {
                found.extend(diagnose::ignores_input(&snapshot).or(diagnose::rate_too_low(&self.log, &snapshot.at)));
            }
            // A rate that is too high is the cause of much else.
            let ruin = if is_first { None } else { diagnose::ruin(&found) };
            let rate = diagnose::rate_too_high(&self.log, ruin, &snapshot.at);
            self.found(rate.into_iter().chain(found));
        }
        self.underway = Some(Underway { before, snapshot });
    }

    /// Takes in a pass whose numbers are not finite.
    fn fail(&mut self, model: &dyn Module<T>, snapshot: Snapshot) {
        let found = match snapshot.non_finite {
            Some(_) => snapshot.diagnose_numbers().findings,
            None => diagnose::came_in(model, &snapshot).into_iter().collect(),
        };
        let rate = diagnose::rate_too_high(&self.log, Some("a number is no longer finite".to_string()), &snapshot.at);
        self.found(rate.into_iter().chain(found));
        self.log.failure = Some(Failure { step: self.log.losses.len(), snapshot });
    }

    /// Says that the optimizer has stepped, by these gradients: as they were after clipping, and added up over several
    /// passes.
    pub fn after_step(&mut self, model: &dyn Module<T>, gradients: &Gradients<Tensor<T>>) {
        let loss = self.passes.iter().sum::<f64>() / self.passes.len().max(1) as f64;
        self.passes.clear();
        let step = self.log.losses.len();
        self.log.losses.push(loss);
        let Some(Underway { before, snapshot }) = self.underway.take() else { return };
        let parameters = model.parameters();
        let rows = parameters.iter().zip(&before);
        let rows = rows.map(|((path, parameter), before)| ParameterRow::of(path, parameter, before, gradients));
        self.log.records.push(Record {
            step,
            loss,
            parameters: rows.collect(),
            layers: snapshot.layers(),
            flow: snapshot.gradient_flow(),
        });
        #[cfg(feature = "tensorboard")]
        if let (Some(events), Some(record)) = (&mut self.events, self.log.records.last()) {
            let written = events.record(record);
            self.stop_on(written);
        }
        self.log.cost = self.clock.cost(self.every);
    }

    /// Goes on without event files if one could not be written.
    #[cfg(feature = "tensorboard")]
    fn stop_on(&mut self, written: Result<(), crate::FileError>) {
        if let Err(error) = written {
            eprintln!("no more events for TensorBoard: {error}");
            self.events = None;
        }
    }

    /// Tells what was not told before.
    fn found(&mut self, findings: impl IntoIterator<Item = autograd::inspect::Finding>) {
        for finding in findings {
            if let Some(seen) = self.log.add(finding) {
                match &mut self.tell {
                    Tell::Print => eprintln!("{seen}"),
                    Tell::Call(tell) => tell(seen),
                    Tell::Collect(news) => news.push(seen.clone()),
                }
            }
        }
    }
}
