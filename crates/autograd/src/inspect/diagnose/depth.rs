//! Gradients that explode or vanish with depth.

use super::layers::Layers;
use super::{Fault, Finding};
use crate::inspect::{Node, Numbers, Place, Snapshot};

/// Decades a layer beyond which the gradient explodes, or below the opposite of which it vanishes: a factor of 2 a layer,
/// which ten layers make a thousand.
const PER_LAYER: f64 = 0.3;
/// Growth over all layers that counts, where it is as fast as that: a factor of 30. A shorter way is no trend.
const GROWN: f64 = 1.5;
/// Decades over all layers that count whatever they are a layer: of two weights of one step one would move a thousand times
/// as far as the other.
const OVERALL: f64 = 3.0;
/// Fewer layers show no trend.
const LAYERS: usize = 4;
/// The share of steps from layer to layer that go the same way, where there is a trend and no jump.
const STEADY: f64 = 0.7;

/// How the gradient grows along the longest way through layers.
pub(super) fn flow(snapshot: &Snapshot) -> Option<Finding> {
    let layers = Layers::of(snapshot);
    let chain = chain(snapshot, &layers);
    let sizes: Vec<f64> = chain.iter().filter_map(|node| decades(node.gradient.value())).collect();
    if sizes.len() < LAYERS {
        return None;
    }
    let (slope, overall) = trend(&sizes);
    let steps: Vec<f64> = sizes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let steady =
        |sign: f64| steps.iter().filter(|step| **step * sign > 0.0).count() as f64 >= STEADY * steps.len() as f64;
    let explodes = slope > 0.0 && steady(1.0) && (slope > PER_LAYER && overall > GROWN || overall > OVERALL);
    let vanishes = slope < -PER_LAYER && overall < -OVERALL && steady(-1.0);
    if !explodes && !vanishes {
        return None;
    }
    let repeated = repeated_weight(&chain, &layers);
    let unit = if repeated.is_some() { "time step" } else { "layer" };
    let fault = if explodes { Fault::Exploding } else { Fault::Vanishing };
    let whose = repeated.map_or(String::new(), |weight| format!(" through `{}`", snapshot.nodes[weight].label()));
    let verb = if explodes { "grows" } else { "shrinks" };
    let last = chain[chain.len() - 1];
    let what = format!(
        "going back{whose} the gradient {verb} by a factor of {} a {unit}, over {} {unit}s from {:.1e} to {:.1e}",
        crate::text::significant(10.0_f64.powf(slope.abs()), 3),
        sizes.len() - 1,
        10.0_f64.powf(sizes[0]),
        10.0_f64.powf(sizes[sizes.len() - 1]),
    );
    let fast = slope.abs() > PER_LAYER;
    let (measure, value, limit) = match fast {
        true => (format!("decades a {unit}"), slope, PER_LAYER.copysign(slope)),
        false => (format!("decades over all {unit}s"), overall, OVERALL.copysign(slope)),
    };
    let fix = match (fault, repeated) {
        (Fault::Exploding, Some(_)) => {
            "start the recurrent weight orthogonal, or scale its deviation by 1/√width; clip the norm of the gradient"
        }
        (Fault::Exploding, None) => {
            "scale the initial weights to the width (`Init::KaimingNormal`, `Init::GlorotNormal`), or normalise"
        }
        (_, Some(_)) => "start the recurrent weight orthogonal, use gates, or shorten the way",
        _ => {
            "scale the initial weights to the width (`Init::KaimingNormal` before rectifiers), normalise, or add skips"
        }
    };
    Some(Finding { fault, at: place(&chain), node: Some(last.id), what, measure, value, limit, fix: fix.to_string() })
}

/// The layers on the longest way from the root back, the last one first.
fn chain<'a>(snapshot: &'a Snapshot, layers: &Layers<'_>) -> Vec<&'a Node> {
    let Some(root) = snapshot.root else { return Vec::new() };
    // The number of layers up to each node, and the operand that has the most.
    let mut depth = vec![(0, None); root + 1];
    for id in 0..=root {
        let node = &snapshot.nodes[id];
        let before = node.operands.iter().filter_map(|operand| operand.node());
        let deepest = before.max_by_key(|&before| depth[before].0);
        let own = usize::from(layers.weight(node).is_some());
        depth[id] = (deepest.map_or(0, |deepest| depth[deepest].0) + own, deepest);
    }
    let mut chain = Vec::new();
    let mut at = Some(root);
    while let Some(id) = at {
        let node = &snapshot.nodes[id];
        if layers.weight(node).is_some() {
            chain.push(node);
        }
        at = depth[id].1;
    }
    chain
}

/// The decimal logarithm of the root mean square, where there is one.
fn decades(numbers: Option<&Numbers>) -> Option<f64> {
    let summary = numbers?.summary();
    let size = summary.rms().log10();
    (size.is_finite() && summary.non_finite == 0).then_some(size)
}

/// The slope of the line of least squares through numbers at 0, 1, 2, …, and how far it rises.
fn trend(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let (middle, mean) = ((count - 1.0) / 2.0, numbers.iter().sum::<f64>() / count);
    let (mut rise, mut run) = (0.0, 0.0);
    for (place, number) in numbers.iter().enumerate() {
        let off = place as f64 - middle;
        rise += off * (number - mean);
        run += off * off;
    }
    let slope = rise / run;
    (slope, slope * (count - 1.0))
}

/// The weight that most of the layers share, if most share one.
fn repeated_weight(chain: &[&Node], layers: &Layers<'_>) -> Option<usize> {
    let weights: Vec<usize> = chain.iter().filter_map(|node| layers.weight(node)).collect();
    let count = |weight: usize| weights.iter().filter(|&&other| other == weight).count();
    let commonest = weights.iter().copied().max_by_key(|&weight| count(weight))?;
    (count(commonest) * 2 > weights.len()).then_some(commonest)
}

/// The line that most of the layers are on.
fn place(chain: &[&Node]) -> Place {
    let count = |place: &Place| chain.iter().filter(|node| node.at == *place).count();
    let commonest = chain.iter().rev().map(|node| &node.at).max_by_key(|place| count(place));
    commonest.cloned().unwrap_or(Place { file: String::new(), line: 0 })
}
