//! What the backward pass keeps, and what recomputing would save.

use super::{Kept, Snapshot};
use crate::text::{bytes, six_digits};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What every operation keeps for the backward pass and why, the peak, and what recomputing in segments would save and
/// cost.
///
/// ```
/// use autograd::{inspect::Snapshot, prelude::*};
/// let tape = Tape::<f32>::keeping();
/// let x = tape.var(Tensor::from_fn([1000], |i| i as f32 / 1000.0)).named("x");
/// let y = (0..16).fold(x, |x, _| x.tanh()).sum();
/// let report = Snapshot::of_backward(&y).memory();
/// assert_eq!(report.saved, 16 * 4000);
/// let four = report.segments.iter().find(|plan| plan.segments == 4).unwrap();
/// assert!(four.saved <= report.saved / 2 && four.operations < 16);
/// println!("{report}");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// The bytes that all operations together keep, each memory counted once. Inputs and parameters that are kept are
    /// there anyway and count all the same.
    pub saved: usize,
    /// The most bytes at any moment of a backward pass that frees what it has passed: what is still kept, and the gradients
    /// that are still needed.
    pub peak: usize,
    /// The operation at which that is.
    pub peak_at: Option<usize>,
    /// What each operation keeps, the largest first.
    pub nodes: Vec<NodeMemory>,
    /// What recomputing would save and cost, by the number of segments.
    pub segments: Vec<Plan>,
}

/// What one operation keeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeMemory {
    /// The operation's node.
    pub node: usize,
    /// Its bytes.
    pub bytes: usize,
    /// Those of them that an earlier operation keeps as well, which cost nothing.
    pub shared: usize,
    /// Why: `tanh keeps its output`.
    pub why: String,
}

/// Recomputation of a tape in equal segments, each computed again before the backward pass enters it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The number of segments.
    pub segments: usize,
    /// The bytes kept: what comes into the segments, and the values within the one that is being swept.
    pub saved: usize,
    /// The operations that are computed again.
    pub operations: usize,
}

impl Snapshot {
    /// What is kept for the backward pass and why.
    pub fn memory(&self) -> Memory {
        let mut seen = BTreeMap::new();
        let mut nodes: Vec<NodeMemory> = Vec::new();
        for node in self.nodes.iter().filter(|node| !node.saved.is_empty()) {
            let mut own = NodeMemory { node: node.id, bytes: 0, shared: 0, why: String::new() };
            for saved in &node.saved {
                own.bytes += saved.bytes;
                own.shared += if seen.insert(saved.memory, node.id).is_some() { saved.bytes } else { 0 };
            }
            let kept = |what: Kept| match what {
                Kept::Input(i) if node.operands.len() == 1 && i == 0 => "its input".to_string(),
                Kept::Input(_) => format!("`{}`", self.kept_name(node, what)),
                Kept::Output => "its output".to_string(),
                Kept::Own => "what it made on the way".to_string(),
            };
            let kept: Vec<String> = node.saved.iter().map(|saved| kept(saved.what)).collect();
            own.why = format!("{} keeps {}", node.op, kept.join(", "));
            nodes.push(own);
        }
        nodes.sort_by_key(|node| std::cmp::Reverse(node.bytes - node.shared));
        let (peak, peak_at) = self.peak();
        let mut counts = vec![2, 4, 8, (self.operations() as f64).sqrt().round() as usize];
        counts.sort_unstable();
        counts.dedup();
        counts.retain(|&count| count > 1 && count <= self.operations());
        let segments = counts.into_iter().map(|count| self.plan(count)).collect();
        Memory { saved: self.saved_bytes(), peak, peak_at, nodes, segments }
    }

    fn value_bytes(&self, node: usize) -> usize {
        self.nodes[node].elements() * if self.number == "f32" { 4 } else { 8 }
    }

    /// The bytes of distinct memories that some operations keep.
    fn kept_by(&self, nodes: impl Iterator<Item = usize>) -> usize {
        let kept = nodes.flat_map(|node| &self.nodes[node].saved).map(|saved| (saved.memory, saved.bytes));
        kept.collect::<BTreeMap<_, _>>().values().sum()
    }

    /// The largest sum of what is kept and of gradients in flight, over a sweep that frees what it has passed.
    fn peak(&self) -> (usize, Option<usize>) {
        // When each memory goes: after the first operation that keeps it.
        let mut first_keeper: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for node in &self.nodes {
            for saved in &node.saved {
                first_keeper.entry(saved.memory).or_insert((node.id, saved.bytes));
            }
        }
        let mut frees = vec![0; self.nodes.len()];
        for (node, bytes) in first_keeper.into_values() {
            frees[node] += bytes;
        }
        let mut live = self.saved_bytes() + self.root.map_or(0, |root| self.value_bytes(root));
        let mut arrived = vec![false; self.nodes.len()];
        let (mut peak, mut peak_at) = (live, self.root);
        for node in self.nodes.iter().rev().filter(|node| !node.is_leaf()) {
            for edge in self.edges_of(node.id).iter().filter(|edge| edge.message.value().is_some()) {
                if !std::mem::replace(&mut arrived[edge.to], true) {
                    live += self.value_bytes(edge.to);
                }
            }
            if live > peak {
                (peak, peak_at) = (live, Some(node.id));
            }
            live -= frees[node.id] + if node.gradient.value().is_some() { self.value_bytes(node.id) } else { 0 };
        }
        (peak, peak_at)
    }

    /// What `count` segments of equally many operations would keep and compute again. The last one needs no recomputing,
    /// since the sweep starts in it.
    fn plan(&self, count: usize) -> Plan {
        let operations: Vec<usize> = self.nodes.iter().filter(|node| !node.is_leaf()).map(|node| node.id).collect();
        let length = operations.len().div_ceil(count);
        let mut coming_in: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut largest, mut computed) = (0, 0);
        let segments: Vec<&[usize]> = operations.chunks(length).collect();
        for (place, segment) in segments.iter().enumerate() {
            let within = |node: usize| node >= segment[0];
            let operands = segment.iter().flat_map(|&node| self.edges_of(node)).map(|edge| edge.to);
            let outside = operands.filter(|&node| !within(node) && !self.nodes[node].is_leaf());
            coming_in.extend(outside.map(|node| (node, self.value_bytes(node))));
            largest = largest.max(self.kept_by(segment.iter().copied()));
            if place + 1 < segments.len() {
                computed += segment.len();
            }
        }
        Plan { segments: segments.len(), saved: coming_in.values().sum::<usize>() + largest, operations: computed }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "saved for backward: {}, peak {}", bytes(self.saved), bytes(self.peak))?;
        if let Some(node) = self.peak_at {
            write!(f, " at node {node}")?;
        }
        for NodeMemory { node, bytes: own, shared, why } in self.nodes.iter().take(20) {
            write!(f, "\n  node {node}: {}   {why}", bytes(*own))?;
            match shared {
                0 => {}
                shared if shared == own => write!(f, "   (all kept before)")?,
                shared => write!(f, "   ({} kept before)", bytes(*shared))?,
            }
        }
        if self.nodes.len() > 20 {
            write!(f, "\n  and {} more", self.nodes.len() - 20)?;
        }
        for Plan { segments, saved, operations } in &self.segments {
            let share = six_digits((100.0 * *saved as f64 / self.saved.max(1) as f64).round());
            let kept = bytes(*saved);
            write!(f, "\n  recomputing {segments} segments: keeps {kept} ({share} %), {operations} operations again")?;
        }
        Ok(())
    }
}
