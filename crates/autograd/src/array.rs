//! The vocabulary of programs: one method computes, every operation has its name here, once.

use crate::algebra::{Formula, Real, formulas, names};
use crate::ops::elementwise::Elementwise;
use crate::ops::{Op, choose, index, matmul, reduce, shape, softmax};
use crate::{AnyLayer, Axes, Error, Indices, Key, Param, Reduction, Shape, Tensor};
use std::ops::{Add, Div, Mul, Neg, RangeBounds, Sub};
use std::rc::Rc;

macro_rules! array_methods {
    (unary $($(#[$doc:meta])* $name:ident ( $($arg:ident : $kind:ty),* ) => $formula:expr;)*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            fn $name(&self $(, $arg: $kind)*) -> Self {
                self.map($formula)
            }
        )*
    };
    (binary $($(#[$doc:meta])* $name:ident => $formula:expr;)*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            fn $name(&self, other: &Self) -> Self {
                self.zip(other, $formula)
            }
        )*
    };
}

/// What a tensor program is written in, over `f32` unless said otherwise. The one bound that a model needs:
/// `fn forward<A: Array>(&self, x: A) -> A`, or `A: Array<T>` for any number type.
///
/// What is fed in decides what happens: [`Tensor`]s compute, [`Var`](crate::Var)s are recorded,
/// [`Dual`](crate::Dual)s carry directional derivatives, [`Shapes`](crate::Shapes) summarise,
/// [`Symbol`](crate::Symbol)s print.
///
/// Generic code has `x + y`, `x + &y`, `x * 0.5`, `-x` with an owned left operand (a clone is cheap), and
/// [`rsub`](Interpretation::rsub), [`rdiv`](Interpretation::rdiv) for a number on the left. The concrete types have
/// every combination: `&a + &b`, `1.0 - x`.
///
/// ```
/// use autograd::prelude::*;
/// fn model<A: Array>(x: A) -> A {
///     (x * 2.0 + 1.0).tanh().sum()
/// }
/// let x = Tensor::from([0.0, 0.5]);
/// let tape = Tape::new();
/// let v = tape.var(x.clone());
/// assert_eq!(model(v.clone()).value(), &model(x));
/// assert_eq!(model(Symbol::<f32>::letter("x", [2])).to_string(), "sum(tanh(x * 2 + 1))");
/// ```
pub trait Array<T: Real = f32>: Interpretation<Real = T> {}
impl<T: Real, A: Interpretation<Real = T>> Array<T> for A {}

