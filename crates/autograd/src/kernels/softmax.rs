//! Rows of softmax, log-softmax and logsumexp, each shifted by its maximum so that nothing overflows, and summed in
//! blocks as every sum is.

use super::reduce::{Combine, Exponentials, Max, PIECE, Sum, long_row, short_row};
use super::{Kernel, PARALLEL_ELEMENTS, PARALLEL_EXPONENTIALS, dispatch, join};
use crate::algebra::{Algebra, Lane, Real};

/// What becomes of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `e^xᵢ / Σⱼ e^xⱼ`.
    Softmax,
    /// `xᵢ − ln Σⱼ e^xⱼ`.
    LogSoftmax,
}

/// Applies `form` to each row of `count` elements.
pub(crate) fn softmax<T: Real>(data: &[T], out: &mut [T], count: usize, form: Form) {
    if count == 0 {
        return;
    }
    if out.len() >= PARALLEL_EXPONENTIALS && out.len() > count {
        let half = out.len() / count / 2 * count;
        let ((x1, x2), (out1, out2)) = (data.split_at(half), out.split_at_mut(half));
        join(|| softmax(x1, out1, count, form), || softmax(x2, out2, count, form));
        return;
    }
    dispatch(Softmax { data, out, count, form });
}

/// What the loss of a row is made of.
pub(crate) trait Targets<T> {
    /// The loss of a row, from the surprise `−ln softmax` at each of its classes.
    fn loss(&self, row: usize, surprise: impl Fn(usize) -> T) -> T;
}

/// The softmax of each row of `count` elements, and its loss: what the cross-entropy is made of.
pub(crate) fn cross_entropy<T: Real>(
    data: &[T],
    targets: &impl Targets<T>,
    out: &mut [T],
    losses: &mut [T],
    count: usize,
) {
    if count > 0 {
        softmax(data, out, count, Form::Softmax);
        dispatch(Losses { data, targets, losses, count });
    }
}

struct Losses<'a, T, R> {
    data: &'a [T],
    targets: &'a R,
    losses: &'a mut [T],
    count: usize,
}

impl<T: Real, R: Targets<T>> Kernel for Losses<'_, T, R> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (i, (row, loss)) in self.data.chunks_exact(self.count).zip(self.losses).enumerate() {
            let shift = shift::<T, FUSED>(row);
            let sum = row_in_pieces::<T, _, FUSED>(row, Exponentials(shift));
            let log_sum = Lane::<T, FUSED>(sum).ln().0;
            *loss = self.targets.loss(i, |class| log_sum - (row[class] - shift));
        }
    }
}

/// `ln Σⱼ e^xⱼ` of each row of `count` elements; −∞ for an empty row.
pub(crate) fn logsumexp<T: Real>(data: &[T], out: &mut [T], count: usize) {
    match count {
        0 => out.fill(T::NEG_INFINITY),
        1..=PIECE => dispatch(LogSumExp { data, out, count }),
        _ => {
            for (row, out) in data.chunks_exact(count).zip(out) {
                let shift = finite(long_row(row, Max));
                *out = dispatch(ShiftedLog { shift, sum: long_row(row, Exponentials(shift)) });
            }
        }
    }
}

struct Softmax<'a, T> {
    data: &'a [T],
    out: &'a mut [T],
    count: usize,
    form: Form,
}

impl<T: Real> Kernel for Softmax<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (row, out) in self.data.chunks_exact(self.count).zip(self.out.chunks_exact_mut(self.count)) {
            let shift = shift::<T, FUSED>(row);
            for (y, &x) in out.iter_mut().zip(row) {
                *y = Lane::<T, FUSED>(x - shift).exp().0;
            }
            let sum = row_in_pieces::<T, _, FUSED>(out, Sum);
            if self.form == Form::Softmax {
                for y in out.iter_mut() {
                    *y /= sum;
                }
            } else {
                let log_sum = Lane::<T, FUSED>(sum).ln().0;
                for (y, &x) in out.iter_mut().zip(row) {
                    // Shifted first: far from 0, `shift + ln sum` would lose the logarithm.
                    *y = (x - shift) - log_sum;
                }
            }
        }
    }
}

struct LogSumExp<'a, T> {
    data: &'a [T],
    out: &'a mut [T],
    count: usize,
}

impl<T: Real> Kernel for LogSumExp<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (row, out) in self.data.chunks_exact(self.count).zip(self.out) {
            let shift = shift::<T, FUSED>(row);
            let sum = short_row::<T, _, FUSED>(row, Exponentials(shift));
            *out = ShiftedLog { shift, sum }.run::<FUSED>();
        }
    }
}

/// `shift + ln sum`.
struct ShiftedLog<T> {
    shift: T,
    sum: T,
}

impl<T: Real> Kernel for ShiftedLog<T> {
    type Output = T;
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> T {
        self.shift + Lane::<T, FUSED>(self.sum).ln().0
    }
}

/// `y (g − Σ g y) scale` of each row of `count` elements: what a softmax pulls back and pushes forward.
pub(crate) fn project<T: Real>(y: &[T], g: &[T], out: &mut [T], count: usize, scale: T) {
    if count == 0 {
        return;
    }
    if out.len() >= PARALLEL_ELEMENTS && out.len() > count {
        let half = out.len() / count / 2 * count;
        let ((y1, y2), (g1, g2), (out1, out2)) = (y.split_at(half), g.split_at(half), out.split_at_mut(half));
        join(|| project(y1, g1, out1, count, scale), || project(y2, g2, out2, count, scale));
        return;
    }
    dispatch(Project { y, g, out, count, scale });
}

struct Project<'a, T> {
    y: &'a [T],
    g: &'a [T],
    out: &'a mut [T],
    count: usize,
    scale: T,
}

impl<T: Real> Kernel for Project<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let rows = self.y.chunks_exact(self.count).zip(self.g.chunks_exact(self.count));
        for ((y, g), out) in rows.zip(self.out.chunks_exact_mut(self.count)) {
            for ((out, &y), &g) in out.iter_mut().zip(y).zip(g) {
                *out = y * g;
            }
            let mean = row_in_pieces::<T, _, FUSED>(out, Sum);
            for ((out, &y), &g) in out.iter_mut().zip(y).zip(g) {
                *out = y * (g - mean) * self.scale;
            }
        }
    }
}

/// The maximum of a row as what it is shifted by.
#[inline(always)]
fn shift<T: Real, const FUSED: bool>(row: &[T]) -> T {
    finite(row_in_pieces::<T, _, FUSED>(row, Max))
}

/// Reduces a row of any length, piece after piece.
#[inline(always)]
pub(super) fn row_in_pieces<T: Real, C: Combine<T>, const FUSED: bool>(row: &[T], combine: C) -> T {
    let mut sum = C::START;
    for piece in row.chunks(PIECE) {
        sum = C::combine(sum, short_row::<T, C, FUSED>(piece, combine));
    }
    sum
}

/// A maximum that can be subtracted: 0 for an infinite one (a row of −∞ must not become −∞ + ∞), and for NaN, which
/// comes back with the exponentials.
#[inline(always)]
pub(super) fn finite<T: Real>(max: T) -> T {
    if max.is_finite() { max } else { T::ZERO }
}
