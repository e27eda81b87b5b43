//! Sums, means, products and extremes over axes, and the sum that undoes a broadcast.

use super::scan::{CumProd, Way};
use super::shape::Permute;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves, times_slope};
use crate::algebra::Real;
use crate::kernels::reduce as kernel;
use crate::{Array, Axes, Error, Interpretation, Shape, Tensor};

/// `y = Σ x` over `axes`. Pull-back: `x ← g`, stretched back. An empty sum is 0.
///
/// Summed pairwise in blocks: with `u` half of [`Real::EPSILON`] the error is at most `163 u Σ |x|` for up to 4096
/// numbers, and `u Σ |x|` more for each doubling of their number.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.sum().item(), 10.0);
/// assert_eq!(x.sum_axes(0).to_vec(), [4.0, 6.0]);
/// assert_eq!(x.sum_keep(-1).shape(), Shape::from([2, 1]));
/// ```
#[derive(Clone, Debug)]
pub struct Sum {
    /// The axes that are summed over.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
}

/// `y = (Σ x)/n` over `axes`. Pull-back: `x ← g/n`, stretched back. The mean of nothing is NaN.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 6.0]]).mean_axes(0).to_vec(), [2.0, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Mean {
    /// The axes that are averaged over.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
}

/// `y = Π x` over `axes`. Pull-back: `xᵢ ← g Π xⱼ` over `j ≠ i`, by running products from both ends, so that it is exact
/// also where factors are 0, in every order of derivative. An empty product is 1. Relative error at most `(n − 1) u` for
/// `n` factors, `u` being half of [`Real::EPSILON`].
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([2.0_f32, 0.0, 4.0]));
/// let y = x.prod();
/// assert_eq!(y.value().item(), 0.0);
/// assert_eq!(y.backward().of(&x).or_zeros().to_vec(), [0.0, 8.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Prod {
    /// The axes that are multiplied over.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
}

/// `y = max x` (or `min x`) over `axes`. Pull-back: the gradient is split evenly among equal winners; the form that also
/// says where the winner is, [`max_with_index`](crate::Indexing::max_with_index), gives all of it to the first. NaN if any
/// element is.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([2.0_f32, 5.0, 5.0]));
/// let y = x.max();
/// assert_eq!(y.value().item(), 5.0);
/// assert_eq!(y.backward().of(&x).or_zeros().to_vec(), [0.0, 0.5, 0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct Extreme {
    /// Which one.
    pub which: Which,
    /// The axes that are searched.
    pub axes: Axes,
    /// Whether they stay, with extent 1.
    pub keep: bool,
}

/// The largest or the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// `y = x` summed down to `shape`, which must broadcast to the shape of `x`: what undoes a broadcast.
/// Pull-back: `x ← g`, stretched.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.sum_to([2, 1]).to_vec(), [3.0, 7.0]);
/// ```
#[derive(Clone, Debug)]
pub struct SumTo {
    /// The shape of the result.
    pub shape: Shape,
}

/// The pull-back of a sum: the cotangent with its reduced axes back, stretched to the shape of the input.
pub(super) fn stretched<A: Array<T>, T: Real>(g: &A, axes: &Axes, to: Shape) -> A {
    let axes = axes.resolve(&to).unwrap_or_default();
    g.reshape(to.reduced(&axes, true)).broadcast_to(to)
}

/// What `f` makes of `x` along one axis, where `x` is given with all of `axes` as that one axis.
pub(super) fn along_one_axis<A: Array<T>, T: Real>(x: &A, axes: &Axes, f: impl Fn(&A, isize) -> A) -> A {
    let shape = x.shape();
    let axes = axes.resolve(&shape).unwrap_or_default();
    if let [axis] = axes[..] {
        return f(x, axis as isize);
    }
    // Several axes are one axis once they stand together at the end.
    let mut order: Few<isize> = (0..shape.rank()).filter(|i| !axes.contains(i)).map(|i| i as isize).collect();
    let kept = order.len();
    order.extend(axes.iter().map(|&axis| axis as isize));
    let mut back: Few<isize> = std::iter::repeat_n(0, order.len()).collect();
    for (place, &axis) in order.iter().enumerate() {
        back[axis as usize] = place as isize;
    }
    let together = A::apply(Permute { axes: order[..].into() }, &[x]);
    let rows: usize = together.shape()[..kept].iter().product();
    let count: usize = together.shape()[kept..].iter().product();
    let y = f(&together.reshape([rows as isize, count as isize]), 1).reshape(together.shape());
    A::apply(Permute { axes: back[..].into() }, &[&y])
}

pub(super) fn forward<T: Real, C: kernel::Combine<T>>(
    x: &Tensor<T>,
    axes: &Axes,
    shape: Shape,
    combine: C,
) -> Tensor<T> {
    kernel::reduce(x, &axes.resolve(&x.shape()).unwrap_or_default(), shape, combine)
}

pub(super) fn constants(axes: &Axes, keep: bool) -> Vec<(&'static str, String)> {
    let axes = match axes {
        Axes::All => "all".to_string(),
        Axes::These(axes) => format!("{:?}", axes.as_slice()),
    };
    let mut constants = vec![("axes", axes)];
    if keep {
        constants.push(("keep", "true".to_string()));
    }
    constants
}

