//! Mean, extremes and what is odd of many numbers, in one pass.

use super::{Kernel, dispatch};
use crate::algebra::Real;

/// So many running sums at once: no addition waits for the one before it.
const LANES: usize = 8;

/// What one pass over numbers finds. Of the finite ones: their count, sums about `shift`, extremes, zeros.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    pub finite: usize,
    pub zeros: usize,
    pub shift: f64,
    /// `Σ (x − shift)`.
    pub sum: f64,
    /// `Σ (x − shift)²`.
    pub squares: f64,
    pub min: f64,
    pub max: f64,
}

/// One pass over `x`, and a second one if not all are finite. The shift keeps the squares from cancelling where the mean is
/// large beside the deviation.
pub(crate) fn sums<T: Real>(x: &[T]) -> Sums {
    let shift = x.iter().map(|x| x.to_f64()).find(|x| x.is_finite()).unwrap_or(0.0);
    let sums = dispatch(Pass::<T, true> { x, shift });
    // What is not finite has no finite square.
    if sums.squares.is_finite() { sums } else { dispatch(Pass::<T, false> { x, shift }) }
}

/// `FINITE` if all are taken to be finite.
struct Pass<'a, T, const FINITE: bool> {
    x: &'a [T],
    shift: f64,
}

impl<T: Real, const FINITE: bool> Kernel for Pass<'_, T, FINITE> {
    type Output = Sums;
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Sums {
        let zeros = [0.0; LANES];
        let (min, max) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        let mut lanes = Lanes { sum: zeros, squares: zeros, finite: zeros, zeros, min, max };
        let (whole, rest) = self.x.as_chunks::<LANES>();
        for chunk in whole {
            lanes.add::<FINITE>(&chunk.map(|x| x.to_f64()), self.shift);
        }
        // What is not finite adds nothing.
        let mut last = [f64::NAN; LANES];
        last.iter_mut().zip(rest).for_each(|(last, x)| *last = x.to_f64());
        lanes.add::<false>(&last, self.shift);
        Sums {
            finite: lanes.finite.iter().sum::<f64>() as usize,
            zeros: lanes.zeros.iter().sum::<f64>() as usize,
            shift: self.shift,
            sum: lanes.sum.iter().sum(),
            squares: lanes.squares.iter().sum(),
            min: lanes.min.into_iter().fold(f64::INFINITY, f64::min),
            max: lanes.max.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// The running sums.
struct Lanes {
    sum: [f64; LANES],
    squares: [f64; LANES],
    finite: [f64; LANES],
    zeros: [f64; LANES],
    min: [f64; LANES],
    max: [f64; LANES],
}

impl Lanes {
    /// Each of the loops is a few instructions for all lanes.
    #[inline(always)]
    fn add<const FINITE: bool>(&mut self, x: &[f64; LANES], shift: f64) {
        let is_finite: [bool; LANES] = std::array::from_fn(|lane| FINITE || x[lane].abs() < f64::INFINITY);
        for lane in 0..LANES {
            let moved = if is_finite[lane] { x[lane] - shift } else { 0.0 };
            self.sum[lane] += moved;
            self.squares[lane] += moved * moved;
        }
        for lane in 0..LANES {
            self.finite[lane] += if is_finite[lane] { 1.0 } else { 0.0 };
            self.zeros[lane] += if x[lane] == 0.0 { 1.0 } else { 0.0 };
        }
        for lane in 0..LANES {
            let low = if is_finite[lane] { x[lane] } else { f64::INFINITY };
            self.min[lane] = if low < self.min[lane] { low } else { self.min[lane] };
        }
        for lane in 0..LANES {
            let high = if is_finite[lane] { x[lane] } else { f64::NEG_INFINITY };
            self.max[lane] = if high > self.max[lane] { high } else { self.max[lane] };
        }
    }
}
