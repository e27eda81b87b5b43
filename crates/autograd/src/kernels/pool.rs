//! Maxima in windows, and where they stand.

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

/// For each plane of `rows × columns` in `x` and each window over it: the largest element, the first NaN if there is one, and
/// the place in the plane where it stands, the first of equal ones.
pub(crate) fn largest<T: Real>(rows: &Axis, columns: &Axis, x: &[T], values: &mut [T], places: &mut [T]) {
    let (plane, windows) = (rows.extent * columns.extent, rows.seen.len() * columns.seen.len());
    if places.is_empty() {
        return;
    }
    let planes = places.len() / windows;
    if planes > 1 && x.len() >= PARALLEL_ELEMENTS {
        let half = planes / 2;
        let x = x.split_at(half * plane);
        let (values, places) = (values.split_at_mut(half * windows), places.split_at_mut(half * windows));
        join(|| largest(rows, columns, x.0, values.0, places.0), || largest(rows, columns, x.1, values.1, places.1));
        return;
    }
    match (rows.tiled_by(), columns.tiled_by()) {
        (Some(2), Some(2)) => dispatch(Tiled::<T, 2> { rows, columns, x, values, places }),
        (Some(3), Some(3)) => dispatch(Tiled::<T, 3> { rows, columns, x, values, places }),
        _ => dispatch(Largest { rows, columns, x, values, places }),
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

/// [`largest`] for windows side by side, of `SIDE` places along both axes: what most networks use. First the maxima of each
/// column of a band of rows, whose elements lie side by side, then those of the columns of each window.
struct Tiled<'a, T, const SIDE: usize> {
    rows: &'a Axis,
    columns: &'a Axis,
    x: &'a [T],
    values: &'a mut [T],
    places: &'a mut [T],
}

impl<T: Real, const SIDE: usize> Kernel for Tiled<'_, T, SIDE> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (width, across, down) = (self.columns.extent, self.columns.seen.len(), self.rows.seen.len());
        let plane = self.rows.extent * width;
        let columns: Vec<T> = (0..across * SIDE).map(|column| T::from_f64(column as f64)).collect();
        let (mut tops, mut stands, n) = (columns.clone(), columns.clone(), columns.len());
        for row in 0..self.places.len() / across {
            let (first, to) = (row % down * SIDE * width, row * across);
            let band = &self.x[row / down * plane + first..];
            let (tops, stands, columns) = (&mut tops[..n], &mut stands[..n], &columns[..n]);
            let (x, offset) = (&band[..n], T::from_f64(first as f64));
            for c in 0..n {
                tops[c] = x[c];
                stands[c] = columns[c] + offset;
            }
            for i in 1..SIDE {
                let (x, offset) = (&band[i * width..][..n], T::from_f64((first + i * width) as f64));
                for c in 0..n {
                    let better = exceeds(x[c], tops[c]);
                    stands[c] = if better { columns[c] + offset } else { stands[c] };
                    tops[c] = if better { x[c] } else { tops[c] };
                }
            }
            let (tops, stands) = (&tops.as_chunks::<SIDE>().0[..across], &stands.as_chunks::<SIDE>().0[..across]);
            let (values, places) = (&mut self.values[to..to + across], &mut self.places[to..to + across]);
            for c in 0..across {
                let (mut value, mut place) = (tops[c][0], stands[c][0]);
                for j in 1..SIDE {
                    let (top, stand) = (tops[c][j], stands[c][j]);
                    // Of equal ones in two columns the first is not always in the first column.
                    let same = (top == value) | (top.is_nan() & value.is_nan());
                    let better = exceeds(top, value) | (same & (stand < place));
                    place = if better { stand } else { place };
                    value = if better { top } else { value };
                }
                values[c] = value;
                places[c] = place;
            }
        }
    }
}

/// Whether an element takes the place of the largest so far. A NaN is larger than everything, but not than an earlier one.
/// For choices between values, not ways through the code: nobody can foretell which element is the largest.
#[inline(always)]
fn exceeds<T: Real>(element: T, largest: T) -> bool {
    (element > largest) | (element.is_nan() & !largest.is_nan())
}

struct Largest<'a, T> {
    rows: &'a Axis,
    columns: &'a Axis,
    x: &'a [T],
    values: &'a mut [T],
    places: &'a mut [T],
}

impl<T: Real> Kernel for Largest<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Largest { rows, columns, x, values, places } = self;
        let (width, windows) = (columns.extent, &columns.seen);
        let widest = windows.iter().map(|&(_, across)| across).max().unwrap_or(0);
        let first: Vec<T> = windows.iter().map(|&(left, _)| T::from_f64(left as f64)).collect();
        // A row of windows at once, each place of theirs after the other, so that no window waits for itself.
        let mut elements = vec![T::ZERO; windows.len()];
        let (across, down) = (windows.len(), rows.seen.len());
        let results = values.chunks_exact_mut(down * across).zip(places.chunks_exact_mut(down * across));
        for (plane, (values, places)) in x.chunks_exact(rows.extent * width).zip(results) {
            let results = values.chunks_exact_mut(across).zip(places.chunks_exact_mut(across));
            for (&(top, height), (largest, best)) in rows.seen.iter().zip(results) {
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
                            best.iter_mut().zip(largest.iter_mut()).zip(elements.iter().zip(&first))
                        {
                            let better = exceeds(element, *largest);
                            *best = if better { offset + first } else { *best };
                            *largest = if better { element } else { *largest };
                        }
                    }
                }
            }
        }
    }
}
