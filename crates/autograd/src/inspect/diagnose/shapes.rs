//! Shapes that fit and should not: shares of the wrong axis, columns that met rows.
//!
//! **A softmax over the samples.** Which axis a softmax should add up over is not written on a tape, but often follows from
//! what is. Samples lie along the first axis of what a layer takes in from outside, and stay there in every operation that
//! keeps rows apart. If the result of a softmax over that axis then goes, row by row, into a loss that has a target for each
//! row, each sample's result depends on the others of its batch, which no target can ask for. All of this is asked: that
//! the rows are samples, that another axis was there to add up over, that nothing gathers the rows before the loss (as
//! attention does), that there are targets, and that the other axis is not of samples as well (as where every sample is
//! compared with every other). A batch norm mixes samples on purpose and is no softmax.
//!
//! Without samples, two patterns are certain: probabilities that are picked by label along an axis over which they do not
//! add up to 1; and attention weights, made of a product of queries and keys, that do not add up to 1 over what is averaged.

use super::{Fault, Finding};
use crate::inspect::{Constant, Node, Operand, Snapshot};
use std::collections::BTreeSet;

/// What is divided by its own sum: a softmax, or one by hand.
struct Shares<'a> {
    node: &'a Node,
    /// What is normalised.
    input: usize,
    axis: usize,
}

fn constant<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    node.constants.iter().find(|(constant, _)| constant == name).map(|(_, value)| value.as_str())
}

/// The axis that an operation's constant names.
fn axis(node: &Node, rank: usize) -> Option<usize> {
    let axis: isize = constant(node, "axis")?.parse().ok()?;
    usize::try_from(if axis < 0 { axis + rank as isize } else { axis }).ok()
}

/// The only axis of a reduction.
fn reduced_axis(node: &Node, rank: usize) -> Option<usize> {
    let axes = constant(node, "axes")?.strip_prefix('[')?.strip_suffix(']')?;
    let axis: isize = axes.parse().ok()?;
    usize::try_from(if axis < 0 { axis + rank as isize } else { axis }).ok()
}

impl<'a> Shares<'a> {
    fn of(snapshot: &Snapshot, node: &'a Node) -> Option<Self> {
        let input = node.operands.first()?.node()?;
        let rank = node.shape.len();
        let axis = match node.op.as_str() {
            "softmax" | "log_softmax" => axis(node, rank)?,
            "div" => {
                let sum = &snapshot.nodes[node.operands.get(1)?.node()?];
                let of_the_same = sum.op == "sum" && sum.operands.first()?.node() == Some(input);
                of_the_same.then(|| reduced_axis(sum, rank))??
            }
            _ => return None,
        };
        (axis < rank).then_some(Shares { node, input, axis })
    }
}

/// Softmaxes along an axis that cannot be meant.
pub(super) fn wrong_axis(snapshot: &Snapshot) -> Vec<Finding> {
    let (samples, uses) = (Samples::of(snapshot), Uses::of(snapshot));
    let on_the_way = snapshot.nodes.iter().filter(|node| snapshot.is_on_the_way(node));
    let shares = on_the_way.filter_map(|node| Shares::of(snapshot, node));
    let wrong = shares.filter_map(|shares| {
        let picked = picked_along(&uses, shares.node).filter(|&axis| axis != shares.axis);
        let averaged = averaged_over(&uses, &shares).filter(|&axis| axis != shares.axis);
        match (picked, averaged) {
            (Some(axis), _) => Some(finding(
                snapshot,
                &shares,
                format!("labels pick along axis {axis}"),
                axis,
                "elements that it adds up over, beside those that labels pick from",
            )),
            (None, Some(axis)) => Some(finding(
                snapshot,
                &shares,
                format!("the product after it averages over axis {axis}"),
                axis,
                "elements that it adds up over, beside those that are averaged",
            )),
            (None, None) if samples.are_mixed_by(&uses, &shares) => Some(finding(
                snapshot,
                &shares,
                "the rows are samples with a target each, so that each sample's result depends on the others"
                    .to_string(),
                shares.node.shape.len() - 1,
                "samples that share one sum",
            )),
            _ => None,
        }
    });
    wrong.collect()
}

