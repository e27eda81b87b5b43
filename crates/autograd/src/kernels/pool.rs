//! The places of maxima in windows.

// What an iterator calls may be left out of line and lose the instruction set; a loop over places never does.
#![allow(clippy::needless_range_loop)]

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
    match (rows.tiled_by(), columns.tiled_by()) {
        (Some(2), Some(2)) => dispatch(Tiled::<T, 2> { rows, columns, x, out }),
        (Some(3), Some(3)) => dispatch(Tiled::<T, 3> { rows, columns, x, out }),
        _ => dispatch(ArgMax { rows, columns, x, out }),
    }
}

impl Axis {
    /// How many places each window sees, where windows stand side by side from the first place on and all see as many.
    fn tiled_by(&self) -> Option<usize> {
        let &(_, side) = self.seen.first()?;
        let tiled = self.seen.iter().enumerate().all(|(i, &window)| window == (i * side, side));
        (tiled && self.step == 1).then_some(side)
    }
}

/// [`argmax`] for windows side by side, of `SIDE` places along both axes: what most networks use.
struct Tiled<'a, T, const SIDE: usize> {
    rows: &'a Axis,
    columns: &'a Axis,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Real, const SIDE: usize> Kernel for Tiled<'_, T, SIDE> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (width, across, down) = (self.columns.extent, self.columns.seen.len(), self.rows.seen.len());
        let mut offsets = [[T::ZERO; SIDE]; SIDE];
        for i in 0..SIDE {
            for j in 0..SIDE {
                offsets[i][j] = T::from_f64((i * width + j) as f64);
            }
        }
        let lefts: Vec<T> = (0..across).map(|c| T::from_f64((c * SIDE) as f64)).collect();
        let planes = self.x.chunks_exact(self.rows.extent * width).zip(self.out.chunks_exact_mut(down * across));
        for (plane, out) in planes {
            for (r, out) in out.chunks_exact_mut(across).enumerate() {
                let first = r * SIDE * width;
                let (band, first) = (&plane[first..][..SIDE * width], T::from_f64(first as f64));
                for c in 0..across {
                    let (mut best, mut largest) = (T::ZERO, band[c * SIDE]);
                    for i in 0..SIDE {
                        for j in 0..SIDE {
                            let element = band[i * width + c * SIDE + j];
                            // As below: choices between values.
                            let better = (element > largest) | (element.is_nan() & !largest.is_nan());
                            best = if better { offsets[i][j] } else { best };
                            largest = if better { element } else { largest };
                        }
                    }
                    out[c] = first + lefts[c] + best;
                }
            }
        }
    }
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
