//! Recomputation (gradient checkpointing): segments of a tape that keep only what came in and are computed again on the
//! way back.
//!
//! A segment is a range of nodes. They stay on the tape, with their operations and places; only the values between them
//! go when the segment closes. The backward sweep replays the operations on what came in before it enters the range, and
//! lets the values go again when it leaves it. So nothing of the user's is called twice, and everything that reads the
//! tape (gradients of intermediates, names, lines, second derivatives) finds it as it would be without.

use super::node::Node;
use super::{Inner, NONE, Tape};
use crate::Scope;
use crate::Tensor;
use crate::algebra::Real;
use crate::array::{Kind, ScopeState};
use crate::ops::Few;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// Nodes `start..end`, of which only what came in is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    start: u32,
    /// [`NONE`] while it is open.
    end: u32,
    parent: u32,
    /// What its nodes would keep, were they not recomputed, and what they keep instead.
    plain_bytes: usize,
    kept_bytes: usize,
}

/// What recomputation saves and what it costs, since the tape was made.
///
/// Values that are there anyway are not counted: inputs, parameters and constants, and results that nothing in the
/// segment reads.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::<f32>::ones([1000]));
/// let y = (x.clone() * 2.0).recompute(|x| x.tanh().tanh().tanh());
/// y.sum().backward();
/// assert_eq!(
///     tape.recomputation().to_string(),
///     "1 segment keeps 4000 bytes instead of 8000; 3 operations computed again"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recomputation {
    /// The segments, nested ones counted with the one around them.
    pub segments: usize,
    /// The bytes that their nodes would keep for the backward sweep without recomputation.
    pub plain_bytes: usize,
    /// The bytes that came in from outside and are kept to compute from.
    pub kept_bytes: usize,
    /// The extra work: operations that sweeps have computed again so far.
    pub nodes: usize,
}

impl Recomputation {
    /// The bytes that need not be kept.
    pub fn saved_bytes(&self) -> usize {
        self.plain_bytes.saturating_sub(self.kept_bytes)
    }
}

impl fmt::Display for Recomputation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Recomputation { segments, plain_bytes, kept_bytes, nodes } = self;
        let (segment, operation) = (
            if *segments == 1 { "segment keeps" } else { "segments keep" },
            if *nodes == 1 { "operation" } else { "operations" },
        );
        write!(
            f,
            "{segments} {segment} {kept_bytes} bytes instead of {plain_bytes}; {nodes} {operation} computed again"
        )
    }
}

impl<T: Real> Tape<T> {
    /// What [`recompute`](crate::Interpretation::recompute) has saved on this tape, and what sweeps have paid for it.
    pub fn recomputation(&self) -> Recomputation {
        self.0.recomputation.get()
    }

    pub(super) fn open_segment(&self) -> Scope {
        let parent = self.0.segment.get();
        let mut segments = self.0.segments.borrow_mut();
        let start = self.len() as u32;
        segments.push(Segment { start, end: NONE, parent, plain_bytes: 0, kept_bytes: 0 });
        self.0.segment.set(segments.len() as u32 - 1);
        let state = ScopeState { kind: Kind::Segment, outer: parent, generation: self.0.generation.get() };
        Scope::new(self.0.clone(), state)
    }

    /// Whether a value of this node comes into the open segment from outside, so that it must be kept.
    pub(super) fn enters_segment(&self, node: u32) -> bool {
        let segment = self.0.segment.get();
        if segment == NONE {
            return false;
        }
        node == NONE || !is_inside(&self.0.nodes.borrow(), self.0.segments.borrow()[segment as usize].start, node)
    }
}

/// Whether a node's value can be computed again from what came into a segment that starts at `start` and has not ended
/// before the node's reader. Leaves cannot.
fn is_inside<T: Real>(nodes: &[Node<T>], start: u32, node: u32) -> bool {
    node != NONE && node >= start && nodes[node as usize].op.is_some()
}

