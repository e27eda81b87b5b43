//! Products that are summed up in registers, from operands that are read where they lie.
//!
//! Nothing is packed, which for operands that fit into the cache costs more than it gives. There are two ways to lay such a
//! product out, by what lies side by side:
//!
//! | function | product | side by side |
//! |---|---|---|
//! | [`spread`] | `y[i, j] = Σₗ a[i, l] b[l, j]` | the rows of `b` and of `y`, along `j` |
//! | [`meet`] | `y[i, j] = Σₗ a[i, l] b[j, l]` | the rows of `a` and of `b`, along `l` |
//!
//! Each row of `b` starts where [`Starts`] says: rows may overlap, so the patches of a convolution are such a matrix without
//! being copied. A sum has the same terms in the same order wherever its block begins, so the bits do not depend on how the
//! work is divided.

// What an iterator calls may be left out of line and lose the instruction set; a loop over places never does.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::matrix::Matrix;
use super::on_machine;
use crate::algebra::Real;
use pulp::{MemMask, Simd, WithSimd};

/// Where the rows of an operand start.
pub(crate) trait Starts: Copy + Send + Sync {
    /// The place of row `l`.
    fn at(self, l: usize) -> usize;
}

/// Rows that start so far apart, the first at 0.
#[derive(Clone, Copy)]
pub(crate) struct Apart(pub usize);

impl Starts for Apart {
    #[inline(always)]
    fn at(self, l: usize) -> usize {
        l * self.0
    }
}

impl Starts for &[usize] {
    #[inline(always)]
    fn at(self, l: usize) -> usize {
        self[l]
    }
}

/// The vectors of a number type.
pub trait Vectors: Copy {
    /// A vector of an instruction set.
    type Of<S: Simd>: Copy;
    /// How many numbers a vector holds.
    fn lanes<S: Simd>() -> usize;
    /// A number in every lane.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Of<S>;
    /// A slice as vectors; what does not fill one is left out.
    fn whole<S: Simd>(slice: &[Self]) -> &[Self::Of<S>];
    /// A slice as vectors, for writing.
    fn whole_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Of<S>];
    /// A slice that does not fill a vector, with zeros behind it.
    fn part<S: Simd>(simd: S, slice: &[Self]) -> Self::Of<S>;
    /// Writes as many lanes as the slice has places.
    fn put_part<S: Simd>(simd: S, slice: &mut [Self], x: Self::Of<S>);
    /// `sum + a · b`, fused where that is one instruction.
    fn plus_product<S: Simd>(simd: S, sum: Self::Of<S>, a: Self::Of<S>, b: Self::Of<S>) -> Self::Of<S>;
    /// `a + b`.
    fn plus<S: Simd>(simd: S, a: Self::Of<S>, b: Self::Of<S>) -> Self::Of<S>;
    /// The sum of all lanes.
    fn total<S: Simd>(simd: S, x: Self::Of<S>) -> Self;
}

macro_rules! vectors {
    ($t:ident, $of:ident, $lanes:ident, $splat:ident, $whole:ident, $whole_mut:ident, $mask:ident, $masked_load:ident, $masked_store:ident, $mul_add:ident, $add:ident, $sum:ident) => {
        impl Vectors for $t {
            type Of<S: Simd> = S::$of;
            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$of {
                simd.$splat(x)
            }
            #[inline(always)]
            fn whole<S: Simd>(slice: &[Self]) -> &[S::$of] {
                S::$whole(slice).0
            }
            #[inline(always)]
            fn whole_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::$of] {
                S::$whole_mut(slice).0
            }
            #[inline(always)]
            fn part<S: Simd>(simd: S, slice: &[Self]) -> S::$of {
                // A mask that says nothing else is one instruction; pulp's own way calls a function.
                let mask = MemMask::new(simd.$mask(0, slice.len() as _).mask());
                // SAFETY: the lanes of the mask are places of the slice.
                unsafe { simd.$masked_load(mask, slice.as_ptr()) }
            }
            #[inline(always)]
            fn put_part<S: Simd>(simd: S, slice: &mut [Self], x: S::$of) {
                let mask = MemMask::new(simd.$mask(0, slice.len() as _).mask());
                // SAFETY: the lanes of the mask are places of the slice.
                unsafe { simd.$masked_store(mask, slice.as_mut_ptr(), x) }
            }
            #[inline(always)]
            fn plus_product<S: Simd>(simd: S, sum: S::$of, a: S::$of, b: S::$of) -> S::$of {
                simd.$mul_add(a, b, sum)
            }
            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$of, b: S::$of) -> S::$of {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn total<S: Simd>(simd: S, x: S::$of) -> Self {
                simd.$sum(x)
            }
        }
    };
}
vectors!(
    f32,
    f32s,
    F32_LANES,
    splat_f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    mask_between_m32s,
    mask_load_ptr_f32s,
    mask_store_ptr_f32s,
    mul_add_e_f32s,
    add_f32s,
    reduce_sum_f32s
);
vectors!(
    f64,
    f64s,
    F64_LANES,
    splat_f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    mask_between_m64s,
    mask_load_ptr_f64s,
    mask_store_ptr_f64s,
    mul_add_e_f64s,
    add_f64s,
    reduce_sum_f64s
);