impl<T: Real> Op<T> for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(inputs[0].reduced(&self.axes.resolve(&inputs[0])?, self.keep))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        forward(x[0], &self.axes, shape, kernel::Sum)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| stretched(at.cotangent(), &self.axes, at.input_shape(i)))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, self.keep)
    }
}

impl<T: Real> Op<T> for Mean {
    fn name(&self) -> &'static str {
        "mean"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(inputs[0].reduced(&self.axes.resolve(&inputs[0])?, self.keep))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let count = count(&self.axes, &x[0].shape());
        let mut y = forward(x[0], &self.axes, shape, kernel::Sum);
        for element in y.make_mut() {
            *element /= T::from_f64(count as f64);
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let shape = at.input_shape(i);
            let share = at.cotangent().clone() / T::from_f64(count(&self.axes, &shape) as f64);
            stretched(&share, &self.axes, shape)
        })
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, self.keep)
    }
}

/// Whether the first axis is none of `axes`.
pub(super) fn keeps_first(axes: &Axes, shape: &Shape) -> bool {
    axes.resolve(shape).is_ok_and(|axes| !axes.contains(&0))
}

/// The number of elements that one result is made from.
pub(super) fn count(axes: &Axes, shape: &Shape) -> usize {
    axes.resolve(shape).unwrap_or_default().iter().map(|&axis| shape[axis]).product()
}

impl Prod {
    /// For each element the product of the others.
    fn others<A: Array<T>, T: Real>(&self, x: &A) -> A {
        along_one_axis(x, &self.axes, |x, axis| {
            let products = |way| A::apply(CumProd { axis, way, exclusive: true }, &[x]);
            products(Way::Forwards) * products(Way::Backwards)
        })
    }
}

impl<T: Real> Op<T> for Prod {
    fn name(&self) -> &'static str {
        "prod"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(inputs[0].reduced(&self.axes.resolve(&inputs[0])?, self.keep))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        forward(x[0], &self.axes, shape, kernel::Product)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let g = stretched(at.cotangent(), &self.axes, at.input_shape(i));
            times_slope(&g, &self.others(at.input(i)), at.guards())
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let terms = times_slope(t, &self.others(at.input(i)), at.guards());
            terms.sum_axes(self.axes.clone()).reshape(at.output().shape())
        })
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

impl Extreme {
    /// What each element gets: 1/k where it is one of `k` equal winners, else 0.
    fn shares<A: Array<T>, T: Real>(&self, x: &A, y: &A) -> A {
        let shape = x.shape();
        let axes = self.axes.resolve(&shape).unwrap_or_default();
        let winners = x.equal(&stretched(y, &self.axes, shape)).into_array();
        let kept: Axes = axes.iter().map(|&axis| axis as isize).collect::<Vec<_>>()[..].into();
        let ties = winners.sum_keep(kept);
        winners / &ties
    }
}

impl<T: Real> Op<T> for Extreme {
    fn name(&self) -> &'static str {
        match self.which {
            Which::Max => "max",
            Which::Min => "min",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let axes = self.axes.resolve(&inputs[0])?;
        let shape = inputs[0].reduced(&axes, self.keep);
        if shape.elements() > 0 && inputs[0].elements() == 0 {
            return Err(Error::shape(
                format!("nothing to choose from: shape {} has no elements along the reduced axes", inputs[0]),
                "check for an empty input first; only sums and products of nothing have a value",
            ));
        }
        Ok(shape)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        match self.which {
            Which::Max => forward(x[0], &self.axes, shape, kernel::Max),
            Which::Min => forward(x[0], &self.axes, shape, kernel::Min),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let shares = self.shares(at.input(i), at.output());
            shares * stretched(at.cotangent(), &self.axes, at.input_shape(i))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let shares = self.shares(at.input(0), at.output());
        at.sum(|_, t| (shares.clone() * t).sum_axes(self.axes.clone()).reshape(at.output().shape()))
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        constants(&self.axes, self.keep)
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        keeps_first(&self.axes, input)
    }
    fn decisions(&self, x: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        let winners = x[0].equal(&stretched(y, &self.axes, x[0].shape())).into_array();
        winners.to_vec().iter().map(|w| 1 + u64::from(*w == T::ONE)).collect()
    }
}

impl<T: Real> Op<T> for SumTo {
    fn name(&self) -> &'static str {
        "sum_to"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        if self.shape.broadcast(&inputs[0]) == Some(inputs[0]) {
            return Ok(self.shape);
        }
        Err(Error::shape(
            format!("shape {} does not broadcast to {}", self.shape, inputs[0]),
            "sum to a shape whose extents are 1 or those of the input",
        ))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let from = x[0].shape();
        if from.elements() == shape.elements() {
            return x[0].reshaped(shape);
        }
        let added = from.rank() - shape.rank();
        let axes: Few<usize> =
            (0..from.rank()).filter(|&axis| axis < added || (shape[axis - added] == 1 && from[axis] != 1)).collect();
        kernel::reduce(x[0], &axes, shape, kernel::Sum)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.cotangent().broadcast_to(at.input_shape(i)))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        input.rank() == output.rank() && input[0] == output[0]
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("shape", self.shape.to_string())]
    }
}
