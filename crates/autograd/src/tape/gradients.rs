//! What a backward sweep returns.

use super::by_id::ById;
use super::statistics::Lessons;
use super::{NONE, Tape, Var};
use crate::algebra::Real;
use crate::{Interpretation, Param, Shape, Tensor};

/// The gradient of a root with respect to every variable and parameter, fresh from one backward sweep. Nothing is
/// accumulated behind anyone's back; adding two is [`plus`](Gradients::plus).
///
/// Over [`Tensor`]s after a plain sweep, over [`Var`]s after a recorded one.
#[derive(Clone, Debug)]
pub struct Gradients<A: Interpretation = Tensor> {
    pub(super) slots: Vec<Slot<A>>,
    pub(super) params: ById<Slot<A>>,
    pub(super) lessons: Lessons<A::Real>,
    pub(super) tape: Origin,
}

/// Which tape, and which filling of it, gradients came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    address: usize,
    generation: u32,
}

impl Origin {
    pub(super) fn of<T: Real>(tape: &Tape<T>) -> Self {
        Origin { address: std::rc::Rc::as_ptr(&tape.0) as usize, generation: tape.0.generation.get() }
    }

    /// Whether it is this tape, filled as then.
    pub(super) fn is(&self, address: usize, generation: u32) -> bool {
        self.address == address && self.generation == generation
    }
}

/// What a sweep found at one node.
#[derive(Clone, Debug, Default)]
pub(super) enum Slot<A> {
    /// No path from the root.
    #[default]
    Unreached,
    /// Reached, by exact zeros only.
    Zero,
    /// The sum of the messages.
    Value(A),
}

/// A gradient, in one of three states.
#[derive(Clone, Debug)]
pub enum Reached<'a, A> {
    /// The gradient.
    Value(&'a A),
    /// An exact zero: the root depends on it only through operations whose derivative is 0.
    Zero(Shape),
    /// The root does not depend on it.
    Unreachable(Shape),
}

impl<'a, A> Reached<'a, A> {
    /// The gradient, or `None` for an exact zero and for the unreachable.
    pub fn value(self) -> Option<&'a A> {
        match self {
            Reached::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl<T: Real> Reached<'_, Tensor<T>> {
    /// The gradient as a tensor, zeros made real.
    pub fn or_zeros(self) -> Tensor<T> {
        match self {
            Reached::Value(value) => value.clone(),
            Reached::Zero(shape) | Reached::Unreachable(shape) => Tensor::zeros(shape),
        }
    }
}

impl<T: Real> Reached<'_, Var<T>> {
    /// The recorded gradient; zeros are constants of the tape of `door`.
    pub fn or_zeros_on(self, door: &Var<T>) -> Var<T> {
        match self {
            Reached::Value(value) => value.clone(),
            Reached::Zero(shape) | Reached::Unreachable(shape) => door.constant(&Tensor::zeros(shape)),
        }
    }
}

/// What gradients can be asked for: a variable or a parameter.
pub trait Source<T: Real> {
    #[doc(hidden)]
    fn key(&self) -> SourceKey;
    #[doc(hidden)]
    fn extents(&self) -> Shape;
}

/// How a source is found.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum SourceKey {
    /// A node of a tape.
    Node { tape: usize, generation: u32, node: u32 },
    /// A parameter.
    Param(u64),
}

impl<T: Real> Source<T> for Var<T> {
    fn key(&self) -> SourceKey {
        let tape = std::rc::Rc::as_ptr(&self.tape.0) as usize;
        SourceKey::Node { tape, generation: self.generation, node: self.node }
    }
    fn extents(&self) -> Shape {
        self.value.shape()
    }
}

impl<T: Real> Source<T> for Param<T> {
    fn key(&self) -> SourceKey {
        SourceKey::Param(self.id().number())
    }
    fn extents(&self) -> Shape {
        self.value().shape()
    }
}

