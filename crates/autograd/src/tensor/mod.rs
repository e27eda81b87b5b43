//! Plain numbers: an immutable value that is cheap to clone.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Tensor`]: shape, storage, reading, copy-on-write |
//! | `buffer.rs` | memory and the pool it is recycled through |
//! | `size_class.rs` | the sizes that buffers come in |
//! | `construct.rs` | making tensors: from data, filled, ranges |
//! | `random.rs` | random tensors from a named generator |
//! | `view.rs` | transposes, slices and broadcasts as views |
//! | `indices.rs` | whole numbers: indices and labels |
//! | `display.rs` | printing |

mod buffer;
mod construct;
mod display;
mod indices;
mod random;
mod size_class;
mod view;

pub use buffer::{PoolStatistics, pool_statistics};
pub use indices::Indices;
pub use random::{Draw, Key};

use crate::Shape;
use crate::algebra::Real;
use crate::kernels::copy;
use crate::shape::Strides;
use buffer::{ALIGNMENT, Buffer, Shared};

/// As many elements fit into the header itself; more get a buffer from the pool.
const INLINE: usize = 4;

/// An immutable array of numbers. Cloning shares; transposes, slices and broadcasts are views; the only mutation is
/// [`make_mut`](Tensor::make_mut), which copies if anyone else holds the value. `Send` and `Sync`.
///
/// As an interpretation of a program a tensor just computes: nothing is recorded. All named operations are on
/// [`Interpretation`](crate::Interpretation).
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.matmul(&x).to_vec(), [7.0, 10.0, 15.0, 22.0]);
/// ```
#[derive(Clone)]
pub struct Tensor<T: Real = f32>(Shared<Header<T>>);

struct Header<T: Real> {
    shape: Shape,
    storage: Storage<T>,
}

enum Storage<T: Real> {
    Inline([T; INLINE]),
    Owned(Buffer<T>),
    View { base: Tensor<T>, offset: usize, strides: Strides, contiguous: bool },
}

impl<T: Real> Tensor<T> {
    /// The extents along each axis.
    pub fn shape(&self) -> Shape {
        self.0.shape
    }

