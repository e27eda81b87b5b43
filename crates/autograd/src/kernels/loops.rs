//! The loops of a formula over slices: what is compiled for each rule, number type and instruction set.

// What an iterator calls may be left out of line and lose the instruction set; a loop over places never does.
#![allow(clippy::needless_range_loop)]

use super::{Kernel, dispatch};
use crate::algebra::{Algebra, Formula, Lane, Real, Slope, SmallDual};

/// `y = f(x₀, x₁, …)` on every element.
pub fn value<T: Real, F: Formula<N>, const N: usize>(f: &F, x: [&[T]; N], y: &mut [T]) {
    dispatch(Value { f, x, y });
}

/// `y = f(x₀, x₁, …)` and `slopesᵢ = ∂f/∂xᵢ` on every element, in one pass: for formulas whose slope is
/// [automatic](Slope::Automatic).
pub fn recorded<T: Real, F: Formula<N>, const N: usize>(f: &F, x: [&[T]; N], y: &mut [T], slopes: [&mut [T]; N]) {
    dispatch(Recorded { f, x, y, slopes });
}

/// `out = g · ∂f/∂xᵢ (x…, y)` on every element, for the input that is asked for.
pub fn message<T: Real, F: Formula<N>, const N: usize>(f: &F, at: Messages<'_, T, N>, out: &mut [T]) {
    match at.input {
        0 => dispatch(Message::<T, F, N, 0> { f, at, out }),
        1 => dispatch(Message::<T, F, N, 1> { f, at, out }),
        2 => dispatch(Message::<T, F, N, 2> { f, at, out }),
        _ => dispatch(FurtherMessage { f, at, out }),
    }
}

/// What the messages of a formula are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Messages<'a, T, const N: usize> {
    /// The input that the message is for.
    pub input: usize,
    /// Whether a cotangent of exactly 0 gives 0 whatever the slope.
    pub guard: bool,
    /// The cotangents.
    pub g: &'a [T],
    /// The inputs.
    pub x: [&'a [T]; N],
    /// The outputs.
    pub y: &'a [T],
}

/// Element `i` of each input. A loop, as in all that computes here: what a closure holds may be left out when a loop is
/// inlined, and then it loses the instruction set.
#[inline(always)]
fn gather<T: Real, const FUSED: bool, const N: usize>(x: [&[T]; N], i: usize) -> [Lane<T, FUSED>; N] {
    let mut gathered = [Lane(T::ZERO); N];
    for k in 0..N {
        gathered[k] = Lane(x[k][i]);
    }
    gathered
}

struct Value<'a, T, F, const N: usize> {
    f: &'a F,
    x: [&'a [T]; N],
    y: &'a mut [T],
}

impl<T: Real, F: Formula<N>, const N: usize> Kernel for Value<'_, T, F, N> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let n = self.y.len();
        let x = self.x.map(|x| &x[..n]);
        for (i, y) in self.y.iter_mut().enumerate() {
            *y = self.f.value(gather::<T, FUSED, N>(x, i)).0;
        }
    }
}

struct Recorded<'a, T, F, const N: usize> {
    f: &'a F,
    x: [&'a [T]; N],
    y: &'a mut [T],
    slopes: [&'a mut [T]; N],
}

impl<T: Real, F: Formula<N>, const N: usize> Kernel for Recorded<'_, T, F, N> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        // Never asked for otherwise; so nothing is compiled for the formulas that give their slope.
        if !matches!(F::SLOPE, Slope::Automatic) {
            return;
        }
        let n = self.y.len();
        let (x, slopes) = (self.x.map(|x| &x[..n]), self.slopes.map(|slope| &mut slope[..n]));
        for (i, y) in self.y.iter_mut().enumerate() {
            let dual = self.f.value(SmallDual::variables(gather::<T, FUSED, N>(x, i)));
            *y = dual.value.0;
            for k in 0..N {
                slopes[k][i] = dual.slope[k].0;
            }
        }
    }
}

struct Message<'a, T, F, const N: usize, const INPUT: usize> {
    f: &'a F,
    at: Messages<'a, T, N>,
    out: &'a mut [T],
}

impl<T: Real, F: Formula<N>, const N: usize, const INPUT: usize> Kernel for Message<'_, T, F, N, INPUT> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        // `message` names three inputs for every formula; those that the formula does not have are never asked for.
        if INPUT >= N {
            return;
        }
        let n = self.out.len();
        let (x, y, g) = (self.at.x.map(|x| &x[..n]), &self.at.y[..n], &self.at.g[..n]);
        for i in 0..n {
            let slope = self.f.slope(&gather::<T, FUSED, N>(x, i), Lane(y[i]))[INPUT % N];
            self.out[i] = times::<T, FUSED>(self.at.guard, Lane(g[i]), slope);
        }
    }
}

/// The message to an input behind the third: one loop for all of them, since few formulas have any.
struct FurtherMessage<'a, T, F, const N: usize> {
    f: &'a F,
    at: Messages<'a, T, N>,
    out: &'a mut [T],
}

impl<T: Real, F: Formula<N>, const N: usize> Kernel for FurtherMessage<'_, T, F, N> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        if N <= 3 {
            return;
        }
        let n = self.out.len();
        let (x, y, g) = (self.at.x.map(|x| &x[..n]), &self.at.y[..n], &self.at.g[..n]);
        for i in 0..n {
            let slopes = self.f.slope(&gather::<T, FUSED, N>(x, i), Lane(y[i]));
            let mut slope = slopes[3 % N];
            // A choice between values, which does not keep the loop from being vectorised.
            for (k, &other) in slopes.iter().enumerate().skip(4) {
                slope = if k == self.at.input { other } else { slope };
            }
            self.out[i] = times::<T, FUSED>(self.at.guard, Lane(g[i]), slope);
        }
    }
}

/// `slope · g`, guarded or not.
#[inline(always)]
pub(super) fn times<T: Real, const FUSED: bool>(guard: bool, g: Lane<T, FUSED>, slope: Lane<T, FUSED>) -> T {
    let guarded = g.times_slope(slope);
    let plain = g * slope;
    if guard { guarded.0 } else { plain.0 }
}
