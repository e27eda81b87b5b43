//! The training form: records, sweeps back, and frees what was recorded on the way.

use super::backward::{sweep, watched_pull};
use super::gradients::Origin;
use super::observe::{Observer, Watch};
use super::recompute::Passage;
use super::{Gradients, Outcome, Tape, Var};
use crate::algebra::Real;
use crate::{Error, Key, Tensor};
use std::panic::Location;

/// The value of the loss with what came beside it, and the gradients.
pub(crate) type Trained<T, R> = (<R as Outcome<T>>::With<T>, Gradients<Tensor<T>>);

/// The training form: records `f` on a fresh tape, sweeps it backwards, and frees it on the way, whoever still holds a
/// handle, so that an optimizer finds every weight unshared. Returns the value of the loss and its gradients with
/// respect to every parameter; if `f` gives something besides the loss, `((value, something), gradients)`.
///
/// # Panics
/// If the loss is not a scalar or depends on nothing recorded; see [`try_gradient`].
///
/// ```
/// use autograd::prelude::*;
/// let (w, x) = (Param::new(Tensor::from([[0.5_f32, -0.5]])), Tensor::from([[1.0, 2.0]]));
/// let (loss, gradients) = gradient(|tape| {
///     let x = tape.constant(&x);
///     x.linear(&x.param(&w), None).square().sum()
/// });
/// assert_eq!((loss, gradients.of(&w).or_zeros().to_vec()), (0.25, vec![-1.0, -2.0]));
///
/// let ((loss, prediction), _) = gradient(|tape| {
///     let x = tape.constant(&x);
///     let y = x.linear(&x.param(&w), None);
///     (y.square().sum(), y.value().clone())
/// });
/// assert_eq!((loss, prediction.to_vec()), (0.25, vec![-0.5]));
/// ```
#[track_caller]
pub fn gradient<T: Real, R: Outcome<T>>(f: impl FnOnce(&Tape<T>) -> R) -> Trained<T, R> {
    Tape::new().gradient(f)
}

/// [`gradient`] with a random key: what dropout draws from. Give every step its own: `key.at_step(n)`. With other settings
/// of the tape, or an observer: [`Tape::gradient`], [`Tape::gradient_observed`].
///
/// # Panics
/// As [`gradient`].
#[track_caller]
pub fn gradient_at<T: Real, R: Outcome<T>>(key: Key, f: impl FnOnce(&Tape<T>) -> R) -> Trained<T, R> {
    Tape::new().with_key(key).gradient(f)
}

/// [`gradient`], or why there is none.
///
/// # Errors
/// [`Error::NotScalar`], [`Error::NothingRecorded`].
#[track_caller]
pub fn try_gradient<T: Real, R: Outcome<T>>(f: impl FnOnce(&Tape<T>) -> R) -> Result<Trained<T, R>, Error> {
    Tape::new().train(f, Watch(None), Location::caller())
}

impl<T: Real> Tape<T> {
    /// [`gradient`](crate::gradient), on a tape with settings of its own. The tape is empty afterwards.
    ///
    /// # Panics
    /// As [`gradient`](crate::gradient).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let w = Param::new(Tensor::from([0.0_f32]));
    /// let zero = Tensor::from([0.0]);
    /// let loss = |tape: &Tape| (tape.param(&w).sqrt() * tape.constant(&zero)).sum();
    /// assert_eq!(Tape::new().gradient(loss).1.of(&w).or_zeros().item(), 0.0);
    /// assert!(Tape::new().strict().gradient(loss).1.of(&w).or_zeros().item().is_nan());
    /// ```
    #[track_caller]
    pub fn gradient<R: Outcome<T>>(self, f: impl FnOnce(&Tape<T>) -> R) -> Trained<T, R> {
        match self.train(f, Watch(None), Location::caller()) {
            Ok(trained) => trained,
            Err(error) => error.raise("gradient"),
        }
    }

