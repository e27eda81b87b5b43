//! The owned picture of a tape that every view is made from.

use super::{Decisions, NonFinite, Numbers, Output, Paths};
use crate::Error;
use crate::text::{base_name, unnamed};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::panic::Location;

/// An owned picture of a tape, after the forward pass and, if wanted, the backward pass. It holds no handle on the tape,
/// goes to JSON and back, and prints the same afterwards.
///
/// Taken of a tape that [keeps](crate::Tape::keeping) every value it is complete; of a plain tape, values and local
/// derivatives are there as far as the tape kept what they need. Numbers are whole up to [`WHOLE`](super::WHOLE) elements
/// and summed up beyond.
///
/// ```
/// use autograd::{inspect::Snapshot, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let (x, y) = (tape.var([1.5]).named("x"), tape.var([0.8]).named("y"));
/// let z = (&x * &y).named("z");
/// let h = (z.ln() + z.exp()).named("h");
/// let snapshot = Snapshot::of_backward(&h);
/// println!("{snapshot}");
///
/// let again = Snapshot::from_json(&snapshot.to_json()).unwrap();
/// assert_eq!(again.to_string(), snapshot.to_string());
/// ```
///
/// ```text
/// tape: 6 nodes, 4 ops, 32 B saved                                demo.rs:7
///  id  op    name  args    value      grad       saved   where
///   0  leaf  x             1.5        3.32276    -       :4
///   1  leaf  y             0.8        6.23018    -       :4
///   2  mul   z     0 1     1.2        4.15345    x,y     :5
///   3  ln          2       0.182322   1          z       :6
///   4  exp         2       3.32012    1          out     :6
///   5  add   h     3 4     3.50244    1 (seed)   -       :6
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which engine recorded the tape.
    pub engine: Engine,
    /// The number type: `f32` or `f64`.
    pub number: String,
    /// The line that took the snapshot.
    pub at: Place,
    /// What is recorded, in order; a node's place in this list is its `id`.
    pub nodes: Vec<Node>,
    /// The ways of messages, in the order in which a backward sweep from the last node would send them: the last operation
    /// first, and of each its inputs in order.
    pub edges: Vec<Edge>,
    /// What rules look like in print, each once; edges name them by their place. `{0}`, `{1}`, … stand for the inputs,
    /// `{out}` for the output, `{g}` for its cotangent. See [`Snapshot::slope`] and [`Snapshot::pull_back`].
    pub formulas: Vec<String>,
    /// The calls of modules, outer ones before inner ones.
    pub scopes: Vec<Scope>,
    /// Where tracking stopped.
    pub stops: Vec<Stop>,
    /// The parameters that were brought in.
    pub parameters: Vec<Parameter>,
    /// The node that the backward sweep started from; `None` after a forward pass alone.
    pub root: Option<usize>,
    /// The first number that is not finite, if any is.
    #[serde(default)]
    pub non_finite: Option<NonFinite>,
    /// Paths that were put in with [`with_paths`](Snapshot::with_paths).
    #[serde(default)]
    pub paths: Vec<Paths>,
    /// How far samples differ, in a [step](Snapshot::of_step) that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
}

/// Which engine recorded a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// [`Tape`](crate::Tape), of tensors.
    Tensor,
    /// [`scalar::Tape`](crate::scalar::Tape), traced.
    Scalar,
}

/// A line of source code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file's path.
    pub file: String,
    /// The line.
    pub line: u32,
}

impl Place {
    pub(super) fn of(location: &Location<'_>) -> Self {
        Place { file: location.file().to_string(), line: location.line() }
    }
}

impl fmt::Display for Place {
    /// The file without its folders, and the line: `model.rs:41`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", base_name(&self.file), self.line)
    }
}

/// A leaf or an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its place on the tape.
    pub id: usize,
    /// The operation, `leaf` for an input or a parameter.
    pub op: String,
    /// The name that it was given, or the path of a parameter.
    pub name: Option<String>,
    /// What went in.
    pub operands: Vec<Operand>,
    /// What it computes in print; its place in [`Snapshot::formulas`].
    #[serde(default)]
    pub formula: Option<usize>,
    /// The constants of the operation with their names.
    pub constants: Vec<(String, String)>,
    /// The shape of its value.
    pub shape: Vec<usize>,
    /// Its value, if the tape kept it.
    pub value: Option<Numbers>,
    /// What the backward sweep brought.
    pub gradient: Flow,
    /// What the operation keeps for the backward pass, on a tape that keeps only that. A scalar tape keeps the derivatives
    /// that it makes of these numbers.
    pub saved: Vec<Saved>,
    /// The memory in which its value lies, where known: equal numbers are one memory.
    pub memory: Option<usize>,
    /// The decisions that the operation took, if it takes any.
    pub decisions: Option<Decisions>,
    /// The units of a rectifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
    /// The innermost module call around it, by its place in [`Snapshot::scopes`].
    pub scope: Option<usize>,
    /// The line of the user's code: of the outermost module's call, else of the operation.
    pub at: Place,
    /// The line that recorded it, which inside a module may be the library's.
    pub recorded_at: Place,
}

