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

/// One pass over `x`. The shift keeps the squares from cancelling where the mean is large beside the deviation.
pub(crate) fn sums<T: Real>(x: &[T]) -> Sums {
    let shift = x.iter().map(|x| x.to_f64()).find(|x| x.is_finite()).unwrap_or(0.0);
    dispatch(Pass { x, shift })
}

struct Pass<'a, T> {
    x: &'a [T],
    shift: f64,
}

impl<T: Real> Kernel for Pass<'_, T> {
    type Output = Sums;
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Sums {
        let (mut sum, mut squares, mut finite, mut zeros) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
        let (mut min, mut max) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        let mut add = |lane: usize, x: f64| {
            let is_finite = x.abs() < f64::INFINITY;
            let moved = if is_finite { x - self.shift } else { 0.0 };
            sum[lane] += moved;
            squares[lane] += moved * moved;
            finite[lane] += if is_finite { 1.0 } else { 0.0 };
            zeros[lane] += if x == 0.0 { 1.0 } else { 0.0 };
            let low = if is_finite { x } else { f64::INFINITY };
            let high = if is_finite { x } else { f64::NEG_INFINITY };
            min[lane] = if low < min[lane] { low } else { min[lane] };
            max[lane] = if high > max[lane] { high } else { max[lane] };
        };
        let (whole, rest) = self.x.as_chunks::<LANES>();
        for chunk in whole {
            for (lane, x) in chunk.iter().enumerate() {
                add(lane, x.to_f64());
            }
        }
        for (lane, x) in rest.iter().enumerate() {
            add(lane, x.to_f64());
        }
        Sums {
            finite: finite.iter().sum::<f64>() as usize,
            zeros: zeros.iter().sum::<f64>() as usize,
            shift: self.shift,
            sum: sum.iter().sum(),
            squares: squares.iter().sum(),
            min: min.into_iter().fold(f64::INFINITY, f64::min),
            max: max.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}
