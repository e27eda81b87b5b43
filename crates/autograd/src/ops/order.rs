//! Elements in order: where they stand, and elements taken from such places.

use super::reduce::Which;
use super::{Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::order as kernel;
use crate::shape::resolve_axis;
use crate::{Array, Error, Shape, Tensor};
use std::ops::RangeInclusive;

/// Along `axis`, the places of the elements in ascending or descending order; of the first few in that order, if so many
/// are asked for. Equal elements stay in the order of their places; NaN counts as larger than every number. Nothing
/// flows back.
///
/// The places are whole numbers of the number type: an axis longer than it holds exactly (2²⁴ for `f32`) is an error.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([3.0_f32, 1.0, 3.0, f32::NAN]);
/// assert_eq!(x.argsort(0, false).to_indices().as_slice(), [1, 0, 2, 3]);
/// assert_eq!(x.argsort(0, true).to_indices().as_slice(), [3, 0, 2, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct ArgSort {
    /// The axis along which elements are compared.
    pub axis: isize,
    /// Whether the largest comes first.
    pub descending: bool,
    /// How many of the first places are wanted; all of them if not given.
    pub first: Option<usize>,
}

/// Along `axis`, the place of the largest (or the smallest) element: the first of equal ones, the first NaN if there is
/// one. Nothing flows back.
///
/// The place is a whole number of the number type: an axis longer than it holds exactly (2²⁴ for `f32`) is an error.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[2.0_f32, 5.0, 5.0], [1.0, 0.0, 1.0]]);
/// assert_eq!(x.argmax(1).to_indices().as_slice(), [1, 0]);
/// assert_eq!(x.argmin(1).to_indices().as_slice(), [0, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct ArgExtreme {
    /// Which one.
    pub which: Which,
    /// The axis that is searched.
    pub axis: isize,
    /// Whether it stays, with extent 1.
    pub keep: bool,
}

/// `y[…, k, …] = x[…, p[…, k, …], …]` along `axis`. Inputs: `x` and places `p`, which have the extents of `x` but along
/// the axis. Shape: that of `p`. Pull-back: `x ← g` added up where it came from; to the places, nothing.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([3.0_f32, 1.0, 2.0]));
/// let y = x.take_along(0, &x.argsort(0, false));
/// assert_eq!(y.value().to_vec(), [1.0, 2.0, 3.0]);
/// let gradients = y.backward_with(&Tensor::from([10.0, 20.0, 30.0]));
/// assert_eq!(gradients.of(&x).or_zeros().to_vec(), [30.0, 10.0, 20.0]);
/// ```
#[derive(Clone, Debug)]
pub struct TakeAlong {
    pub(crate) axis: isize,
    /// What every place is below.
    pub(crate) below: usize,
}

/// The adjoint of [`TakeAlong`]: `y[…, p[…, k, …], …] += x[…, k, …]` into zeros. Inputs: `x` and places `p` of one shape.
/// Shape: the same, but for the axis, which has the extent that was taken from. Pull-back: `g` taken along the places.
///
/// ```
/// use autograd::prelude::*;
/// let places = Tensor::from([3.0_f32, 1.0, 2.0]).top_k(0, 2, false).1;
/// assert_eq!(Tensor::from([10.0, 20.0]).put_along(0, &places).to_vec(), [0.0, 10.0, 20.0]);
/// ```
#[derive(Clone, Debug)]
pub struct PutAlong {
    pub(crate) axis: isize,
    pub(crate) extent: usize,
}

/// The axis, if the number type can name every place along it.
fn countable<T: Real>(axis: isize, shape: &Shape) -> Result<usize, Error> {
    let axis = resolve_axis(axis, shape.rank())?;
    check_countable::<T>(&format!("axis {axis}"), "axis", shape[axis])?;
    Ok(axis)
}

/// Whether the number type can name so many places of `what`, a `part` of a shape.
pub(super) fn check_countable<T: Real>(what: &str, part: &str, places: usize) -> Result<(), Error> {
    let most = 2.0 / T::EPSILON.to_f64();
    if places as f64 <= most {
        return Ok(());
    }
    Err(Error::value(
        format!("{what} has {places} places, but {} holds whole numbers exactly only up to {most}", T::NAME),
        format!("cut the {part} into pieces, or compute in f64"),
    ))
}

/// The decisions that places are.
pub(super) fn decisions<T: Real>(y: &Tensor<T>) -> Vec<u64> {
    y.to_vec().iter().map(|place| 1 + place.to_f64() as u64).collect()
}

