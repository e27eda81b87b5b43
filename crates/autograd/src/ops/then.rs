//! An operation and what is done to each of its results, as one.

use super::elementwise::Elementwise;
use super::per_sample::SampleMessages;
use super::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::{Formula, Real, Slope};
use crate::kernels::Finish;
use crate::kernels::elementwise::in_place;
use crate::{Array, Error, Shape, Tensor};
use std::ops::RangeInclusive;

/// The constant that names the formula.
pub(crate) const THEN: &str = "then";

/// The name of the formula that an operation ends with, among its constants if one was put behind it, else its own.
pub(crate) fn last_formula<'a>(op: &'a str, constants: &'a [(impl AsRef<str>, String)]) -> &'a str {
    constants.iter().find(|(name, _)| name.as_ref() == THEN).map_or(op, |(_, formula)| formula)
}

/// An operation whose results can be finished as they come: each is handed over once. It keeps nothing of its own
/// ([`Op::record`]), and its pull-back does not read its output.
///
/// # Example
///
/// An operation of one's own that can end with a formula:
///
/// ```
/// use autograd::algebra::formulas::Tanh;
/// use autograd::check::check_op;
/// use autograd::kernels::Finish;
/// use autograd::ops::then::{Finishes, Then};
/// use autograd::ops::{Messages, Op, Pullback};
/// use autograd::prelude::*;
///
/// /// Each number and the one at the other end.
/// #[derive(Clone, Debug)]
/// struct WithMirror;
/// impl<T: Real> Op<T> for WithMirror {
///     fn name(&self) -> &'static str { "with_mirror" }
///     fn infer(&self, x: &[Shape]) -> Result<Shape, Error> { Ok(x[0]) }
///     fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> { self.finished(x, shape, None) }
///     fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
///         at.each(|_| A::apply(WithMirror, &[at.cotangent()]))
///     }
///     fn is_linear(&self) -> bool { true }
/// }
/// impl<T: Real> Finishes<T> for WithMirror {
///     fn finished(&self, x: &[&Tensor<T>], shape: Shape, finish: Option<Finish<'_, T>>) -> Tensor<T> {
///         let x = x[0].to_vec();
///         let mut y = Tensor::from_fn(shape, |i| x[i] + x[x.len() - 1 - i]);
///         if let Some(finish) = finish {
///             finish(y.make_mut());
///         }
///         y
///     }
/// }
/// let report = check_op(Then(WithMirror, Tanh), &[Tensor::from([0.3, -1.2, 0.4])]);
/// assert!(report.passed(), "{report}");
/// ```
pub trait Finishes<T: Real>: Op<T> {
    /// The output, of the shape that [`infer`](Op::infer) gave, finished if `finish` is there.
    fn finished(&self, inputs: &[&Tensor<T>], shape: Shape, finish: Option<Finish<'_, T>>) -> Tensor<T>;
}

/// `y = f(o(x₀, x₁, …))`, `o` an operation that [finishes](Finishes) what it computes ([`Linear`](super::matmul::Linear),
/// [`Conv`](super::conv::Conv)) and `f` a formula of
/// one number. Shapes are those of `o`. Pull-back: that of the formula, `g′ = g · f′(o(x₀, x₁, …))`, then that of `o` for `g′`.
///
/// Values and gradients are those of the two one after the other, to the bit. Here the formula is applied to a few results at
/// a time, while they are near, and there is one node on the tape. It is called as the operation is, and the formula is among
/// its constants.
///
/// ```
/// use autograd::algebra::formulas::Relu;
/// use autograd::ops::{matmul::Linear, then::Then};
/// use autograd::prelude::*;
/// let (x, w) = (Tensor::from([[1.0_f32, 2.0]]), Tensor::from([[1.0, 1.0], [-1.0, 0.0]]));
/// assert_eq!(Tensor::apply(Then(Linear, Relu), &[&x, &w]).to_vec(), [3.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Then<O, F>(pub O, pub F);

impl<O, F: Formula<1>> Then<O, F> {
    /// Whether the slope of the formula reads what it is applied to, which otherwise nobody keeps.
    const READS_RESULTS: bool = matches!(F::SLOPE, Slope::Inputs | Slope::InputsAndOutput | Slope::Automatic);

