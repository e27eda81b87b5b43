//! Where elements stand when they are put in order along an axis, and elements moved by such places.

use super::{Kernel, PARALLEL_EXPONENTIALS, dispatch, join};
use crate::algebra::Real;
use crate::{Shape, Tensor};
use std::cmp::Ordering;

/// Smaller first; NaN is larger than every number and equal to itself, `−0` equals `0`.
fn compare<T: Real>(a: T, b: T) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Calls `visit` with each line along `axis` of `x`, and with where the line begins and the distance of its elements in
/// a result that has `extent` places along the axis.
fn lines<T: Real>(x: &Tensor<T>, axis: usize, extent: usize, mut visit: impl FnMut(&[T], usize, usize)) {
    let shape = x.shape();
    let (count, inner): (usize, usize) = (shape[axis], shape[axis + 1..].iter().product());
    let x = x.contiguous();
    let mut line = vec![T::ZERO; count];
    let Some(x) = x.as_slice() else { return };
    if count == 0 {
        return;
    }
    for (slab, x) in x.chunks_exact((count * inner).max(1)).enumerate() {
        for i in 0..inner {
            for (k, element) in line.iter_mut().enumerate() {
                *element = x[k * inner + i];
            }
            visit(&line, slab * extent * inner + i, inner);
        }
    }
}

/// The places of the first `y.shape()[axis]` elements in ascending or descending order, equal ones in the order of their
/// places.
pub(crate) fn sort<T: Real>(x: &Tensor<T>, axis: usize, descending: bool, mut y: Tensor<T>) -> Tensor<T> {
    let first = y.shape()[axis];
    let out = y.make_mut();
    let mut order: Vec<usize> = Vec::new();
    lines(x, axis, first, |line, start, step| {
        // Distinct places make the order total, so that sorting need not be stable to be one and the same.
        let before = |a: &usize, b: &usize| {
            let by_value = compare(line[*a], line[*b]);
            (if descending { by_value.reverse() } else { by_value }).then(a.cmp(b))
        };
        order.clear();
        order.extend(0..line.len());
        if first > 0 && first < line.len() {
            order.select_nth_unstable_by(first - 1, before);
        }
        order[..first].sort_unstable_by(before);
        for (k, &place) in order[..first].iter().enumerate() {
            out[start + k * step] = T::from_f64(place as f64);
        }
    });
    y
}

/// The first place of the largest or the smallest element; of the first NaN, if there is one.
pub(crate) fn extreme<T: Real>(x: &Tensor<T>, axis: usize, largest: bool, mut y: Tensor<T>) -> Tensor<T> {
    let out = y.make_mut();
    lines(x, axis, 1, |line, start, _| {
        let mut best = 0;
        for (k, &element) in line.iter().enumerate() {
            let better = if largest { element > line[best] } else { element < line[best] };
            if better || (element.is_nan() && !line[best].is_nan()) {
                best = k;
            }
        }
        out[start] = T::from_f64(best as f64);
    });
    y
}

/// The extents of [`take`] and [`put`]: along the axis, in the whole and of what is taken, and inside of it.
#[derive(Clone, Copy)]
struct Slab {
    whole: usize,
    taken: usize,
    inner: usize,
}

impl Slab {
    fn of<T: Real>(positions: &Tensor<T>, axis: usize, whole: usize) -> Self {
        let shape = positions.shape();
        Slab { whole, taken: shape[axis], inner: shape[axis + 1..].iter().product() }
    }

    /// The place in a slab of the whole that a position in its row `k` and column `i` names. Places beyond the last are the
    /// last.
    #[inline(always)]
    fn named<T: Real>(self, position: T, i: usize) -> usize {
        (position.to_f64() as usize).min(self.whole - 1) * self.inner + i
    }

    /// Calls `each` with matching slabs: of `x`, of positions and of the result, of which `x` and the result have so many
    /// elements. They have nothing to do with each other, so that halves of many go to two threads.
    fn over<T: Real>(
        self,
        [x, positions]: [&[T]; 2],
        out: &mut [T],
        [of_x, of_out]: [usize; 2],
        each: &(impl Fn(&[T], &[T], &mut [T]) + Sync),
    ) {
        let taken = self.taken * self.inner;
        if taken == 0 || self.whole == 0 {
            return;
        }
        let slabs = positions.len() / taken;
        if slabs > 1 && x.len().max(out.len()) >= PARALLEL_EXPONENTIALS {
            let half = slabs / 2;
            let (x, positions) = (x.split_at(half * of_x), positions.split_at(half * taken));
            let out = out.split_at_mut(half * of_out);
            join(
                || self.over([x.0, positions.0], out.0, [of_x, of_out], each),
                || self.over([x.1, positions.1], out.1, [of_x, of_out], each),
            );
            return;
        }
        let slabs = x.chunks_exact(of_x).zip(positions.chunks_exact(taken)).zip(out.chunks_exact_mut(of_out));
        for ((x, positions), out) in slabs {
            each(x, positions, out);
        }
    }
}

struct Take<'a, T> {
    slab: Slab,
    x: &'a [T],
    positions: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Kernel for Take<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut i = 0;
        for (y, &position) in self.y.iter_mut().zip(self.positions) {
            *y = self.x[self.slab.named(position, i)];
            i = if i + 1 == self.slab.inner { 0 } else { i + 1 };
        }
    }
}

struct Put<'a, T> {
    slab: Slab,
    x: &'a [T],
    positions: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Kernel for Put<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let mut i = 0;
        self.y.fill(T::ZERO);
        for (&x, &position) in self.x.iter().zip(self.positions) {
            self.y[self.slab.named(position, i)] += x;
            i = if i + 1 == self.slab.inner { 0 } else { i + 1 };
        }
    }
}

/// `y[…, k, …] = x[…, positions[…, k, …], …]` along `axis`.
pub(crate) fn take<T: Real>(x: &Tensor<T>, positions: &Tensor<T>, axis: usize) -> Tensor<T> {
    let (x, positions, mut y) = (x.contiguous(), positions.contiguous(), Tensor::unset(positions.shape()));
    let slab = Slab::of(&positions, axis, x.shape()[axis]);
    if let (Some(x), Some(positions)) = (x.as_slice(), positions.as_slice()) {
        let elements = [slab.whole, slab.taken].map(|extent| extent * slab.inner);
        slab.over([x, positions], y.make_mut(), elements, &|x, positions, y| dispatch(Take { slab, x, positions, y }));
    }
    y
}

/// `y[…, positions[…, k, …], …] = Σ x[…, k, …]` along `axis`, in a new tensor of this shape; 0 where nothing is put. A slab is
/// cleared when its turn comes, so that it is near when its elements arrive.
pub(crate) fn put<T: Real>(x: &Tensor<T>, positions: &Tensor<T>, axis: usize, shape: Shape) -> Tensor<T> {
    let slab = Slab::of(positions, axis, shape[axis]);
    if positions.elements() == 0 || shape.elements() == 0 {
        return Tensor::zeros(shape);
    }
    let (x, positions, mut y) = (x.contiguous(), positions.contiguous(), Tensor::unset(shape));
    if let (Some(x), Some(positions)) = (x.as_slice(), positions.as_slice()) {
        let elements = [slab.taken, slab.whole].map(|extent| extent * slab.inner);
        slab.over([x, positions], y.make_mut(), elements, &|x, positions, y| dispatch(Put { slab, x, positions, y }));
    }
    y
}
