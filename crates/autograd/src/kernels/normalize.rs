//! Standardised values, `(x − mean)/√(variance + ε)`, and the way back.
//!
//! The mean is taken twice, of the values and then of their differences from the first result, so that values far from
//! 0 lose nothing; squares are summed of those differences. Pieces are summed by a fixed set of lanes, and their totals
//! in double precision.

use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::Real;
use std::marker::PhantomData;

/// Which elements go together: those with the same middle coordinate of `[outer, channels, inner]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub outer: usize,
    pub channels: usize,
    pub inner: usize,
}

/// What values are measured from, and what keeps their spread from being 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// From the mean; else from 0.
    pub centered: bool,
    /// What is added to the mean square.
    pub epsilon: f64,
}

/// Elements of whole channels that are worked through at a time, so that later passes find them in the cache.
const BLOCK: usize = 1 << 13;

/// `y = (x − mean)/√(variance + ε)`, and each channel's `1/√(variance + ε)`.
pub(crate) fn standardize<T: Real>(layout: Layout, spread: Spread, x: &[T], y: &mut [T], scales: &mut [T]) {
    results(layout, spread, x, x, y, scales);
}

/// Each channel's `1/√(variance + ε)`.
pub(crate) fn scales<T: Real>(layout: Layout, spread: Spread, x: &[T], scales: &mut [T]) {
    if layout.channels > 0 {
        scales.copy_from_slice(&spread.numbers(layout, x, x, &[]).scale);
    }
}

/// `scale (g − mean(g) − y mean(g y))`, the pull-back and the push-forward of [`standardize`]; without the first mean
/// where values are measured from 0.
pub(crate) fn project<T: Real>(layout: Layout, spread: Spread, g: &[T], y: &[T], scales: &[T], out: &mut [T]) {
    results(layout, Projection { centered: spread.centered }, g, y, out, &mut scales.to_vec());
}

/// The numbers of each channel that its results are made of: `((a − shift) − second) scale`, or with `b second` in
/// place of `second`.
struct Numbers<T> {
    shift: Vec<T>,
    second: Vec<T>,
    scale: Vec<T>,
}

/// How the numbers of channels are found.
trait Form<T: Real>: Copy + Send + Sync {
    /// Whether `second` is multiplied by `b`.
    const TIMES_B: bool;
    /// The numbers of each channel; `scales` are those that are known.
    fn numbers(&self, layout: Layout, a: &[T], b: &[T], scales: &[T]) -> Numbers<T>;
}

impl<T: Real> Form<T> for Spread {
    const TIMES_B: bool = false;
    fn numbers(&self, layout: Layout, x: &[T], _: &[T], _: &[T]) -> Numbers<T> {
        let count = (layout.outer * layout.inner) as f64;
        let mut shift = vec![T::ZERO; layout.channels];
        let mut found = vec![[0.0; 2]; layout.channels];
        if self.centered {
            sums::<T, Values>(layout, x, x, &shift, 0, &mut found);
            shift.iter_mut().zip(&found).for_each(|(shift, sums)| *shift = T::from_f64(sums[0] / count));
        }
        sums::<T, Differences>(layout, x, x, &shift, 0, &mut found);
        let (second, scale) = found
            .iter()
            .map(|&[differences, squares]| {
                let second = if self.centered { differences / count } else { 0.0 };
                let variance = squares / count - second * second;
                // Not `max`, which would hide a NaN.
                let variance = if variance < 0.0 { 0.0 } else { variance };
                (T::from_f64(second), T::from_f64(1.0 / (variance + self.epsilon).sqrt()))
            })
            .unzip();
        Numbers { shift, second, scale }
    }
}

#[derive(Clone, Copy)]
struct Projection {
    centered: bool,
}

impl<T: Real> Form<T> for Projection {
    const TIMES_B: bool = true;
    fn numbers(&self, layout: Layout, g: &[T], y: &[T], scales: &[T]) -> Numbers<T> {
        let count = (layout.outer * layout.inner) as f64;
        let mut found = vec![[0.0; 2]; layout.channels];
        sums::<T, Products>(layout, g, y, &vec![T::ZERO; layout.channels], 0, &mut found);
        let mean = |sum: f64| T::from_f64(sum / count);
        Numbers {
            shift: found.iter().map(|sums| if self.centered { mean(sums[0]) } else { T::ZERO }).collect(),
            second: found.iter().map(|sums| mean(sums[1])).collect(),
            scale: scales.to_vec(),
        }
    }
}

