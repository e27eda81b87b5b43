//! `+ − · /`, comparisons and the named functions of a [`Var`].

use super::{Record, Var};
use crate::algebra::{Algebra, Formula, formulas, names};
use std::cmp::Ordering;
use std::fmt::{self, Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

impl<R: Record> Clone for Var<'_, R> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<R: Record> Copy for Var<'_, R> {}

impl<R: Record> Var<'_, R> {
    /// `x + c`: the same slot with another value, unless every step is to be shown.
    #[inline(always)]
    #[track_caller]
    fn plus_constant(self, constant: f64) -> Self {
        let rule = formulas::AddConstant { constant };
        if R::EVERY_STEP { Self::apply(rule, [self]) } else { Var { value: rule.value([self.value]), ..self } }
    }
}

impl<R: Record> Neg for Var<'_, R> {
    type Output = Self;
    #[inline(always)]
    #[track_caller]
    fn neg(self) -> Self {
        Self::apply(formulas::Neg, [self])
    }
}

/// `x ∘ y`, `x ∘ c`, `c ∘ x`, `x ∘= y`, `x ∘= c` for variables x, y and a number c.
macro_rules! operators {
    ($($Op:ident $op:ident, $OpAssign:ident $op_assign:ident:
        $rule:expr, |$x:ident, $c:ident| $right:expr, $left:expr;)*) => {$(
        impl<R: Record> $Op for Var<'_, R> {
            type Output = Self;
            #[inline(always)]
            #[track_caller]
            fn $op(self, other: Self) -> Self {
                Self::apply($rule, [self, other])
            }
        }
        impl<R: Record> $Op<f64> for Var<'_, R> {
            type Output = Self;
            #[inline(always)]
            #[track_caller]
            fn $op(self, $c: f64) -> Self {
                let $x = self;
                $right
            }
        }
        impl<'t, R: Record> $Op<Var<'t, R>> for f64 {
            type Output = Var<'t, R>;
            #[inline(always)]
            #[track_caller]
            fn $op(self, $x: Var<'t, R>) -> Var<'t, R> {
                let $c = self;
                $left
            }
        }
        impl<R: Record> $OpAssign for Var<'_, R> {
            #[inline(always)]
            #[track_caller]
            fn $op_assign(&mut self, other: Self) {
                *self = (*self).$op(other);
            }
        }
        impl<R: Record> $OpAssign<f64> for Var<'_, R> {
            #[inline(always)]
            #[track_caller]
            fn $op_assign(&mut self, other: f64) {
                *self = (*self).$op(other);
            }
        }
    )*};
}
operators! {
    Add add, AddAssign add_assign: formulas::Add, |x, c| x.plus_constant(c), x.plus_constant(c);
    Sub sub, SubAssign sub_assign: formulas::Sub, |x, c| x.plus_constant(-c), x.rsub(c);
    Mul mul, MulAssign mul_assign: formulas::Mul,
        |x, c| Var::apply(formulas::MulConstant { constant: c }, [x]), x * c;
    Div div, DivAssign div_assign: formulas::Div,
        |x, c| Var::apply(formulas::DivConstant { constant: c }, [x]), x.rdiv(c);
}

impl<R: Record> Sum for Var<'_, R> {
    #[track_caller]
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        let mut total: Option<Self> = None;
        for term in terms {
            total = Some(total.map_or(term, |total| total + term));
        }
        total.unwrap_or(Var::constant(0.0))
    }
}

impl<'a, R: Record> Sum<&'a Self> for Var<'_, R> {
    #[track_caller]
    fn sum<I: Iterator<Item = &'a Self>>(terms: I) -> Self {
        terms.copied().sum()
    }
}

/// The named functions once more, for `x.tanh()` without a trait in scope.
macro_rules! inherent_methods {
    (unary $($(#[$doc:meta])* $name:ident ( $($arg:ident : $kind:ty),* ) => $formula:expr;)*) => {
        /// Named functions: those of [`Algebra`].
        ///
        /// # Panics
        /// Those of two variables, if these belong to different tapes.
        impl<R: Record> Var<'_, R> {$(
            $(#[$doc])*
            #[inline(always)]
            #[track_caller]
            pub fn $name(self $(, $arg: $kind)*) -> Self {
                Self::apply($formula, [self])
            }
        )*}
    };
    (binary $($(#[$doc:meta])* $name:ident => $formula:expr;)*) => {
        impl<R: Record> Var<'_, R> {$(
            $(#[$doc])*
            #[inline(always)]
            #[track_caller]
            pub fn $name(self, other: Self) -> Self {
                Self::apply($formula, [self, other])
            }
        )*}
    };
}
names::with_unary!(inherent_methods);
names::with_binary!(inherent_methods);

/// The named functions as methods of [`Algebra`] that know their caller's line.
macro_rules! tracked_methods {
    () => {
        crate::algebra::names::with_unary!(tracked_methods);
        crate::algebra::names::with_binary!(tracked_methods);
    };
    (unary $($(#[$doc:meta])* $name:ident ( $($arg:ident : $kind:ty),* ) => $formula:expr;)*) => {$(
        #[inline(always)]
        #[track_caller]
        fn $name(self $(, $arg: $kind)*) -> Self {
            Var::$name(self $(, $arg)*)
        }
    )*};
    (binary $($(#[$doc:meta])* $name:ident => $formula:expr;)*) => {$(
        #[inline(always)]
        #[track_caller]
        fn $name(self, other: Self) -> Self {
            Var::$name(self, other)
        }
    )*};
}
pub(super) use tracked_methods;

/// Variables compare by value.
impl<R: Record> PartialEq for Var<'_, R> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl<R: Record> PartialEq<f64> for Var<'_, R> {
    #[inline(always)]
    fn eq(&self, other: &f64) -> bool {
        self.value == *other
    }
}
impl<R: Record> PartialOrd for Var<'_, R> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}
impl<R: Record> PartialOrd<f64> for Var<'_, R> {
    #[inline(always)]
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        self.value.partial_cmp(other)
    }
}

/// The number.
impl<R: Record> Display for Var<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.value, f)
    }
}

impl<R: Record> Debug for Var<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tape {
            Some(_) => write!(f, "Var({:?}, slot {})", self.value, self.slot),
            None => write!(f, "Var({:?}, constant)", self.value),
        }
    }
}
