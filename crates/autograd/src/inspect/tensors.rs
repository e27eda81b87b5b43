//! How a snapshot is taken of a tape of tensors.

use super::formula::{Formulas, Printed};
use super::provenance::{self, Values};
use super::units;
use super::{
    Constant, Decisions, Detail, Edge, Engine, Flow, Kept, Node, Numbers, Operand, Parameter, Place, Recording, Root,
    Saved, Scope, Snapshot, Stop, Units, WHOLE, Why,
};
use crate::algebra::Real;
use crate::ops::Few;
use crate::ops::any::AnyOp;
use crate::ops::then::{THEN, last_formula};
use crate::tape::{self, Look};
use crate::{Error, Gradients, Interpretation, Observer, Reached, Shape, Tape, Tensor, Var};
use std::collections::{HashMap, HashSet};
use std::panic::Location;

impl<T: Real> Recording for Tape<T> {
    fn picture(&self, at: &'static Location<'static>) -> Snapshot {
        self.look(|look| Photographer::new(look, None, Detail::Full).take(at))
    }
}

impl<T: Real> Root for Var<T> {
    fn picture_backward(&self, at: &'static Location<'static>) -> Result<Snapshot, Error> {
        let sweep = Sweep::of(self, Detail::Full)?;
        Ok(self.tape().look(|look| Photographer::new(look, Some(&sweep), Detail::Full).take(at)))
    }
}

/// A backward sweep that was watched.
pub(super) struct Sweep<T: Real> {
    root: usize,
    pub gradients: Gradients<Tensor<T>>,
    /// None of a sweep whose messages are not wanted.
    messages: Messages<T>,
}

impl<T: Real> Sweep<T> {
    pub fn of(root: &Var<T>, detail: Detail) -> Result<Self, Error> {
        let mut messages = Messages::default();
        let gradients = match detail {
            Detail::Full => root.try_backward_observed(&mut messages)?,
            Detail::Numbers => root.try_backward()?,
        };
        Ok(Sweep { root: root.node().unwrap_or_default(), gradients, messages })
    }
}

/// Every message of a sweep, in order.
struct Messages<T: Real>(Vec<(tape::Edge, Option<Tensor<T>>)>);

impl<T: Real> Default for Messages<T> {
    fn default() -> Self {
        Messages(Vec::new())
    }
}

impl<T: Real> Observer<Tensor<T>> for Messages<T> {
    fn message(&mut self, edge: tape::Edge, message: Option<&Tensor<T>>) {
        self.0.push((edge, message.cloned()));
    }
}

/// What takes the snapshot.
pub(super) struct Photographer<'a, T: Real> {
    look: &'a Look<'a, T>,
    sweep: Option<&'a Sweep<T>>,
    detail: Detail,
    formulas: Formulas,
    /// Numbers of values that were looked at before, by the value's address: a gradient is often its only message.
    seen: HashMap<usize, Numbers>,
    /// Memories, numbered as they are met.
    memories: HashMap<usize, usize>,
    /// The weights whose units were compared.
    weights: HashSet<usize>,
}

impl<'a, T: Real> Photographer<'a, T> {
    pub fn new(look: &'a Look<'a, T>, sweep: Option<&'a Sweep<T>>, detail: Detail) -> Self {
        let (seen, memories, weights) = Default::default();
        Photographer { look, sweep, detail, formulas: Formulas::default(), seen, memories, weights }
    }

    pub fn take(mut self, at: &'static Location<'static>) -> Snapshot {
        let mut nodes: Vec<Node> = (0..self.look.nodes.len()).map(|id| self.node(id)).collect();
        let edges = match self.detail {
            Detail::Full => self.edges(&mut nodes),
            Detail::Numbers => self.bare_edges(),
        };
        let mut snapshot = Snapshot {
            engine: Engine::Tensor,
            number: T::NAME.to_string(),
            at: Place::of(at),
            nodes,
            edges,
            formulas: self.formulas.texts,
            scopes: self.look.scopes.iter().map(scope).collect(),
            stops: self.look.stops.iter().map(|stop| self::stop(self.look, stop)).collect(),
            parameters: parameters(self.look),
            root: self.sweep.map(|sweep| sweep.root),
            non_finite: None,
            paths: Vec::new(),
            output: None,
        };
        if self.detail == Detail::Full {
            snapshot.non_finite = provenance::find(&snapshot, &Live { look: self.look, sweep: self.sweep });
        }
        snapshot
    }

