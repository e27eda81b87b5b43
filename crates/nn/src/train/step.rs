//! One step of a run.

use super::callback::StepView;
use super::method::{Method, Rate};
use super::pass::{Passes, pass};
use super::{TrainError, Trainer};
use crate::Module;
use crate::data::Dataset;
use crate::optim::{Range, clip_value, try_clip_norm};
use autograd::algebra::Real;
use autograd::{Error, Gradients, Tensor};
use std::ops::ControlFlow;
use std::panic::Location;

/// How gradients are made smaller.
#[derive(Default)]
pub(super) struct Clipping {
    pub(super) value: Option<f64>,
    pub(super) norm: Option<f64>,
}

/// Gradients with their norm before, where that was computed.
type Clipped<T> = (Gradients<Tensor<T>>, Option<f64>);

impl Clipping {
    fn apply<T: Real>(&self, mut gradients: Gradients<Tensor<T>>) -> Result<Clipped<T>, Error> {
        if let Some(most) = self.value {
            gradients = clip_value(gradients, most);
        }
        let Some(most) = self.norm else { return Ok((gradients, None)) };
        try_clip_norm(gradients, most, 2.0).map(|(gradients, norm)| (gradients, Some(norm)))
    }
}

impl<M: Module<T>, B, T: Real> Trainer<'_, M, B, T> {
    /// One step from the mean over some batches: see [`Callback`](super::Callback) for the order of things.
    #[track_caller]
    pub(super) fn step(
        &mut self,
        model: &mut M,
        data: &dyn Dataset<Batch = B>,
        batches: &[Vec<usize>],
    ) -> Result<ControlFlow<()>, TrainError> {
        let position = self.run.position;
        let (epoch, step) = (position.epoch + 1, position.step + 1);
        match &self.rate {
            Rate::Own => {}
            Rate::Schedule(schedule) => {
                let rate = Range::NotNegative.check("rate", schedule.rate(position.step), 1e-3);
                self.method.set_rate(rate.map_err(|error| error.during("Trainer's schedule", []))?);
            }
            Rate::Plateau { now, .. } => self.method.set_rate(now.rate()),
        }
        let rate = self.method.rate();
        let passes = Passes { seed: position.seed, done: position.passes };
        let objective = &self.objective;
        if let Some(watch) = &mut self.watch {
            watch.speak_of(Location::caller());
        }
        let (loss, gradients, norm) = match &mut self.method {
            Method::Lbfgs(optimizer) => {
                let progress = optimizer.step(model, |model| {
                    let (loss, gradients) = pass(objective, model, data, batches, passes, None);
                    (T::from_f64(loss), gradients)
                })?;
                (progress.loss, None, None)
            }
            Method::Optimizer(optimizer) => {
                let (loss, gradients) = pass(objective, model, data, batches, passes, self.watch.as_mut());
                self.teller.news(self.watch.as_mut());
                if !loss.is_finite() {
                    return Err(not_finite(loss, epoch, step).into());
                }
                let (gradients, norm) = self.clipping.apply(gradients)?;
                let view = StepView { epoch, step, loss, rate, gradients: Some(&gradients), model };
                self.callbacks.iter_mut().for_each(|callback| callback.before_step(&view));
                optimizer.step(model, &gradients);
                if let Some(watch) = &mut self.watch {
                    watch.note("learning rate", rate);
                    watch.after_step(model, &gradients);
                }
                (loss, Some(gradients), norm)
            }
        };
        let rows = batches.iter().map(Vec::len).sum::<usize>() as u64;
        let position = &mut self.run.position;
        position.step = step;
        position.passes += batches.len() as u64;
        position.batch += batches.len() as u64;
        position.rows += rows;
        position.sum += loss * rows as f64;
        self.run.history.add_step(epoch, loss, rate, norm);
        self.teller.step(epoch, step, loss, rate, norm);
        let view = StepView { epoch, step, loss, rate, gradients: gradients.as_ref(), model };
        Ok(all(self.callbacks.iter_mut().map(|callback| callback.after_step(&view))))
    }
}

/// Goes on if all do; all are asked.
pub(super) fn all(flows: impl Iterator<Item = ControlFlow<()>>) -> ControlFlow<()> {
    if flows.filter(ControlFlow::is_break).count() == 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

#[cold]
#[track_caller]
fn not_finite(loss: f64, epoch: u64, step: u64) -> Error {
    Error::non_finite(
        format!("the loss is {loss} at step {step}, in epoch {epoch}"),
        "lower the learning rate or clip the gradients, and look for such numbers in the data; the weights are those from \
         before the step",
    )
    .during("Trainer", [])
}
