//! Matrix products over strided operands, by the `gemm` crate.

use super::blocks::{Apart, Samples, TALL, WIDE, meet, spread};
use super::matrix::{Matrix, Stack, turn};
use super::{Finish, join};
#[cfg(feature = "parallel")]
use super::{has_helpers, series::in_series};
use crate::algebra::Real;
use crate::{Shape, Tensor};
use gemm::Parallelism;

/// Multiplications from which on a second thread helps `gemm`, which comes together several times in a product.
#[cfg(feature = "parallel")]
const PARALLEL_PRODUCTS: usize = 8 << 20;

/// Multiplications from which on two halves of the rows gain from two threads: measured, 70 µs on one.
const PARALLEL_BLOCKS: usize = 4 << 20;

/// The same where products follow each other closely, so that the second thread is awake: 18 µs on one.
#[cfg(feature = "parallel")]
const PARALLEL_IN_SERIES: usize = 1 << 20;

/// Up to so many terms are summed before anything is added to the result, so that adding a product to a sum gives what
/// adding it afterwards gives, to the bit: less than what `gemm` packs at a time.
pub(crate) const ADDED_ONCE: usize = 128;

/// Up to so many elements of a right operand stay in the second level of cache while all rows of the left one meet them:
/// then packing them, as `gemm` does, costs more than it gives.
const RESIDENT_ELEMENTS: usize = 1 << 17;

/// Up to so many elements of a left operand are read again for each panel of a larger transposed right one that stays in the
/// cache: `gemm` would have to turn that one over first, which for a few rows takes longer than the product.
const STREAMED_ELEMENTS: usize = 1 << 20;

/// With so many rows on the left it is better, by 3 % of a product of 1024³, to turn such a right operand over first.
const TURNED_ROWS: usize = 256;

/// Up to so many multiplications a plain loop is done before the packing of a large product has begun.
const TINY_PRODUCTS: usize = 64;

/// `y[…, i, j] = Σₖ a[…, i, k] b[…, k, j]` for operands of rank ≥ 2 whose leading axes broadcast to those of `shape`.
pub(crate) fn matmul<T: Real>(a: &Tensor<T>, b: &Tensor<T>, shape: Shape) -> Tensor<T> {
    let mut y = Tensor::unset(shape);
    matmul_into(a, b, &mut y, false);
    y
}

/// `y = a b`, or `y += a b` if `accumulate`. `y` is unshared and in order.
pub(crate) fn matmul_into<T: Real>(a: &Tensor<T>, b: &Tensor<T>, y: &mut Tensor<T>, accumulate: bool) {
    let shape = y.shape();
    let rank = shape.rank();
    let (m, n, k) = (shape[rank - 2], shape[rank - 1], a.shape()[a.shape().rank() - 1]);
    if shape.elements() == 0 {
        return;
    }
    let batch = Shape::of(&shape[..rank - 2]);
    let stretch = |x: &Tensor<T>| {
        let own = x.shape();
        if own[..own.rank() - 2] == batch[..] {
            return x.clone();
        }
        let mut extents: Vec<usize> = batch.to_vec();
        extents.extend(&own[own.rank() - 2..]);
        x.broadcasted(Shape::of(&extents))
    };
    let (a, b) = (stretch(a), stretch(b));

    // A batch of rows against one matrix is one tall product.
    let (left, right) = (Stack::of(&a), Stack::of(&b));
    let tall = batch.elements() > 1 && right.is_one_matrix() && a.as_slice().is_some();
    let (batches, m) = if tall { (1, m * batch.elements()) } else { (batch.elements(), m) };

    let out = y.make_mut();
    for index in 0..batches {
        let y = &mut out[index * m * n..][..m * n];
        product(y, n, [m, n, k], left.matrix(index), right.matrix(index), accumulate);
    }
}

/// `y = a b`, or `y += a b` if `accumulate`, for extents `[m, n, k]`: `a` is `m × k`, `b` is `k × n`, and the rows of `y`
/// start `width` apart. For operations of one's own that multiply matrices on their way; whole tensors have
/// [`matmul`](crate::Products::matmul).
///
/// ```
/// use autograd::kernels::{Matrix, product};
/// let (a, b, mut y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0], [0.5; 2]);
/// product(&mut y, 1, [2, 1, 3], Matrix::row_major(&a, 3), Matrix::row_major(&b, 1), true);
/// assert_eq!(y, [-1.5, -1.5]);
/// // The same operand turned over: 3 rows of 2 as the columns of a matrix.
/// product(&mut y, 1, [2, 1, 3], Matrix::row_major(&a, 2).transposed(), Matrix::row_major(&b, 1), false);
/// assert_eq!(y, [-4.0, -4.0]);
/// ```
///
/// # Panics
/// If a matrix has less elements than its extents say.
pub fn product<T: Real>(
    y: &mut [T],
    width: usize,
    extents: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    accumulate: bool,
) {
    product_then(y, width, extents, a, b, Epilogue { accumulate, finish: None });
}

/// What becomes of the sums of a product.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a, T> {
    /// Whether they are added to what is there.
    pub accumulate: bool,
    /// What else is done with them, a few whole rows at a time.
    pub finish: Option<Finish<'a, T>>,
}