impl Node {
    /// Whether it is an input or a parameter.
    pub fn is_leaf(&self) -> bool {
        self.op == crate::tape::LEAF
    }

    /// The number of elements of its value.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Its name, or `v` and its number.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| unnamed(self.id))
    }
}

/// The units of a rectifier: the places along the last axis, after a convolution along the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    /// How many there are.
    pub count: usize,
    /// The samples and places at which each was looked at.
    pub samples: usize,
    /// Those that are 0 at every one of them.
    pub silent: Vec<usize>,
}

/// What went into an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operand {
    /// What another node computed.
    Node(usize),
    /// What is not tracked.
    Constant(Constant),
}

impl Operand {
    /// The node, unless it is a constant.
    pub fn node(&self) -> Option<usize> {
        match self {
            Operand::Node(node) => Some(*node),
            Operand::Constant(_) => None,
        }
    }
}

/// An operand that is not tracked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// Its shape, where the tape kept the value.
    pub shape: Option<Vec<usize>>,
    /// Its numbers.
    pub value: Option<Numbers>,
    /// Why it is not tracked, by its place in [`Snapshot::stops`].
    pub stop: Option<usize>,
}

/// What a backward sweep brought to a node or sent along an edge: one of the three states of a gradient, if there was a
/// sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// There was no backward sweep.
    NotSwept,
    /// The root does not depend on it.
    Unreachable,
    /// An exact zero: the root depends on it only through what has derivative 0 everywhere.
    Zero,
    /// A gradient, or a message.
    Value(Numbers),
}

impl Flow {
    /// The numbers, if there are any.
    pub fn value(&self) -> Option<&Numbers> {
        match self {
            Flow::Value(numbers) => Some(numbers),
            _ => None,
        }
    }
}

/// Something that an operation keeps for the backward pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// What it is.
    pub what: Kept,
    /// Its bytes.
    pub bytes: usize,
    /// The memory in which it lies: equal numbers are one memory, kept once.
    pub memory: usize,
}

/// What a kept value is to its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// The input of this number.
    Input(usize),
    /// The output.
    Output,
    /// Something that the operation made for itself, such as slopes.
    Own,
}

/// The way from an operation back to one of its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The operation.
    pub from: usize,
    /// Which of its inputs.
    pub input: usize,
    /// The node that is that input.
    pub to: usize,
    /// The local derivative ∂out/∂input in print, of an operation on single elements; its place in
    /// [`Snapshot::formulas`].
    pub slope: Option<usize>,
    /// The message in print, as the rule makes it from the cotangent `{g}`; its place in [`Snapshot::formulas`].
    pub pull_back: Option<usize>,
    /// The local derivative in numbers: of an operation on single elements, one an element of the output; where the output
    /// is a single number, one an element of the input. `None` where neither is so, or there are many.
    pub local: Option<Numbers>,
    /// What the sweep sent.
    pub message: Flow,
    /// Whether each row of the result depends on the row of this input at the same place and on no other row of it, so that
    /// samples along the first axis stay apart.
    #[serde(default)]
    pub keeps_rows: bool,
    /// Of the way from a layer to its weight: the units whose incoming weights and gradients are the same, in groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub twins: Vec<Vec<usize>>,
    /// What had arrived at the input when this message was added, this message included, where that is neither the first
    /// message itself nor the whole gradient.
    pub total: Option<Numbers>,
}

/// A module's call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The module's type.
    pub module: String,
    /// The line that called it.
    pub at: Place,
    /// The call around it, by its place in [`Snapshot::scopes`].
    pub parent: Option<usize>,
}

/// Where tracking stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// What made the value a constant.
    pub why: Why,
    /// The line.
    pub at: Place,
    /// The path of a frozen parameter.
    pub path: Option<String>,
    /// The node whose value was detached, on a tape that keeps every value.
    pub node: Option<usize>,
}

/// What made a value a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// It was brought in as one.
    Constant,
    /// It is a frozen parameter.
    Frozen,
    /// It was detached.
    Detached,
}

