//! Reductions along axes: sums, products and extremes.
//!
//! The order of additions depends on the shape alone, never on the number of threads: long rows are halved at fixed
//! places, and each piece is summed by a fixed set of lanes.
//!
//! Hence the error of a sum of `n` numbers: each goes through at most 127 additions in its lane (or its column), 5 when
//! the lanes meet, 31 beside what did not fill them, and one for each halving of more than 4096. With `u` half of
//! [`Real::EPSILON`] and up to terms of the order of `u²`,
//!
//! ```text
//! |computed − Σ xᵢ| ≤ (163 + h) u Σ |xᵢ|        h = 0 for n ≤ 4096, else ⌈log₂ n⌉ − 12
//! ```
//!
//! and a product of `n` numbers has a relative error of at most `(n − 1) u`, whatever the order. Source: Higham, Accuracy
//! and Stability of Numerical Algorithms, 2nd edition, sections 3.1 and 4.2.

use super::copy::Cursor;
use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::{Algebra, Lane, Real};
use crate::{Shape, Tensor};
use std::marker::PhantomData;

/// What an element contributes, and how two contributions become one.
pub(crate) trait Combine<T>: Copy + Send + Sync {
    /// What combines with anything to give that thing.
    const START: T;
    /// What an element contributes: itself, unless said otherwise.
    #[inline(always)]
    fn lift<const FUSED: bool>(self, x: T) -> T {
        x
    }
    fn combine(a: T, b: T) -> T;
}

#[derive(Clone, Copy)]
pub(crate) struct Sum;
impl<T: Real> Combine<T> for Sum {
    const START: T = T::ZERO;
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        a + b
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Product;
impl<T: Real> Combine<T> for Product {
    const START: T = T::ONE;
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        a * b
    }
}

/// The sum of `x²`.
#[derive(Clone, Copy)]
pub(crate) struct Squares;
impl<T: Real> Combine<T> for Squares {
    const START: T = T::ZERO;
    #[inline(always)]
    fn lift<const FUSED: bool>(self, x: T) -> T {
        x * x
    }
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        a + b
    }
}

/// The sum of `|x|ᵖ`.
#[derive(Clone, Copy)]
pub(crate) struct Powers(pub f64);
impl<T: Real> Combine<T> for Powers {
    const START: T = T::ZERO;
    #[inline(always)]
    fn lift<const FUSED: bool>(self, x: T) -> T {
        Lane::<T, FUSED>(x).abs().powf(self.0).0
    }
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        a + b
    }
}

/// The sum of `e^(x − shift)`.
#[derive(Clone, Copy)]
pub(crate) struct Exponentials<T>(pub T);
impl<T: Real> Combine<T> for Exponentials<T> {
    const START: T = T::ZERO;
    #[inline(always)]
    fn lift<const FUSED: bool>(self, x: T) -> T {
        Lane::<T, FUSED>(x - self.0).exp().0
    }
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        a + b
    }
}

