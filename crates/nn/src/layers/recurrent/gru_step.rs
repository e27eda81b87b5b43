//! The step of a GRU's state as one operation: a few loops over rows that stay in the cache, forward and back.

use super::lstm_step::sigmoid_slope;
use autograd::algebra::{Algebra, Lane, Real};
use autograd::kernels::{Kernel, dispatch};
use autograd::ops::{Few, Messages, Op, Pullback, Pushforward, Saves};
use autograd::{Array, Error, Shape, Tensor};
use std::ops::RangeInclusive;

/// The hidden state that follows, `h′ = n + z (h − n)` with `r = σ(xᵣ + vᵣ)`, `z = σ(x_z + v_z)` and
/// `n = tanh(xₙ + r vₙ)`. Inputs: what comes of the input, `x`, and of the hidden state, `v`, each r, z, n side by side,
/// `[batch, 3 · hidden]`, and that state, `h`, `[batch, hidden]`. Pull-back, with `d = g (1 − z) (1 − n²)`:
/// `xᵣ ← d vₙ r (1 − r)`, `x_z ← g (h − n) z (1 − z)`, `xₙ ← d`, `v` likewise but `vₙ ← d r`, `h ← g z`.
///
/// ```
/// use nn::{layers::GruStep, prelude::*};
/// let (zeros, h) = (Tensor::from([[0.0_f32, 0.0, 0.0]]), Tensor::from([[3.0]]));
/// assert_eq!(Tensor::apply(GruStep, &[&zeros, &zeros, &h]).item(), 1.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GruStep;

impl<T: Real> Op<T> for GruStep {
    fn name(&self) -> &'static str {
        "gru_step"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        3..=3
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        match (&inputs[0][..], &inputs[1][..], &inputs[2][..]) {
            (&[batch, gates], of_hidden, &[rows, hidden])
                if batch == rows && gates == 3 * hidden && of_hidden == [batch, gates] =>
            {
                Ok(inputs[2])
            }
            _ => Err(Error::shape(
                "its inputs are no two sets of gates [batch, 3 · hidden] and state [batch, hidden]",
                "put the three gates of each hidden feature side by side, all of r first",
            )),
        }
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(inputs, shape).0
    }
    /// Keeps the gates behind their bends.
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let [mut bent, v, h] = [0, 1, 2].map(|i| inputs[i].contiguous());
        let mut y = Tensor::zeros(shape);
        if let (Some(v), Some(h)) = (v.as_slice(), h.as_slice()) {
            dispatch(Forward { gates: bent.make_mut(), v, h, y: y.make_mut(), hidden: shape[1] });
        }
        (y, [bent].into_iter().collect())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
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
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let Some(bent) = at.kept(0) else { return self.vjp(at) };
        let (v, h, g) = (at.input(1).contiguous(), at.input(2).contiguous(), at.cotangent().contiguous());
        let [mut to_x, mut to_v] = [(); 2].map(|()| Tensor::zeros(bent.shape()));
        let mut to_h = Tensor::zeros(h.shape());
        if let (Some(bent), Some(v), Some(h), Some(g)) = (bent.as_slice(), v.as_slice(), h.as_slice(), g.as_slice()) {
            let (to_x, to_v, to_h) = (to_x.make_mut(), to_v.make_mut(), to_h.make_mut());
            dispatch(Backward { bent, v, h, g, to_x, to_v, to_h, hidden: at.cotangent().shape()[1] });
        }
        at.each(|input| [&to_x, &to_v, &to_h][input].clone())
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
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
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
}

/// The sum of what is there.
fn sum<A: Array<T>, T: Real>([a, b]: [Option<A>; 2]) -> Option<A> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + &b),
        (a, b) => a.or(b),
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

/// Replaces the gates by what their bends make of them, and writes the state. One loop a step, so that each has few
/// operands and becomes vector instructions.
struct Forward<'a, T> {
    gates: &'a mut [T],
    v: &'a [T],
    h: &'a [T],
    y: &'a mut [T],
    hidden: usize,
}

impl<T: Real> Kernel for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let n = self.hidden;
        if n == 0 {
            return;
        }
        let rows = self.gates.chunks_exact_mut(3 * n).zip(self.v.chunks_exact(3 * n));
        for (((gates, v), h), y) in rows.zip(self.h.chunks_exact(n)).zip(self.y.chunks_exact_mut(n)) {
            let (before, change) = gates.split_at_mut(2 * n);
            for k in 0..2 * n {
                before[k] = Lane::<T, FUSED>(before[k] + v[k]).sigmoid().0;
            }
            let (v, (r, z)) = (&v[2 * n..], before.split_at(n));
            for k in 0..n {
                change[k] = Lane::<T, FUSED>(change[k] + r[k] * v[k]).tanh().0;
            }
            for k in 0..n {
                y[k] = change[k] + z[k] * (h[k] - change[k]);
            }
        }
    }
}

/// The messages to the gates and to the state.
struct Backward<'a, T> {
    bent: &'a [T],
    v: &'a [T],
    h: &'a [T],
    g: &'a [T],
    to_x: &'a mut [T],
    to_v: &'a mut [T],
    to_h: &'a mut [T],
    hidden: usize,
}

impl<T: Real> Kernel for Backward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let n = self.hidden;
        if n == 0 {
            return;
        }
        let inputs = self.bent.chunks_exact(3 * n).zip(self.v.chunks_exact(3 * n)).zip(self.h.chunks_exact(n));
        let outputs = self.to_x.chunks_exact_mut(3 * n).zip(self.to_v.chunks_exact_mut(3 * n));
        let outputs = outputs.zip(self.to_h.chunks_exact_mut(n));
        for ((((bent, v), h), g), ((to_x, to_v), to_h)) in inputs.zip(self.g.chunks_exact(n)).zip(outputs) {
            let (r, rest) = bent.split_at(n);
            let (z, change) = rest.split_at(n);
            let v = &v[2 * n..];
            let (to_r, rest) = to_x.split_at_mut(n);
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
                to_h[k] = g[k] * z[k];
            }
            let (same, apart) = to_v.split_at_mut(2 * n);
            for k in 0..n {
                apart[k] = d[k] * r[k];
            }
            same.copy_from_slice(&to_x[..2 * n]);
        }
    }
}
