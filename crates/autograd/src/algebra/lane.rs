//! The number inside a kernel, and `f64` as an algebra.

use super::math::Math;
use super::{Algebra, Formula, Real};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// One lane of a vector: a number of type `T` inside a kernel. `FUSED` says whether the instruction set that the
/// kernel was compiled for has a fused multiply-add.
///
/// A loop over slices of `Lane` is what the compiler turns into vector instructions; the same lines compute a
/// remainder of one element, so one element and a million give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Lane<T, const FUSED: bool>(pub T);

macro_rules! operators {
    ($($Op:ident $op:ident $sign:tt),*) => {$(
        impl<T: Real, const FUSED: bool> $Op for Lane<T, FUSED> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: Self) -> Self {
                Lane(self.0 $sign other.0)
            }
        }
        impl<T: Real, const FUSED: bool> $Op<f64> for Lane<T, FUSED> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, constant: f64) -> Self {
                Lane(self.0 $sign T::from_f64(constant))
            }
        }
    )*};
}
operators!(Add add +, Sub sub -, Mul mul *, Div div /);

impl<T: Real, const FUSED: bool> Neg for Lane<T, FUSED> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Lane(-self.0)
    }
}

/// A number computes: `apply` evaluates the formula, and the functions that formulas are made of are its own.
macro_rules! numbers_compute {
    ([$($generics:tt)*] $Type:ty, $fused:expr, |$x:ident| $unwrap:expr, $wrap:path) => {
        impl<$($generics)*> Algebra for $Type {
            #[inline(always)]
            fn constant(value: f64) -> Self {
                $wrap(Real::from_f64(value))
            }
            #[inline(always)]
            fn apply<F: Formula<N>, const N: usize>(formula: F, x: [Self; N]) -> Self {
                formula.value(x)
            }
            #[inline(always)]
            fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self {
                if self > other { then } else { otherwise }
            }
            #[inline(always)]
            fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self {
                if self == other { then } else { otherwise }
            }
            // A number has no derivative that could be lost, so the slope need not be looked at.
            #[inline(always)]
            fn times_slope(self, slope: Self) -> Self {
                self.if_equal(Self::constant(0.0), self, self * slope)
            }
            super::math::with_functions!(numbers_compute @functions $fused, |$x| $unwrap, $wrap,);
            #[inline(always)]
            fn powi(self, exponent: i32) -> Self {
                let $x = self;
                $wrap(Math::powi($unwrap, exponent))
            }
            #[inline(always)]
            fn powf(self, exponent: f64) -> Self {
                Algebra::pow(self, Self::constant(exponent))
            }
            #[inline(always)]
            fn polygamma(self, order: u32) -> Self {
                let $x = self;
                $wrap(Math::polygamma($unwrap, order))
            }
        }
    };
    (@functions $fused:expr, |$x:ident| $unwrap:expr, $wrap:path,
        by_instruction $($name:ident $std:ident),*; unary $($one:ident $one_path:path),*; binary $($two:ident $two_path:path),*;) => {
        $(#[inline(always)]
        fn $name(self) -> Self {
            let $x = self;
            $wrap(Math::$name($unwrap))
        })*
        $(#[inline(always)]
        fn $one(self) -> Self {
            let $x = self;
            $wrap(Math::$one::<{ $fused }>($unwrap))
        })*
        $(#[inline(always)]
        fn $two(self, other: Self) -> Self {
            let $x = self;
            let first = $unwrap;
            let $x = other;
            $wrap(Math::$two::<{ $fused }>(first, $unwrap))
        })*
    };
}

numbers_compute!([T: Real, const FUSED: bool] Lane<T, FUSED>, FUSED, |x| x.0, Lane);
numbers_compute!([] f64, false, |x| x, std::convert::identity);
