//! The step of an LSTM's state as one operation: a few loops over rows that stay in the cache, forward and back.

use autograd::algebra::{Algebra, Lane, Real};
use autograd::kernels::{Kernel, dispatch};
use autograd::ops::{Few, Messages, Op, Pullback, Pushforward};
use autograd::{Array, Error, Shape, Tensor};
use std::ops::RangeInclusive;

/// The hidden state and the cell that follow, side by side, `[batch, 2 · hidden]`: `h′ = σ(o) tanh(c′)` and
/// `c′ = σ(f) c + σ(i) tanh(g)`. Inputs: the gates i, f, g, o side by side, `[batch, 4 · hidden]`, and the cell `c`,
/// `[batch, hidden]`. Pull-back, with `d = g_c + g_h σ(o) (1 − tanh²(c′))`: `i ← d tanh(g) σ′(i)`, `f ← d c σ′(f)`,
/// `g ← d σ(i) tanh′(g)`, `o ← g_h tanh(c′) σ′(o)`, `c ← d σ(f)`.
///
/// ```
/// use nn::{layers::LstmStep, prelude::*};
/// let (gates, c) = (Tensor::from([[0.0_f32, 0.0, 0.0, 0.0]]), Tensor::from([[3.0]]));
/// assert_eq!(Tensor::apply(LstmStep, &[&gates, &c]).slice(1, 1..).item(), 1.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LstmStep;

impl<T: Real> Op<T> for LstmStep {
    fn name(&self) -> &'static str {
        "lstm_step"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        match (&inputs[0][..], &inputs[1][..]) {
            (&[batch, gates], &[rows, hidden]) if batch == rows && gates == 4 * hidden => {
                Ok(Shape::from([batch, 2 * hidden]))
            }
            _ => Err(Error::shape(
                "its inputs are no gates [batch, 4 · hidden] and cell [batch, hidden]",
                "put the four gates of each hidden feature side by side, all of i first",
            )),
        }
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(inputs, shape).0
    }
    /// Keeps the gates behind their bends.
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let (mut bent, cell, mut y) = (inputs[0].contiguous(), inputs[1].contiguous(), Tensor::zeros(shape));
        let gates = bent.make_mut();
        dispatch(Forward { gates, cell: cell.as_slice().unwrap_or(&[]), y: y.make_mut(), hidden: cell.shape()[1] });
        (y, [bent].into_iter().collect())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (Parts { bent: [i, f, g, o], bend }, c) = (Parts::of(at.input(0), at.output()), at.input(1));
        let [i_slope, f_slope, o_slope] = [&i, &f, &o].map(sigmoid_slope);
        let cotangents = at.cotangent().chunk(2, -1);
        let d = cotangents[0].clone() * &o * bend.square().rsub(1.0) + &cotangents[1];
        at.each(|input| match input {
            0 => A::concat(
                &[
                    &(d.clone() * &g * i_slope.clone()),
                    &(d.clone() * c * f_slope.clone()),
                    &(d.clone() * &i * g.square().rsub(1.0)),
                    &(cotangents[0].clone() * &bend * o_slope.clone()),
                ],
                -1,
            ),
            _ => d.clone() * &f,
        })
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let Some(bent) = at.kept(0) else { return self.vjp(at) };
        let (cell, y, g) = (at.input(1).contiguous(), at.output().contiguous(), at.cotangent().contiguous());
        let (mut gates, mut before) = (Tensor::zeros(bent.shape()), Tensor::zeros(cell.shape()));
        if let (Some(bent), Some(cell), Some(y), Some(g)) =
            (bent.as_slice(), cell.as_slice(), y.as_slice(), g.as_slice())
        {
            let hidden = at.input(1).shape()[1];
            dispatch(Backward { bent, cell, y, g, gates: gates.make_mut(), before: before.make_mut(), hidden });
        }
        at.each(|input| if input == 0 { gates.clone() } else { before.clone() })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let (Parts { bent: [i, f, g, o], bend }, c) = (Parts::of(at.input(0), at.output()), at.input(1));
        let mut cell = at.tangent(1).map(|t| t.clone() * &f);
        let mut hidden = None;
        if let Some(t) = at.tangent(0) {
            let t = t.chunk(4, -1);
            let moved = t[0].clone() * &g * sigmoid_slope(&i)
                + t[1].clone() * c * sigmoid_slope(&f)
                + t[2].clone() * &i * g.square().rsub(1.0);
            cell = Some(cell.map_or(moved.clone(), |cell| cell + &moved));
            hidden = Some(t[3].clone() * &bend * sigmoid_slope(&o));
        }
        let Some(cell) = cell else { return at.zeros() };
        let through = cell.clone() * &o * bend.square().rsub(1.0);
        A::concat(&[&hidden.map_or(through.clone(), |hidden| hidden + &through), &cell], -1)
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
}

