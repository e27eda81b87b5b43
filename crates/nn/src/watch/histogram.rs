//! Histograms whose bins are the same for every tensor and every step.

use autograd::algebra::Real;
use serde::{Deserialize, Serialize};
use std::any::Any;

/// The exponents of the smallest and the largest numbers that have bins of their own: all of `f32`.
const LOWEST: i32 = -149;
const HIGHEST: i32 = 127;
const BINS: usize = (HIGHEST - LOWEST + 1) as usize;
/// The exponents as `f32` stores them: 0 is for 0 and numbers below its full precision, 255 for what is not finite.
const STORED: usize = 256;
const BIAS: i32 = 127;

/// How often numbers of which size occur. Bins are symmetric and logarithmic: `2ᵉ ≤ |x| < 2ᵉ⁺¹`, by sign. What has no place
/// there has a counter of its own: 0, NaN, ±∞. Numbers of `f64` that `f32` does not have count in the outermost bins.
///
/// ```
/// use nn::watch::Histogram;
/// let histogram = Histogram::of(&[0.0, 1.0, 1.5, -3.0, f64::NAN, f64::INFINITY]);
/// assert_eq!((histogram.zeros, histogram.nan, histogram.plus_infinity, histogram.total()), (1, 1, 1, 6));
/// let bins: Vec<_> = histogram.bins().into_iter().map(|bin| (bin.low, bin.high, bin.count)).collect();
/// assert_eq!(bins, [(-4.0, -2.0, 1), (0.0, 0.0, 1), (1.0, 2.0, 2)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// The exponent of the first of the negative bins, and how many numbers are in each, the smallest sizes first.
    pub negative: (i32, Vec<u64>),
    /// The same of the positive ones.
    pub positive: (i32, Vec<u64>),
    /// How many are exactly 0.
    pub zeros: u64,
    /// How many are NaN.
    pub nan: u64,
    /// How many are +∞.
    pub plus_infinity: u64,
    /// How many are −∞.
    pub minus_infinity: u64,
}

/// A bin: `low ≤ x < high`, of negative numbers `low < x ≤ high`; both are 0 in the bin of exact zeros.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// The smaller edge.
    pub low: f64,
    /// The larger edge.
    pub high: f64,
    /// How many numbers are in it.
    pub count: u64,
}

impl Histogram {
    /// Of these numbers.
    pub fn of<T: Real>(numbers: &[T]) -> Self {
        Self::with_zeros(numbers, numbers.iter().filter(|x| **x == T::ZERO).count())
    }

    /// The same, where it is known how many are 0.
    pub(super) fn with_zeros<T: Real>(numbers: &[T], zeros: usize) -> Self {
        // Neighbours are often of one size. In long rows they count in tables of their own: none waits for the other.
        let stored = if numbers.len() < 2048 { counted::<T, 1>(numbers) } else { counted::<T, 4>(numbers) };
        let mut histogram = Histogram { zeros: zeros as u64, ..Histogram::default() };
        let inside = [0, STORED].map(|sign| &stored[sign + 1..][..STORED - 2]);
        let outside = |places: [usize; 2]| places.iter().map(|&place| u64::from(stored[place])).sum::<u64>();
        if outside([0, STORED]) > histogram.zeros || outside([STORED - 1, 2 * STORED - 1]) > 0 {
            let mut counts = [[0; BINS]; 2];
            for (counts, inside) in counts.iter_mut().zip(inside) {
                counts[(1 - BIAS - LOWEST) as usize..].copy_from_slice(inside);
            }
            histogram.sort_out(numbers, &mut counts);
            [histogram.positive, histogram.negative] = counts.map(|counts| trimmed(LOWEST, &counts));
        } else {
            [histogram.positive, histogram.negative] = inside.map(|counts| trimmed(1 - BIAS, counts));
        }
        histogram
    }