/// Vectors side by side in a block, and rows: twelve sums fill the sixteen registers of AVX2, and are enough to keep the
/// units of AVX-512 busy.
pub(crate) const WIDE: usize = 3;
pub(crate) const TALL: usize = 4;

/// `y[i, j] = Σₗ a[i, l] b[starts(l) + j]`, or added to it if `accumulate`, for extents `[m, n, k]`; the rows of `y` are
/// `width` apart.
pub(crate) fn spread<T: Real, R: Starts>(
    y: &mut [T],
    width: usize,
    extents: [usize; 3],
    a: Matrix<'_, T>,
    (b, starts): (&[T], R),
    accumulate: bool,
) {
    let [m, n, k] = extents;
    if m == 0 || n == 0 {
        return;
    }
    let inside = (0..k).all(|l| starts.at(l) + n <= b.len());
    assert!(
        inside && (k == 0 || a.holds(m, k)) && n <= width && (m - 1) * width + n <= y.len(),
        "a product leaves its slice"
    );
    on_machine(Spread { y, width, extents, a, b, starts, accumulate });
}

struct Spread<'a, T, R> {
    y: &'a mut [T],
    width: usize,
    extents: [usize; 3],
    a: Matrix<'a, T>,
    b: &'a [T],
    starts: R,
    accumulate: bool,
}

impl<T: Real, R: Starts> WithSimd for Spread<'_, T, R> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (n, lanes, mut j) = (self.extents[1], T::lanes::<S>(), 0);
        while j + WIDE * lanes <= n {
            self.strip::<S, WIDE, false>(simd, j);
            j += WIDE * lanes;
        }
        match (n - j).div_ceil(lanes) {
            0 => {}
            1 => self.strip::<S, 1, true>(simd, j),
            2 => self.strip::<S, 2, true>(simd, j),
            _ => self.strip::<S, WIDE, true>(simd, j),
        }
    }
}

impl<T: Real, R: Starts> Spread<'_, T, R> {
    /// All rows of the columns from `j` on: of so many vectors, the last of which need not be full if it is the last of all.
    #[inline(always)]
    fn strip<S: Simd, const V: usize, const PART: bool>(&mut self, simd: S, j: usize) {
        let (m, mut i) = (self.extents[0], 0);
        while i + TALL <= m {
            self.block::<S, TALL, V, PART>(simd, i, j);
            i += TALL;
        }
        while i + 2 <= m {
            self.block::<S, 2, V, PART>(simd, i, j);
            i += 2;
        }
        if i < m {
            self.block::<S, 1, V, PART>(simd, i, j);
        }
    }

    #[inline(always)]
    fn block<S: Simd, const M: usize, const V: usize, const PART: bool>(&mut self, simd: S, i: usize, j: usize) {
        let ([_, n, k], lanes) = (self.extents, T::lanes::<S>());
        let (count, full) = if PART { (n - j, V - 1) } else { (V * lanes, V) };
        let mut sums = [[T::splat(simd, T::ZERO); V]; M];
        for l in 0..k {
            let start = self.starts.at(l) + j;
            // SAFETY: `spread` checked that every row of `b` has `n` elements from its start on, and `j + count ≤ n`.
            let row = unsafe { self.b.get_unchecked(start..start + count) };
            let mut b = [T::splat(simd, T::ZERO); V];
            // A loop over places, as everywhere here: what is called may have lost the instruction set.
            for v in 0..full {
                b[v] = T::whole::<S>(row)[v];
            }
            if PART {
                b[full] = T::part(simd, &row[full * lanes..]);
            }
            for r in 0..M {
                // SAFETY: `spread` checked that `a` holds all of its `m × k` elements, and `i + r < m`, `l < k`.
                let a = T::splat(simd, unsafe { *self.a.data.get_unchecked(self.a.place(i + r, l) as usize) });
                for v in 0..V {
                    sums[r][v] = T::plus_product(simd, sums[r][v], a, b[v]);
                }
            }
        }
        for r in 0..M {
            let out = &mut self.y[(i + r) * self.width + j..][..count];
            let (whole, part) = out.split_at_mut(full * lanes);
            let whole = T::whole_mut::<S>(whole);
            for v in 0..full {
                whole[v] = if self.accumulate { T::plus(simd, whole[v], sums[r][v]) } else { sums[r][v] };
            }
            if PART {
                let sum = sums[r][full];
                let sum = if self.accumulate { T::plus(simd, T::part(simd, part), sum) } else { sum };
                T::put_part(simd, part, sum);
            }
        }
    }
}

/// Pairs of samples over which a product is summed, too: how many, and how far apart they are in `a` and in `b`.
#[derive(Clone, Copy)]
pub(crate) struct Samples {
    pub count: usize,
    pub apart: [usize; 2],
}

impl Samples {
    /// No samples: a single product.
    pub(crate) const ONE: Samples = Samples { count: 1, apart: [0, 0] };
}

