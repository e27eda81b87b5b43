//! Why something has no gradient.

use super::{Flow, Node, Place, Snapshot, Why};
use crate::algebra::Real;
use crate::ops::then::last_formula;
use crate::scalar::Traced;
use crate::{Param, Var, scalar};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// What the gradient of a parameter or a variable is, and if it has none, why, and who else is lost for that reason.
///
/// ```
/// use autograd::{inspect::{Reason, Snapshot}, prelude::*};
/// let (mut weight, x) = (Param::new(Tensor::from([2.0_f32])), Tensor::from([3.0]));
/// weight.set_path("encoder.weight");
/// let tape = Tape::keeping();
/// let hidden = (tape.constant(&x) * tape.param(&weight)).named("hidden");
/// let loss = (hidden.detach() * tape.var([1.0]).named("scale")).sum();
/// let why = Snapshot::of_backward(&loss).explain(&weight);
/// assert!(matches!(why.reason, Reason::Detached { .. }));
/// assert!(why.to_string().starts_with("`encoder.weight` has no gradient: its last recorded result `hidden` was detached at"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// What was asked about.
    pub subject: String,
    /// The answer.
    pub reason: Reason,
    /// The other parameters that are lost in the same way.
    pub others: Vec<String>,
}

/// Why there is a gradient, or none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// It has a gradient that is not zero everywhere.
    HasGradient,
    /// There was no backward sweep.
    NotSwept,
    /// It is frozen.
    Frozen {
        /// Where it was brought in.
        at: Place,
    },
    /// It was never brought into the recording.
    NotBroughtIn,
    /// Nothing that is recorded uses it.
    NeverUsed {
        /// Where it was brought in.
        at: Place,
    },
    /// Its own value was brought in as a constant.
    Constant {
        /// Where.
        at: Place,
    },
    /// A value was detached on the way to the root.
    Detached {
        /// What was detached, where that is known.
        node: Option<usize>,
        /// What it is called.
        name: String,
        /// Whether it came before what was asked about, which is a constant made of it, and not after.
        is_ancestor: bool,
        /// Where.
        at: Place,
    },
    /// Nothing that depends on it is recorded on the way to the root: it was read as a number, an integer or a comparison
    /// in Rust, or its results were not used.
    NotConnected {
        /// The last recorded node that depends on it.
        node: usize,
        /// That node's operation.
        op: String,
        /// That node's line.
        at: Place,
    },
    /// Every way to the root goes through what has derivative 0 everywhere: a comparison, a rounding.
    Step {
        /// The node of that operation.
        node: usize,
        /// The operation.
        op: String,
        /// Its line.
        at: Place,
    },
    /// Every element of the gradient is exactly 0, because slopes are 0 at this point.
    Saturated {
        /// The node that sends zeros on though what came in is not zero.
        node: usize,
        /// Its operation.
        op: String,
        /// Its line.
        at: Place,
    },
}

/// What a snapshot can be asked about: a parameter, a variable, or a name.
pub trait Subject {
    #[doc(hidden)]
    fn place(&self, snapshot: &Snapshot) -> (String, Subjected);
}

/// What a subject is in a snapshot.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Subjected {
    Node(usize),
    Stop(usize),
    Frozen,
    Absent,
}

impl Snapshot {
    /// The parameter at a place in the list, as a subject.
    pub(super) fn parameter(&self, place: usize) -> (String, Subjected) {
        let parameter = &self.parameters[place];
        let name = parameter.path.clone().unwrap_or_else(|| format!("parameter {:?}", parameter.shape));
        let subjected = match (parameter.node, parameter.stop) {
            (Some(node), _) => Subjected::Node(node),
            (None, Some(stop)) => Subjected::Stop(stop),
            (None, None) => Subjected::Absent,
        };
        (name, subjected)
    }

    fn frozen(&self, path: &str) -> Option<usize> {
        self.stops.iter().position(|stop| stop.why == Why::Frozen && stop.path.as_deref() == Some(path))
    }
}

impl<T: Real> Subject for Param<T> {
    fn place(&self, snapshot: &Snapshot) -> (String, Subjected) {
        let mut parameters = snapshot.parameters.iter();
        let id = self.id().number();
        let found = parameters.position(|p| p.id == Some(id) || p.id.is_none() && p.path.as_deref() == self.path());
        match found {
            Some(place) => (self.label(), snapshot.parameter(place).1),
            None if self.is_frozen() => {
                let stop = self.path().and_then(|path| snapshot.frozen(path));
                (self.label(), stop.map_or(Subjected::Frozen, Subjected::Stop))
            }
            None => (self.label(), Subjected::Absent),
        }
    }
}

