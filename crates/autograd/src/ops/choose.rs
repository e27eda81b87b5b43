//! The choice between two values by a mask.

use super::per_sample::SampleMessages;
use super::{Messages, Op, Pullback, Pushforward, Saves, broadcast_all};
use crate::algebra::{Algebra, Formula, Real};
use crate::kernels::elementwise as kernel;
use crate::{Array, Error, Interpretation, Shape, Tensor};
use std::ops::RangeInclusive;

/// `y = a` where the mask holds, else `b`. Inputs: mask (1 or 0), `a`, `b`, which broadcast. Pull-back: `a` gets `g`
/// where the mask holds and an exact 0 elsewhere, `b` the other way round. The mask gets nothing.
///
/// The branch that is not taken may be infinite or NaN: it is not multiplied by 0 but left out.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let x = tape.var(Tensor::from([-1.0_f32, 4.0]));
/// let y = x.greater(&x.constant(&Tensor::scalar(0.0))).choose(&x.sqrt(), &x.square());
/// assert_eq!(y.value().to_vec(), [1.0, 2.0]);
/// assert_eq!(y.sum().backward().of(&x).or_zeros().to_vec(), [-2.0, 0.25]);
/// ```
#[derive(Clone, Debug)]
pub struct Choose;

/// The formula of [`Choose`] on one element.
#[derive(Clone, Copy, Debug)]
struct Pick;

impl Formula<3> for Pick {
    const NAME: &'static str = "where";
    #[inline(always)]
    fn value<A: Algebra>(&self, [mask, a, b]: [A; 3]) -> A {
        mask.if_greater(A::constant(0.0), a, b)
    }
}

impl<T: Real> Op<T> for Choose {
    fn name(&self) -> &'static str {
        "where"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        3..=3
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        broadcast_all(inputs)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::value(&Pick, [x[0], x[1], x[2]], shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (mask, g) = (at.input(0), at.cotangent());
        let nothing = g.constant(&Tensor::scalar(T::ZERO));
        at.each(|i| match i {
            0 => None,
            1 => Some(A::apply(Choose, &[mask, g, &nothing]).sum_to(at.input_shape(1))),
            _ => Some(A::apply(Choose, &[mask, &nothing, g]).sum_to(at.input_shape(2))),
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let nothing = at.output().constant(&Tensor::scalar(T::ZERO));
        let tangent = |i: usize| at.tangent(i).unwrap_or(&nothing);
        A::apply(Choose, &[at.input(0), tangent(1), tangent(2)]).broadcast_to(at.output().shape())
    }
    fn saves(&self) -> Saves {
        Saves { inputs: 1, output: false }
    }
    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let (mask, g, nothing) = (at.input(0), at.cotangent(), Tensor::scalar(T::ZERO));
        let message = |i: usize| match i {
            1 => Tensor::apply(Choose, &[mask, g, &nothing]),
            _ => Tensor::apply(Choose, &[mask, &nothing, g]),
        };
        Some((0..3).map(|i| (i > 0 && at.wants(i)).then(|| at.unstretched(i, message(i)))).collect())
    }
    fn decisions(&self, x: &[&Tensor<T>], _: &Tensor<T>) -> Vec<u64> {
        x[0].to_vec().iter().map(|mask| 1 + u64::from(*mask > T::ZERO)).collect()
    }
}