/// A reading of tensor programs. [`apply`](Interpretation::apply) is the reading; all named operations follow from it.
pub trait Interpretation:
    Clone
    + 'static
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + for<'a> Add<&'a Self, Output = Self>
    + for<'a> Sub<&'a Self, Output = Self>
    + for<'a> Mul<&'a Self, Output = Self>
    + for<'a> Div<&'a Self, Output = Self>
    + Add<<Self as Interpretation>::Real, Output = Self>
    + Sub<<Self as Interpretation>::Real, Output = Self>
    + Mul<<Self as Interpretation>::Real, Output = Self>
    + Div<<Self as Interpretation>::Real, Output = Self>
{
    /// The number type.
    type Real: Real;

    // ---- what an interpretation says of itself -------------------------------------------------------------

    /// Applies an operation: what this does is what the interpretation *is*.
    ///
    /// # Errors
    /// Inputs that do not fit, by [`Op::infer`]; values of two computations.
    #[track_caller]
    fn try_apply<O: Op<Self::Real>>(op: O, inputs: &[&Self]) -> Result<Self, Error>;

    /// The extents along each axis.
    fn shape(&self) -> Shape;

    /// Brings a plain value into the computation that `self` belongs to, without tracking it.
    fn constant(&self, value: &Tensor<Self::Real>) -> Self;

    /// Brings a parameter into that computation: as a tensor, as a tracked leaf (the same leaf however often), as a
    /// dual.
    ///
    /// # Panics
    /// If the parameter was updated after it entered the same tape.
    #[track_caller]
    fn param(&self, parameter: &Param<Self::Real>) -> Self;

    /// The same value, through which no derivative flows.
    fn detach(&self) -> Self;

    /// The mode of the run that `self` belongs to; plain values are always evaluated.
    fn mode(&self) -> Mode {
        Mode::Evaluation
    }

    /// Opens a module's scope until the guard is dropped: what is recorded meanwhile belongs to it.
    #[track_caller]
    fn scope(&self, module: &'static str) -> Scope {
        let _ = module;
        Scope::none()
    }

    /// The door for boxed layers: picks the method of the object-safe twin.
    #[doc(hidden)]
    fn run(layer: &dyn AnyLayer<Self::Real>, x: Self) -> Self;

    // ---- applying rules --------------------------------------------------------------------------------------

    /// Applies an operation.
    ///
    /// # Panics
    /// Where [`try_apply`](Interpretation::try_apply) returns an error, with its text at the caller's line.
    #[track_caller]
    fn apply<O: Op<Self::Real>>(op: O, inputs: &[&Self]) -> Self {
        match Self::try_apply(op, inputs) {
            Ok(value) => value,
            Err(error) => error.raise(""),
        }
    }

    /// A formula of `N` inputs on every element; the inputs broadcast.
    #[track_caller]
    fn elementwise<F: Formula<N>, const N: usize>(formula: F, inputs: [&Self; N]) -> Self {
        Self::apply(Elementwise(formula), &inputs)
    }

    /// A formula of one input on every element. See [`elementwise!`](crate::elementwise).
    #[track_caller]
    fn map<F: Formula<1>>(&self, formula: F) -> Self {
        Self::elementwise(formula, [self])
    }

    /// A formula of two inputs on every pair of elements; the inputs broadcast.
    #[track_caller]
    fn zip<F: Formula<2>>(&self, other: &Self, formula: F) -> Self {
        Self::elementwise(formula, [self, other])
    }

    // ---- elementwise -----------------------------------------------------------------------------------------

    names::with_unary!(array_methods);
    names::with_binary!(array_methods);

    /// Where `self > other`.
    #[track_caller]
    fn greater(&self, other: &Self) -> Mask<Self> {
        Mask(self.zip(other, formulas::Greater))
    }

    /// Where `self < other`.
    #[track_caller]
    fn less(&self, other: &Self) -> Mask<Self> {
        other.greater(self)
    }

    /// Where `self = other`.
    #[track_caller]
    fn equal(&self, other: &Self) -> Mask<Self> {
        Mask(self.zip(other, formulas::Equal))
    }

    #[doc(hidden)]
    #[track_caller]
    fn choose_by(&self, then: &Self, otherwise: &Self) -> Self {
        Self::apply(choose::Choose, &[self, then, otherwise])
    }

    // ---- products --------------------------------------------------------------------------------------------

    /// The matrix product. Rule: [`MatMul`](matmul::MatMul).
    #[track_caller]
    fn matmul(&self, other: &Self) -> Self {
        Self::apply(matmul::MatMul, &[self, other])
    }

    /// The matrix product, or an error if the shapes do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`].
    #[track_caller]
    fn try_matmul(&self, other: &Self) -> Result<Self, Error> {
        Self::try_apply(matmul::MatMul, &[self, other])
    }

    /// `x Wᵀ + b` over the last axis. Rule: [`Linear`](matmul::Linear).
    #[track_caller]
    fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        match bias {
            Some(bias) => Self::apply(matmul::Linear, &[self, weight, bias]),
            None => Self::apply(matmul::Linear, &[self, weight]),
        }
    }

    // ---- reductions ------------------------------------------------------------------------------------------

    /// The sum of all elements. Rule: [`Sum`](reduce::Sum).
    #[track_caller]
    fn sum(&self) -> Self {
        self.sum_axes(..)
    }
    /// The sum over `axes`, which go. Rule: [`Sum`](reduce::Sum).
    #[track_caller]
    fn sum_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Sum { axes: axes.into(), keep: false }, &[self])
    }
    /// The sum over `axes`, which stay with extent 1. Rule: [`Sum`](reduce::Sum).
    #[track_caller]
    fn sum_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Sum { axes: axes.into(), keep: true }, &[self])
    }
    /// The mean of all elements. Rule: [`Mean`](reduce::Mean).
    #[track_caller]
    fn mean(&self) -> Self {
        self.mean_axes(..)
    }
    /// The mean over `axes`, which go. Rule: [`Mean`](reduce::Mean).
    #[track_caller]
    fn mean_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Mean { axes: axes.into(), keep: false }, &[self])
    }
    /// The mean over `axes`, which stay with extent 1. Rule: [`Mean`](reduce::Mean).
    #[track_caller]
    fn mean_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Mean { axes: axes.into(), keep: true }, &[self])
    }
    /// The largest element. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn max(&self) -> Self {
        self.max_axes(..)
    }
    /// The largest over `axes`, which go. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn max_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Max, axes: axes.into(), keep: false }, &[self])
    }
    /// The largest over `axes`, which stay with extent 1. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn max_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Max, axes: axes.into(), keep: true }, &[self])
    }
    /// The smallest element. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn min(&self) -> Self {
        self.min_axes(..)
    }
    /// The smallest over `axes`, which go. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn min_axes(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Min, axes: axes.into(), keep: false }, &[self])
    }
    /// The smallest over `axes`, which stay with extent 1. Rule: [`Extreme`](reduce::Extreme).
    #[track_caller]
    fn min_keep(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(reduce::Extreme { which: reduce::Which::Min, axes: axes.into(), keep: true }, &[self])
    }
    /// Summed down to a shape that broadcasts to this one. Rule: [`SumTo`](reduce::SumTo).
    #[track_caller]
    fn sum_to(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        if shape == self.shape() {
            return self.clone();
        }
        Self::apply(reduce::SumTo { shape }, &[self])
    }
    /// `ln Σ eˣ` over `axes`, which go. Rule: [`LogSumExp`](softmax::LogSumExp).
    #[track_caller]
    fn logsumexp(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(softmax::LogSumExp { axes: axes.into() }, &[self])
    }
    /// Positive numbers that add up to 1 along `axis`. Rule: [`Softmax`](softmax::Softmax).
    #[track_caller]
    fn softmax(&self, axis: isize) -> Self {
        Self::apply(softmax::Softmax { axis }, &[self])
    }
    /// The logarithm of the softmax. Rule: [`LogSoftmax`](softmax::LogSoftmax).
    #[track_caller]
    fn log_softmax(&self, axis: isize) -> Self {
        Self::apply(softmax::LogSoftmax { axis }, &[self])
    }
    /// The mean cross-entropy of these logits against labels. Rule: [`CrossEntropy`](softmax::CrossEntropy).
    #[track_caller]
    fn cross_entropy(&self, labels: impl Into<Indices>) -> Self {
        self.cross_entropy_with(labels, Reduction::Mean)
    }
    /// The cross-entropy of these logits against labels. Rule: [`CrossEntropy`](softmax::CrossEntropy).
    #[track_caller]
    fn cross_entropy_with(&self, labels: impl Into<Indices>, reduction: Reduction) -> Self {
        Self::apply(softmax::CrossEntropy { labels: labels.into(), reduction }, &[self])
    }

    // ---- shapes ----------------------------------------------------------------------------------------------

    /// The same elements in another shape; one extent may be −1. Rule: [`Reshape`](shape::Reshape).
    #[track_caller]
    fn reshape(&self, to: impl Into<shape::Extents>) -> Self {
        Self::apply(shape::Reshape { to: to.into() }, &[self])
    }
    /// The same elements in another shape, or an error if they do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`].
    #[track_caller]
    fn try_reshape(&self, to: impl Into<shape::Extents>) -> Result<Self, Error> {
        Self::try_apply(shape::Reshape { to: to.into() }, &[self])
    }
    /// The axes in another order. Rule: [`Permute`](shape::Permute).
    #[track_caller]
    fn permute<const N: usize>(&self, axes: [isize; N]) -> Self {
        Self::apply(shape::Permute { axes: axes[..].into() }, &[self])
    }
    /// The last two axes exchanged. Rule: [`Transpose`](shape::Transpose).
    #[track_caller]
    fn transpose(&self) -> Self {
        Self::apply(shape::Transpose, &[self])
    }
    /// Stretched to a shape. Rule: [`BroadcastTo`](shape::BroadcastTo).
    #[track_caller]
    fn broadcast_to(&self, to: impl Into<Shape>) -> Self {
        let shape = to.into();
        if shape == self.shape() {
            return self.clone();
        }
        Self::apply(shape::BroadcastTo { shape }, &[self])
    }
    /// Without the axes of extent 1 that are named. Rule: [`Squeeze`](shape::Squeeze).
    #[track_caller]
    fn squeeze(&self, axes: impl Into<Axes>) -> Self {
        Self::apply(shape::Squeeze { axes: axes.into() }, &[self])
    }
    /// With a new axis of extent 1. Rule: [`Unsqueeze`](shape::Unsqueeze).
    #[track_caller]
    fn unsqueeze(&self, axis: isize) -> Self {
        Self::apply(shape::Unsqueeze { axis }, &[self])
    }
    /// A range of places along an axis. Rule: [`Slice`](shape::Slice).
    #[track_caller]
    fn slice(&self, axis: isize, range: impl RangeBounds<isize>) -> Self {
        Self::apply(shape::Slice::new(axis, range, 1), &[self])
    }
    /// Every `step`-th of a range of places along an axis. Rule: [`Slice`](shape::Slice).
    #[track_caller]
    fn slice_step(&self, axis: isize, range: impl RangeBounds<isize>, step: isize) -> Self {
        Self::apply(shape::Slice::new(axis, range, step), &[self])
    }
    /// Values one after the other along an axis. Rule: [`Concat`](shape::Concat).
    ///
    /// # Panics
    /// If there are none, or they differ along another axis.
    #[track_caller]
    fn concat(values: &[&Self], axis: isize) -> Self {
        match Self::try_concat(values, axis) {
            Ok(value) => value,
            Err(error) => error.raise("concat"),
        }
    }
    /// Values one after the other along an axis, or an error if they do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Axis`].
    #[track_caller]
    fn try_concat(values: &[&Self], axis: isize) -> Result<Self, Error> {
        if values.is_empty() {
            return Err(Error::shape("nothing to join", "give at least one value").during("concat", []));
        }
        let shapes: Vec<Shape> = values.iter().map(|x| x.shape()).collect();
        Self::try_apply(shape::Concat::new(axis, &shapes), values)
    }
    /// Values of one shape along a new axis.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (a, b) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([3.0, 4.0]));
    /// assert_eq!(Tensor::stack(&[&a, &b], 0), Tensor::from([[1.0, 2.0], [3.0, 4.0]]));
    /// ```
    ///
    /// # Panics
    /// If there are none, or their shapes differ.
    #[track_caller]
    fn stack(values: &[&Self], axis: isize) -> Self {
        let columns: Vec<Self> = values.iter().map(|x| x.unsqueeze(axis)).collect();
        Self::concat(&columns.iter().collect::<Vec<_>>(), axis)
    }

    // ---- indices ---------------------------------------------------------------------------------------------

    /// Slices along an axis by number. Rule: [`IndexSelect`](index::IndexSelect).
    #[track_caller]
    fn index_select(&self, axis: isize, indices: impl Into<Indices>) -> Self {
        Self::apply(index::IndexSelect { axis, indices: indices.into() }, &[self])
    }
    /// Slices along an axis by number, or an error if one does not exist.
    ///
    /// # Errors
    /// [`Error::Index`].
    #[track_caller]
    fn try_index_select(&self, axis: isize, indices: impl Into<Indices>) -> Result<Self, Error> {
        Self::try_apply(index::IndexSelect { axis, indices: indices.into() }, &[self])
    }
    /// One element along an axis for each place of the indices. Rule: [`Gather`](index::Gather).
    #[track_caller]
    fn gather(&self, axis: isize, indices: impl Into<Indices>) -> Self {
        Self::apply(index::Gather { axis, indices: indices.into() }, &[self])
    }

    /// Adds to this in place where that is possible.
    #[doc(hidden)]
    fn accumulate(&mut self, other: Self) {
        *self = self.clone() + other;
    }
}

