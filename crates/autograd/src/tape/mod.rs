//! Recording: the tape, its variables, and the sweeps over it.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Tape`]: what is recorded, in the order in which it happened |
//! | `node.rs` | one recorded operation |
//! | `var.rs` | [`Var`]: the handle, and the reading of a program that records it |
//! | `backward.rs` | the backward sweep: on tensors, on variables, on duals |
//! | `training.rs` | [`gradient`]: records, sweeps back and frees on the way |
//! | `outcome.rs` | [`Outcome`]: what a function that is differentiated returns |
//! | `forward.rs` | the forward sweep: tangents along a recorded program |
//! | `observe.rs` | [`Observer`]: what watches a backward sweep, and may change it |
//! | `recompute.rs` | segments that are computed again instead of kept |
//! | `per_sample.rs` | the backward sweep that keeps the samples of a batch apart |
//! | `statistics.rs` | what layers learn on the side, carried back with the gradients |
//! | `stop.rs` | where tracking stops, for the message about it |
//! | `look.rs` | what inspection reads of a tape |
//! | `by_id.rs` | what belongs to parameters, by their identities |
//! | `gradients.rs` | [`Gradients`]: what a backward sweep returns |

mod backward;
mod by_id;
mod forward;
mod gradients;
mod look;
mod node;
mod observe;
mod outcome;
mod per_sample;
mod recompute;
mod statistics;
mod stop;
mod training;
mod var;

pub use forward::Direction;
pub use gradients::{Gradients, Reached, Source};
pub(crate) use look::{Look, place};
pub(crate) use node::{LEAF, Node};
pub use observe::{Edge, Observer, Visit};
pub use outcome::Outcome;
pub use per_sample::SampleGradients;
pub use recompute::Recomputation;
pub(crate) use stop::{Stop, Why};
pub(crate) use training::Trained;
pub use training::{gradient, gradient_at, try_gradient};
pub use var::Var;

use crate::algebra::Real;
use crate::array::{Kind, ScopeState, Scoped};
use crate::ops::Few;
use crate::ops::any::BoxedOp;
use crate::{Draw, Error, Ids, Indices, Key, Mode, Param, Scope, Shape, Tensor};
use by_id::ById;
use recompute::Segment;
use statistics::Lessons;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

/// The Wengert list: every recorded operation in the order in which it happened, which is a topological order.
///
/// A tape stays on its thread (one tape a worker). Cloning a tape gives another handle on the same one.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([2.0_f32]));
/// let y = (x.square() * 3.0).sum();
/// let gradients = y.backward();
/// assert_eq!(gradients.of(&x).or_zeros().to_vec(), [12.0]);
/// ```
pub struct Tape<T: Real = f32>(Rc<Inner<T>>);

struct Inner<T: Real> {
    nodes: RefCell<Vec<Node<T>>>,
    /// Counts how often the tape was emptied; a variable of an earlier count is no longer on it.
    generation: Cell<u32>,
    /// What was on the tape when it was emptied, for the message to whoever still holds a variable.
    emptied: RefCell<Option<Emptied>>,
    params: RefCell<ById<Entered<T>>>,
    /// Why constants are constants; their variables point here.
    stops: RefCell<Vec<Stop>>,
    /// Which stop the constant operands of nodes have, by node and input, on a tape that keeps every value.
    constants: RefCell<BTreeMap<(u32, u32), u32>>,
    names: RefCell<BTreeMap<u32, String>>,
    scopes: RefCell<Vec<ScopeRecord>>,
    scope: Cell<u32>,
    /// What statistics learned, in order.
    lessons: RefCell<Lessons<T>>,
    segments: RefCell<Vec<Segment>>,
    segment: Cell<u32>,
    recomputation: Cell<Recomputation>,
    training: Cell<bool>,
    key: Cell<Option<Key>>,
    /// How often random numbers were drawn.
    draws: Cell<u64>,
    keeps_all: bool,
    /// Asked about what is not finite, on a tape that looks out for it.
    alarm: Option<Alarm<T>>,
    guard: Cell<bool>,
}

