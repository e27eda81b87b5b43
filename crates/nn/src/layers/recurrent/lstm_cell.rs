//! The formula of an LSTM.

use super::cell::{CellBackward, CellForward, GatedCell, sigmoid_slope, sum};
use autograd::Array;
use autograd::algebra::{Algebra, Lane, Real};
use autograd::ops::{Messages, Pullback, Pushforward};

/// Long short-term memory: with the gates i, f, g, o of `x + v`, `c′ = σ(f) c + σ(i) tanh(g)` and `h′ = σ(o) tanh(c′)`.
/// Pull-back, with `d = g_c + g_h σ(o) (1 − tanh²(c′))`: `i ← d tanh(g) σ′(i)`, `f ← d c σ′(f)`, `g ← d σ(i) tanh′(g)`,
/// `o ← g_h tanh(c′) σ′(o)`, `c ← d σ(f)`. Source: Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and Cummins, 2000.
#[derive(Clone, Copy, Debug)]
pub struct LstmCell;

impl GatedCell for LstmCell {
    const GATES: usize = 4;
    const STATES: usize = 2;
    const STEP: &'static str = "lstm_step";
    const SEQUENCE: &'static str = "lstm";
    const ADDS: bool = true;

    #[inline(always)]
    fn forward<T: Real, const FUSED: bool>(row: CellForward<'_, T>) {
        let n = row.hidden.len();
        let (before, rest) = row.gates.split_at_mut(2 * n);
        let (g, o) = rest.split_at_mut(n);
        let (v, v_rest) = row.pushed.split_at(2 * n);
        let (v_g, v_o) = v_rest.split_at(n);
        for k in 0..2 * n {
            before[k] = Lane::<T, FUSED>(before[k] + v[k]).sigmoid().0;
        }
        for k in 0..n {
            g[k] = Lane::<T, FUSED>(g[k] + v_g[k]).tanh().0;
        }
        for k in 0..n {
            o[k] = Lane::<T, FUSED>(o[k] + v_o[k]).sigmoid().0;
        }
        let ((i, f), c) = (before.split_at(n), row.before);
        let (hidden, next) = (&mut row.hidden[..n], &mut row.memory[..n]);
        for k in 0..n {
            next[k] = f[k] * c[k] + i[k] * g[k];
        }
        for k in 0..n {
            hidden[k] = o[k] * Lane::<T, FUSED>(next[k]).tanh().0;
        }
    }

    #[inline(always)]
    fn backward<T: Real, const FUSED: bool>(row: CellBackward<'_, T>) {
        let n = row.flow.len();
        let (i, rest) = row.gates.split_at(n);
        let (f, rest) = rest.split_at(n);
        let (change, o) = rest.split_at(n);
        let (to_i, rest) = row.to_x.split_at_mut(n);
        let (to_f, rest) = rest.split_at_mut(n);
        let (to_change, to_o) = rest.split_at_mut(n);
        let (c, next, g, d) = (row.before, row.memory, row.of_hidden, row.flow);
        for k in 0..n {
            to_o[k] = Lane::<T, FUSED>(next[k]).tanh().0;
        }
        for k in 0..n {
            d[k] += g[k] * o[k] * (T::ONE - to_o[k] * to_o[k]);
        }
        for k in 0..n {
            to_o[k] = g[k] * to_o[k] * (o[k] * (T::ONE - o[k]));
        }
        for k in 0..n {
            to_i[k] = d[k] * change[k] * (i[k] * (T::ONE - i[k]));
        }
        for k in 0..n {
            to_f[k] = d[k] * c[k] * (f[k] * (T::ONE - f[k]));
        }
        for k in 0..n {
            to_change[k] = d[k] * i[k] * (T::ONE - change[k] * change[k]);
        }
        for k in 0..n {
            d[k] *= f[k];
        }
    }

    fn vjp<T: Real, A: Array<T>>(at: &Pullback<A>) -> Messages<A> {
        let (Parts { bent: [i, f, g, o], bend }, c) = (Parts::of(at.input(0), at.input(1), at.output()), at.input(2));
        let cotangents = at.cotangent().chunk(2, -1);
        let d = cotangents[0].clone() * &o * bend.square().rsub(1.0) + &cotangents[1];
        let to_gates = A::concat(
            &[
                &(d.clone() * &g * sigmoid_slope(&i)),
                &(d.clone() * c * sigmoid_slope(&f)),
                &(d.clone() * &i * g.square().rsub(1.0)),
                &(cotangents[0].clone() * &bend * sigmoid_slope(&o)),
            ],
            -1,
        );
        at.each(|input| if input < 2 { to_gates.clone() } else { d.clone() * &f })
    }

    fn jvp<T: Real, A: Array<T>>(at: &Pushforward<A>) -> A {
        let (Parts { bent: [i, f, g, o], bend }, c) = (Parts::of(at.input(0), at.input(1), at.output()), at.input(2));
        let mut cell = at.tangent(2).map(|t| t.clone() * &f);
        let mut hidden = None;
        if let Some(t) = sum([0, 1].map(|input| at.tangent(input).cloned())) {
            let t = t.chunk(4, -1);
            let moved = t[0].clone() * &g * sigmoid_slope(&i)
                + t[1].clone() * c * sigmoid_slope(&f)
                + t[2].clone() * &i * g.square().rsub(1.0);
            cell = sum([cell, Some(moved)]);
            hidden = Some(t[3].clone() * &bend * sigmoid_slope(&o));
        }
        let Some(cell) = cell else { return at.zeros() };
        let through = cell.clone() * &o * bend.square().rsub(1.0);
        A::concat(&[&hidden.map_or(through.clone(), |hidden| hidden + &through), &cell], -1)
    }
}

/// What the rules are written in: σ(i), σ(f), tanh(g), σ(o), and tanh(c′).
struct Parts<A> {
    bent: [A; 4],
    bend: A,
}

impl<A> Parts<A> {
    fn of<T: Real>(x: &A, v: &A, y: &A) -> Self
    where
        A: Array<T>,
    {
        let gates = (x.clone() + v).chunk(4, -1);
        let bent = [gates[0].sigmoid(), gates[1].sigmoid(), gates[2].tanh(), gates[3].sigmoid()];
        Parts { bent, bend: y.chunk(2, -1)[1].tanh() }
    }
}