/// The result of a comparison: 1 where it holds, 0 elsewhere. It cannot be differentiated, only chosen by.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tensor::from([-1.0_f32, 2.0]);
/// let zero = Tensor::scalar(0.0);
/// assert_eq!(x.greater(&zero).choose(&x, &zero).to_vec(), [0.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Mask<A>(A);

impl<A: Interpretation> Mask<A> {
    /// `then` where the mask holds, else `otherwise`; all three broadcast. Rule: [`Choose`](choose::Choose).
    #[track_caller]
    pub fn choose(&self, then: &A, otherwise: &A) -> A {
        self.0.choose_by(then, otherwise)
    }

    /// The mask as an array of ones and zeros, through which no derivative flows.
    pub fn into_array(self) -> A {
        self.0
    }
}

impl<T: Real> Mask<Tensor<T>> {
    /// The mask as truth values, row-major.
    pub fn to_bools(&self) -> Vec<bool> {
        self.0.to_vec().iter().map(|&holds| holds == T::ONE).collect()
    }
}

/// What the run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Training: dropout drops. The generator key is that of the run at this place of the tape; `None` if the run was
    /// given no seed.
    Training {
        /// The key and the place, to draw from.
        random: Option<(Key, u64)>,
    },
    /// Evaluation: everything is deterministic.
    Evaluation,
}