/// Says what is wrong where something on a tape, or in the backward sweep from a root, is not finite.
pub(crate) type Alarm<T> = fn(&Tape<T>, Option<&Var<T>>) -> Option<Error>;

/// A parameter that entered the tape: the value it had, and the variable that stands for it.
pub(crate) struct Entered<T: Real> {
    value: Tensor<T>,
    node: u32,
    stand_in: Option<Tensor<T>>,
    path: Option<Arc<str>>,
    /// Where tracking stopped, if a constant stands for it.
    stop: Option<u32>,
}

struct Emptied {
    at: &'static Location<'static>,
    nodes: Vec<(&'static str, &'static Location<'static>)>,
}

/// A recorded operation at its point.
pub(crate) struct Place<T: Real> {
    pub id: usize,
    pub op: BoxedOp<T>,
    pub at: &'static Location<'static>,
    pub inputs: Vec<Tensor<T>>,
    /// Which inputs are variables.
    pub tracked: Vec<bool>,
    pub output: Tensor<T>,
    /// What the operation kept of its own.
    pub kept: Few<Tensor<T>>,
    pub guard: bool,
}

/// A module's call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeRecord {
    pub module: &'static str,
    pub at: &'static Location<'static>,
    pub parent: u32,
}

/// No scope, no node.
const NONE: u32 = u32::MAX;

impl<T: Real> Clone for Tape<T> {
    fn clone(&self) -> Self {
        Tape(self.0.clone())
    }
}

impl<T: Real> Default for Tape<T> {
    fn default() -> Self {
        Tape::new()
    }
}

impl<T: Real> Tape<T> {
    /// An empty tape in training mode without a random key. It keeps what the operations ask for, no more.
    pub fn new() -> Self {
        Self::with(false, None)
    }

    /// An empty tape that keeps every value: what forward sweeps, checks and inspection need.
    pub fn keeping() -> Self {
        Self::with(true, None)
    }

    /// A keeping tape that asks when something is not finite.
    pub(crate) fn alarmed(alarm: Alarm<T>) -> Self {
        Self::with(true, Some(alarm))
    }

    fn with(keeps_all: bool, alarm: Option<Alarm<T>>) -> Self {
        Tape(Rc::new(Inner {
            nodes: RefCell::new(Vec::with_capacity(32)),
            generation: Cell::new(0),
            emptied: RefCell::default(),
            params: RefCell::default(),
            stops: RefCell::default(),
            constants: RefCell::default(),
            names: RefCell::default(),
            scopes: RefCell::default(),
            scope: Cell::new(NONE),
            lessons: RefCell::default(),
            segments: RefCell::default(),
            segment: Cell::new(NONE),
            recomputation: Cell::default(),
            training: Cell::new(true),
            key: Cell::new(None),
            draws: Cell::new(0),
            keeps_all,
            alarm,
            guard: Cell::new(true),
        }))
    }

    /// The same tape, drawing its random numbers (dropout) from this key.
    pub fn with_key(self, key: Key) -> Self {
        self.0.key.set(Some(key));
        self
    }

    /// The same tape, for evaluation: dropout passes everything.
    pub fn evaluating(self) -> Self {
        self.0.training.set(false);
        self
    }

    /// The same tape with 0 · ∞ = NaN in the backward sweep. By default a cotangent of exactly 0 contributes exactly 0
    /// even where a local slope is not finite, so that a masked-out branch cannot poison the gradient.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let slope = |tape: Tape| {
    ///     let x = tape.var(Tensor::from([0.0_f32]));
    ///     let masked_out = x.constant(&Tensor::from([0.0]));
    ///     (x.sqrt() * masked_out).sum().backward().of(&x).or_zeros().item()
    /// };
    /// assert_eq!(slope(Tape::new()), 0.0);
    /// assert!(slope(Tape::new().strict()).is_nan());
    /// ```
    pub fn strict(self) -> Self {
        self.0.guard.set(false);
        self
    }

    /// A tracked input.
    #[track_caller]
    pub fn var(&self, value: impl Into<Tensor<T>>) -> Var<T> {
        let value = value.into();
        let node = self.push(Node::leaf(value.shape(), self.0.keeps_all.then(|| value.clone()), Location::caller()));
        self.handle(node, value)
    }

