//! Products.

use super::per_sample::{PerSample, SampleMessages, behind};
use super::then::Finishes;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::Finish;
use crate::kernels::matmul::{self as kernel, Epilogue, product, product_then};
use crate::kernels::matrix::Matrix;
use crate::{Array, Error, Products, Reductions, Shape, Shaping, Tensor};
use std::ops::RangeInclusive;

/// `y[…, i, j] = Σₖ a[…, i, k] b[…, k, j]`; leading axes broadcast, and a vector counts as a row on the left and as a
/// column on the right, as NumPy has it. Pull-back: `a ← g bᵀ`, `b ← aᵀ g`, summed over stretched axes.
///
/// Shapes: `[m, k] · [k, n] → [m, n]`; `[k] · [k] → []`; `[b, m, k] · [k, n] → [b, m, n]`.
///
/// ```
/// use autograd::prelude::*;
/// let a = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(a.matmul(&Tensor::from([1.0, 1.0])).to_vec(), [3.0, 7.0]);
/// ```
#[derive(Clone, Debug)]
pub struct MatMul;

/// The operands as stacks of matrices, and the stack of results.
struct Stacks {
    a: Shape,
    b: Shape,
    y: Shape,
}

impl MatMul {
    fn stacks(a: Shape, b: Shape) -> Result<Stacks, Error> {
        if a.rank() == 0 || b.rank() == 0 {
            return Err(Error::shape("a scalar is no matrix", "multiply by a scalar with `*`"));
        }
        let row = if a.rank() == 1 { Shape::of(&[1, a[0]]) } else { a };
        let column = if b.rank() == 1 { Shape::of(&[b[0], 1]) } else { b };
        let (m, k) = (row[row.rank() - 2], row[row.rank() - 1]);
        let (l, n) = (column[column.rank() - 2], column[column.rank() - 1]);
        if k != l {
            let help = if b.rank() >= 2 && k == n {
                "transpose the right operand: `a.matmul(&b.transpose())`"
            } else if a.rank() >= 2 && m == l {
                "transpose the left operand: `a.transpose().matmul(&b)`"
            } else {
                "the last axis of the left operand must match the last but one of the right"
            };
            return Err(Error::shape(
                format!("shapes {a} and {b} do not fit: {k} columns on the left meet {l} rows on the right"),
                help,
            ));
        }
        let (lead_a, lead_b) = (Shape::of(&row[..row.rank() - 2]), Shape::of(&column[..column.rank() - 2]));
        let lead = lead_a.broadcast(&lead_b).ok_or_else(|| {
            Error::shape(
                format!("the leading axes {lead_a} and {lead_b} of shapes {a} and {b} do not broadcast"),
                "leading axes must be equal or 1, matched from the last one",
            )
        })?;
        let y = lead.with_inserted(lead.rank(), m)?.with_inserted(lead.rank() + 1, n)?;
        Ok(Stacks { a: row, b: column, y })
    }
}