    fn node(&mut self, id: usize) -> Node {
        let node = &self.look.nodes[id];
        let (scope, full) = (tape::place(node.scope), self.detail == Detail::Full);
        let told = full || node.op.is_some() || !self.look.parameters.iter().any(|p| p.node == Some(id));
        let decisions = match (&node.op, &node.output) {
            (Some(op), Some(output)) if full && node.saved.iter().all(Option::is_some) => {
                Decisions::of(&op.decisions(&node.saved.iter().flatten().collect::<Few<_>>(), output))
            }
            _ => None,
        };
        Node {
            id,
            op: node.name().to_string(),
            name: self.look.name(id),
            operands: (0..node.inputs.len()).map(|input| self.operand(id, input)).collect(),
            formula: None,
            constants: node.op.as_ref().map_or_else(Vec::new, |op| {
                let kept = op.constants().into_iter().filter(|(name, _)| full || *name == THEN);
                kept.map(|(name, value)| (name.to_string(), value)).collect()
            }),
            shape: node.shape.to_vec(),
            value: node.output.as_ref().filter(|_| told).map(|output| self.numbers(output)),
            gradient: if told { self.gradient(id) } else { Flow::NotSwept },
            saved: if full { self.saved(node) } else { Vec::new() },
            memory: node.output.as_ref().filter(|_| full).map(|output| self.memory(output)),
            decisions,
            units: self.units(node),
            scope,
            at: Place::of(self.look.caller(node)),
            recorded_at: Place::of(node.at),
        }
    }

    /// The units of a rectifier.
    fn units(&self, node: &tape::Node<T>) -> Option<Units> {
        let constants = node.op.as_ref()?.constants();
        let rectifies = match last_formula(node.name(), &constants) {
            "relu" => true,
            "clamp" => constants.iter().any(|(name, low)| *name == "low" && low.parse() == Ok(0.0)),
            _ => false,
        };
        let axis = if self.is_of_channels(node) { 1 } else { node.shape.rank().checked_sub(1)? };
        node.output.as_ref().filter(|_| rectifies).map(|output| units::silent(output, axis))
    }

    /// Whether what a node computes comes from a convolution, element by element or normalised.
    fn is_of_channels(&self, node: &tape::Node<T>) -> bool {
        let mut at = node;
        while let Some(&input) = at.inputs.first().filter(|_| !matches!(at.name(), "linear" | "matmul")) {
            let Some(before) = tape::place(input).map(|input| &self.look.nodes[input]) else { return false };
            if before.name().starts_with("conv") {
                return before.shape == node.shape;
            }
            if before.shape != node.shape {
                return false;
            }
            at = before;
        }
        false
    }

    fn operand(&mut self, id: usize, input: usize) -> Operand {
        let node = &self.look.nodes[id];
        if let Some(operand) = tape::place(node.inputs[input]) {
            return Operand::Node(operand);
        }
        let value = node.saved[input].as_ref();
        Operand::Constant(Constant {
            shape: value.map(|value| value.shape().to_vec()),
            value: value.map(|value| self.numbers(value)),
            stop: self.look.stop(id, input),
        })
    }

    fn numbers(&mut self, tensor: &Tensor<T>) -> Numbers {
        if tensor.elements() <= WHOLE {
            return Numbers::of(tensor);
        }
        self.seen.entry(tensor.address()).or_insert_with(|| Numbers::of(tensor)).clone()
    }

    fn memory(&mut self, tensor: &Tensor<T>) -> usize {
        let next = self.memories.len();
        *self.memories.entry(tensor.storage().0).or_insert(next)
    }

