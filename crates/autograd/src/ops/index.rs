//! Picking elements by whole numbers, and putting them back.

use super::per_sample::{PerSample, SampleMessages, behind};
use super::{Few, Messages, Op, Pullback, Saves};
use crate::algebra::Real;
use crate::kernels::segments::add_rows;
use crate::shape::resolve_axis;
use crate::{Array, Error, Indices, Interpretation, Shape, Shaping, Tensor};
use smallvec::SmallVec;

/// `y` takes the slices `indices` of `x` along `axis`; the indices may repeat and have any shape, which replaces the
/// axis. Pull-back: `x ←` the slices of `g` added up where they came from. An embedding is this along axis 0.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.index_select(0, [1, 1, 0]).to_vec(), [3.0, 4.0, 3.0, 4.0, 1.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct IndexSelect {
    /// The axis that is picked from.
    pub axis: isize,
    /// Which slices.
    pub indices: Indices,
}

impl<T: Real> Op<T> for IndexSelect {
    fn name(&self) -> &'static str {
        "index_select"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let axis = resolve_axis(self.axis, inputs[0].rank())?;
        self.indices.check_below(inputs[0][axis], &format!("slices along axis {axis}"))?;
        let mut extents: SmallVec<[usize; 8]> = SmallVec::from_slice(&inputs[0][..axis]);
        extents.extend_from_slice(&self.indices.shape());
        extents.extend_from_slice(&inputs[0][axis + 1..]);
        Shape::try_new(&extents)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let from = x[0].shape();
        let axis = resolve_axis(self.axis, from.rank()).unwrap_or_default();
        let inner: usize = from[axis + 1..].iter().product();
        let (x, mut y) = (x[0].contiguous(), Tensor::unset(shape));
        let picked = self.indices.as_slice();
        if let (Some(data), true) = (x.as_slice(), shape.elements() > 0) {
            let blocks = data.chunks_exact(from[axis] * inner);
            for (block, out) in blocks.zip(y.make_mut().chunks_exact_mut(picked.len() * inner)) {
                for (&index, out) in picked.iter().zip(out.chunks_exact_mut(inner)) {
                    out.copy_from_slice(&block[index * inner..][..inner]);
                }
            }
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| {
            let shape = at.input_shape(i);
            let op = IndexAdd { axis: self.axis, indices: self.indices.clone(), shape };
            A::apply(op, &[at.cotangent()])
        })
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    /// Along the first axis, all samples pick from one table; along another, each from its own row.
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let table = at.input_shape(0);
        if resolve_axis(self.axis, table.rank()).ok()? > 0 {
            return Some(at.rows(self.vjp(at)));
        }
        // One table a sample, one after the other, so that all go into place at once.
        let (samples, picked) = (self.indices.shape().first().copied()?, self.indices.as_slice());
        let each = picked.len().checked_div(samples).unwrap_or(0).max(1);
        let shifted: Vec<usize> = picked.iter().enumerate().map(|(i, &row)| i / each * table[0] + row).collect();
        let rows = table.with_extent(0, picked.len());
        let add = IndexAdd { axis: 0, indices: shifted.into(), shape: table.with_extent(0, samples * table[0]) };
        let tables = Tensor::apply(add, &[&at.cotangent().reshape(rows)]);
        Some(Few::from_iter([Some(PerSample::Each(tables.reshape(behind(samples, &table))))]))
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
}

/// The adjoint of [`IndexSelect`]: the slices of the input added into zeros of `shape` at `indices` along `axis`.
/// Pull-back: the same slices of `g`.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::index::IndexAdd;
/// let add = IndexAdd { axis: 0, indices: [1, 1].into(), shape: Shape::from([3]) };
/// assert_eq!(Tensor::apply(add, &[&Tensor::from([1.0_f32, 2.0])]).to_vec(), [0.0, 3.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct IndexAdd {
    /// The axis that is added along.
    pub axis: isize,
    /// Where each slice goes.
    pub indices: Indices,
    /// The shape of the result.
    pub shape: Shape,
}

