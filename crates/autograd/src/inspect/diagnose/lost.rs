//! Numbers that are not finite, and parameters without a gradient: what [`NonFinite`](crate::inspect::NonFinite) and
//! [`Explanation`](crate::inspect::Explanation) say of a whole program.

use super::{Fault, Finding, listed};
use crate::Param;
use crate::algebra::Real;
use crate::inspect::{Place, Reason, Snapshot, Subject, Subjected, Why};

/// The first number that is not finite.
pub(super) fn non_finite(snapshot: &Snapshot) -> Option<Finding> {
    let found = snapshot.non_finite.as_ref()?;
    let text = found.to_string();
    // The report without what this finding says itself.
    let what = text.split_once(") ").map_or(text.as_str(), |(_, rest)| rest);
    let what = what.rsplit_once("\n  cause: ").map_or(what, |(before, _)| before);
    Some(Finding {
        fault: Fault::NonFinite(found.cause),
        at: found.at.clone(),
        node: Some(found.node),
        what: format!("node {} `{}` {what}", found.node, found.op),
        measure: "largest finite number".to_string(),
        value: found.value,
        limit: if snapshot.number == "f32" { f64::from(f32::MAX) } else { f64::MAX },
        fix: found.fix.clone(),
    })
}

/// Parameters and variables that are lost for one reason.
struct Lost {
    reason: Reason,
    at: Place,
    names: Vec<String>,
}

/// What has no gradient, a finding for each reason.
pub(super) fn without_gradient(snapshot: &Snapshot) -> Vec<Finding> {
    if snapshot.root.is_none() {
        return Vec::new();
    }
    let mut lost: Vec<Lost> = Vec::new();
    for (name, subjected) in subjects(snapshot) {
        let reason = snapshot.reason(subjected);
        let Some(at) = place(&reason) else { continue };
        match lost.iter_mut().find(|other| other.at == at && same_kind(&other.reason, &reason)) {
            Some(other) => other.names.push(name),
            None => lost.push(Lost { reason, at, names: vec![name] }),
        }
    }
    lost.into_iter().map(|lost| finding(snapshot, lost)).collect()
}

/// Parameters, the frozen ones too, and tracked variables.
fn subjects(snapshot: &Snapshot) -> Vec<(String, Subjected)> {
    let parameters = (0..snapshot.parameters.len()).map(|place| snapshot.parameter(place));
    let frozen = snapshot.stops.iter().enumerate().filter(|(_, stop)| stop.why == Why::Frozen);
    let frozen =
        frozen.map(|(place, stop)| (stop.path.clone().unwrap_or("a parameter".into()), Subjected::Stop(place)));
    let is_parameter = |node: usize| snapshot.parameters.iter().any(|parameter| parameter.node == Some(node));
    let leaves = snapshot.nodes.iter().filter(|node| node.is_leaf() && !is_parameter(node.id));
    let leaves = leaves.map(|leaf| (leaf.label(), Subjected::Node(leaf.id)));
    parameters.chain(frozen).chain(leaves).collect()
}

/// Where something is lost, if it is lost by mistake. An exact zero because of slopes that are 0 here is looked at by units:
/// at few samples it is nothing unusual.
fn place(reason: &Reason) -> Option<Place> {
    match reason {
        Reason::Frozen { at }
        | Reason::NeverUsed { at }
        | Reason::Detached { at, .. }
        | Reason::NotConnected { at, .. }
        | Reason::Step { at, .. } => Some(at.clone()),
        Reason::HasGradient
        | Reason::NotSwept
        | Reason::NotBroughtIn
        | Reason::Constant { .. }
        | Reason::Saturated { .. } => None,
    }
}

fn same_kind(a: &Reason, b: &Reason) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn finding(snapshot: &Snapshot, Lost { reason, at, names }: Lost) -> Finding {
    let (who, have, are) = (listed(&names), verb(&names, "has", "have"), verb(&names, "is", "are"));
    let (fault, node, what, fix) = match reason {
        Reason::Frozen { .. } => (
            Fault::Frozen,
            None,
            format!("{who} {are} frozen and {have} no gradient"),
            format!(
                "if training should change {}, thaw: `model.freeze(\"{}\", false)`",
                verb(&names, "it", "them"),
                names[0]
            ),
        ),
        Reason::Detached { node, name, is_ancestor, .. } => {
            let what = match is_ancestor {
                true => format!("{who} {have} no gradient: made of `{name}`, which was detached"),
                false => format!("{who} {have} no gradient: cut off where `{name}` was detached"),
            };
            (
                Fault::Detached,
                node,
                what,
                format!(
                    "compute on with `{name}` itself, without `.detach()`, if {} should learn",
                    verb(&names, "it", "they")
                ),
            )
        }
        Reason::NeverUsed { .. } => (
            Fault::Unused,
            None,
            format!("{who} {are} brought in and never used"),
            "use it in the result, or remove it".to_string(),
        ),
        Reason::NotConnected { node, op, .. } => (
            Fault::Unused,
            Some(node),
            format!(
                "{who} {have} no gradient: the last result, node {node} `{op}`, is not used in the loss, or only as a plain \
                 number"
            ),
            "use that result, in place of its plain value, or remove what computes it".to_string(),
        ),
        Reason::Step { node, op, .. } => (
            Fault::BehindStep,
            Some(node),
            format!("{who} {have} a gradient of exactly 0: node {node} `{op}` has derivative 0 everywhere"),
            "use a smooth form (`sigmoid` for a comparison), or pass the gradient straight through: `straight_through`"
                .to_string(),
        ),
        _ => (Fault::Unused, None, format!("{who} {have} no gradient"), "see `Snapshot::explain`".to_string()),
    };
    let (at, node) = (at, node.filter(|&node| node < snapshot.nodes.len()));
    let measure = "parameters without a gradient".to_string();
    Finding { fault, at, node, what, measure, value: names.len() as f64, limit: 0.0, fix }
}

fn verb(names: &[String], one: &'static str, many: &'static str) -> &'static str {
    if names.len() == 1 { one } else { many }
}

/// Parameters of a model that the recording never met.
pub(super) fn never_brought_in<'a, T: Real>(
    snapshot: &Snapshot,
    parameters: impl Iterator<Item = (String, &'a Param<T>)>,
) -> Option<Finding> {
    let absent = |(_, parameter): &(String, &Param<T>)| matches!(parameter.place(snapshot).1, Subjected::Absent);
    let names: Vec<String> = parameters.filter(absent).map(|(name, _)| name).collect();
    if names.is_empty() {
        return None;
    }
    let root = &snapshot.nodes[snapshot.root?];
    let (was, it) = (verb(&names, "was", "were"), verb(&names, "it", "them"));
    Some(Finding {
        fault: Fault::Unused,
        at: root.at.clone(),
        node: None,
        what: format!("{} {was} never brought in on the way to this result", listed(&names)),
        measure: "parameters without a gradient".to_string(),
        value: names.len() as f64,
        limit: 0.0,
        fix: format!("call the layer in `forward`, or remove {it} from the model"),
    })
}
