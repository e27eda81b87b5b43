//! Copying a tensor into a larger one by where each place of each axis comes from, and adding back.

use crate::algebra::Real;
use crate::{Shape, Tensor};

/// The source of a place that has none.
pub(crate) const OUTSIDE: usize = usize::MAX;

/// Calls `visit` with each row (along the last axis) of a tensor of shape `to`, and with the row of one of shape `from`
/// that it comes from, if it has one. `sources` holds a list for each axis.
fn rows(from: &Shape, to: &Shape, sources: &[Vec<usize>], mut visit: impl FnMut(usize, Option<usize>)) {
    let outer = to.rank() - 1;
    let count: usize = to[..outer].iter().product();
    for row in 0..count {
        let (mut rest, mut step, mut place) = (row, 1, Some(0));
        for axis in (0..outer).rev() {
            let source = sources[axis][rest % to[axis]];
            place = place.filter(|_| source != OUTSIDE).map(|place| place + source * step);
            rest /= to[axis];
            step *= from[axis];
        }
        visit(row, place);
    }
}

/// `y[i, j, …] = x[sources₀[i], sources₁[j], …]`, or `value` where one of them is [`OUTSIDE`].
pub(crate) fn pad<T: Real>(x: &Tensor<T>, shape: Shape, sources: &[Vec<usize>], value: T) -> Tensor<T> {
    let Some((last, _)) = sources.split_last() else { return x.clone() };
    let (from, x, mut y) = (x.shape(), x.contiguous(), Tensor::unset(shape));
    let (width, wide) = (from[from.rank() - 1], shape[shape.rank() - 1]);
    if let Some(data) = x.as_slice() {
        let out = y.make_mut();
        rows(&from, &shape, sources, |row, source| {
            let out = &mut out[row * wide..][..wide];
            match source {
                None => out.fill(value),
                Some(source) => {
                    let row = &data[source * width..][..width];
                    for (y, &source) in out.iter_mut().zip(last) {
                        *y = if source == OUTSIDE { value } else { row[source] };
                    }
                }
            }
        });
    }
    y
}

/// The adjoint of [`pad`]: `y[sources₀[i], sources₁[j], …] += g[i, j, …]` into zeros of `shape`.
pub(crate) fn unpad<T: Real>(g: &Tensor<T>, shape: Shape, sources: &[Vec<usize>]) -> Tensor<T> {
    let Some((last, _)) = sources.split_last() else { return g.clone() };
    let (from, g, mut y) = (g.shape(), g.contiguous(), Tensor::zeros(shape));
    let (width, wide) = (shape[shape.rank() - 1], from[from.rank() - 1]);
    if let Some(data) = g.as_slice() {
        let out = y.make_mut();
        rows(&shape, &from, sources, |row, source| {
            let Some(source) = source else { return };
            let out = &mut out[source * width..][..width];
            for (&g, &source) in data[row * wide..][..wide].iter().zip(last) {
                if source != OUTSIDE {
                    out[source] += g;
                }
            }
        });
    }
    y
}
