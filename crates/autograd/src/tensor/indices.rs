//! Whole numbers: indices into an axis, and labels.

use crate::{Error, Shape};
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
