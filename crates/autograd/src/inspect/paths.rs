//! The gradient as a sum over paths.

use super::numbers::non_finite;
use super::{Edge, Node, Numbers, Snapshot};
use crate::algebra::{Algebra, Real};
use crate::tape;
use crate::text::six_digits;
use crate::{Error, Interpretation, Reductions, Tensor, Var};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// The largest paths from an output back to an input. By the chain rule the gradient is the sum over all paths of the
/// products of their local derivatives.
///
/// Printed:
///
/// ```text
/// paths h -> x: 2, sum 3.32276 = grad
///   79.9 %   2.65609 = 1 * 3.32012 * 0.8     add > exp > mul      (x via y)
///   20.1 %   0.666667 = 1 * 0.833333 * 0.8   add > ln  > mul
///   cancellation 1.00
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paths {
    /// What the output is called.
    pub output: String,
    /// What the input is called.
    pub input: String,
    /// The number of paths; beyond 2⁵³ rounded.
    #[serde(with = "non_finite")]
    pub count: f64,
    /// Whether these are the largest paths for certain: for single numbers. For tensors the search follows the largest
    /// few at each node.
    pub exact: bool,
    /// The sum of all paths: the gradient, or of a tensor its norm.
    #[serde(with = "non_finite")]
    pub sum: f64,
    /// The gradient of the input, or its norm, found by a backward sweep.
    #[serde(with = "non_finite")]
    pub gradient: f64,
    /// The largest, largest first.
    pub paths: Vec<Path>,
    /// The share of all others.
    #[serde(with = "non_finite")]
    pub rest: f64,
    /// `Σ|p| / |Σp|`: 1 if nothing cancels, infinite if everything does. Of tensors, of the norms of what was told apart.
    #[serde(with = "non_finite")]
    pub cancellation: f64,
}

/// One path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// The nodes that it passes, the output first, the input last.
    pub nodes: Vec<usize>,
    /// By which of its inputs it leaves each of them but the last.
    pub inputs: Vec<usize>,
    /// The operations that it passes.
    pub ops: Vec<String>,
    /// The local derivatives along it, of single numbers.
    #[serde(with = "non_finite::many")]
    pub factors: Vec<f64>,
    /// Their product; of tensors, the norm of what arrives.
    #[serde(with = "non_finite")]
    pub value: f64,
    /// Its part of the sum; of tensors, the inner product with the gradient over that of the gradient with itself. All
    /// shares, the rest included, sum to 1. Where the gradient is 0, its part of `Σ|p|`, and 0 if no path carries anything.
    #[serde(with = "non_finite")]
    pub share: f64,
    /// What the last local derivative is made of, where it is another operand alone: `x via y`.
    pub via: Option<String>,
}

/// What arrives along one path, and its steps, the last one first, as a place in [`Search::steps`].
#[derive(Clone)]
struct Partial<W> {
    weight: W,
    last: usize,
}

/// What a path carries: it can be told how large it is, and paths that are not told apart are added.
trait Weight: Clone {
    fn size(&self) -> f64;
    fn add(&mut self, other: Self);
}

/// A product, and the sum of absolute values of the products that were added up in it.
#[derive(Clone, Copy)]
struct Product {
    value: f64,
    absolute: f64,
}

impl Weight for Product {
    fn size(&self) -> f64 {
        self.absolute
    }
    fn add(&mut self, other: Self) {
        self.value += other.value;
        self.absolute += other.absolute;
    }
}

impl<T: Real> Weight for Tensor<T> {
    fn size(&self) -> f64 {
        Numbers::of(self).summary().norm()
    }
    fn add(&mut self, other: Self) {
        self.accumulate(other);
    }
}

struct Arrived<W> {
    told_apart: Vec<Partial<W>>,
    /// All others, added up.
    rest: Option<W>,
    count: f64,
}

/// A step of a path, and the place of the step before it.
#[derive(Clone, Copy)]
struct Step {
    node: usize,
    input: usize,
    before: Option<usize>,
}

/// The largest paths, from the output down: at each node the largest few are told apart and the others added up, so that
/// nothing is lost. Where a path carries a number, the largest at a node stay the largest on any way onwards.
struct Search<W> {
    steps: Vec<Step>,
    arrived: Arrived<W>,
}

