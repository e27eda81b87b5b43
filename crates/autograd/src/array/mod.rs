//! The vocabulary of programs: one method computes, every operation has its name here, once.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Array`], the bound that programs use; [`Interpretation`], the one method behind it |
//! | `operators.rs` | `+ - * /` and the number on either side |
//! | `products.rs` | the names of the products |
//! | `linalg.rs` | the names of what decomposes matrices, behind the feature `linalg` |
//! | `reductions.rs` | the names of the reductions |
//! | `shaping.rs` | the names of what changes a shape, cuts and joins |
//! | `indexing.rs` | the names of what picks elements by number |
//! | `networks.rs` | the names of the fused operations of networks |
//! | `mask.rs`, `positions.rs`, `ids.rs` | what a comparison gives; what a sort gives; whole numbers in a computation |
//! | `attention.rs` | what queries may attend to |
//! | `run.rs` | the mode and the module of the run that a value belongs to |

mod attention;
mod ids;
mod indexing;
#[cfg(feature = "linalg")]
mod linalg;
mod mask;
mod networks;
mod operators;
mod positions;
mod products;
mod reductions;
mod run;
mod shaping;

pub use attention::Attention;
pub use ids::Ids;
pub use indexing::Indexing;
#[cfg(feature = "linalg")]
pub use linalg::LinearAlgebra;
pub use mask::Mask;
pub use networks::Networks;
pub(crate) use operators::operators_by_apply;
pub use positions::Positions;
pub use products::Products;
pub use reductions::Reductions;
pub(crate) use run::{Kind, ScopeState, Scoped};
pub use run::{Mode, Scope};
pub use shaping::Shaping;

use crate::algebra::{Formula, Real, formulas, names};
use crate::error::Operand;
use crate::kernels::elementwise::REUSED_ELEMENTS;
use crate::ops::elementwise::Elementwise;
use crate::ops::{Few, Op, custom, infer};
use crate::{AnyLayer, Draw, Error, Param, Shape, Tensor};
use std::ops::{Add, Div, Mul, Neg, Sub};

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
pub trait Array<T: Real = f32>:
    Interpretation<Real = T> + Products + Reductions + Shaping + Indexing + Networks
{
}
impl<T: Real, A: Interpretation<Real = T>> Array<T> for A {}