/// What the rules are written in: σ(i), σ(f), tanh(g), σ(o), and tanh(c′).
struct Parts<A> {
    bent: [A; 4],
    bend: A,
}

impl<A> Parts<A> {
    fn of<T: Real>(gates: &A, y: &A) -> Self
    where
        A: Array<T>,
    {
        let gates = gates.chunk(4, -1);
        let bent = [gates[0].sigmoid(), gates[1].sigmoid(), gates[2].tanh(), gates[3].sigmoid()];
        Parts { bent, bend: y.chunk(2, -1)[1].tanh() }
    }
}

/// The slope of a sigmoid from its value.
pub(super) fn sigmoid_slope<A: Array<T>, T: Real>(y: &A) -> A {
    y.clone() * y.rsub(1.0)
}

/// Replaces the gates by what their bends make of them, and writes the state. One loop a step, so that each has few
/// operands and becomes vector instructions.
struct Forward<'a, T> {
    gates: &'a mut [T],
    cell: &'a [T],
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
        let rows =
            self.gates.chunks_exact_mut(4 * n).zip(self.cell.chunks_exact(n)).zip(self.y.chunks_exact_mut(2 * n));
        for ((gates, cell), y) in rows {
            let (before, rest) = gates.split_at_mut(2 * n);
            let (g, o) = rest.split_at_mut(n);
            for x in before.iter_mut() {
                *x = Lane::<T, FUSED>(*x).sigmoid().0;
            }
            for x in g.iter_mut() {
                *x = Lane::<T, FUSED>(*x).tanh().0;
            }
            for x in o.iter_mut() {
                *x = Lane::<T, FUSED>(*x).sigmoid().0;
            }
            let (i, f) = before.split_at(n);
            let (out, next) = y.split_at_mut(n);
            for k in 0..n {
                next[k] = f[k] * cell[k] + i[k] * g[k];
            }
            for k in 0..n {
                out[k] = o[k] * Lane::<T, FUSED>(next[k]).tanh().0;
            }
        }
    }
}

/// The messages to the gates and to the cell.
struct Backward<'a, T> {
    bent: &'a [T],
    cell: &'a [T],
    y: &'a [T],
    g: &'a [T],
    gates: &'a mut [T],
    before: &'a mut [T],
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
        let inputs = self.bent.chunks_exact(4 * n).zip(self.cell.chunks_exact(n)).zip(self.y.chunks_exact(2 * n));
        let outputs = self.gates.chunks_exact_mut(4 * n).zip(self.before.chunks_exact_mut(n));
        for ((((bent, cell), y), g), (gates, d)) in inputs.zip(self.g.chunks_exact(2 * n)).zip(outputs) {
            let (i, rest) = bent.split_at(n);
            let (f, rest) = rest.split_at(n);
            let (change, o) = rest.split_at(n);
            let (to_i, rest) = gates.split_at_mut(n);
            let (to_f, rest) = rest.split_at_mut(n);
            let (to_change, to_o) = rest.split_at_mut(n);
            let (g_hidden, g_cell) = g.split_at(n);
            let next = &y[n..];
            for k in 0..n {
                to_o[k] = Lane::<T, FUSED>(next[k]).tanh().0;
            }
            for k in 0..n {
                d[k] = g_cell[k] + g_hidden[k] * o[k] * (T::ONE - to_o[k] * to_o[k]);
            }
            for k in 0..n {
                to_o[k] = g_hidden[k] * to_o[k] * (o[k] * (T::ONE - o[k]));
            }
            for k in 0..n {
                to_i[k] = d[k] * change[k] * (i[k] * (T::ONE - i[k]));
            }
            for k in 0..n {
                to_f[k] = d[k] * cell[k] * (f[k] * (T::ONE - f[k]));
            }
            for k in 0..n {
                to_change[k] = d[k] * i[k] * (T::ONE - change[k] * change[k]);
            }
            for k in 0..n {
                d[k] *= f[k];
            }
        }
    }
}
