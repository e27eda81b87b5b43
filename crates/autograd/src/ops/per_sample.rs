//! Pull-backs that keep the samples of a batch apart.
//!
//! A batch has its samples along the first axis, and each sample's loss comes from its own row. As long as that is so,
//! the cotangents of all samples fit into one tensor of the batch's shape, and one pass of an ordinary pull-back serves
//! them all. Where a value is shared by all samples (a weight, a bias), each sample has a message of its own to it.

use super::{Few, Messages, Pullback};
use crate::algebra::Real;
use crate::{Reductions, Shape, Shaping, Tensor};

/// A cotangent, or a message, of each of `n` samples, for a value of some shape.
#[derive(Clone, Debug)]
pub enum PerSample<A> {
    /// `[n, …]`, the shape of the value: row `i` is what sample `i` has for row `i` of the value; for other rows it has 0.
    Rows(A),
    /// `[n, shape of the value]`: entry `i` is what sample `i` has for the whole value.
    Each(A),
}

/// The messages of a pull-back that keeps samples apart.
pub type SampleMessages<T> = Few<Option<PerSample<Tensor<T>>>>;

impl<T: Real> PerSample<Tensor<T>> {
    /// What each sample has for the whole of a value of this shape, `[n, shape]`.
    pub(crate) fn each(self, shape: &Shape) -> Tensor<T> {
        match self {
            PerSample::Each(all) => all,
            PerSample::Rows(rows) => {
                let (n, width) = (shape[0], shape.elements().checked_div(shape[0]).unwrap_or(0));
                let (numbers, mut all) = (rows.to_vec(), Tensor::zeros(behind(n, shape)));
                let out = all.make_mut();
                for row in 0..n {
                    let from = row * width;
                    out[row * n * width + from..][..width].copy_from_slice(&numbers[from..from + width]);
                }
                all
            }
        }
    }

    /// What sample `i` has for the whole of a value of this shape.
    pub(crate) fn of_sample(&self, i: usize, shape: &Shape) -> Tensor<T> {
        match self {
            PerSample::Each(all) => all.slice(0, i as isize..i as isize + 1).reshape(*shape),
            PerSample::Rows(rows) => {
                let width = shape.elements().checked_div(shape[0]).unwrap_or(0);
                let (row, mut whole) = (rows.slice(0, i as isize..i as isize + 1).to_vec(), Tensor::zeros(*shape));
                whole.make_mut()[i * width..][..width].copy_from_slice(&row);
                whole
            }
        }
    }
}

/// The shape with an axis of `n` samples before it.
#[track_caller]
pub(crate) fn behind(n: usize, shape: &Shape) -> Shape {
    match shape.with_inserted(0, n) {
        Ok(shape) => shape,
        Err(error) => error.raise("per_sample"),
    }
}

impl<T: Real> Pullback<'_, Tensor<T>> {
    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.cotangent.shape()[0]
    }

    /// The messages of a pull-back all of whose inputs have the samples along their first axis.
    pub fn rows(&self, messages: Messages<Tensor<T>>) -> SampleMessages<T> {
        messages.into_iter().map(|message| message.map(PerSample::Rows)).collect()
    }

    /// A message to input `i` that has the shape of the output, summed over what was stretched but for the samples.
    pub fn unstretched(&self, i: usize, message: Tensor<T>) -> PerSample<Tensor<T>> {
        let (shape, output) = (self.input_shape(i), message.shape());
        if shape.rank() == output.rank() && shape[0] == output[0] {
            return PerSample::Rows(message.sum_to(shape));
        }
        // The value is the same for every sample: all axes but the first are summed down.
        let mut kept = output;
        for axis in 1..output.rank() {
            let own = (axis + shape.rank()).checked_sub(output.rank());
            kept = kept.with_extent(axis, own.map_or(1, |own| shape[own]));
        }
        PerSample::Each(message.sum_to(kept).reshape(behind(output[0], &shape)))
    }

    /// The messages of a pull-back of each sample by itself, for an operation whose output and whose inputs that `carry`
    /// samples have them along their first axis, and which takes batches of any size. No sample's work is done twice.
    pub fn sample_by_sample(
        &self,
        carry: impl Fn(usize) -> bool,
        pull: impl Fn(&Pullback<Tensor<T>>) -> Messages<Tensor<T>>,
    ) -> SampleMessages<T> {
        let alone = |i: usize| {
            let cut = |x: &Tensor<T>| x.slice(0, i as isize..i as isize + 1);
            let inputs: Few<Option<Tensor<T>>> = self
                .inputs
                .iter()
                .enumerate()
                .map(|(k, x)| x.as_ref().map(|x| if carry(k) { cut(x) } else { x.clone() }))
                .collect();
            let extents: Few<Option<Shape>> = (0..self.shapes.len())
                .map(|k| self.shapes[k].map(|shape| if carry(k) { shape.with_extent(0, 1) } else { *shape }))
                .collect();
            let shapes: Few<Option<&Shape>> = extents.iter().map(Option::as_ref).collect();
            let (output, cotangent) = (self.output.map(cut), cut(self.cotangent));
            pull(&Pullback {
                inputs: &inputs,
                shapes: &shapes,
                output: output.as_ref(),
                kept: &[],
                cotangent: &cotangent,
                ..*self
            })
        };
        let all: Vec<Messages<Tensor<T>>> = (0..self.samples()).map(alone).collect();
        let together = |k: usize| {
            // Which messages there are does not depend on the sample.
            let messages: Few<&Tensor<T>> = all.iter().filter_map(|messages| messages[k].as_ref()).collect();
            match (messages.len() == all.len() && !messages.is_empty(), carry(k)) {
                (false, _) => None,
                (true, true) => Some(PerSample::Rows(Tensor::concat(&messages, 0))),
                (true, false) => Some(PerSample::Each(Tensor::stack(&messages, 0))),
            }
        };
        (0..self.shapes.len()).map(together).collect()
    }
}
