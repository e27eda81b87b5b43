//! Shapes, axes, and the one place that knows how shapes broadcast.

use crate::Error;
use smallvec::SmallVec;
use std::fmt;
use std::ops::Deref;

/// The largest number of axes that a tensor may have.
pub const MAX_RANK: usize = 8;

/// The extents of a tensor, outermost axis first; `[]` is the shape of a scalar. `Copy`, at most [`MAX_RANK`] axes.
///
/// ```
/// use autograd::Shape;
/// let shape = Shape::from([2, 3]);
/// assert_eq!((shape.rank(), shape.elements(), shape[1]), (2, 6, 3));
/// assert_eq!(shape.to_string(), "[2, 3]");
/// ```
#[derive(Clone, Copy)]
pub struct Shape {
    rank: u8,
    // Those beyond the rank are 0, so that equal shapes are equal bit by bit.
    extents: [usize; MAX_RANK],
}

impl Shape {
    /// The shape of a scalar, `[]`.
    pub const SCALAR: Shape = Shape { rank: 0, extents: [0; MAX_RANK] };

    /// The shape with these extents, or an error if there are more than [`MAX_RANK`], or more elements than memory has
    /// addresses.
    pub fn try_new(extents: &[usize]) -> Result<Self, Error> {
        if extents.len() > MAX_RANK {
            return Err(Error::shape(
                format!("{} axes, where a tensor has at most {MAX_RANK}: {extents:?}", extents.len()),
                "merge some axes with `reshape`",
            ));
        }
        let elements =
            extents.iter().filter(|&&extent| extent > 0).try_fold(1usize, |n, &extent| n.checked_mul(extent));
        if elements.is_none_or(|elements| elements > isize::MAX as usize / size_of::<f64>()) {
            return Err(Error::shape(
                format!("extents {extents:?} are more elements than memory has addresses"),
                "check the extents: one is probably not what it was meant to be",
            ));
        }
        Ok(Shape::of(extents))
    }

    /// The number of axes.
    #[inline]
    pub fn rank(&self) -> usize {
        usize::from(self.rank)
    }

    /// The number of elements: the product of the extents, 1 for a scalar.
    #[inline]
    pub fn elements(&self) -> usize {
        self.iter().product()
    }

    /// The shape that `self` and `other` broadcast to, or `None` if they do not: axes are matched from the last one
    /// backwards, and an extent of 1 (or a missing axis) stretches to the other's.
    ///
    /// ```
    /// use autograd::Shape;
    /// let stretched = Shape::from([4, 1]).broadcast(&Shape::from([3]));
    /// assert_eq!(stretched, Some(Shape::from([4, 3])));
    /// assert_eq!(Shape::from([4]).broadcast(&Shape::from([3])), None);
    /// ```
    #[inline]
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        if self == other {
            return Some(*self);
        }
        let (longer, shorter) = if self.rank >= other.rank { (self, other) } else { (other, self) };
        let mut shape = *longer;
        let offset = longer.rank() - shorter.rank();
        for (i, &extent) in shorter.iter().enumerate() {
            let target = &mut shape.extents[offset + i];
            match (*target, extent) {
                (a, b) if a == b => {}
                (1, b) => *target = b,
                (_, 1) => {}
                _ => return None,
            }
        }
        Some(shape)
    }

    /// The shape with axis `axis` removed.
    pub fn without(&self, axis: usize) -> Shape {
        let mut shape = *self;
        shape.extents.copy_within(axis + 1..self.rank(), axis);
        shape.rank -= 1;
        shape.extents[shape.rank as usize] = 0;
        shape
    }

    /// The shape with `extent` inserted before axis `axis`.
    pub fn with_inserted(&self, axis: usize, extent: usize) -> Result<Shape, Error> {
        if self.rank() == MAX_RANK {
            let mut extents: Extents = self.iter().copied().collect();
            extents.insert(axis, extent);
            return Shape::try_new(&extents);
        }
        let mut shape = *self;
        shape.rank += 1;
        shape.extents.copy_within(axis..self.rank(), axis + 1);
        shape.extents[axis] = extent;
        Ok(shape)
    }

    /// The shape with the extent of axis `axis` replaced.
    #[inline]
    pub fn with_extent(mut self, axis: usize, extent: usize) -> Shape {
        self.extents[..self.rank as usize][axis] = extent;
        self
    }

    /// The shape after reducing over `axes` (a sorted list): extent 1 there if `keep`, else removed.
    pub fn reduced(&self, axes: &[usize], keep: bool) -> Shape {
        let extents: Extents = self
            .iter()
            .enumerate()
            .filter(|(i, _)| keep || !axes.contains(i))
            .map(|(i, &extent)| if axes.contains(&i) { 1 } else { extent })
            .collect();
        Shape::of(&extents)
    }

    /// A shape from extents that are known to be few enough.
    #[inline]
    pub(crate) fn of(extents: &[usize]) -> Shape {
        let mut shape = Shape { rank: extents.len() as u8, extents: [0; MAX_RANK] };
        shape.extents[..extents.len()].copy_from_slice(extents);
        shape
    }

    /// The distance in elements between neighbours along each axis of a row-major tensor.
    #[inline]
    pub(crate) fn strides(&self) -> Strides {
        let mut strides = [0; MAX_RANK];
        let mut step = 1isize;
        for axis in (0..self.rank()).rev() {
            strides[axis] = step;
            step *= self.extents[axis] as isize;
        }
        strides
    }
}

