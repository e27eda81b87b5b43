//! The formula of a GRU.

use super::cell::{CellBackward, CellForward, GatedCell, sigmoid_slope, sum};
use autograd::Array;
use autograd::algebra::{Algebra, Lane, Real};
use autograd::ops::{Messages, Pullback, Pushforward};

/// Gated recurrent units: with the gates r, z, n one after the other, `r = σ(xᵣ + vᵣ)`, `z = σ(x_z + v_z)` and
/// `n = tanh(xₙ + r vₙ)`, `h′ = n + z (h − n)`. Pull-back, with `d = g (1 − z) (1 − n²)`: `xᵣ ← d vₙ r (1 − r)`,
/// `x_z ← g (h − n) z (1 − z)`, `xₙ ← d`, `v` likewise but `vₙ ← d r`, `h ← g z`. Source: Cho et al., 2014, with the reset
/// gate behind the product, as PyTorch and cuDNN have it.
#[derive(Clone, Copy, Debug)]
pub struct GruCell;

impl GatedCell for GruCell {
    const GATES: usize = 3;
    const STATES: usize = 1;
    const STEP: &'static str = "gru_step";
    const SEQUENCE: &'static str = "gru";
    const ADDS: bool = false;

    #[inline(always)]
    fn forward<T: Real, const FUSED: bool>(row: CellForward<'_, T>) {
        let n = row.hidden.len();
        let (before, change) = row.gates.split_at_mut(2 * n);
        let (v, v_n) = row.pushed.split_at(2 * n);
        for k in 0..2 * n {
            before[k] = Lane::<T, FUSED>(before[k] + v[k]).sigmoid().0;
        }
        let ((r, z), h, y) = (before.split_at(n), row.before, row.hidden);
        for k in 0..n {
            change[k] = Lane::<T, FUSED>(change[k] + r[k] * v_n[k]).tanh().0;
        }
        for k in 0..n {
            y[k] = change[k] + z[k] * (h[k] - change[k]);
        }
    }

    #[inline(always)]
    fn backward<T: Real, const FUSED: bool>(row: CellBackward<'_, T>) {
        let n = row.flow.len();
        let (r, rest) = row.gates.split_at(n);
        let (z, change) = rest.split_at(n);
        let (h, v, g) = (row.before, &row.pushed[2 * n..], row.flow);
        let (to_r, rest) = row.to_x.split_at_mut(n);
        let (to_z, d) = rest.split_at_mut(n);
        for k in 0..n {
            d[k] = g[k] * (T::ONE - z[k]) * (T::ONE - change[k] * change[k]);
        }
        for k in 0..n {
            to_r[k] = d[k] * v[k] * (r[k] * (T::ONE - r[k]));
        }
        for k in 0..n {
            to_z[k] = g[k] * (h[k] - change[k]) * (z[k] * (T::ONE - z[k]));
        }
        for k in 0..n {
            g[k] *= z[k];
        }
        let (same, apart) = row.to_pushed.split_at_mut(2 * n);
        for k in 0..n {
            apart[k] = d[k] * r[k];
        }
        same.copy_from_slice(&row.to_x[..2 * n]);
    }

    fn vjp<T: Real, A: Array<T>>(at: &Pullback<A>) -> Messages<A> {
        let (Parts { bent: [r, z, n], v }, h) = (Parts::of(at.input(0), at.input(1)), at.input(2));
        let g = at.cotangent();
        let d = g.clone() * z.rsub(1.0) * n.square().rsub(1.0);
        let to_z = g.clone() * (h.clone() - &n) * sigmoid_slope(&z);
        let to_r = d.clone() * &v * sigmoid_slope(&r);
        at.each(|input| match input {
            0 => A::concat(&[&to_r, &to_z, &d], -1),
            1 => A::concat(&[&to_r, &to_z, &(d.clone() * &r)], -1),
            _ => g.clone() * &z,
        })
    }

    fn jvp<T: Real, A: Array<T>>(at: &Pushforward<A>) -> A {
        let (Parts { bent: [r, z, n], v }, h) = (Parts::of(at.input(0), at.input(1)), at.input(2));
        let parts = |i: usize| at.tangent(i).map(|t| t.chunk(3, -1));
        let (x_moves, v_moves) = (parts(0), parts(1));
        let moves = |gate: usize| sum([&x_moves, &v_moves].map(|moves| moves.as_ref().map(|t| t[gate].clone())));
        let r_moves = moves(0).map(|t| t * sigmoid_slope(&r));
        let n_moves = sum([
            sum([x_moves.as_ref().map(|t| t[2].clone()), v_moves.as_ref().map(|t| t[2].clone() * &r)]),
            r_moves.map(|t| t * &v),
        ])
        .map(|t| t * n.square().rsub(1.0) * z.rsub(1.0));
        let z_moves = moves(1).map(|t| t * sigmoid_slope(&z) * (h.clone() - &n));
        let h_moves = at.tangent(2).map(|t| t.clone() * &z);
        sum([sum([n_moves, z_moves]), h_moves]).unwrap_or_else(|| at.zeros())
    }
}

/// What the rules are written in: r, z and n, and the part of `v` that meets r.
struct Parts<A> {
    bent: [A; 3],
    v: A,
}

impl<A> Parts<A> {
    fn of<T: Real>(x: &A, v: &A) -> Self
    where
        A: Array<T>,
    {
        let (x, v) = (x.chunk(3, -1), v.chunk(3, -1));
        let [r, z] = [0, 1].map(|gate| (x[gate].clone() + &v[gate]).sigmoid());
        let n = (x[2].clone() + r.clone() * &v[2]).tanh();
        Parts { bent: [r, z, n], v: v[2].clone() }
    }
}
