//! Attention: the mean of values by the weights of attention.

use super::attention::AttentionWeights;
use super::per_sample::SampleMessages;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves, softmax};
use crate::algebra::Real;
use crate::kernels::attend::{Attend, Extents};
use crate::kernels::copy::Cursor;
use crate::kernels::matrix::Stack;
use crate::{Array, Error, Reductions, Shape, Tensor};
use std::array::from_fn;
use std::ops::RangeInclusive;

/// `y = w v` of the weights `w = softmax(scale · q kᵀ + b)`, each row over what it may see: scaled dot-product attention.
/// Inputs: queries `q` `[…, queries, features]`, keys `k` `[…, keys, features]`, values `v` `[…, keys, any]` and, if there is
/// one, a bias `b` that broadcasts to `[…, queries, keys]`. Shape: `[…, queries, any]`; leading axes broadcast.
///
/// Pull-back, with `s = w (g vᵀ − Σ w g vᵀ)`: `q ← scale · s k`, `k ← scale · sᵀ q`, `v ← wᵀ g`, `b ← s`, summed over
/// stretched axes. Source: Vaswani et al., "Attention is all you need", 2017.
///
/// The rule of the weights is [`AttentionWeights`]: what is hidden has weight 0, and a query that sees nothing gets zeros and
/// sends nothing back. Causal attention leaves out what is hidden from a whole piece of its queries, so numbers that are not
/// finite there need not be noticed.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::attention::AttentionWeights;
/// use autograd::ops::scaled_dot_product::ScaledDotProduct;
/// let (q, k) = (Tensor::from([[0.0_f32], [0.0]]), Tensor::from([[1.0], [2.0]]));
/// let v = Tensor::from([[2.0], [4.0]]);
/// let op = ScaledDotProduct { weights: AttentionWeights { scale: 1.0, causal: true } };
/// assert_eq!(Tensor::apply(op, &[&q, &k, &v]).to_vec(), [2.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct ScaledDotProduct {
    /// What the weights are, from the products of queries and keys.
    pub weights: AttentionWeights,
}

