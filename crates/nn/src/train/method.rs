//! How weights are moved: by an optimizer, or by L-BFGS, which evaluates the loss itself.

use crate::Module;
use crate::optim::{Lbfgs, Optimizer, OptimizerState};
use crate::schedule::{ReduceOnPlateau, Schedule};
use autograd::Error;
use autograd::algebra::Real;

/// What moves the weights of a run: any [`Optimizer`], plain or boxed, or [`Lbfgs`].
pub trait IntoMethod<'a, T: Real, Which> {
    #[doc(hidden)]
    fn method(self) -> Method<'a, T>;
}

/// Tells apart, for the compiler, what [`IntoMethod`] is implemented for: it does not know that L-BFGS is no [`Optimizer`].
pub mod which {
    /// An optimizer.
    pub enum Plain {}
    /// An optimizer in a box.
    pub enum Boxed {}
    /// L-BFGS.
    pub enum EvaluatesTheLoss {}
}

impl<'a, T: Real, O: Optimizer<T> + 'a> IntoMethod<'a, T, which::Plain> for O {
    fn method(self) -> Method<'a, T> {
        Method::Optimizer(Box::new(self))
    }
}

impl<'a, T: Real> IntoMethod<'a, T, which::Boxed> for Box<dyn Optimizer<T> + 'a> {
    fn method(self) -> Method<'a, T> {
        Method::Optimizer(self)
    }
}

impl<'a, T: Real> IntoMethod<'a, T, which::EvaluatesTheLoss> for Lbfgs {
    fn method(self) -> Method<'a, T> {
        Method::Lbfgs(self)
    }
}

#[doc(hidden)]
pub enum Method<'a, T: Real = f32> {
    Optimizer(Box<dyn Optimizer<T> + 'a>),
    Lbfgs(Lbfgs),
}

impl<T: Real> Method<'_, T> {
    /// The learning rate; that of L-BFGS, which looks for the length of each move, is 1.
    pub(super) fn rate(&self) -> f64 {
        match self {
            Method::Optimizer(optimizer) => optimizer.learning_rate(),
            Method::Lbfgs(_) => 1.0,
        }
    }

    pub(super) fn set_rate(&mut self, rate: f64) {
        if let Method::Optimizer(optimizer) = self {
            optimizer.set_learning_rate(rate);
        }
    }

    pub(super) fn state(&self, model: &dyn Module<T>) -> OptimizerState<T> {
        match self {
            Method::Optimizer(optimizer) => optimizer.state(model),
            Method::Lbfgs(optimizer) => optimizer.state(model),
        }
    }

    pub(super) fn load_state(&mut self, model: &dyn Module<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        match self {
            Method::Optimizer(optimizer) => optimizer.load_state(model, state),
            Method::Lbfgs(optimizer) => optimizer.load_state(model, state),
        }
    }
}

/// What says which learning rate a step has.
pub(super) enum Rate<'a> {
    /// That of the optimizer.
    Own,
    /// A function of the step.
    Schedule(Box<dyn Schedule + 'a>),
    /// It goes by a measure of each epoch.
    Plateau {
        /// As it was made.
        first: ReduceOnPlateau,
        /// As it is in this run.
        now: ReduceOnPlateau,
    },
}