/// A module's scope; it ends when this is dropped.
#[must_use = "the scope ends when the guard is dropped"]
pub struct Scope(Option<(Rc<dyn Scoped>, ScopeState)>);

/// What has scopes, and closes them: a tape.
pub(crate) trait Scoped {
    fn close(&self, state: ScopeState);
}

/// What a scope goes back to when it closes.
#[derive(Clone, Copy)]
pub(crate) struct ScopeState {
    pub outer: u32,
    pub generation: u32,
}

impl Scope {
    /// A scope of nothing.
    pub fn none() -> Self {
        Scope(None)
    }
    pub(crate) fn new(owner: Rc<dyn Scoped>, state: ScopeState) -> Self {
        Scope(Some((owner, state)))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if let Some((owner, state)) = &self.0 {
            owner.close(*state);
        }
    }
}

/// Whole numbers brought into a computation, for layers whose input is tokens or classes.
///
/// ```
/// use autograd::prelude::*;
/// let table = Param::new(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]));
/// let tape = Tape::new();
/// let ids = tape.ids([1, 1]);
/// let rows = ids.embed(&table);
/// assert_eq!(rows.value().to_vec(), [3.0, 4.0, 3.0, 4.0]);
/// assert_eq!(rows.sum().backward().of(&table).or_zeros().to_vec(), [0.0, 0.0, 2.0, 2.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Ids<A> {
    door: A,
    indices: Indices,
}