    /// A plain value, not tracked.
    #[track_caller]
    pub fn constant(&self, value: &Tensor<T>) -> Var<T> {
        self.stopped(Why::Constant, Location::caller(), None, value.clone())
    }

    /// Whole numbers, for layers whose input is tokens or classes.
    #[track_caller]
    pub fn ids(&self, indices: impl Into<Indices>) -> Ids<Var<T>> {
        Ids::new(&self.constant(&Tensor::scalar(T::ZERO)), indices)
    }

    /// A parameter as a tracked leaf: the same leaf however often it is asked for. A frozen one and a statistic are
    /// constants.
    ///
    /// # Panics
    /// If the parameter was updated after it entered this tape.
    #[track_caller]
    pub fn param(&self, parameter: &Param<T>) -> Var<T> {
        let value = parameter.value();
        if parameter.is_frozen() {
            return self.stopped(Why::Frozen, Location::caller(), parameter.shared_path(), value.clone());
        }
        if let Some(entered) = self.0.params.borrow().get(parameter.id().number()) {
            if !entered.value.is_same(value) {
                Error::stale_parameter(
                    format!("`{}` was updated after it entered this tape", parameter.label()),
                    "record each training step on a tape of its own: `gradient(|tape| …)`, then `optimizer.step`",
                )
                .raise::<()>("param");
            }
            return self.handle(entered.node, entered.stand_in.as_ref().unwrap_or(value).clone());
        }
        if parameter.is_statistic() {
            return self.stopped(Why::Constant, Location::caller(), None, value.clone());
        }
        let node = self.push(Node::leaf(value.shape(), self.0.keeps_all.then(|| value.clone()), Location::caller()));
        let path = parameter.shared_path();
        let entered = Entered { value: value.clone(), node, stand_in: None, path, stop: None };
        self.0.params.borrow_mut().insert(parameter.id().number(), entered);
        self.handle(node, value.clone())
    }

    /// Lets a variable of this tape stand for a parameter: wherever the parameter is brought in from now on, this
    /// variable comes. So a function of a model's parameters becomes a function of variables, and every transform
    /// applies to it.
    ///
    /// # Panics
    /// If the variable belongs to another tape, or their shapes differ.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::transform::hessian;
    /// let weight = Param::new(Tensor::from([3.0_f64]));
    /// let curvature = hessian(
    ///     |w| {
    ///         w.tape().bind(&weight, w);
    ///         w.tape().param(&weight).powi(3).sum()
    ///     },
    ///     weight.value(),
    /// );
    /// assert_eq!(curvature.item(), 18.0);
    /// ```
    #[track_caller]
    pub fn bind(&self, parameter: &Param<T>, variable: &Var<T>) {
        let here = Rc::ptr_eq(&self.0, &variable.tape.0);
        if !here || variable.value.shape() != parameter.value().shape() {
            let problem = if here { "their shapes differ" } else { "the variable belongs to another tape" };
            Error::value(
                format!("`{}`: {problem}", parameter.label()),
                "bind a variable of this tape and of the parameter's shape",
            )
            .raise::<()>("bind");
        }
        let entered = Entered {
            value: parameter.value().clone(),
            node: variable.node,
            stand_in: Some(variable.value.clone()),
            path: parameter.shared_path(),
            stop: (variable.node == NONE).then_some(variable.generation),
        };
        self.0.params.borrow_mut().insert(parameter.id().number(), entered);
    }

    /// The discrete decisions that the operations took, by node: a rectifier's side, a maximum's winner.
    pub(crate) fn decisions(&self) -> Vec<Vec<u64>> {
        let decide = |node: &Node<T>| match (&node.op, &node.output) {
            (Some(op), Some(output)) => op.decisions(&node.saved.iter().flatten().collect::<Vec<_>>(), output),
            _ => Vec::new(),
        };
        self.0.nodes.borrow().iter().map(decide).collect()
    }

