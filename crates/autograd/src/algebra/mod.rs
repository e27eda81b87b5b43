//! The vocabulary of formulas: what an elementwise operation is written in.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Algebra`], the vocabulary; [`Formula`], a rule written in it |
//! | `names.rs` | the one list of named functions, shared by formulas and tensor programs |
//! | `formulas/` | every elementwise rule: its formula, its derivative, its documentation, one file a topic |
//! | `real.rs` | [`Real`]: `f32` and `f64` |
//! | `lane.rs`, `math/` | the number type inside kernels and its functions |
//! | `small_dual.rs` | a number with a handful of slopes: automatic derivatives of a formula |
//! | `expression.rs` | a formula that prints itself |
//! | `choices.rs` | a number that notes every choice of a formula |
//!
//! A formula is written once and read in many ways. Fed numbers it computes; fed [`SmallDual`]s it yields its
//! slopes; fed an [`Expression`] it prints; fed a scalar variable it is recorded; fed array handles it is replayed
//! on tensors and variables, which is how a derivative is differentiated again.

mod choices;
mod expression;
pub mod formulas;
mod lane;
mod math;
pub(crate) mod names;
mod real;
mod small_dual;

pub(crate) use choices::choices;
pub(crate) use expression::in_print;
pub use expression::{Arena, Expression, InPrint};
pub use lane::Lane;
pub use real::Real;
pub use small_dual::SmallDual;

use crate::kernels::loops;
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

