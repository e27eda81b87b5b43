//! The reading of a program that knows only shapes.

use crate::algebra::{Real, formulas};
use crate::array::operators_by_apply;
use crate::error::Operand;
use crate::ops::{Few, Op, infer};
use crate::{AnyLayer, Error, Interpretation, Param, Shape, Tensor};
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value of which only the shape is known: a program fed `Shapes` tells the shape of its output, and nothing is
/// computed.
///
/// ```
/// use autograd::prelude::*;
/// let x = Shapes::<f32>::new([8, 3]);
/// assert_eq!(x.matmul(&Shapes::new([3, 5])).sum_axes(0).shape(), Shape::from([5]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shapes<T = f32> {
    shape: Shape,
    of: PhantomData<T>,
}

impl<T: Real> Shapes<T> {
    /// A value of this shape.
    pub fn new(shape: impl Into<Shape>) -> Self {
        Shapes { shape: shape.into(), of: PhantomData }
    }
}

impl<T: Real> Interpretation for Shapes<T> {
    type Real = T;

    #[track_caller]
    fn try_apply<O: Op<T>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let shapes: Few<Shape> = inputs.iter().map(|x| x.shape).collect();
        match infer(&op, &shapes) {
            Ok(shape) => Ok(Shapes::new(shape)),
            Err(error) => Err(error.during(op.name(), shapes.iter().map(|&shape| Operand { name: None, shape }))),
        }
    }
    fn shape(&self) -> Shape {
        self.shape
    }
    fn constant(&self, value: &Tensor<T>) -> Self {
        Shapes::new(value.shape())
    }
    fn param(&self, parameter: &Param<T>) -> Self {
        Shapes::new(parameter.value().shape())
    }
    fn detach(&self) -> Self {
        *self
    }
    fn run(layer: &dyn AnyLayer<T>, x: Self) -> Self {
        layer.on_shapes(x)
    }
}

operators_by_apply!([T: Real] Shapes<T>, T);
