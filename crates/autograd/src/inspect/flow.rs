//! How large values and gradients are from layer to layer.

use super::layers::Layers;
use super::{Node, Numbers, Snapshot};
use crate::text::significant;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Decades a layer beyond which the gradient explodes, or below the opposite of which it vanishes: a factor of 2 a layer,
/// which ten layers make a thousand.
pub(super) const PER_LAYER: f64 = 0.3;
/// Fewer layers show no trend.
pub(super) const LAYERS: usize = 4;

/// The sizes of values and gradients along the longest way through layers, the first layer first. A layer that is called at
/// every time step is there once a step.
///
/// ```
/// use autograd::{inspect::Snapshot, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let mut x = tape.constant(&Tensor::from([[1.0]]));
/// for i in 0..5 {
///     x = x.matmul(&tape.var([[0.1]]).named(&format!("w{i}")));
/// }
/// let flow = Snapshot::of_backward(&x.sum()).gradient_flow().unwrap();
/// assert_eq!(flow.layers.len(), 5);
/// assert!((flow.slope + 1.0).abs() < 1e-12); // a tenth a layer: one decade
/// assert!(flow.to_string().ends_with("going back -1 decades a layer: vanishing (limit -0.3)"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientFlow {
    /// The layers, the first one first.
    pub layers: Vec<FlowLayer>,
    /// By how many decades the gradient grows a layer on the way back: the slope of the line of least squares; 0 where
    /// there are fewer than two.
    pub slope: f64,
}

/// One layer on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowLayer {
    /// The node.
    pub node: usize,
    /// Its weight's path without the last name, else the weight's name.
    pub name: String,
    /// The decimal logarithm of the root mean square of its output; `None` if that is 0 or not finite.
    pub forward: Option<f64>,
    /// The same of its gradient.
    pub backward: Option<f64>,
}

impl Snapshot {
    /// How large values and gradients are along the longest way through layers; `None` if there is no layer, or there was
    /// no backward sweep.
    pub fn gradient_flow(&self) -> Option<GradientFlow> {
        let layers = Layers::of(self);
        let chain = chain(self, &layers);
        let layer = |node: &&Node| {
            let name = layers.weight(node).map_or(String::new(), |weight| self.nodes[weight].label());
            FlowLayer {
                node: node.id,
                name: name.rsplit_once('.').map_or(name.as_str(), |(layer, _)| layer).to_string(),
                forward: decades(node.value.as_ref()),
                backward: decades(node.gradient.value()),
            }
        };
        let going_back: Vec<f64> = chain.iter().filter_map(|node| decades(node.gradient.value())).collect();
        let slope = if going_back.len() > 1 { trend(&going_back).0 } else { 0.0 };
        (!chain.is_empty()).then(|| GradientFlow { layers: chain.iter().rev().map(layer).collect(), slope })
    }
}

impl GradientFlow {
    /// What the slope means.
    pub fn verdict(&self) -> &'static str {
        match self.slope {
            _ if self.layers.len() < LAYERS => "too few layers for a trend",
            slope if slope < -PER_LAYER => "vanishing",
            slope if slope > PER_LAYER => "exploding",
            _ => "steady",
        }
    }
}

impl fmt::Display for GradientFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |decades: Option<f64>| decades.map_or("-".to_string(), |decades| format!("{decades:.2}"));
        let name = self.layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(0).max(5);
        writeln!(f, " {:name$}  log10 rms gradient  log10 rms output", "layer")?;
        for FlowLayer { name: layer, forward, backward, .. } in &self.layers {
            writeln!(f, " {layer:name$}  {:>18}  {:>16}", number(*backward), number(*forward))?;
        }
        let (slope, verdict) = (significant(self.slope, 3), self.verdict());
        let limit = if self.slope < 0.0 { -PER_LAYER } else { PER_LAYER };
        write!(f, "going back {slope} decades a layer: {verdict} (limit {limit})")
    }
}

/// The layers on the longest way from the root back, the last one first.
pub(super) fn chain<'a>(snapshot: &'a Snapshot, layers: &Layers<'_>) -> Vec<&'a Node> {
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
pub(super) fn decades(numbers: Option<&Numbers>) -> Option<f64> {
    let summary = numbers?.summary();
    let size = summary.rms().log10();
    (size.is_finite() && summary.non_finite == 0).then_some(size)
}

/// The slope of the line of least squares through numbers at 0, 1, 2, …, and how far it rises.
pub(super) fn trend(numbers: &[f64]) -> (f64, f64) {
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