impl<T> Epilogue<'_, T> {
    /// Finishes the first `m` rows of `n` elements, `width` apart.
    fn end(&self, y: &mut [T], width: usize, [m, n]: [usize; 2]) {
        let Some(finish) = self.finish else { return };
        if width == n {
            finish(&mut y[..m * n]);
        } else {
            y.chunks_mut(width).take(m).for_each(|row| finish(&mut row[..n]));
        }
    }
}

/// [`product`] with an end of its own.
pub(crate) fn product_then<T: Real>(
    y: &mut [T],
    width: usize,
    [m, n, k]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    epilogue: Epilogue<'_, T>,
) {
    let accumulate = epilogue.accumulate;
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        if !accumulate {
            y.chunks_mut(width).take(m).for_each(|row| row[..n].fill(T::ZERO));
        }
        return epilogue.end(y, width, [m, n]);
    }
    if m * n * k <= TINY_PRODUCTS {
        for i in 0..m {
            for j in 0..n {
                let term = |l| a.data[a.place(i, l) as usize] * b.data[b.place(l, j) as usize];
                let sum = (1..k).fold(term(0), |sum, l| sum + term(l));
                let y = &mut y[i * width + j];
                *y = if accumulate { *y + sum } else { sum };
            }
        }
        return epilogue.end(y, width, [m, n]);
    }
    let resident = n * k <= RESIDENT_ELEMENTS;
    let streamed = meets(a, b) && m * k <= STREAMED_ELEMENTS;
    if streamed && !resident && m >= TURNED_ROWS {
        let mut turned = Tensor::unset(Shape::from(n * k));
        let b = turn(b.transposed(), [n, k], turned.make_mut());
        return product_then(y, width, [m, n, k], a, b, epilogue);
    }
    if resident && (b.is_spread() || meets(a, b)) || streamed {
        return in_blocks(y, width, [m, n, k], a, b, epilogue);
    }
    assert!(
        n <= width && (m - 1) * width + n <= y.len() && a.holds(m, k) && b.holds(k, n),
        "a matrix leaves its slice"
    );
    // SAFETY: the product reads the elements of `a` and `b` and writes `m` rows of `n` elements of `y`, `width` apart:
    // all of them lie in the slices, as was just checked. Exercised under strides, broadcasts and empty extents by the
    // rows of `crates/proof/src/rows/products.rs`.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            y.as_mut_ptr(),
            1,
            width as isize,
            accumulate,
            a.data.as_ptr().add(a.start),
            a.columns,
            a.rows,
            b.data.as_ptr().add(b.start),
            b.columns,
            b.rows,
            T::ONE,
            T::ONE,
            false,
            false,
            false,
            threads(m * n * k),
        );
    }
    epilogue.end(y, width, [m, n]);
}

/// [`product`] without packing, for a right operand that lies in order along one of its axes.
fn in_blocks<T: Real>(
    y: &mut [T],
    width: usize,
    extents: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    epilogue: Epilogue<'_, T>,
) {
    #[cfg(feature = "parallel")]
    if (PARALLEL_IN_SERIES..PARALLEL_BLOCKS).contains(&extents.iter().product()) && has_helpers() {
        return in_series(|series| {
            let parallel = if series { PARALLEL_IN_SERIES } else { PARALLEL_BLOCKS };
            in_halves(y, width, extents, a, b, epilogue, parallel);
        });
    }
    in_halves(y, width, extents, a, b, epilogue, PARALLEL_BLOCKS);
}

/// [`in_blocks`], divided as long as there are so many multiplications: each row is computed as it is alone.
fn in_halves<T: Real>(
    y: &mut [T],
    width: usize,
    [m, n, k]: [usize; 3],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    epilogue: Epilogue<'_, T>,
    parallel: usize,
) {
    if m > TALL && m * n * k >= parallel {
        let half = (m / 2).next_multiple_of(TALL);
        let (upper, lower) = y.split_at_mut(half * width);
        join(
            || in_halves(upper, width, [half, n, k], a, b, epilogue, parallel),
            || in_halves(lower, width, [m - half, n, k], a.from(half, 0), b, epilogue, parallel),
        );
        return;
    }
    let (from_a, from_b) = (&a.data[a.start..], &b.data[b.start..]);
    if meets(a, b) {
        let (step_a, step_b) = (a.rows as usize, b.columns as usize);
        let panel = (RESIDENT_ELEMENTS / k).max(1).next_multiple_of(WIDE);
        for start in (0..n).step_by(panel) {
            let extents = [m, panel.min(n - start), k];
            let b = (&from_b[start * step_b..], Apart(step_b));
            meet(&mut y[start..], width, extents, (from_a, step_a), b, Samples::ONE, epilogue.accumulate);
        }
    } else {
        spread(y, width, [m, n, k], a, (from_b, Apart(b.rows as usize)), epilogue.accumulate);
    }
    epilogue.end(y, width, [m, n]);
}

/// Whether what is summed over lies side by side in both operands.
fn meets<T>(a: Matrix<'_, T>, b: Matrix<'_, T>) -> bool {
    a.columns == 1 && a.rows > 0 && b.rows == 1 && b.columns > 0
}

#[cfg(feature = "parallel")]
fn threads(products: usize) -> Parallelism {
    if products >= PARALLEL_PRODUCTS && has_helpers() { Parallelism::Rayon(0) } else { Parallelism::None }
}

#[cfg(not(feature = "parallel"))]
fn threads(_: usize) -> Parallelism {
    Parallelism::None
}