    /// Every recorded operation at the point where it was recorded, with all that its rules read: of a tape that keeps
    /// every value.
    pub(crate) fn places(&self) -> Vec<Place<T>> {
        let place = |(id, node): (usize, &Node<T>)| {
            let inputs: Vec<Tensor<T>> = node.saved.iter().flatten().cloned().collect();
            Some(Place {
                id,
                op: node.op.clone()?,
                at: node.at,
                tracked: node.inputs.iter().map(|&input| input != NONE).collect(),
                output: node.output.clone()?,
                kept: node.kept.clone(),
                inputs: (inputs.len() == node.inputs.len()).then_some(inputs)?,
                guard: self.0.guard.get(),
            })
        };
        self.0.nodes.borrow().iter().enumerate().filter_map(place).collect()
    }

    /// The number of nodes: leaves and operations.
    pub fn len(&self) -> usize {
        self.0.nodes.borrow().len()
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything that is recorded. Variables that are still held can no longer be computed with.
    #[track_caller]
    pub fn clear(&self) {
        let nodes = std::mem::take(&mut *self.0.nodes.borrow_mut());
        self.emptied(&nodes, Location::caller());
    }

    /// Notes that `nodes` left the tape.
    fn emptied(&self, nodes: &[Node<T>], at: &'static Location<'static>) {
        if Rc::strong_count(&self.0) > 1 {
            let nodes = nodes.iter().map(|node| (node.name(), node.at)).collect();
            *self.0.emptied.borrow_mut() = Some(Emptied { at, nodes });
        }
        self.0.generation.set(self.0.generation.get().wrapping_add(1));
        self.0.params.borrow_mut().clear();
        self.0.stops.borrow_mut().iter_mut().for_each(|stop| stop.node = None);
        self.0.constants.borrow_mut().clear();
        self.0.names.borrow_mut().clear();
        self.0.scopes.borrow_mut().clear();
        self.0.scope.set(NONE);
        self.0.lessons.borrow_mut().clear();
        self.0.segments.borrow_mut().clear();
        self.0.segment.set(NONE);
        self.0.draws.set(0);
    }

    /// Applies the operation of a node to other values: what would it give for these?
    ///
    /// # Errors
    /// Values that the operation does not take; a node that is a leaf or does not exist.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tape = Tape::new();
    /// let x = tape.var(Tensor::from([1.0_f32, 2.0]));
    /// let y = x.square();
    /// let node = y.node().unwrap();
    /// assert_eq!(tape.reapply(node, &[&Tensor::from([3.0])]).unwrap().to_vec(), [9.0]);
    /// assert!(tape.reapply(node, &[]).unwrap_err().to_string().starts_with("square: it takes 1 input, and got 0"));
    /// ```
    pub fn reapply(&self, node: usize, inputs: &[&Tensor<T>]) -> Result<Tensor<T>, Error> {
        let op = self.0.nodes.borrow().get(node).and_then(|node| node.op.clone());
        match op {
            Some(op) => op.try_tensor(inputs),
            None => {
                Err(Error::value(format!("node {node} is no operation"), "give the number of a recorded operation"))
            }
        }
    }

    /// What is recorded, node by node: for tables, pictures and checks.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tape = Tape::keeping();
    /// let x = tape.var(Tensor::from([1.0_f32, 2.0])).named("x");
    /// let y = x.exp().sum();
    /// let names: Vec<_> = tape.nodes().into_iter().map(|node| node.op).collect();
    /// assert_eq!(names, ["leaf", "exp", "sum"]);
    /// assert_eq!(tape.nodes()[0].name.as_deref(), Some("x"));
    /// assert!(tape.nodes()[1].at.file().ends_with(".rs") && y.value().elements() == 1);
    /// ```
    pub fn nodes(&self) -> Vec<NodeView<T>> {
        let scopes = self.0.scopes.borrow();
        let nodes = self.0.nodes.borrow();
        nodes
            .iter()
            .zip(0..)
            .map(|(node, id)| {
                let mut modules = Vec::new();
                let (mut scope, mut at) = (node.scope, node.at);
                while let Some(record) = scopes.get(scope as usize) {
                    modules.insert(0, record.module);
                    at = record.at;
                    scope = record.parent;
                }
                NodeView {
                    id,
                    op: node.name(),
                    constants: node.op.as_ref().map(|op| op.constants()).unwrap_or_default(),
                    inputs: node.inputs.iter().map(|&input| (input != NONE).then_some(input as usize)).collect(),
                    name: self.name_of(id as u32),
                    shape: node.shape,
                    value: node.output.clone(),
                    saved_bytes: node.saved_bytes(),
                    modules,
                    at,
                    recorded_at: node.at,
                }
            })
            .collect()
    }

    fn push(&self, mut node: Node<T>) -> u32 {
        node.scope = self.0.scope.get();
        node.segment = self.0.segment.get();
        let mut nodes = self.0.nodes.borrow_mut();
        let id = nodes.len();
        assert!(id < NONE as usize, "a tape holds at most 2³² − 1 nodes");
        nodes.push(node);
        id as u32
    }

    fn handle(&self, node: u32, value: Tensor<T>) -> Var<T> {
        Var::of(self.clone(), node, self.0.generation.get(), value)
    }

    fn name_of(&self, node: u32) -> Option<String> {
        self.0.names.borrow().get(&node).cloned().or_else(|| self.path_of(node))
    }

    /// The path of the parameter that a leaf stands for.
    fn path_of(&self, node: u32) -> Option<String> {
        let params = self.0.params.borrow();
        params
            .values()
            .find(|entered| entered.node == node)
            .and_then(|entered| Some(entered.path.as_ref()?.to_string()))
    }

    fn mode(&self) -> Mode {
        if self.0.training.get() { Mode::Training } else { Mode::Evaluation }
    }

    fn draw(&self) -> Option<Draw> {
        let key = self.0.key.get()?;
        let place = self.0.draws.get();
        self.0.draws.set(place + 1);
        Some(Draw { key, place })
    }

    /// Opens a module's scope that is called from a given line: for calls out of a library's closures, which do not
    /// know the line that they speak for.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, prelude::*};
    /// let (tape, user) = (Tape::<f32>::new(), std::panic::Location::caller());
    /// let _scope = tape.scope_at("Trainer", user);
    /// let y = tape.var([1.0]).exp();
    /// let node = &Snapshot::of(&tape).nodes[1];
    /// assert_eq!(node.at.line, user.line());
    /// assert_eq!(node.recorded_at.line, user.line() + 2);
    /// # let _ = y;
    /// ```
    pub fn scope_at(&self, module: &'static str, at: &'static Location<'static>) -> Scope {
        let parent = self.0.scope.get();
        let mut scopes = self.0.scopes.borrow_mut();
        scopes.push(ScopeRecord { module, at, parent });
        self.0.scope.set(scopes.len() as u32 - 1);
        Scope::new(
            self.0.clone(),
            ScopeState { kind: Kind::Module, outer: parent, generation: self.0.generation.get() },
        )
    }
}

impl<T: Real> Scoped for Inner<T> {
    fn close(&self, state: ScopeState) {
        // A scope that was open when the tape was emptied has nothing to go back to.
        if self.generation.get() != state.generation {
            return;
        }
        match state.kind {
            Kind::Module => self.scope.set(state.outer),
            Kind::Segment => self.close_segment(state.outer),
        }
    }
}

/// What a tape tells of one node.
#[derive(Clone, Debug)]
pub struct NodeView<T: Real> {
    /// Its place on the tape.
    pub id: usize,
    /// The operation, `leaf` for an input or a parameter.
    pub op: &'static str,
    /// The operation's constants with their names.
    pub constants: Vec<(&'static str, String)>,
    /// The nodes that went in; `None` for a constant.
    pub inputs: Vec<Option<usize>>,
    /// The name that it was given, or the path of a parameter.
    pub name: Option<String>,
    /// The shape of its value.
    pub shape: Shape,
    /// Its value, if the tape keeps it.
    pub value: Option<Tensor<T>>,
    /// The bytes that it keeps for the backward pass.
    pub saved_bytes: usize,
    /// The modules around it, outermost first.
    pub modules: Vec<&'static str>,
    /// The line of the user's code: of the outermost module's call, else of the operation.
    pub at: &'static Location<'static>,
    /// The line that recorded it, which inside a boxed layer is the library's.
    pub recorded_at: &'static Location<'static>,
}
