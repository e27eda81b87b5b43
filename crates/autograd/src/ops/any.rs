//! The object-safe twin of [`Op`]: one method for each interpretation that a tape's sweeps run on.

use super::per_sample::SampleMessages;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::{InPrint, Real};
use crate::{Dual, Error, Interpretation, Shape, Symbol, Tensor, Var};
use smallbox::{SmallBox, smallbox, space::S2};
use std::any::TypeId;
use std::ops::Deref;

/// A recorded operation, its type forgotten.
pub(crate) trait AnyOp<T: Real> {
    fn name(&self) -> &'static str;
    fn constants(&self) -> Vec<(&'static str, String)>;
    fn decisions(&self, inputs: &[&Tensor<T>], output: &Tensor<T>) -> Vec<u64>;
    fn saves(&self) -> Saves;
    fn acts_on_rows(&self, _input: &Shape, _output: &Shape) -> bool {
        false
    }
    fn try_tensor(&self, inputs: &[&Tensor<T>]) -> Result<Tensor<T>, Error>;
    fn forward_tensor(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>);
    fn vjp_tensor(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>>;
    fn vjp_add(&self, _at: &Pullback<Tensor<T>>, _i: usize, _sum: &mut Tensor<T>) -> bool {
        false
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>>;
    fn vjp_var(&self, at: &Pullback<Var<T>>) -> Messages<Var<T>>;
    fn vjp_dual(&self, at: &Pullback<Dual<Tensor<T>>>) -> Messages<Dual<Tensor<T>>>;
    fn vjp_symbol(&self, at: &Pullback<Symbol<T>>) -> Messages<Symbol<T>>;
    fn in_print(&self, inputs: &[&str], output: &str, cotangent: &str) -> Option<InPrint>;
    fn try_symbol(&self, inputs: &[&Symbol<T>]) -> Option<Symbol<T>>;
    fn jvp_tensor(&self, at: &Pushforward<Tensor<T>>) -> Tensor<T>;
    /// Which rule it is: operations of one kind, constants and shapes are written alike.
    fn kind(&self) -> TypeId;
    fn clone_boxed(&self) -> BoxedOp<T>;
}

/// A recorded operation in its box: most are so small that they lie in it, and nothing is asked of the allocator.
pub(crate) struct BoxedOp<T: Real>(SmallBox<dyn AnyOp<T>, S2>);

impl<T: Real> BoxedOp<T> {
    #[inline]
    pub fn new(op: impl AnyOp<T> + 'static) -> Self {
        BoxedOp(smallbox!(op))
    }
}

impl<T: Real> Clone for BoxedOp<T> {
    fn clone(&self) -> Self {
        self.clone_boxed()
    }
}

impl<T: Real> Deref for BoxedOp<T> {
    type Target = dyn AnyOp<T>;
    #[inline]
    fn deref(&self) -> &Self::Target {
        &*self.0
    }
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
    fn saves(&self) -> Saves {
        Op::saves(self)
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        Op::acts_on_rows(self, input, output)
    }
    fn try_tensor(&self, inputs: &[&Tensor<T>]) -> Result<Tensor<T>, Error> {
        Tensor::try_apply(self.clone(), inputs)
    }
    fn forward_tensor(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        self.record(inputs, shape)
    }
    fn vjp_tensor(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        pulled_back(Op::name(self), self.vjp_fused(at), false)
    }
    fn vjp_add(&self, at: &Pullback<Tensor<T>>, i: usize, sum: &mut Tensor<T>) -> bool {
        // A rule that is made wrong on purpose sends its message, so that it can be changed.
        #[cfg(feature = "mutation")]
        if super::mutation::is_active(Op::name(self)) {
            return false;
        }
        Op::vjp_add(self, at, i, sum)
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        Op::vjp_per_sample(self, at)
    }
    fn vjp_var(&self, at: &Pullback<Var<T>>) -> Messages<Var<T>> {
        pulled_back(Op::name(self), self.vjp(at), true)
    }
    fn vjp_dual(&self, at: &Pullback<Dual<Tensor<T>>>) -> Messages<Dual<Tensor<T>>> {
        pulled_back(Op::name(self), self.vjp(at), true)
    }
    fn vjp_symbol(&self, at: &Pullback<Symbol<T>>) -> Messages<Symbol<T>> {
        self.vjp(at)
    }
    fn in_print(&self, inputs: &[&str], output: &str, cotangent: &str) -> Option<InPrint> {
        Op::in_print(self, inputs, output, cotangent)
    }
    fn try_symbol(&self, inputs: &[&Symbol<T>]) -> Option<Symbol<T>> {
        Symbol::try_apply(self.clone(), inputs).ok()
    }
    fn jvp_tensor(&self, at: &Pushforward<Tensor<T>>) -> Tensor<T> {
        push_forward(self, at)
    }
    fn kind(&self) -> TypeId {
        TypeId::of::<O>()
    }
    fn clone_boxed(&self) -> BoxedOp<T> {
        BoxedOp::new(self.clone())
    }
}

/// What a pull-back returned. The proof puts wrong messages in its place.
fn pulled_back<A: Interpretation>(_op: &str, messages: Messages<A>, _recorded: bool) -> Messages<A> {
    #[cfg(feature = "mutation")]
    return super::mutation::pull_back(_op, messages, _recorded);
    #[cfg(not(feature = "mutation"))]
    messages
}

/// The push-forward of a rule. The proof puts a wrong one in its place.
#[track_caller]
pub(crate) fn push_forward<T: Real, A: Interpretation<Real = T>, O: Op<T>>(op: &O, at: &Pushforward<A>) -> A {
    #[cfg(feature = "mutation")]
    return super::mutation::push_forward(op, at);
    #[cfg(not(feature = "mutation"))]
    op.jvp(at)
}