    /// Whether this is its shape.
    #[inline]
    pub(crate) fn has_shape(&self, shape: &Shape) -> bool {
        self.0.shape == *shape
    }

    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.0.shape.elements()
    }

    /// The elements in row-major order, if they lie in memory that way.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 2.0]).as_slice(), Some(&[1.0, 2.0][..]));
    /// ```
    pub fn as_slice(&self) -> Option<&[T]> {
        let elements = self.elements();
        match &self.0.storage {
            Storage::Inline(data) => Some(&data[..elements]),
            Storage::Owned(buffer) => Some(&buffer.as_slice()[..elements]),
            Storage::View { base, offset, contiguous: true, .. } => Some(&base.whole()[*offset..offset + elements]),
            Storage::View { .. } => None,
        }
    }

    /// The elements, copied, in row-major order.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// assert_eq!(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]).transpose().to_vec(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    pub fn to_vec(&self) -> Vec<T> {
        match self.as_slice() {
            Some(slice) => slice.to_vec(),
            None => self.contiguous().as_slice().map(<[T]>::to_vec).unwrap_or_default(),
        }
    }

    /// The one element of a tensor that has one.
    ///
    /// # Panics
    /// If there is not exactly one element.
    #[track_caller]
    pub fn item(&self) -> T {
        if self.elements() != 1 {
            crate::Error::shape(
                format!("shape {} has {} elements, not one", self.shape(), self.elements()),
                "reduce it first, for instance with `.sum()`, or read it with `.to_vec()`",
            )
            .raise::<()>("item");
        }
        let (data, offset, _) = self.parts();
        data[offset]
    }

    /// The element at these coordinates, or `None` outside the shape.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!((x.at(&[1, 0]), x.at(&[2, 0])), (Some(3.0), None));
    /// ```
    pub fn at(&self, coordinates: &[usize]) -> Option<T> {
        let shape = self.shape();
        if coordinates.len() != shape.rank() || coordinates.iter().zip(shape.iter()).any(|(i, n)| i >= n) {
            return None;
        }
        let (data, offset, strides) = self.parts();
        let step: isize = coordinates.iter().zip(strides).map(|(&i, stride)| i as isize * stride).sum();
        Some(data[(offset as isize + step) as usize])
    }

    /// The same value with its elements in row-major order in memory: itself if they already are.
    pub fn contiguous(&self) -> Tensor<T> {
        if self.as_slice().is_some() {
            return self.clone();
        }
        let mut copied = Tensor::unset(self.shape());
        copy::gather(self, copied.make_mut());
        copied
    }

    /// The elements for writing, in row-major order; copies them first if the value is shared or a view.
    ///
    /// ```
    /// # use autograd::prelude::*;
    /// let x = Tensor::from([1.0_f32, 2.0]);
    /// let mut y = x.clone();
    /// y.make_mut()[0] = 9.0;
    /// assert_eq!((x.to_vec(), y.to_vec()), (vec![1.0, 2.0], vec![9.0, 2.0]));
    /// ```
    pub fn make_mut(&mut self) -> &mut [T] {
        let elements = self.elements();
        if !self.is_unshared() {
            let mut copied = Tensor::unset(self.shape());
            copy::gather(self, copied.storage_mut());
            *self = copied;
        }
        &mut self.storage_mut()[..elements]
    }

    /// Whether writing would not copy: nobody else holds this value and it is no view.
    pub(crate) fn is_unshared(&mut self) -> bool {
        self.0.get_mut().is_some_and(|header| !matches!(header.storage, Storage::View { .. }))
    }

    /// Whether both are the same value in memory, not merely equal.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.address() == other.address()
    }

    /// What tells this value from others while it lives.
    pub(crate) fn address(&self) -> usize {
        self.0.address()
    }

    /// Where the storage is that this value looks at, and its bytes: views of one storage have the same.
    pub(crate) fn storage(&self) -> (usize, usize) {
        let base = match &self.0.storage {
            Storage::View { base, .. } => base,
            _ => self,
        };
        (base.address(), base.elements() * size_of::<T>())
    }

    /// A tensor of arbitrary values, about to be overwritten by a loop of one's own: [`zeros`](Tensor::zeros) without the pass
    /// that writes them.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let mut y = Tensor::<f32>::unset([2, 3].into());
    /// y.make_mut().fill(1.5);
    /// assert_eq!(y.sum().item(), 9.0);
    /// ```
    pub fn unset(shape: Shape) -> Self {
        let elements = shape.elements();
        let storage =
            if elements <= INLINE { Storage::Inline([T::ZERO; INLINE]) } else { Storage::Owned(Buffer::new(elements)) };
        Tensor(Shared::new(Header { shape, storage }))
    }

    /// The elements and the padding that follows them, for loops that need no remainder; `None` for views, unless all of the
    /// storage is only given another shape.
    #[inline]
    pub(crate) fn padded(&self) -> Option<&[T]> {
        let length = padded_length::<T>(self.elements());
        match &self.0.storage {
            Storage::Inline(data) => Some(&data[..length]),
            Storage::Owned(buffer) => Some(&buffer.as_slice()[..length]),
            Storage::View { base, contiguous: true, .. } if base.elements() == self.elements() => base.padded(),
            Storage::View { .. } => None,
        }
    }

    /// [`padded`](Tensor::padded), for writing: of a tensor that is unshared and no view.
    pub(crate) fn padded_mut(&mut self) -> &mut [T] {
        let length = padded_length::<T>(self.elements());
        &mut self.storage_mut()[..length]
    }

    /// The storage that this value looks at, where in it the value starts, and the steps along each axis.
    pub(crate) fn parts(&self) -> (&[T], usize, Strides) {
        match &self.0.storage {
            Storage::View { base, offset, strides, .. } => (base.whole(), *offset, *strides),
            _ => (self.whole(), 0, self.shape().strides()),
        }
    }

    /// Everything in the storage of a tensor that is no view.
    fn whole(&self) -> &[T] {
        match &self.0.storage {
            Storage::Inline(data) => data,
            Storage::Owned(buffer) => buffer.as_slice(),
            Storage::View { base, .. } => base.whole(),
        }
    }

    /// The storage of a tensor that is known to be unshared and no view.
    fn storage_mut(&mut self) -> &mut [T] {
        match self.0.get_mut().map(|header| &mut header.storage) {
            Some(Storage::Inline(data)) => data,
            Some(Storage::Owned(buffer)) => buffer.as_mut_slice(),
            _ => unreachable!("the value was made unshared first"),
        }
    }
}

/// The elements rounded up to whole cache lines (or to the inline room).
fn padded_length<T>(elements: usize) -> usize {
    if elements <= INLINE { INLINE } else { elements.next_multiple_of(ALIGNMENT / size_of::<T>()) }
}

impl<T: Real> PartialEq for Tensor<T> {
    /// Equal shapes and equal elements (NaN differs from itself).
    fn eq(&self, other: &Self) -> bool {
        self.shape() == other.shape() && self.to_vec() == other.to_vec()
    }
}