fn finding(snapshot: &Snapshot, shares: &Shares<'_>, why: String, meant: usize, measure: &str) -> Finding {
    let Shares { node, axis, .. } = shares;
    let meant = if meant + 1 == node.shape.len() { "-1".to_string() } else { meant.to_string() };
    let fix = match node.op.as_str() {
        "div" => format!("divide by the sum over the other axis, `.sum_keep({meant})`, or use `softmax({meant})`"),
        op => format!("`{op}({meant})`"),
    };
    Finding {
        fault: Fault::WrongAxis,
        at: node.at.clone(),
        node: Some(node.id),
        what: format!("{} of shape {:?} adds up to 1 over axis {axis}, but {why}", snapshot.called(node), node.shape),
        measure: measure.to_string(),
        value: node.shape[*axis] as f64,
        limit: 1.0,
        fix,
    }
}

/// Which operations read what each node computes, and as which operand.
struct Uses<'a> {
    snapshot: &'a Snapshot,
    of: Vec<Vec<(usize, usize)>>,
}

impl<'a> Uses<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let mut of = vec![Vec::new(); snapshot.nodes.len()];
        for node in &snapshot.nodes {
            for (input, operand) in node.operands.iter().enumerate() {
                operand.node().into_iter().for_each(|before| of[before].push((node.id, input)));
            }
        }
        Uses { snapshot, of }
    }

    fn of_node(&self, node: usize) -> impl Iterator<Item = (&'a Node, usize)> {
        self.of[node].iter().map(|&(user, input)| (&self.snapshot.nodes[user], input))
    }

    /// Goes on from a node to its users as long as `goes_on` says so of one, each of them once.
    fn follow(&self, node: usize, mut goes_on: impl FnMut(&'a Node, usize) -> bool) {
        let (mut waiting, mut seen) = (vec![node], BTreeSet::new());
        while let Some(node) = waiting.pop() {
            for (user, input) in self.of_node(node) {
                if goes_on(user, input) && seen.insert(user.id) {
                    waiting.push(user.id);
                }
            }
        }
    }
}

/// The axis along which labels pick from what is computed of it element by element.
fn picked_along(uses: &Uses<'_>, node: &Node) -> Option<usize> {
    let mut picked = None;
    uses.follow(node.id, |user, input| {
        match user.op.as_str() {
            "nll" if input == 0 => picked = node.shape.len().checked_sub(1),
            "gather" if input == 0 => picked = axis(user, node.shape.len()),
            _ => return uses.snapshot.is_elementwise(user) && user.shape == node.shape,
        }
        false
    });
    picked
}

/// The axis over which a product of attention weights and values averages.
fn averaged_over(uses: &Uses<'_>, shares: &Shares<'_>) -> Option<usize> {
    let snapshot = uses.snapshot;
    let rank = shares.node.shape.len();
    let mut scores = &snapshot.nodes[shares.input];
    while snapshot.is_elementwise(scores) {
        scores = &snapshot.nodes[scores.operands.iter().find_map(|operand| operand.node())?];
    }
    let both_computed = |operand: &Operand| operand.node().is_some_and(|node| !snapshot.nodes[node].is_leaf());
    let is_attention = scores.op == "matmul" && scores.operands.iter().all(both_computed) && shares.axis + 2 >= rank;
    let averages = uses.of_node(shares.node.id).any(|(user, input)| user.op == "matmul" && input == 0);
    (is_attention && averages && rank >= 2 && shares.node.op != "log_softmax").then(|| rank - 1)
}

impl Snapshot {
    /// Whether the root, if there is one, depends on a node.
    fn is_on_the_way(&self, node: &Node) -> bool {
        self.root.is_none() || node.gradient.value().is_some()
    }

    /// Whether an operation acts on single elements.
    fn is_elementwise(&self, node: &Node) -> bool {
        self.edges_of(node.id).iter().any(|edge| edge.slope.is_some())
    }
}

