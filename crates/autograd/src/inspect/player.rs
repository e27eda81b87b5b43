//! The backward sweep, step by step.

use super::{Edge, Flow, Node, Numbers, Snapshot};
use crate::text::unnamed;
use std::fmt;

/// A backward sweep as a sequence of frames, one a pull-back, in the order in which they happened. Printed, it is a
/// transcript.
///
/// ```
/// use autograd::{inspect::Snapshot, scalar::Tape};
/// let tape = Tape::traced();
/// let x = tape.var(3.0).named("x");
/// let snapshot = Snapshot::of_backward(&(x * x));
/// assert_eq!(
///     snapshot.player().to_string(),
///     "step 1 of 1: node 1 mul   incoming 1   local x = 3   message 3   x.grad 0 + 3 = 3   (1st contribution)\n\
///     \x20                                      local x = 3   message 3   x.grad 3 + 3 = 6   (2nd contribution)"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Player(std::vec::IntoIter<Frame>);

/// One pull-back: what came in at a node, and what each of its operands got.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Its number, from 1.
    pub step: usize,
    /// The number of steps.
    pub steps: usize,
    /// The node.
    pub node: usize,
    /// The operation.
    pub op: String,
    /// The node's name.
    pub name: Option<String>,
    /// The cotangent that came in: the node's finished gradient.
    pub incoming: Numbers,
    /// What its operands got, in order.
    pub contributions: Vec<Contribution>,
}

/// What one operand gets in a step, and what it has then.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Which operand.
    pub input: usize,
    /// The node that gets it.
    pub target: usize,
    /// What the target is called.
    pub target_name: String,
    /// The rule in print: the local derivative of an operation on single elements, else the message made from `g`.
    pub formula: Option<String>,
    /// Whether `formula` is a local derivative.
    pub is_local: bool,
    /// The local derivative in numbers, where they are few.
    pub local: Option<Numbers>,
    /// The message; `None` for an exact zero.
    pub message: Option<Numbers>,
    /// What the target had before; `None` for nothing.
    pub before: Option<Numbers>,
    /// What it has afterwards.
    pub after: Option<Numbers>,
    /// How many contributions it has got, this one included; zeros do not count.
    pub count: usize,
}

impl Snapshot {
    /// The backward sweep, step by step; without steps if there was none.
    pub fn player(&self) -> Player {
        let swept = |node: &&Node| !node.is_leaf() && node.gradient.value().is_some();
        let steps = self.nodes.iter().filter(swept).count();
        let mut arrivals = vec![(0, None); self.nodes.len()];
        let mut left = vec![0; self.nodes.len()];
        for edge in self.edges.iter().filter(|edge| edge.message.value().is_some()) {
            left[edge.to] += 1;
        }
        let frames = self.nodes.iter().rev().filter(swept).zip(1..).map(|(node, step)| Frame {
            step,
            steps,
            node: node.id,
            op: node.op.clone(),
            name: node.name.clone(),
            incoming: node.gradient.value().cloned().unwrap_or(Numbers::Whole(Vec::new())),
            contributions: self
                .edges_of(node.id)
                .iter()
                .map(|edge| {
                    left[edge.to] -= usize::from(edge.message.value().is_some());
                    self.contribution(edge, &mut arrivals[edge.to], left[edge.to] == 0)
                })
                .collect(),
        });
        Player(frames.collect::<Vec<_>>().into_iter())
    }

    fn contribution(&self, edge: &Edge, arrived: &mut (usize, Option<Numbers>), is_last: bool) -> Contribution {
        let target = &self.nodes[edge.to];
        let before = arrived.1.clone();
        if let Flow::Value(message) = &edge.message {
            arrived.0 += 1;
            let last = target.gradient.value().filter(|_| is_last && arrived.0 > 1);
            arrived.1 = Some(edge.total.as_ref().or(last).unwrap_or(message).clone());
        }
        let slope = self.slope(edge);
        Contribution {
            input: edge.input,
            target: edge.to,
            target_name: target.name.clone().unwrap_or_else(|| unnamed(edge.to)),
            is_local: slope.is_some(),
            formula: slope.or_else(|| self.pull_back(edge)),
            local: edge.local.clone(),
            message: edge.message.value().cloned(),
            before,
            after: arrived.1.clone(),
            count: arrived.0,
        }
    }
}

impl Iterator for Player {
    type Item = Frame;
    fn next(&mut self) -> Option<Frame> {
        self.0.next()
    }
}

impl fmt::Display for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, frame) in self.0.as_slice().iter().enumerate() {
            write!(f, "{}{frame}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Frame { step, steps, node, op, incoming, .. } = self;
        let name = self.name.as_ref().map_or(String::new(), |name| format!(" {name}"));
        let head = format!("step {step} of {steps}: node {node} {op}{name}   incoming {incoming}   ");
        f.write_str(&head)?;
        for (i, contribution) in self.contributions.iter().enumerate() {
            if i > 0 {
                write!(f, "\n{:1$}", "", head.chars().count())?;
            }
            write!(f, "{contribution}")?;
        }
        Ok(())
    }
}

impl Contribution {
    /// The rule in print, unless it is a slope that is a number, which needs no formula beside it.
    fn shown_formula(&self) -> Option<&String> {
        self.formula.as_ref().filter(|formula| formula.parse::<f64>().is_err() || self.local.is_none())
    }

    /// `1/z = 0.833333`; nothing where the rule is not one of single elements.
    pub(super) fn local_text(&self, shown: impl Fn(&Numbers) -> String) -> Option<String> {
        match (self.is_local, self.shown_formula(), &self.local) {
            (true, Some(formula), Some(local)) => Some(format!("{formula} = {}", shown(local))),
            (true, Some(formula), None) => Some(formula.clone()),
            (true, None, Some(local)) => Some(shown(local)),
            _ => None,
        }
    }

    /// `z.grad 3.32012 + 0.833333 = 4.15345`; nothing for an exact zero.
    pub(super) fn total_text(&self, shown: impl Fn(&Numbers) -> String) -> Option<String> {
        let message = shown(self.message.as_ref()?);
        let before = self.before.as_ref().map_or("0".to_string(), &shown);
        let after = self.after.as_ref().map_or(String::new(), &shown);
        Some(format!("{}.grad {before} + {message} = {after}", self.target_name))
    }

    /// `2nd contribution`.
    pub(super) fn count_text(&self) -> String {
        format!("{} contribution", ordinal(self.count))
    }
}

impl fmt::Display for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(local) = self.local_text(Numbers::to_string) {
            write!(f, "local {local}   ")?;
        }
        f.write_str("message ")?;
        if let (false, Some(formula)) = (self.is_local, self.shown_formula()) {
            write!(f, "{formula} = ")?;
        }
        match (&self.message, self.total_text(Numbers::to_string)) {
            (Some(message), Some(total)) => write!(f, "{message}   {total}   ({})", self.count_text()),
            _ => f.write_str("exactly 0"),
        }
    }
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}
