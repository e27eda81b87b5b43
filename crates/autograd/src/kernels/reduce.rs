//! Reductions along axes: sums and extremes.
//!
//! The order of additions depends on the shape alone, never on the number of threads: long rows are halved at fixed
//! places, and each piece is summed by a fixed set of lanes.

use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::Real;
use crate::{Shape, Tensor};
use std::marker::PhantomData;

/// How two numbers become one.
pub(crate) trait Combine<T>: Copy + Send + Sync {
    /// What combines with anything to give that thing.
    const START: T;
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
pub(crate) fn reduce<T: Real, C: Combine<T>>(x: &Tensor<T>, axes: &[usize], shape: Shape, _: C) -> Tensor<T> {
    let (x, layout) = in_order(x, axes);
    let [outer, count, inner] = layout;
    let mut y = Tensor::unset(shape);
    let out = y.make_mut();
    if layout.contains(&0) {
        out.fill(C::START);
    } else if let Some(data) = x.as_slice() {
        if inner == 1 {
            rows::<T, C>(&data[..outer * count], out, count);
        } else {
            for (slab, out) in data.chunks_exact(count * inner).zip(out.chunks_exact_mut(inner)) {
                columns::<T, C>(slab, out);
            }
        }
    }
    y
}

/// The tensor with the reduced axes next to each other, in row-major order, and its extents outside, along and inside
/// of the reduction.
pub(crate) fn in_order<T: Real>(x: &Tensor<T>, axes: &[usize]) -> (Tensor<T>, [usize; 3]) {
    let shape = x.shape();
    let count: usize = axes.iter().map(|&axis| shape[axis]).product();
    let (first, last) = match (axes.first(), axes.last()) {
        (Some(&first), Some(&last)) => (first, last),
        _ => return (x.contiguous(), [shape.elements(), 1, 1]),
    };
    let together = (first..=last).all(|axis| axes.contains(&axis) || shape[axis] == 1);
    if together {
        let outer = shape[..first].iter().product();
        let inner = shape[last + 1..].iter().product();
        return (x.contiguous(), [outer, count, inner]);
    }
    let mut order: Vec<usize> = (0..shape.rank()).filter(|axis| !axes.contains(axis)).collect();
    let outer = order.iter().map(|&axis| shape[axis]).product();
    order.extend(axes);
    (x.permuted(&order).contiguous(), [outer, count, 1])
}

fn rows<T: Real, C: Combine<T>>(data: &[T], out: &mut [T], count: usize) {
    if out.len() > 1 && data.len() >= PARALLEL_ELEMENTS {
        let half = out.len() / 2;
        let (upper, lower) = out.split_at_mut(half);
        let (first, second) = data.split_at(half * count);
        join(|| rows::<T, C>(first, upper, count), || rows::<T, C>(second, lower, count));
        return;
    }
    if count > PIECE {
        for (row, out) in data.chunks_exact(count).zip(out) {
            *out = long_row::<T, C>(row);
        }
        return;
    }
    dispatch(Rows::<T, C> { data, out, count, combine: PhantomData });
}

/// Elements that one set of lanes works through at most.
const PIECE: usize = 4096;

/// Halves a long row at a place that depends on its length alone.
fn long_row<T: Real, C: Combine<T>>(row: &[T]) -> T {
    if row.len() <= PIECE {
        let mut out = [C::START];
        dispatch(Rows::<T, C> { data: row, out: &mut out, count: row.len(), combine: PhantomData });
        return out[0];
    }
    let (left, right) = row.split_at((row.len() / 2).next_multiple_of(PIECE));
    let (a, b) = if row.len() >= PARALLEL_ELEMENTS {
        join(|| long_row::<T, C>(left), || long_row::<T, C>(right))
    } else {
        (long_row::<T, C>(left), long_row::<T, C>(right))
    };
    C::combine(a, b)
}

struct Rows<'a, T, C> {
    data: &'a [T],
    out: &'a mut [T],
    count: usize,
    combine: PhantomData<C>,
}

impl<T: Real, C: Combine<T>> Kernel for Rows<'_, T, C> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        const LANES: usize = 32;
        for (row, out) in self.data.chunks_exact(self.count).zip(self.out) {
            if row.len() < LANES {
                *out = row.iter().fold(C::START, |a, &b| C::combine(a, b));
                continue;
            }
            let mut lanes = [C::START; LANES];
            let pieces = row.chunks_exact(LANES);
            let rest = pieces.remainder();
            for piece in pieces {
                for i in 0..LANES {
                    lanes[i] = C::combine(lanes[i], piece[i]);
                }
            }
            let mut width = LANES;
            while width > 1 {
                width /= 2;
                for i in 0..width {
                    lanes[i] = C::combine(lanes[i], lanes[i + width]);
                }
            }
            *out = rest.iter().fold(lanes[0], |a, &b| C::combine(a, b));
        }
    }
}

/// Reduces a slab of rows to one row, halving tall slabs so that rounding errors grow with the logarithm.
fn columns<T: Real, C: Combine<T>>(slab: &[T], out: &mut [T]) {
    const TALL: usize = 128;
    let count = slab.len() / out.len();
    if count <= TALL {
        return dispatch(Columns::<T, C> { slab, out, combine: PhantomData });
    }
    let (upper, lower) = slab.split_at(count / 2 * out.len());
    let mut second = Tensor::unset(Shape::from(out.len()));
    let below = second.make_mut();
    if slab.len() >= PARALLEL_ELEMENTS {
        join(|| columns::<T, C>(upper, out), || columns::<T, C>(lower, below));
    } else {
        columns::<T, C>(upper, out);
        columns::<T, C>(lower, below);
    }
    dispatch(Fold::<T, C> { out, row: below, combine: PhantomData });
}

struct Columns<'a, T, C> {
    slab: &'a [T],
    out: &'a mut [T],
    combine: PhantomData<C>,
}

impl<T: Real, C: Combine<T>> Kernel for Columns<'_, T, C> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let width = self.out.len();
        self.out.copy_from_slice(&self.slab[..width]);
        for row in self.slab[width..].chunks_exact(width) {
            for (a, &b) in self.out.iter_mut().zip(row) {
                *a = C::combine(*a, b);
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
