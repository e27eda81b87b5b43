//! The backward sweep that keeps the samples of a batch apart.

use super::by_id::ById;
use super::gradients::{Origin, Source, SourceKey};
use super::recompute::Passage;
use super::{NONE, Var, backward};
use crate::algebra::Real;
use crate::ops::per_sample::{PerSample, SampleMessages, behind};
use crate::ops::{Few, Messages};
use crate::{Error, Interpretation, Shape, Shaping, Tensor};

/// The gradient of each sample's loss with respect to every variable and parameter: what
/// [`backward_per_sample`](Var::backward_per_sample) returns.
#[derive(Clone, Debug)]
pub struct SampleGradients<T: Real = f32> {
    samples: usize,
    nodes: Vec<Option<PerSample<Tensor<T>>>>,
    params: ById<u32>,
    tape: Origin,
    looped: Vec<&'static str>,
}

impl<T: Real> SampleGradients<T> {
    /// The gradients of all samples, `[n, shape]`; zeros where a loss does not depend on it.
    ///
    /// # Panics
    /// If it has as many axes as a shape can have.
    #[track_caller]
    pub fn of(&self, source: &impl Source<T>) -> Tensor<T> {
        let shape = source.extents();
        let node = match source.key() {
            SourceKey::Param(id) => self.params.get(id).copied(),
            SourceKey::Node { tape, generation, node } => self.tape.is(tape, generation).then_some(node),
        };
        match node.and_then(|node| self.nodes.get(node as usize)?.clone()) {
            Some(gradient) => gradient.each(&shape),
            None => Tensor::zeros(behind(self.samples, &shape)),
        }
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The operations that could not treat all samples at once, from the root down: one pull-back a sample.
    pub fn looped(&self) -> &[&'static str] {
        &self.looped
    }
}

impl<T: Real> Var<T> {
    /// The gradients of losses `[n]`, one a sample, by one sweep that keeps the samples apart.
    ///
    /// Samples lie along the first axis. Operations that act on each row by itself, and products of such rows with shared
    /// weights, treat all samples at once ([`Op::vjp_per_sample`](crate::ops::Op::vjp_per_sample)); any other costs one
    /// pull-back a sample. Both give the same, also where samples mix: entry `i` is the gradient of loss `i`, whatever it
    /// depends on.
    ///
    /// # Panics
    /// If this does not have one axis, depends on nothing recorded, or its tape was emptied.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (x, w) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Param::new(Tensor::from([[0.5, -0.5]])));
    /// let tape = Tape::new();
    /// let y = tape.constant(&x).linear(&tape.param(&w), None);
    /// let losses = y.square().sum_axes(1);
    /// // The slope of sample i is 2 yᵢ xᵢ, and both y are −½.
    /// let gradients = losses.backward_per_sample();
    /// assert_eq!(gradients.of(&w), Tensor::from([[[-1.0, -2.0]], [[-3.0, -4.0]]]));
    /// assert!(gradients.looped().is_empty());
    /// ```
    #[track_caller]
    pub fn backward_per_sample(&self) -> SampleGradients<T> {
        if let Err(error) = self.recorded_root().and_then(|()| self.check_samples()) {
            error.raise::<()>("backward");
        }
        let samples = self.value.elements();
        let mut sweep = Sweep { root: self, slots: vec![None; self.node as usize + 1], looped: Vec::new() };
        sweep.slots[self.node as usize] = Some(PerSample::Rows(Tensor::ones(self.value.shape())));
        let mut passage = Passage::of(&self.tape);
        for id in (0..sweep.slots.len()).rev() {
            if let Some(gradient) = sweep.slots[id].clone() {
                self.tape.enter(&mut passage, id);
                sweep.pull(id, &gradient, samples);
            }
        }
        self.tape.end(passage);
        let params = self.tape.0.params.borrow().map(|entered| entered.node);
        SampleGradients { samples, nodes: sweep.slots, params, tape: Origin::of(&self.tape), looped: sweep.looped }
    }

    #[track_caller]
    fn check_samples(&self) -> Result<(), Error> {
        if self.value.shape().rank() == 1 {
            return Ok(());
        }
        Err(Error::shape(
            format!("losses of shape {}, where one for each sample is wanted", self.value.shape()),
            "give losses of shape [samples]: reduce the other axes, and not over the samples",
        )
        .during("backward_per_sample", [self.operand()]))
    }
}

/// What the sweep has found so far.
struct Sweep<'a, T: Real> {
    root: &'a Var<T>,
    slots: Vec<Option<PerSample<Tensor<T>>>>,
    looped: Vec<&'static str>,
}

impl<T: Real> Sweep<'_, T> {
    /// Sends the messages of one node.
    fn pull(&mut self, id: usize, gradient: &PerSample<Tensor<T>>, samples: usize) {
        let nodes = self.root.tape.0.nodes.borrow();
        let node = &nodes[id];
        let Some(op) = &node.op else { return };
        let shapes = backward::wanted(&nodes, &node.inputs);
        let guard = self.root.tape.0.guard.get();
        let at_once = match gradient {
            PerSample::Rows(rows) => op.vjp_per_sample(&backward::seen(node, &shapes, rows, guard)),
            PerSample::Each(_) => None,
        };
        let messages = at_once.unwrap_or_else(|| {
            self.looped.push(op.name());
            one_by_one(samples, &shapes, |i| {
                let cotangent = gradient.of_sample(i, &node.shape);
                let messages = op.vjp_tensor(&backward::seen(node, &shapes, &cotangent, guard));
                backward::check(op.name(), node.at, &shapes, &messages);
                messages
            })
        });
        for ((&input, message), shape) in node.inputs.iter().zip(messages).zip(&shapes) {
            if let (true, Some(message), Some(shape)) = (input != NONE, message, shape) {
                let slot = &mut self.slots[input as usize];
                *slot = Some(match slot.take() {
                    Some(sum) => added(sum, message, shape),
                    None => message,
                });
            }
        }
    }
}

/// The messages of all samples, each by a pull-back of its own.
fn one_by_one<T: Real>(
    samples: usize,
    shapes: &[Option<&Shape>],
    mut pull: impl FnMut(usize) -> Messages<Tensor<T>>,
) -> SampleMessages<T> {
    let all: Vec<Messages<Tensor<T>>> = (0..samples).map(&mut pull).collect();
    let to = |i: usize| {
        let shape = shapes[i]?;
        if all.iter().all(|messages| messages[i].is_none()) {
            return None;
        }
        let messages = all.iter().map(|messages| messages[i].clone().unwrap_or_else(|| Tensor::zeros(*shape)));
        let messages: Vec<Tensor<T>> = messages.collect();
        Some(PerSample::Each(Tensor::stack(&messages.iter().collect::<Few<_>>(), 0)))
    };
    (0..shapes.len()).map(to).collect()
}

/// The sum of two messages to a value of this shape.
fn added<T: Real>(a: PerSample<Tensor<T>>, b: PerSample<Tensor<T>>, shape: &Shape) -> PerSample<Tensor<T>> {
    match (a, b) {
        (PerSample::Rows(mut a), PerSample::Rows(b)) => {
            a.accumulate(b);
            PerSample::Rows(a)
        }
        (a, b) => {
            let mut a = a.each(shape);
            a.accumulate(b.each(shape));
            PerSample::Each(a)
        }
    }
}