impl<T: Real> Op<T> for MatMul {
    fn name(&self) -> &'static str {
        "matmul"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (a, b) = (inputs[0], inputs[1]);
        let mut y = Self::stacks(a, b)?.y;
        if b.rank() == 1 {
            y = y.without(y.rank() - 1);
        }
        if a.rank() == 1 {
            y = y.without(y.rank() - if b.rank() == 1 { 1 } else { 2 });
        }
        Ok(y)
    }
    fn multiply_adds(&self, inputs: &[Shape], output: Shape) -> usize {
        output.elements() * inputs[0].last().copied().unwrap_or(1)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        match Self::stacks(x[0].shape(), x[1].shape()) {
            Ok(stacks) if stacks.y == shape => kernel::matmul(x[0], x[1], shape),
            Ok(stacks) => kernel::matmul(&x[0].reshaped(stacks.a), &x[1].reshaped(stacks.b), stacks.y).reshaped(shape),
            Err(error) => error.raise("matmul"),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (a, b, g) = (at.input(0), at.input(1), at.cotangent());
        let stacks = match Self::stacks(a.shape(), b.shape()) {
            Ok(stacks) => stacks,
            Err(error) => error.raise("matmul"),
        };
        let stack = |x: &A, shape: Shape| if x.shape() == shape { x.clone() } else { x.reshape(shape) };
        let (a, b, g) = (stack(a, stacks.a), stack(b, stacks.b), stack(g, stacks.y));
        at.each(|i| {
            let message = if i == 0 {
                g.matmul(&b.transpose()).sum_to(stacks.a)
            } else if stacks.b.rank() == 2 && stacks.a.rank() > 2 {
                // Many rows against one matrix: one product instead of a stack of products that are then summed.
                let tall = |x: &A| x.reshape([-1, x.shape()[x.shape().rank() - 1] as isize]);
                if stacks.y.elements() == 0 || stacks.a.elements() == 0 {
                    a.transpose().matmul(&g).sum_to(stacks.b)
                } else {
                    tall(&a).transpose().matmul(&tall(&g))
                }
            } else {
                a.transpose().matmul(&g).sum_to(stacks.b)
            };
            stack(&message, at.input_shape(i))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| if i == 0 { t.matmul(at.input(1)) } else { at.input(0).matmul(t) })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    /// Rows times a shared matrix or vector, or a product of two stacks with one pair a sample.
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let (a, b, g) = (at.input(0), at.input(1), at.cotangent());
        let (rank, samples) = (a.shape().rank(), at.samples());
        if rank == b.shape().rank() && rank > 2 && a.shape()[0] == samples && b.shape()[0] == samples {
            return Some(at.rows(self.vjp(at)));
        }
        if rank < 2 || b.shape().rank() > 2 {
            return None;
        }
        let messages = self.vjp(&Pullback { shapes: &[at.shapes[0], None], ..*at });
        let shared = at.wants(1).then(|| {
            let columns = if b.shape().rank() == 2 { b.shape()[1] } else { 1 };
            let products = outer_products(samples, a, a.shape()[rank - 1], g, columns);
            PerSample::Each(products.reshape(behind(samples, &b.shape())))
        });
        Some(Few::from_iter([messages.into_iter().next().flatten().map(PerSample::Rows), shared]))
    }
}

/// `y = x Wᵀ + b` over the last axis: inputs `x` `[…, in]`, `W` `[out, in]` and, if there is one, `b` `[out]`.
/// Pull-back: `x ← g W`, `W ← gᵀ x`, `b ← Σ g`.
///
/// ```
/// use autograd::prelude::*;
/// let (x, w) = (Tensor::from([[1.0_f32, 2.0]]), Tensor::from([[1.0, 1.0], [0.0, 2.0]]));
/// assert_eq!(x.linear(&w, Some(&Tensor::from([0.5, 0.0]))).to_vec(), [3.5, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Linear;

impl<T: Real> Finishes<T> for Linear {
    fn finished(&self, inputs: &[&Tensor<T>], shape: Shape, finish: Option<Finish<'_, T>>) -> Tensor<T> {
        let (x, w) = (as_rows(inputs[0]), inputs[1]);
        let (outputs, features) = (w.shape()[0], w.shape()[1]);
        let rows = shape.elements().checked_div(outputs).unwrap_or(0);
        let mut y = Tensor::unset(shape);
        let bias = inputs.get(2).map(|b| b.contiguous());
        if let Some(bias) = bias.as_ref().and_then(Tensor::as_slice) {
            y.make_mut().chunks_exact_mut(outputs.max(1)).for_each(|row| row.copy_from_slice(bias));
        }
        let (x, w) = (Matrix::rows_of(&x), Matrix::rows_of(w).transposed());
        let epilogue = Epilogue { accumulate: bias.is_some(), finish };
        product_then(y.make_mut(), outputs, [rows, outputs, features], x, w, epilogue);
        y
    }
}

impl<T: Real> Op<T> for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=3
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (x, w) = (inputs[0], inputs[1]);
        if x.rank() == 0 || w.rank() != 2 || x[x.rank() - 1] != w[1] {
            return Err(Error::shape(
                format!("an input of shape {x} does not fit a weight of shape {w}"),
                "the last axis of the input must be the weight's second: weights are [out, in]",
            ));
        }
        match inputs.get(2) {
            Some(b) if b[..] != [w[0]] => Err(Error::shape(
                format!("a bias of shape {b} does not fit a weight of shape {w}"),
                format!("the bias has one number for each output: [{}]", w[0]),
            )),
            _ => Ok(x.with_extent(x.rank() - 1, w[0])),
        }
    }
    fn multiply_adds(&self, inputs: &[Shape], output: Shape) -> usize {
        output.elements() * inputs[0].last().copied().unwrap_or(1)
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.finished(inputs, shape, None)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let g = at.cotangent();
        let outputs = g.shape()[g.shape().rank() - 1];
        let tall = |x: &A, width: usize| {
            if x.shape().rank() == 2 {
                return x.clone();
            }
            let rows = g.shape().elements().checked_div(outputs).unwrap_or(0);
            x.reshape([rows as isize, width as isize])
        };
        at.each(|i| match i {
            0 => g.matmul(at.input(1)),
            1 => {
                let x = at.input(0);
                tall(g, outputs).transpose().matmul(&tall(x, x.shape()[x.shape().rank() - 1]))
            }
            _ => g.sum_to(at.input_shape(2)),
        })
    }
    /// The same products without a recorded step in between.
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let g = at.cotangent();
        at.each(|i| match i {
            0 => {
                let (g, w) = (as_rows(g), at.input(1));
                let (mut message, [outputs, features]) =
                    (Tensor::unset(at.input_shape(0)), [w.shape()[0], w.shape()[1]]);
                let rows = g.shape().elements().checked_div(outputs).unwrap_or(0);
                let (g, w) = (Matrix::rows_of(&g), Matrix::rows_of(w));
                product(message.make_mut(), features, [rows, features, outputs], g, w, false);
                message
            }
            1 => {
                let mut message = Tensor::unset(at.input_shape(1));
                weight(g, at.input(0), &mut message, false);
                message
            }
            _ => g.sum_to(at.input_shape(2)),
        })
    }
    /// A weight that is used again and again, as in a recurrent layer: its product is added as it is made.
    fn vjp_add(&self, at: &Pullback<Tensor<T>>, i: usize, sum: &mut Tensor<T>) -> bool {
        let (g, x) = (at.cotangent(), at.inputs[0].as_ref());
        let rows = g.shape().elements().checked_div(g.shape()[g.shape().rank() - 1]).unwrap_or(0);
        match x {
            Some(x) if i == 1 && rows <= kernel::ADDED_ONCE => weight(g, x, sum, true),
            _ => return false,
        }
        true
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let shape = at.output().shape();
        at.sum(|i, t| match i {
            0 => A::apply(Linear, &[t, at.input(1)]),
            1 => A::apply(Linear, &[at.input(0), t]),
            _ => t.broadcast_to(shape),
        })
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 0b011, output: false }
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let (g, samples) = (at.cotangent(), at.samples());
        let (rank, outputs) = (g.shape().rank(), g.shape()[g.shape().rank() - 1]);
        if rank < 2 {
            return None;
        }
        let message = |i: usize| match i {
            0 => PerSample::Rows(g.matmul(at.input(1))),
            1 => {
                let x = at.input(0);
                PerSample::Each(outer_products(samples, g, outputs, x, x.shape()[rank - 1]))
            }
            _ => at.unstretched(2, g.clone()),
        };
        Some((0..at.shapes.len()).map(|i| at.wants(i).then(|| message(i))).collect())
    }
}

