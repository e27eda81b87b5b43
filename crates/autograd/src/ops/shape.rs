//! The same elements under other shapes: views, pieces, and what puts pieces together.

use super::per_sample::SampleMessages;
use super::{Few, Messages, Op, Pullback, Saves};
use crate::algebra::Real;
use crate::kernels::elementwise;
use crate::shape::resolve_axis;
use crate::{Array, Axes, Error, Shape, Tensor};
use smallvec::SmallVec;
use std::ops::RangeInclusive;
use std::ops::{Bound, RangeBounds};

/// A shape to reshape to; one extent may be −1 and is then worked out.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::<f32>::zeros([4, 3]).reshape([2, -1]).shape(), Shape::from([2, 6]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extents(SmallVec<[isize; 4]>);

impl<const N: usize> From<[isize; N]> for Extents {
    fn from(extents: [isize; N]) -> Self {
        Extents(SmallVec::from_slice(&extents))
    }
}
impl From<&[isize]> for Extents {
    fn from(extents: &[isize]) -> Self {
        Extents(SmallVec::from_slice(extents))
    }
}
impl From<Shape> for Extents {
    fn from(shape: Shape) -> Self {
        Extents(shape.iter().map(|&extent| extent as isize).collect())
    }
}

/// `y` has the elements of `x`, row-major, in another shape. Pull-back: `x ← g` reshaped back. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1.0_f32, 2.0]).reshape([2, 1]), Tensor::from([[1.0], [2.0]]));
/// ```
#[derive(Clone, Debug)]
pub struct Reshape {
    /// The new shape.
    pub to: Extents,
}

impl<T: Real> Op<T> for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (from, wanted) = (inputs[0], &self.to.0);
        let open = wanted.iter().filter(|&&extent| extent < 0).count();
        let known: usize = wanted.iter().filter(|&&extent| extent >= 0).map(|&extent| extent as usize).product();
        let fits = match open {
            0 => known == from.elements(),
            1 => known != 0 && from.elements() % known == 0 && wanted.iter().all(|&extent| extent >= -1),
            _ => false,
        };
        if !fits {
            return Err(Error::shape(
                format!("the {} elements of shape {from} do not fit {:?}", from.elements(), wanted.as_slice()),
                "the product of the extents must be the number of elements; one extent may be -1 to be worked out",
            ));
        }
        let extents: SmallVec<[usize; 8]> =
            wanted.iter().map(|&extent| if extent < 0 { from.elements() / known } else { extent as usize }).collect();
        Shape::try_new(&extents)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        x[0].reshaped(shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.cotangent().reshape(at.input_shape(i)))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        input.first() == output.first()
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("to", format!("{:?}", self.to.0.as_slice()))]
    }
}

/// Axis `i` of `y` is axis `axes[i]` of `x`. Pull-back: the inverse permutation of `g`. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::<f32>::zeros([2, 3, 4]).permute([2, 0, 1]).shape(), Shape::from([4, 2, 3]));
/// ```
#[derive(Clone, Debug)]
pub struct Permute {
    /// Where each axis comes from.
    pub axes: SmallVec<[isize; 4]>,
}

impl Permute {
    fn order(&self, rank: usize) -> Result<SmallVec<[usize; 4]>, Error> {
        let order: SmallVec<[usize; 4]> =
            self.axes.iter().map(|&axis| resolve_axis(axis, rank)).collect::<Result<_, _>>()?;
        let named_once = (0..rank).all(|axis| order.iter().filter(|&&a| a == axis).count() == 1);
        if order.len() == rank && named_once {
            return Ok(order);
        }
        Err(Error::axis(
            format!("{:?} is not an order of {rank} axes", self.axes.as_slice()),
            "name each axis exactly once",
        ))
    }
}

impl<T: Real> Op<T> for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let order = self.order(inputs[0].rank())?;
        Ok(Shape::of(&order.iter().map(|&axis| inputs[0][axis]).collect::<SmallVec<[usize; 8]>>()))
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0].permuted(&self.order(x[0].shape().rank()).unwrap_or_default())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let order = self.order(self.axes.len()).unwrap_or_default();
        let mut inverse: SmallVec<[isize; 4]> = SmallVec::from_elem(0, order.len());
        for (i, &axis) in order.iter().enumerate() {
            inverse[axis] = i as isize;
        }
        at.each(|_| A::apply(Permute { axes: inverse.clone() }, &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        self.order(input.rank()).is_ok_and(|order| order.first() == Some(&0))
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axes", format!("{:?}", self.axes.as_slice()))]
    }
}

