//! Units that are dead, saturated, or twins.

use super::{Fault, Finding};
use crate::inspect::layers::{Layers, mean_slope};
use crate::inspect::{Node, Snapshot, Units};

/// The share of a layer's units that are silent in more than which the layer is dead. Sparse layers are healthy: half of
/// all rectifiers are 0 at any one sample.
const SILENT: f64 = 0.5;
/// How likely that may be by chance, if a unit is silent at a sample with probability ½.
const CHANCE: f64 = 0.005;
/// Samples of a batch are alike, and a unit that is silent at one is likely so at the next: they count as no more than this
/// many independent ones.
const INDEPENDENT: usize = 2;
/// The mean slope of an activation, over the largest that it has, below which it is saturated: `tanh` beyond ±2.6.
const SLOPE: f64 = 0.02;
/// Fewer elements show nothing.
const ELEMENTS: usize = 8;

/// Activations of one layer: all time steps of it together.
fn by_layer<'a>(layers: &Layers<'_>, nodes: impl Iterator<Item = &'a Node>) -> Vec<Vec<&'a Node>> {
    let mut groups: Vec<(Vec<usize>, Vec<&Node>)> = Vec::new();
    for node in nodes {
        let weights = layers.weights_before(node);
        let same = |(other, nodes): &&mut (Vec<usize>, Vec<&Node>)| {
            *other == weights && !weights.is_empty() && nodes[0].op == node.op && nodes[0].shape == node.shape
        };
        match groups.iter_mut().find(same) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((weights, vec![node])),
        }
    }
    groups.into_iter().map(|(_, nodes)| nodes).collect()
}

/// Layers of rectifiers that are 0 for the whole batch.
pub(super) fn dead(snapshot: &Snapshot) -> Vec<Finding> {
    let layers = Layers::of(snapshot);
    let rectifiers = snapshot.nodes.iter().filter(|node| node.units.is_some());
    by_layer(&layers, rectifiers).iter().filter_map(|nodes| dead_layer(snapshot, nodes)).collect()
}

fn dead_layer(snapshot: &Snapshot, nodes: &[&Node]) -> Option<Finding> {
    let node = nodes.first()?;
    let Units { count, samples, silent } = Units::together(nodes.iter().filter_map(|node| node.units.as_ref()))?;
    let dead = silent.len();
    let share = dead as f64 / count as f64;
    if dead == 0 || share <= SILENT || tail(count, dead, 0.5_f64.powi(samples.min(INDEPENDENT) as i32)) > CHANCE {
        return None;
    }
    let all = if dead == count { format!("all {count}") } else { format!("{dead} of {count}") };
    let where_to = if nodes.len() > 1 { format!(" at {} time steps", nodes.len()) } else { String::new() };
    Some(Finding {
        fault: Fault::DeadUnits,
        at: node.at.clone(),
        node: Some(node.id),
        what: format!(
            "{all} units of {} are 0 for all {samples} samples{where_to}: nothing passes, and no gradient comes back",
            snapshot.called(node)
        ),
        measure: "share of dead units".to_string(),
        value: share,
        limit: SILENT,
        fix: "start biases at 0 and weights by `Init::KaimingNormal`, lower the learning rate, or use `leaky_relu`"
            .to_string(),
    })
}

/// The probability that at least `k` of `n` independent things happen, each with probability `p`.
fn tail(n: usize, k: usize, p: f64) -> f64 {
    // The logarithm of each term, from that before it.
    let mut term = n as f64 * (1.0 - p).ln();
    let mut sum = if k == 0 { term.exp() } else { 0.0 };
    for i in 1..=n {
        term += ((n - i + 1) as f64 / i as f64).ln() + p.ln() - (1.0 - p).ln();
        if i >= k {
            sum += term.exp();
        }
    }
    sum
}

/// Hidden layers of `tanh` or `sigmoid` at their flat ends.
pub(super) fn saturated(snapshot: &Snapshot) -> Vec<Finding> {
    let layers = Layers::of(snapshot);
    let activations = snapshot.nodes.iter().filter(|node| matches!(node.op.as_str(), "tanh" | "sigmoid"));
    let activations = activations.filter(|node| node.value.is_some() && layers.is_hidden(node.id));
    by_layer(&layers, activations).iter().filter_map(|nodes| saturated_layer(snapshot, nodes)).collect()
}

fn saturated_layer(snapshot: &Snapshot, nodes: &[&Node]) -> Option<Finding> {
    let node = nodes.first()?;
    let elements: usize = nodes.iter().map(|node| node.elements()).sum();
    let slopes: Vec<f64> = nodes.iter().filter_map(|node| mean_slope(node)).collect();
    let mean = slopes.iter().sum::<f64>() / slopes.len() as f64;
    if elements < ELEMENTS || mean.is_nan() || mean >= SLOPE {
        return None;
    }
    Some(Finding {
        fault: Fault::Saturated,
        at: node.at.clone(),
        node: Some(node.id),
        what: format!("{} is flat at its {elements} elements: hardly any gradient passes", snapshot.called(node)),
        measure: "mean slope over the largest".to_string(),
        value: mean,
        limit: SLOPE,
        fix: "scale the inputs and the initial weights (`Init::GlorotNormal`), or normalise before it".to_string(),
    })
}

/// Hidden units that are the same and stay the same. Units of the last layer are told apart by their targets.
pub(super) fn twins(snapshot: &Snapshot) -> Vec<Finding> {
    let layers = Layers::of(snapshot);
    let with_twins = snapshot.edges.iter().rev().filter(|edge| !edge.twins.is_empty());
    let hidden =
        with_twins.filter(|edge| snapshot.nodes[edge.to].gradient.value().is_some() && layers.is_hidden(edge.from));
    hidden
        .map(|edge| {
            let (node, weight) = (&snapshot.nodes[edge.from], &snapshot.nodes[edge.to]);
            let count: usize = edge.twins.iter().map(Vec::len).sum();
            let zeros = weight.value.as_ref().is_some_and(|value| value.summary().zeros == weight.elements());
            let start = if zeros { "start at 0" } else { "are the same" };
            let groups = if edge.twins.len() > 1 { format!(" in {} groups", edge.twins.len()) } else { String::new() };
            Finding {
                fault: Fault::Twins,
                at: node.at.clone(),
                node: Some(weight.id),
                what: format!(
                    "{count} hidden units of {} have incoming weights `{}` that {start} and the same gradient: they stay \
                     the same{groups}, however wide the layer is",
                    snapshot.called(node),
                    weight.label(),
                ),
                measure: "units that have a twin".to_string(),
                value: count as f64,
                limit: 0.0,
                fix: "draw the weights at random (`Init::GlorotUniform`, `Init::KaimingNormal`); only biases may start at 0"
                    .to_string(),
            }
        })
        .collect()
}
