//! The places of maxima in windows.

use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::Real;

/// What windows see along an axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// The extent of the axis.
    pub extent: usize,
    /// For each window, the first place that it sees, and how many; at least one.
    pub seen: Vec<(usize, usize)>,
    /// How far apart those are.
    pub step: usize,
}

/// For each plane of `rows × columns` in `x` and each window over it: the place in the plane of the largest element, the
/// first of equal ones, the first NaN if there is one.
pub(crate) fn argmax<T: Real>(rows: &Axis, columns: &Axis, x: &[T], out: &mut [T]) {
    let (plane, windows) = (rows.extent * columns.extent, rows.seen.len() * columns.seen.len());
    if out.is_empty() {
        return;
    }
    let planes = out.len() / windows;
    if planes > 1 && x.len() >= PARALLEL_ELEMENTS {
        let half = planes / 2;
        let (first, second) = x.split_at(half * plane);
        let (upper, lower) = out.split_at_mut(half * windows);
        join(|| argmax(rows, columns, first, upper), || argmax(rows, columns, second, lower));
        return;
    }
    dispatch(ArgMax { rows, columns, x, out });
}

struct ArgMax<'a, T> {
    rows: &'a Axis,
    columns: &'a Axis,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Real> Kernel for ArgMax<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let ArgMax { rows, columns, x, out } = self;
        let (width, windows) = (columns.extent, &columns.seen);
        let widest = windows.iter().map(|&(_, across)| across).max().unwrap_or(0);
        let first: Vec<T> = windows.iter().map(|&(left, _)| T::from_f64(left as f64)).collect();
        // A row of windows at once, each place of theirs after the other, so that no window waits for itself.
        let (mut elements, mut largest) = (vec![T::ZERO; windows.len()], vec![T::ZERO; windows.len()]);
        let planes = x.chunks_exact(rows.extent * width);
        for (plane, out) in planes.zip(out.chunks_exact_mut(rows.seen.len() * windows.len())) {
            for (&(top, height), best) in rows.seen.iter().zip(out.chunks_exact_mut(windows.len())) {
                let offset = T::from_f64((top * width) as f64);
                for (c, &(left, _)) in windows.iter().enumerate() {
                    best[c] = offset + first[c];
                    largest[c] = plane[top * width + left];
                }
                for i in 0..height {
                    for j in 0..widest {
                        let start = (top + i * rows.step) * width + j * columns.step;
                        for (c, &(left, across)) in windows.iter().enumerate() {
                            elements[c] = if j < across { plane[start + left] } else { largest[c] };
                        }
                        let offset = T::from_f64(start as f64);
                        for ((best, largest), (&element, &first)) in
                            best.iter_mut().zip(&mut largest).zip(elements.iter().zip(&first))
                        {
                            // A NaN is larger than everything, but not than an earlier one. Choices between values, not
                            // ways through the code: nobody can foretell which element is the largest.
                            let better = (element > *largest) | (element.is_nan() & !largest.is_nan());
                            *best = if better { offset + first } else { *best };
                            *largest = if better { element } else { *largest };
                        }
                    }
                }
            }
        }
    }
}
