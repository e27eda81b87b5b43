//! Batches of sequences of which some end early.

use autograd::algebra::Real;
use autograd::{Error, Interpretation, Mask, Shaping, Tensor};

/// What of a batch is padding: the sequences that are shorter than the longest.
pub(super) struct Padding<A> {
    /// The lengths, `[batch, 1]`.
    lengths: A,
    shortest: usize,
    steps: usize,
}

impl<A: Interpretation> Padding<A> {
    /// Of a batch `[time, batch, features]`; `None` if all of its sequences are as long as it.
    #[track_caller]
    pub(super) fn of(name: &'static str, x: &A, lengths: &[usize]) -> Option<Self> {
        let (steps, batch) = (x.shape()[0], x.shape()[1]);
        let longest = lengths.iter().copied().max().unwrap_or(0);
        if lengths.len() != batch || longest > steps {
            Error::value(
                format!("lengths {lengths:?} for a batch of {batch} sequences padded to {steps} steps"),
                "give each sequence of the batch its own length, up to the number of steps",
            )
            .raise::<()>(name);
        }
        let shortest = lengths.iter().copied().min().unwrap_or(steps);
        let column = || Tensor::from_fn([batch, 1], |i| A::Real::from_f64(lengths[i] as f64));
        (shortest < steps).then(|| Padding { lengths: x.constant(&column()), shortest, steps })
    }

    /// Which sequences have a step at this time, if not all do.
    #[track_caller]
    pub(super) fn at(&self, time: usize) -> Option<Mask<A>> {
        let number = || self.lengths.constant(&Tensor::scalar(A::Real::from_f64(time as f64)));
        (time >= self.shortest).then(|| self.lengths.greater(&number()))
    }

    /// With zeros in the padding of `[time, batch, features]`.
    #[track_caller]
    pub(super) fn zeroed(&self, x: A) -> A {
        let times = self.lengths.constant(&Tensor::arange(self.steps).reshape([-1, 1, 1]));
        let inside = self.lengths.greater(&times);
        inside.choose(&x, &x.constant(&Tensor::scalar(A::Real::ZERO)))
    }
}