/// The last two axes exchanged. Pull-back: `gᵀ`. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([[1.0_f32, 2.0]]).transpose(), Tensor::from([[1.0], [2.0]]));
/// ```
#[derive(Clone, Debug)]
pub struct Transpose;

impl<T: Real> Op<T> for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (shape, rank) = (inputs[0], inputs[0].rank());
        if rank < 2 {
            return Err(Error::axis(
                format!("shape {shape} has no two axes to exchange"),
                "a vector has no transpose; make it a row with `.unsqueeze(0)` or a column with `.unsqueeze(-1)`",
            ));
        }
        Ok(shape.with_extent(rank - 2, shape[rank - 1]).with_extent(rank - 1, shape[rank - 2]))
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0].transposed()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| at.cotangent().transpose())
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        input.rank() > 2
    }
}

/// `x` stretched to `shape`. Pull-back: `x ← Σ g` over the added and the stretched axes. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1.0_f32, 2.0]).broadcast_to([2, 2]).to_vec(), [1.0, 2.0, 1.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct BroadcastTo {
    /// The shape of the result.
    pub shape: Shape,
}

impl<T: Real> Op<T> for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        if inputs[0].broadcast(&self.shape) == Some(self.shape) {
            return Ok(self.shape);
        }
        Err(Error::shape(
            format!("shape {} does not broadcast to {}", inputs[0], self.shape),
            "axes are matched from the last one; an extent must be 1 or the one that is asked for",
        ))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        x[0].broadcasted(shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.cotangent().sum_to(at.input_shape(i)))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        Some(Few::from_iter([Some(at.unstretched(0, at.cotangent().clone()))]))
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("shape", self.shape.to_string())]
    }
}

/// The axes of extent 1 named in `axes` removed (all of them for `..`). Pull-back: `x ← g` reshaped back. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::<f32>::zeros([1, 3, 1]).squeeze(-1).shape(), Shape::from([1, 3]));
/// assert_eq!(Tensor::<f32>::zeros([1, 3, 1]).squeeze(..).shape(), Shape::from([3]));
/// ```
#[derive(Clone, Debug)]
pub struct Squeeze {
    /// The axes that go.
    pub axes: Axes,
}

impl<T: Real> Op<T> for Squeeze {
    fn name(&self) -> &'static str {
        "squeeze"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let shape = inputs[0];
        let axes: SmallVec<[usize; 4]> = match self.axes {
            Axes::All => (0..shape.rank()).filter(|&axis| shape[axis] == 1).collect(),
            Axes::These(_) => self.axes.resolve(&shape)?,
        };
        if let Some(&axis) = axes.iter().find(|&&axis| shape[axis] != 1) {
            return Err(Error::axis(
                format!("axis {axis} of shape {shape} has extent {}, not 1", shape[axis]),
                "only axes of extent 1 can be removed; reduce or reshape the others",
            ));
        }
        Ok(shape.reduced(&axes, false))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        x[0].reshaped(shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.cotangent().reshape(at.input_shape(i)))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        input.first() == output.first()
    }
}

/// An axis of extent 1 inserted at place `axis` of the result. Pull-back: `x ← g` reshaped back. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::<f32>::zeros([3]).unsqueeze(0).shape(), Shape::from([1, 3]));
/// assert_eq!(Tensor::<f32>::zeros([3]).unsqueeze(-1).shape(), Shape::from([3, 1]));
/// ```
#[derive(Clone, Debug)]
pub struct Unsqueeze {
    /// The place of the new axis in the result.
    pub axis: isize,
}

impl<T: Real> Op<T> for Unsqueeze {
    fn name(&self) -> &'static str {
        "unsqueeze"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        inputs[0].with_inserted(resolve_axis(self.axis, inputs[0].rank() + 1)?, 1)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        x[0].reshaped(shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.cotangent().reshape(at.input_shape(i)))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        input.first() == output.first()
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
}

