//! Hinges: 0 for what is right by a margin.

use super::{raise, reduce};
use autograd::algebra::Real;
use autograd::{Array, ClassLoss, Indices, Reduction, Tensor, elementwise};

elementwise! {
    /// `max(0, 1 − t x)` of a score `x` and a label `t` of 1 or −1. Derivatives `−t` and `−x` where it is positive, else
    /// 0. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::Hinge, prelude::*};
    /// let (x, t) = (Tensor::from([0.5_f32, 3.0, 3.0]), Tensor::from([1.0, 1.0, -1.0]));
    /// assert_eq!(x.zip(&t, Hinge).to_vec(), [0.5, 0.0, 4.0]);
    /// ```
    pub struct Hinge;
    fn hinge(self, x, t) { (-(t * x) + 1.0).relu() }
    slope inputs {
        let missed = (-(t * x) + 1.0).step();
        [-t * missed, -x * missed]
    }
}

/// The hinge of scores, reduced over all elements; labels are 1 and −1. Formula, derivative and shapes: [`Hinge`].
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([0.5_f32, 3.0]), Tensor::from([1.0, -1.0]));
/// assert_eq!(loss::hinge(&x, &t, Reduction::Sum).item(), 4.5);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn hinge<A: Array<T>, T: Real>(score: &A, label: &A, reduction: Reduction) -> A {
    reduce(score.zip(label, Hinge), reduction)
}

elementwise! {
    /// `max(0, 1 − t x)²` of a score `x` and a label `t` of 1 or −1. Derivatives `−2 t max(0, 1 − t x)` and
    /// `−2 x max(0, 1 − t x)`. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::SquaredHinge, prelude::*};
    /// let (x, t) = (Tensor::from([0.5_f32, 3.0, 3.0]), Tensor::from([1.0, 1.0, -1.0]));
    /// assert_eq!(x.zip(&t, SquaredHinge).to_vec(), [0.25, 0.0, 16.0]);
    /// ```
    pub struct SquaredHinge;
    fn squared_hinge(self, x, t) { (-(t * x) + 1.0).relu().square() }
    slope inputs {
        let missing = (-(t * x) + 1.0).relu() * -2.0;
        [t * missing, x * missing]
    }
}

/// The squared hinge of scores, reduced over all elements; labels are 1 and −1. Formula, derivative and shapes:
/// [`SquaredHinge`].
///
/// ```
/// use nn::prelude::*;
/// let (x, t) = (Tensor::from([0.5_f32, 3.0]), Tensor::from([1.0, -1.0]));
/// assert_eq!(loss::squared_hinge(&x, &t, Reduction::Sum).item(), 16.25);
/// ```
///
/// # Panics
/// If the shapes do not broadcast.
#[track_caller]
pub fn squared_hinge<A: Array<T>, T: Real>(score: &A, label: &A, reduction: Reduction) -> A {
    reduce(score.zip(label, SquaredHinge), reduction)
}

/// The options of [`multi_margin`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiMargin {
    /// By how much the score of the right class is to be above the others.
    pub margin: f64,
    /// Whether what is missing is squared.
    pub squared: bool,
}

impl Default for MultiMargin {
    fn default() -> Self {
        MultiMargin { margin: 1.0, squared: false }
    }
}

/// The hinge of many classes, `ℓₙ = Σ_{j ≠ t} max(0, margin − xₙ[t] + xₙ[j]) / classes`, or of those squared, along axis 1
/// (axis 0 of a vector). Derivative: where a term is positive, `1/classes` to `xₙ[j]` and as much less to `xₙ[t]`, times
/// twice the term where they are squared. Shapes: scores `[n, classes, …]`; the labels have the shape without the class
/// axis. Source: Crammer and Singer, 2001, with all classes that come too close instead of the closest.
///
/// ```
/// use nn::{loss::MultiMargin, prelude::*};
/// let x = Tensor::from([[2.0_f32, 1.5, 0.0, 3.0]]);
/// assert_eq!(loss::multi_margin(&x, [0], MultiMargin::default(), Reduction::Mean).item(), (0.5 + 2.0) / 4.0);
/// ```
///
/// # Panics
/// If a label is out of range, or there is not one label for each row.
#[track_caller]
pub fn multi_margin<A: Array<T>, T: Real>(
    scores: &A,
    labels: impl Into<Indices>,
    options: MultiMargin,
    reduction: Reduction,
) -> A {
    let (labels, shape) = (labels.into(), scores.shape());
    if let Err(error) = ClassLoss::new().check(&labels, shape) {
        raise(error, "multi_margin", &[scores])
    }
    let axis = usize::from(shape.rank() > 1);
    let (classes, inner): (usize, usize) = (shape[axis], shape[axis + 1..].iter().product());
    let labels = labels.as_slice();
    let others = Tensor::from_fn(shape, |i| {
        let row = i / (inner * classes) * inner + i % inner;
        if i / inner % classes == labels[row] { T::ZERO } else { T::ONE / T::from_f64(classes as f64) }
    });
    let right = scores.gather(axis as isize, Indices::new(labels.to_vec(), shape.with_extent(axis, 1)));
    let missing = (scores.clone() - right + T::from_f64(options.margin)).relu();
    let missing = if options.squared { missing.square() } else { missing };
    let others = missing.constant(&others);
    reduce((missing * others).sum_axes(axis as isize), reduction)
}
