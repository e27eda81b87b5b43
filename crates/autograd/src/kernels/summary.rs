//! Mean, extremes and what is odd of many numbers.

use super::{Kernel, dispatch};
use crate::algebra::Real;

/// So many running sums at once: no addition waits for the one before it.
const LANES: usize = 8;
/// So many times as many stay near while several loops pass over them.
const BLOCK: usize = 64;

/// What is found in numbers. Of the finite ones: their count, sums about `shift`, extremes, zeros.
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

/// Of `x`. The shift keeps the squares from cancelling where the mean is large beside the deviation.
pub(crate) fn sums<T: Real>(x: &[T]) -> Sums {
    let shift = x.iter().copied().find(|x| x.is_finite()).unwrap_or(T::ZERO);
    let sums = dispatch(Pass { x, shift });
    if sums.squares.is_finite() {
        return sums;
    }
    // What is not finite has no finite square.
    let finite: Vec<T> = x.iter().copied().filter(|x| x.is_finite()).collect();
    dispatch(Pass { x: &finite, shift })
}

/// Over numbers that are all finite, else its squares are not. The shift is one of them.
struct Pass<'a, T> {
    x: &'a [T],
    shift: T,
}

impl<T: Real> Kernel for Pass<'_, T> {
    type Output = Sums;
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Sums {
        let (min, max) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        let mut lanes = Lanes { sum: [0.0; LANES], squares: [0.0; LANES], zeros: [0.0; LANES], min, max };
        let (whole, rest) = self.x.as_chunks::<LANES>();
        for block in whole.chunks(BLOCK) {
            lanes.add(block, self.shift.to_f64());
        }
        // The shift adds nothing, but may be a zero.
        let mut last = [self.shift; LANES];
        last[..rest.len()].copy_from_slice(rest);
        lanes.add(&[last], self.shift.to_f64());
        let added = if self.shift == T::ZERO { LANES - rest.len() } else { 0 };
        Sums {
            finite: self.x.len(),
            zeros: lanes.zeros.iter().sum::<f64>() as usize - added,
            shift: self.shift.to_f64(),
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
    zeros: [f64; LANES],
    min: [f64; LANES],
    max: [f64; LANES],
}

impl Lanes {
    /// A loop a sum: each is a few instructions for all lanes. Of all in one loop the compiler makes many more.
    #[inline(always)]
    fn add<T: Real>(&mut self, block: &[[T; LANES]], shift: f64) {
        let Lanes { sum, squares, zeros, min, max } = self;
        for x in block {
            for lane in 0..LANES {
                sum[lane] += x[lane].to_f64() - shift;
            }
        }
        for x in block {
            for lane in 0..LANES {
                let moved = x[lane].to_f64() - shift;
                squares[lane] += moved * moved;
            }
        }
        for x in block {
            for lane in 0..LANES {
                zeros[lane] += if x[lane] == T::ZERO { 1.0 } else { 0.0 };
            }
        }
        for x in block {
            for lane in 0..LANES {
                let x = x[lane].to_f64();
                min[lane] = if x < min[lane] { x } else { min[lane] };
            }
        }
        for x in block {
            for lane in 0..LANES {
                let x = x[lane].to_f64();
                max[lane] = if x > max[lane] { x } else { max[lane] };
            }
        }
    }
}
