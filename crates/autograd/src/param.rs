//! Parameters: values that training changes.

use crate::Tensor;
use crate::algebra::Real;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A trainable value with an identity. A model holds parameters, not handles on a tape; `x.param(&self.weight)` brings
/// one into the computation that `x` belongs to.
///
/// The identity is unique in the process: moving keeps it, cloning makes a new one (an average or a target network
/// stays apart), loading replaces the value and keeps it. Gradients go by identity, files and optimizer state by path.
///
/// ```
/// use autograd::prelude::*;
/// let weight = Param::new(Tensor::from([2.0_f32]));
/// let (loss, gradients) = gradient(|tape| tape.param(&weight).square().sum());
/// assert_eq!((loss, gradients.of(&weight).or_zeros().item()), (4.0, 4.0));
/// ```
pub struct Param<T: Real = f32> {
    id: ParamId,
    value: Tensor<T>,
    frozen: bool,
    statistic: bool,
    path: Option<Arc<str>>,
}

/// The identity of a parameter in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamId(u64);

impl ParamId {
    fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        ParamId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
    /// The identity as a number, unique in this process.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl<T: Real> Param<T> {
    /// A trainable parameter with this value.
    pub fn new(value: Tensor<T>) -> Self {
        Param { id: ParamId::fresh(), value, frozen: false, statistic: false, path: None }
    }

    /// What a layer learns on the side, like the running mean of a batch norm: it is saved with the parameters, has no
    /// gradient, and changes by what a run [taught](crate::Interpretation::learn) it when the optimizer steps.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let mean = Param::statistic(Tensor::from([2.0_f32]));
    /// let tape = Tape::new();
    /// assert!(mean.is_statistic() && tape.param(&mean).node().is_none());
    /// ```
    pub fn statistic(value: Tensor<T>) -> Self {
        Param { statistic: true, ..Param::new(value) }
    }

    /// Its identity.
    pub fn id(&self) -> ParamId {
        self.id
    }

    /// Its value, to read, save or print. To compute with it, bring it in with `x.param(&p)`: that is what tracks it.
    pub fn value(&self) -> &Tensor<T> {
        &self.value
    }

    /// Replaces the value; the identity stays.
    pub fn set(&mut self, value: Tensor<T>) {
        self.value = value;
    }

    /// The value for writing, row-major; copied first if a tape or anyone else still holds it.
    pub fn make_mut(&mut self) -> &mut [T] {
        self.value.make_mut()
    }

    /// Whether it is a statistic: then it enters a computation as a constant, and learns on the side.
    pub fn is_statistic(&self) -> bool {
        self.statistic
    }

    /// Whether training leaves it alone: then it enters a computation as a constant.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Freezes it, or not.
    pub fn set_frozen(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Where it is in its model (`encoder.0.weight`), once a walk over the model has told it.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    pub(crate) fn shared_path(&self) -> Option<Arc<str>> {
        self.path.clone()
    }

    /// Tells it where it is in its model.
    pub fn set_path(&mut self, path: &str) {
        if self.path.as_deref() != Some(path) {
            self.path = Some(path.into());
        }
    }

    /// A name for messages: the path, or the shape.
    pub(crate) fn label(&self) -> String {
        match &self.path {
            Some(path) => path.to_string(),
            None => format!("parameter {}", self.value.shape()),
        }
    }
}

impl<T: Real> Clone for Param<T> {
    /// The same value under a new identity.
    fn clone(&self) -> Self {
        Param { id: ParamId::fresh(), path: self.path.clone(), value: self.value.clone(), ..*self }
    }
}

impl<T: Real> fmt::Debug for Param<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Param `{}` {}", self.label(), self.value.shape())
    }
}