impl<T: Real> Inner<T> {
    /// Closes the open segment: lets its values go and notes what that saves.
    pub(super) fn close_segment(&self, outer: u32) {
        let id = self.segment.replace(outer) as usize;
        let mut nodes = self.nodes.borrow_mut();
        let mut segments = self.segments.borrow_mut();
        segments[id].end = nodes.len() as u32;
        let Segment { start, parent, .. } = segments[id];
        let nested = segments[id + 1..].iter().filter(|inner| inner.parent == id as u32);
        let (plain, kept) = nested.fold((0, 0), |(p, k), inner| (p + inner.plain_bytes, k + inner.kept_bytes));
        let range = &nodes[start as usize..];
        // A nested segment already keeps only what came in: what it would keep is known from when it closed.
        let plain_bytes = (bytes_of(would_keep(&nodes, start)) + plain).saturating_sub(kept);
        let kept_bytes = bytes_of(range.iter().flat_map(|node| coming_in(&nodes, start, node)));
        (segments[id].plain_bytes, segments[id].kept_bytes) = (plain_bytes, kept_bytes);
        if parent == NONE {
            let mut total = self.recomputation.get();
            total.segments += 1;
            if !self.keeps_all {
                total.plain_bytes += plain_bytes;
                total.kept_bytes += kept_bytes;
            }
            self.recomputation.set(total);
        }
        if !self.keeps_all {
            strip(&mut nodes, segments[id]);
        }
    }
}

/// What the nodes from `start` on keep for the backward sweep, but for results that none of them reads.
fn would_keep<T: Real>(nodes: &[Node<T>], start: u32) -> impl Iterator<Item = &Tensor<T>> {
    let mut read = vec![false; nodes.len() - start as usize];
    for &input in nodes[start as usize..].iter().flat_map(|node| &node.inputs) {
        if input != NONE && input >= start {
            read[(input - start) as usize] = true;
        }
    }
    nodes[start as usize..].iter().zip(read).flat_map(move |(node, read)| {
        let saves = node.op.as_ref().map(|op| op.saves());
        let computed = move |input: u32| input != NONE && nodes[input as usize].op.is_some();
        let inputs = node.inputs.iter().zip(&node.saved).enumerate();
        let inputs = inputs.filter(move |(i, (input, _))| saves.is_some_and(|s| s.input(*i)) && computed(**input));
        let own = node.output.iter().filter(move |_| read).chain(&node.kept);
        inputs.filter_map(|(_, (_, saved))| saved.as_ref()).chain(own.filter(move |_| node.op.is_some()))
    })
}

/// What a node reads from outside the segment that starts at `start`, leaves and constants aside.
fn coming_in<'a, T: Real>(nodes: &'a [Node<T>], start: u32, node: &'a Node<T>) -> impl Iterator<Item = &'a Tensor<T>> {
    let outside = move |&(&input, _): &(&u32, &Option<Tensor<T>>)| {
        input != NONE && input < start && nodes[input as usize].op.is_some()
    };
    node.inputs.iter().zip(&node.saved).filter(outside).filter_map(|(_, saved)| saved.as_ref())
}

/// The bytes of distinct values.
fn bytes_of<'a, T: Real>(values: impl Iterator<Item = &'a Tensor<T>>) -> usize {
    let distinct: BTreeMap<usize, usize> = values.map(Tensor::storage).collect();
    distinct.values().sum()
}

/// Lets go of every value that can be computed again.
fn strip<T: Real>(nodes: &mut [Node<T>], segment: Segment) {
    let end = nodes.len().min(segment.end as usize);
    for id in segment.start as usize..end {
        let outside = |&input: &u32| !is_inside(nodes, segment.start, input);
        let keep: Few<bool> = nodes[id].inputs.iter().map(outside).collect();
        let node = &mut nodes[id];
        if node.op.is_none() {
            continue;
        }
        for (saved, keep) in node.saved.iter_mut().zip(keep) {
            if !keep {
                *saved = None;
            }
        }
        node.output = None;
        node.kept = Few::new();
    }
}

/// For each node from `start` to `last`, the last of them that reads it, or itself.
fn last_readers<T: Real>(nodes: &[Node<T>], start: u32, last: usize) -> Vec<usize> {
    let first = start as usize;
    let mut readers: Vec<usize> = (first..=last).collect();
    for (id, node) in nodes.iter().enumerate().take(last + 1).skip(first) {
        for &input in node.inputs.iter().filter(|&&input| input != NONE && input >= start) {
            readers[input as usize - first] = id;
        }
    }
    readers
}

/// A backward sweep's way through the segments: those whose values are there now.
pub(super) struct Passage {
    segments: Vec<Segment>,
    entered: Vec<u32>,
    nodes: usize,
}

impl Passage {
    /// Through the segments of this tape. One that keeps every value has none that would have to be computed again, and lets
    /// none go.
    pub fn of<T: Real>(tape: &Tape<T>) -> Self {
        let segments = if tape.0.keeps_all { Vec::new() } else { tape.0.segments.borrow().clone() };
        Passage { segments, entered: Vec::new(), nodes: 0 }
    }

    /// Whether there is anything to do at this node.
    pub fn concerns<T: Real>(&self, node: &Node<T>) -> bool {
        !self.segments.is_empty() && (node.segment != NONE || !self.entered.is_empty())
    }