impl<T: Real> Op<T> for ArgSort {
    fn name(&self) -> &'static str {
        "argsort"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let axis = countable::<T>(self.axis, &inputs[0])?;
        let extent = inputs[0][axis];
        match self.first {
            Some(first) if first > extent => Err(Error::value(
                format!("the first {first} of axis {axis} of shape {} are asked for, which has {extent}", inputs[0]),
                format!("ask for {extent} at most"),
            )),
            first => Ok(inputs[0].with_extent(axis, first.unwrap_or(extent))),
        }
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let axis = resolve_axis(self.axis, shape.rank()).unwrap_or_default();
        kernel::sort(x[0], axis, self.descending, Tensor::unset(shape))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| None)
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.zeros()
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = vec![("axis", self.axis.to_string())];
        if self.descending {
            constants.push(("descending", "true".to_string()));
        }
        constants.extend(self.first.map(|first| ("first", first.to_string())));
        constants
    }
    fn decisions(&self, _: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        decisions(y)
    }
}

impl<T: Real> Op<T> for ArgExtreme {
    fn name(&self) -> &'static str {
        match self.which {
            Which::Max => "argmax",
            Which::Min => "argmin",
        }
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let axis = countable::<T>(self.axis, &inputs[0])?;
        let shape = inputs[0].reduced(&[axis], self.keep);
        if inputs[0][axis] == 0 && shape.elements() > 0 {
            return Err(Error::shape(
                format!("nothing to choose from: axis {axis} of shape {} has no places", inputs[0]),
                "check for an empty input first",
            ));
        }
        Ok(shape)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let axis = resolve_axis(self.axis, x[0].shape().rank()).unwrap_or_default();
        kernel::extreme(x[0], axis, self.which == Which::Max, Tensor::unset(shape))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| None)
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.zeros()
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = vec![("axis", self.axis.to_string())];
        if self.keep {
            constants.push(("keep", "true".to_string()));
        }
        constants
    }
    fn decisions(&self, _: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        decisions(y)
    }
}

impl<T: Real> Op<T> for TakeAlong {
    fn name(&self) -> &'static str {
        "take_along"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (x, places) = (inputs[0], inputs[1]);
        let axis = resolve_axis(self.axis, x.rank())?;
        if places.rank() != x.rank() || places.with_extent(axis, 0) != x.with_extent(axis, 0) {
            return Err(Error::shape(
                format!("places of shape {places} do not fit a value of shape {x}"),
                format!(
                    "they must agree in every axis but axis {axis}; give the places back an axis with `.unsqueeze`"
                ),
            ));
        }
        if self.below > x[axis] && places.elements() > 0 {
            return Err(Error::index(
                format!("places below {} in an axis of {}: axis {axis} of shape {x}", self.below, x[axis]),
                "take along the axis that the places were found on, or from a value that is as long",
            ));
        }
        Ok(places)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::take(x[0], x[1], resolve_axis(self.axis, shape.rank()).unwrap_or_default())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            if i > 0 {
                return None;
            }
            let shape = at.input_shape(0);
            let extent = shape[resolve_axis(self.axis, shape.rank()).unwrap_or_default()];
            Some(A::apply(PutAlong { axis: self.axis, extent }, &[at.cotangent(), at.input(1)]))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, tangent| (i == 0).then(|| A::apply(self.clone(), &[tangent, at.input(1)])))
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 2, output: false }
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
}

impl<T: Real> Op<T> for PutAlong {
    fn name(&self) -> &'static str {
        "put_along"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let axis = resolve_axis(self.axis, inputs[0].rank())?;
        if inputs[0] != inputs[1] {
            return Err(Error::shape(
                format!("a value of shape {} and places of shape {}", inputs[0], inputs[1]),
                "give one place for each element",
            ));
        }
        Ok(inputs[0].with_extent(axis, self.extent))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::put(x[0], x[1], resolve_axis(self.axis, shape.rank()).unwrap_or_default(), shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let take = TakeAlong { axis: self.axis, below: self.extent };
        at.each(|i| (i == 0).then(|| A::apply(take.clone(), &[at.cotangent(), at.input(1)])))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, tangent| (i == 0).then(|| A::apply(self.clone(), &[tangent, at.input(1)])))
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 2, output: false }
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string()), ("extent", self.extent.to_string())]
    }
}
