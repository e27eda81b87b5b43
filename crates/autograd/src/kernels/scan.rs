//! Running sums, running products and linear recurrences along an axis.

use super::{Kernel, dispatch};
use crate::Tensor;
use crate::algebra::Real;

/// The way along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the first place to the last.
    Forwards,
    /// From the last place to the first.
    Backwards,
}

impl Way {
    /// The other one.
    pub fn reversed(self) -> Self {
        match self {
            Way::Forwards => Way::Backwards,
            Way::Backwards => Way::Forwards,
        }
    }
}

/// An axis, and the way along it: what a loop needs to know of a tensor in order.
#[derive(Clone, Copy)]
struct Path {
    way: Way,
    count: usize,
    inner: usize,
}

impl Path {
    fn along<T: Real>(x: &Tensor<T>, axis: usize, way: Way) -> Self {
        let shape = x.shape();
        Path { way, count: shape[axis], inner: shape[axis + 1..].iter().product() }
    }

    /// The elements of one slab: all places along the axis. Not 0, so that it can be stepped by.
    #[inline(always)]
    fn slab(self) -> usize {
        (self.count * self.inner).max(1)
    }

    /// Where the row of step `k` begins in its slab.
    #[inline(always)]
    fn row(self, k: usize) -> usize {
        if self.way == Way::Forwards { k * self.inner } else { (self.count - 1 - k) * self.inner }
    }
}

/// `yₖ = Σ xⱼ` over `j ≤ k`, or over `j ≥ k` backwards.
///
/// Each addition's rounding error is found (it is a number itself: Knuth, The Art of Computer Programming, volume 2,
/// 4.2.2) and carried along, so that `|computed − yₖ| ≤ u |yₖ| + (k u)² Σ |xⱼ|`. Source: Ogita, Rump, Oishi, Accurate Sum
/// and Dot Product, 2005.
pub(crate) fn sums<T: Real>(x: &Tensor<T>, axis: usize, way: Way) -> Tensor<T> {
    let (path, x, mut y) = (Path::along(x, axis, way), x.contiguous(), Tensor::unset(x.shape()));
    if let Some(x) = x.as_slice() {
        let (mut sum, mut lost) = (Tensor::unset(path.inner.into()), Tensor::unset(path.inner.into()));
        dispatch(Sums { path, x, y: y.make_mut(), sum: sum.make_mut(), lost: lost.make_mut() });
    }
    y
}

struct Sums<'a, T> {
    path: Path,
    x: &'a [T],
    y: &'a mut [T],
    sum: &'a mut [T],
    lost: &'a mut [T],
}

impl<T: Real> Kernel for Sums<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (path, inner) = (self.path, self.path.inner);
        let (sum, lost) = (&mut self.sum[..inner], &mut self.lost[..inner]);
        for (x, y) in self.x.chunks_exact(path.slab()).zip(self.y.chunks_exact_mut(path.slab())) {
            sum.fill(T::ZERO);
            lost.fill(T::ZERO);
            for k in 0..path.count {
                let (x, y) = (&x[path.row(k)..][..inner], &mut y[path.row(k)..][..inner]);
                for i in 0..inner {
                    let (a, b) = (sum[i], x[i]);
                    let total = a + b;
                    let added = total - a;
                    sum[i] = total;
                    lost[i] += (a - (total - added)) + (b - added);
                    // An infinite sum has no rounding error.
                    y[i] = if total.is_finite() { total + lost[i] } else { total };
                }
            }
        }
    }
}

/// `yₖ = Π xⱼ` over `j < k` if `exclusive`, else over `j ≤ k`; the other way round backwards. Relative error at most
/// `n u`.
pub(crate) fn products<T: Real>(x: &Tensor<T>, axis: usize, way: Way, exclusive: bool) -> Tensor<T> {
    let (path, x, mut y) = (Path::along(x, axis, way), x.contiguous(), Tensor::unset(x.shape()));
    if let Some(x) = x.as_slice() {
        let mut state = Tensor::unset(path.inner.into());
        dispatch(Products { path, x, y: y.make_mut(), state: state.make_mut(), exclusive });
    }
    y
}

struct Products<'a, T> {
    path: Path,
    x: &'a [T],
    y: &'a mut [T],
    state: &'a mut [T],
    exclusive: bool,
}

impl<T: Real> Kernel for Products<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (path, inner) = (self.path, self.path.inner);
        let state = &mut self.state[..inner];
        for (x, y) in self.x.chunks_exact(path.slab()).zip(self.y.chunks_exact_mut(path.slab())) {
            state.fill(T::ONE);
            for k in 0..path.count {
                let (x, y) = (&x[path.row(k)..][..inner], &mut y[path.row(k)..][..inner]);
                for i in 0..inner {
                    let before = state[i];
                    state[i] = before * x[i];
                    y[i] = if self.exclusive { before } else { state[i] };
                }
            }
        }
    }
}

/// `hₖ₊₁ = aₖ hₖ + uₖ` from `h₀ = 0`; the other way round backwards. The last `aₖ` and `uₖ` are not used.
pub(crate) fn recurrence<T: Real>(a: &Tensor<T>, u: &Tensor<T>, axis: usize, way: Way) -> Tensor<T> {
    let (path, mut h) = (Path::along(a, axis, way), Tensor::unset(a.shape()));
    let (a, u) = (a.contiguous(), u.contiguous());
    if let (Some(a), Some(u)) = (a.as_slice(), u.as_slice()) {
        let mut state = Tensor::unset(path.inner.into());
        dispatch(Recurrence { path, a, u, h: h.make_mut(), state: state.make_mut() });
    }
    h
}

struct Recurrence<'a, T> {
    path: Path,
    a: &'a [T],
    u: &'a [T],
    h: &'a mut [T],
    state: &'a mut [T],
}

impl<T: Real> Kernel for Recurrence<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (path, inner) = (self.path, self.path.inner);
        let state = &mut self.state[..inner];
        let slabs = self.a.chunks_exact(path.slab()).zip(self.u.chunks_exact(path.slab()));
        for ((a, u), h) in slabs.zip(self.h.chunks_exact_mut(path.slab())) {
            state.fill(T::ZERO);
            for k in 0..path.count {
                let start = path.row(k);
                let (a, u, h) = (&a[start..][..inner], &u[start..][..inner], &mut h[start..][..inner]);
                for i in 0..inner {
                    h[i] = state[i];
                    state[i] = a[i] * state[i] + u[i];
                }
            }
        }
    }
}