/// A tensor whose rows along its last axis are a matrix: itself if it has two axes, however they lie, else in order.
fn as_rows<T: Real>(x: &Tensor<T>) -> Tensor<T> {
    if x.shape().rank() == 2 { x.clone() } else { x.contiguous() }
}

/// `y = gᵀ x`, or added to it: the message to a weight.
fn weight<T: Real>(g: &Tensor<T>, x: &Tensor<T>, y: &mut Tensor<T>, accumulate: bool) {
    let [outputs, features] = [y.shape()[0], y.shape()[1]];
    let rows = g.shape().elements().checked_div(outputs).unwrap_or(0);
    let (g, x) = (as_rows(g), as_rows(x));
    let (g, x) = (Matrix::rows_of(&g).transposed(), Matrix::rows_of(&x));
    product(y.make_mut(), features, [outputs, features, rows], g, x, accumulate);
}

/// For each sample `Σ aᵀ b` over its rows, `[samples, wide, long]`, of `a` `[samples, …, wide]` and `b` `[samples, …, long]`.
fn outer_products<T: Real>(samples: usize, a: &Tensor<T>, wide: usize, b: &Tensor<T>, long: usize) -> Tensor<T> {
    let shape = a.shape();
    let rows = shape[1..shape.rank() - 1].iter().product();
    let stack = |x: &Tensor<T>, width: usize| x.reshape(Shape::of(&[samples, rows, width]));
    stack(a, wide).transpose().matmul(&stack(b, long))
}