    /// What the operation keeps on a tape that keeps only what it must.
    fn saved(&mut self, node: &tape::Node<T>) -> Vec<Saved> {
        let Some(op) = &node.op else { return Vec::new() };
        let saves = op.saves();
        let inputs = node.saved.iter().enumerate().filter(|(i, _)| saves.input(*i));
        let inputs = inputs.filter_map(|(i, value)| Some((Kept::Input(i), value.as_ref()?)));
        let output = node.output.iter().filter(|_| saves.output).map(|value| (Kept::Output, value));
        let own = node.kept.iter().map(|value| (Kept::Own, value));
        let bytes = |value: &Tensor<T>| value.elements() * size_of::<T>();
        inputs
            .chain(output)
            .chain(own)
            .map(|(what, value)| Saved { what, bytes: bytes(value), memory: self.memory(value) })
            .collect()
    }

    fn gradient(&mut self, id: usize) -> Flow {
        match self.sweep.map(|sweep| sweep.gradients.at_node(id)) {
            None => Flow::NotSwept,
            Some(Reached::Unreachable(_)) => Flow::Unreachable,
            Some(Reached::Zero(_)) => Flow::Zero,
            Some(Reached::Value(value)) => Flow::Value(self.numbers(value)),
        }
    }

    /// The edges. What the nodes look like in print is noted on the way.
    fn edges(&mut self, nodes: &mut [Node]) -> Vec<Edge> {
        let look = self.look;
        let mut arrivals = Arrivals::of(self.sweep);
        let mut edges = Vec::new();
        for (from, node) in look.nodes.iter().enumerate().rev() {
            let Some(op) = &node.op else { continue };
            let tracked: Vec<(usize, usize)> =
                node.inputs.iter().enumerate().filter_map(|(i, &node)| Some((i, tape::place(node)?))).collect();
            let shapes = input_shapes(look, node);
            let printed = shapes.map(|shapes| self.formulas.of(&**op, &shapes, node.shape)).unwrap_or_default();
            nodes[from].formula = printed.value;
            let mut local = local_derivatives(look, node, &printed);
            for (input, to) in tracked {
                let message = arrivals.next(from, input, to);
                edges.push(Edge {
                    from,
                    input,
                    to,
                    slope: printed.slopes.get(input).copied().flatten(),
                    pull_back: printed.pull_backs.get(input).copied().flatten(),
                    local: local.get_mut(input).and_then(Option::take),
                    keeps_rows: keeps_rows(&**op, input, &look.nodes[to].shape, node, printed.is_elementwise()),
                    twins: self.twins(op.name(), input, to),
                    total: message.total.map(|total| self.numbers(&total)),
                    message: match message.state {
                        None => self.unsent(from),
                        Some(None) => Flow::Zero,
                        Some(Some(message)) => Flow::Value(self.numbers(&message)),
                    },
                });
            }
        }
        edges
    }

    /// The ways of messages, without the messages.
    fn bare_edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (from, node) in self.look.nodes.iter().enumerate().rev() {
            for (input, &to) in node.inputs.iter().enumerate() {
                let Some(to) = tape::place(to) else { continue };
                edges.push(Edge {
                    from,
                    input,
                    to,
                    slope: None,
                    pull_back: None,
                    local: None,
                    message: Flow::NotSwept,
                    keeps_rows: false,
                    twins: Vec::new(),
                    total: None,
                });
            }
        }
        edges
    }

    /// The units of a layer that are alike, from the first way to its weight.
    fn twins(&mut self, op: &str, input: usize, weight: usize) -> Vec<Vec<usize>> {
        let node = &self.look.nodes[weight];
        let (Some(axis), Some(sweep)) = (units::axis(op, input, &node.shape), self.sweep) else { return Vec::new() };
        let gradient = sweep.gradients.at_node(weight);
        match &node.output {
            Some(value) if node.op.is_none() && self.weights.insert(weight) => {
                units::twins(value, gradient.value(), axis)
            }
            _ => Vec::new(),
        }
    }

    /// What goes along the edges of a node that the sweep passed over.
    fn unsent(&mut self, from: usize) -> Flow {
        match self.gradient(from) {
            Flow::Value(_) => Flow::Unreachable, // what its rule did not speak of
            state => state,
        }
    }
}