impl<T: Real> Tape<T> {
    /// The node of a source on this tape, as it is filled now.
    pub(super) fn find(&self, source: &impl Source<T>) -> Option<u32> {
        match source.key() {
            SourceKey::Param(id) => self.0.params.borrow().get(id).map(|entered| entered.node),
            SourceKey::Node { tape, generation, node } => {
                (Origin::of(self).is(tape, generation) && node != NONE).then_some(node)
            }
        }
    }
}

impl<A: Interpretation> Gradients<A> {
    /// The gradient with respect to a variable or a parameter.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::Reached;
    /// let tape = Tape::new();
    /// let (x, y, z) = (tape.var([1.0_f32]), tape.var([2.0]), tape.var([3.0]));
    /// let gradients = (&x * 2.0 + y.step()).sum().backward();
    /// assert!(matches!(gradients.of(&x), Reached::Value(g) if g.to_vec() == [2.0]));
    /// assert!(matches!(gradients.of(&y), Reached::Zero(_)));
    /// assert!(matches!(gradients.of(&z), Reached::Unreachable(_)));
    /// ```
    pub fn of(&self, source: &impl Source<A::Real>) -> Reached<'_, A> {
        let slot = match source.key() {
            SourceKey::Param(id) => self.params.get(id),
            SourceKey::Node { tape, generation, node } => {
                if self.tape.is(tape, generation) {
                    self.slots.get(node as usize)
                } else {
                    None
                }
            }
        };
        match slot {
            Some(Slot::Value(value)) => Reached::Value(value),
            Some(Slot::Zero) => Reached::Zero(source.extents()),
            Some(Slot::Unreached) | None => Reached::Unreachable(source.extents()),
        }
    }

    /// The gradients of all parameters that have one, in the order in which the parameters were made: so that what is
    /// computed from all of them has the same bits in every run.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (a, b) = (Param::new(Tensor::from([2.0_f32])), Param::new(Tensor::from([3.0])));
    /// let (_, gradients) = gradient(|tape| (tape.param(&b) * tape.param(&a)).sum());
    /// assert_eq!(gradients.of_parameters().map(Tensor::item).collect::<Vec<_>>(), [3.0, 2.0]);
    /// ```
    pub fn of_parameters(&self) -> impl Iterator<Item = &A> {
        self.params.values().filter_map(Slot::value)
    }

    /// The gradients of parameters, added up: for several backward passes before one step. What statistics
    /// [learned](Gradients::learned) comes one after the other.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let weight = Param::new(Tensor::from([2.0_f32]));
    /// let pass = || gradient(|tape| tape.param(&weight).square().sum()).1;
    /// assert_eq!(pass().plus(pass()).of(&weight).or_zeros().item(), 8.0);
    /// ```
    pub fn plus(mut self, other: Self) -> Self {
        self.slots.clear();
        self.tape = Origin::default();
        for (id, slot) in other.params {
            self.params.or_default(id).receive_slot(slot);
        }
        self.learn_also(other.lessons);
        self
    }
}

impl<T: Real> Gradients<Tensor<T>> {
    /// Replaces the gradient of every parameter by `change` of it: for clipping and scaling.
    pub fn map(mut self, mut change: impl FnMut(Tensor<T>) -> Tensor<T>) -> Self {
        for slot in self.params.values_mut() {
            if let Slot::Value(value) = std::mem::take(slot) {
                *slot = Slot::Value(change(value));
            }
        }
        self
    }
}

impl<A> Slot<A> {
    fn value(&self) -> Option<&A> {
        match self {
            Slot::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl<A: Interpretation> Slot<A> {
    /// Adds a message; `None` is an exact zero.
    #[inline]
    pub(super) fn receive(&mut self, message: Option<A>) {
        match (&mut *self, message) {
            (Slot::Value(sum), Some(message)) => sum.accumulate(message),
            (_, Some(message)) => *self = Slot::Value(message),
            (Slot::Unreached, None) => *self = Slot::Zero,
            (_, None) => {}
        }
    }

    fn receive_slot(&mut self, slot: Slot<A>) {
        match slot {
            Slot::Unreached => {}
            Slot::Zero => self.receive(None),
            Slot::Value(value) => self.receive(Some(value)),
        }
    }
}
