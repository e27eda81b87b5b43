//! Softmax, log-softmax, logsumexp, and the cross-entropy from logits: one operation each, because the fused form is
//! both faster and the only one that is finite at ±10⁴.

use super::reduce::{along_one_axis, constants, keeps_first, stretched};
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::reduce::in_order;
use crate::kernels::softmax::{self as kernel, Form};
use crate::shape::resolve_axis;
use crate::{Array, Axes, Error, Indices, Reductions, Shape, Tensor};

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

/// How the losses of single rows become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// None: each is kept.
    None,
}

/// Cross-entropy from logits: `ℓₙ = −ln softmax(xₙ)[tₙ]` along axis 1 (axis 0 of a vector), reduced. Inputs: logits
/// `[n, classes, …]`; the labels have the shape without the class axis. Pull-back: `x ← g (softmax(x) − onehot(t))`,
/// divided by the number of rows for a mean.
///
/// ```
/// use autograd::prelude::*;
/// let logits = Tensor::from([[0.0_f64, 0.0], [0.0, 0.0]]);
/// assert_eq!(logits.cross_entropy([0, 1]).item(), 2.0_f64.ln());
/// ```
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    /// The right class of each row.
    pub labels: Indices,
    /// How the rows become one.
    pub reduction: Reduction,
}

/// The tensor with `axis` last, so that each row lies in order, and the permutation that undoes this.
fn last<T: Real>(x: &Tensor<T>, axis: usize) -> (Tensor<T>, Vec<usize>) {
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

impl CrossEntropy {
    /// The axis of the classes.
    fn axis(shape: &Shape) -> usize {
        usize::from(shape.rank() > 1)
    }

    /// The labels as indices for a gather from logits of this shape: with the class axis, of extent 1.
    fn picks(&self, shape: &Shape) -> Indices {
        Indices::new(self.labels.as_slice().to_vec(), shape.with_extent(Self::axis(shape), 1))
    }

    /// `softmax(x) − onehot(t)`, the slope of each row's loss.
    fn slope<A: Array<T>, T: Real>(&self, x: &A, softmax: Option<&A>) -> A {
        let (shape, axis) = (x.shape(), Self::axis(&x.shape()));
        let softmax = softmax.cloned().unwrap_or_else(|| x.softmax(axis as isize));
        let mut one_hot = Tensor::zeros(shape);
        let inner: usize = shape[axis + 1..].iter().product();
        let out = one_hot.make_mut();
        for (row, &label) in self.labels.as_slice().iter().enumerate() {
            out[(row / inner * shape[axis] + label) * inner + row % inner] = T::ONE;
        }
        softmax - x.constant(&one_hot)
    }

    /// What each row's loss is multiplied by.
    fn scale<T: Real>(&self) -> T {
        match self.reduction {
            Reduction::Mean => T::ONE / T::from_f64(self.labels.as_slice().len() as f64),
            _ => T::ONE,
        }
    }
}

impl<T: Real> Op<T> for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (logits, labels) = (inputs[0], self.labels.shape());
        if logits.rank() == 0 {
            return Err(Error::shape("a scalar has no class axis", "give logits of shape [rows, classes]"));
        }
        let axis = Self::axis(&logits);
        let rows = logits.without(axis);
        if rows.elements() != labels.elements() || (labels != rows && labels.rank() != 1) {
            return Err(Error::shape(
                format!(
                    "labels of shape {labels} do not fit logits of shape {logits}: one label for each of {rows} is wanted"
                ),
                "logits are [rows, classes], labels [rows]",
            ));
        }
        self.labels.check_below(logits[axis], "classes")?;
        Ok(if self.reduction == Reduction::None { rows } else { Shape::SCALAR })
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(x, shape).0
    }
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let from = x[0].shape();
        let axis = Self::axis(&from);
        let (rows, back) = last(x[0], axis);
        let (mut softmax, mut losses) = (Tensor::unset(rows.shape()), Tensor::unset(from.without(axis)));
        if let Some(data) = rows.as_slice() {
            kernel::cross_entropy(data, self.labels.as_slice(), softmax.make_mut(), losses.make_mut(), from[axis]);
        }
        let loss = match self.reduction {
            Reduction::None => losses.reshaped(shape),
            _ => losses.sum() * self.scale::<T>(),
        };
        let softmax = if axis + 1 == from.rank() { softmax } else { softmax.permuted(&back) };
        (loss, Few::from_elem(softmax, 1))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let g = at.cotangent().clone() * self.scale::<T>();
            let slope = self.slope(at.input(i), at.kept(0));
            let rows = match self.reduction {
                Reduction::None => g.reshape(self.picks(&at.input_shape(i)).shape()),
                _ => g,
            };
            slope * rows
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let x = at.input(i);
            let rows = (self.slope(x, None) * t).sum_axes(Self::axis(&x.shape()) as isize);
            match self.reduction {
                Reduction::None => rows,
                _ => rows.sum() * self.scale::<T>(),
            }
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        self.reduction == Reduction::None && input.rank() > 1
    }
}
