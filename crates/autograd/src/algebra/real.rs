//! The number types: `f32` and `f64`.

use super::Formula;
use super::math::Math;
use crate::kernels::blocks::Vectors;
use crate::kernels::loops::Messages;
use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A number type that tensors hold: `f32` or `f64`.
///
/// Bounded so that number-generic code reads like plain arithmetic.
pub trait Real:
    sealed::Sealed
    + Math
    + Vectors
    + Copy
    + Default
    + PartialEq
    + PartialOrd
    + Debug
    + Display
    + Send
    + Sync
    + Sum
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + 'static
{
    /// `"f32"` or `"f64"`.
    const NAME: &'static str;
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;
    /// The smallest positive number of full precision.
    const SMALLEST: Self;
    /// −∞.
    const NEG_INFINITY: Self;
    /// +∞.
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// The same number in double precision.
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Not a number.
    fn is_nan(self) -> bool;
    /// Runs what faer computes.
    #[cfg(feature = "linalg")]
    #[doc(hidden)]
    fn decompose<J: crate::kernels::linalg::Job<Self>>(job: J) -> J::Output;
    #[doc(hidden)]
    fn value_loop<F: Formula<N>, const N: usize>(f: &F, x: [&[Self]; N], y: &mut [Self]);
    #[doc(hidden)]
    fn recorded_loop<F: Formula<N>, const N: usize>(f: &F, x: [&[Self]; N], y: &mut [Self], slopes: [&mut [Self]; N]);
    #[doc(hidden)]
    fn message_loop<F: Formula<N>, const N: usize>(f: &F, at: Messages<'_, Self, N>, out: &mut [Self]);
}

macro_rules! impl_real {
    ($t:ident, $value:ident, $recorded:ident, $message:ident) => {
        impl Real for $t {
            const NAME: &'static str = stringify!($t);
            const EPSILON: Self = $t::EPSILON;
            const SMALLEST: Self = $t::MIN_POSITIVE;
            const NEG_INFINITY: Self = $t::NEG_INFINITY;
            const INFINITY: Self = $t::INFINITY;
            const NAN: Self = $t::NAN;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
            #[cfg(feature = "linalg")]
            fn decompose<J: crate::kernels::linalg::Job<Self>>(job: J) -> J::Output {
                job.run()
            }
            fn value_loop<F: Formula<N>, const N: usize>(f: &F, x: [&[Self]; N], y: &mut [Self]) {
                f.$value(x, y);
            }
            fn recorded_loop<F: Formula<N>, const N: usize>(
                f: &F,
                x: [&[Self]; N],
                y: &mut [Self],
                slopes: [&mut [Self]; N],
            ) {
                f.$recorded(x, y, slopes);
            }
            fn message_loop<F: Formula<N>, const N: usize>(f: &F, at: Messages<'_, Self, N>, out: &mut [Self]) {
                f.$message(at, out);
            }
        }
    };
}
impl_real!(f32, value_f32, recorded_f32, message_f32);
impl_real!(f64, value_f64, recorded_f64, message_f64);