/// The messages of a sweep, one after the other, with what they add up to.
struct Arrivals<'a, T: Real> {
    messages: std::slice::Iter<'a, (tape::Edge, Option<Tensor<T>>)>,
    /// How many messages each node still gets, and what has arrived where more than two do.
    waiting: HashMap<usize, (usize, Option<Tensor<T>>)>,
}

struct Arrival<T: Real> {
    /// `None` if nothing was sent.
    state: Option<Option<Tensor<T>>>,
    total: Option<Tensor<T>>,
}

impl<'a, T: Real> Arrivals<'a, T> {
    fn of(sweep: Option<&'a Sweep<T>>) -> Self {
        let messages = sweep.map_or(&[][..], |sweep| &sweep.messages.0);
        let mut waiting = HashMap::new();
        for (edge, message) in messages {
            waiting.entry(edge.to).or_insert((0, None)).0 += usize::from(message.is_some());
        }
        waiting.retain(|_, (count, _)| *count > 2);
        Arrivals { messages: messages.iter(), waiting }
    }

    fn next(&mut self, from: usize, input: usize, to: usize) -> Arrival<T> {
        let next = self.messages.as_slice().first();
        let Some((_, message)) = next.filter(|(edge, _)| edge.from.node == from && edge.input == input) else {
            return Arrival { state: None, total: None };
        };
        self.messages.next();
        let mut total = None;
        if let (Some(message), Some((left, sum))) = (message, self.waiting.get_mut(&to)) {
            let is_first = sum.is_none();
            match sum {
                None => *sum = Some(message.clone()),
                Some(sum) => sum.accumulate(message.clone()),
            }
            *left -= 1;
            total = sum.clone().filter(|_| !is_first && *left > 0);
        }
        Arrival { state: Some(message.clone()), total }
    }
}

/// Whether samples along the first axis of an input stay apart in an operation.
fn keeps_rows<T: Real>(op: &dyn AnyOp<T>, i: usize, input: &Shape, node: &tape::Node<T>, elementwise: bool) -> bool {
    let output = &node.shape;
    let same_rows = input.rank() > 0 && input.rank() == output.rank() && input[0] == output[0];
    match op.name() {
        _ if elementwise => same_rows,
        "linear" => i == 0 && same_rows && input.rank() > 1,
        // The rows of the left matrix, or matrices that are multiplied one by one.
        "matmul" => same_rows && (input.rank() > 2 || i == 0 && input.rank() == 2),
        name if name.starts_with("conv") => i == 0 && same_rows && input.rank() > 2,
        "where" => same_rows,
        _ => op.acts_on_rows(input, output),
    }
}

/// The shapes of all inputs, where they are known.
fn input_shapes<T: Real>(look: &Look<'_, T>, node: &tape::Node<T>) -> Option<Few<Shape>> {
    let shape = |(&input, saved): (&u32, &Option<Tensor<T>>)| match tape::place(input) {
        Some(input) => Some(look.nodes[input].shape),
        None => saved.as_ref().map(|value| value.shape()),
    };
    node.inputs.iter().zip(&node.saved).map(shape).collect()
}

/// The local derivatives of an operation by input, where they are few: what its rule gives for a cotangent of ones, with
/// the inputs stretched beforehand, so that nothing is summed.
fn local_derivatives<T: Real>(look: &Look<'_, T>, node: &tape::Node<T>, printed: &Printed) -> Vec<Option<Numbers>> {
    let stretch = printed.is_elementwise();
    let elements = node.shape.elements();
    if elements > WHOLE || !stretch && elements != 1 {
        return Vec::new();
    }
    let local = local_tensors(look, node, stretch, WHOLE);
    local.into_iter().map(|local| local.as_ref().map(Numbers::of)).collect()
}