impl<T: Real> Op<T> for IndexAdd {
    fn name(&self) -> &'static str {
        "index_add"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let select = IndexSelect { axis: self.axis, indices: self.indices.clone() };
        let expected = Op::<T>::infer(&select, &[self.shape])?;
        if expected == inputs[0] {
            return Ok(self.shape);
        }
        Err(Error::shape(
            format!("shape {} where {expected} is to be added into {}", inputs[0], self.shape),
            "give one slice for each index",
        ))
    }
    fn forward(&self, g: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let axis = resolve_axis(self.axis, shape.rank()).unwrap_or_default();
        let inner: usize = shape[axis + 1..].iter().product();
        let (g, mut y) = (g[0].contiguous(), Tensor::zeros(shape));
        let places = self.indices.as_slice();
        if let (Some(data), true) = (g.as_slice(), g.elements() > 0) {
            let blocks = data.chunks_exact(places.len() * inner);
            for (block, out) in blocks.zip(y.make_mut().chunks_exact_mut(shape[axis] * inner)) {
                add_rows(places, block, out, inner);
            }
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| at.cotangent().index_select(self.axis, &self.indices))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
}

/// `y[i, j, …] = x[…]` with the coordinate along `axis` replaced by `indices[i, j, …]`. The indices have the rank of `x`
/// and no larger extents elsewhere. Pull-back: `x ← g` added up where it came from.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.gather(1, Indices::new(vec![1, 0], [2, 1])).to_vec(), [2.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Gather {
    /// The axis that is picked along.
    pub axis: isize,
    /// Which element, for each place of the result.
    pub indices: Indices,
}

impl Gather {
    /// Calls `visit` with each place in the indices and the place in a row-major tensor of `shape` that it names.
    fn places(&self, shape: &Shape, mut visit: impl FnMut(usize, usize)) {
        let axis = resolve_axis(self.axis, shape.rank()).unwrap_or_default();
        let (own, strides) = (self.indices.shape(), shape.strides());
        for (place, &index) in self.indices.as_slice().iter().enumerate() {
            let mut rest = place;
            let mut at = index as isize * strides[axis];
            for (i, &extent) in own.iter().enumerate().rev() {
                if i != axis {
                    at += (rest % extent) as isize * strides[i];
                }
                rest /= extent;
            }
            visit(place, at as usize);
        }
    }
}

impl<T: Real> Op<T> for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let (shape, own) = (inputs[0], self.indices.shape());
        let axis = resolve_axis(self.axis, shape.rank())?;
        if own.rank() != shape.rank() || (0..own.rank()).any(|i| i != axis && own[i] > shape[i]) {
            return Err(Error::shape(
                format!("indices of shape {own} do not fit a value of shape {shape}"),
                format!(
                    "give indices of rank {} that reach no further than the value, except along axis {axis}",
                    shape.rank()
                ),
            ));
        }
        self.indices.check_below(shape[axis], &format!("elements along axis {axis}"))?;
        Ok(own)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (x, mut y) = (x[0].contiguous(), Tensor::unset(shape));
        if let Some(data) = x.as_slice() {
            let out = y.make_mut();
            self.places(&x.shape(), |place, from| out[place] = data[from]);
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| A::apply(ScatterAdd { gather: self.clone(), shape: at.input_shape(i) }, &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("axis", self.axis.to_string())]
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        resolve_axis(self.axis, input.rank()).is_ok_and(|axis| axis > 0) && input[0] == output[0]
    }
}

/// The adjoint of [`Gather`]: the input added into zeros of `shape` at the places that the gather reads.
/// Pull-back: the gather of `g`.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::index::{Gather, ScatterAdd};
/// let gather = Gather { axis: 0, indices: [2, 2].into() };
/// let add = ScatterAdd { gather, shape: Shape::from([3]) };
/// assert_eq!(Tensor::apply(add, &[&Tensor::from([1.0_f32, 5.0])]).to_vec(), [0.0, 0.0, 6.0]);
/// ```
#[derive(Clone, Debug)]
pub struct ScatterAdd {
    /// The gather that is undone.
    pub gather: Gather,
    /// The shape of the result.
    pub shape: Shape,
}

impl<T: Real> Op<T> for ScatterAdd {
    fn name(&self) -> &'static str {
        "scatter_add"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let expected = Op::<T>::infer(&self.gather, &[self.shape])?;
        if expected == inputs[0] {
            return Ok(self.shape);
        }
        Err(Error::shape(
            format!("shape {} where {expected} is to be added into {}", inputs[0], self.shape),
            "give one element for each index",
        ))
    }
    fn forward(&self, g: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (g, mut y) = (g[0].contiguous(), Tensor::zeros(shape));
        if let Some(data) = g.as_slice() {
            let out = y.make_mut();
            self.gather.places(&shape, |place, to| out[to] += data[place]);
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(self.gather.clone(), &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
}