impl<W: Weight> Search<W> {
    /// `operands` gives the tracked inputs of a node with their places; `pull` what goes along each of them from a weight.
    fn run(
        (output, input): (usize, usize),
        start: W,
        beam: usize,
        operands: impl Fn(usize) -> Vec<(usize, usize)>,
        mut pull: impl FnMut(usize, &W) -> Vec<Option<W>>,
    ) -> Self {
        let mut leads = vec![false; output + 1];
        leads[input] = true;
        for node in input + 1..=output {
            leads[node] = operands(node).into_iter().any(|(_, to)| leads[to]);
        }
        let nothing = || Arrived { told_apart: Vec::new(), rest: None, count: 0.0 };
        let mut arrived: Vec<Arrived<W>> = (0..=output).map(|_| nothing()).collect();
        let mut steps = Vec::new();
        arrived[output].told_apart.push(Partial { weight: start, last: usize::MAX });
        arrived[output].count = 1.0;
        for node in (input + 1..=output).rev().filter(|&node| leads[node]) {
            let mut here = std::mem::replace(&mut arrived[node], nothing());
            here.keep(beam);
            let onwards: Vec<(usize, usize, usize)> = operands(node)
                .into_iter()
                .enumerate()
                .filter(|(_, (_, to))| *to >= input && leads[*to])
                .map(|(place, (input, to))| (place, input, to))
                .collect();
            for &(_, _, to) in &onwards {
                arrived[to].count += here.count;
            }
            for partial in here.told_apart {
                let mut weights = pull(node, &partial.weight);
                for &(place, input, to) in &onwards {
                    let Some(weight) = weights[place].take() else { continue };
                    let before = (partial.last != usize::MAX).then_some(partial.last);
                    steps.push(Step { node, input, before });
                    arrived[to].told_apart.push(Partial { weight, last: steps.len() - 1 });
                }
            }
            if let Some(rest) = here.rest {
                let mut weights = pull(node, &rest);
                for &(place, _, to) in &onwards {
                    if let Some(weight) = weights[place].take() {
                        arrived[to].set_aside(weight);
                    }
                }
            }
        }
        let mut arrived = std::mem::replace(&mut arrived[input], nothing());
        arrived.keep(beam);
        Search { steps, arrived }
    }

    /// The nodes that a path passes and the inputs by which it leaves them, the output first.
    fn way(&self, partial: &Partial<W>) -> Vec<Step> {
        let mut way = Vec::new();
        let mut place = (partial.last != usize::MAX).then_some(partial.last);
        while let Some(step) = place.map(|place| self.steps[place]) {
            way.push(step);
            place = step.before;
        }
        way.reverse();
        way
    }
}

impl<W: Weight> Arrived<W> {
    fn set_aside(&mut self, weight: W) {
        match &mut self.rest {
            Some(rest) => rest.add(weight),
            None => self.rest = Some(weight),
        }
    }

    /// Tells only the `beam` largest apart from now on.
    fn keep(&mut self, beam: usize) {
        let mut sized: Vec<(f64, Partial<W>)> =
            self.told_apart.drain(..).map(|partial| (partial.weight.size(), partial)).collect();
        sized.sort_by(|(a, _), (b, _)| b.partial_cmp(a).unwrap_or(Ordering::Equal));
        for (place, (_, partial)) in sized.into_iter().enumerate() {
            if place < beam { self.told_apart.push(partial) } else { self.set_aside(partial.weight) }
        }
    }
}