/// Whose first axis counts samples, and whose last.
struct Samples {
    rows: Vec<bool>,
    columns: Vec<bool>,
}

impl Samples {
    fn of(snapshot: &Snapshot) -> Self {
        let count = snapshot.nodes.len();
        let mut samples = Samples { rows: vec![false; count], columns: vec![false; count] };
        for node in &snapshot.nodes {
            samples.rows[node.id] = samples.has_rows(snapshot, node);
            samples.columns[node.id] = samples.has_columns(snapshot, node);
        }
        samples
    }

    fn has_rows(&self, snapshot: &Snapshot, node: &Node) -> bool {
        let comes_in = match node.op.as_str() {
            "linear" | "conv1d" | "conv2d" => from_outside(snapshot, node.operands.first()),
            "matmul" => {
                from_outside(snapshot, node.operands.first())
                    && node.operands.get(1).is_some_and(|w| w.node().is_some())
            }
            "index_select" => axis(node, 1) == Some(0) && node.shape.len() > 1,
            _ => false,
        };
        let normalises =
            matches!(node.op.as_str(), "softmax" | "log_softmax" | "standardize" | "standardize_about_zero" | "center");
        let mut edges = snapshot.edges_of(node.id).iter();
        comes_in || edges.any(|edge| self.rows[edge.to] && (edge.keeps_rows || normalises))
    }

    /// Where samples were turned to lie along the last axis.
    fn has_columns(&self, snapshot: &Snapshot, node: &Node) -> bool {
        let operand = |i: usize| node.operands.get(i).and_then(Operand::node);
        let last = node.shape.last();
        match node.op.as_str() {
            "transpose" | "permute" => operand(0).is_some_and(|x| self.rows[x] && snapshot.nodes[x].shape.len() == 2),
            "matmul" => match node.operands.get(1) {
                Some(Operand::Node(right)) => self.columns[*right],
                Some(Operand::Constant(_)) => node.shape.len() > 1 && last == node.shape.get(node.shape.len() - 2),
                None => false,
            },
            _ if snapshot.is_elementwise(node) || node.shape.len() > 1 => {
                let same = |x: &usize| snapshot.nodes[*x].shape.last() == last && self.columns[*x];
                (0..node.operands.len()).filter_map(operand).any(|x| same(&x))
            }
            _ => false,
        }
    }

    /// Whether shares are of samples that have a target each.
    fn are_mixed_by(&self, uses: &Uses<'_>, shares: &Shares<'_>) -> bool {
        let Shares { node, input, axis } = shares;
        let samples = node.shape.first().copied().unwrap_or(1);
        let others: usize = node.shape.iter().skip(1).product();
        let of_samples = *axis == 0 && self.rows[*input] && !self.columns[*input] && samples > 1 && others > 1;
        of_samples && self.are_judged_by_row(uses, node.id, samples)
    }

    /// Whether all that is made of a node's rows stays in rows up to a loss, and there are targets.
    fn are_judged_by_row(&self, uses: &Uses<'_>, node: usize, samples: usize) -> bool {
        let (mut stay_apart, mut have_targets) = (true, false);
        let is_target = |operand: &Operand| match operand {
            Operand::Constant(Constant { shape, .. }) => {
                shape.as_ref().and_then(|shape| shape.first()) == Some(&samples)
            }
            Operand::Node(other) => {
                let other = &uses.snapshot.nodes[*other];
                other.is_leaf() && other.shape.first() == Some(&samples)
            }
        };
        uses.follow(node, |user, input| {
            if user.gradient.value().is_none() {
                return false;
            }
            let edge = uses.snapshot.edges_of(user.id).iter().find(|edge| edge.input == input);
            match user.op.as_str() {
                "cross_entropy" | "cross_entropy_soft" | "nll" => have_targets = true,
                "sum" | "mean" if user.elements() == 1 => {}
                "sum" if is_divisor(uses, user) => {}
                _ if edge.is_some_and(|edge| edge.keeps_rows) || self.rows[user.id] => {
                    have_targets |= user.op == "gather" || user.operands.iter().any(is_target);
                    return true;
                }
                _ => stay_apart = false,
            }
            false
        });
        stay_apart && have_targets
    }
}

