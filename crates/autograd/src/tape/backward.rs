//! The backward sweep, written once. What it runs on decides what it gives: tensors give gradients, variables give
//! gradients that are themselves recorded, duals give gradients together with how they change.

use super::gradients::{Gradients, Origin, Slot};
use super::node::Node;
use super::observe::{Observer, Visit, Watch};
use super::recompute::Passage;
use super::{NONE, Var};
use crate::algebra::Real;
use crate::ops::{Few, Messages, Pullback};
use crate::{Dual, Error, Interpretation, Shape, Tensor};
use std::panic::Location;

/// From the root back to the leaves: a node's gradient is the sum of the messages to it. `pull` gets a node with its gradient
/// (`None` for exact zeros) and what has arrived at the nodes before it, [delivers](deliver) the node's messages there, and
/// returns the gradient if it is to be kept.
#[inline]
pub(super) fn sweep<A: Interpretation>(
    root: u32,
    cotangent: A,
    mut pull: impl FnMut(usize, Option<A>, &mut [Slot<A>]) -> Option<A>,
) -> Vec<Slot<A>> {
    let mut slots: Vec<Slot<A>> = Vec::new();
    slots.resize_with(root as usize + 1, Slot::default);
    slots[root as usize] = Slot::Value(cotangent);
    for id in (0..slots.len()).rev() {
        let gradient = match std::mem::take(&mut slots[id]) {
            Slot::Unreached => continue,
            Slot::Zero => None,
            Slot::Value(gradient) => Some(gradient),
        };
        let was_zero = gradient.is_none();
        slots[id] = match pull(id, gradient, &mut slots[..id]) {
            Some(gradient) => Slot::Value(gradient),
            None if was_zero => Slot::Zero,
            None => Slot::Unreached,
        };
    }
    slots
}

/// Adds a node's messages to what has arrived at its inputs.
#[inline]
pub(super) fn deliver<A: Interpretation>(sums: &mut [Slot<A>], inputs: &[u32], mut messages: Messages<A>) {
    for (&input, message) in inputs.iter().zip(&mut messages) {
        if input != NONE {
            sums[input as usize].receive(message.take());
        }
    }
}

/// The shapes of those inputs whose gradients are wanted: those that are nodes.
pub(super) fn wanted<'a, T: Real>(nodes: &'a [Node<T>], inputs: &[u32]) -> Few<Option<&'a Shape>> {
    inputs.iter().map(|&input| (input != NONE).then(|| &nodes[input as usize].shape)).collect()
}

/// Checks what a rule returned.
pub(super) fn check<A: Interpretation>(
    op: &'static str,
    at: &'static Location<'static>,
    shapes: &[Option<&Shape>],
    messages: &Messages<A>,
) {
    let problem = if messages.len() != shapes.len() {
        Some(format!("its pull-back returned {} messages for {} inputs", messages.len(), shapes.len()))
    } else {
        shapes.iter().zip(messages).enumerate().find_map(|(i, (shape, message))| match (shape, message) {
            (Some(shape), Some(message)) if message.shape() != **shape => Some(format!(
                "its pull-back returned a message of shape {} for input {i} of shape {shape}",
                message.shape()
            )),
            _ => None,
        })
    };
    if let Some(problem) = problem {
        Error::rule(problem, "`Op::vjp` returns one message an input, each of its input's shape")
            .located(at)
            .raise::<()>(op);
    }
}

/// What the rule of a node sees on plain tensors.
pub(super) fn seen<'a, T: Real>(
    node: &'a Node<T>,
    shapes: &'a [Option<&'a Shape>],
    cotangent: &'a Tensor<T>,
    guard: bool,
) -> Pullback<'a, Tensor<T>> {
    Pullback {
        op: node.name(),
        inputs: &node.saved,
        shapes,
        output: node.output.as_ref(),
        kept: &node.kept,
        cotangent,
        guard,
    }
}

/// One step of the sweep on plain tensors. `sums` is what has arrived at the nodes before this one, where nobody watches
/// the messages: then a rule may [add](crate::ops::Op::vjp_add) its own.
pub(super) fn pull_tensor<T: Real>(
    nodes: &[Node<T>],
    id: usize,
    g: &Tensor<T>,
    guard: bool,
    mut sums: Option<&mut [Slot<Tensor<T>>]>,
) -> Messages<Tensor<T>> {
    let node = &nodes[id];
    let Some(op) = &node.op else { return Messages::new() };
    let inputs = &node.inputs[..];
    let mut shapes = wanted(nodes, inputs);
    for (i, &input) in inputs.iter().enumerate() {
        let Some(Slot::Value(sum)) = sums.as_deref_mut().and_then(|sums| sums.get_mut(input as usize)) else {
            continue;
        };
        // An input that stands twice gets its messages in order.
        let once = inputs.iter().filter(|&&other| other == input).count() == 1;
        if once && sum.is_unshared() && op.vjp_add(&seen(node, &shapes, g, guard), i, sum) {
            shapes[i] = None;
        }
    }
    let messages = op.vjp_tensor(&seen(node, &shapes, g, guard));
    check(op.name(), node.at, &shapes, &messages);
    messages
}

