//! Making tensors.

use super::Tensor;
use crate::algebra::Real;
use crate::{Error, Shape};

impl<T: Real> Tensor<T> {
    /// These numbers in this shape, row-major.
    ///
    /// # Panics
    /// If their number is not that of the shape's elements; see [`try_from_vec`](Tensor::try_from_vec).
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::from_vec(vec![1.0_f32, 2.0], [2, 1]), Tensor::from([[1.0], [2.0]]));
    /// ```
    #[track_caller]
    pub fn from_vec(data: Vec<T>, shape: impl Into<Shape>) -> Self {
        Self::try_from_vec(data, shape).unwrap_or_else(|error| error.raise("from_vec"))
    }

    /// These numbers in this shape, row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if their number is not that of the shape's elements.
    #[track_caller]
    pub fn try_from_vec(data: Vec<T>, shape: impl Into<Shape>) -> Result<Self, Error> {
        let shape = shape.into();
        if data.len() != shape.elements() {
            return Err(Error::shape(
                format!("{} numbers for shape {shape}, which has {} elements", data.len(), shape.elements()),
                "give a shape whose product is the number of elements",
            )
            .during("from_vec", []));
        }
        Ok(Self::from_slice(&data, shape))
    }

    fn from_slice(data: &[T], shape: Shape) -> Self {
        let mut tensor = Self::unset(shape);
        tensor.make_mut().copy_from_slice(data);
        tensor
    }

    /// A tensor of rank 0. Shape `[]`.
    pub fn scalar(value: T) -> Self {
        Self::full(Shape::SCALAR, value)
    }

    /// Every element `value`.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::full([2], 7.0_f32).to_vec(), [7.0, 7.0]);
    /// ```
    pub fn full(shape: impl Into<Shape>, value: T) -> Self {
        let mut tensor = Self::unset(shape.into());
        tensor.make_mut().fill(value);
        tensor
    }

    /// Every element 0.
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        Self::full(shape, T::ZERO)
    }

    /// Every element 1.
    pub fn ones(shape: impl Into<Shape>) -> Self {
        Self::full(shape, T::ONE)
    }

    /// The numbers `f(0), f(1), …` in row-major order.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::from_fn([3], |i| i as f32).to_vec(), [0.0, 1.0, 2.0]);
    /// ```
    pub fn from_fn(shape: impl Into<Shape>, f: impl FnMut(usize) -> T) -> Self {
        let mut tensor = Self::unset(shape.into());
        let mut f = f;
        for (i, element) in tensor.make_mut().iter_mut().enumerate() {
            *element = f(i);
        }
        tensor
    }

    /// The whole numbers from 0 to `n − 1`. Shape `[n]`.
    pub fn arange(n: usize) -> Self {
        Self::from_fn([n], |i| T::from_f64(i as f64))
    }

    /// `n` numbers from `first` to `last`, evenly spaced. Shape `[n]`.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::linspace(0.0_f32, 1.0, 3).to_vec(), [0.0, 0.5, 1.0]);
    /// ```
    pub fn linspace(first: T, last: T, n: usize) -> Self {
        let step = (last - first) / T::from_f64((n.max(2) - 1) as f64);
        Self::from_fn([n], |i| if i + 1 == n && n > 1 { last } else { first + step * T::from_f64(i as f64) })
    }

    /// The identity matrix. Shape `[n, n]`.
    pub fn eye(n: usize) -> Self {
        Self::from_fn([n, n], |i| if i / n == i % n { T::ONE } else { T::ZERO })
    }

    /// The same numbers in another precision, rounded to nearest.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::from([0.5_f32]).cast::<f64>().to_vec(), [0.5_f64]);
    /// ```
    pub fn cast<U: Real>(&self) -> Tensor<U> {
        let data = self.to_vec();
        Tensor::from_fn(self.shape(), |i| U::from_f64(data[i].to_f64()))
    }
}

impl<T: Real> From<T> for Tensor<T> {
    fn from(value: T) -> Self {
        Tensor::scalar(value)
    }
}

impl<T: Real> From<Vec<T>> for Tensor<T> {
    fn from(data: Vec<T>) -> Self {
        let shape = Shape::from(data.len());
        Tensor::from_slice(&data, shape)
    }
}

impl<T: Real, const N: usize> From<[T; N]> for Tensor<T> {
    fn from(data: [T; N]) -> Self {
        Tensor::from_slice(&data, Shape::from([N]))
    }
}

impl<T: Real, const N: usize, const M: usize> From<[[T; N]; M]> for Tensor<T> {
    fn from(data: [[T; N]; M]) -> Self {
        Tensor::from_slice(data.as_flattened(), Shape::from([M, N]))
    }
}

impl<T: Real, const N: usize, const M: usize, const L: usize> From<[[[T; N]; M]; L]> for Tensor<T> {
    fn from(data: [[[T; N]; M]; L]) -> Self {
        Tensor::from_slice(data.as_flattened().as_flattened(), Shape::from([L, M, N]))
    }
}