/// Every `step`-th element along `axis` from `start` up to but without `end`, as Python has it: negative places count
/// from the end, a negative step goes backwards. Pull-back: `g` put back into zeros. A view.
///
/// Clippy takes a range such as `1..-1`, written out, for a mistake: cut twice, with `1..` and `..-1`.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::<f32>::arange(5);
/// assert_eq!(x.slice(0, 1..3).to_vec(), [1.0, 2.0]);
/// assert_eq!(x.slice(0, ..-1).to_vec(), [0.0, 1.0, 2.0, 3.0]);
/// assert_eq!(x.slice_step(0, .., -2).to_vec(), [4.0, 2.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Slice {
    /// The axis that is cut.
    pub axis: isize,
    /// The first place, or none for the beginning.
    pub start: Option<isize>,
    /// The place before which it ends, or none for the end.
    pub end: Option<isize>,
    /// The distance between elements; not 0.
    pub step: isize,
}

/// Where a slice starts, in which steps it goes, and how many elements it takes.
#[derive(Clone, Copy, Debug)]
struct Run {
    axis: usize,
    start: usize,
    length: usize,
}

impl Slice {
    /// The slice of `axis` over a range of places.
    pub fn new(axis: isize, range: impl RangeBounds<isize>, step: isize) -> Self {
        let start = match range.start_bound() {
            Bound::Included(&place) => Some(place),
            Bound::Excluded(&place) => Some(place + 1),
            Bound::Unbounded => None,
        };
        let end = match range.end_bound() {
            // Up to and including the last element, −1, is no bound at all.
            Bound::Included(&-1) => None,
            Bound::Included(&place) => Some(place + 1),
            Bound::Excluded(&place) => Some(place),
            Bound::Unbounded => None,
        };
        Slice { axis, start, end, step }
    }

    fn run(&self, shape: &Shape) -> Result<Run, Error> {
        let axis = resolve_axis(self.axis, shape.rank())?;
        if self.step == 0 {
            return Err(Error::value("a step of 0 goes nowhere", "use a step of 1, or a negative one to go backwards"));
        }
        let extent = shape[axis] as isize;
        let (lowest, highest) = if self.step > 0 { (0, extent) } else { (-1, extent - 1) };
        let place = |place: Option<isize>, otherwise: isize| match place {
            None => otherwise,
            Some(place) => (if place < 0 { place + extent } else { place }).clamp(lowest, highest),
        };
        let (start, end) = if self.step > 0 {
            (place(self.start, 0), place(self.end, extent))
        } else {
            (place(self.start, extent - 1), place(self.end, -1))
        };
        let span = if self.step > 0 { end - start } else { start - end };
        let length = if span <= 0 { 0 } else { (span - 1) / self.step.abs() + 1 };
        Ok(Run { axis, start: start.max(0) as usize, length: length as usize })
    }

    /// Puts `x`, of the slice's shape, where the slice of an array `y` of this shape came from, a piece at a time.
    fn put_back<T: Real>(&self, x: &Tensor<T>, shape: Shape, y: &mut [T], put: impl Fn(&mut [T], &[T])) {
        let x = x.contiguous();
        let (Some(data), Ok(run)) = (x.as_slice(), self.run(&shape)) else { return };
        if data.is_empty() {
            return;
        }
        let inner: usize = shape[run.axis + 1..].iter().product();
        // What lies side by side is one piece.
        let (length, piece) = if self.step == 1 { (1, run.length * inner) } else { (run.length, inner) };
        for (x, y) in data.chunks_exact(length * piece).zip(y.chunks_exact_mut(shape[run.axis] * inner)) {
            for (k, x) in x.chunks_exact(piece).enumerate() {
                let place = (run.start as isize + k as isize * self.step) as usize;
                put(&mut y[place * inner..][..piece], x);
            }
        }
    }
}

