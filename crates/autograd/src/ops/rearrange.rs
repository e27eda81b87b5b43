//! The same elements in another order along an axis.

use super::{Messages, Op, Pullback, Saves};
use crate::algebra::Real;
use crate::shape::resolve_axis;
use crate::{Array, Axes, Error, Shape, Tensor};

/// `x` backwards along `axes`. Its own adjoint: `x ← g` backwards. Shape: that of `x`. A view.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1.0_f32, 2.0, 3.0]).flip(0).to_vec(), [3.0, 2.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Flip {
    /// The axes that are turned round.
    pub axes: Axes,
}

/// `x` moved `shift` places towards higher ones along `axis`; what leaves at one end enters at the other. Pull-back:
/// `x ← g` moved back. Shape: that of `x`.
///
/// ```
/// use autograd::prelude::*;
/// assert_eq!(Tensor::from([1.0_f32, 2.0, 3.0]).roll(1, 0).to_vec(), [3.0, 1.0, 2.0]);
/// assert_eq!(Tensor::from([1.0_f32, 2.0, 3.0]).roll(-1, 0).to_vec(), [2.0, 3.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Roll {
    /// By how many places; any whole number.
    pub shift: isize,
    /// The axis along which they move.
    pub axis: isize,
}

impl<T: Real> Op<T> for Flip {
    fn name(&self) -> &'static str {
        "flip"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        self.axes.resolve(&inputs[0]).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let axes = self.axes.resolve(&shape).unwrap_or_default();
        let turned = |x: Tensor<T>, &axis: &usize| x.sliced(axis, shape[axis].saturating_sub(1), -1, shape[axis]);
        axes.iter().fold(x[0].clone(), turned)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| at.cotangent().flip(self.axes.clone()))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        super::reduce::constants(&self.axes, false)
    }
}

impl Roll {
    /// The axis, and by how many places, fewer than there are, the elements move towards higher ones.
    fn places(&self, shape: &Shape) -> (usize, usize) {
        let axis = resolve_axis(self.axis, shape.rank()).unwrap_or_default();
        (axis, self.shift.rem_euclid(shape[axis].max(1) as isize) as usize)
    }
}

impl<T: Real> Op<T> for Roll {
    fn name(&self) -> &'static str {
        "roll"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        resolve_axis(self.axis, inputs[0].rank()).map(|_| inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let (axis, places) = self.places(&shape);
        let inner: usize = shape[axis + 1..].iter().product();
        let (x, mut y) = (x[0].contiguous(), Tensor::unset(shape));
        let (slab, moved) = (shape[axis] * inner, places * inner);
        if let (Some(data), true) = (x.as_slice(), slab > 0) {
            for (x, y) in data.chunks_exact(slab).zip(y.make_mut().chunks_exact_mut(slab)) {
                y[moved..].copy_from_slice(&x[..slab - moved]);
                y[..moved].copy_from_slice(&x[slab - moved..]);
            }
        }
        y
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.cotangent().roll(-(self.places(&at.input_shape(i)).1 as isize), self.axis))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("shift", self.shift.to_string()), ("axis", self.axis.to_string())]
    }
}
