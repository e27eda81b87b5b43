//! **The mistake.** `y = Σ x²/n` is an operation with a derivative by hand, and the derivative lacks the division: its message
//! is `2 x g` where it should be `2 x g/n`. A loss with it trains, with a learning rate that is `n` times too large and a
//! different one for each size of the input.
//!
//! **What you should see.** A gradient check finds that analytic and numeric derivatives differ by the same factor everywhere,
//! that the factor is the number of elements, and which operation it is: `missing 1/n`.
//!
//! **The healthy twin** divides.

use crate::gallery::Setting;
use autograd::check::gradcheck;
use autograd::inspect::Diagnosis;
use autograd::ops::{Messages, Op, Pullback};
use nn::prelude::*;

/// `y = Σ x²/n`, with the number `n` of elements.
#[derive(Clone, Debug)]
struct MeanSquare {
    healthy: bool,
}

impl<T: Real> Op<T> for MeanSquare {
    fn name(&self) -> &'static str {
        "mean_square"
    }
    fn infer(&self, _: &[Shape]) -> Result<Shape, Error> {
        Ok(Shape::SCALAR)
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        x[0].square().mean()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let n = if self.healthy { at.input_shape(0).elements() } else { 1 };
        at.each(|i| at.input(i).clone() * at.cotangent() * T::from_f64(2.0 / n as f64))
    }
    fn jvp<A: Array<T>>(&self, at: &autograd::ops::Pushforward<A>) -> A {
        let n = at.input(0).shape().elements();
        at.sum(|i, t| (at.input(i).clone() * t).sum() * T::from_f64(2.0 / n as f64))
    }
}

pub fn step(at: &Setting, healthy: bool) -> Diagnosis {
    let mut generator = ChaCha8Rng::seed_from_u64(at.seed);
    let x = Tensor::normal([3, at.width], 0.0, 1.0, &mut generator);
    let report = gradcheck(&[x], |x| {
        let scaled = x[0].clone() * 0.5;
        Var::apply(MeanSquare { healthy }, &[&scaled]) // <- here
    });
    report.named("mean_square").diagnose()
}