impl<T: Real> Op<T> for ScaledDotProduct {
    fn name(&self) -> &'static str {
        "scaled_dot_product_attention"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        3..=4
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        if [q, k, v].iter().any(|shape| shape.rank() < 2) {
            return Err(Error::shape(
                format!("queries of shape {q}, keys of shape {k} and values of shape {v}, which are not all matrices"),
                "give queries [queries, features], keys [keys, features] and values [keys, any], after any leading axes; a \
                 single query is a row, `.unsqueeze(0)`, and one number a key a column, `.unsqueeze(-1)`",
            ));
        }
        let [[queries, features], [keys, others], [values, any]] = [q, k, v].map(matrix);
        if features != others {
            return Err(Error::shape(
                format!("queries of shape {q} have {features} features, and keys of shape {k} have {others}"),
                "queries are compared with keys along the last axis: project both to as many features",
            ));
        }
        if keys != values {
            return Err(Error::shape(
                format!("there are {keys} keys, of shape {k}, and {values} values, of shape {v}"),
                "each key has a value: the last axis but one of both must be the same",
            ));
        }
        let leading = [q, k, v].map(|shape| Shape::of(&shape[..shape.rank() - 2]));
        let [first, second, third] = leading;
        let lead = first.broadcast(&second).and_then(|lead| lead.broadcast(&third)).ok_or_else(|| {
            Error::shape(
                format!("the leading axes {first}, {second} and {third} of queries, keys and values do not broadcast"),
                "leading axes, as of samples and heads, must be equal or 1, matched from the last one",
            )
        })?;
        let scores = Shape::try_new(&stack(lead, queries, keys))?;
        if let Some(&bias) = inputs.get(3) {
            Op::<T>::infer(&self.weights, &[scores, bias])?;
        }
        Shape::try_new(&stack(lead, queries, any))
    }
    fn multiply_adds(&self, inputs: &[Shape], output: Shape) -> usize {
        let ([queries, features], [keys, any]) = (matrix(inputs[0]), matrix(inputs[2]));
        output[..output.rank() - 2].iter().product::<usize>() * queries * keys * (features + any)
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.attended(inputs, shape, None)
    }
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let mut weights = weights_of(inputs, shape);
        let y = self.attended(inputs, shape, Some(&mut weights));
        (y, Few::from_iter([weights]))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (q, k, v, g) = (at.input(0), at.input(1), at.input(2), at.cotangent());
        let weights = self.seen(q, k, (at.count() > 3).then(|| at.input(3)), g.shape());
        let scores = [0, 1, 3].into_iter().any(|i| i < at.count() && at.wants(i));
        let slopes = scores.then(|| softmax::project(&weights, &g.matmul(&v.transpose()), -1));
        let scale = T::from_f64(self.weights.scale);
        at.each(|i| {
            let message = match i {
                0 => (slopes.clone()? * scale).matmul(k),
                1 => (slopes.clone()? * scale).transpose().matmul(q),
                2 => weights.transpose().matmul(g),
                _ => slopes.clone()?,
            };
            Some(message.sum_to(at.input_shape(i)))
        })
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let messages = self.stretched_messages(at).into_iter().enumerate();
        messages.map(|(i, message)| Some(message?.sum_to(at.input_shape(i)))).collect()
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let (q, k, v) = (at.input(0), at.input(1), at.input(2));
        let weights = self.seen(q, k, at.inputs.get(3).copied(), at.output().shape());
        let scale = T::from_f64(self.weights.scale);
        at.sum(|i, t| {
            let scores = match i {
                0 => t.matmul(&k.transpose()) * scale,
                1 => q.matmul(&t.transpose()) * scale,
                2 => return weights.matmul(t),
                _ => t.broadcast_to(weights.shape()),
            };
            softmax::project(&weights, &scores, -1).matmul(v)
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        Op::<T>::constants(&self.weights)
    }
    /// As long as the samples are the first leading axis: of a single matrix they would be its queries.
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        if at.cotangent().shape().rank() < 3 {
            return None;
        }
        let messages = self.stretched_messages(at).into_iter().enumerate();
        Some(messages.map(|(i, message)| Some(at.unstretched(i, message?))).collect())
    }
}

impl ScaledDotProduct {
    /// The weights as an operation of their own, for results of this shape.
    fn seen<T: Real, A: Array<T>>(&self, q: &A, k: &A, bias: Option<&A>, shape: Shape) -> A {
        let ([queries, features], lead) = (matrix(q.shape()), leading(shape));
        // A bias may have leading axes that of all others the values alone have.
        match bias {
            Some(_) if leading(q.shape()) != lead => {
                self.weights.of(&q.broadcast_to(stack(lead, queries, features)), k, bias)
            }
            _ => self.weights.of(q, k, bias),
        }
    }

    /// The result on plain tensors. Writes the weights where they are asked for.
    fn attended<T: Real>(&self, inputs: &[&Tensor<T>], shape: Shape, weights: Option<&mut Tensor<T>>) -> Tensor<T> {
        let (stretched, lead, [queries, any]) = (Stretched::new(inputs, shape), leading(shape), matrix(shape));
        let attend = stretched.attend(&self.weights);
        let mut y = room(lead, [queries, any], attend.side_by_side);
        attend.forward(0..lead.elements(), y.make_mut(), weights.map(Tensor::make_mut));
        in_order(y, attend.side_by_side)
    }