    /// [`Tape::gradient`], watched.
    ///
    /// # Panics
    /// As [`gradient`](crate::gradient), and if the observer changes the shape of a gradient.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::{Observer, Visit};
    ///
    /// /// Keeps every element of a parameter's gradient within ±1.
    /// struct Clip;
    /// impl Observer for Clip {
    ///     fn leaf(&mut self, _: Visit, gradient: Tensor) -> Tensor {
    ///         gradient.minimum(&Tensor::scalar(1.0)).maximum(&Tensor::scalar(-1.0))
    ///     }
    /// }
    /// let w = Param::new(Tensor::from([3.0, 0.2]));
    /// let (_, gradients) = Tape::new().gradient_observed(&mut Clip, |tape| tape.param(&w).square().sum());
    /// assert_eq!(gradients.of(&w).or_zeros().to_vec(), [1.0, 0.4]);
    /// ```
    #[track_caller]
    pub fn gradient_observed<R: Outcome<T>>(
        self,
        observer: &mut dyn Observer<Tensor<T>>,
        f: impl FnOnce(&Tape<T>) -> R,
    ) -> Trained<T, R> {
        match self.train(f, Watch(Some(observer)), Location::caller()) {
            Ok(trained) => trained,
            Err(error) => error.raise("gradient"),
        }
    }

    #[track_caller]
    fn train<R: Outcome<T>>(
        self,
        f: impl FnOnce(&Tape<T>) -> R,
        watch: Watch<'_, Tensor<T>>,
        at: &'static Location<'static>,
    ) -> Result<Trained<T, R>, Error> {
        let (loss, aside) = f(&self).split();
        drop(self);
        loss.scalar_root()?;
        // A tape with an alarm sweeps twice: the first sweep keeps what was recorded, so that there is something to tell of
        // when a number is not finite.
        if loss.tape.0.alarm.is_some() {
            loss.try_backward()?;
        }
        let value = loss.value.item();
        Ok((R::join(value, aside), loss.backward_freeing(watch, at)))
    }
}

impl<T: Real> Var<T> {
    /// [`backward`](Var::backward) for whoever is done with the tape: frees it on the way, and keeps the gradients of its
    /// leaves alone.
    ///
    /// # Panics
    /// As [`backward`](Var::backward).
    #[track_caller]
    pub(crate) fn backward_once(&self) -> Gradients<Tensor<T>> {
        match self.scalar_root() {
            Ok(()) => self.backward_freeing(Watch(None), Location::caller()),
            Err(error) => error.raise("backward"),
        }
    }

    /// The sweep of the training form: frees what was saved as it goes, keeps the gradients of leaves alone, and leaves
    /// the tape empty.
    fn backward_freeing(
        &self,
        mut watch: Watch<'_, Tensor<T>>,
        at: &'static Location<'static>,
    ) -> Gradients<Tensor<T>> {
        let tape = &self.tape;
        let origin = Origin::of(tape);
        let mut nodes = std::mem::take(&mut *tape.0.nodes.borrow_mut());
        let params = tape.0.params.borrow().map(|entered| entered.node);
        let mut passage = Passage::of(tape);
        let lessons = std::mem::take(&mut *tape.0.lessons.borrow_mut());
        tape.emptied(&nodes, at);
        let guard = tape.0.guard.get();
        let cotangent = Tensor::full(self.value.shape(), T::ONE);
        let slots = sweep(self.node, cotangent, |id, gradient, sums| {
            nodes.truncate(id + 1);
            if gradient.is_some() && passage.concerns(&nodes[id]) {
                passage.enter(&mut nodes, id);
            }
            let gradient = watched_pull(&nodes, id, gradient, guard, &mut watch, sums);
            gradient.filter(|_| nodes[id].op.is_none())
        });
        passage.end(&tape.0, &mut nodes);
        let params = params.map(|&node| slots.get(node as usize).cloned().unwrap_or_default());
        Gradients { params, slots, lessons, tape: origin }
    }
}