    /// The cotangent of the operation's results on plain tensors, from what was kept; `None` if it is exactly zero.
    fn cotangent<T: Real>(&self, at: &Pullback<Tensor<T>>) -> Option<Tensor<T>> {
        let automatic = F::SLOPE == Slope::Automatic;
        let messages = Elementwise(self.1).vjp_fused(&Pullback {
            op: F::NAME,
            inputs: &[at.kept(0).filter(|_| !automatic).cloned()],
            shapes: &[Some(&at.cotangent().shape())],
            kept: if automatic { at.kept } else { &[] },
            ..*at
        });
        messages.into_iter().next().flatten()
    }

    /// What the formula was applied to: computed again where its slope reads it, else anything of that shape.
    fn results<T: Real, A: Array<T>>(&self, inputs: impl Iterator<Item = A>, stand_in: &A) -> A
    where
        O: Op<T>,
    {
        if !Self::READS_RESULTS {
            return stand_in.clone();
        }
        let inputs: Few<A> = inputs.collect();
        A::apply(self.0.clone(), &inputs.iter().collect::<Few<&A>>())
    }
}

impl<T: Real, O: Finishes<T>, F: Formula<1>> Op<T> for Then<O, F> {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn arity(&self) -> RangeInclusive<usize> {
        self.0.arity()
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        self.0.infer(inputs)
    }
    fn multiply_adds(&self, inputs: &[Shape], output: Shape) -> usize {
        self.0.multiply_adds(inputs, output)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let mut constants = self.0.constants();
        constants.push((THEN, F::NAME.to_string()));
        constants.extend(self.1.constants());
        constants
    }
    fn acts_on_rows(&self, input: &Shape, output: &Shape) -> bool {
        self.0.acts_on_rows(input, output)
    }
    fn forward(&self, inputs: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let formula = self.1;
        self.0.finished(inputs, shape, Some(&|results| in_place(&formula, results)))
    }
    fn record(&self, inputs: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        if !Self::READS_RESULTS {
            return (self.forward(inputs, shape), Few::new());
        }
        let results = self.0.finished(inputs, shape, None);
        let (y, slopes) = Elementwise(self.1).record(&[&results], shape);
        (y, if slopes.is_empty() { Few::from_iter([results]) } else { slopes })
    }
    fn saves(&self) -> Saves {
        let output = matches!(F::SLOPE, Slope::Output | Slope::InputsAndOutput);
        Saves { output, ..if Self::READS_RESULTS { Saves::INPUTS } else { self.0.saves() } }
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        match self.cotangent(at) {
            Some(cotangent) => self.0.vjp_fused(&Pullback { cotangent: &cotangent, ..*at }),
            None => at.each(|_| None),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let stand_in = at.output.unwrap_or(at.cotangent());
        let results = self.results((0..at.count()).map(|i| at.input(i).clone()), stand_in);
        let messages = at.through(&Elementwise(self.1), &[&results], stand_in, at.cotangent());
        match messages.into_iter().next().flatten() {
            Some(cotangent) => self.0.vjp(&Pullback { cotangent: &cotangent, ..*at }),
            None => at.each(|_| None),
        }
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        match self.cotangent(at) {
            Some(cotangent) => self.0.vjp_per_sample(&Pullback { cotangent: &cotangent, ..*at }),
            None => Some((0..at.count()).map(|_| None).collect()),
        }
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let tangents: Few<Option<&A>> = (0..at.count()).map(|i| at.tangent(i)).collect();
        let results = self.results((0..at.count()).map(|i| at.input(i).clone()), at.output());
        let tangent = at.through(&self.0, at.inputs, &results, &tangents);
        let tangent = at.through(&Elementwise(self.1), &[&results], at.output(), &[tangent.as_ref()]);
        tangent.unwrap_or_else(|| at.zeros())
    }
    fn decisions(&self, inputs: &[&Tensor<T>], output: &Tensor<T>) -> Vec<u64> {
        let results = self.0.finished(inputs, output.shape(), None);
        Elementwise(self.1).decisions(&[&results], output)
    }
}
