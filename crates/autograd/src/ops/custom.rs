//! Functions with a pull-back of one's own, by closures; the straight-through estimator.
//!
//! What is true of a whole family of programs is an [`Op`], for every interpretation. A closure serves one
//! function on variables, as a transform does.

use super::any::{AnyOp, BoxedOp};
use super::per_sample::SampleMessages;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::{InPrint, Real};
use crate::{Array, Direction, Dual, Error, Interpretation, Reductions, Shape, Symbol, Tape, Tensor, Var};
use std::any::TypeId;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// `y = value(x₀, x₁, …)`, with `pull_back` in the place of its derivative: a stable form of a gradient, a clipped one,
/// one of another function.
///
/// `value` computes on numbers. `pull_back` returns one message an input, each of its input's shape; it is written on
/// variables, so that a recorded backward pass can differentiate it again. Forward mode follows from it, as the transpose
/// of the pull-back at the cotangent 0. Both are called whenever a sweep needs them, so they must be functions of what
/// they are given alone.
///
/// # Panics
/// If there are no inputs, or their tapes differ or were emptied. A sweep, if a message has another shape than its input.
///
/// # Example
///
/// `ln(1 + eˣ)` as one writes it, and its derivative by the chain rule, `1/(1 + eˣ) · eˣ`, are lost where `eˣ` overflows.
/// Other forms of the same, `softplus` and `sigmoid`, are not:
///
/// ```
/// use autograd::{ops::custom::custom_vjp, prelude::*};
/// fn naive(x: &Var) -> Var {
///     x.exp().ln_1p()
/// }
/// fn stable(x: &Var) -> Var {
///     custom_vjp("ln_1p_exp", &[x], |x| x[0].softplus(), |at| at.each(|_| at.cotangent() * at.input(0).sigmoid()))
/// }
/// let x = Tape::new().var([0.0, 100.0]);
/// assert_eq!(naive(&x).sum().backward().of(&x).or_zeros().to_vec(), [0.5, 0.0]);
/// assert_eq!(stable(&x).sum().backward().of(&x).or_zeros().to_vec(), [0.5, 1.0]);
/// ```
#[track_caller]
pub fn custom_vjp<T: Real>(
    name: &'static str,
    inputs: &[&Var<T>],
    value: impl Fn(&[&Tensor<T>]) -> Tensor<T> + 'static,
    pull_back: impl Fn(&Pullback<Var<T>>) -> Messages<Var<T>> + 'static,
) -> Var<T> {
    let custom = Custom { name, value: Rc::new(value), pull_back: Rc::new(pull_back) };
    let tape = match Var::common_tape(inputs) {
        Ok(tape) => tape,
        Err(error) => error.during(name, inputs.iter().map(|x| x.operand())).raise(name),
    };
    let output = (custom.value)(&inputs.iter().map(|x| x.value()).collect::<Few<_>>());
    match tape.record(BoxedOp::new(custom), inputs, output, Few::new()) {
        Ok(variable) => variable,
        Err(error) => error.raise(name),
    }
}

type Value<T> = dyn Fn(&[&Tensor<T>]) -> Tensor<T>;
type PullBack<T> = dyn Fn(&Pullback<Var<T>>) -> Messages<Var<T>>;

/// What [`custom_vjp`] records. Not an [`Op`]: its rules are closures, which serve one interpretation; the others are led
/// back to it.
struct Custom<T: Real> {
    name: &'static str,
    value: Rc<Value<T>>,
    pull_back: Rc<PullBack<T>>,
}

impl<T: Real> Custom<T> {
    /// The pull-back on variables of a tape of its own, at a place given on any interpretation.
    fn on<A: Interpretation<Real = T>>(&self, at: &Pullback<A>, mut var: impl FnMut(&A) -> Var<T>) -> Messages<Var<T>> {
        let inputs: Few<Option<Var<T>>> = at.inputs.iter().map(|x| x.as_ref().map(&mut var)).collect();
        let output = at.output.map(&mut var);
        let cotangent = var(at.cotangent);
        (self.pull_back)(&Pullback {
            op: self.name,
            inputs: &inputs,
            shapes: at.shapes,
            output: output.as_ref(),
            kept: &[],
            cotangent: &cotangent,
            guard: at.guard,
        })
    }
}