    /// Counts what the table of exponents has no bin for.
    fn sort_out<T: Real>(&mut self, numbers: &[T], counts: &mut [[u32; BINS]; 2]) {
        for x in numbers.iter().map(|x| x.to_f64()) {
            match x {
                _ if x.is_nan() => self.nan += 1,
                f64::INFINITY => self.plus_infinity += 1,
                f64::NEG_INFINITY => self.minus_infinity += 1,
                _ => {
                    let exponent = exponent(x);
                    let has_bin = (1 - BIAS..=HIGHEST).contains(&exponent);
                    if x != 0.0 && !has_bin {
                        let place = exponent.clamp(LOWEST, HIGHEST) - LOWEST;
                        counts[usize::from(x < 0.0)][place as usize] += 1;
                    }
                }
            }
        }
    }

    /// The bins that are not empty, from the smallest number to the largest, that of exact zeros among them.
    pub fn bins(&self) -> Vec<Bin> {
        let edges = |first: i32, place: usize| {
            let exponent = first + place as i32;
            (2f64.powi(exponent), 2f64.powi(exponent + 1))
        };
        let full = |(_, count): &(usize, u64)| *count > 0;
        let counted = |counts: &[u64]| counts.iter().copied().enumerate().filter(full).collect::<Vec<_>>();
        let negative = counted(&self.negative.1).into_iter().rev().map(|(place, count)| {
            let (near, far) = edges(self.negative.0, place);
            Bin { low: -far, high: -near, count }
        });
        let zero = (self.zeros > 0).then_some(Bin { low: 0.0, high: 0.0, count: self.zeros });
        let positive = counted(&self.positive.1).into_iter().map(|(place, count)| {
            let (low, high) = edges(self.positive.0, place);
            Bin { low, high, count }
        });
        negative.chain(zero).chain(positive).collect()
    }

    /// How many numbers were counted.
    pub fn total(&self) -> u64 {
        let bins: u64 = self.negative.1.iter().chain(&self.positive.1).sum();
        bins + self.zeros + self.non_finite()
    }

    /// How many are NaN or infinite.
    pub fn non_finite(&self) -> u64 {
        self.nan + self.plus_infinity + self.minus_infinity
    }

    /// How many are not 0 and smaller than `2ᵉ` in size.
    pub(super) fn below(&self, exponent: i32) -> u64 {
        let count = |(first, counts): &(i32, Vec<u64>)| {
            counts.iter().zip(*first..).filter(|(_, e)| *e < exponent).map(|(count, _)| count).sum::<u64>()
        };
        count(&self.negative) + count(&self.positive)
    }
}

/// How often each exponent occurs, those of negative numbers behind the others.
fn counted<T: Real, const TABLES: usize>(numbers: &[T]) -> [u32; 2 * STORED] {
    let mut tables = [[0_u32; 2 * STORED]; TABLES];
    let (many, few) = numbers.as_chunks::<TABLES>();
    for chunk in many {
        for (table, x) in tables.iter_mut().zip(chunk) {
            table[place(*x)] += 1;
        }
    }
    few.iter().for_each(|x| tables[0][place(*x)] += 1);
    let mut sum = tables[0];
    for other in &tables[1..] {
        sum.iter_mut().zip(other).for_each(|(sum, count)| *sum += count);
    }
    sum
}

/// The sign and the exponent of a number, as `f32` stores them.
fn place<T: Real>(x: T) -> usize {
    // Which type it is is known when this is compiled.
    if let Some(x) = (&x as &dyn Any).downcast_ref::<f32>() {
        return (x.to_bits() >> 23) as usize;
    }
    let x = x.to_f64();
    let stored = (exponent(x) + BIAS).clamp(0, STORED as i32 - 1) as usize;
    stored + usize::from(x.is_sign_negative()) * STORED
}

/// The binary exponent: below all others for 0, above all others for what is not finite.
fn exponent(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

/// The counts from the first that is not 0 to the last, and the exponent of the first; `start` is that of all.
fn trimmed(start: i32, counts: &[u32]) -> (i32, Vec<u64>) {
    let Some(first) = counts.iter().position(|&count| count > 0) else { return Default::default() };
    let end = counts.iter().rposition(|&count| count > 0).map_or(first, |last| last + 1);
    (start + first as i32, counts[first..end].iter().map(|&count| u64::from(count)).collect())
}
