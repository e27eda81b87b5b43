//! Softmax, log-softmax, logsumexp: one operation each, because the fused form is both faster and the only one that is
//! finite at ±10⁴.

use super::reduce::{along_one_axis, constants, keeps_first, stretched};
use super::{Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::reduce::in_order;
use crate::kernels::softmax::{self as kernel, Form};
use crate::shape::resolve_axis;
use crate::{Array, Axes, Error, Shape, Tensor};

/// `yᵢ = e^xᵢ / Σⱼ e^xⱼ` along `axis`. Pull-back: `x ← y (g − Σ g y)`.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1e4_f32, 1e4]).softmax(0).to_vec(), [0.5, 0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct Softmax {
    /// The axis along which the results add up to 1.
    pub axis: isize,
}

/// `yᵢ = xᵢ − ln Σⱼ e^xⱼ` along `axis`. Pull-back: `x ← g − e^y Σ g`.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([0.0_f64, 0.0]).log_softmax(0).to_vec(), [-(2.0_f64.ln()); 2]);
/// ```
#[derive(Clone, Debug)]
pub struct LogSoftmax {
    /// The axis along which the exponentials of the results add up to 1.
    pub axis: isize,
}

/// `y = ln Σ e^x` over `axes`, without overflow; −∞ of nothing. Pull-back: `x ← g e^(x − y)`. Summed in blocks, as
/// [`Sum`](super::reduce::Sum) is.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1e4_f32, -1e4]).logsumexp(..).item(), 1e4);
/// ```
#[derive(Clone, Debug)]
pub struct LogSumExp {
    /// The axes that are summed over.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
}

/// The tensor with `axis` last, so that each row lies in order, and the permutation that undoes this.
pub(super) fn last<T: Real>(x: &Tensor<T>, axis: usize) -> (Tensor<T>, Vec<usize>) {
    let rank = x.shape().rank();
    let mut back: Vec<usize> = (0..rank - 1).collect();
    back.insert(axis, rank - 1);
    if axis + 1 == rank {
        return (x.contiguous(), back);
    }
    let mut order: Vec<usize> = (0..rank).filter(|&i| i != axis).collect();
    order.push(axis);
    (x.permuted(&order).contiguous(), back)
}

fn along<T: Real>(x: &Tensor<T>, axis: isize, form: Form) -> Tensor<T> {
    let shape = x.shape();
    let axis = resolve_axis(axis, shape.rank()).unwrap_or_default();
    let (rows, back) = last(x, axis);
    let mut y = Tensor::unset(rows.shape());
    if let Some(data) = rows.as_slice() {
        kernel::softmax(data, y.make_mut(), shape[axis], form);
    }
    if axis + 1 == shape.rank() { y } else { y.permuted(&back) }
}

impl<T: Real> Op<T> for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        resolve_axis(self.axis, inputs[0].rank())?;
        Ok(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        along(x[0], self.axis, Form::Softmax)
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        match resolve_axis(self.axis, at.output().shape().rank()) {
            Ok(axis) if axis + 1 == at.output().shape().rank() => {
                at.each(|_| projected(at.output(), at.cotangent(), T::ONE))
            }
            _ => self.vjp(at),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| project(at.output(), at.cotangent(), self.axis))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|_, t| project(at.output(), t, self.axis))
    }
    fn saves(&self) -> Saves {
        Saves::OUTPUT
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
}

/// The Jacobian of a softmax is symmetric: forward and backward are the same `y (v − Σ v y)`.
pub(super) fn project<A: Array<T>, T: Real>(y: &A, v: &A, axis: isize) -> A {
    let mean = (v.clone() * y).sum_keep(axis);
    (v.clone() - &mean) * y
}

/// The same over the last axis in one loop, times `scale`.
pub(super) fn projected<T: Real>(y: &Tensor<T>, v: &Tensor<T>, scale: T) -> Tensor<T> {
    let (y, v, count) = (y.contiguous(), v.contiguous(), y.shape().last().copied().unwrap_or(1));
    let mut message = Tensor::unset(y.shape());
    if let (Some(y), Some(v)) = (y.as_slice(), v.as_slice()) {
        kernel::project(y, v, message.make_mut(), count, scale);
    }
    message
}

impl<T: Real> Op<T> for LogSoftmax {
    fn name(&self) -> &'static str {
        "log_softmax"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        resolve_axis(self.axis, inputs[0].rank())?;
        Ok(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        along(x[0], self.axis, Form::LogSoftmax)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let g = at.cotangent();
        at.each(|_| g.clone() - at.output().exp() * g.sum_keep(self.axis))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|_, t| t.clone() - (at.output().exp() * t).sum_keep(self.axis))
    }
    fn saves(&self) -> Saves {
        Saves::OUTPUT
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
}

impl LogSumExp {
    /// The softmax over the axes: the slope.
    fn weights<A: Array<T>, T: Real>(&self, x: &A) -> A {
        along_one_axis(x, &self.axes, |x, axis| x.softmax(axis))
    }
}

impl<T: Real> Op<T> for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(inputs[0].reduced(&self.axes.resolve(&inputs[0])?, self.keep))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let from = x[0].shape();
        let axes = self.axes.resolve(&from).unwrap_or_default();
        let kept: Vec<usize> = (0..from.rank()).filter(|axis| !axes.contains(axis)).collect();
        let order: Vec<usize> = kept.iter().chain(&axes).copied().collect();
        let last: Vec<usize> = (kept.len()..from.rank()).collect();
        let (x, [_, count, _]) = in_order(&x[0].permuted(&order), &last);
        let mut y = Tensor::unset(shape);
        if let Some(data) = x.as_slice() {
            kernel::logsumexp(data, y.make_mut(), count);
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| self.weights(at.input(i)) * stretched(at.cotangent(), &self.axes, at.input_shape(i)))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| (self.weights(at.input(i)) * t).sum_axes(self.axes.clone()).reshape(at.output().shape()))
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, self.keep)
    }
}