/// [`pull_tensor`], watched: shows the node's gradient, which may come back changed, delivers its messages, and returns it.
pub(super) fn watched_pull<T: Real>(
    nodes: &[Node<T>],
    id: usize,
    gradient: Option<Tensor<T>>,
    guard: bool,
    watch: &mut Watch<'_, Tensor<T>>,
    sums: &mut [Slot<Tensor<T>>],
) -> Option<Tensor<T>> {
    let gradient = watch.arrive(gradient, || Visit::of(nodes, id));
    let inputs = &nodes[id].inputs;
    let messages = match &gradient {
        Some(g) => pull_tensor(nodes, id, g, guard, watch.0.is_none().then_some(&mut *sums)),
        None => zeros(inputs),
    };
    if gradient.is_some() {
        watch.depart(|| Visit::of(nodes, id), inputs, &messages);
    }
    deliver(sums, inputs, messages);
    gradient
}

/// One zero for each input of a node that was reached by zeros only.
pub(super) fn zeros<A>(inputs: &[u32]) -> Messages<A> {
    inputs.iter().map(|_| None).collect()
}

impl<T: Real> Var<T> {
    /// The gradient of this scalar with respect to everything on its tape, which is kept: the call may be repeated and
    /// gives the same bits.
    ///
    /// # Panics
    /// If this is not a scalar, depends on nothing recorded, or its tape was emptied; see
    /// [`try_backward`](Var::try_backward).
    #[track_caller]
    pub fn backward(&self) -> Gradients<Tensor<T>> {
        match self.try_backward() {
            Ok(gradients) => gradients,
            Err(error) => error.raise("backward"),
        }
    }

    /// The gradient of this scalar, or why there is none.
    ///
    /// # Errors
    /// [`Error::NotScalar`], [`Error::NothingRecorded`], [`Error::Freed`]; of a tape that looks out for it,
    /// [`Error::NonFinite`].
    #[track_caller]
    pub fn try_backward(&self) -> Result<Gradients<Tensor<T>>, Error> {
        self.scalar_root()?;
        self.try_backward_with(&Tensor::full(self.value.shape(), T::ONE))
    }

    /// The pull-back of a cotangent of this variable's shape.
    ///
    /// # Panics
    /// As [`backward`](Var::backward), and if the shapes differ.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tape::new().var([1.0_f32, 2.0]);
    /// let y = x.square();
    /// assert_eq!(y.backward_with(&Tensor::from([1.0, 10.0])).of(&x).or_zeros().to_vec(), [2.0, 40.0]);
    /// ```
    #[track_caller]
    pub fn backward_with(&self, cotangent: &Tensor<T>) -> Gradients<Tensor<T>> {
        match self.try_backward_with(cotangent) {
            Ok(gradients) => gradients,
            Err(error) => error.raise("backward"),
        }
    }

    /// The pull-back of a cotangent, or why there is none.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NothingRecorded`], [`Error::Freed`].
    #[track_caller]
    pub fn try_backward_with(&self, cotangent: &Tensor<T>) -> Result<Gradients<Tensor<T>>, Error> {
        self.recorded_root()?;
        self.check_cotangent(cotangent.shape())?;
        let gradients = self.sweep_on_tensors(cotangent.clone(), Watch(None));
        let values = gradients.slots.iter().filter_map(|slot| match slot {
            Slot::Value(value) => Some(value),
            _ => None,
        });
        match self.tape.alarm(values, Some(self)) {
            Some(error) => Err(error),
            None => Ok(gradients),
        }
    }

    /// [`backward`](Var::backward), watched.
    ///
    /// # Panics
    /// As [`backward`](Var::backward), and if the observer changes the shape of a gradient.
    #[track_caller]
    pub fn backward_observed(&self, observer: &mut dyn Observer<Tensor<T>>) -> Gradients<Tensor<T>> {
        match self.try_backward_observed(observer) {
            Ok(gradients) => gradients,
            Err(error) => error.raise("backward"),
        }
    }