impl<T: Real> Op<T> for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let run = self.run(&inputs[0])?;
        Ok(inputs[0].with_extent(run.axis, run.length))
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        match self.run(&x[0].shape()) {
            Ok(run) => x[0].sliced(run.axis, run.start, self.step, run.length),
            Err(error) => error.raise("slice"),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| A::apply(Unslice { slice: self.clone(), shape: at.input_shape(i) }, &[at.cotangent()]))
    }
    /// The places of the slice alone: many slices of one array cost what the array costs, and not its square.
    fn vjp_add(&self, at: &Pullback<Tensor<T>>, i: usize, sum: &mut Tensor<T>) -> bool {
        self.put_back(at.cotangent(), at.input_shape(i), sum.make_mut(), elementwise::add_assign);
        true
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let place = |place: Option<isize>| place.map_or(String::new(), |place| place.to_string());
        let range = format!("{}..{}", place(self.start), place(self.end));
        let mut constants = vec![("axis", self.axis.to_string()), ("range", range)];
        if self.step != 1 {
            constants.push(("step", self.step.to_string()));
        }
        constants
    }
}

/// The adjoint of [`Slice`]: its input in the places of the slice, zeros elsewhere. Pull-back: the slice of `g`.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::shape::{Slice, Unslice};
/// let put_back = Unslice { slice: Slice::new(0, 1..3, 1), shape: Shape::from([4]) };
/// assert_eq!(Tensor::apply(put_back, &[&Tensor::from([1.0_f32, 2.0])]).to_vec(), [0.0, 1.0, 2.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Unslice {
    /// The slice that is undone.
    pub slice: Slice,
    /// The shape that it was cut from.
    pub shape: Shape,
}

impl<T: Real> Op<T> for Unslice {
    fn name(&self) -> &'static str {
        "unslice"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let run = self.slice.run(&self.shape)?;
        if self.shape.with_extent(run.axis, run.length) == inputs[0] {
            return Ok(self.shape);
        }
        Err(Error::shape(format!("shape {} is not that of the slice", inputs[0]), "give it the slice's shape"))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let mut y = Tensor::zeros(shape);
        self.slice.put_back(x[0], shape, y.make_mut(), |y, x| y.copy_from_slice(x));
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(self.slice.clone(), &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
}

/// The inputs one after the other along `axis`. Pull-back: to each its slice of `g`.
///
/// ```
/// use autograd::prelude::*;
/// let (a, b) = (Tensor::from([1.0_f32]), Tensor::from([2.0, 3.0]));
/// assert_eq!(Tensor::concat(&[&a, &b], 0).to_vec(), [1.0, 2.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Concat {
    /// The axis along which they follow each other.
    pub axis: isize,
    /// The extents of the inputs along it.
    pub extents: Few<usize>,
}

impl Concat {
    /// The concatenation of values of these shapes along `axis`.
    pub fn new(axis: isize, inputs: &[Shape]) -> Self {
        let extent = |shape: &Shape| resolve_axis(axis, shape.rank()).map_or(0, |axis| shape[axis]);
        Concat { axis, extents: inputs.iter().map(extent).collect() }
    }
}

impl<T: Real> Op<T> for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        self.extents.len()..=self.extents.len()
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let first = inputs[0];
        let axis = resolve_axis(self.axis, first.rank())?;
        for other in inputs {
            if other.rank() != first.rank() || other.with_extent(axis, 0) != first.with_extent(axis, 0) {
                return Err(Error::shape(
                    format!("shapes {first} and {other} differ elsewhere than along axis {axis}"),
                    "all inputs must agree in every axis but the one along which they are joined",
                ));
            }
        }
        Ok(first.with_extent(axis, self.extents.iter().sum()))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let axis = resolve_axis(self.axis, shape.rank()).unwrap_or_default();
        let inner: usize = shape[axis + 1..].iter().product();
        let row = shape[axis] * inner;
        let mut y = Tensor::unset(shape);
        let out = y.make_mut();
        let mut start = 0;
        for (x, &extent) in x.iter().zip(&self.extents) {
            let (x, length) = (x.contiguous(), extent * inner);
            if let (Some(data), true) = (x.as_slice(), length > 0) {
                for (from, to) in data.chunks_exact(length).zip(out.chunks_exact_mut(row)) {
                    to[start..start + length].copy_from_slice(from);
                }
            }
            start += length;
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let start: usize = self.extents[..i].iter().sum();
            at.cotangent().slice(self.axis, start as isize..(start + self.extents[i]) as isize)
        })
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, input: &Shape, _: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
}
