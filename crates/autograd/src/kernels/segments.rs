//! Rows added up where they belong: what an embedding pulls back.

use super::elementwise::add_assign;
use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::Real;

/// Adds each row of `x`, of `inner` elements, to the row of `y` that its index names, in the order of the rows of `x`.
///
/// Many of them are put in order by their indices first, so that each row of `y` is written once and by one thread. The
/// additions to a row stay in their order, so the bits are the same either way.
pub(crate) fn add_rows<T: Real>(indices: &[usize], x: &[T], y: &mut [T], inner: usize) {
    if inner == 0 {
        return;
    }
    let rows = y.len() / inner;
    // Putting in order takes a few steps for each index and for each row of the result.
    if x.len() < PARALLEL_ELEMENTS || indices.len().max(rows) > x.len() / 8 {
        for (&index, row) in indices.iter().zip(x.chunks_exact(inner)) {
            add_assign(&mut y[index * inner..][..inner], row);
        }
        return;
    }
    let (starts, order) = segments(indices, rows);
    Segments { starts: &starts, order: &order, x, y, inner }.over_halves();
}

/// The places of the indices, by index and then in their order, and where those of each index begin; the end is last.
fn segments(indices: &[usize], rows: usize) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![0; rows + 1];
    for &index in indices {
        starts[index + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    let (mut next, mut order) = (starts.clone(), vec![0; indices.len()]);
    for (place, &index) in indices.iter().enumerate() {
        order[next[index]] = place;
        next[index] += 1;
    }
    (starts, order)
}

struct Segments<'a, T> {
    /// Where in `order` the rows of each row of `y` begin, and the end.
    starts: &'a [usize],
    order: &'a [usize],
    x: &'a [T],
    y: &'a mut [T],
    inner: usize,
}

impl<T: Real> Segments<'_, T> {
    fn over_halves(self) {
        let Segments { starts, order, x, y, inner } = self;
        let rows = starts.len() - 1;
        let added = (starts[rows] - starts[0]) * inner;
        if rows == 1 || y.len().max(added) < PARALLEL_ELEMENTS {
            return dispatch(Segments { starts, order, x, y, inner });
        }
        let half = rows / 2;
        let (upper, lower) = y.split_at_mut(half * inner);
        join(
            || Segments { starts: &starts[..=half], order, x, y: upper, inner }.over_halves(),
            || Segments { starts: &starts[half..], order, x, y: lower, inner }.over_halves(),
        );
    }
}

impl<T: Real> Kernel for Segments<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (segment, y) in self.starts.windows(2).zip(self.y.chunks_exact_mut(self.inner)) {
            for &place in &self.order[segment[0]..segment[1]] {
                let x = &self.x[place * self.inner..][..self.inner];
                for (y, &x) in y.iter_mut().zip(x) {
                    *y += x;
                }
            }
        }
    }
}
