//! What is wrong with a program, where, by which number, and what to do.
//!
//! | file | what is looked for |
//! |---|---|
//! | `mod.rs` | [`Diagnosis`], its [`Finding`]s and their [`Fault`]s |
//! | `lost.rs` | numbers that are not finite; parameters without a gradient |
//! | `depth.rs` | gradients that explode or vanish from layer to layer |
//! | `units.rs` | units that are dead, saturated, or twins |
//! | `shapes.rs` | shares of the wrong axis, columns that met rows |
//! | `rules.rs` | wrong derivatives, which no picture of a step can show: what a [gradient check](crate::check) found |

mod depth;
mod lost;
mod rules;
mod shapes;
mod units;

use super::numbers::non_finite;
use super::{Cause, Node, Place, Snapshot};
use crate::Param;
use crate::algebra::Real;
use crate::text::significant;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is wrong with a step, as far as one snapshot of it tells: what [`Snapshot::diagnose`] returns.
///
/// It is made to be silent on what is healthy: a limit stands where healthy programs do not come, with its reason beside
/// it. A finding that is meant to be so (a part that was frozen on purpose) is no mistake; the diagnosis cannot know.
///
/// ```
/// use autograd::{inspect::{Fault, Snapshot}, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let prediction = tape.var(Tensor::from_fn([4, 1], |i| i as f64)).named("prediction");
/// let target = tape.constant(&Tensor::from([0.0, 1.0, 2.0, 3.0]));
/// let found = Snapshot::of_backward(&(&prediction - &target).square().mean()).diagnose();
/// assert_eq!(found.findings[0].fault, Fault::StretchedBoth);
/// println!("{found}");
///
/// let target = target.unsqueeze(-1);
/// let healthy = Snapshot::of_backward(&(&prediction - &target).square().mean()).diagnose();
/// assert!(healthy.findings.is_empty(), "{healthy}");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What was found, the likeliest cause of the others first.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub subject: String,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of mistake it is.
    pub fault: Fault,
    /// The line of the user's code.
    pub at: Place,
    /// The node that shows it, where there is one.
    pub node: Option<usize>,
    /// What is wrong, in words.
    pub what: String,
    /// What the number measures.
    pub measure: String,
    /// The number that shows it.
    #[serde(with = "non_finite")]
    pub value: f64,
    /// The limit that it crossed.
    #[serde(with = "non_finite")]
    pub limit: f64,
    /// What to do.
    pub fix: String,
}

/// A kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fault {
    /// A number is not finite, for this cause.
    NonFinite(Cause),
    /// The gradient grows from layer to layer, or from time step to time step, on the way back.
    Exploding,
    /// It shrinks.
    Vanishing,
    /// A layer of rectifiers most of whose units are 0 at every sample.
    DeadUnits,
    /// A layer whose units are at the flat ends of their activation.
    Saturated,
    /// Units whose incoming weights and gradients are the same, so that they stay the same.
    Twins,
    /// Parameters that are lost because a value was detached.
    Detached,
    /// Parameters that are frozen.
    Frozen,
    /// Parameters that the result does not depend on.
    Unused,
    /// Parameters behind a comparison or a rounding, whose derivative is 0 everywhere.
    BehindStep,
    /// A softmax along another axis than the one that is meant.
    WrongAxis,
    /// A column and a row that were meant to match, and made a square instead.
    StretchedBoth,
    /// The pull-back of an operation lacks a division by a number of elements.
    MissingDivision,
    /// The pull-back of an operation has the wrong sign.
    FlippedSign,
    /// The pull-back of an operation is wrong in another way.
    WrongRule,
    /// Steps move the weights so far that the loss does not fall: what a run shows, no single step.
    RateTooHigh,
    /// Steps hardly move the weights.
    RateTooLow,
    /// The loss of the first step is far above that of a prediction that knows nothing.
    InitialLoss,
    /// The output is the same for every sample of a batch.
    IgnoresInput,
}

impl Snapshot {
    /// What is wrong with the step, as far as the snapshot tells.
    ///
    /// | looked for | by which number | limit |
    /// |---|---|---|
    /// | not finite | the first number that is | none is allowed |
    /// | exploding | decades by which the root-mean-square gradient grows a layer or time step, on the way back | 0.3, if that makes 1.5 over all; or 3 over all |
    /// | vanishing | decades by which it shrinks | 0.3, if that makes 3 over all |
    /// | dead units | share of a rectifier's units that are 0 at every sample | ½, and no chance |
    /// | saturated | mean slope of `tanh` or `sigmoid`, over the largest | 0.02 |
    /// | twins | units of a hidden layer with the same weights and gradients | none is allowed |
    /// | detached, frozen, unused, behind a step | parameters without a gradient | none is allowed |
    /// | wrong axis | how many samples a softmax adds up over | 1 |
    /// | both stretched | elements of the difference for one of the prediction | 1 |
    ///
    /// It needs a backward sweep and, for most of it, a tape that [keeps](crate::Tape::keeping) every value.
    pub fn diagnose(&self) -> Diagnosis {
        // What overflows does so because it explodes.
        let mut findings: Vec<Finding> = depth::flow(self).into_iter().chain(lost::non_finite(self)).collect();
        if !self.has_broken_root() {
            findings.extend(shapes::wrong_axis(self));
            findings.extend(shapes::stretched_both(self));
            findings.extend(self.units());
        }
        findings.extend(lost::without_gradient(self));
        Diagnosis { findings, subject: self.subject() }
    }

