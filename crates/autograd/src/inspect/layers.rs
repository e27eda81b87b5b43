//! Which nodes of a snapshot are layers: what multiplies by weights; and what passes through each.

use super::{Node, Numbers, Operand, Snapshot, Summary, Units};
use crate::ops::then::last_formula;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A leaf that multiplies single elements this often is a weight that repeats, if there is an activation for every second
/// product at least. Otherwise it may be the argument of a polynomial, in which every power is meant.
const REPEATED: usize = 4;
/// Without activations: hardly any polynomial is of this degree.
const WITHOUT_ACTIVATIONS: usize = 50;
const ACTIVATIONS: [&str; 10] =
    ["tanh", "sigmoid", "relu", "leaky_relu", "softplus", "elu", "gelu", "silu", "hard_tanh", "softsign"];

/// A snapshot's layers.
pub(super) struct Layers<'a> {
    snapshot: &'a Snapshot,
    /// How often each leaf is an operand of a product of single elements.
    multiplied: Vec<usize>,
    activations: usize,
    /// Whether a layer on the way to the root reads what each node computes.
    hidden: Vec<bool>,
}

impl<'a> Layers<'a> {
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let mut multiplied = vec![0; snapshot.nodes.len()];
        for edge in &snapshot.edges {
            multiplied[edge.to] += usize::from(snapshot.nodes[edge.from].op == "mul");
        }
        let activations = snapshot.nodes.iter().filter(|node| activation(node).is_some()).count();
        let mut layers = Layers { snapshot, multiplied, activations, hidden: vec![false; snapshot.nodes.len()] };
        for node in snapshot.nodes.iter().rev() {
            let is_layer = layers.weight(node).is_some() && node.gradient.value().is_some();
            if is_layer || layers.hidden[node.id] {
                node.operands.iter().filter_map(Operand::node).for_each(|before| layers.hidden[before] = true);
            }
        }
        layers
    }

    /// The leaf that a layer multiplies by, if the node is a layer.
    pub fn weight(&self, node: &Node) -> Option<usize> {
        self.weight_and_input(node).map(|(weight, _)| weight)
    }

    /// The same, and which operand it multiplies.
    fn weight_and_input(&self, node: &Node) -> Option<(usize, usize)> {
        let leaf = |input: usize| Some((self.leaf(node.operands.get(input)?.node()?)?, 1 - input));
        match node.op.as_str() {
            "linear" | "conv1d" | "conv2d" | "conv_transpose1d" | "conv_transpose2d" => leaf(1),
            "matmul" => leaf(1).or_else(|| leaf(0)),
            "mul" => [1, 0].into_iter().filter_map(leaf).find(|&(leaf, _)| self.repeats(leaf)),
            _ => None,
        }
    }

    /// Whether a leaf that multiplies single elements is a weight that repeats.
    fn repeats(&self, leaf: usize) -> bool {
        let times = self.multiplied[leaf];
        times >= REPEATED && 2 * self.activations >= times || times >= WITHOUT_ACTIVATIONS
    }

    /// A leaf, by itself or turned on its side.
    fn leaf(&self, node: usize) -> Option<usize> {
        let node = &self.snapshot.nodes[node];
        match node.op.as_str() {
            "transpose" | "permute" => self.leaf(node.operands.first()?.node()?),
            _ => node.is_leaf().then_some(node.id),
        }
    }

    /// Whether a layer further on reads what this node computes.
    pub fn is_hidden(&self, node: usize) -> bool {
        self.hidden[node]
    }

    /// The weights of the nearest layers before a node, or its own if it is a layer and its activation in one: what tells
    /// which layer an activation belongs to, also where it is recorded once a time step.
    pub fn weights_before(&self, node: &Node) -> Vec<usize> {
        let (mut found, mut waiting, mut seen) = (Vec::new(), vec![node.id], BTreeSet::new());
        let is_both = last_formula(&node.op, &node.constants) != node.op;
        while let Some(id) = waiting.pop() {
            let at = &self.snapshot.nodes[id];
            match self.weight(at).filter(|_| id != node.id || is_both) {
                Some(weight) => found.push(weight),
                None => {
                    let before = at.operands.iter().filter_map(Operand::node);
                    waiting.extend(before.filter(|&id| seen.insert(id)));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The activation that a node ends with.
fn activation(node: &Node) -> Option<&str> {
    Some(last_formula(&node.op, &node.constants)).filter(|name| ACTIVATIONS.contains(name))
}

/// The mean slope of an activation over the largest that it has: 1 where all passes, 0 at its flat ends.
pub(super) fn mean_slope(node: &Node) -> Option<f64> {
    // The slopes are 1 − y² of tanh and y − y² of the sigmoid, so that their means are in the summary; of a rectifier 0 or 1.
    let y = node.value.as_ref()?.summary();
    let mean_square = y.mean * y.mean + y.std * y.std;
    match activation(node)? {
        "tanh" => Some(1.0 - mean_square),
        "sigmoid" => Some((y.mean - mean_square) / 0.25),
        "relu" => Some(1.0 - y.zeros as f64 / y.elements as f64),
        _ => None,
    }
}

/// What passes through a layer, forwards and on the way back: all calls of its weight together.
///
/// Its output is that of the activation behind it, where there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerStatistics {
    /// Its weight's path without the last name, else the weight's name.
    pub name: String,
    /// The operation.
    pub op: String,
    /// The activation behind it.
    pub activation: Option<String>,
    /// The node of its first call.
    pub node: usize,
    /// How often its weight multiplies: more than once where it is shared, as over time steps.
    pub calls: usize,
    /// Its output.
    pub forward: Option<Summary>,
    /// The gradient of its output.
    pub backward: Option<Summary>,
    /// 1 − the mean slope of the activation over the largest that it has: 0 where all passes, 1 at the flat ends. Of a
    /// rectifier the share of zeros. For `tanh`, `sigmoid` and `relu`.
    pub saturation: Option<f64>,
    /// The units of a rectifier.
    pub units: Option<Units>,
    /// Root mean square of the output over that of the input.
    pub gain: Option<f64>,
    /// Root mean square of the input's gradient over that of the output's.
    pub gain_back: Option<f64>,
}

impl Snapshot {
    /// What passes through each layer, in the order of their first calls.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, prelude::*};
    /// let tape = Tape::<f64>::keeping();
    /// let (x, w) = (tape.var([[3.0, -4.0]]), tape.var([[2.0, 0.0], [0.0, 2.0]]).named("w"));
    /// let layers = Snapshot::of_backward(&x.matmul(&w).relu().square().sum()).layers();
    /// let layer = &layers[0];
    /// assert_eq!((layer.name.as_str(), layer.activation.as_deref()), ("w", Some("relu")));
    /// assert_eq!(layer.saturation, Some(0.5));
    /// assert_eq!(layer.gain, Some(6.0 / 5.0)); // [6, 0] of [3, −4]
    /// ```
    pub fn layers(&self) -> Vec<LayerStatistics> {
        let layers = Layers::of(self);
        let mut calls: Vec<(usize, Vec<(&Node, usize)>)> = Vec::new();
        for node in &self.nodes {
            let Some((weight, input)) = layers.weight_and_input(node) else { continue };
            match calls.iter_mut().find(|(other, _)| *other == weight) {
                Some((_, nodes)) => nodes.push((node, input)),
                None => calls.push((weight, vec![(node, input)])),
            }
        }
        let activations = self.nodes.iter().filter(|node| activation(node).is_some());
        let activations: Vec<_> = activations.map(|node| (node, layers.weights_before(node))).collect();
        let of = |(weight, calls): (usize, Vec<(&Node, usize)>)| {
            let behind = activations.iter().filter(|(_, weights)| weights.contains(&weight));
            let first = behind.clone().next().and_then(|(node, _)| activation(node));
            let behind: Vec<&Node> = behind.map(|(node, _)| *node).filter(|node| activation(node) == first).collect();
            self.statistics(weight, &calls, &behind)
        };
        calls.into_iter().map(of).collect()
    }

    fn statistics(&self, weight: usize, calls: &[(&Node, usize)], activations: &[&Node]) -> LayerStatistics {
        let outputs: Vec<&Node> =
            if activations.is_empty() { calls.iter().map(|(node, _)| *node).collect() } else { activations.to_vec() };
        let inputs = || calls.iter().filter_map(|(node, input)| node.operands.get(*input));
        let tracked = || inputs().filter_map(Operand::node).map(|input| &self.nodes[input]);
        let forward = Summary::together(outputs.iter().filter_map(|node| node.value.as_ref()));
        let backward = Summary::together(outputs.iter().filter_map(|node| node.gradient.value()));
        let before = Summary::together(inputs().filter_map(|input| self.numbers_of(input)));
        let back = Summary::together(tracked().filter_map(|node| node.gradient.value()));
        let ratio = |over: &Option<Summary>, under: &Option<Summary>| {
            let ratio = over.as_ref()?.rms() / under.as_ref()?.rms();
            ratio.is_finite().then_some(ratio)
        };
        let slopes: Vec<f64> = activations.iter().filter_map(|node| mean_slope(node)).collect();
        let units = activations.iter().filter_map(|node| node.units.as_ref());
        let name = self.nodes[weight].label();
        LayerStatistics {
            name: name.rsplit_once('.').map_or(name.as_str(), |(layer, _)| layer).to_string(),
            op: calls[0].0.op.clone(),
            activation: activations.first().and_then(|node| activation(node)).map(str::to_string),
            node: calls[0].0.id,
            calls: calls.len(),
            saturation: (!slopes.is_empty()).then(|| 1.0 - slopes.iter().sum::<f64>() / slopes.len() as f64),
            units: Units::together(units),
            gain: ratio(&forward, &before),
            gain_back: ratio(&back, &backward),
            forward,
            backward,
        }
    }

    fn numbers_of<'a>(&'a self, operand: &'a Operand) -> Option<&'a Numbers> {
        match operand {
            Operand::Node(node) => self.nodes[*node].value.as_ref(),
            Operand::Constant(constant) => constant.value.as_ref(),
        }
    }
}