/// Finds the numbers of each channel, puts its scale into `scales`, and writes its results.
fn results<T: Real, F: Form<T>>(layout: Layout, form: F, a: &[T], b: &[T], out: &mut [T], scales: &mut [T]) {
    let Layout { outer, channels, inner } = layout;
    if a.is_empty() {
        return;
    }
    // Channels that lie in one piece each are independent of each other.
    let elements = channels * inner;
    if outer == 1 && channels > 1 && elements > BLOCK {
        let half = if elements >= PARALLEL_ELEMENTS { channels / 2 } else { (BLOCK / inner).clamp(1, channels - 1) };
        let (first, second) = (Layout { channels: half, ..layout }, Layout { channels: channels - half, ..layout });
        let ((a1, a2), (b1, b2)) = (a.split_at(half * inner), b.split_at(half * inner));
        let ((out1, out2), (scales1, scales2)) = (out.split_at_mut(half * inner), scales.split_at_mut(half));
        if elements >= PARALLEL_ELEMENTS {
            join(|| results(first, form, a1, b1, out1, scales1), || results(second, form, a2, b2, out2, scales2));
        } else {
            results(first, form, a1, b1, out1, scales1);
            results(second, form, a2, b2, out2, scales2);
        }
        return;
    }
    let numbers = form.numbers(layout, a, b, scales);
    scales.copy_from_slice(&numbers.scale);
    write::<T, F>(layout, a, b, &numbers, out);
}

/// The two sums that `P` says of each channel from `first` on.
fn sums<T: Real, P: Terms>(layout: Layout, a: &[T], b: &[T], shift: &[T], first: usize, out: &mut [[f64; 2]]) {
    if out.len() > 1 && layout.outer > 1 && layout.outer * out.len() * layout.inner >= PARALLEL_ELEMENTS {
        // A block of columns is not divided, so that the order of additions is the same however many threads there are.
        let half = (out.len() / 2).next_multiple_of(COLUMNS).min(out.len());
        if half < out.len() {
            let ((shift1, shift2), (out1, out2)) = (shift.split_at(half), out.split_at_mut(half));
            join(
                || sums::<T, P>(layout, a, b, shift1, first, out1),
                || sums::<T, P>(layout, a, b, shift2, first + half, out2),
            );
            return;
        }
    }
    dispatch(Sums::<T, P> { layout, a, b, shift, first, out, terms: PhantomData });
}

/// What is summed.
trait Terms: Copy + Send + Sync {
    fn of<T: Real>(a: T, b: T, shift: T) -> [T; 2];
}

#[derive(Clone, Copy)]
struct Values;
impl Terms for Values {
    #[inline(always)]
    fn of<T: Real>(a: T, _: T, _: T) -> [T; 2] {
        [a, T::ZERO]
    }
}

#[derive(Clone, Copy)]
struct Differences;
impl Terms for Differences {
    #[inline(always)]
    fn of<T: Real>(a: T, _: T, shift: T) -> [T; 2] {
        [a - shift, (a - shift) * (a - shift)]
    }
}

#[derive(Clone, Copy)]
struct Products;
impl Terms for Products {
    #[inline(always)]
    fn of<T: Real>(a: T, b: T, _: T) -> [T; 2] {
        [a, a * b]
    }
}

/// Elements that one set of lanes works through at most.
const PIECE: usize = 1024;

/// Partial sums that are carried side by side along a row.
const LANES: usize = 16;

/// Columns that are summed side by side, and rows after which their sums go into the totals.
const COLUMNS: usize = 32;
const ROWS: usize = 64;

struct Sums<'a, T, P> {
    layout: Layout,
    a: &'a [T],
    b: &'a [T],
    shift: &'a [T],
    first: usize,
    out: &'a mut [[f64; 2]],
    terms: PhantomData<P>,
}

impl<T: Real, P: Terms> Kernel for Sums<'_, T, P> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Layout { outer, channels, inner } = self.layout;
        if inner == 1 && outer > 1 {
            for (block, out) in self.out.chunks_mut(COLUMNS).enumerate() {
                let start = block * COLUMNS;
                let shift = &self.shift[start..start + out.len()];
                column_sums::<T, P>(self.a, self.b, shift, channels, self.first + start, out);
            }
            return;
        }
        for (channel, (out, &shift)) in self.out.iter_mut().zip(self.shift).enumerate() {
            *out = [0.0; 2];
            for row in 0..outer {
                let start = (row * channels + self.first + channel) * inner;
                let (a, b) = (&self.a[start..start + inner], &self.b[start..start + inner]);
                for (a, b) in a.chunks(PIECE).zip(b.chunks(PIECE)) {
                    let [first, second] = row_sums::<T, P>(a, b, shift);
                    out[0] += first.to_f64();
                    out[1] += second.to_f64();
                }
            }
        }
    }
}