    /// The wanted messages, before they are summed over what was stretched.
    fn stretched_messages<T: Real>(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let (g, shape) = (at.cotangent(), at.cotangent().shape());
        let inputs: Few<&Tensor<T>> = (0..at.count()).map(|i| at.input(i)).collect();
        let weights = at.kept(0).cloned().unwrap_or_else(|| {
            let mut weights = weights_of(&inputs, shape);
            self.attended(&inputs, shape, Some(&mut weights));
            weights
        });
        let (stretched, lead) = (Stretched::new(&inputs, shape), leading(shape));
        let attend = stretched.attend(&self.weights);
        let Extents { queries, keys, features, any } = attend.extents;
        let extents = [[queries, features], [keys, features], [keys, any], [queries, keys]];
        let mut messages = from_fn(|i| {
            // Scores are what one matrix after the other was kept for; the others lie as the queries do.
            let side_by_side = if i < 3 { attend.side_by_side } else { 1 };
            (i < at.count() && at.wants(i)).then(|| room(lead, extents[i], side_by_side))
        });
        if let Some(weights) = weights.as_slice() {
            let messages = messages.each_mut().map(|message| message.as_mut().map(Tensor::make_mut));
            attend.backward(0..lead.elements(), weights, &Stack::of(g), messages);
        }
        let [q, k, v, scores] = messages;
        let all = [q, k, v].map(|message| message.map(|message| in_order(message, attend.side_by_side)));
        all.into_iter().chain([scores]).take(at.count()).collect()
    }
}

/// Inputs on plain tensors, all under the leading axes of the output.
struct Stretched<'a, T: Real> {
    stacks: [Tensor<T>; 3],
    bias: Option<&'a Tensor<T>>,
}

impl<'a, T: Real> Stretched<'a, T> {
    fn new(inputs: &[&'a Tensor<T>], output: Shape) -> Self {
        let stacks = from_fn(|i| {
            let [rows, columns] = matrix(inputs[i].shape());
            inputs[i].broadcasted(stack(leading(output), rows, columns))
        });
        Stretched { stacks, bias: inputs.get(3).copied() }
    }

    fn attend(&self, weights: &AttentionWeights) -> Attend<'_, T> {
        let [q, k, v] = &self.stacks;
        let ([queries, features], [keys, any], lead) = (matrix(q.shape()), matrix(v.shape()), leading(q.shape()));
        let (queries_lie, heads) = (Stack::of(q), lead.last().copied().unwrap_or(1));
        Attend {
            // Where heads are pieces of the features, so they are in what is written, and joining them copies nothing. But
            // two threads share the work between matrices that lie apart.
            side_by_side: if queries_lie.is_side_by_side() && lead.elements() > heads { heads } else { 1 },
            queries: queries_lie,
            keys: Stack::of(k),
            values: Stack::of(v),
            bias: self.bias.map(|bias| Cursor::new(bias, &stack(lead, queries, keys))),
            extents: Extents { queries, keys, features, any },
            causal: weights.causal,
            scale: T::from_f64(weights.scale),
        }
    }
}

/// Rows and columns of the matrices in a stack.
fn matrix(shape: Shape) -> [usize; 2] {
    [shape[shape.rank() - 2], shape[shape.rank() - 1]]
}

/// The axes before those.
fn leading(shape: Shape) -> Shape {
    Shape::of(&shape[..shape.rank() - 2])
}

/// The shape of a stack of matrices.
fn stack(lead: Shape, rows: usize, columns: usize) -> Shape {
    let mut extents = lead.to_vec();
    extents.extend([rows, columns]);
    Shape::of(&extents)
}

/// Room for the weights of inputs whose output has this shape.
fn weights_of<T: Real>(inputs: &[&Tensor<T>], output: Shape) -> Tensor<T> {
    Tensor::unset(stack(leading(output), matrix(output)[0], matrix(inputs[1].shape())[0]))
}

/// Room for a stack of matrices, so many of which lie side by side.
fn room<T: Real>(lead: Shape, [rows, columns]: [usize; 2], side_by_side: usize) -> Tensor<T> {
    if side_by_side == 1 {
        return Tensor::unset(stack(lead, rows, columns));
    }
    let mut extents = lead.to_vec();
    extents.insert(lead.rank() - 1, rows);
    extents.push(columns);
    Tensor::unset(Shape::of(&extents))
}

/// That stack, its matrices along the leading axes.
fn in_order<T: Real>(room: Tensor<T>, side_by_side: usize) -> Tensor<T> {
    if side_by_side == 1 {
        return room;
    }
    let mut order: Vec<usize> = (0..room.shape().rank()).collect();
    order.swap(room.shape().rank() - 3, room.shape().rank() - 2);
    room.permuted(&order)
}
