//! Every sum that broadcasting makes on the way back.

use super::{Edge, Operand, Snapshot};
use serde::Serialize;
use std::fmt;

/// The reductions that backward makes because an operand was stretched, in the order of the sweep.
///
/// ```
/// use autograd::{inspect::Snapshot, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let prediction = tape.var(Tensor::ones([3, 1])).named("prediction");
/// let target = tape.constant(&Tensor::ones([3]));
/// let audit = Snapshot::of_backward(&(&prediction - &target).square().mean()).audit();
/// assert_eq!((audit.reductions[0].axes.clone(), audit.reductions[0].factor), (vec![1], 3));
/// assert!(audit.reductions[0].both && audit.to_string().contains("both operands are stretched"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// What is summed.
    pub reductions: Vec<Stretched>,
}

/// An operand that was stretched, so that its gradient is a sum.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stretched {
    /// The operation.
    pub node: usize,
    /// Its name.
    pub op: String,
    /// Which of its inputs.
    pub input: usize,
    /// What that is called.
    pub operand: String,
    /// The shape of the operand.
    pub shape: Vec<usize>,
    /// The shape of the result.
    pub result: Vec<usize>,
    /// The axes of the result along which the gradient is summed.
    pub axes: Vec<usize>,
    /// How many elements of the result share one of the operand.
    pub factor: usize,
    /// Whether two operands were stretched along different axes, as `[B, 1]` and `[B]` are: seldom what was meant.
    pub both: bool,
    /// The shapes of all operands, where known.
    pub operands: Vec<Vec<usize>>,
    /// The line of the user's code.
    pub at: String,
}

/// The axes of `result` along which `shape` is stretched; `None` if it does not broadcast to it.
fn stretched_axes(shape: &[usize], result: &[usize]) -> Option<Vec<usize>> {
    let added = result.len().checked_sub(shape.len())?;
    let fits = shape.iter().zip(&result[added..]).all(|(own, to)| own == to || *own == 1);
    let is_stretched = |&axis: &usize| result[axis] != 1 && (axis < added || shape[axis - added] != result[axis]);
    fits.then(|| (0..result.len()).filter(is_stretched).collect())
}

impl Snapshot {
    /// The reductions that backward makes because of broadcasting.
    pub fn audit(&self) -> Audit {
        Audit { reductions: self.edges.iter().filter_map(|edge| self.stretched(edge)).collect() }
    }

    fn stretched(&self, edge: &Edge) -> Option<Stretched> {
        let (node, operand) = (&self.nodes[edge.from], &self.nodes[edge.to]);
        // Operations on single elements, and those that broadcast in the same way: their pull-backs sum to a shape.
        let sums = edge.pull_back.is_some_and(|formula| self.formulas[formula].contains("sum_to("));
        if edge.slope.is_none() && !sums {
            return None;
        }
        let axes = stretched_axes(&operand.shape, &node.shape).filter(|axes| !axes.is_empty())?;
        let operands: Vec<Vec<usize>> = node.operands.iter().filter_map(|operand| self.shape_of(operand)).collect();
        let others = operands.iter().filter_map(|shape| stretched_axes(shape, &node.shape));
        let both = others.filter(|other| !other.is_empty()).any(|other| other.iter().all(|axis| !axes.contains(axis)));
        Some(Stretched {
            node: node.id,
            op: node.op.clone(),
            input: edge.input,
            operand: operand.label(),
            shape: operand.shape.clone(),
            result: node.shape.clone(),
            factor: axes.iter().map(|&axis| node.shape[axis]).product(),
            axes,
            both,
            operands,
            at: node.at.to_string(),
        })
    }

    pub(super) fn shape_of(&self, operand: &Operand) -> Option<Vec<usize>> {
        match operand {
            Operand::Node(node) => Some(self.nodes[*node].shape.clone()),
            Operand::Constant(constant) => constant.shape.clone(),
        }
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.reductions.len();
        write!(f, "broadcasting: {count} reduction{} on the way back", if count == 1 { "" } else { "s" })?;
        for Stretched { node, op, operand, shape, result, axes, factor, both, operands, at, .. } in &self.reductions {
            write!(f, "\n  node {node} `{op}` ({at}): {operand} {shape:?} -> {result:?}")?;
            write!(f, ", its gradient is summed over axes {axes:?}, {factor} to 1")?;
            if *both {
                let shapes: Vec<String> = operands.iter().map(|shape| format!("{shape:?}")).collect();
                write!(f, "\n    warning: both operands are stretched, {} -> {result:?}; ", shapes.join(" with "))?;
                f.write_str("if they were meant to match, give them one shape: `.squeeze(-1)` or `.unsqueeze(-1)`")?;
            }
        }
        Ok(())
    }
}