impl<T: Real> Subject for Var<T> {
    fn place(&self, snapshot: &Snapshot) -> (String, Subjected) {
        match (self.node(), self.stop_place()) {
            (Some(node), _) if node < snapshot.nodes.len() => (snapshot.nodes[node].label(), Subjected::Node(node)),
            (None, Some(stop)) if stop < snapshot.stops.len() => {
                (format!("value {}", self.value().shape()), Subjected::Stop(stop))
            }
            _ => ("variable".to_string(), Subjected::Absent),
        }
    }
}

impl Subject for scalar::Var<'_, Traced> {
    fn place(&self, snapshot: &Snapshot) -> (String, Subjected) {
        match self.trace(|_, step, _| step) {
            Some(node) if node < snapshot.nodes.len() => (snapshot.nodes[node].label(), Subjected::Node(node)),
            _ => ("number".to_string(), Subjected::Absent),
        }
    }
}

impl Subject for str {
    fn place(&self, snapshot: &Snapshot) -> (String, Subjected) {
        let path = snapshot.parameters.iter().position(|parameter| parameter.path.as_deref() == Some(self));
        let subjected = match (path, snapshot.find_named(self), snapshot.frozen(self)) {
            (Some(place), _, _) => snapshot.parameter(place).1,
            (None, Some(node), _) => Subjected::Node(node),
            (None, None, Some(stop)) => Subjected::Stop(stop),
            (None, None, None) => Subjected::Absent,
        };
        (self.to_string(), subjected)
    }
}

impl Snapshot {
    /// Why something has no gradient: a parameter, a variable, or what a name stands for.
    pub fn explain(&self, subject: &(impl Subject + ?Sized)) -> Explanation {
        let (subject, subjected) = subject.place(self);
        self.explained(subject, subjected)
    }

    fn explained(&self, subject: String, subjected: Subjected) -> Explanation {
        let reason = self.reason(subjected);
        let named = |place: usize| self.parameter(place);
        let others = (0..self.parameters.len()).map(named).filter(|(name, _)| *name != subject);
        let same: Vec<String> =
            others.filter(|(_, other)| alike(&reason, &self.reason(*other))).map(|(name, _)| name).collect();
        let frozen =
            self.stops.iter().filter(|stop| stop.why == Why::Frozen && matches!(reason, Reason::Frozen { .. }));
        let frozen = frozen.filter_map(|stop| stop.path.clone()).filter(|path| *path != subject);
        let others = same.into_iter().chain(frozen).collect();
        Explanation { subject, reason, others }
    }

    /// Why each parameter that was brought in, and each other input that has a name, has a gradient or none; with its node.
    pub(super) fn explanations(&self) -> Vec<(Option<usize>, Explanation)> {
        let mut subjects: Vec<(String, Subjected)> = (0..self.parameters.len()).map(|i| self.parameter(i)).collect();
        for (place, stop) in self.stops.iter().enumerate().filter(|(_, stop)| stop.why == Why::Frozen) {
            let path = stop.path.iter().filter(|path| subjects.iter().all(|(known, _)| known != *path)).cloned();
            subjects.extend(path.map(|path| (path, Subjected::Stop(place))).collect::<Vec<_>>());
        }
        let parameters: BTreeSet<usize> = self.parameters.iter().filter_map(|parameter| parameter.node).collect();
        let inputs = self.nodes.iter().filter(|node| node.is_leaf() && !parameters.contains(&node.id));
        subjects.extend(inputs.filter_map(|node| Some((node.name.clone()?, Subjected::Node(node.id)))));
        let explained = subjects.into_iter().map(|(name, subjected)| {
            let node = if let Subjected::Node(node) = subjected { Some(node) } else { None };
            (node, self.explained(name, subjected))
        });
        explained.collect()
    }

    pub(super) fn reason(&self, subjected: Subjected) -> Reason {
        match subjected {
            Subjected::Absent => Reason::NotBroughtIn,
            Subjected::Frozen => Reason::Frozen { at: self.at.clone() },
            Subjected::Node(node) => self.reason_of_node(node),
            Subjected::Stop(stop) => {
                let stop = &self.stops[stop];
                let at = stop.at.clone();
                match stop.why {
                    Why::Constant => Reason::Constant { at },
                    Why::Frozen => Reason::Frozen { at },
                    Why::Detached => {
                        let name = stop.node.map_or("a value".to_string(), |node| self.nodes[node].label());
                        Reason::Detached { node: stop.node, name, is_ancestor: true, at }
                    }
                }
            }
        }
    }