/// A parameter that was brought in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Where it is in its model, once a walk over the model has told it.
    pub path: Option<String>,
    /// Its identity in the process that took the snapshot.
    #[serde(skip)]
    pub id: Option<u64>,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The node that stands for it; `None` if it is frozen or a constant stands for it.
    pub node: Option<usize>,
    /// Where tracking stopped then, by its place in [`Snapshot::stops`].
    pub stop: Option<usize>,
}

impl Snapshot {
    /// The snapshot as JSON. Numbers that are not finite are written as text.
    pub fn to_json(&self) -> String {
        // Neither maps with odd keys nor writers that fail are in it.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The snapshot that was written.
    ///
    /// # Errors
    /// [`Error::Value`] if the text is not that of a snapshot.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let snapshot: Snapshot = serde_json::from_str(json).map_err(|problem| broken(&problem.to_string()))?;
        match snapshot.inconsistency() {
            Some(problem) => Err(broken(problem)),
            None => Ok(snapshot),
        }
    }

    /// What a snapshot from outside refers to that is not there.
    fn inconsistency(&self) -> Option<&'static str> {
        let nodes = self.nodes.len();
        let operands = |node: &Node| node.operands.iter().all(|operand| operand.node().is_none_or(|i| i < node.id));
        let edge = |edge: &Edge| {
            let known = |formula: Option<usize>| formula.is_none_or(|i| i < self.formulas.len());
            let operand = self.nodes.get(edge.from).and_then(|node| node.operands.get(edge.input));
            known(edge.slope) && known(edge.pull_back) && operand.and_then(Operand::node) == Some(edge.to)
        };
        let formula = |node: &Node| node.formula.is_none_or(|i| i < self.formulas.len());
        let stop = |stop: Option<usize>| stop.is_none_or(|i| i < self.stops.len());
        let constants = self.nodes.iter().flat_map(|node| &node.operands);
        let checks = [
            (
                self.nodes.iter().enumerate().all(|(i, node)| node.id == i && operands(node)),
                "its nodes are out of order",
            ),
            (self.edges.iter().all(edge), "an edge is not there"),
            (self.nodes.iter().all(formula), "a formula is not there"),
            (self.nodes.iter().all(|node| node.scope.is_none_or(|i| i < self.scopes.len())), "a scope is not there"),
            (self.scopes.iter().enumerate().all(|(i, s)| s.parent.is_none_or(|p| p < i)), "a scope is not there"),
            (self.root.is_none_or(|root| root < nodes), "its root is not there"),
            (
                self.parameters.iter().all(|p| p.node.is_none_or(|i| i < nodes) && stop(p.stop)),
                "a parameter is not there",
            ),
            (self.stops.iter().all(|s| s.node.is_none_or(|i| i < nodes)), "a detached node is not there"),
            (
                constants.into_iter().all(|operand| match operand {
                    Operand::Constant(constant) => stop(constant.stop),
                    Operand::Node(_) => true,
                }),
                "a stop is not there",
            ),
        ];
        checks.into_iter().find_map(|(holds, problem)| (!holds).then_some(problem))
    }

    /// The same snapshot with paths in it, which tensors have only while their tape lives.
    pub fn with_paths(mut self, paths: Paths) -> Self {
        self.paths.push(paths);
        self
    }

    /// The number of operations.
    pub fn operations(&self) -> usize {
        self.nodes.iter().filter(|node| !node.is_leaf()).count()
    }

    /// The bytes that all operations together keep for the backward pass, each memory counted once.
    pub fn saved_bytes(&self) -> usize {
        let mut kept: Vec<(usize, usize)> =
            self.nodes.iter().flat_map(|node| &node.saved).map(|saved| (saved.memory, saved.bytes)).collect();
        kept.sort_unstable();
        kept.dedup_by_key(|(memory, _)| *memory);
        kept.into_iter().map(|(_, bytes)| bytes).sum()
    }

    /// The edges of one operation, in the order of its inputs.
    pub fn edges_of(&self, node: usize) -> &[Edge] {
        // Sorted by falling `from`.
        let first = self.edges.partition_point(|edge| edge.from > node);
        let count = self.edges[first..].partition_point(|edge| edge.from == node);
        &self.edges[first..first + count]
    }

    /// The modules around a node, outermost first: `Sequential/Linear`; empty outside of any.
    pub fn module_path(&self, node: &Node) -> String {
        let mut modules = Vec::new();
        let mut scope = node.scope;
        while let Some(call) = scope.and_then(|scope| self.scopes.get(scope)) {
            modules.insert(0, call.module.as_str());
            scope = call.parent;
        }
        modules.join("/")
    }
}

#[cold]
fn broken(problem: &str) -> Error {
    Error::value(format!("no snapshot: {problem}"), "give the text that `Snapshot::to_json` wrote, unchanged")
}