    /// The same, of a model with these parameters: those that were never brought in are unused, too.
    ///
    /// ```
    /// use autograd::{inspect::{Fault, Snapshot}, prelude::*};
    /// let (used, forgotten) = (Param::new(Tensor::from([1.0_f32])), Param::new(Tensor::from([2.0])));
    /// let tape = Tape::keeping();
    /// let snapshot = Snapshot::of_backward(&tape.param(&used).square().sum());
    /// assert!(snapshot.diagnose().findings.is_empty());
    /// assert_eq!(snapshot.diagnose_model([&used, &forgotten]).findings[0].fault, Fault::Unused);
    /// ```
    pub fn diagnose_model<'a, T: Real>(&self, parameters: impl IntoIterator<Item = &'a Param<T>>) -> Diagnosis {
        self.diagnose_parameters(parameters.into_iter().map(|parameter| (parameter.label(), parameter)))
    }

    /// The same, of parameters with what they are called.
    pub fn diagnose_parameters<'a, T: Real>(
        &self,
        parameters: impl IntoIterator<Item = (String, &'a Param<T>)>,
    ) -> Diagnosis {
        let mut diagnosis = self.diagnose();
        diagnosis.findings.extend(lost::never_brought_in(self, parameters.into_iter()));
        diagnosis
    }

    /// What the numbers of a step tell: that part of [`diagnose`](Snapshot::diagnose) which can be different at another step of
    /// the same program. It needs no more than [`Detail::Numbers`](super::Detail).
    pub fn diagnose_numbers(&self) -> Diagnosis {
        let mut findings: Vec<Finding> = depth::flow(self).into_iter().chain(lost::non_finite(self)).collect();
        if !self.has_broken_root() {
            findings.extend(self.units());
        }
        Diagnosis { findings, subject: self.subject() }
    }

    /// Twins (only where all is known), dead and saturated units.
    fn units(&self) -> Vec<Finding> {
        [units::twins(self), units::dead(self), units::saturated(self)].concat()
    }

    /// Whether what is not finite reaches the root: what it does further on is no fault of its own.
    fn has_broken_root(&self) -> bool {
        self.non_finite.as_ref().is_some_and(|found| found.root_is_finite == Some(false))
    }

    fn subject(&self) -> String {
        let frozen = self.stops.iter().filter(|stop| stop.why == super::Why::Frozen).count();
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let parameters = self.parameters.len() + frozen;
        [count(self.nodes.len(), "node"), count(parameters, "parameter")].join(", ")
    }

    /// A node as a finding calls it.
    fn called(&self, node: &Node) -> String {
        match &node.name {
            Some(name) => format!("node {} `{}` ({name})", node.id, node.op),
            None => format!("node {} `{}`", node.id, node.op),
        }
    }
}

impl Fault {
    /// Its name in words.
    fn words(self) -> &'static str {
        match self {
            Fault::NonFinite(_) => "not finite",
            Fault::Exploding => "exploding gradient",
            Fault::Vanishing => "vanishing gradient",
            Fault::DeadUnits => "dead units",
            Fault::Saturated => "saturated units",
            Fault::Twins => "twin units",
            Fault::Detached => "detached",
            Fault::Frozen => "frozen",
            Fault::Unused => "unused",
            Fault::BehindStep => "behind a step",
            Fault::WrongAxis => "wrong axis",
            Fault::StretchedBoth => "both stretched",
            Fault::MissingDivision => "missing 1/n",
            Fault::FlippedSign => "flipped sign",
            Fault::WrongRule => "wrong rule",
            Fault::RateTooHigh => "learning rate too high",
            Fault::RateTooLow => "learning rate too low",
            Fault::InitialLoss => "initial loss",
            Fault::IgnoresInput => "output ignores the input",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())?;
        match self {
            Fault::NonFinite(cause) => write!(f, ", {cause}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { fault, at, what, measure, value, limit, fix, .. } = self;
        write!(f, "{fault} ({at}): {what}")?;
        // What is not finite needs no limit, and stands there already.
        if !matches!(fault, Fault::NonFinite(_)) {
            write!(f, "\n  {measure}: {}, limit {}", significant(*value, 3), significant(*limit, 3))?;
        }
        write!(f, "\n  fix: {fix}")
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnosis { findings, subject } = self;
        match findings.len() {
            0 => write!(f, "diagnosis of {subject}: nothing found")?,
            1 => write!(f, "diagnosis of {subject}: 1 finding")?,
            n => write!(f, "diagnosis of {subject}: {n} findings")?,
        }
        findings.iter().try_for_each(|finding| write!(f, "\n{finding}"))
    }
}

/// A list in words, the rest counted: `a, b, c and 4 more`.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(4).map(|name| format!("`{name}`")).collect();
    match (names.len().saturating_sub(4), shown.as_slice()) {
        (0, [first @ .., last]) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (0, shown) => shown.join(", "),
        (more, shown) => format!("{} and {more} more", shown.join(", ")),
    }
}
