//! The weights of attention: rows of a softmax of which each may see a part.

use super::copy::Cursor;
use super::reduce::{Max, Sum};
use super::softmax::{finite, row_in_pieces};
use super::{Kernel, PARALLEL_EXPONENTIALS, dispatch, join};
use crate::algebra::{Algebra, Lane, Real};

/// The softmax of `scale · x + bias` over the places of each row that the row may see; 0 elsewhere, and in rows that see
/// nothing.
#[derive(Clone)]
pub(crate) struct Weights<'a, T> {
    /// The scores, in rows of `keys`.
    pub scores: &'a [T],
    /// What is added to them.
    pub bias: Option<Cursor<'a, T>>,
    /// The number of the first row; rows are numbered over and over up to `queries`.
    pub first: usize,
    pub queries: usize,
    pub keys: usize,
    /// Whether row `i` sees the places up to `i` alone.
    pub causal: bool,
    pub scale: T,
}

impl<T: Real> Weights<'_, T> {
    /// Writes the weights of all rows.
    pub(crate) fn write(self, out: &mut [T]) {
        if self.keys == 0 {
            return;
        }
        if out.len() < PARALLEL_EXPONENTIALS || out.len() == self.keys {
            return dispatch(Write { weights: self, out });
        }
        let rows = out.len() / self.keys / 2;
        let half = rows * self.keys;
        let (scores, out) = (self.scores.split_at(half), out.split_at_mut(half));
        let mut second = Weights { scores: scores.1, first: self.first + rows, ..self.clone() };
        if let Some(bias) = &mut second.bias {
            bias.skip(half);
        }
        join(|| Weights { scores: scores.0, ..self }.write(out.0), || second.write(out.1));
    }
}

struct Write<'a, 'b, T> {
    weights: Weights<'a, T>,
    out: &'b mut [T],
}

impl<T: Real> Kernel for Write<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Weights { scores, mut bias, first, queries, keys, causal, scale } = self.weights;
        for (row, (scores, out)) in scores.chunks_exact(keys).zip(self.out.chunks_exact_mut(keys)).enumerate() {
            if let Some(bias) = &mut bias {
                bias.read(out);
            }
            let seen = if causal { ((first + row) % queries + 1).min(keys) } else { keys };
            let (out, hidden) = out.split_at_mut(seen);
            hidden.fill(T::ZERO);
            if bias.is_some() {
                for (y, &x) in out.iter_mut().zip(scores) {
                    *y += x * scale;
                }
            } else {
                for (y, &x) in out.iter_mut().zip(scores) {
                    *y = x * scale;
                }
            }
            let max = row_in_pieces::<T, _, FUSED>(out, Max);
            if max == T::NEG_INFINITY {
                out.fill(T::ZERO);
                continue;
            }
            let shift = finite(max);
            for y in out.iter_mut() {
                *y = Lane::<T, FUSED>(*y - shift).exp().0;
            }
            let sum = row_in_pieces::<T, _, FUSED>(out, Sum);
            for y in out.iter_mut() {
                *y /= sum;
            }
        }
    }
}
