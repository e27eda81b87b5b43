//! Forward mode: a value together with its directional derivative.

use crate::algebra::{Real, formulas};
use crate::array::operators_by_apply;
use crate::error::Operand;
use crate::ops::any::push_forward;
use crate::ops::{Few, Op, Pushforward};
use crate::{AnyLayer, Draw, Error, Interpretation, Mode, Param, Scope, Shape, Tensor, Var};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value and the tangent along which it moves. A program fed duals yields its directional derivative, by each
/// operation's push-forward rule; over [`Var`]s that derivative is itself recorded.
///
/// ```
/// use autograd::prelude::*;
/// let x = Dual::new(Tensor::from([3.0_f32]), Tensor::from([1.0]));
/// let y = x.square() * 2.0;
/// assert_eq!((y.value().item(), y.tangent_or_zeros().item()), (18.0, 12.0));
/// ```
#[derive(Clone, Debug)]
pub struct Dual<A> {
    value: A,
    tangent: Option<A>,
}

impl<A: DualBase> Dual<A> {
    /// A value that moves along `tangent`.
    ///
    /// # Panics
    /// If their shapes differ.
    #[track_caller]
    pub fn new(value: A, tangent: A) -> Self {
        if value.shape() != tangent.shape() {
            Error::shape(
                format!("a tangent of shape {} for a value of shape {}", tangent.shape(), value.shape()),
                "a tangent has the shape of its value",
            )
            .raise::<()>("dual");
        }
        Dual { value, tangent: Some(tangent) }
    }

    /// A value that does not move.
    pub fn fixed(value: A) -> Self {
        Dual { value, tangent: None }
    }

    pub(crate) fn of(value: A, tangent: Option<A>) -> Self {
        Dual { value, tangent }
    }

    /// The value.
    pub fn value(&self) -> &A {
        &self.value
    }

    /// The tangent; `None` for an exact zero.
    pub fn tangent(&self) -> Option<&A> {
        self.tangent.as_ref()
    }

    /// The tangent, zeros made real.
    pub fn tangent_or_zeros(&self) -> A {
        match &self.tangent {
            Some(tangent) => tangent.clone(),
            None => self.value.constant(&Tensor::zeros(self.value.shape())),
        }
    }
}

/// What duals may be made over: [`Tensor`] and [`Var`].
pub trait DualBase: Interpretation {
    #[doc(hidden)]
    fn run_dual(layer: &dyn AnyLayer<Self::Real>, x: Dual<Self>) -> Dual<Self>;
}

impl<T: Real> DualBase for Tensor<T> {
    fn run_dual(layer: &dyn AnyLayer<T>, x: Dual<Self>) -> Dual<Self> {
        layer.on_dual(x)
    }
}

impl<T: Real> DualBase for Var<T> {
    fn run_dual(layer: &dyn AnyLayer<T>, x: Dual<Self>) -> Dual<Self> {
        layer.on_dual_var(x)
    }
}

impl<A: DualBase> Interpretation for Dual<A> {
    type Real = A::Real;

    #[track_caller]
    fn try_apply<O: Op<A::Real>>(op: O, inputs: &[&Self]) -> Result<Self, Error> {
        let x: Few<&A> = inputs.iter().map(|x| &x.value).collect();
        let value = A::try_apply(op.clone(), &x)?;
        let tangents: Few<Option<&A>> = inputs.iter().map(|x| x.tangent.as_ref()).collect();
        let tangent = if tangents.iter().any(Option::is_some) {
            Some(push_forward(&op, &Pushforward { inputs: &x, output: &value, tangents: &tangents, guard: true }))
        } else {
            None
        };
        Ok(Dual { value, tangent })
    }
    fn shape(&self) -> Shape {
        self.value.shape()
    }
    #[track_caller]
    fn constant(&self, value: &Tensor<A::Real>) -> Self {
        Dual::fixed(self.value.constant(value))
    }
    #[track_caller]
    fn param(&self, parameter: &Param<A::Real>) -> Self {
        Dual::fixed(self.value.param(parameter))
    }
    #[track_caller]
    fn detach(&self) -> Self {
        Dual::fixed(self.value.detach())
    }
    fn learn(&self, statistic: &Param<A::Real>, keep: f64, added: &Self) {
        self.value.learn(statistic, keep, &added.value);
    }
    fn mode(&self) -> Mode {
        self.value.mode()
    }
    fn draw(&self) -> Option<Draw> {
        self.value.draw()
    }
    #[track_caller]
    fn scope(&self, module: &'static str) -> Scope {
        self.value.scope(module)
    }
    fn numbers(&self) -> Option<&Tensor<A::Real>> {
        self.value.numbers()
    }
    fn operand(&self) -> Operand {
        self.value.operand()
    }
    fn open_segment(&self) -> Scope {
        self.value.open_segment()
    }
    fn run(layer: &dyn AnyLayer<A::Real>, x: Self) -> Self {
        A::run_dual(layer, x)
    }
}

operators_by_apply!([T: Real, A: DualBase + Interpretation<Real = T>] Dual<A>, T);
