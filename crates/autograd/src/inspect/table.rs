//! The tape as a table: a row a node.

use super::{Flow, Kept, Node, Numbers, Operand, Snapshot};
use crate::text::{TAPE, bytes, constant, place_in, six_digits, table};
use std::cmp::Ordering;
use std::fmt;

/// The nodes of a snapshot, a row each, with filter and sort. Tensors of more than one element are shown as
/// mean ± deviation [smallest .. largest].
///
/// ```
/// use autograd::{inspect::Snapshot, prelude::*};
/// let tape = Tape::<f32>::keeping();
/// let x = tape.var([1.0, 2.0, 4.0]).named("x");
/// let snapshot = Snapshot::of_backward(&(x.exp() * 2.0).sum());
/// let operations = snapshot.table().filter(|node| !node.is_leaf()).sort_by(|a, b| b.elements().cmp(&a.elements()));
/// assert_eq!(operations.nodes().map(|node| &*node.op).collect::<Vec<_>>(), ["exp", "mul_constant", "sum"]);
/// ```
#[derive(Clone, Debug)]
pub struct Table<'a> {
    snapshot: &'a Snapshot,
    rows: Vec<usize>,
}

impl Snapshot {
    /// The tape as a table. Printing the snapshot prints it whole.
    pub fn table(&self) -> Table<'_> {
        Table { snapshot: self, rows: (0..self.nodes.len()).collect() }
    }
}

impl<'a> Table<'a> {
    /// Only the rows of which `keep` is true.
    pub fn filter(mut self, keep: impl Fn(&Node) -> bool) -> Self {
        self.rows.retain(|&row| keep(&self.snapshot.nodes[row]));
        self
    }

    /// In another order; equal rows keep theirs.
    pub fn sort_by(mut self, compare: impl Fn(&Node, &Node) -> Ordering) -> Self {
        let nodes = &self.snapshot.nodes;
        self.rows.sort_by(|&a, &b| compare(&nodes[a], &nodes[b]));
        self
    }

    /// The nodes of its rows.
    pub fn nodes(&self) -> impl Iterator<Item = &'a Node> {
        self.rows.iter().map(|&row| &self.snapshot.nodes[row])
    }

    pub(super) fn cells(&self, node: &Node) -> [String; 9] {
        let snapshot = self.snapshot;
        let is_scalar = node.shape.is_empty() || node.shape == [1];
        [
            node.id.to_string(),
            node.op.clone(),
            node.name.clone().unwrap_or_default(),
            arguments(node),
            if is_scalar { String::new() } else { format!("{:?}", node.shape) },
            node.value.as_ref().map_or("-".to_string(), Numbers::to_string),
            self.gradient(node),
            saved(snapshot, node),
            place_in(&snapshot.at.file, &node.at.file, node.at.line),
        ]
    }

    pub(super) fn gradient(&self, node: &Node) -> String {
        match &node.gradient {
            Flow::NotSwept => "-".to_string(),
            Flow::Unreachable => "none".to_string(),
            Flow::Zero => "exactly 0".to_string(),
            Flow::Value(numbers) if self.snapshot.root == Some(node.id) => format!("{numbers} (seed)"),
            Flow::Value(numbers) => numbers.to_string(),
        }
    }
}

/// The operands: nodes by number, constants by value or shape, then the operation's own constants.
fn arguments(node: &Node) -> String {
    let operands = node.operands.iter().map(|operand| match operand {
        Operand::Node(node) => node.to_string(),
        Operand::Constant(constant) => match (constant.value.as_ref().and_then(Numbers::single), &constant.shape) {
            (Some(value), _) => format!("({})", six_digits(value)),
            (None, Some(shape)) => format!("({shape:?})"),
            (None, None) => "(const)".to_string(),
        },
    });
    let constants = node.constants.iter().map(|(name, value)| constant(name, value));
    operands.chain(constants).collect::<Vec<_>>().join(" ")
}

/// What the operation keeps, by name, and the bytes where these are not those of a few numbers.
fn saved(snapshot: &Snapshot, node: &Node) -> String {
    if node.saved.is_empty() {
        return "-".to_string();
    }
    let names: Vec<String> = node.saved.iter().map(|saved| snapshot.kept_name(node, saved.what)).collect();
    let total: usize = node.saved.iter().map(|saved| saved.bytes).sum();
    match node.elements() {
        0..=1 => names.join(","),
        _ => format!("{} ({})", names.join(","), bytes(total)),
    }
}

impl Snapshot {
    /// What is kept, by name.
    pub(super) fn kept_name(&self, node: &Node, what: Kept) -> String {
        match what {
            Kept::Input(i) => node.operands.get(i).map_or_else(String::new, |operand| self.letter(operand)),
            Kept::Output => "out".to_string(),
            Kept::Own => "own".to_string(),
        }
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshot = self.snapshot;
        let rows: Vec<[String; 9]> = self.nodes().map(|node| self.cells(node)).collect();
        let shown = if rows.len() == snapshot.nodes.len() { String::new() } else { format!(", {} shown", rows.len()) };
        let title = format!(
            "tape: {} nodes, {} ops, {} saved{shown}",
            snapshot.nodes.len(),
            snapshot.operations(),
            bytes(snapshot.saved_bytes())
        );
        f.write_str(&table(&TAPE, &rows, &title, &snapshot.at.to_string()))
    }
}

impl fmt::Display for Snapshot {
    /// The [table](Snapshot::table).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}