/// The same as tensors, where there are at most `most`.
fn local_tensors<T: Real>(
    look: &Look<'_, T>,
    node: &tape::Node<T>,
    stretch: bool,
    most: usize,
) -> Vec<Option<Tensor<T>>> {
    let Some(shapes) = input_shapes(look, node) else { return Vec::new() };
    if node.saved.iter().any(Option::is_none) || node.output.is_none() {
        return Vec::new();
    }
    let shapes: Few<Shape> = if stretch { shapes.iter().map(|_| node.shape).collect() } else { shapes };
    let inputs: Few<Option<Tensor<T>>> = match stretch {
        true => node.saved.iter().flatten().map(|x| Some(x.broadcasted(node.shape))).collect(),
        false => node.saved.clone(),
    };
    let wanted: Few<Option<&Shape>> = node
        .inputs
        .iter()
        .zip(&shapes)
        .map(|(&input, shape)| tape::place(input).filter(|_| shape.elements() <= most).map(|_| shape))
        .collect();
    if wanted.iter().all(Option::is_none) {
        return Vec::new();
    }
    let messages = look.pull_at(node, &inputs, &wanted, &Tensor::ones(node.shape));
    let few = |(message, shape): (Option<Tensor<T>>, &Option<&Shape>)| {
        let shape = (*shape)?;
        let message = message.unwrap_or_else(|| Tensor::zeros(*shape));
        (message.shape() == *shape).then_some(message)
    };
    messages.into_iter().zip(&wanted).map(few).collect()
}

/// The numbers of a live tape.
struct Live<'a, T: Real> {
    look: &'a Look<'a, T>,
    sweep: Option<&'a Sweep<T>>,
}

fn numbers<T: Real>(tensor: &Tensor<T>) -> Vec<f64> {
    tensor.to_vec().into_iter().map(Real::to_f64).collect()
}

impl<T: Real> Values for Live<'_, T> {
    fn output(&self, node: usize) -> Option<Vec<f64>> {
        self.look.nodes[node].output.as_ref().map(numbers)
    }
    fn operand(&self, node: usize, input: usize) -> Option<Vec<f64>> {
        self.look.nodes[node].saved[input].as_ref().map(numbers)
    }
    fn gradient(&self, node: usize) -> Option<Vec<f64>> {
        self.sweep?.gradients.at_node(node).value().map(numbers)
    }
    fn slope(&self, edge: &Edge) -> Option<Vec<f64>> {
        edge.slope?;
        let local = local_tensors(self.look, &self.look.nodes[edge.from], true, usize::MAX);
        local.get(edge.input)?.as_ref().map(numbers)
    }
    fn message(&self, edge: &Edge) -> Option<Vec<f64>> {
        let mut messages = self.sweep?.messages.0.iter();
        let (_, message) = messages.find(|(sent, _)| (sent.from.node, sent.input) == (edge.from, edge.input))?;
        message.as_ref().map(numbers)
    }
}

fn scope(record: &tape::ScopeRecord) -> Scope {
    Scope { module: record.module.to_string(), at: Place::of(record.at), parent: tape::place(record.parent) }
}

fn stop<T: Real>(look: &Look<'_, T>, stop: &tape::Stop) -> Stop {
    let why = match stop.why {
        tape::Why::Constant => Why::Constant,
        tape::Why::Frozen => Why::Frozen,
        tape::Why::Detached => Why::Detached,
    };
    let path = stop.path.as_ref().map(|path| path.to_string());
    Stop { why, at: Place::of(stop.at), path, node: look.detached(stop) }
}

/// The parameters that were brought in: the tracked ones in the order of their nodes, then the frozen ones that have a
/// path.
fn parameters<T: Real>(look: &Look<'_, T>) -> Vec<Parameter> {
    let brought = look.parameters.iter().map(|parameter| Parameter {
        path: parameter.path.as_ref().map(|path| path.to_string()),
        id: Some(parameter.id),
        shape: parameter.value.shape().to_vec(),
        node: parameter.node,
        stop: parameter.stop,
    });
    brought.collect()
}
