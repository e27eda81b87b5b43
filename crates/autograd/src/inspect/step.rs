//! A step of training that is looked at on the way.

use super::flow::chain;
use super::layers::Layers;
use super::numbers::non_finite;
use super::tensors::{Photographer, Sweep};
use super::{Node, Numbers, Operand, Snapshot};
use crate::algebra::Real;
use crate::tape::{Look, Trained};
use crate::{Error, Gradients, Outcome, Param, Tape, Tensor, Var};
use serde::{Deserialize, Serialize};
use std::panic::Location;

/// How much a snapshot of a step holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Operations and inputs with what can be said of their values and gradients: what [`layers`](Snapshot::layers),
    /// [`gradient_flow`](Snapshot::gradient_flow) and [`diagnose_numbers`](Snapshot::diagnose_numbers) read. Parameters are
    /// there without theirs, which are in the model and the gradients. A step with a number that is not finite is kept in
    /// full all the same.
    Numbers,
    /// All that [`Snapshot::of_backward`] takes.
    Full,
}

/// How far the samples of a batch, along the first axis, differ in what the last layer gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The last layer's node.
    pub node: usize,
    /// How many samples there are.
    pub samples: usize,
    /// The largest difference to the first sample, over the largest number.
    #[serde(with = "non_finite")]
    pub spread: f64,
    /// Whether the samples that came in differ at all.
    pub inputs_differ: bool,
}

impl Snapshot {
    /// One step in the training form, as [`gradient`](crate::gradient), with a snapshot of it: the loss (and what is
    /// beside it), the gradients, the snapshot. The tape should [keep](Tape::keeping) every value; it is empty afterwards.
    ///
    /// # Panics
    /// If the loss is not a scalar or depends on nothing recorded.
    ///
    /// ```
    /// use autograd::inspect::{Detail, Snapshot};
    /// use autograd::prelude::*;
    /// let w = Param::new(Tensor::from([[0.5_f32, -0.5]]));
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// let step = |tape: &Tape| tape.constant(&x).linear(&tape.param(&w), None).square().sum();
    /// let (loss, gradients, snapshot) = Snapshot::of_step(Detail::Numbers, Tape::keeping(), step);
    /// assert_eq!((loss, gradients.of(&w).or_zeros().to_vec()), (0.25, vec![-1.0, -2.0]));
    /// assert_eq!(snapshot.layers()[0].forward.unwrap().mean, -0.5);
    /// ```
    #[track_caller]
    pub fn of_step<T: Real, R: Outcome<T>>(
        detail: Detail,
        tape: Tape<T>,
        step: impl FnOnce(&Tape<T>) -> R,
    ) -> (R::With<T>, Gradients<Tensor<T>>, Self) {
        let at = Location::caller();
        let (loss, aside) = step(&tape).split();
        let (gradients, snapshot) = match taken(&loss, detail, at) {
            Ok(taken) => taken,
            Err(error) => error.raise("gradient"),
        };
        let value = loss.value().item();
        drop(loss);
        tape.clear();
        let trained: Trained<T, R> = (R::join(value, aside), gradients);
        (trained.0, trained.1, snapshot)
    }

    /// Names what stands for parameters by their paths, in the process that took the snapshot.
    pub fn name_parameters<'a, T: Real>(&mut self, parameters: impl IntoIterator<Item = (String, &'a Param<T>)>) {
        for (path, parameter) in parameters {
            let id = Some(parameter.id().number());
            let Some(entry) = self.parameters.iter_mut().find(|entry| entry.id == id) else { continue };
            if let Some(node) = entry.node {
                self.nodes[node].name = Some(path.clone());
            }
            entry.path = Some(path);
        }
    }

    /// Whether a value or a gradient is not finite.
    fn has_non_finite(&self) -> bool {
        let is_bad = |numbers: Option<&Numbers>| numbers.is_some_and(|numbers| numbers.summary().non_finite > 0);
        let mut nodes = self.nodes.iter();
        nodes.any(|node| is_bad(node.value.as_ref()) || is_bad(node.gradient.value()))
    }
}

fn taken<T: Real>(
    loss: &Var<T>,
    detail: Detail,
    at: &'static Location<'static>,
) -> Result<(Gradients<Tensor<T>>, Snapshot), Error> {
    let mut sweep = Sweep::of(loss, detail)?;
    let tape = loss.tape();
    let mut snapshot = tape.look(|look| Photographer::new(look, Some(&sweep), detail).take(at));
    let is_bad = |gradient: &Tensor<T>| {
        let gradient = gradient.contiguous();
        let is_fine = |part: &[T]| part.iter().fold(true, |fine, x| fine & x.is_finite());
        !gradient.as_slice().unwrap_or_default().chunks(256).all(is_fine)
    };
    if detail == Detail::Numbers && (snapshot.has_non_finite() || sweep.gradients.of_parameters().any(is_bad)) {
        sweep = Sweep::of(loss, Detail::Full)?;
        snapshot = tape.look(|look| Photographer::new(look, Some(&sweep), Detail::Full).take(at));
    }
    snapshot.output = tape.look(|look| output(&snapshot, look));
    Ok((sweep.gradients, snapshot))
}

/// How far samples differ at the last layer.
fn output<T: Real>(snapshot: &Snapshot, look: &Look<'_, T>) -> Option<Output> {
    let chain = chain(snapshot, &Layers::of(snapshot));
    let (last, first) = (chain.first()?, chain.last()?);
    let value = look.nodes[last.id].output.as_ref()?;
    let samples = value.shape().iter().next().copied().filter(|&samples| samples > 1 && value.shape().rank() > 1)?;
    Some(Output { node: last.id, samples, spread: spread(value), inputs_differ: inputs_differ(first, look, samples) })
}

/// The largest difference of a row to the first, over the largest number.
fn spread<T: Real>(value: &Tensor<T>) -> f64 {
    let numbers = value.to_vec();
    let width = numbers.len() / value.shape()[0].max(1);
    let first = &numbers[..width];
    let (mut difference, mut largest) = (0.0_f64, 0.0_f64);
    for row in numbers.chunks(width.max(1)) {
        for (x, first) in row.iter().zip(first) {
            let (x, first) = (x.to_f64(), first.to_f64());
            largest = largest.max(x.abs());
            difference = difference.max((x - first).abs());
        }
    }
    if largest == 0.0 { 0.0 } else { difference / largest }
}

/// Whether the samples that the first layer reads differ; it is taken for granted where that is not known.
fn inputs_differ<T: Real>(first: &Node, look: &Look<'_, T>, samples: usize) -> bool {
    let Some(Operand::Constant(_)) = first.operands.first() else { return true };
    let input = look.nodes[first.id].saved.first().and_then(Option::as_ref);
    let Some(input) = input.filter(|x| x.shape().rank() > 1 && x.shape()[0] == samples) else { return true };
    let input = input.contiguous();
    let numbers = input.as_slice().unwrap_or_default();
    let mut rows = numbers.chunks((numbers.len() / samples).max(1));
    let first = rows.next();
    rows.any(|row| Some(row) != first)
}
