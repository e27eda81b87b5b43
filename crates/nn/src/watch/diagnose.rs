//! What only a run can show. What one step shows is in [`Snapshot::diagnose`], with its limits.

use super::{Log, Record};
use crate::{Module, ModuleExt};
use autograd::algebra::Real;
use autograd::inspect::{Cause, Fault, Finding, Place, Snapshot};
use autograd::text::significant;

/// A step of a healthy run moves a weight by about a thousandth of its size (Karpathy, "A Recipe for Training Neural
/// Networks", 2019). A hundred times as far is too far, if the loss does not fall; Adam's first steps come near it without harm.
const TOO_FAR: f64 = 0.1;
/// A hundredth of it is too little, if the loss does not fall.
const TOO_LITTLE: f64 = 1e-5;
/// The least fall of the loss that counts as one.
const FALL: f64 = 0.01;
/// The least rise, beyond what one batch differs from the next.
const RISE: f64 = 0.1;
/// Losses of fewer steps say nothing about a trend.
const STEPS: usize = 5;
/// So many watched steps without a fall say that a rate is too low.
const RECORDS: usize = 5;
const STEPS_IN_VAIN: usize = 50;
/// How far above `ln C` a first loss may be. Logits of deviation σ raise it by about σ²/2, and those of a net that starts
/// well have a deviation of 1 or less.
const ABOVE_UNIFORM: f64 = 1.5;
/// And the deviation of the logits that explains as much: √(2 · 1.5).
const DEVIATION: f64 = 1.7;
/// That which says it alone, as the labels of a small batch may happen to be right: it raises a loss by 2.2 on average.
const DEVIATION_ALONE: f64 = 2.1;
/// The spread of outputs over the samples of a batch below which they do not depend on it.
const SAME: f64 = 1e-4;
/// Watched batches after which a unit that was silent at all of them counts as dead.
const BATCHES: usize = 3;

/// Whether a finding of one step counts in a run with so many batches: units may rest at one, and what is frozen in a run
/// is meant to be.
pub(super) fn counts(finding: &Finding, batches: usize) -> bool {
    match finding.fault {
        Fault::Frozen => false,
        Fault::DeadUnits => finding.value == 1.0 || batches >= BATCHES,
        _ => true,
    }
}

/// The first loss of a classifier far above that of a prediction that knows nothing.
pub(super) fn initial_loss(snapshot: &Snapshot) -> Option<Finding> {
    let node = snapshot.nodes.iter().find(|node| node.op == "cross_entropy" && node.elements() == 1)?;
    let logits = &snapshot.nodes[node.operands.first()?.node()?];
    let classes = logits.shape[usize::from(logits.shape.len() > 1)] as f64;
    let is_mean = node.constants.iter().all(|(name, value)| name != "reduction" || value == "Mean");
    let (loss, uniform) = (node.value.as_ref()?.single()?, classes.ln());
    let deviation = logits.value.as_ref()?.summary().std;
    let is_far = loss > uniform + ABOVE_UNIFORM && deviation > DEVIATION;
    // A net that has learned before is below, and its logits may be far apart.
    let is_sure = loss > uniform && deviation > DEVIATION_ALONE;
    if !is_mean || !is_far && !is_sure {
        return None;
    }
    let (measure, value, limit) = match is_far {
        true => ("first loss", loss, uniform + ABOVE_UNIFORM),
        false => ("deviation of the first logits", deviation, DEVIATION_ALONE),
    };
    let shown = [loss, uniform, deviation].map(|x| significant(x, 3));
    Some(Finding {
        fault: Fault::InitialLoss,
        at: node.at.clone(),
        node: Some(node.id),
        what: format!(
            "the first loss is {}, and a prediction that knows nothing of {classes} classes has ln {classes} = {}: the \
             logits are far apart (deviation {}) before anything is learned",
            shown[0], shown[1], shown[2]
        ),
        measure: measure.to_string(),
        value,
        limit,
        fix: format!(
            "divide the initial weights of the last layer by {} (or start them at 0), and standardise the inputs",
            significant(deviation.ceil(), 3)
        ),
    })
}

/// An output that is the same for all samples, once a step was taken.
pub(super) fn ignores_input(snapshot: &Snapshot) -> Option<Finding> {
    let output = snapshot.output.filter(|output| output.inputs_differ && output.spread < SAME)?;
    let node = &snapshot.nodes[output.node];
    Some(Finding {
        fault: Fault::IgnoresInput,
        at: node.at.clone(),
        node: Some(node.id),
        what: format!(
            "the last layer, node {} `{}`, gives all {} samples the same: the net answers without looking",
            node.id, node.op, output.samples
        ),
        measure: "spread over the batch".to_string(),
        value: output.spread,
        limit: SAME,
        fix: "look for the layer at which samples become alike (its deviation falls to 0): scale its inputs and weights, or \
              lower the learning rate"
            .to_string(),
    })
}

