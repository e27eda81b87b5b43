//! Gradients that explode or vanish with depth.

use super::{Fault, Finding};
use crate::inspect::flow::{LAYERS, PER_LAYER, chain, decades, trend};
use crate::inspect::layers::Layers;
use crate::inspect::{Node, Place, Snapshot};

/// Growth over all layers that counts, where it is as fast as that: a factor of 30. A shorter way is no trend.
const GROWN: f64 = 1.5;
/// Decades over all layers that count whatever they are a layer: of two weights of one step one would move a thousand times
/// as far as the other.
const OVERALL: f64 = 3.0;
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
