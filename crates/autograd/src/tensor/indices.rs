//! Whole numbers: indices into an axis, and labels.

use crate::algebra::Real;
use crate::error::Operand;
use crate::{Error, Shape, Tensor};
use std::sync::Arc;

/// A tensor of whole numbers. Cheap to clone; not differentiable, and so not an interpretation of a program.
///
/// ```
/// use autograd::Indices;
/// let labels = Indices::from([3, 1, 4]);
/// assert_eq!((labels.shape().to_string(), labels.as_slice()), ("[3]".into(), &[3, 1, 4][..]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indices {
    shape: Shape,
    data: Arc<[usize]>,
}

impl Indices {
    /// These numbers in this shape, row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if their number is not that of the shape's elements.
    #[track_caller]
    pub fn try_new(data: Vec<usize>, shape: impl Into<Shape>) -> Result<Self, Error> {
        let shape = shape.into();
        if data.len() != shape.elements() {
            return Err(Error::shape(
                format!("{} indices for shape {shape}, which has {} elements", data.len(), shape.elements()),
                "give a shape whose product is the number of indices",
            )
            .during("indices", []));
        }
        Ok(Indices { shape, data: data.into() })
    }

    /// These numbers in this shape, row-major.
    ///
    /// # Panics
    /// If their number is not that of the shape's elements.
    #[track_caller]
    pub fn new(data: Vec<usize>, shape: impl Into<Shape>) -> Self {
        Self::try_new(data, shape).unwrap_or_else(|error| error.raise("indices"))
    }

    /// The extents along each axis.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The numbers in row-major order.
    pub fn as_slice(&self) -> &[usize] {
        &self.data
    }

    /// For each number a row of `classes` places that are 0, but for a 1 at the number. Shape: that of the numbers, then
    /// `[classes]`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Indices::from([2, 0]).one_hot::<f32>(3), Tensor::from([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]));
    /// ```
    ///
    /// # Panics
    /// If a number is not below `classes`; see [`try_one_hot`](Indices::try_one_hot).
    #[track_caller]
    pub fn one_hot<T: Real>(&self, classes: usize) -> Tensor<T> {
        match self.try_one_hot(classes) {
            Ok(value) => value,
            Err(error) => error.raise("one_hot"),
        }
    }

    /// For each number a row of `classes` places that are 0, but for a 1 at the number.
    ///
    /// # Errors
    /// [`Error::Index`] if a number is not below `classes`.
    #[track_caller]
    pub fn try_one_hot<T: Real>(&self, classes: usize) -> Result<Tensor<T>, Error> {
        let shape =
            self.check_below(classes, "classes").and_then(|()| self.shape.with_inserted(self.shape.rank(), classes));
        let mut rows = match shape.and_then(|shape| Shape::try_new(&shape)) {
            Ok(shape) => Tensor::zeros(shape),
            Err(error) => {
                return Err(error.during("one_hot", [Operand { name: None, shape: self.shape }]));
            }
        };
        let out = rows.make_mut();
        for (row, &number) in self.data.iter().enumerate() {
            out[row * classes + number] = T::ONE;
        }
        Ok(rows)
    }

    /// The first number that is not below `bound`, as an error.
    pub(crate) fn check_below(&self, bound: usize, of: &str) -> Result<(), Error> {
        match self.data.iter().position(|&index| index >= bound) {
            None => Ok(()),
            Some(place) => Err(Error::index(
                format!("index {} at position {place} is out of range for {bound} {of}", self.data[place]),
                if bound == 0 {
                    format!("there are no {of} to choose from")
                } else {
                    format!("indices count from 0; the largest is {}", bound - 1)
                },
            )),
        }
    }
}

impl From<&[usize]> for Indices {
    fn from(data: &[usize]) -> Self {
        Indices { shape: Shape::from(data.len()), data: data.into() }
    }
}
impl<const N: usize> From<[usize; N]> for Indices {
    fn from(data: [usize; N]) -> Self {
        data[..].into()
    }
}
impl<const N: usize> From<&[usize; N]> for Indices {
    fn from(data: &[usize; N]) -> Self {
        data[..].into()
    }
}
impl From<Vec<usize>> for Indices {
    fn from(data: Vec<usize>) -> Self {
        Indices { shape: Shape::from(data.len()), data: data.into() }
    }
}
impl From<&Vec<usize>> for Indices {
    fn from(data: &Vec<usize>) -> Self {
        data[..].into()
    }
}
impl From<&Indices> for Indices {
    fn from(indices: &Indices) -> Self {
        indices.clone()
    }
}
