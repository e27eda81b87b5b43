//! The operators: `+ - * /` for every interpretation whose meaning is its `apply`.

use super::Interpretation;
use crate::algebra::{Real, formulas};
use crate::{Dual, Shapes, Symbol, Tensor, Var};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// All operators of an interpretation whose meaning is its `apply`. The left operand may be borrowed, and a number may
/// stand on either side.
macro_rules! operators_by_apply {
    ([$($generics:tt)*] $Type:ty, $Real:ty) => {
        impl<$($generics)*> Neg for $Type {
            type Output = $Type;
            #[track_caller]
            fn neg(self) -> $Type {
                self.map_owned(formulas::Neg)
            }
        }
        impl<$($generics)*> Neg for &$Type {
            type Output = $Type;
            #[track_caller]
            fn neg(self) -> $Type {
                self.map(formulas::Neg)
            }
        }
        $crate::array::operators_by_apply! { @binary [$($generics)*] $Type, $Real, Add add AddConstant, |c| c }
        $crate::array::operators_by_apply! { @binary [$($generics)*] $Type, $Real, Sub sub AddConstant, |c| -c }
        $crate::array::operators_by_apply! { @binary [$($generics)*] $Type, $Real, Mul mul MulConstant, |c| c }
        $crate::array::operators_by_apply! { @binary [$($generics)*] $Type, $Real, Div div DivConstant, |c| c }
    };
    (@binary [$($generics:tt)*] $Type:ty, $Real:ty, $Op:ident $op:ident $Constant:ident, |$c:ident| $constant:expr) => {
        impl<$($generics)*> $Op for $Type {
            type Output = $Type;
            #[track_caller]
            fn $op(self, other: $Type) -> $Type {
                self.zip_owned(other, formulas::$Op)
            }
        }
        impl<$($generics)*> $Op<&$Type> for $Type {
            type Output = $Type;
            #[track_caller]
            fn $op(self, other: &$Type) -> $Type {
                self.zip(other, formulas::$Op)
            }
        }
        impl<$($generics)*> $Op<$Type> for &$Type {
            type Output = $Type;
            #[track_caller]
            fn $op(self, other: $Type) -> $Type {
                self.zip(&other, formulas::$Op)
            }
        }
        impl<$($generics)*> $Op for &$Type {
            type Output = $Type;
            #[track_caller]
            fn $op(self, other: &$Type) -> $Type {
                self.zip(other, formulas::$Op)
            }
        }
        impl<$($generics)*> $Op<$Real> for $Type {
            type Output = $Type;
            #[track_caller]
            fn $op(self, constant: $Real) -> $Type {
                let $c = constant.to_f64();
                self.map_owned(formulas::$Constant { constant: $constant })
            }
        }
        impl<$($generics)*> $Op<$Real> for &$Type {
            type Output = $Type;
            #[track_caller]
            fn $op(self, constant: $Real) -> $Type {
                let $c = constant.to_f64();
                self.map(formulas::$Constant { constant: $constant })
            }
        }
    };
}
pub(crate) use operators_by_apply;

operators_by_apply!([T: Real] Tensor<T>, T);

/// Operators with a number on the left, for the concrete types.
macro_rules! number_on_the_left {
    ($($Real:ty: $($Type:ty),*;)*) => {$($(
        number_on_the_left! { @one $Real, $Type, Add add AddConstant }
        number_on_the_left! { @one $Real, $Type, Sub sub SubtractFrom }
        number_on_the_left! { @one $Real, $Type, Mul mul MulConstant }
        number_on_the_left! { @one $Real, $Type, Div div DivideInto }
    )*)*};
    (@one $Real:ty, $Type:ty, $Op:ident $op:ident $Constant:ident) => {
        impl $Op<$Type> for $Real {
            type Output = $Type;
            #[track_caller]
            fn $op(self, x: $Type) -> $Type {
                x.map(formulas::$Constant { constant: f64::from(self) })
            }
        }
        impl $Op<&$Type> for $Real {
            type Output = $Type;
            #[track_caller]
            fn $op(self, x: &$Type) -> $Type {
                x.map(formulas::$Constant { constant: f64::from(self) })
            }
        }
    };
}
number_on_the_left! {
    f32: Tensor<f32>, Var<f32>, Dual<Tensor<f32>>, Dual<Var<f32>>, Shapes<f32>, Symbol<f32>;
    f64: Tensor<f64>, Var<f64>, Dual<Tensor<f64>>, Dual<Var<f64>>, Shapes<f64>, Symbol<f64>;
}