impl<T: Real> AnyOp<T> for Custom<T> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    fn decisions(&self, _: &[&Tensor<T>], _: &Tensor<T>) -> Vec<u64> {
        Vec::new()
    }
    fn saves(&self) -> Saves {
        Saves::ALL
    }
    fn try_tensor(&self, inputs: &[&Tensor<T>]) -> Result<Tensor<T>, Error> {
        Ok((self.value)(inputs))
    }
    fn forward_tensor(&self, inputs: &[&Tensor<T>], _: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        ((self.value)(inputs), Few::new())
    }
    fn vjp_tensor(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let tape = Tape::new();
        let messages = self.on(at, |x| tape.constant(x));
        messages.into_iter().map(|message| message.map(|message| message.value().clone())).collect()
    }
    fn vjp_per_sample(&self, _: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        None
    }
    fn vjp_var(&self, at: &Pullback<Var<T>>) -> Messages<Var<T>> {
        (self.pull_back)(at)
    }
    /// Closures on variables cannot be written down.
    fn vjp_symbol(&self, at: &Pullback<Symbol<T>>) -> Messages<Symbol<T>> {
        at.each(|_| None)
    }
    fn in_print(&self, _: &[&str], _: &str, _: &str) -> Option<InPrint> {
        None
    }
    fn try_symbol(&self, _: &[&Symbol<T>]) -> Option<Symbol<T>> {
        None
    }
    fn kind(&self) -> TypeId {
        TypeId::of::<Self>()
    }
    /// The pull-back as a function of its inputs, its output and its cotangent, swept forwards.
    fn vjp_dual(&self, at: &Pullback<Dual<Tensor<T>>>) -> Messages<Dual<Tensor<T>>> {
        let tape = Tape::keeping();
        let mut along = Direction::new();
        let messages = self.on(at, |x| match x.tangent() {
            Some(tangent) => {
                let var = tape.var(x.value().clone());
                along = std::mem::take(&mut along).along(&var, tangent.clone());
                var
            }
            None => tape.constant(x.value()),
        });
        let moved = |message: Var<T>| {
            let tangent = message.node().map(|_| message.push_forward(&along));
            Dual::of(message.value().clone(), tangent)
        };
        messages.into_iter().map(|message| message.map(moved)).collect()
    }
    /// `⟨J t, g⟩ = ⟨t, Jᵀ g⟩` for every `g`, and the right side is what the pull-back gives: its gradient with respect to
    /// `g` is `J t`.
    fn jvp_tensor(&self, at: &Pushforward<Tensor<T>>) -> Tensor<T> {
        let tape = Tape::new();
        let inputs: Few<Option<Var<T>>> = at.inputs.iter().map(|x| Some(tape.constant(x))).collect();
        let extents: Few<Shape> = at.inputs.iter().map(|x| x.shape()).collect();
        let shapes: Few<Option<&Shape>> = extents.iter().zip(at.tangents).map(|(x, t)| t.map(|_| x)).collect();
        let (output, cotangent) = (tape.constant(at.output), tape.var(Tensor::zeros(at.output.shape())));
        let messages = (self.pull_back)(&Pullback {
            op: self.name,
            inputs: &inputs,
            shapes: &shapes,
            output: Some(&output),
            kept: &[],
            cotangent: &cotangent,
            guard: at.guard,
        });
        let terms = messages.into_iter().zip(at.tangents);
        let terms = terms.filter_map(|(message, t)| Some((message? * tape.constant((*t)?)).sum()));
        match terms.reduce(|a, b| a + b).filter(|sum| sum.node().is_some()) {
            Some(sum) => sum.backward().of(&cotangent).or_zeros(),
            None => Tensor::zeros(at.output.shape()),
        }
    }
    fn clone_boxed(&self) -> BoxedOp<T> {
        BoxedOp::new(Custom { name: self.name, value: self.value.clone(), pull_back: self.pull_back.clone() })
    }
}

/// `y = v`, with the pull-back of `y = x`: inputs `x` and `v` of one shape; `x ← g`, and `v` gets nothing. The
/// straight-through estimator (Bengio et al., 2013), for a `v` made from `x` by something that has no useful derivative,
/// such as rounding.
///
/// ```
/// use autograd::prelude::*;
/// let x = Tape::new().var([-0.4_f32, 0.7]);
/// let bit = x.straight_through(&x.step());
/// assert_eq!(bit.value().to_vec(), [0.0, 1.0]);
/// assert_eq!((bit * 3.0).sum().backward().of(&x).or_zeros().to_vec(), [3.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct StraightThrough;

impl<T: Real> Op<T> for StraightThrough {
    fn name(&self) -> &'static str {
        "straight_through"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        if inputs[0] == inputs[1] {
            return Ok(inputs[0]);
        }
        Err(Error::shape(
            format!("a value of shape {} cannot take the gradient of one of shape {}", inputs[1], inputs[0]),
            "give two values of one shape",
        ))
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[1].clone()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| (i == 0).then(|| at.cotangent().clone()))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.tangent_or_zeros(0)
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
}