/// `y[i, j] = Σₗ a[i · step + l] b[starts(j) + l]`, summed over samples, or added to it if `accumulate`, for extents
/// `[m, n, k]`; the rows of `y` are `width` apart.
pub(crate) fn meet<T: Real, R: Starts>(
    y: &mut [T],
    width: usize,
    extents: [usize; 3],
    (a, step): (&[T], usize),
    (b, starts): (&[T], R),
    samples: Samples,
    accumulate: bool,
) {
    let [m, n, k] = extents;
    if m == 0 || n == 0 || samples.count == 0 {
        return;
    }
    let last = samples.apart.map(|apart| apart * (samples.count - 1));
    let inside = (0..n).all(|j| starts.at(j) + k + last[1] <= b.len());
    assert!(
        inside && (m - 1) * step + k + last[0] <= a.len() && n <= width && (m - 1) * width + n <= y.len(),
        "a product leaves its slice"
    );
    on_machine(Meet { y, width, extents, a, step, b, starts, samples, accumulate });
}

struct Meet<'a, T, R> {
    y: &'a mut [T],
    width: usize,
    extents: [usize; 3],
    a: &'a [T],
    step: usize,
    b: &'a [T],
    starts: R,
    samples: Samples,
    accumulate: bool,
}

impl<T: Real, R: Starts> WithSimd for Meet<'_, T, R> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (m, mut i) = (self.extents[0], 0);
        while i + TALL <= m {
            self.strip::<S, TALL>(simd, i);
            i += TALL;
        }
        while i + 2 <= m {
            self.strip::<S, 2>(simd, i);
            i += 2;
        }
        if i < m {
            self.strip::<S, 1>(simd, i);
        }
    }
}

impl<T: Real, R: Starts> Meet<'_, T, R> {
    #[inline(always)]
    fn strip<S: Simd, const M: usize>(&mut self, simd: S, i: usize) {
        let (n, mut j) = (self.extents[1], 0);
        while j + WIDE <= n {
            self.block::<S, M, WIDE>(simd, i, j);
            j += WIDE;
        }
        while j < n {
            self.block::<S, M, 1>(simd, i, j);
            j += 1;
        }
    }

    #[inline(always)]
    fn block<S: Simd, const M: usize, const N: usize>(&mut self, simd: S, i: usize, j: usize) {
        let (k, lanes) = (self.extents[2], T::lanes::<S>());
        let mut sums = [[T::splat(simd, T::ZERO); N]; M];
        for sample in 0..self.samples.count {
            let [a, b] = self.samples.apart.map(|apart| apart * sample);
            let (mut rows_a, mut rows_b): ([&[T]; M], [&[T]; N]) = ([&[]; M], [&[]; N]);
            for r in 0..M {
                rows_a[r] = &self.a[(i + r) * self.step + a..][..k];
            }
            for c in 0..N {
                rows_b[c] = &self.b[self.starts.at(j + c) + b..][..k];
            }
            let mut l = 0;
            while l + lanes <= k {
                let mut b = [T::splat(simd, T::ZERO); N];
                for c in 0..N {
                    b[c] = T::whole::<S>(&rows_b[c][l..l + lanes])[0];
                }
                for r in 0..M {
                    let a = T::whole::<S>(&rows_a[r][l..l + lanes])[0];
                    for c in 0..N {
                        sums[r][c] = T::plus_product(simd, sums[r][c], a, b[c]);
                    }
                }
                l += lanes;
            }
            if l < k {
                let mut b = [T::splat(simd, T::ZERO); N];
                for c in 0..N {
                    b[c] = T::part(simd, &rows_b[c][l..]);
                }
                for r in 0..M {
                    let a = T::part(simd, &rows_a[r][l..]);
                    for c in 0..N {
                        sums[r][c] = T::plus_product(simd, sums[r][c], a, b[c]);
                    }
                }
            }
        }
        for r in 0..M {
            for c in 0..N {
                let (sum, y) = (T::total(simd, sums[r][c]), &mut self.y[(i + r) * self.width + j + c]);
                *y = if self.accumulate { *y + sum } else { sum };
            }
        }
    }
}

/// Copies `rows` of `width` elements, which are so far apart in `from` and so far apart in `to`: short ones, for which a call
/// each costs more than the copy.
pub(crate) fn copy_rows<T: Real>([rows, width]: [usize; 2], from: (&[T], usize), to: (&mut [T], usize)) {
    on_machine(CopyRows { rows, width, from, to });
}

struct CopyRows<'a, T> {
    rows: usize,
    width: usize,
    from: (&'a [T], usize),
    to: (&'a mut [T], usize),
}

impl<T: Real> WithSimd for CopyRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let full = self.width / T::lanes::<S>() * T::lanes::<S>();
        for row in 0..self.rows {
            let from = &self.from.0[row * self.from.1..][..self.width];
            let to = &mut self.to.0[row * self.to.1..][..self.width];
            let (whole, out) = (T::whole::<S>(&from[..full]), T::whole_mut::<S>(&mut to[..full]));
            for v in 0..whole.len().min(out.len()) {
                out[v] = whole[v];
            }
            if full < self.width {
                T::put_part(simd, &mut to[full..], T::part(simd, &from[full..]));
            }
        }
    }
}