/// The largest `|x|`.
#[derive(Clone, Copy)]
pub(crate) struct Magnitude;
impl<T: Real> Combine<T> for Magnitude {
    const START: T = T::ZERO;
    #[inline(always)]
    fn lift<const FUSED: bool>(self, x: T) -> T {
        Lane::<T, FUSED>(x).abs().0
    }
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        <Max as Combine<T>>::combine(a, b)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Max;
impl<T: Real> Combine<T> for Max {
    const START: T = T::NEG_INFINITY;
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        // A NaN on either side wins.
        if b > a || b.is_nan() { b } else { a }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Min;
impl<T: Real> Combine<T> for Min {
    const START: T = T::INFINITY;
    #[inline(always)]
    fn combine(a: T, b: T) -> T {
        if b < a || b.is_nan() { b } else { a }
    }
}

/// Reduces `x` over `axes` (sorted) to `shape`.
pub(crate) fn reduce<T: Real, C: Combine<T>>(x: &Tensor<T>, axes: &[usize], shape: Shape, combine: C) -> Tensor<T> {
    let (x, layout) = arranged(x, axes);
    let [outer, count, inner] = layout;
    // Rows that must be gathered are, a few at a time; they need not be a tensor first.
    let x = if inner == 1 { x } else { x.contiguous() };
    let mut y = Tensor::unset(shape);
    let out = y.make_mut();
    if layout.contains(&0) {
        out.fill(C::START);
    } else if let Some(data) = x.as_slice() {
        if inner == 1 {
            rows(&data[..outer * count], out, count, combine);
        } else {
            slabs(&data[..outer * count * inner], out, [count, inner], combine);
        }
    } else {
        gathered_rows(Cursor::new(&x, &x.shape()), &mut out[..outer], count, combine);
    }
    y
}

/// The tensor with the reduced axes next to each other, in row-major order, and its extents outside, along and inside
/// of the reduction.
pub(crate) fn in_order<T: Real>(x: &Tensor<T>, axes: &[usize]) -> (Tensor<T>, [usize; 3]) {
    let (x, layout) = arranged(x, axes);
    (x.contiguous(), layout)
}

/// [`in_order`], of which the elements stay where they are.
fn arranged<T: Real>(x: &Tensor<T>, axes: &[usize]) -> (Tensor<T>, [usize; 3]) {
    let shape = x.shape();
    let count: usize = axes.iter().map(|&axis| shape[axis]).product();
    let (first, last) = match (axes.first(), axes.last()) {
        (Some(&first), Some(&last)) => (first, last),
        _ => return (x.clone(), [shape.elements(), 1, 1]),
    };
    let together = (first..=last).all(|axis| axes.contains(&axis) || shape[axis] == 1);
    if together {
        let outer = shape[..first].iter().product();
        let inner = shape[last + 1..].iter().product();
        return (x.clone(), [outer, count, inner]);
    }
    let mut order: Vec<usize> = (0..shape.rank()).filter(|axis| !axes.contains(axis)).collect();
    let outer = order.iter().map(|&axis| shape[axis]).product();
    order.extend(axes);
    (x.permuted(&order), [outer, count, 1])
}

/// [`rows`] of a view whose rows do not lie in order.
fn gathered_rows<T: Real, C: Combine<T>>(mut cursor: Cursor<'_, T>, out: &mut [T], count: usize, combine: C) {
    if out.len() > 1 && out.len() * count >= PARALLEL_ELEMENTS {
        let half = out.len() / 2;
        let (upper, lower) = out.split_at_mut(half);
        let mut later = cursor.clone();
        later.skip(half * count);
        join(|| gathered_rows(cursor, upper, count, combine), || gathered_rows(later, lower, count, combine));
        return;
    }
    let together = (PIECE / count).max(1).min(out.len());
    let mut room = Tensor::unset(Shape::from(together * count));
    let room = room.make_mut();
    for out in out.chunks_mut(together) {
        let room = &mut room[..out.len() * count];
        cursor.read(room);
        rows(room, out, count, combine);
    }
}

fn rows<T: Real, C: Combine<T>>(data: &[T], out: &mut [T], count: usize, combine: C) {
    if out.len() > 1 && data.len() >= PARALLEL_ELEMENTS {
        let half = out.len() / 2;
        let (upper, lower) = out.split_at_mut(half);
        let (first, second) = data.split_at(half * count);
        join(|| rows(first, upper, count, combine), || rows(second, lower, count, combine));
        return;
    }
    if count > PIECE {
        for (row, out) in data.chunks_exact(count).zip(out) {
            *out = long_row(row, combine);
        }
        return;
    }
    dispatch(Rows { data, out, count, combine });
}

/// Elements that one set of lanes works through at most.
pub(super) const PIECE: usize = 4096;

/// Halves a long row at a place that depends on its length alone.
pub(super) fn long_row<T: Real, C: Combine<T>>(row: &[T], combine: C) -> T {
    if row.len() <= PIECE {
        let mut out = [C::START];
        dispatch(Rows { data: row, out: &mut out, count: row.len(), combine });
        return out[0];
    }
    let (left, right) = row.split_at((row.len() / 2).next_multiple_of(PIECE));
    let (a, b) = if row.len() >= PARALLEL_ELEMENTS {
        join(|| long_row(left, combine), || long_row(right, combine))
    } else {
        (long_row(left, combine), long_row(right, combine))
    };
    C::combine(a, b)
}

/// Reduces one row, of [`PIECE`] elements at most, in a fixed set of lanes. For use inside a kernel.
#[inline(always)]
pub(super) fn short_row<T: Real, C: Combine<T>, const FUSED: bool>(row: &[T], combine: C) -> T {
    const LANES: usize = 32;
    let mut lanes = [C::START; LANES];
    let pieces = row.chunks_exact(LANES);
    let rest = pieces.remainder();
    if row.len() >= LANES {
        for piece in pieces {
            for i in 0..LANES {
                lanes[i] = C::combine(lanes[i], combine.lift::<FUSED>(piece[i]));
            }
        }
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                lanes[i] = C::combine(lanes[i], lanes[i + width]);
            }
        }
    }
    // Loops, not closures: those could lose the instruction set.
    let mut sum = lanes[0];
    for &x in rest {
        sum = C::combine(sum, combine.lift::<FUSED>(x));
    }
    sum
}

