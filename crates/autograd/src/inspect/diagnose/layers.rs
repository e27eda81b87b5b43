//! Which nodes of a snapshot are layers: what multiplies by weights.

use crate::inspect::{Node, Operand, Snapshot};
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
        let activations = snapshot.nodes.iter().filter(|node| ACTIVATIONS.contains(&node.op.as_str())).count();
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
        let leaf = |input: usize| self.leaf(node.operands.get(input)?.node()?);
        match node.op.as_str() {
            "linear" | "conv1d" | "conv2d" | "conv_transpose1d" | "conv_transpose2d" => leaf(1),
            "matmul" => leaf(1).or_else(|| leaf(0)),
            "mul" => [1, 0].into_iter().filter_map(leaf).find(|&leaf| self.repeats(leaf)),
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

    /// The weights of the nearest layers before a node: what tells which layer an activation belongs to, also where it
    /// is recorded once a time step.
    pub fn weights_before(&self, node: &Node) -> Vec<usize> {
        let (mut found, mut waiting, mut seen) = (Vec::new(), vec![node.id], BTreeSet::new());
        while let Some(id) = waiting.pop() {
            let at = &self.snapshot.nodes[id];
            match self.weight(at).filter(|_| id != node.id) {
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