impl Snapshot {
    /// The `k` largest paths from node `output` back to node `input`, exactly, where every local derivative between them
    /// is a single number.
    ///
    /// # Errors
    /// [`Error::Value`] if there is no such node, or a local derivative on the way is no single number: then
    /// [`paths`] on the live tape tells.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, scalar::Tape};
    /// let tape = Tape::traced();
    /// let x = tape.var(3.0).named("x");
    /// let snapshot = Snapshot::of_backward(&(x * x - x * 4.0));
    /// let paths = snapshot.paths_between(3, 0, 3).unwrap();
    /// assert_eq!((paths.count, paths.sum, paths.cancellation), (3.0, 2.0, 5.0));
    /// assert_eq!(paths.paths.iter().map(|path| path.value).collect::<Vec<_>>(), [-4.0, 3.0, 3.0]);
    /// ```
    pub fn paths_between(&self, output: usize, input: usize, k: usize) -> Result<Paths, Error> {
        if output >= self.nodes.len() || input > output {
            return Err(Error::value(
                format!("there is no path from node {output} back to node {input} of {}", self.nodes.len()),
                "name an output and an earlier node by their numbers on the tape",
            ));
        }
        let slope = |edge: &Edge| edge.local.as_ref().and_then(Numbers::single);
        let between = |node: &&Node| node.id > input && node.id <= output;
        let unknown = |node: &&Node| self.edges_of(node.id).iter().any(|edge| slope(edge).is_none());
        let leads = self.leads_to(input);
        if let Some(node) = self.nodes.iter().filter(between).filter(|node| leads[node.id]).find(unknown) {
            return Err(Error::value(
                format!("the local derivative of node {} `{}` is no single number", node.id, node.op),
                "ask the live tape: `inspect::paths(&output, &input, k)`",
            ));
        }
        let found = Search::run(
            (output, input),
            Product { value: 1.0, absolute: 1.0 },
            k,
            |node| self.edges_of(node).iter().map(|edge| (edge.input, edge.to)).collect(),
            |node, weight| {
                let step = |edge: &Edge| {
                    let slope = slope(edge)?;
                    let (value, absolute) = (weight.value.times_slope(slope), weight.absolute.times_slope(slope.abs()));
                    Some(Product { value, absolute })
                };
                self.edges_of(node).iter().map(step).collect()
            },
        );
        let parts = found.arrived.told_apart.iter().map(|partial| partial.weight).chain(found.arrived.rest);
        let total = parts.fold(Product { value: 0.0, absolute: 0.0 }, |mut total, part| {
            total.add(part);
            total
        });
        let whole = if total.value == 0.0 { total.absolute } else { total.value };
        let share = |value: f64| ratio(value, whole, 0.0);
        let paths = found.arrived.told_apart.iter().map(|partial| {
            let way = found.way(partial);
            let edge = |step: &Step| self.edges_of(step.node).iter().find(|edge| edge.input == step.input);
            let factors = way.iter().filter_map(|step| edge(step).and_then(slope)).collect();
            let via = way.last().and_then(edge).and_then(|edge| self.via(edge));
            path(self, &way, input, factors, partial.weight.value, share(partial.weight.value), via)
        });
        Ok(Paths {
            output: self.nodes[output].label(),
            input: self.nodes[input].label(),
            count: found.arrived.count,
            exact: true,
            sum: total.value,
            gradient: match self.root == Some(output) {
                true => self.nodes[input].gradient.value().and_then(Numbers::single).unwrap_or(0.0),
                false => total.value,
            },
            paths: paths.collect(),
            rest: found.arrived.rest.map_or(0.0, |rest| share(rest.value)),
            cancellation: ratio(total.absolute, total.value.abs(), 1.0),
        })
    }

    /// Which nodes depend on a node.
    pub(super) fn leads_to(&self, node: usize) -> Vec<bool> {
        let mut leads = vec![false; self.nodes.len()];
        leads[node] = true;
        for id in node + 1..leads.len() {
            leads[id] = self.edges_of(id).iter().any(|edge| leads[edge.to]);
        }
        leads
    }

    /// Where the local derivative of an edge is another operand alone, that operand.
    fn via(&self, edge: &Edge) -> Option<String> {
        let slope = self.slope(edge)?;
        let operands = self.nodes[edge.from].operands.iter().enumerate();
        let mut others = operands.filter(|(i, _)| *i != edge.input).map(|(_, operand)| self.letter(operand));
        let other = others.find(|letter| *letter == slope)?;
        Some(format!("{} via {other}", self.nodes[edge.to].label()))
    }
}

/// `part / whole`, of nothing and nothing `neither`.
fn ratio(part: f64, whole: f64, neither: f64) -> f64 {
    if part == 0.0 && whole == 0.0 { neither } else { part / whole }
}

fn path(
    snapshot: &Snapshot,
    way: &[Step],
    input: usize,
    factors: Vec<f64>,
    value: f64,
    share: f64,
    via: Option<String>,
) -> Path {
    Path {
        nodes: way.iter().map(|step| step.node).chain([input]).collect(),
        inputs: way.iter().map(|step| step.input).collect(),
        ops: way.iter().map(|step| snapshot.nodes[step.node].op.clone()).collect(),
        factors,
        value,
        share,
        via,
    }
}

/// How many paths are followed at a node at least.
const BEAM: usize = 16;

