//! Rims around arrays.

use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::pad as kernel;
use crate::{Array, Error, Shape, Tensor};

/// What a rim is filled with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Padding {
    /// A number.
    Constant(f64),
    /// The elements mirrored at the edge, which is not repeated: `c b | a b c | b a`.
    Reflect,
    /// The edge repeated: `a a | a b c | c c`.
    Replicate,
}

/// `x` with a rim: along each axis so many places before it and after it. Pull-back: `x ← g` added up where it came from;
/// what a constant filled gets nothing.
///
/// Shape: each extent grows by its two pads. A reflected pad must be smaller than its extent.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
/// assert_eq!(x.pad(&[[1, 2]], Padding::Constant(9.0)).to_vec(), [9.0, 1.0, 2.0, 3.0, 9.0, 9.0]);
/// assert_eq!(x.pad(&[[1, 2]], Padding::Reflect).to_vec(), [2.0, 1.0, 2.0, 3.0, 2.0, 1.0]);
/// assert_eq!(x.pad(&[[1, 2]], Padding::Replicate).to_vec(), [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Pad {
    /// The places before and after, for each axis.
    pub pads: Few<[usize; 2]>,
    /// What they are filled with.
    pub padding: Padding,
}

/// The adjoint of [`Pad`]: the elements of a padded array added into zeros of `shape` where they came from. Pull-back:
/// `g`, padded (with zeros, if it was a constant).
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::pad::{Pad, Unpad};
/// let pad = Pad { pads: [[1, 0]][..].into(), padding: Padding::Replicate };
/// let back = Tensor::apply(Unpad { pad, shape: Shape::from([2]) }, &[&Tensor::from([1.0_f32, 2.0, 4.0])]);
/// assert_eq!(back.to_vec(), [3.0, 4.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Unpad {
    /// The padding that is undone.
    pub pad: Pad,
    /// The shape before it.
    pub shape: Shape,
}

impl Pad {
    /// For each axis of `shape`, where each place of the padded one comes from.
    fn sources(&self, shape: &Shape) -> Vec<Vec<usize>> {
        let source = |place: usize, before: usize, extent: usize| match (self.padding, place.checked_sub(before)) {
            (_, Some(at)) if at < extent => at,
            (Padding::Constant(_), _) => kernel::OUTSIDE,
            (Padding::Replicate, None) => 0,
            (Padding::Replicate, Some(_)) => extent - 1,
            (Padding::Reflect, None) => before - place,
            (Padding::Reflect, Some(at)) => 2 * (extent - 1) - at,
        };
        let axes = self.pads.iter().zip(shape.iter());
        axes.map(|(&[before, after], &extent)| {
            (0..before + extent + after).map(|place| source(place, before, extent)).collect()
        })
        .collect()
    }

    fn value<T: Real>(&self) -> T {
        match self.padding {
            Padding::Constant(value) => T::from_f64(value),
            _ => T::ZERO,
        }
    }

    /// The same, with zeros for a constant: what tangents are padded with.
    fn with_zeros(&self) -> Self {
        match self.padding {
            Padding::Constant(_) => Pad { padding: Padding::Constant(0.0), ..self.clone() },
            _ => self.clone(),
        }
    }
}

impl<T: Real> Op<T> for Pad {
    fn name(&self) -> &'static str {
        "pad"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let shape = inputs[0];
        if self.pads.len() != shape.rank() {
            return Err(Error::shape(
                format!("{} of [before, after] for shape {shape}, which has {} axes", self.pads.len(), shape.rank()),
                "give [before, after] for every axis; [0, 0] leaves one as it is",
            ));
        }
        let mut extents: Few<usize> = Few::new();
        for (axis, (&[before, after], &extent)) in self.pads.iter().zip(shape.iter()).enumerate() {
            let largest = before.max(after);
            match self.padding {
                Padding::Reflect if largest > 0 && largest >= extent => {
                    return Err(Error::shape(
                        format!(
                            "pads [{before}, {after}] at axis {axis} of shape {shape}: {extent} places cannot be mirrored so far"
                        ),
                        match extent {
                            0 => "an empty axis has nothing to mirror; pad it with a constant".to_string(),
                            _ => format!("the edge is not repeated, so a reflected pad is {} at most here", extent - 1),
                        },
                    ));
                }
                Padding::Replicate if largest > 0 && extent == 0 => {
                    return Err(Error::shape(
                        format!(
                            "pads [{before}, {after}] at axis {axis} of shape {shape}, which has no edge to repeat"
                        ),
                        "pad an empty axis with a constant",
                    ));
                }
                _ => {}
            }
            extents.push(before.saturating_add(after).saturating_add(extent));
        }
        Shape::try_new(&extents)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::pad(x[0], shape, &self.sources(&x[0].shape()), self.value())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| A::apply(Unpad { pad: self.clone(), shape: at.input_shape(i) }, &[at.cotangent()]))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|_, t| A::apply(self.with_zeros(), &[t]))
    }
    fn is_linear(&self) -> bool {
        self.value::<T>() == T::ZERO
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let padding = match self.padding {
            Padding::Constant(value) => ("value", value.to_string()),
            Padding::Reflect => ("padding", "reflect".to_string()),
            Padding::Replicate => ("padding", "replicate".to_string()),
        };
        vec![("pads", format!("{:?}", &self.pads[..])), padding]
    }
}

impl<T: Real> Op<T> for Unpad {
    fn name(&self) -> &'static str {
        "unpad"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let expected = Op::<T>::infer(&self.pad, &[self.shape])?;
        if expected == inputs[0] {
            return Ok(self.shape);
        }
        Err(Error::shape(
            format!("shape {} is not that of the padded array, {expected}", inputs[0]),
            "give it the padded shape",
        ))
    }
    fn forward(&self, g: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::unpad(g[0], shape, &self.pad.sources(&shape))
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(self.pad.with_zeros(), &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        Op::<T>::constants(&self.pad)
    }
}
