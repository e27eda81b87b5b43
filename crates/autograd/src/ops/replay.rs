//! Formulas replayed on whole arrays, for derivatives of derivatives.

use super::choose::Choose;
use crate::algebra::{Algebra, Formula, Real, formulas};
use crate::{Interpretation, Tensor};
use std::array::from_fn;
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The arrays that a replayed formula has touched.
pub(crate) struct Replay<A>(RefCell<Vec<A>>);

impl<A> Default for Replay<A> {
    fn default() -> Self {
        Replay(RefCell::new(Vec::new()))
    }
}

impl<A: Interpretation> Replay<A> {
    fn keep(&self, array: A) -> Handle<'_, A> {
        let mut arrays = self.0.borrow_mut();
        arrays.push(array);
        Handle(Part::Array(self, arrays.len() - 1))
    }

    /// A handle of this array; of an array that was not kept, one that must not be read.
    pub(crate) fn optional(&self, array: Option<&A>) -> Handle<'_, A> {
        match array {
            Some(array) => self.keep(array.clone()),
            None => Handle(Part::Missing),
        }
    }
}

/// An array, or a number, as a `Copy` value that formulas can be run on.
pub(crate) struct Handle<'a, A>(Part<'a, A>);

enum Part<'a, A> {
    Number(f64),
    Array(&'a Replay<A>, usize),
    Missing,
}

impl<A> Clone for Handle<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A> Copy for Handle<'_, A> {}
impl<A> Clone for Part<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A> Copy for Part<'_, A> {}

impl<'a, A: Interpretation> Handle<'a, A> {
    /// The array, or the number that it is everywhere.
    pub(crate) fn array(self) -> Result<A, f64> {
        match self.0 {
            Part::Number(c) => Err(c),
            Part::Array(replay, index) => Ok(replay.0.borrow()[index].clone()),
            Part::Missing => crate::Error::rule(
                "its slope reads a value that was not kept",
                "write the `slope` clause that names what is read: `inputs`, `output(y)` or `inputs, output(y)`",
            )
            .raise("elementwise formula"),
        }
    }

    /// All parts as arrays of one computation, if any is one.
    fn arrays<const N: usize>(parts: [Self; N]) -> Result<(&'a Replay<A>, [A; N]), [f64; N]> {
        let values = parts.map(Handle::array);
        let found = parts.iter().zip(&values).find_map(|(part, value)| match (part.0, value) {
            (Part::Array(replay, _), Ok(array)) => Some((replay, array.clone())),
            _ => None,
        });
        match found {
            None => Err(values.map(|value| value.err().unwrap_or(f64::NAN))),
            Some((replay, carrier)) => Ok((
                replay,
                values.map(|value| value.unwrap_or_else(|c| carrier.constant(&Tensor::scalar(A::Real::from_f64(c))))),
            )),
        }
    }

    fn is(self, number: f64) -> bool {
        matches!(self.0, Part::Number(c) if c == number)
    }

    fn choice<F: Formula<2>>(holds: F, [a, b, then, otherwise]: [Self; 4]) -> Self {
        match (Self::arrays([a, b]), Self::arrays([a, b, then, otherwise])) {
            (Err(numbers), _) => {
                if holds.value::<f64>(numbers) == 1.0 {
                    then
                } else {
                    otherwise
                }
            }
            (Ok(_), Ok((replay, [a, b, then, otherwise]))) => {
                replay.keep(A::apply(Choose, &[&A::elementwise(holds, [&a, &b]), &then, &otherwise]))
            }
            (Ok(_), Err(_)) => unreachable!("the larger set has the arrays of the smaller"),
        }
    }
}

impl<A: Interpretation> Algebra for Handle<'_, A> {
    fn constant(value: f64) -> Self {
        Handle(Part::Number(value))
    }

    fn apply<F: Formula<N>, const N: usize>(formula: F, x: [Self; N]) -> Self {
        match Self::arrays(x) {
            Ok((replay, x)) => replay.keep(A::elementwise(formula, from_fn(|i| &x[i]))),
            Err(numbers) => Handle(Part::Number(formula.value(numbers))),
        }
    }

    fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self {
        Self::choice(formulas::Greater, [self, other, then, otherwise])
    }

    fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self {
        Self::choice(formulas::Equal, [self, other, then, otherwise])
    }

    /// Zeros and ones are known, not computed: most slopes of a formula's own variables are.
    fn times_slope(self, slope: Self) -> Self {
        match (self.0, slope.0) {
            (Part::Number(0.0), _) => self,
            (Part::Number(1.0), _) => slope,
            (_, Part::Number(c)) => match c {
                0.0 => slope,
                1.0 => self,
                c => self * c,
            },
            _ => Self::apply(formulas::TimesSlope, [self, slope]),
        }
    }
}

impl<A: Interpretation> Neg for Handle<'_, A> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::apply(formulas::Neg, [self])
    }
}

/// Arithmetic with a number is arithmetic with a constant; a structural zero or one is not computed with.
macro_rules! operators {
    ($($Op:ident $op:ident ($a:ident, $b:ident) $neutral:expr, $with_number:expr, $number_with:expr;)*) => {$(
        impl<A: Interpretation> $Op for Handle<'_, A> {
            type Output = Self;
            fn $op(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                if let Some(neutral) = $neutral {
                    return neutral;
                }
                match (self.0, other.0) {
                    (_, Part::Number(c)) => $with_number(self, c),
                    (Part::Number(c), _) => $number_with(c, other),
                    _ => Self::apply(formulas::$Op, [self, other]),
                }
            }
        }
        impl<A: Interpretation> $Op<f64> for Handle<'_, A> {
            type Output = Self;
            fn $op(self, constant: f64) -> Self {
                self.$op(Handle(Part::Number(constant)))
            }
        }
    )*};
}
operators! {
    Add add (a, b) if a.is(0.0) { Some(b) } else if b.is(0.0) { Some(a) } else { None },
        |x, constant| Self::apply(formulas::AddConstant { constant }, [x]),
        |constant, x| Self::apply(formulas::AddConstant { constant }, [x]);
    Sub sub (a, b) if b.is(0.0) { Some(a) } else { None },
        |x, constant: f64| Self::apply(formulas::AddConstant { constant: -constant }, [x]),
        |constant, x| Self::apply(formulas::SubtractFrom { constant }, [x]);
    Mul mul (a, b) if a.is(1.0) { Some(b) } else if b.is(1.0) { Some(a) } else { None },
        |x, constant| Self::apply(formulas::MulConstant { constant }, [x]),
        |constant, x| Self::apply(formulas::MulConstant { constant }, [x]);
    Div div (a, b) if b.is(1.0) { Some(a) } else { None },
        |x, constant| Self::apply(formulas::DivConstant { constant }, [x]),
        |constant, x| Self::apply(formulas::DivideInto { constant }, [x]);
}