/// Whether a sum is only what shares are divided by.
fn is_divisor(uses: &Uses<'_>, sum: &Node) -> bool {
    let divides =
        |(user, input): (&Node, usize)| user.op == "div" && input == 1 && Shares::of(uses.snapshot, user).is_some();
    uses.of_node(sum.id).all(divides)
}

/// Whether an operand with samples comes in from outside: a constant, or a variable that is no parameter.
fn from_outside(snapshot: &Snapshot, operand: Option<&Operand>) -> bool {
    match operand {
        Some(Operand::Constant(Constant { shape, .. })) => shape.as_ref().is_some_and(|shape| shape.len() > 1),
        Some(Operand::Node(node)) => {
            let is_parameter = snapshot.parameters.iter().any(|parameter| parameter.node == Some(*node));
            snapshot.nodes[*node].is_leaf() && !is_parameter && snapshot.nodes[*node].shape.len() > 1
        }
        None => false,
    }
}

/// What is taken of a difference on its way into a loss.
const OF_DIFFERENCES: [&str; 8] = ["square", "abs", "powi", "powf", "neg", "mul_constant", "div_constant", "cosh"];
/// Operations of two operands that are no differences.
const NO_DIFFERENCES: [&str; 12] = [
    "add",
    "mul",
    "div",
    "pow",
    "maximum",
    "minimum",
    "hypot",
    "atan2",
    "logaddexp",
    "copysign",
    "remainder",
    "times_slope",
];

/// A column minus a row of as many elements, both stretched to a square, in a loss: they were meant to match.
pub(super) fn stretched_both(snapshot: &Snapshot) -> Vec<Finding> {
    let (mut found, uses) = (Vec::<Finding>::new(), Uses::of(snapshot));
    for stretched in snapshot.audit().reductions.into_iter().filter(|stretched| stretched.both) {
        let node = &snapshot.nodes[stretched.node];
        let elements = |shape: &Vec<usize>| shape.iter().product::<usize>();
        let [a, b] = stretched.operands.as_slice() else { continue };
        let as_many = elements(a) == elements(b) && elements(a) > 1;
        // Who makes room for another axis right before means to pair everything with everything.
        let is_paired = node.operands.iter().filter_map(Operand::node).any(|x| snapshot.nodes[x].op == "unsqueeze");
        let is_difference = node.operands.len() == 2 && !NO_DIFFERENCES.contains(&node.op.as_str());
        let is_known = found.iter().any(|finding| finding.node == Some(node.id));
        if is_known
            || !snapshot.is_on_the_way(node)
            || !as_many
            || is_paired
            || !is_difference
            || !is_summed_up(&uses, node)
        {
            continue;
        }
        found.push(Finding {
            fault: Fault::StretchedBoth,
            at: node.at.clone(),
            node: Some(node.id),
            what: format!(
                "{} of {a:?} and {b:?} is {:?}: every element of one meets every element of the other",
                snapshot.called(node),
                node.shape
            ),
            measure: "elements of the result for each element of an operand".to_string(),
            value: node.elements() as f64 / elements(a) as f64,
            limit: 1.0,
            fix: "give both one shape before: `.squeeze(-1)` on the column, or `.unsqueeze(-1)` on the other"
                .to_string(),
        });
    }
    found
}

/// Whether a difference only goes, element by element, into one number.
fn is_summed_up(uses: &Uses<'_>, node: &Node) -> bool {
    let (mut is_used, mut stays) = (false, true);
    uses.follow(node.id, |user, _| {
        let mut operands = user.operands.iter().filter_map(Operand::node);
        let squares = user.op == "mul" && user.operands.len() == 2 && {
            let (one, other) = (operands.next(), operands.next());
            one.is_some() && one == other
        };
        let goes_on = squares || OF_DIFFERENCES.contains(&user.op.as_str());
        let is_number = user.elements() == 1;
        is_used = true;
        stays &= is_number || goes_on;
        goes_on && !is_number
    });
    is_used && stays
}
