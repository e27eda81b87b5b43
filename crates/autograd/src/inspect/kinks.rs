//! Which discrete decisions differ between two recordings.

use super::Snapshot;
use serde::Serialize;
use std::fmt;

/// Where two recordings of one program took different decisions: between them the function may have a kink.
///
/// ```
/// use autograd::{inspect::Snapshot, prelude::*};
/// let at = |x: f64| {
///     let tape = Tape::keeping();
///     let _y = tape.var([-1.0, x]).relu();
///     Snapshot::of(&tape)
/// };
/// let kinks = at(-0.1).kinks(&at(0.1));
/// assert_eq!((kinks.flips[0].op.as_str(), kinks.flips[0].elements.clone()), ("relu", vec![1]));
/// assert!(at(0.1).kinks(&at(0.2)).flips.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kinks {
    /// The first operation that differs, if the recordings are not of the same operations.
    pub diverged: Option<usize>,
    /// The operations whose decisions differ, in order.
    pub flips: Vec<Flip>,
}

/// An operation that decided differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// Its node.
    pub node: usize,
    /// The operation.
    pub op: String,
    /// At which elements, in row-major order.
    pub elements: Vec<usize>,
    /// The line of the user's code.
    pub at: String,
}

impl Snapshot {
    /// Which decisions differ from those of another recording of the same program.
    pub fn kinks(&self, other: &Snapshot) -> Kinks {
        let pairs = || self.nodes.iter().zip(&other.nodes);
        let diverged = pairs().position(|(a, b)| a.op != b.op || a.operands.len() != b.operands.len());
        let shorter = (self.nodes.len() != other.nodes.len()).then_some(self.nodes.len().min(other.nodes.len()));
        let flips = pairs().take(diverged.unwrap_or(usize::MAX)).filter_map(|(a, b)| {
            let elements = match (&a.decisions, &b.decisions) {
                (Some(one), Some(two)) => one.differing(two),
                _ => Vec::new(),
            };
            let (node, op, at) = (a.id, a.op.clone(), a.at.to_string());
            (!elements.is_empty()).then_some(Flip { node, op, elements, at })
        });
        Kinks { diverged: diverged.or(shorter), flips: flips.collect() }
    }
}

impl fmt::Display for Kinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.flips.is_empty() && self.diverged.is_none() {
            return f.write_str("no decision differs");
        }
        for (i, Flip { node, op, elements, at }) in self.flips.iter().enumerate() {
            let newline = if i == 0 { "" } else { "\n" };
            let shown: Vec<String> = elements.iter().take(8).map(usize::to_string).collect();
            let more = elements.len().saturating_sub(8);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            write!(f, "{newline}node {node} {op} ({at}) changed side at [{}]{more}", shown.join(", "))?;
        }
        if let Some(node) = self.diverged {
            write!(f, "{}the recordings part at node {node}", if self.flips.is_empty() { "" } else { "\n" })?;
        }
        Ok(())
    }
}
