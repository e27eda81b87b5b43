//! Dropout.

use crate::Module;
use autograd::algebra::Real;
use autograd::{Array, Layer};

/// In training, each element is 0 with probability `p`, else divided by `1 − p`; in evaluation nothing happens. Shape:
/// that of `x`. Source: Srivastava et al., 2014.
///
/// The mask is a function of the run's key, the step and the place in the program: the same run gives the same mask.
///
/// # Panics
/// In training without a random key. Use `gradient_at(key.at_step(n), …)`.
///
/// ```
/// use nn::prelude::*;
/// let x = Param::new(Tensor::<f32>::ones([1000]));
/// let (sum, _) = gradient_at(Key::new(7), |tape| Dropout { p: 0.25 }.forward(tape.param(&x)).sum());
/// assert!((sum - 1000.0).abs() < 100.0);
/// assert_eq!(Dropout { p: 0.25 }.forward(x.value().clone()), *x.value());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// The probability with which an element is dropped.
    pub p: f64,
}

impl<T: Real> Module<T> for Dropout {}

impl<T: Real> Layer<T> for Dropout {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Dropout");
        x.dropout(self.p)
    }
}