macro_rules! algebra_methods {
    (unary $($(#[$doc:meta])* $name:ident ( $($arg:ident : $kind:ty),* ) => $formula:expr;)*) => {
        $($(#[$doc])* #[inline(always)] fn $name(self $(, $arg: $kind)*) -> Self { Self::apply($formula, [self]) })*
    };
    (binary $($(#[$doc:meta])* $name:ident => $formula:expr;)*) => {
        $($(#[$doc])* #[inline(always)] fn $name(self, other: Self) -> Self { Self::apply($formula, [self, other]) })*
    };
}

/// What a scalar formula is written in: arithmetic, choice, and the named functions.
///
/// Implemented by `f64`, by [`Lane`] (the number inside a kernel), by [`SmallDual`], by [`Expression`], by the
/// scalar tape's variable, and by the handle that replays a formula on arrays. Plain `f32` is not among them because
/// `x * 0.5` must work with a literal and Rust allows no foreign `f32 * f64`; kernels compute with `Lane<f32>`.
///
/// # Example
///
/// ```
/// use autograd::algebra::{Algebra, SmallDual};
///
/// fn logistic_growth<A: Algebra>(x: A) -> A {
///     x * (-x + 1.0) * 3.0
/// }
/// assert_eq!(logistic_growth(0.25), 0.5625);
/// let x = SmallDual::variables([0.25]);
/// assert_eq!(logistic_growth(x[0]).slope, [1.5]); // 3 (1 − 2x)
/// ```
pub trait Algebra:
    Copy
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A number that does not depend on any variable.
    fn constant(value: f64) -> Self;

    /// Applies a rule: what this does is what the algebra *is*.
    fn apply<F: Formula<N>, const N: usize>(formula: F, x: [Self; N]) -> Self;

    /// `then` where `self > other`, else `otherwise` (also where either is NaN). Both branches are computed.
    fn if_greater(self, other: Self, then: Self, otherwise: Self) -> Self;

    /// `then` where `self == other`, else `otherwise`. Both branches are computed.
    fn if_equal(self, other: Self, then: Self, otherwise: Self) -> Self;

    /// `slope · self`, except that an exact zero stays zero when `slope` is not finite.
    ///
    /// This is how a local derivative meets what flows through it: a branch that was masked out contributes nothing
    /// even where its slope is infinite. A finite slope is always multiplied: where `self` is 0 but varies, the
    /// derivative of the product is `slope` times its own.
    #[inline(always)]
    fn times_slope(self, slope: Self) -> Self {
        let (zero, product) = (Self::constant(0.0), self * slope);
        let guarded = self.if_equal(zero, self, product);
        (slope * 0.0).if_equal(zero, product, guarded) // ∞ · 0 is not 0
    }

    names::with_unary!(algebra_methods);
    names::with_binary!(algebra_methods);
}

/// What the slope of a formula is computed from, hence what a recorded operation keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slope {
    /// The slope is a number: nothing is kept.
    Constant,
    /// From the inputs: they are kept.
    Inputs,
    /// From the output: it is kept.
    Output,
    /// From both.
    InputsAndOutput,
    /// Not given: computed with small duals in the same pass as the value, and kept.
    Automatic,
}

/// An elementwise rule of `N` inputs: a value and its slopes. Write one with [`elementwise!`](crate::elementwise).
pub trait Formula<const N: usize>: Copy + Debug + Send + Sync + 'static {
    /// The name that errors, tapes and pictures show.
    const NAME: &'static str;

    /// What [`slope`](Formula::slope) reads.
    const SLOPE: Slope = Slope::Automatic;

    /// `y = f(x₀, x₁, …)`.
    fn value<A: Algebra>(&self, x: [A; N]) -> A;

    /// `∂y/∂xᵢ` for every input. `y` is the value at `x`. Only what [`SLOPE`](Formula::SLOPE) announces may be read.
    /// (By reference: a pair of `f32` by value travels as one integer, which a loop in vectors takes apart for each element.)
    #[inline(always)]
    fn slope<A: Algebra>(&self, x: &[A; N], _y: A) -> [A; N] {
        self.value(SmallDual::variables(*x)).slope
    }

    /// The loop of the value over slices of `f32`. [`elementwise!`](crate::elementwise) writes these six out without
    /// type parameters, so that they are compiled once, where the rule is, and not in every program that uses it.
    #[doc(hidden)]
    fn value_f32(&self, x: [&[f32]; N], y: &mut [f32]) {
        loops::value(self, x, y);
    }
    #[doc(hidden)]
    fn value_f64(&self, x: [&[f64]; N], y: &mut [f64]) {
        loops::value(self, x, y);
    }
    #[doc(hidden)]
    fn recorded_f32(&self, x: [&[f32]; N], y: &mut [f32], slopes: [&mut [f32]; N]) {
        loops::recorded(self, x, y, slopes);
    }
    #[doc(hidden)]
    fn recorded_f64(&self, x: [&[f64]; N], y: &mut [f64], slopes: [&mut [f64]; N]) {
        loops::recorded(self, x, y, slopes);
    }
    #[doc(hidden)]
    fn message_f32(&self, at: loops::Messages<'_, f32, N>, out: &mut [f32]) {
        loops::message(self, at, out);
    }
    #[doc(hidden)]
    fn message_f64(&self, at: loops::Messages<'_, f64, N>, out: &mut [f64]) {
        loops::message(self, at, out);
    }

    /// The constants of the rule with their names, for printing.
    fn constants(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Writes an elementwise rule: a struct that is a [`Formula`], fused forward and backward, with every interpretation.
///
/// ```text
/// elementwise! {
///     /// What it is.
///     pub struct Name { constants: f64, … }        // or `pub struct Name;`
///     fn name(self, x, …) { value }
///     slope constant { [c, …] }                    // optional, one of the four
///     slope inputs { [∂y/∂x, …] }                  // reads the inputs
///     slope output(y) { [∂y/∂x, …] }               // reads the output only
///     slope inputs, output(y) { [∂y/∂x, …] }       // reads both
/// }
/// ```
///
/// Without a `slope` the derivative is computed by [`SmallDual`]s in the same pass as the value and kept: a formula of
/// any length is one loop forward and one loop backward.
///
/// # Example
///
/// ```
/// use autograd::prelude::*;
///
/// autograd::elementwise! {
///     /// `x · sigmoid(βx)`.
///     pub struct Swish { beta: f64 }
///     fn swish(self, x) { x * (x * self.beta).sigmoid() }
/// }
///
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([0.0, 1.0]));
/// let y = x.map(Swish { beta: 1.0 }).sum();
/// let slope = y.backward().of(&x).or_zeros();
/// assert!((slope.to_vec()[0] - 0.5_f32).abs() < 1e-6);
/// ```
#[macro_export]
macro_rules! elementwise {
    (
        $(#[$doc:meta])*
        $vis:vis struct $Name:ident $body:tt
        fn $name:ident $parameters:tt $value:block
        $(slope $($slope:tt)*)?
    ) => {
        $crate::elementwise! { @struct [$(#[$doc])* #[derive(Clone, Copy, Debug, PartialEq)] $vis struct $Name] $body }
        impl $crate::algebra::Formula<{ $crate::elementwise!(@count $parameters) }> for $Name {
            const NAME: &'static str = stringify!($name);
            $crate::elementwise! { @value $parameters $value }
            $($crate::elementwise! { @slope $parameters $($slope)* })?
            $crate::elementwise! { @constants $body }
            fn value_f32(&self, x: [&[f32]; $crate::elementwise!(@count $parameters)], y: &mut [f32]) {
                $crate::kernels::loops::value(self, x, y);
            }
            fn value_f64(&self, x: [&[f64]; $crate::elementwise!(@count $parameters)], y: &mut [f64]) {
                $crate::kernels::loops::value(self, x, y);
            }
            fn recorded_f32(
                &self,
                x: [&[f32]; $crate::elementwise!(@count $parameters)],
                y: &mut [f32],
                slopes: [&mut [f32]; $crate::elementwise!(@count $parameters)],
            ) {
                $crate::kernels::loops::recorded(self, x, y, slopes);
            }
            fn recorded_f64(
                &self,
                x: [&[f64]; $crate::elementwise!(@count $parameters)],
                y: &mut [f64],
                slopes: [&mut [f64]; $crate::elementwise!(@count $parameters)],
            ) {
                $crate::kernels::loops::recorded(self, x, y, slopes);
            }
            fn message_f32(
                &self,
                at: $crate::kernels::loops::Messages<'_, f32, { $crate::elementwise!(@count $parameters) }>,
                out: &mut [f32],
            ) {
                $crate::kernels::loops::message(self, at, out);
            }
            fn message_f64(
                &self,
                at: $crate::kernels::loops::Messages<'_, f64, { $crate::elementwise!(@count $parameters) }>,
                out: &mut [f64],
            ) {
                $crate::kernels::loops::message(self, at, out);
            }
        }
    };
    (@struct [$($head:tt)*] ;) => { $($head)*; };
    (@struct [$($head:tt)*] { $($(#[$doc:meta])* $field:ident : $kind:ty),* $(,)? }) => {
        $($head)* { $($(#[$doc])* pub $field: $kind),* }
    };
    (@constants ;) => {};
    (@constants { $($(#[$doc:meta])* $field:ident : $kind:ty),* $(,)? }) => {
        fn constants(&self) -> Vec<(&'static str, String)> {
            vec![$((stringify!($field), format!("{:?}", self.$field))),*]
        }
    };
    (@count ($self:ident $(, $x:ident)*)) => { [$(stringify!($x)),*].len() };
    (@value ($self:ident, $($x:ident),*) $value:block) => {
        #[inline(always)]
        fn value<A: $crate::algebra::Algebra>(&$self, [$($x),*]: [A; [$(stringify!($x)),*].len()]) -> A $value
    };
    (@slope ($self:ident, $($x:ident),*) constant $slope:block) => {
        const SLOPE: $crate::algebra::Slope = $crate::algebra::Slope::Constant;
        $crate::elementwise! { @slope_from ($self, _, _, $($x),*) {
            let slopes: [f64; [$(stringify!($x)),*].len()] = $slope;
            let mut constants = [A::constant(0.0); [$(stringify!($x)),*].len()];
            // A loop over places: a kernel keeps its instruction set in what is inlined, and that always is.
            for i in 0..constants.len() {
                constants[i] = A::constant(slopes[i]);
            }
            constants
        } }
    };
    (@slope ($self:ident, $($x:ident),*) inputs $slope:block) => {
        const SLOPE: $crate::algebra::Slope = $crate::algebra::Slope::Inputs;
        $crate::elementwise! { @slope_from ($self, &[$($x),*], _, $($x),*) $slope }
    };
    (@slope ($self:ident, $($x:ident),*) output($y:ident) $slope:block) => {
        const SLOPE: $crate::algebra::Slope = $crate::algebra::Slope::Output;
        $crate::elementwise! { @slope_from ($self, _, $y, $($x),*) $slope }
    };
    (@slope ($self:ident, $($x:ident),*) inputs, output($y:ident) $slope:block) => {
        const SLOPE: $crate::algebra::Slope = $crate::algebra::Slope::InputsAndOutput;
        $crate::elementwise! { @slope_from ($self, &[$($x),*], $y, $($x),*) $slope }
    };
    (@slope_from ($self:ident, $inputs:pat, $output:pat, $($x:ident),*) $slope:block) => {
        #[inline(always)]
        fn slope<A: $crate::algebra::Algebra>(
            &$self,
            $inputs: &[A; [$(stringify!($x)),*].len()],
            $output: A,
        ) -> [A; [$(stringify!($x)),*].len()] $slope
    };
}

/// The arithmetic operators of an algebra whose meaning is its `apply`.
macro_rules! operators_by_formula {
    ([$($generics:tt)*] $Type:ty) => {
        impl<$($generics)*> Neg for $Type {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self::apply(formulas::Neg, [self])
            }
        }
        $crate::algebra::operators_by_formula! { @one [$($generics)*] $Type, Add add, formulas::Add, |c| formulas::AddConstant { constant: c } }
        $crate::algebra::operators_by_formula! { @one [$($generics)*] $Type, Sub sub, formulas::Sub, |c| formulas::AddConstant { constant: -c } }
        $crate::algebra::operators_by_formula! { @one [$($generics)*] $Type, Mul mul, formulas::Mul, |c| formulas::MulConstant { constant: c } }
        $crate::algebra::operators_by_formula! { @one [$($generics)*] $Type, Div div, formulas::Div, |c| formulas::DivConstant { constant: c } }
    };
    (@one [$($generics:tt)*] $Type:ty, $Op:ident $op:ident, $binary:expr, |$c:ident| $constant:expr) => {
        impl<$($generics)*> $Op for $Type {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: Self) -> Self {
                Self::apply($binary, [self, other])
            }
        }
        impl<$($generics)*> $Op<f64> for $Type {
            type Output = Self;
            #[inline(always)]
            fn $op(self, $c: f64) -> Self {
                Self::apply($constant, [self])
            }
        }
    };
}
pub(crate) use operators_by_formula;
