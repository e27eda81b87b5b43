//! Rows of softmax, log-softmax and logsumexp, each shifted by its maximum so that nothing overflows.

use super::{Kernel, dispatch};
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
    if count > 0 {
        dispatch(Softmax { data, out, count, form });
    }
}

/// The softmax of each row of `count` elements, and `−ln` of its element at that row's label: what the cross-entropy
/// is made of.
pub(crate) fn cross_entropy<T: Real>(data: &[T], labels: &[usize], out: &mut [T], losses: &mut [T], count: usize) {
    if count > 0 {
        softmax(data, out, count, Form::Softmax);
        dispatch(Losses { data, labels, losses, count });
    }
}

struct Losses<'a, T> {
    data: &'a [T],
    labels: &'a [usize],
    losses: &'a mut [T],
    count: usize,
}

impl<T: Real> Kernel for Losses<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for ((row, &label), loss) in self.data.chunks_exact(self.count).zip(self.labels).zip(self.losses) {
            let shift = shift(row);
            let sum = row.iter().fold(T::ZERO, |sum, &x| sum + Lane::<T, FUSED>(x - shift).exp().0);
            *loss = Lane::<T, FUSED>(sum).ln().0 - (row[label] - shift);
        }
    }
}

/// `ln Σⱼ e^xⱼ` of each row of `count` elements; −∞ for an empty row.
pub(crate) fn logsumexp<T: Real>(data: &[T], out: &mut [T], count: usize) {
    if count == 0 {
        return out.fill(T::NEG_INFINITY);
    }
    dispatch(LogSumExp { data, out, count });
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
            let shift = shift(row);
            for (y, &x) in out.iter_mut().zip(row) {
                *y = Lane::<T, FUSED>(x - shift).exp().0;
            }
            let sum = out.iter().fold(T::ZERO, |sum, &y| sum + y);
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
            let shift = shift(row);
            let sum = row.iter().fold(T::ZERO, |sum, &x| sum + Lane::<T, FUSED>(x - shift).exp().0);
            *out = shift + Lane::<T, FUSED>(sum).ln().0;
        }
    }
}

/// The maximum of a row, or 0 where it is infinite (a row of −∞ must not become −∞ + ∞); NaN if any element is.
#[inline(always)]
fn shift<T: Real>(row: &[T]) -> T {
    let max = row.iter().fold(T::NEG_INFINITY, |max, &x| if x > max || x.is_nan() { x } else { max });
    if max == T::NEG_INFINITY { T::ZERO } else { max }
}
