//! Where elements stand when they are put in order along an axis, and elements moved by such places.

use crate::Tensor;
use crate::algebra::Real;
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

/// Calls `visit` with each place in `positions` and the place that it names in a tensor that has `extent` places along
/// `axis`. Places beyond the last are the last.
fn named<T: Real>(positions: &Tensor<T>, axis: usize, extent: usize, mut visit: impl FnMut(usize, usize)) {
    let shape = positions.shape();
    let (count, inner): (usize, usize) = (shape[axis], shape[axis + 1..].iter().product());
    let positions = positions.contiguous();
    let (Some(positions), true) = (positions.as_slice(), extent > 0 && count * inner > 0) else { return };
    for (slab, positions) in positions.chunks_exact(count * inner).enumerate() {
        for (k, positions) in positions.chunks_exact(inner).enumerate() {
            for (i, position) in positions.iter().enumerate() {
                let position = (position.to_f64() as usize).min(extent - 1);
                visit((slab * count + k) * inner + i, (slab * extent + position) * inner + i);
            }
        }
    }
}

/// `y[…, k, …] = x[…, positions[…, k, …], …]` along `axis`.
pub(crate) fn take<T: Real>(x: &Tensor<T>, positions: &Tensor<T>, axis: usize) -> Tensor<T> {
    let (x, mut y) = (x.contiguous(), Tensor::unset(positions.shape()));
    if let Some(data) = x.as_slice() {
        let out = y.make_mut();
        named(positions, axis, x.shape()[axis], |place, from| out[place] = data[from]);
    }
    y
}

/// `y[…, positions[…, k, …], …] += x[…, k, …]` along `axis`.
pub(crate) fn put<T: Real>(x: &Tensor<T>, positions: &Tensor<T>, axis: usize, mut y: Tensor<T>) -> Tensor<T> {
    let (x, extent) = (x.contiguous(), y.shape()[axis]);
    if let Some(data) = x.as_slice() {
        let out = y.make_mut();
        named(positions, axis, extent, |place, to| out[to] += data[place]);
    }
    y
}
