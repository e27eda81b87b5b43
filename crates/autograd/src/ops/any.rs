//! The object-safe twin of [`Op`]: one method for each interpretation that a tape's sweeps run on.

use super::{Messages, Op, Pullback, Pushforward};
use crate::algebra::Real;
use crate::{Dual, Tensor, Var};

/// A recorded operation, its type forgotten.
pub(crate) trait AnyOp<T: Real> {
    fn name(&self) -> &'static str;
    fn constants(&self) -> Vec<(&'static str, String)>;
    fn decisions(&self, inputs: &[&Tensor<T>], output: &Tensor<T>) -> Vec<u64>;
    fn vjp_tensor(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>>;
    fn vjp_var(&self, at: &Pullback<Var<T>>) -> Messages<Var<T>>;
    fn vjp_dual(&self, at: &Pullback<Dual<Tensor<T>>>) -> Messages<Dual<Tensor<T>>>;
    fn jvp_tensor(&self, at: &Pushforward<Tensor<T>>) -> Tensor<T>;
    fn clone_box(&self) -> Box<dyn AnyOp<T>>;
}

impl<T: Real, O: Op<T>> AnyOp<T> for O {
    fn name(&self) -> &'static str {
        Op::name(self)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        Op::constants(self)
    }
    fn decisions(&self, inputs: &[&Tensor<T>], output: &Tensor<T>) -> Vec<u64> {
        Op::decisions(self, inputs, output)
    }
    fn vjp_tensor(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        self.vjp_fused(at)
    }
    fn vjp_var(&self, at: &Pullback<Var<T>>) -> Messages<Var<T>> {
        self.vjp(at)
    }
    fn vjp_dual(&self, at: &Pullback<Dual<Tensor<T>>>) -> Messages<Dual<Tensor<T>>> {
        self.vjp(at)
    }
    fn jvp_tensor(&self, at: &Pushforward<Tensor<T>>) -> Tensor<T> {
        self.jvp(at)
    }
    fn clone_box(&self) -> Box<dyn AnyOp<T>> {
        Box::new(self.clone())
    }
}

impl<T: Real> Clone for Box<dyn AnyOp<T>> {
    fn clone(&self) -> Self {
        (**self).clone_box()
    }
}
