//! What looks at a run, and may end it.

use super::history::{EpochRecord, History};
use autograd::algebra::Real;
use autograd::{Gradients, Tensor};
use std::ops::ControlFlow;

/// What looks at a run. Several are asked in the order in which they were given.
///
/// The order of a step: the learning rate is set; the loss and its gradients are computed, batch by batch; gradients are
/// clipped; [`before_step`](Callback::before_step); the weights move; [`after_step`](Callback::after_step); a checkpoint, if
/// one is due. At the end of an epoch, before that checkpoint: the validation loss and the metrics, the entry in the
/// history, the plateau's rate, early stopping, the line, [`after_epoch`](Callback::after_epoch).
///
/// ```
/// use nn::data::Measured;
/// use nn::prelude::*;
/// use nn::train::{Callback, StepView, Trainer};
/// use std::ops::ControlFlow;
///
/// /// Ends a run whose gradients have become small.
/// struct Flat(f32);
/// impl<M> Callback<M> for Flat {
///     fn after_step(&mut self, step: &StepView<'_, M>) -> ControlFlow<()> {
///         let largest = step.gradients.iter().flat_map(|g| g.of_parameters()).map(|g| g.abs().max().item()).fold(0.0, f32::max);
///         if largest < self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
///     }
/// }
///
/// let line = Measured::new([[0.0], [1.0]].into(), [[1.0], [3.0]].into())?;
/// let mut net = Linear::new(1, 1, &mut ChaCha8Rng::seed_from_u64(0));
/// let mut trainer = Trainer::of_layer(Sgd::new(0.5), |y, target: &Tensor| loss::mse(y, &y.constant(target), Reduction::Mean))
///     .with_epochs(1000)
///     .with_callback(Flat(1e-3));
/// assert!(trainer.fit(&mut net, &line)?.history.epochs.len() < 1000);
/// # Ok::<(), nn::train::TrainError>(())
/// ```
pub trait Callback<M, T: Real = f32> {
    /// Gradients are there, and the weights have not moved. Not called with L-BFGS, which moves them in between.
    fn before_step(&mut self, step: &StepView<'_, M, T>) {
        let _ = step;
    }

    /// The weights have moved; breaking ends the run here.
    fn after_step(&mut self, step: &StepView<'_, M, T>) -> ControlFlow<()> {
        let _ = step;
        ControlFlow::Continue(())
    }

    /// An epoch is over; breaking ends the run here.
    fn after_epoch(&mut self, epoch: &EpochView<'_, M>) -> ControlFlow<()> {
        let _ = epoch;
        ControlFlow::Continue(())
    }
}

/// What a callback sees of a step.
pub struct StepView<'a, M, T: Real = f32> {
    /// The epoch, from 1.
    pub epoch: u64,
    /// The step of the run, from 1.
    pub step: u64,
    /// The loss: before the weights moved, but with L-BFGS after it.
    pub loss: f64,
    /// The learning rate of this step.
    pub rate: f64,
    /// The gradients that the optimizer gets, `None` with L-BFGS.
    pub gradients: Option<&'a Gradients<Tensor<T>>>,
    /// The model as it is now.
    pub model: &'a M,
}

/// What a callback sees of an epoch.
pub struct EpochView<'a, M> {
    /// Its losses and metrics.
    pub record: &'a EpochRecord,
    /// The run so far.
    pub history: &'a History,
    /// The model as it is now.
    pub model: &'a M,
}

/// A closure that is called after each epoch.
pub(super) struct AfterEpoch<F>(pub(super) F);

impl<M, T: Real, F: FnMut(&EpochView<'_, M>) -> ControlFlow<()>> Callback<M, T> for AfterEpoch<F> {
    fn after_epoch(&mut self, epoch: &EpochView<'_, M>) -> ControlFlow<()> {
        (self.0)(epoch)
    }
}

/// A closure that is called after each step.
pub(super) struct AfterStep<F>(pub(super) F);

impl<M, T: Real, F: FnMut(&StepView<'_, M, T>) -> ControlFlow<()>> Callback<M, T> for AfterStep<F> {
    fn after_step(&mut self, step: &StepView<'_, M, T>) -> ControlFlow<()> {
        (self.0)(step)
    }
}