    /// [`backward`](Var::backward), watched, or why there is none.
    ///
    /// # Errors
    /// As [`try_backward`](Var::try_backward).
    ///
    /// # Panics
    /// If the observer changes the shape of a gradient.
    #[track_caller]
    pub fn try_backward_observed(&self, observer: &mut dyn Observer<Tensor<T>>) -> Result<Gradients<Tensor<T>>, Error> {
        self.scalar_root()?;
        Ok(self.sweep_on_tensors(Tensor::full(self.value.shape(), T::ONE), Watch(Some(observer))))
    }

    fn sweep_on_tensors(&self, cotangent: Tensor<T>, mut watch: Watch<'_, Tensor<T>>) -> Gradients<Tensor<T>> {
        let guard = self.tape.0.guard.get();
        let mut passage = Passage::of(&self.tape);
        let slots = sweep(self.node, cotangent, |id, gradient, sums| {
            if gradient.is_some() {
                self.tape.enter(&mut passage, id);
            }
            let nodes = self.tape.0.nodes.borrow();
            watched_pull(&nodes, id, gradient, guard, &mut watch, sums)
        });
        self.tape.end(passage);
        self.gradients(slots)
    }

    /// The gradient of this scalar as variables on the same tape: it can be differentiated again, to any order.
    ///
    /// # Panics
    /// As [`backward`](Var::backward).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let x = Tape::new().var([2.0_f64]);
    /// let slope = x.powi(3).sum().backward_recorded().of(&x).or_zeros_on(&x);
    /// let curvature = slope.sum().backward();
    /// assert_eq!((slope.value().item(), curvature.of(&x).or_zeros().item()), (12.0, 12.0));
    /// ```
    #[track_caller]
    pub fn backward_recorded(&self) -> Gradients<Var<T>> {
        if let Err(error) = self.scalar_root() {
            error.raise::<()>("backward");
        }
        self.backward_recorded_with(&self.constant(&Tensor::full(self.value.shape(), T::ONE)))
    }

    /// The recorded pull-back of a cotangent.
    ///
    /// # Panics
    /// As [`backward_with`](Var::backward_with).
    #[track_caller]
    pub fn backward_recorded_with(&self, cotangent: &Var<T>) -> Gradients<Var<T>> {
        if let Err(error) = self.recorded_root().and_then(|()| self.check_cotangent(cotangent.value.shape())) {
            error.raise::<()>("backward");
        }
        self.sweep_on_variables(cotangent, Watch(None))
    }

    /// [`backward_recorded`](Var::backward_recorded), watched. What the observer puts in the place of a gradient is
    /// recorded like everything else.
    ///
    /// # Panics
    /// As [`backward_observed`](Var::backward_observed).
    #[track_caller]
    pub fn backward_recorded_observed(&self, observer: &mut dyn Observer<Var<T>>) -> Gradients<Var<T>> {
        if let Err(error) = self.scalar_root() {
            error.raise::<()>("backward");
        }
        let cotangent = self.constant(&Tensor::full(self.value.shape(), T::ONE));
        self.sweep_on_variables(&cotangent, Watch(Some(observer)))
    }

    fn sweep_on_variables(&self, cotangent: &Var<T>, mut watch: Watch<'_, Var<T>>) -> Gradients<Var<T>> {
        let tape = &self.tape;
        let mut passage = Passage::of(tape);
        let slots = sweep(self.node, cotangent.clone(), |id, gradient, sums| {
            if gradient.is_some() {
                tape.enter(&mut passage, id);
            }
            let visit = || Visit::of(&tape.0.nodes.borrow(), id);
            let gradient = watch.arrive(gradient, visit);
            // The rule records on this very tape, so the node is copied out of it first.
            let (node, shapes) = {
                let nodes = tape.0.nodes.borrow();
                (
                    nodes[id].clone(),
                    wanted(&nodes, &nodes[id].inputs).into_iter().map(Option::<&Shape>::copied).collect::<Few<_>>(),
                )
            };
            let shapes: Few<Option<&Shape>> = shapes.iter().map(Option::as_ref).collect();
            let messages = match (&gradient, &node.op) {
                (Some(g), Some(op)) => {
                    let inputs: Few<Option<Var<T>>> = node
                        .inputs
                        .iter()
                        .zip(&node.saved)
                        .map(|(&input, saved)| saved.as_ref().map(|value| tape.handle(input, value.clone())))
                        .collect();
                    let output = node.output.as_ref().map(|value| tape.handle(id as u32, value.clone()));
                    let messages = op.vjp_var(&Pullback {
                        op: op.name(),
                        inputs: &inputs,
                        shapes: &shapes,
                        output: output.as_ref(),
                        kept: &[],
                        cotangent: g,
                        guard: tape.0.guard.get(),
                    });
                    check(op.name(), node.at, &shapes, &messages);
                    messages
                }
                (Some(_), None) => Messages::new(),
                (None, _) => zeros(&node.inputs),
            };
            if gradient.is_some() {
                watch.depart(visit, &node.inputs, &messages);
            }
            deliver(sums, &node.inputs, messages);
            gradient
        });
        tape.end(passage);
        self.gradients(slots)
    }