struct Rows<'a, T, C> {
    data: &'a [T],
    out: &'a mut [T],
    count: usize,
    combine: C,
}

impl<T: Real, C: Combine<T>> Kernel for Rows<'_, T, C> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (row, out) in self.data.chunks_exact(self.count).zip(self.out) {
            *out = short_row::<T, C, FUSED>(row, self.combine);
        }
    }
}

/// Reduces each slab of `count` rows of `inner` elements to one row.
fn slabs<T: Real, C: Combine<T>>(data: &[T], out: &mut [T], [count, inner]: [usize; 2], combine: C) {
    let outer = out.len() / inner;
    if outer > 1 && data.len() >= PARALLEL_ELEMENTS {
        let half = outer / 2;
        let ((first, second), (upper, lower)) = (data.split_at(half * count * inner), out.split_at_mut(half * inner));
        let extents = [count, inner];
        join(|| slabs(first, upper, extents, combine), || slabs(second, lower, extents, combine));
        return;
    }
    for (slab, out) in data.chunks_exact(count * inner).zip(out.chunks_exact_mut(inner)) {
        columns(slab, out, combine);
    }
}

/// Reduces a slab of rows to one row, halving tall slabs so that rounding errors grow with the logarithm.
fn columns<T: Real, C: Combine<T>>(slab: &[T], out: &mut [T], combine: C) {
    const TALL: usize = 128;
    let count = slab.len() / out.len();
    if count <= TALL {
        return dispatch(Columns { slab, out, combine });
    }
    let (upper, lower) = slab.split_at(count / 2 * out.len());
    let mut second = Tensor::unset(Shape::from(out.len()));
    let below = second.make_mut();
    if slab.len() >= PARALLEL_ELEMENTS {
        join(|| columns(upper, out, combine), || columns(lower, below, combine));
    } else {
        columns(upper, out, combine);
        columns(lower, below, combine);
    }
    dispatch(Fold::<T, C> { out, row: below, combine: PhantomData });
}

struct Columns<'a, T, C> {
    slab: &'a [T],
    out: &'a mut [T],
    combine: C,
}

impl<T: Real, C: Combine<T>> Kernel for Columns<'_, T, C> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (first, others) = self.slab.split_at(self.out.len());
        for (a, &b) in self.out.iter_mut().zip(first) {
            *a = self.combine.lift::<FUSED>(b);
        }
        for row in others.chunks_exact(self.out.len()) {
            for (a, &b) in self.out.iter_mut().zip(row) {
                *a = C::combine(*a, self.combine.lift::<FUSED>(b));
            }
        }
    }
}

struct Fold<'a, T, C> {
    out: &'a mut [T],
    row: &'a [T],
    combine: PhantomData<C>,
}

impl<T: Real, C: Combine<T>> Kernel for Fold<'_, T, C> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (a, &b) in self.out.iter_mut().zip(self.row) {
            *a = C::combine(*a, b);
        }
    }
}