/// The largest paths from `output` back to `input`, on the live tape: messages are pulled back along each path by
/// itself, the largest by norm are told apart, and all others are carried along as their sum. For an output of several
/// elements the gradient is that of their sum.
///
/// # Panics
/// If the two are not recorded on one tape, the input first.
///
/// ```
/// use autograd::{inspect::paths, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let x = tape.var([1.0, 2.0]).named("x");
/// let loss = (x.square() * 0.5 + &x * 3.0).sum();
/// let found = paths(&loss, &x, 4);
/// assert_eq!(found.count, 2.0);
/// assert!((found.paths.iter().map(|path| path.share).sum::<f64>() - 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn paths<T: Real>(output: &Var<T>, input: &Var<T>, k: usize) -> Paths {
    let (from, to) = match (output.node(), input.node()) {
        (Some(from), Some(to)) if to <= from => (from, to),
        _ => Error::value(
            "there is no path from the output back to the input",
            "give two recorded variables of one tape",
        )
        .raise("paths"),
    };
    if let Err(error) = Var::common_tape(&[output, input]) {
        error.raise::<()>("paths");
    }
    let snapshot = Snapshot::of(output.tape());
    let seed = Tensor::ones(output.shape());
    let gradient = output.backward_with(&seed).of(input).or_zeros();
    output.tape().look(|look| {
        let operands = |node: usize| -> Vec<(usize, usize)> {
            let inputs = look.nodes[node].inputs.iter().enumerate();
            inputs.filter_map(|(i, &input)| Some((i, tape::place(input)?))).collect()
        };
        let found = Search::run((from, to), seed.clone(), k.max(BEAM), operands, |node, weight: &Tensor<T>| {
            let mut messages = look.pull(node, weight);
            operands(node).into_iter().map(|(i, _)| messages.get_mut(i).and_then(Option::take)).collect()
        });
        let inner = |a: &Tensor<T>, b: &Tensor<T>| (a.clone() * b).sum().item().to_f64();
        let mut sum = Tensor::zeros(input.shape());
        let parts = found.arrived.told_apart.iter().map(|partial| &partial.weight).chain(&found.arrived.rest);
        let mut sizes = 0.0;
        for part in parts {
            sizes += part.size();
            sum.accumulate(part.clone());
        }
        let whole = inner(&sum, &sum);
        let mut paths: Vec<Path> = found
            .arrived
            .told_apart
            .iter()
            .map(|partial| {
                let share = match whole == 0.0 {
                    true => ratio(partial.weight.size(), sizes, 0.0),
                    false => inner(&partial.weight, &sum) / whole,
                };
                path(&snapshot, &found.way(partial), to, Vec::new(), partial.weight.size(), share, None)
            })
            .collect();
        paths.truncate(k);
        let shown: f64 = paths.iter().map(|path| path.share).sum();
        let all_shown = found.arrived.count == paths.len() as f64;
        Paths {
            output: snapshot.nodes[from].label(),
            input: snapshot.nodes[to].label(),
            count: found.arrived.count,
            exact: false,
            sum: sum.size(),
            gradient: gradient.size(),
            rest: if all_shown || sizes == 0.0 { 0.0 } else { 1.0 - shown },
            cancellation: ratio(sizes, sum.size(), 1.0),
            paths,
        }
    })
}

impl Paths {
    /// `2.65609 = 1 * 3.32012 * 0.8`, or of tensors `|p| 36.7726`.
    pub(super) fn product(&self, path: &Path) -> String {
        let factors: Vec<String> = path.factors.iter().map(|&factor| six_digits(factor)).collect();
        match factors.is_empty() {
            true if self.exact => format!("p {}", six_digits(path.value)),
            true => format!("|p| {}", six_digits(path.value)),
            false => format!("{} = {}", six_digits(path.value), factors.join(" * ")),
        }
    }
}

impl fmt::Display for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agrees = (self.sum - self.gradient).abs() <= 1e-6 * self.gradient.abs().max(self.sum.abs());
        let (norm, end) = if self.exact { ("", "") } else { ("|", "|") };
        let grad = match agrees || self.sum.to_bits() == self.gradient.to_bits() {
            true => format!("= {norm}grad{end}"),
            false => format!("but {norm}grad{end} is {}", six_digits(self.gradient)),
        };
        let Paths { output, input, .. } = self;
        write!(f, "paths {output} -> {input}: {}, {norm}sum{end} {} {grad}", count(self.count), six_digits(self.sum))?;
        let products: Vec<String> = self.paths.iter().map(|path| self.product(path)).collect();
        let width = products.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let longest = self.paths.iter().map(|path| path.ops.len()).max().unwrap_or(0);
        let columns: Vec<usize> = (0..longest)
            .map(|i| {
                self.paths.iter().filter_map(|path| path.ops.get(i)).map(|op| op.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut told: Vec<&String> = Vec::new();
        for (path, product) in self.paths.iter().zip(&products) {
            let ops: Vec<String> = path.ops.iter().zip(&columns).map(|(op, width)| format!("{op:<width$}")).collect();
            // The last step is explained once.
            let via = path.via.as_ref().filter(|via| !told.contains(via));
            told.extend(via);
            let via = via.map_or(String::new(), |via| format!("      ({via})"));
            let line = format!("  {:4.1} %   {product:<width$}   {}{via}", 100.0 * path.share, ops.join(" > "));
            write!(f, "\n{}", line.trim_end())?;
        }
        if self.count > self.paths.len() as f64 {
            write!(f, "\n  {:4.1} %   {} more", 100.0 * self.rest, count(self.count - self.paths.len() as f64))?;
        }
        write!(f, "\n  cancellation {:.2}", self.cancellation)
    }
}

/// A number of paths.
fn count(paths: f64) -> String {
    if paths < 1e15 { format!("{paths}") } else { six_digits(paths) }
}
