//! A number that notes which way each choice of a formula went: a rectifier's side, the larger of two, the whole part.

use super::{Algebra, Formula, formulas, operators_by_formula};
use std::cell::Cell;
use std::ops::{Add, Div, Mul, Neg, Sub};

thread_local! {
    static CHOICES: Cell<u64> = const { Cell::new(0) };
    /// The formula that is being read.
    static INSIDE: Cell<&'static str> = const { Cell::new("") };
}

/// A number that notes which way each choice of a formula went.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Choosing(f64);

impl Choosing {
    fn note(which: u64) {
        CHOICES.set(CHOICES.get().wrapping_mul(3).wrapping_add(which));
    }

    /// The piece that `y = f(x…)` is on, for a function of pieces that numbers compute.
    fn note_piece<const N: usize>(name: &str, x: [f64; N], y: f64) {
        match name {
            "abs" => Self::note(1 + u64::from(x[0] > 0.0)),
            "floor" | "ceil" | "round" => Self::note(1 + y.to_bits()),
            "remainder" => Self::note(1 + ((y - x[0]) / x[1]).round().to_bits()),
            "copysign" => Self::note(1 + u64::from(x[0] > 0.0) + 2 * u64::from(x[1].is_sign_negative())),
            _ => {}
        }
    }
}

impl Algebra for Choosing {
    fn constant(value: f64) -> Self {
        Choosing(value)
    }
    fn apply<F: Formula<N>, const N: usize>(formula: F, x: [Self; N]) -> Self {
        // A formula that names itself in its value is one that numbers compute.
        if INSIDE.get() == F::NAME {
            let y: f64 = formula.value(x.map(|x| x.0));
            Self::note_piece(F::NAME, x.map(|x| x.0), y);
            return Choosing(y);
        }
        let outer = INSIDE.replace(F::NAME);
        let y = formula.value(x);
        INSIDE.set(outer);
        y
    }
    fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self {
        Self::note(1 + u64::from(self.0 > other.0));
        if self.0 > other.0 { then } else { otherwise }
    }
    fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self {
        Self::note(1 + u64::from(self.0 == other.0));
        if self.0 == other.0 { then } else { otherwise }
    }
}
operators_by_formula!([] Choosing);

/// The choices that a formula takes at a point, as one number; 0 if it takes none, which is so everywhere then.
pub(crate) fn choices<F: Formula<N>, const N: usize>(f: &F, x: [f64; N]) -> u64 {
    CHOICES.set(0);
    Choosing::apply(*f, x.map(Choosing));
    CHOICES.get()
}
