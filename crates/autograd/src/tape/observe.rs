//! Hooks: one observer that sees a backward sweep pass, and may change what it finds.

use super::NONE;
use super::node::{LEAF, Node};
use crate::algebra::Real;
use crate::{Error, Interpretation, Tensor};
use std::panic::Location;

/// Watches a backward sweep, on tensors or on the variables of a recorded one.
///
/// The sweep goes from the root down, in the reverse order of the recording. At each node that a gradient reaches, in
/// this order:
///
/// 1. [`before`](Observer::before): the sweep has come to it.
/// 2. [`gradient`](Observer::gradient) for an operation, [`leaf`](Observer::leaf) for an input or a parameter: all
///    messages have arrived, their sum is the node's gradient. What is returned takes its place, for the rule, for
///    everything below, and in the [`Gradients`](crate::Gradients) that come back.
/// 3. [`message`](Observer::message), of an operation, for each input that is tracked, in the order of the inputs: what
///    its rule sends there, before it is added to what is there.
///
/// Nodes that nothing reaches, or exact zeros only, are passed over. Without an observer nothing of this is done.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::{Observer, Visit};
///
/// /// Which operation's gradient is the first that is not finite.
/// #[derive(Default)]
/// struct FirstNotFinite(Option<Visit>);
/// impl Observer for FirstNotFinite {
///     fn gradient(&mut self, node: Visit, gradient: Tensor) -> Tensor {
///         if !gradient.to_vec().iter().all(|g| g.is_finite()) {
///             self.0.get_or_insert(node);
///         }
///         gradient
///     }
/// }
/// let x = Tape::new().var([0.0, 1.0]);
/// let loss = (x.sqrt().sqrt() * 2.0).sum();
/// let mut first = FirstNotFinite::default();
/// loss.backward_observed(&mut first);
/// assert_eq!(first.0.map(|node| (node.node, node.op)), Some((1, "sqrt")));
/// ```
pub trait Observer<A: Interpretation = Tensor> {
    /// The sweep has come to a node.
    fn before(&mut self, node: Visit) {
        let _ = node;
    }

    /// The finished gradient of an operation's result. Returns what is to take its place, usually itself.
    fn gradient(&mut self, node: Visit, gradient: A) -> A {
        let _ = node;
        gradient
    }

    /// The finished gradient of a leaf. Returns what is to take its place, usually itself.
    fn leaf(&mut self, node: Visit, gradient: A) -> A {
        let _ = node;
        gradient
    }

    /// What an operation sends to one of its inputs; `None` for an exact zero.
    fn message(&mut self, edge: Edge, message: Option<&A>) {
        let _ = (edge, message);
    }
}

/// A node that a sweep has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its place on the tape.
    pub node: usize,
    /// The operation, `leaf` for an input or a parameter.
    pub op: &'static str,
    /// The line that recorded it.
    pub at: &'static Location<'static>,
}

/// The way of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The operation that sends it.
    pub from: Visit,
    /// Which of its inputs it is for.
    pub input: usize,
    /// The place of that input on the tape.
    pub to: usize,
}

/// What a sweep tells an observer, if there is one.
pub(super) struct Watch<'a, A>(pub Option<&'a mut dyn Observer<A>>);

impl<A: Interpretation> Watch<'_, A> {
    /// Shows the finished gradient of a node, and gives what takes its place.
    #[inline]
    pub fn arrive(&mut self, gradient: Option<A>, node: impl FnOnce() -> Visit) -> Option<A> {
        match (&mut self.0, gradient) {
            (Some(observer), Some(gradient)) => Some(shown(*observer, node(), gradient)),
            (_, gradient) => gradient,
        }
    }

    /// Shows what a node sends to its inputs.
    pub fn depart(&mut self, node: impl FnOnce() -> Visit, inputs: &[u32], messages: &[Option<A>]) {
        let Some(observer) = &mut self.0 else { return };
        let from = node();
        for (input, (&to, message)) in inputs.iter().zip(messages).enumerate() {
            if to != NONE {
                observer.message(Edge { from, input, to: to as usize }, message.as_ref());
            }
        }
    }
}

fn shown<A: Interpretation>(observer: &mut dyn Observer<A>, node: Visit, gradient: A) -> A {
    observer.before(node);
    let shape = gradient.shape();
    let shown = if node.op == LEAF { observer.leaf(node, gradient) } else { observer.gradient(node, gradient) };
    if shown.shape() != shape {
        Error::rule(
            format!("an observer put a gradient of shape {} in the place of one of shape {shape}", shown.shape()),
            "return a gradient of the same shape",
        )
        .located(node.at)
        .raise::<()>(node.op);
    }
    shown
}

impl Visit {
    pub(super) fn of<T: Real>(nodes: &[Node<T>], id: usize) -> Self {
        Visit { node: id, op: nodes[id].name(), at: nodes[id].at }
    }
}