/// A reading of tensor programs: [`try_apply`](Interpretation::try_apply) is the reading, and all named operations
/// follow from it. The elementwise ones are here; the others, by family, in [`Products`], [`Reductions`], [`Shaping`],
/// [`Indexing`] and [`Networks`], which every interpretation has.
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

    /// [`try_apply`](Interpretation::try_apply) of values that the caller gives up: where nobody else holds one of them and
    /// no derivative needs it, a large result may be written in its place.
    ///
    /// # Errors
    /// As [`try_apply`](Interpretation::try_apply).
    #[track_caller]
    fn try_apply_owned<O: Op<Self::Real>, const N: usize>(op: O, inputs: [Self; N]) -> Result<Self, Error> {
        Self::try_apply(op, &inputs.each_ref())
    }

    /// The extents along each axis.
    fn shape(&self) -> Shape;

    /// Brings a plain value into the computation that `self` belongs to, without tracking it.
    #[track_caller]
    fn constant(&self, value: &Tensor<Self::Real>) -> Self;

    /// Brings a parameter into that computation: as a tensor, as a tracked leaf (the same leaf however often), as a
    /// dual.
    ///
    /// # Panics
    /// If the parameter was updated after it entered the same tape.
    #[track_caller]
    fn param(&self, parameter: &Param<Self::Real>) -> Self;

    /// The same value, through which no derivative flows.
    #[track_caller]
    fn detach(&self) -> Self;

    /// `value`, with the gradient of `self`: as if `value` were `self` on the way back. Rule:
    /// [`StraightThrough`](custom::StraightThrough).
    #[track_caller]
    fn straight_through(&self, value: &Self) -> Self {
        Self::apply(custom::StraightThrough, &[self, value])
    }

    /// Teaches a [statistic](Param::statistic): it becomes `keep · itself + added`. A tape notes it, in order; it comes back
    /// with the gradients ([`learned`](crate::Gradients::learned)) and takes effect with the optimizer's step. Elsewhere
    /// there is no run to learn from, and nothing happens.
    fn learn(&self, statistic: &Param<Self::Real>, keep: f64, added: &Self) {
        let _ = (statistic, keep, added);
    }

    /// The mode of the run that `self` belongs to; plain values are always evaluated.
    fn mode(&self) -> Mode {
        Mode::Evaluation
    }

    /// Where the next random numbers of the run that `self` belongs to are drawn. Each call names a place of its own, in
    /// the order of the program, so that no two draws are alike and every interpretation draws the same. `None` where
    /// there is no random key.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// fn noisy<A: Array>(x: A) -> A {
    ///     match x.draw() {
    ///         Some(draw) => {
    ///             let noise = Tensor::normal(x.shape(), 0.0, 0.1, &mut draw.generator());
    ///             let noise = x.constant(&noise);
    ///             x + noise
    ///         }
    ///         None => x,
    ///     }
    /// }
    /// let run = || noisy(Tape::new().with_key(Key::new(3)).var(Tensor::from([1.0, 2.0]))).value().clone();
    /// assert_eq!(run(), run());
    /// assert_eq!(noisy(Tensor::from([1.0, 2.0])).to_vec(), [1.0, 2.0]);
    /// ```
    fn draw(&self) -> Option<Draw> {
        None
    }

    /// Opens a module's scope until the guard is dropped: what is recorded meanwhile belongs to it.
    #[track_caller]
    fn scope(&self, module: &'static str) -> Scope {
        let _ = module;
        Scope::none()
    }

    /// Opens what stands at a number of a container until the guard is dropped, for whoever watches.
    #[doc(hidden)]
    fn place(&self, number: usize) -> Scope {
        let _ = number;
        Scope::none()
    }

    /// The numbers behind this value, where there are any: shapes and symbols have none.
    fn numbers(&self) -> Option<&Tensor<Self::Real>> {
        None
    }

    /// This value as messages name it.
    #[doc(hidden)]
    fn operand(&self) -> Operand {
        Operand { name: None, shape: self.shape() }
    }

    /// What `f` gives for this value; a tape keeps of it only what came in from outside (this value, captured ones,
    /// parameters, constants) and computes everything between again when the backward sweep needs it: gradient
    /// checkpointing, memory for one more forward pass of the segment.
    ///
    /// The recording is the same as without, node by node, so values, gradients and dropout masks are the same to the
    /// bit; segments nest, and second derivatives go through them. [`Tape::recomputation`](crate::Tape::recomputation)
    /// tells what it saves and what it costs. A [keeping](crate::Tape::keeping) tape keeps everything all the same, and
    /// interpretations without a tape just call `f`. Source: Chen et al., 2016.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// fn block<A: Array>(x: A) -> A {
    ///     x.recompute(|x| x.tanh().tanh().tanh())
    /// }
    /// let tape = Tape::new();
    /// let x = tape.var(Tensor::<f32>::ones([256]));
    /// let y = block(block(x.clone()) * 2.0).sum();
    /// let gradients = y.backward();
    /// assert_eq!(tape.recomputation().nodes, 6);
    /// assert!(gradients.of(&x).value().is_some());
    /// ```
    #[track_caller]
    fn recompute<R>(&self, f: impl FnOnce(Self) -> R) -> R {
        let _segment = self.open_segment();
        f(self.clone())
    }

    /// Opens a segment that is recomputed, until the guard is dropped.
    #[doc(hidden)]
    fn open_segment(&self) -> Scope {
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

    /// Applies an operation to values that the caller gives up.
    ///
    /// # Panics
    /// Where [`try_apply_owned`](Interpretation::try_apply_owned) returns an error, with its text at the caller's line.
    #[track_caller]
    fn apply_owned<O: Op<Self::Real>, const N: usize>(op: O, inputs: [Self; N]) -> Self {
        match Self::try_apply_owned(op, inputs) {
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

    /// [`map`](Interpretation::map) of a value that is given up, as the left operand of `x * 2.0` is: where nobody else holds
    /// it and no derivative needs it, a large result is written in its place.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// use autograd::algebra::formulas;
    /// let x = Tensor::<f32>::ones([1 << 20]);
    /// let before = x.as_slice().map(<[f32]>::as_ptr);
    /// let y = x.map_owned(formulas::Relu);
    /// assert_eq!(y.as_slice().map(<[f32]>::as_ptr), before);
    /// ```
    #[track_caller]
    fn map_owned<F: Formula<1>>(self, formula: F) -> Self {
        match is_large(&self) {
            true => Self::apply_owned(Elementwise(formula), [self]),
            false => self.map(formula),
        }
    }

    /// [`zip`](Interpretation::zip) of two values that are given up, as those of `x + y` are.
    #[track_caller]
    fn zip_owned<F: Formula<2>>(self, other: Self, formula: F) -> Self {
        match is_large(&self) || is_large(&other) {
            true => Self::apply_owned(Elementwise(formula), [self, other]),
            false => self.zip(&other, formula),
        }
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

    /// Adds to this in place where that is possible.
    #[doc(hidden)]
    fn accumulate(&mut self, other: Self) {
        *self = self.clone() + other;
    }
}

/// Whether there is memory behind a value that is worth another use.
#[inline]
fn is_large<A: Interpretation>(x: &A) -> bool {
    x.numbers().is_some_and(|x| x.elements() >= REUSED_ELEMENTS)
}

/// The shape of what an operation gives for these tensors, or why there is none.
#[track_caller]
#[inline]
fn inferred<T: Real, O: Op<T>>(op: &O, inputs: &[&Tensor<T>]) -> Result<Shape, Error> {
    let shapes: Few<Shape> = inputs.iter().map(|x| x.shape()).collect();
    match infer(op, &shapes) {
        Ok(shape) => Ok(shape),
        Err(error) => Err(error.during(op.name(), shapes.iter().map(|&shape| Operand { name: None, shape }))),
    }
}

impl<T: Real> Interpretation for Tensor<T> {
    type Real = T;

    #[track_caller]
    fn try_apply<O: Op<T>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let shape = inferred(&op, inputs)?;
        Ok(op.forward(inputs, shape))
    }
    #[track_caller]
    fn try_apply_owned<O: Op<T>, const N: usize>(op: O, mut inputs: [Self; N]) -> Result<Self, Error> {
        let shape = inferred(&op, &inputs.each_ref())?;
        Ok(match op.forward_over(&mut inputs, &shape) {
            Some(own) => inputs[own].clone(),
            None => op.forward(&inputs.each_ref(), shape),
        })
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
    fn numbers(&self) -> Option<&Tensor<T>> {
        Some(self)
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