    /// Makes the values of this node's segments be there, and lets go of those that the sweep has left.
    pub fn enter<T: Real>(&mut self, nodes: &mut [Node<T>], id: usize) {
        self.leave(nodes, id);
        let mut around = Few::<u32>::new();
        let mut segment = nodes[id].segment;
        while segment != NONE && !self.entered.contains(&segment) {
            around.push(segment);
            segment = self.segments[segment as usize].parent;
        }
        for &segment in around.iter().rev() {
            // An open segment, in whose middle a sweep starts, still has its values.
            if self.segments[segment as usize].end != NONE {
                self.nodes += self.restore(nodes, segment, id);
                self.entered.push(segment);
            }
        }
    }

    /// Lets go of the values of segments that end up behind a sweep at node `id`.
    fn leave<T: Real>(&mut self, nodes: &mut [Node<T>], id: usize) {
        while let Some(segment) = self.entered.last().map(|&last| self.segments[last as usize]) {
            if (segment.start as usize) <= id {
                return;
            }
            strip(nodes, segment);
            self.entered.pop();
        }
    }

    /// Ends the sweep: lets everything go, and notes the work.
    pub fn end<T: Real>(mut self, tape: &Inner<T>, nodes: &mut [Node<T>]) {
        while let Some(segment) = self.entered.pop() {
            strip(nodes, self.segments[segment as usize]);
        }
        let mut total = tape.recomputation.get();
        total.nodes += self.nodes;
        tape.recomputation.set(total);
    }

    /// Computes the nodes of a segment again, up to `last`, from what came in. Returns how many.
    fn restore<T: Real>(&self, nodes: &mut [Node<T>], segment: u32, last: usize) -> usize {
        let start = self.segments[segment as usize].start;
        let first = start as usize;
        let readers = last_readers(nodes, start, last);
        let mut values: Vec<Option<Tensor<T>>> = vec![None; last + 1 - first];
        let mut computed = 0;
        for id in first..=last {
            let Some(op) = nodes[id].op.clone() else { continue };
            let Node { inputs, saved, shape, segment: innermost, .. } = &nodes[id];
            let inside: Few<bool> = inputs.iter().map(|&input| is_inside(nodes, start, input)).collect();
            let came_in = |i: usize| saved[i].clone();
            let came_from = |i: usize| values[inputs[i] as usize - first].clone();
            let x: Few<Tensor<T>> =
                (0..inside.len()).filter_map(|i| if inside[i] { came_from(i) } else { came_in(i) }).collect();
            debug_assert_eq!(x.len(), inside.len(), "every input was kept or is computed again");
            let (y, kept) = op.forward_tensor(&x.iter().collect::<Few<_>>(), *shape);
            computed += 1;

            // Within a nested segment, again only what comes into that is kept.
            let nested = self.nested(segment, *innermost);
            let saves = op.saves();
            let keeps = |i: usize| match nested {
                None => !inside[i] || saves.input(i),
                Some(nested) => !is_inside(nodes, nested.start, inputs[i]),
            };
            let saved = x.iter().enumerate().map(|(i, x)| keeps(i).then(|| x.clone())).collect();
            let read: Few<usize> = inputs.iter().zip(inside).filter(|(_, i)| *i).map(|(&x, _)| x as usize).collect();
            let node = &mut nodes[id];
            node.saved = saved;
            if nested.is_none() {
                node.output = saves.output.then(|| y.clone());
                node.kept = kept;
            }
            values[id - first] = Some(y);
            for done in read.into_iter().chain([id]).filter(|&node| readers[node - first] == id) {
                values[done - first] = None;
            }
        }
        computed
    }

    /// The segment directly within `outer` that `inner` is or lies in; none if they are the same.
    fn nested(&self, outer: u32, mut inner: u32) -> Option<Segment> {
        let mut found = None;
        while inner != outer {
            let segment = self.segments[inner as usize];
            found = Some(segment);
            inner = segment.parent;
        }
        found
    }
}

impl<T: Real> Tape<T> {
    /// Lets a sweep see the values of a node that lies in a segment.
    pub(super) fn enter(&self, passage: &mut Passage, id: usize) {
        let concerns = passage.concerns(&self.0.nodes.borrow()[id]);
        if concerns {
            passage.enter(&mut self.0.nodes.borrow_mut(), id);
        }
    }

    /// Ends a sweep.
    pub(super) fn end(&self, passage: Passage) {
        if !passage.segments.is_empty() {
            passage.end(&Rc::clone(&self.0), &mut self.0.nodes.borrow_mut());
        }
    }
}
