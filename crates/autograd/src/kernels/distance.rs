//! Euclidean distances between rows, from their differences: the way through products of rows loses every digit where
//! two rows are close.

use super::{Kernel, PARALLEL_ELEMENTS, dispatch, join};
use crate::algebra::{Algebra, Lane, Real};
use crate::{Shape, Tensor};

/// `y[…, i, j] = |aᵢ − bⱼ|` for the rows of `a` `[…, m, d]` and of `b` `[…, n, d]`, which have the leading axes of
/// `shape` `[…, m, n]`.
pub(crate) fn distances<T: Real>(a: &Tensor<T>, b: &Tensor<T>, shape: Shape) -> Tensor<T> {
    let (rows, columns, width) = extents(a, b);
    // One coordinate of all rows of `b` lies together, so that the inner loop runs over rows.
    let (a, across) = (a.contiguous(), b.transposed().contiguous());
    let mut y = Tensor::unset(shape);
    if let (Some(a), Some(across), true) = (a.as_slice(), across.as_slice(), shape.elements() > 0) {
        for (stack, y) in y.make_mut().chunks_exact_mut(rows * columns).enumerate() {
            let a = &a[stack * rows * width..][..rows * width];
            let across = &across[stack * columns * width..][..columns * width];
            forward(Distances { a, across, y, width });
        }
    }
    y
}

/// `out[…, i, :] = Σⱼ w[…, i, j] (aᵢ − bⱼ)`, of the shape of `a`: what the weights of all pairs pull each row by.
pub(crate) fn pull<T: Real>(w: &Tensor<T>, a: &Tensor<T>, b: &Tensor<T>) -> Tensor<T> {
    let (rows, columns, width) = extents(a, b);
    let (w, a, b, mut out) = (w.contiguous(), a.contiguous(), b.contiguous(), Tensor::zeros(a.shape()));
    if let (Some(w), Some(a), Some(b), true) = (w.as_slice(), a.as_slice(), b.as_slice(), out.elements() > 0) {
        for (stack, out) in out.make_mut().chunks_exact_mut(rows * width).enumerate() {
            let w = &w[stack * rows * columns..][..rows * columns];
            let a = &a[stack * rows * width..][..rows * width];
            let b = &b[stack * columns * width..][..columns * width];
            backward(Pull { w, a, b, out, width });
        }
    }
    out
}

fn extents<T: Real>(a: &Tensor<T>, b: &Tensor<T>) -> (usize, usize, usize) {
    let (a, b) = (a.shape(), b.shape());
    (a[a.rank() - 2], b[b.rank() - 2], a[a.rank() - 1])
}

struct Distances<'a, T> {
    a: &'a [T],
    across: &'a [T],
    y: &'a mut [T],
    width: usize,
}

fn forward<T: Real>(whole: Distances<'_, T>) {
    let Distances { a, across, y, width } = whole;
    let columns = across.len().checked_div(width).unwrap_or(y.len());
    let rows = y.len() / columns;
    if rows > 1 && y.len() * width >= PARALLEL_ELEMENTS {
        let ((upper, lower), (first, second)) = (y.split_at_mut(rows / 2 * columns), a.split_at(rows / 2 * width));
        join(
            || forward(Distances { a: first, across, y: upper, width }),
            || forward(Distances { a: second, across, y: lower, width }),
        );
        return;
    }
    dispatch(Distances { a, across, y, width });
}

impl<T: Real> Kernel for Distances<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Distances { a, across, y, width } = self;
        if width == 0 {
            return y.fill(T::ZERO);
        }
        let columns = across.len() / width;
        // Squares between these neither overflow nor lose digits to underflow.
        let (least, most) = if size_of::<T>() == 4 { (1e-30, 1e38) } else { (1e-290, 1e307) };
        let (least, most) = (T::from_f64(least), T::from_f64(most));
        for (row, y) in a.chunks_exact(width).zip(y.chunks_exact_mut(columns)) {
            y.fill(T::ZERO);
            for (&x, column) in row.iter().zip(across.chunks_exact(columns)) {
                for (y, &other) in y.iter_mut().zip(column) {
                    *y += (x - other) * (x - other);
                }
            }
            for (j, y) in y.iter_mut().enumerate() {
                if *y < least || *y > most {
                    let apart = |k: usize| Lane::<T, FUSED>(row[k] - across[k * columns + j]).abs().0;
                    *y = scaled::<T, FUSED>(width, apart);
                } else {
                    *y = Lane::<T, FUSED>(*y).sqrt().0;
                }
            }
        }
    }
}

/// The length of a vector whose squares leave the range of the numbers.
#[inline(always)]
fn scaled<T: Real, const FUSED: bool>(width: usize, size: impl Fn(usize) -> T) -> T {
    let largest = (0..width).fold(T::ZERO, |most, k| if size(k) > most { size(k) } else { most });
    if largest == T::ZERO || !largest.is_finite() {
        return largest;
    }
    let sum = (0..width).fold(T::ZERO, |sum, k| sum + (size(k) / largest) * (size(k) / largest));
    largest * Lane::<T, FUSED>(sum).sqrt().0
}

struct Pull<'a, T> {
    w: &'a [T],
    a: &'a [T],
    b: &'a [T],
    out: &'a mut [T],
    width: usize,
}

fn backward<T: Real>(whole: Pull<'_, T>) {
    let Pull { w, a, b, out, width } = whole;
    let (rows, columns) = (a.len() / width, b.len() / width);
    if rows > 1 && w.len() * width >= PARALLEL_ELEMENTS {
        let half = rows / 2;
        let ((upper, lower), (first, second)) = (out.split_at_mut(half * width), a.split_at(half * width));
        let (above, below) = w.split_at(half * columns);
        join(
            || backward(Pull { w: above, a: first, b, out: upper, width }),
            || backward(Pull { w: below, a: second, b, out: lower, width }),
        );
        return;
    }
    dispatch(Pull { w, a, b, out, width });
}

impl<T: Real> Kernel for Pull<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let columns = self.b.len() / self.width;
        let rows = self.a.chunks_exact(self.width).zip(self.out.chunks_exact_mut(self.width));
        for (i, (row, out)) in rows.enumerate() {
            for (&w, other) in self.w[i * columns..][..columns].iter().zip(self.b.chunks_exact(self.width)) {
                for ((out, &x), &other) in out.iter_mut().zip(row).zip(other) {
                    *out += w * (x - other);
                }
            }
        }
    }
}