/// How far a step moved the weights: the median over the matrices, as biases are small at first; over all parameters if there
/// is no matrix.
fn update(record: &Record) -> Option<f64> {
    let moved = |least: usize| {
        let rows = record.parameters.iter().filter(move |row| row.shape.len() >= least);
        rows.map(|row| row.update).filter(|update| update.is_finite() && *update > 0.0).collect::<Vec<f64>>()
    };
    let mut updates = if moved(2).is_empty() { moved(0) } else { moved(2) };
    updates.sort_unstable_by(f64::total_cmp);
    updates.get(updates.len() / 2).copied()
}

/// Steps that go too far: after one the loss is above that of the start, or worse has come of it, as is said.
pub(super) fn rate_too_high(log: &Log, worse: Option<String>, at: &Place) -> Option<Finding> {
    let lately = if worse.is_some() { &log.records[..] } else { &log.records[log.records.len().saturating_sub(2)..] };
    let update = lately.iter().filter_map(update).fold(f64::NAN, f64::max);
    let start = *log.losses.first()?;
    let since = lately.first().map_or(0, |record| record.step + 1).min(log.losses.len().saturating_sub(STEPS)).max(1);
    let losses = log.losses.get(since..).unwrap_or_default();
    let now = mean(losses);
    let rose = losses.len() >= STEPS && now > start + RISE * start.abs();
    let rose = rose.then(|| format!("the loss rose from {} to {}", significant(start, 3), significant(now, 3)));
    let outcome = worse.or(rose).filter(|_| update > TOO_FAR)?;
    Some(Finding {
        fault: Fault::RateTooHigh,
        at: at.clone(),
        node: None,
        what: format!("a step moves the weights by {} of their size, and {outcome}", significant(update, 3)),
        measure: "update over weight, about 1e-3 in a healthy run".to_string(),
        value: update,
        limit: TOO_FAR,
        fix: format!("divide the learning rate by {}", significant(power_of_ten(update / 1e-3).min(1e4), 1)),
    })
}

/// What comes of steps that go too far, if these findings are such.
pub(super) fn ruin(findings: &[Finding]) -> Option<String> {
    let is_ruin = |fault| matches!(fault, Fault::DeadUnits | Fault::Saturated | Fault::IgnoresInput);
    let first = findings.iter().find(|finding| is_ruin(finding.fault))?;
    Some(format!("what came of it: {}", first.fault))
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// Steps that are so small that nothing happens.
pub(super) fn rate_too_low(log: &Log, at: &Place) -> Option<Finding> {
    let updates: Vec<f64> = log.records.iter().filter_map(update).collect();
    let largest = updates.iter().copied().fold(f64::NAN, f64::max);
    if updates.len() < RECORDS
        || log.losses.len() < STEPS_IN_VAIN
        || !log.findings.is_empty()
        || largest.is_nan()
        || largest >= TOO_LITTLE
    {
        return None;
    }
    // Halves of the run, and by how much their means differ by chance.
    let (first, second) = log.losses.split_at(log.losses.len() / 2);
    let (start, now) = (mean(first), mean(second));
    let squares: Vec<f64> = log.losses.iter().map(|loss| (loss - (start + now) / 2.0).powi(2)).collect();
    let chance = 2.0 * (mean(&squares) / log.losses.len() as f64).sqrt();
    if now < start - FALL * start.abs() - 3.0 * chance {
        return None;
    }
    Some(Finding {
        fault: Fault::RateTooLow,
        at: at.clone(),
        node: None,
        what: format!(
            "in {} steps no step moved the weights by more than {} of their size, and the loss went from {} to {}",
            log.losses.len(),
            significant(largest, 3),
            significant(start, 3),
            significant(now, 3)
        ),
        measure: "update over weight, about 1e-3 in a healthy run".to_string(),
        value: largest,
        limit: TOO_LITTLE,
        fix: format!("multiply the learning rate by {}", significant(power_of_ten(1e-3 / largest).min(1e4), 1)),
    })
}

/// The nearest power of ten.
fn power_of_ten(x: f64) -> f64 {
    10f64.powf(x.log10().round())
}

/// Parameters that were not finite before the step, as no operation of it explains them.
pub(super) fn came_in<T: Real>(model: &dyn Module<T>, snapshot: &Snapshot) -> Option<Finding> {
    let parameters = model.parameters();
    let is_bad = |numbers: &[T]| numbers.iter().any(|x| !x.is_finite());
    let (path, _) = parameters.iter().find(|(_, p)| p.value().contiguous().as_slice().is_some_and(is_bad))?;
    let root = &snapshot.nodes[snapshot.root?];
    Some(Finding {
        fault: Fault::NonFinite(Cause::Input),
        at: root.at.clone(),
        node: None,
        what: format!(
            "the parameter `{path}` is not finite before the step: an earlier step broke it, between two watched ones"
        ),
        measure: "largest finite number".to_string(),
        value: f64::NAN,
        limit: if T::NAME == "f32" { f64::from(f32::MAX) } else { f64::MAX },
        fix: "watch every step, `Watch::every(1)`, to see which one".to_string(),
    })
}