/// Steps in elements along each axis; only the first `rank` count.
pub(crate) type Strides = [isize; MAX_RANK];
type Extents = SmallVec<[usize; MAX_RANK]>;

impl Deref for Shape {
    type Target = [usize];
    #[inline]
    fn deref(&self) -> &[usize] {
        &self.extents[..self.rank as usize]
    }
}

impl PartialEq for Shape {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        // All extents at once: cheaper than a loop that stops early.
        let differ = (0..MAX_RANK).fold(0, |bits, i| bits | (self.extents[i] ^ other.extents[i]));
        (differ | usize::from(self.rank ^ other.rank)) == 0
    }
}
impl Eq for Shape {}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, extent) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{extent}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    /// # Panics
    /// If there are more than [`MAX_RANK`] extents.
    #[track_caller]
    fn from(extents: [usize; N]) -> Self {
        Shape::try_new(&extents).unwrap_or_else(|error| error.raise("shape"))
    }
}

impl From<&[usize]> for Shape {
    /// # Panics
    /// If there are more than [`MAX_RANK`] extents.
    #[track_caller]
    fn from(extents: &[usize]) -> Self {
        Shape::try_new(extents).unwrap_or_else(|error| error.raise("shape"))
    }
}

impl From<usize> for Shape {
    /// A vector of this length.
    fn from(extent: usize) -> Self {
        Shape::of(&[extent])
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Self {
        *shape
    }
}

/// A set of axes as a user writes it: `-1`, `0`, `[0, 2]`, `&[0, -1]`, or `..` for all. A negative axis counts from
/// the last.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::<f32>::ones([2, 3]);
/// assert_eq!(x.sum_axes(-1).to_vec(), [3.0, 3.0]);
/// assert_eq!(x.sum_axes([0, 1]).item(), 6.0);
/// assert_eq!(x.sum_axes(..).item(), 6.0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Axes {
    /// Every axis.
    All,
    /// These axes.
    These(SmallVec<[isize; 4]>),
}

impl Axes {
    /// The axes as sorted indices into a shape of this rank.
    ///
    /// # Errors
    /// [`Error::Axis`] if one is out of range or named twice.
    pub fn resolve(&self, shape: &Shape) -> Result<SmallVec<[usize; 4]>, Error> {
        let Axes::These(axes) = self else {
            return Ok((0..shape.rank()).collect());
        };
        let mut resolved = SmallVec::new();
        for &axis in axes {
            let index = resolve_axis(axis, shape.rank())?;
            if resolved.contains(&index) {
                return Err(Error::axis(format!("axis {axis} is named twice"), "name each axis once"));
            }
            resolved.push(index);
        }
        resolved.sort_unstable();
        Ok(resolved)
    }
}

/// Where the element at `place` in row-major order stands along each axis.
pub(crate) fn coordinates(place: usize, extents: &[usize]) -> Vec<usize> {
    let mut coordinates = vec![0; extents.len()];
    let mut rest = place;
    for (coordinate, &extent) in coordinates.iter_mut().zip(extents).rev() {
        *coordinate = rest % extent.max(1);
        rest /= extent.max(1);
    }
    coordinates
}

/// The index of an axis that may count from the last, into a value with `rank` axes.
pub(crate) fn resolve_axis(axis: isize, rank: usize) -> Result<usize, Error> {
    let index = if axis < 0 { axis + rank as isize } else { axis };
    if (0..rank as isize).contains(&index) {
        return Ok(index as usize);
    }
    Err(Error::axis(
        format!("axis {axis} is out of range for {rank} axes"),
        if rank == 0 {
            "a scalar has no axes; give it one with `.unsqueeze(0)`, or name none where all are meant".to_string()
        } else {
            format!("use an axis from {} to {}", -(rank as isize), rank - 1)
        },
    ))
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Axes::These(SmallVec::from_slice(&[axis]))
    }
}
impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Axes::These(SmallVec::from_slice(&axes))
    }
}
impl From<&[isize]> for Axes {
    fn from(axes: &[isize]) -> Self {
        Axes::These(SmallVec::from_slice(axes))
    }
}
impl From<std::ops::RangeFull> for Axes {
    fn from(_: std::ops::RangeFull) -> Self {
        Axes::All
    }
}
