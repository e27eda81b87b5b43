//! A number with a handful of slopes: forward mode at its smallest.

// What an iterator calls may be left out of line and lose the instruction set; a loop over places never does.
#![allow(clippy::needless_range_loop)]

use super::{Algebra, Formula, formulas};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value and its slopes along `N` variables; running a formula on it differentiates the formula.
///
/// The chain rule is all it knows: `slopeᵢ(f(x…)) = Σⱼ ∂f/∂xⱼ · slopeᵢ(xⱼ)`.
///
/// ```
/// use autograd::algebra::{Algebra, SmallDual};
/// let [x, y] = SmallDual::variables([3.0, 4.0]);
/// let z = (x * y).sin();
/// assert_eq!(z.slope, [4.0 * 12.0_f64.cos(), 3.0 * 12.0_f64.cos()]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmallDual<A, const N: usize> {
    /// The value.
    pub value: A,
    /// The derivative of the value with respect to each variable.
    pub slope: [A; N],
}

impl<A: Algebra, const N: usize> SmallDual<A, N> {
    /// `N` independent variables at the point `x`.
    #[inline(always)]
    pub fn variables(x: [A; N]) -> [Self; N] {
        let mut variables = [Self::constant(0.0); N];
        for i in 0..N {
            variables[i].value = x[i];
            variables[i].slope[i] = A::constant(1.0);
        }
        variables
    }
}

// Loops, not closures: those could lose the instruction set of the kernel that this is inlined into.
impl<A: Algebra, const N: usize> Algebra for SmallDual<A, N> {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        SmallDual { value: A::constant(value), slope: [A::constant(0.0); N] }
    }

    #[inline(always)]
    fn apply<F: Formula<M>, const M: usize>(formula: F, x: [Self; M]) -> Self {
        let mut values = [x[0].value; M];
        for j in 1..M {
            values[j] = x[j].value;
        }
        let value = formula.value(values);
        let local = formula.slope(&values, value);
        let mut slope = x[0].slope;
        for i in 0..N {
            slope[i] = slope[i].times_slope(local[0]);
            for j in 1..M {
                slope[i] = slope[i] + x[j].slope[i].times_slope(local[j]);
            }
        }
        SmallDual { value, slope }
    }

    #[inline(always)]
    fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self {
        let mut chosen = otherwise;
        chosen.value = self.value.if_greater(other.value, then.value, otherwise.value);
        for i in 0..N {
            chosen.slope[i] = self.value.if_greater(other.value, then.slope[i], otherwise.slope[i]);
        }
        chosen
    }

    #[inline(always)]
    fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self {
        let mut chosen = otherwise;
        chosen.value = self.value.if_equal(other.value, then.value, otherwise.value);
        for i in 0..N {
            chosen.slope[i] = self.value.if_equal(other.value, then.slope[i], otherwise.slope[i]);
        }
        chosen
    }
}

crate::algebra::operators_by_formula!([A: Algebra, const N: usize] SmallDual<A, N>);
