//! What a tape can tell: every gradient, and where it came from.
//!
//! One [`Snapshot`] is taken of a tape; every view is made from it, so that a snapshot that went to JSON and back shows the
//! same. Nothing here is paid for by a program that is not looked at.
//!
//! | file | what lives there |
//! |---|---|
//! | `snapshot.rs` | [`Snapshot`]: nodes, edges, names, lines, values, gradients, messages |
//! | `numbers.rs` | [`Numbers`]: whole while few, summed up when many; what is not finite, in JSON |
//! | `decisions.rs` | [`Decisions`]: which way an operation went at each element, packed |
//! | `formula.rs` | rules in print, from the rules themselves |
//! | `tensors.rs` | how a snapshot is taken of a tape of tensors |
//! | `scalars.rs` | how it is taken of a traced scalar tape |
//! | `table.rs` | [`Table`]: a row a node |
//! | `player.rs` | [`Player`]: the backward sweep, step by step |
//! | `paths.rs` | [`Paths`]: the gradient as a sum over paths |
//! | `provenance.rs` | [`NonFinite`]: where a number that is not finite came from |
//! | `anomaly.rs` | a tape that stops at the first number that is not finite |
//! | `memory.rs` | [`Memory`]: what is kept for the backward pass, and what recomputing would save |
//! | `audit.rs` | [`Audit`]: every sum that broadcasting makes on the way back |
//! | `explain.rs` | [`Explanation`]: why something has no gradient |
//! | `units.rs` | units that say nothing, and units that are alike |
//! | `layers.rs` | which nodes are layers, and what passes through each: [`LayerStatistics`] |
//! | `flow.rs` | [`GradientFlow`]: how large values and gradients are from layer to layer |
//! | `step.rs` | a step of training that is looked at on the way |
//! | `diagnose/` | [`Diagnosis`]: what is wrong, where, by which number, and what to do |
//! | `kinks.rs` | [`Kinks`]: which decisions differ between two recordings |
//! | `attribution.rs` | [`Attribution`]: which inputs a result is due to |
//! | `outline.rs` | what can be folded in a picture: modules, runs of the tape; and how many boxes there are at most |
//! | `faces.rs` | what is written on boxes and wires |
//! | `layout.rs` | where boxes go: in layers, along the flow |
//! | `picture.rs` | boxes, frames and wires with their places |
//! | `svg.rs`, `dot.rs` | the graph as SVG and in Graphviz's language |
//! | `page/` | [`Page`]: every view in one HTML page |
//! | `compare.rs` | [`compare()`]: what someone worked out, beside the engine's |

mod anomaly;
mod attribution;
mod audit;
mod compare;
mod decisions;
mod diagnose;
mod dot;
mod explain;
mod faces;
mod flow;
mod formula;
mod kinks;
mod layers;
mod layout;
mod memory;
mod numbers;
mod outline;
mod page;
mod paths;
mod picture;
mod player;
mod provenance;
mod scalars;
mod snapshot;
mod step;
mod svg;
mod table;
mod tensors;
mod units;

pub use attribution::{Attribution, Completeness, input_times_gradient, integrated_gradients, saliency, smooth_grad};
pub use audit::{Audit, Stretched};
pub use compare::{Comparison, Likeness, compare};
pub use decisions::Decisions;
pub use diagnose::{Diagnosis, Fault, Finding};
pub use explain::{Explanation, Reason, Subject, Subjected};
pub use flow::{FlowLayer, GradientFlow};
pub use kinks::{Flip, Kinks};
pub use layers::LayerStatistics;
pub use memory::{Memory, NodeMemory, Plan};
pub use numbers::{Numbers, Summary, WHOLE, non_finite};
pub use outline::BOXES;
pub use page::Page;
#[doc(hidden)]
pub use page::Shell;
pub use paths::{Path, Paths, paths};
pub use player::{Contribution, Frame, Player};
pub use provenance::{Cause, Hidden, NonFinite, Suppressed};
pub use snapshot::{
    Constant, Edge, Engine, Flow, Kept, Node, Operand, Parameter, Place, Saved, Scope, Snapshot, Stop, Units, Why,
};
pub use step::{Detail, Output};
#[doc(hidden)]
pub use svg::escaped;
pub use table::Table;

use crate::Error;
use std::panic::Location;

/// A tape of which a snapshot can be taken: [`Tape`](crate::Tape), or a traced [`scalar::Tape`](crate::scalar::Tape).
pub trait Recording {
    #[doc(hidden)]
    fn picture(&self, at: &'static Location<'static>) -> Snapshot;
}

/// A result from which a backward sweep can start: [`Var`](crate::Var), or a traced
/// [`scalar::Var`](crate::scalar::Var).
pub trait Root {
    #[doc(hidden)]
    fn picture_backward(&self, at: &'static Location<'static>) -> Result<Snapshot, Error>;
}

impl Snapshot {
    /// What is recorded on a tape, without a backward sweep.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, prelude::*};
    /// let tape = Tape::<f32>::keeping();
    /// let y = tape.var([1.0, 2.0]).named("x").exp().sum();
    /// let snapshot = Snapshot::of(&tape);
    /// assert_eq!((snapshot.nodes.len(), snapshot.root), (3, None));
    /// # let _ = y;
    /// ```
    #[track_caller]
    pub fn of(tape: &impl Recording) -> Self {
        tape.picture(Location::caller())
    }

    /// What is recorded, with a backward sweep from `root`.
    ///
    /// # Panics
    /// If the root is not a scalar, or depends on nothing recorded; see [`try_of_backward`](Snapshot::try_of_backward).
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, scalar::Tape};
    /// let tape = Tape::traced();
    /// let x = tape.var(3.0).named("x");
    /// let snapshot = Snapshot::of_backward(&(x * x));
    /// assert_eq!(snapshot.nodes[0].gradient.value().unwrap().single(), Some(6.0));
    /// ```
    #[track_caller]
    pub fn of_backward(root: &impl Root) -> Self {
        match Self::try_of_backward(root) {
            Ok(snapshot) => snapshot,
            Err(error) => error.raise("backward"),
        }
    }

    /// What is recorded, with a backward sweep from `root`.
    ///
    /// # Errors
    /// [`Error::NotScalar`], [`Error::NothingRecorded`], [`Error::Freed`].
    #[track_caller]
    pub fn try_of_backward(root: &impl Root) -> Result<Self, Error> {
        root.picture_backward(Location::caller())
    }
}