impl<A: Interpretation> Ids<A> {
    /// These numbers, in the computation that `door` belongs to.
    pub fn new(door: &A, indices: impl Into<Indices>) -> Self {
        Ids { door: door.constant(&Tensor::scalar(A::Real::ZERO)), indices: indices.into() }
    }

    /// The numbers.
    pub fn indices(&self) -> &Indices {
        &self.indices
    }

    /// Brings a parameter into the computation.
    #[track_caller]
    pub fn param(&self, parameter: &Param<A::Real>) -> A {
        self.door.param(parameter)
    }

    /// Brings a plain value into the computation.
    pub fn constant(&self, value: &Tensor<A::Real>) -> A {
        self.door.constant(value)
    }

    /// Row `i` of the table for each index `i`: shape of the indices, then the table's axes but the first.
    #[track_caller]
    pub fn embed(&self, table: &Param<A::Real>) -> A {
        self.param(table).index_select(0, &self.indices)
    }

    /// Opens a module's scope.
    #[track_caller]
    pub fn scope(&self, module: &'static str) -> Scope {
        self.door.scope(module)
    }
}

impl<T: Real> Interpretation for Tensor<T> {
    type Real = T;

    #[track_caller]
    fn try_apply<O: Op<T>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let shapes: crate::ops::Few<Shape> = inputs.iter().map(|x| x.shape()).collect();
        match op.infer(&shapes) {
            Ok(shape) => Ok(op.forward(inputs, shape)),
            Err(error) => {
                Err(error.during(op.name(), shapes.iter().map(|&shape| crate::error::Operand { name: None, shape })))
            }
        }
    }
    fn shape(&self) -> Shape {
        Tensor::shape(self)
    }
    fn constant(&self, value: &Tensor<T>) -> Self {
        value.clone()
    }
    fn param(&self, parameter: &Param<T>) -> Self {
        parameter.value().clone()
    }
    fn detach(&self) -> Self {
        self.clone()
    }
    fn run(layer: &dyn AnyLayer<T>, x: Self) -> Self {
        layer.on_tensor(x)
    }
    fn accumulate(&mut self, other: Self) {
        match other.as_slice() {
            Some(message) if self.shape() == other.shape() && self.is_unshared() => {
                crate::kernels::elementwise::add_assign(self.make_mut(), message);
            }
            _ => *self = self.clone() + other,
        }
    }
}

/// All operators of an interpretation whose meaning is its `apply`. The left operand may be borrowed, and a number may
/// stand on either side.
macro_rules! operators_by_apply {
    ([$($generics:tt)*] $Type:ty, $Real:ty) => {
        impl<$($generics)*> Neg for $Type {
            type Output = $Type;
            #[track_caller]
            fn neg(self) -> $Type {
                self.map(formulas::Neg)
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
                self.zip(&other, formulas::$Op)
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
                self.map(formulas::$Constant { constant: $constant })
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
use crate::{Dual, Shapes, Symbol, Var};
number_on_the_left! {
    f32: Tensor<f32>, Var<f32>, Dual<Tensor<f32>>, Dual<Var<f32>>, Shapes<f32>, Symbol<f32>;
    f64: Tensor<f64>, Var<f64>, Dual<Tensor<f64>>, Dual<Var<f64>>, Shapes<f64>, Symbol<f64>;
}
