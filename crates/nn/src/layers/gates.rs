//! Activations with parameters, or of two halves.

use super::fits;
use crate::Module;
use autograd::algebra::Real;
use autograd::{Array, Error, Layer, Param, Tensor};

/// `x` if `x > 0`, else `a x`, with a learned slope `a`: one, or one a channel, axis 1; its derivative at 0 is `a`. Shape: that of `x`. Source: He, Zhang,
/// Ren and Sun, 2015.
///
/// ```
/// use nn::prelude::*;
/// assert_eq!(PRelu::<f32>::new(1).forward(Tensor::from([-4.0, 2.0])).to_vec(), [-1.0, 2.0]);
/// ```
#[derive(Clone, Debug, Module)]
pub struct PRelu<T: Real = f32> {
    /// `a`, one number, or one a channel.
    pub weight: Param<T>,
}

impl<T: Real> PRelu<T> {
    /// With slopes 0.25, as PyTorch has it: one for all, or one for each of so many channels.
    pub fn new(channels: usize) -> Self {
        PRelu { weight: Param::new(Tensor::full([channels], T::from_f64(0.25))) }
    }
}

impl<T: Real> Layer<T> for PRelu<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("PRelu");
        let (shape, channels) = (x.shape(), self.weight.value().elements());
        let fits = channels == 1 || shape.get(1) == Some(&channels);
        fits::takes(
            "PRelu",
            &self.weight,
            fits,
            || format!("inputs [batch, {channels}, …]"),
            shape,
            || "channels are axis 1: make the layer for those of the input, or with one slope for all".to_string(),
        );
        let mut slope = x.param(&self.weight);
        if channels > 1 && shape.rank() > 2 {
            let mut extents = vec![1; shape.rank() - 1];
            extents[0] = channels as isize;
            slope = slope.reshape(&extents[..]);
        }
        let positive = x.greater(&x.constant(&Tensor::scalar(T::ZERO)));
        positive.choose(&x, &(x.clone() * slope))
    }
}

/// `a · sigmoid(b)` of the first and the second half `a`, `b` of an axis: a gated linear unit. Shape: that of `x` with half as
/// many places along the axis. Source: Dauphin, Fan, Auli and Grangier, 2017.
///
/// ```
/// use nn::prelude::*;
/// assert_eq!(Glu { axis: -1 }.forward(Tensor::from([[3.0_f32, 0.0]])).to_vec(), [1.5]);
/// ```
///
/// # Panics
/// If the axis has no two halves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glu {
    /// The axis.
    pub axis: isize,
}

impl<T: Real> Module<T> for Glu {}

impl<T: Real> Layer<T> for Glu {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Glu");
        let halves = x.chunk(2, self.axis);
        match &halves[..] {
            [a, b] if a.shape() == b.shape() => a.clone() * b.sigmoid(),
            _ => Error::shape(
                format!("axis {} of an input of shape {} has no two halves", self.axis, x.shape()),
                "its extent must be even and not 0: make the layer before it twice as wide as its result",
            )
            .raise("Glu"),
        }
    }
}