    fn reason_of_node(&self, node: usize) -> Reason {
        let is_zero = |flow: &Flow| flow.value().is_some_and(|n| n.summary().zeros == n.summary().elements);
        let gradient = &self.nodes[node].gradient;
        match gradient {
            Flow::NotSwept => return Reason::NotSwept,
            Flow::Value(numbers) if numbers.summary().elements == 0 || !is_zero(gradient) => {
                return Reason::HasGradient;
            }
            _ => {}
        }
        let leads = self.leads_to(node);
        // The first edge of the sweep, on a way to here, that something comes to and nothing leaves.
        let stopped = |is_stopped: &dyn Fn(&Flow) -> bool| {
            let on_the_way = self.edges.iter().filter(|edge| leads[edge.to]);
            let mut found = on_the_way.filter(|edge| {
                let incoming = &self.nodes[edge.from].gradient;
                incoming.value().is_some() && !is_zero(incoming) && is_stopped(&edge.message)
            });
            found.next().map(|edge| &self.nodes[edge.from])
        };
        // What has no slope is the formula, also where it is part of a layer.
        let formula = |node: &Node| last_formula(&node.op, &node.constants).to_string();
        match gradient {
            Flow::Zero => match stopped(&|message| *message == Flow::Zero) {
                Some(step) => Reason::Step { node: step.id, op: formula(step), at: step.at.clone() },
                None => Reason::HasGradient,
            },
            Flow::Value(_) => match stopped(&is_zero) {
                Some(flat) => Reason::Saturated { node: flat.id, op: formula(flat), at: flat.at.clone() },
                None => Reason::HasGradient, // zeros that cancelled
            },
            _ => self.cut_off(node, &leads),
        }
    }

    /// Why the root does not depend on a node.
    fn cut_off(&self, node: usize, leads: &[bool]) -> Reason {
        let detached = self.stops.iter().filter(|stop| stop.node.is_some_and(|node| leads[node]));
        if let Some(stop) = detached.max_by_key(|stop| stop.node) {
            let name = stop.node.map_or(String::new(), |node| self.nodes[node].label());
            return Reason::Detached { node: stop.node, name, is_ancestor: false, at: stop.at.clone() };
        }
        let last = leads.iter().rposition(|&leads| leads).unwrap_or(node);
        let Node { op, at, .. } = &self.nodes[last];
        match last == node && self.nodes[node].is_leaf() {
            true => Reason::NeverUsed { at: at.clone() },
            false => Reason::NotConnected { node: last, op: op.clone(), at: at.clone() },
        }
    }
}

/// Whether two are lost in the same way.
fn alike(one: &Reason, other: &Reason) -> bool {
    use Reason::{Constant, Detached, NeverUsed, NotConnected, Saturated, Step};
    match (one, other) {
        (Detached { at: a, node: m, .. }, Detached { at: b, node: n, .. }) => (a, m) == (b, n),
        (Step { node: a, .. }, Step { node: b, .. }) | (Saturated { node: a, .. }, Saturated { node: b, .. }) => a == b,
        (NotConnected { node: a, .. }, NotConnected { node: b, .. }) => a == b,
        (NeverUsed { .. }, NeverUsed { .. }) => true,
        (Constant { at: a }, Constant { at: b }) => a == b,
        _ => false,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has ", self.subject)?;
        match &self.reason {
            Reason::HasGradient => return f.write_str("a gradient"),
            Reason::NotSwept => f.write_str("no gradient yet: there was no backward sweep")?,
            Reason::Frozen { at } => write!(f, "no gradient: it is frozen, and was brought in at {at}")?,
            Reason::NotBroughtIn => f.write_str("no gradient: it was never brought into the recording")?,
            Reason::NeverUsed { at } => write!(f, "no gradient: it was brought in at {at} and never used")?,
            Reason::Constant { at } => write!(f, "no gradient: it is a constant, brought in at {at}")?,
            Reason::Detached { name, is_ancestor, at, .. } => {
                let what = if *is_ancestor { "ancestor" } else { "result" };
                write!(f, "no gradient: its last recorded {what} `{name}` was detached at {at}")?;
            }
            Reason::NotConnected { node, op, at } => write!(
                f,
                "no gradient: the root does not depend on it; its last recorded result is node {node} `{op}` ({at}), \
                 which was read as a number, an integer or a comparison, or not used"
            )?,
            Reason::Step { node, op, at } => write!(
                f,
                "a gradient of exactly 0: it is behind node {node} `{op}` ({at}), whose derivative is 0 everywhere"
            )?,
            Reason::Saturated { node, op, at } => write!(
                f,
                "a gradient of exactly 0 at every element: node {node} `{op}` ({at}) is saturated, its slopes are 0 here"
            )?,
        }
        match self.others.len() {
            0 => Ok(()),
            1 => f.write_str("; 1 more parameter was lost the same way"),
            n => write!(f, "; {n} more parameters were lost the same way"),
        }
    }
}
