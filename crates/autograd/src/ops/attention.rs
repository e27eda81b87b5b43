//! The weights of attention: how much each query takes from which value.

use super::per_sample::{PerSample, SampleMessages};
use super::{Messages, Op, Pullback, Pushforward, Saves, softmax};
use crate::algebra::Real;
use crate::kernels::attention as kernel;
use crate::kernels::copy::Cursor;
use crate::{Array, Error, Reductions, Shape, Tensor};
use std::ops::RangeInclusive;

/// `y = softmax(scale · x + b)` over the last axis, of what each row may see: all of it, or with `causal` the places up
/// to its own number. Inputs: scores `[…, queries, keys]` and, if there is one, a bias that broadcasts to them. Shape:
/// that of the scores. Pull-back: `x ← scale · y (g − Σ g y)`, `b ← y (g − Σ g y)`, summed over stretched axes.
///
/// What a row does not see has weight 0. A row that sees nothing, because its bias is −∞ everywhere, is all zeros, and
/// nothing flows back through it.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::attention::AttentionWeights;
/// let scores = Tensor::from([[0.0_f32, 9.0], [3.0, 3.0]]);
/// let op = AttentionWeights { scale: 1.0, causal: true };
/// assert_eq!(Tensor::apply(op.clone(), &[&scores]).to_vec(), [1.0, 0.0, 0.5, 0.5]);
/// let hidden = Tensor::from([[0.0, 0.0], [f32::NEG_INFINITY, f32::NEG_INFINITY]]);
/// assert_eq!(Tensor::apply(op, &[&scores, &hidden]).to_vec(), [1.0, 0.0, 0.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct AttentionWeights {
    /// What scores are multiplied by.
    pub scale: f64,
    /// Whether row `i` sees the places up to `i` alone.
    pub causal: bool,
}

impl AttentionWeights {
    /// The weights of queries `[…, queries, features]` for keys `[…, keys, features]`.
    #[track_caller]
    pub(crate) fn of<T: Real, A: Array<T>>(&self, queries: &A, keys: &A, bias: Option<&A>) -> A {
        let scores = queries.matmul(&keys.transpose());
        match bias {
            Some(bias) => A::apply(self.clone(), &[&scores, bias]),
            None => A::apply(self.clone(), &[&scores]),
        }
    }
}

impl<T: Real> Op<T> for AttentionWeights {
    fn name(&self) -> &'static str {
        "attention_weights"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        1..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let scores = inputs[0];
        if scores.rank() < 2 {
            return Err(Error::shape(
                format!("scores of shape {scores}, where [queries, keys] are the last axes"),
                "give queries [queries, features] and keys [keys, features], after any leading axes",
            ));
        }
        match inputs.get(1) {
            Some(bias) if bias.broadcast(&scores) != Some(scores) => Err(Error::shape(
                format!("a mask or bias of shape {bias} does not broadcast to scores of shape {scores}"),
                "its last axes are [queries, keys], or 1 where it is the same for all; give the axis of the heads with \
                 `.unsqueeze(1)`",
            )),
            _ => Ok(scores),
        }
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let scores = inputs[0].contiguous();
        let (queries, keys) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
        let mut y = Tensor::unset(shape);
        if let (Some(scores), true) = (scores.as_slice(), shape.elements() > 0) {
            let bias = inputs.get(1).map(|bias| Cursor::new(bias, &shape));
            let scale = T::from_f64(self.scale);
            kernel::Weights { scores, bias, first: 0, queries, keys, causal: self.causal, scale }.write(y.make_mut());
        }
        y
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let (y, g) = (at.output(), at.cotangent());
        at.each(|i| match i {
            0 => softmax::projected(y, g, T::from_f64(self.scale)),
            _ => softmax::projected(y, g, T::ONE).sum_to(at.input_shape(1)),
        })
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let message = softmax::project(at.output(), at.cotangent(), -1);
        at.each(|i| match i {
            0 => message.clone() * T::from_f64(self.scale),
            _ => message.sum_to(at.input_shape(1)),
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let shape = at.output().shape();
        let moved = at.sum(|i, t| match i {
            0 => t.clone() * T::from_f64(self.scale),
            _ => t.broadcast_to(shape),
        });
        softmax::project(at.output(), &moved, -1)
    }
    fn saves(&self) -> Saves {
        Saves::OUTPUT
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = vec![("scale", format!("{:?}", self.scale))];
        if self.causal {
            constants.push(("causal", "true".to_string()));
        }
        constants
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let (y, g) = (at.output(), at.cotangent());
        let message = |i: usize| match i {
            0 => PerSample::Rows(softmax::projected(y, g, T::from_f64(self.scale))),
            _ => at.unstretched(1, softmax::projected(y, g, T::ONE)),
        };
        Some((0..at.count()).map(|i| at.wants(i).then(|| message(i))).collect())
    }
}
