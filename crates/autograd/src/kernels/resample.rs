//! Weighted sums along an axis: each result from a few places, for averages over windows and for interpolation.

use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::Real;

/// What each result along an axis is the sum of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taps<T> {
    /// Where the taps of each result start, and where those of the last one end.
    starts: Vec<usize>,
    /// The place along the axis that a tap reads, and its weight.
    taps: Vec<(usize, T)>,
}

impl<T: Real> Taps<T> {
    /// The taps of each result in turn; those of weight 0 are left out.
    pub(crate) fn new<I: Iterator<Item = (usize, f64)>>(results: impl Iterator<Item = I>) -> Self {
        let (mut starts, mut taps) = (vec![0], Vec::new());
        for result in results {
            taps.extend(
                result.filter(|&(_, weight)| weight != 0.0).map(|(place, weight)| (place, T::from_f64(weight))),
            );
            starts.push(taps.len());
        }
        Taps { starts, taps }
    }

    /// The number of results.
    fn results(&self) -> usize {
        self.starts.len() - 1
    }

    fn of(&self, result: usize) -> &[(usize, T)] {
        &self.taps[self.starts[result]..self.starts[result + 1]]
    }

    /// What each of `extent` places along the axis is read by: the taps of the adjoint.
    pub(crate) fn transposed(&self, extent: usize) -> Self {
        let mut readers: Vec<Vec<(usize, T)>> = vec![Vec::new(); extent];
        for result in 0..self.results() {
            for &(place, weight) in self.of(result) {
                readers[place].push((result, weight));
            }
        }
        let mut starts = vec![0];
        starts.extend(readers.iter().scan(0, |end, readers| {
            *end += readers.len();
            Some(*end)
        }));
        Taps { starts, taps: readers.concat() }
    }
}

/// Sums along the middle one of three axes: `x` is `[outer, extent, inner]`, `y` is `[outer, results, inner]`.
pub(crate) fn along<T: Real>(taps: &Taps<T>, x: &[T], y: &mut [T], extent: usize, inner: usize) {
    let (slab, row) = (extent * inner, taps.results() * inner);
    if y.is_empty() {
        return;
    }
    if slab == 0 {
        return y.fill(T::ZERO);
    }
    let outer = y.len() / row;
    if outer > 1 && x.len().max(y.len()) >= PARALLEL_ELEMENTS {
        let half = outer / 2;
        let (first, second) = x.split_at(half * slab);
        let (upper, lower) = y.split_at_mut(half * row);
        join(|| along(taps, first, upper, extent, inner), || along(taps, second, lower, extent, inner));
        return;
    }
    dispatch(Along { taps, x, y, slab, inner });
}

struct Along<'a, T> {
    taps: &'a Taps<T>,
    x: &'a [T],
    y: &'a mut [T],
    slab: usize,
    inner: usize,
}

impl<T: Real> Kernel for Along<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Along { taps, x, y, slab, inner } = self;
        for (x, y) in x.chunks_exact(slab).zip(y.chunks_exact_mut(taps.results() * inner)) {
            if inner == 1 {
                for (result, y) in y.iter_mut().enumerate() {
                    *y = taps.of(result).iter().fold(T::ZERO, |sum, &(place, weight)| sum + weight * x[place]);
                }
                continue;
            }
            for (result, y) in y.chunks_exact_mut(inner).enumerate() {
                y.fill(T::ZERO);
                for &(place, weight) in taps.of(result) {
                    for (y, &x) in y.iter_mut().zip(&x[place * inner..][..inner]) {
                        *y += weight * x;
                    }
                }
            }
        }
    }
}
