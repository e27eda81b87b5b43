//! How far numbers spread around their mean.

use super::reduce::{constants, count, forward, keeps_first, stretched};
use super::vector_norm::{self, OverNorm};
use super::{Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::reduce as kernel;
use crate::{Array, Axes, Error, Interpretation, Shape, Tensor};

/// `y = x − mean(x)` over `axes`. Its own adjoint: `x ← g − mean(g)`. Shape: that of `x`.
///
/// The mean is taken of the differences from the first element: what is constant comes out as exact zeros.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::variance::Center;
/// assert_eq!(Tensor::apply(Center { axes: (..).into() }, &[&Tensor::from([1.0_f32, 3.0])]).to_vec(), [-1.0, 1.0]);
/// assert_eq!(Tensor::apply(Center { axes: 0.into() }, &[&Tensor::from([0.1_f64; 3])]).to_vec(), [0.0; 3]);
/// ```
#[derive(Clone, Debug)]
pub struct Center {
    /// The axes that the mean is taken over.
    pub axes: Axes,
}

/// `y = Σ (x − mean)²/(n − ddof)` over `axes`, in two passes. Pull-back: `x ← 2 g (x − mean)/(n − ddof)`.
///
/// `ddof` is 0 for the variance of a whole population, 1 for the unbiased estimate from a sample.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 3.0], [2.0, 6.0]]);
/// assert_eq!(x.var_axes(1, 0).to_vec(), [1.0, 4.0]);
/// assert_eq!(x.var_axes(1, 1).to_vec(), [2.0, 8.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Variance {
    /// The axes that are reduced.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
    /// What is taken off the number of elements before it divides.
    pub ddof: usize,
}

/// `y = √(Σ (x − mean)²/(n − ddof))` over `axes`; squares that would leave the range are scaled first.
/// Pull-back: `x ← g (x − mean)/((n − ddof) y)`, 0 where `y = 0` (the sub-gradient of least norm).
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([[1.0_f32, 3.0], [0.1, 0.1]]));
/// let y = x.std_axes(1, 0);
/// assert_eq!(y.value().to_vec(), [1.0, 0.0]);
/// assert_eq!(y.sum().backward().of(&x).or_zeros().to_vec(), [-0.5, 0.5, 0.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct StandardDeviation {
    /// The axes that are reduced.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
    /// What is taken off the number of elements before it divides.
    pub ddof: usize,
}

impl<T: Real> Op<T> for Center {
    fn name(&self) -> &'static str {
        "center"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        self.axes.resolve(&inputs[0]).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        if shape.elements() == 0 {
            return x[0].clone();
        }
        let axes = self.axes.resolve(&shape).unwrap_or_default();
        let first = axes.iter().fold(x[0].clone(), |x, &axis| x.sliced(axis, 0, 1, 1));
        let from_first = x[0] - first;
        let sum = forward(&from_first, &self.axes, shape.reduced(&axes, true), kernel::Sum);
        let mean = sum / T::from_f64(count(&self.axes, &shape) as f64);
        from_first - mean
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(self.clone(), &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, false)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
}

/// The shape of a spread, or why there is none.
fn infer(axes: &Axes, keep: bool, ddof: usize, input: &Shape) -> Result<Shape, Error> {
    let shape = input.reduced(&axes.resolve(input)?, keep);
    let n = count(axes, input);
    if n <= ddof && shape.elements() > 0 {
        return Err(Error::value(
            format!("with n = {n} elements and ddof = {ddof} the divisor n − ddof is not above 0"),
            if n == 0 {
                "check for an empty input first; nothing has no spread".to_string()
            } else {
                format!("reduce over more than {ddof} elements, or give a ddof below {n}")
            },
        ));
    }
    Ok(shape)
}

/// The number that the sum of squares is divided by.
fn divisor<T: Real>(axes: &Axes, ddof: usize, shape: &Shape) -> T {
    T::from_f64(count(axes, shape).saturating_sub(ddof) as f64)
}

fn all_constants(axes: &Axes, keep: bool, ddof: usize) -> Vec<(&'static str, String)> {
    let mut constants = constants(axes, keep);
    constants.push(("ddof", ddof.to_string()));
    constants
}

impl Variance {
    /// `2 (x − mean)/(n − ddof)`, the slope.
    fn slope<A: Array<T>, T: Real>(&self, x: &A) -> A {
        let divisor = divisor::<T>(&self.axes, self.ddof, &x.shape());
        A::apply(Center { axes: self.axes.clone() }, &[x]) * (T::from_f64(2.0) / divisor)
    }
}

impl<T: Real> Op<T> for Variance {
    fn name(&self) -> &'static str {
        "var"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        infer(&self.axes, self.keep, self.ddof, &inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let centered = Tensor::apply(Center { axes: self.axes.clone() }, &[x[0]]);
        forward(&centered, &self.axes, shape, kernel::Squares) / divisor::<T>(&self.axes, self.ddof, &x[0].shape())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| self.slope(at.input(i)) * stretched(at.cotangent(), &self.axes, at.input_shape(i)))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| (self.slope(at.input(i)) * t).sum_axes(self.axes.clone()).reshape(at.output().shape()))
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        all_constants(&self.axes, self.keep, self.ddof)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
}

impl StandardDeviation {
    /// `(x − mean)/((n − ddof) y)`, the slope; 0 where `y = 0`.
    fn slope<A: Array<T>, T: Real>(&self, x: &A, y: &A) -> A {
        let centered = A::apply(Center { axes: self.axes.clone() }, &[x]);
        let y = stretched(y, &self.axes, x.shape());
        centered.zip(&y, OverNorm) / divisor::<T>(&self.axes, self.ddof, &x.shape())
    }
}

impl<T: Real> Op<T> for StandardDeviation {
    fn name(&self) -> &'static str {
        "std"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        infer(&self.axes, self.keep, self.ddof, &inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let centered = Tensor::apply(Center { axes: self.axes.clone() }, &[x[0]]);
        let divisor = divisor::<T>(&self.axes, self.ddof, &x[0].shape());
        vector_norm::norm(&centered, 2.0, &self.axes, shape) / Tensor::scalar(divisor).sqrt()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let slope = self.slope(at.input(i), at.output());
            slope * stretched(at.cotangent(), &self.axes, at.input_shape(i))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let terms = self.slope(at.input(i), at.output()) * t;
            terms.sum_axes(self.axes.clone()).reshape(at.output().shape())
        })
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        all_constants(&self.axes, self.keep, self.ddof)
    }
    fn decisions(&self, _: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        y.to_vec().iter().map(|y| 1 + u64::from(*y == T::ZERO)).collect()
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
}