    /// The sweep on duals: with the tangents of all nodes along a direction it gives the gradient and how it changes
    /// along that direction.
    pub(super) fn sweep_on_duals(
        &self,
        cotangent: Tensor<T>,
        tangents: &[Option<Tensor<T>>],
    ) -> Gradients<Dual<Tensor<T>>> {
        let nodes = self.tape.0.nodes.borrow();
        let slots = sweep(self.node, Dual::fixed(cotangent), |id, gradient, sums| {
            let node = &nodes[id];
            let messages = match (&gradient, &node.op) {
                (Some(g), Some(op)) => {
                    let moving = |input: u32, value: &Option<Tensor<T>>| {
                        let tangent = tangents.get(input as usize).cloned().flatten();
                        value.as_ref().map(|value| Dual::of(value.clone(), tangent))
                    };
                    let inputs: Few<Option<Dual<Tensor<T>>>> =
                        node.inputs.iter().zip(&node.saved).map(|(&input, value)| moving(input, value)).collect();
                    let output = moving(id as u32, &node.output);
                    let shapes = wanted(&nodes, &node.inputs);
                    let messages = op.vjp_dual(&Pullback {
                        op: op.name(),
                        inputs: &inputs,
                        shapes: &shapes,
                        output: output.as_ref(),
                        kept: &[],
                        cotangent: g,
                        guard: self.tape.0.guard.get(),
                    });
                    check(op.name(), node.at, &shapes, &messages);
                    messages
                }
                (Some(_), None) => Messages::new(),
                (None, _) => zeros(&node.inputs),
            };
            deliver(sums, &node.inputs, messages);
            gradient
        });
        self.gradients(slots)
    }

    pub(super) fn gradients<A: Interpretation<Real = T>>(&self, slots: Vec<Slot<A>>) -> Gradients<A> {
        let params = self.tape.0.params.borrow();
        let of = |node: u32| slots.get(node as usize).cloned().unwrap_or_default();
        let params = params.map(|entered| of(entered.node));
        let lessons = self.tape.0.lessons.borrow().clone();
        Gradients { slots, params, lessons, tape: Origin::of(&self.tape) }
    }

    #[track_caller]
    pub(super) fn scalar_root(&self) -> Result<(), Error> {
        self.recorded_root()?;
        if self.value.elements() == 1 {
            return Ok(());
        }
        let name = self.root_name();
        Err(Error::not_scalar(
            format!("the root {name} has shape {}, not that of a scalar", self.value.shape()),
            "reduce it first, with `.sum()` or `.mean()`, or say what to pull back: `.backward_with(&cotangent)`",
        )
        .during("backward", [self.operand()]))
    }

    #[track_caller]
    pub(super) fn recorded_root(&self) -> Result<(), Error> {
        if self.node == NONE {
            let stop = self.stop().map_or("before it".to_string(), |stop| format!("at {stop}"));
            return Err(Error::nothing_recorded(
                format!("the root depends on nothing recorded: tracking stopped {stop}"),
                "make an input tracked with `tape.var(…)`, bring parameters in with `x.param(&p)`, and do not detach between them and the loss",
            )
            .during("backward", [self.operand()]));
        }
        if !self.is_recorded() {
            return Err(self.freed().during("backward", [self.operand()]));
        }
        Ok(())
    }

    #[track_caller]
    pub(super) fn check_cotangent(&self, shape: Shape) -> Result<(), Error> {
        if shape == self.value.shape() {
            return Ok(());
        }
        let name = self.root_name();
        Err(Error::shape(
            format!("a cotangent of shape {shape} for the root {name} of shape {}", self.value.shape()),
            "a cotangent has the shape of its root",
        )
        .during("backward", [self.operand()]))
    }

    fn root_name(&self) -> String {
        let nodes = self.tape.0.nodes.borrow();
        let node = &nodes[self.node as usize];
        match self.tape.name_of(self.node) {
            Some(name) => format!("`{name}` (`{}` recorded at {}:{})", node.name(), node.at.file(), node.at.line()),
            None => format!("`{}` recorded at {}:{}", node.name(), node.at.file(), node.at.line()),
        }
    }
}