#[inline(always)]
fn row_sums<T: Real, P: Terms>(a: &[T], b: &[T], shift: T) -> [T; 2] {
    let (mut first, mut second) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    let (a_pieces, b_pieces) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let (a_rest, b_rest) = (a_pieces.remainder(), b_pieces.remainder());
    for (a, b) in a_pieces.zip(b_pieces) {
        for lane in 0..LANES {
            let [x, y] = P::of(a[lane], b[lane], shift);
            first[lane] += x;
            second[lane] += y;
        }
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            first[lane] += first[lane + width];
            second[lane] += second[lane + width];
        }
    }
    for (&a, &b) in a_rest.iter().zip(b_rest) {
        let [x, y] = P::of(a, b, shift);
        first[0] += x;
        second[0] += y;
    }
    [first[0], second[0]]
}

/// The sums of neighbouring columns of a matrix with rows of `width` elements.
#[inline(always)]
fn column_sums<T: Real, P: Terms>(a: &[T], b: &[T], shift: &[T], width: usize, start: usize, out: &mut [[f64; 2]]) {
    let columns = out.len();
    out.fill([0.0; 2]);
    for (a, b) in a.chunks(ROWS * width).zip(b.chunks(ROWS * width)) {
        let (mut first, mut second) = ([T::ZERO; COLUMNS], [T::ZERO; COLUMNS]);
        for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
            let (a, b) = (&a[start..start + columns], &b[start..start + columns]);
            for column in 0..columns {
                let [x, y] = P::of(a[column], b[column], shift[column]);
                first[column] += x;
                second[column] += y;
            }
        }
        for (column, out) in out.iter_mut().enumerate() {
            out[0] += first[column].to_f64();
            out[1] += second[column].to_f64();
        }
    }
}

/// Writes the results of every channel from its numbers.
fn write<T: Real, F: Form<T>>(layout: Layout, a: &[T], b: &[T], numbers: &Numbers<T>, out: &mut [T]) {
    let Layout { outer, channels, inner } = layout;
    if outer > 1 && out.len() >= PARALLEL_ELEMENTS {
        let half = outer / 2 * channels * inner;
        let (first, second) = (Layout { outer: outer / 2, ..layout }, Layout { outer: outer - outer / 2, ..layout });
        let ((a1, a2), (b1, b2), (out1, out2)) = (a.split_at(half), b.split_at(half), out.split_at_mut(half));
        join(|| write::<T, F>(first, a1, b1, numbers, out1), || write::<T, F>(second, a2, b2, numbers, out2));
        return;
    }
    dispatch(Write::<T, F> { layout, a, b, numbers, out, form: PhantomData });
}

struct Write<'a, T, F> {
    layout: Layout,
    a: &'a [T],
    b: &'a [T],
    numbers: &'a Numbers<T>,
    out: &'a mut [T],
    form: PhantomData<F>,
}

impl<T: Real, F: Form<T>> Kernel for Write<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Layout { channels, inner, .. } = self.layout;
        let (shift, second, scale) =
            (&self.numbers.shift[..channels], &self.numbers.second[..channels], &self.numbers.scale[..channels]);
        let size = channels * inner;
        let slabs = self.a.chunks_exact(size).zip(self.b.chunks_exact(size)).zip(self.out.chunks_exact_mut(size));
        for ((a, b), out) in slabs {
            if inner == 1 {
                for (i, out) in out.iter_mut().enumerate() {
                    *out = result::<T, F>(a[i], b[i], shift[i], second[i], scale[i]);
                }
                continue;
            }
            let rows = a.chunks_exact(inner).zip(b.chunks_exact(inner)).zip(out.chunks_exact_mut(inner));
            for (channel, ((a, b), out)) in rows.enumerate() {
                let (shift, second, scale) = (shift[channel], second[channel], scale[channel]);
                for ((&a, &b), out) in a.iter().zip(b).zip(out) {
                    *out = result::<T, F>(a, b, shift, second, scale);
                }
            }
        }
    }
}

#[inline(always)]
fn result<T: Real, F: Form<T>>(a: T, b: T, shift: T, second: T, scale: T) -> T {
    let second = if F::TIMES_B { b * second } else { second };
    ((a - shift) - second) * scale
}
