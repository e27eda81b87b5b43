//! Matrix products over strided operands, by the `gemm` crate.

use crate::algebra::Real;
use crate::{Shape, Tensor};
use gemm::Parallelism;

/// Multiplications from which on a second thread helps (measured: two threads lose below about 10⁷).
#[cfg(feature = "parallel")]
const PARALLEL_PRODUCTS: usize = 8 << 20;

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
    if k == 0 {
        if !accumulate {
            y.make_mut().fill(T::ZERO);
        }
        return;
    }
    let batch = Shape::of(&shape[..rank - 2]);
    let stretch = |x: &Tensor<T>| {
        let own = x.shape();
        let mut extents: Vec<usize> = batch.to_vec();
        extents.extend(&own[own.rank() - 2..]);
        x.broadcasted(Shape::of(&extents))
    };
    let (a, b) = (stretch(a), stretch(b));
    let ((a_data, a_offset, a_strides), (b_data, b_offset, b_strides)) = (a.parts(), b.parts());

    // A batch of rows against one matrix is one tall product.
    let tall = batch.elements() > 1 && b_strides[..rank - 2].iter().all(|&step| step == 0) && a.as_slice().is_some();
    let (batches, m) = if tall { (1, m * batch.elements()) } else { (batch.elements(), m) };

    let out = y.make_mut();
    let mut coordinates = [0usize; crate::shape::MAX_RANK];
    for index in 0..batches {
        let place = |offset: usize, strides: &[isize]| {
            let step: isize =
                coordinates[..rank - 2].iter().zip(strides).map(|(&i, &stride)| i as isize * stride).sum();
            (offset as isize + step) as usize
        };
        let (lhs, rhs) = (place(a_offset, &a_strides), place(b_offset, &b_strides));
        let (lhs_rows, lhs_columns) = (a_strides[rank - 2], a_strides[rank - 1]);
        let (rhs_rows, rhs_columns) = (b_strides[rank - 2], b_strides[rank - 1]);
        if m * n * k <= TINY_PRODUCTS {
            let at = |start: usize, i: usize, rows: isize, j: usize, columns: isize| {
                (start as isize + i as isize * rows + j as isize * columns) as usize
            };
            for (place, y) in out[index * m * n..][..m * n].iter_mut().enumerate() {
                let (i, j) = (place / n, place % n);
                let term =
                    |l| a_data[at(lhs, i, lhs_rows, l, lhs_columns)] * b_data[at(rhs, l, rhs_rows, j, rhs_columns)];
                let sum = (1..k).fold(term(0), |sum, l| sum + term(l));
                *y = if accumulate { *y + sum } else { sum };
            }
            advance(&mut coordinates, &batch);
            continue;
        }
        // SAFETY: for this batch index the product reads a[i, k] and b[k, j] for i < m, k < K, j < n, which are elements
        // of the views `a` and `b`, whose storage the slices borrow; it writes the m·n elements of `out` that belong to
        // the index and no others. Exercised under strides, broadcasts and empty extents by `tests/ops.rs`.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                out[index * m * n..].as_mut_ptr(),
                1,
                n as isize,
                accumulate,
                a_data.as_ptr().add(lhs),
                lhs_columns,
                lhs_rows,
                b_data.as_ptr().add(rhs),
                rhs_columns,
                rhs_rows,
                T::ONE,
                T::ONE,
                false,
                false,
                false,
                threads(m * n * k),
            );
        }
        advance(&mut coordinates, &batch);
    }
}

/// Moves coordinates to the next place in row-major order.
fn advance(coordinates: &mut [usize], shape: &Shape) {
    for axis in (0..shape.rank()).rev() {
        coordinates[axis] += 1;
        if coordinates[axis] < shape[axis] {
            return;
        }
        coordinates[axis] = 0;
    }
}

#[cfg(feature = "parallel")]
fn threads(products: usize) -> Parallelism {
    if products >= PARALLEL_PRODUCTS { Parallelism::Rayon(0) } else { Parallelism::None }
}

#[cfg(not(feature = "parallel"))]
fn threads(_: usize) -> Parallelism {
    Parallelism::None
}
