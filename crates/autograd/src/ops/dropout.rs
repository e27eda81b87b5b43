//! Dropout.

use super::{Few, Messages, Op, Pullback, Saves};
use crate::algebra::Real;
use crate::{Array, Draw, Error, Shape, Tensor};

/// `y = x · m` with `m` independently 0 with probability `p`, else `1/(1 − p)`. Pull-back: `x ← g · m`. Shape: that of
/// `x`. Source: Srivastava et al., 2014.
///
/// The mask is a function of the draw: it need not be kept, and is the same wherever it is drawn again (in a recomputed
/// segment, in a second derivative).
///
/// ```
/// use autograd::prelude::*;
/// use autograd::{Draw, ops::dropout::Dropout};
/// let op = Dropout { p: 0.5, draw: Draw { key: Key::new(1), place: 0 } };
/// let x = Tensor::<f32>::ones([1000]);
/// let y = Tensor::apply(op.clone(), &[&x]);
/// assert_eq!(Tensor::apply(op, &[&x]), y);
/// assert!(y.to_vec().iter().all(|&v| v == 0.0 || v == 2.0));
/// assert!((y.mean().item() - 1.0).abs() < 0.15);
/// ```
#[derive(Clone, Debug)]
pub struct Dropout {
    /// The probability with which an element is dropped.
    pub p: f64,
    /// Where the mask is drawn.
    pub draw: Draw,
}

impl Dropout {
    fn mask<T: Real>(&self, shape: Shape) -> Tensor<T> {
        let kept = 1.0 - self.p;
        let scale = if kept > 0.0 { T::from_f64(1.0 / kept) } else { T::ZERO };
        Tensor::bernoulli(shape, kept, &mut self.draw.generator()) * scale
    }
}

impl<T: Real> Op<T> for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        if (0.0..=1.0).contains(&self.p) {
            return Ok(inputs[0]);
        }
        Err(Error::value(format!("p = {} is no probability", self.p), "give a number from 0 to 1"))
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        x[0] * self.mask(shape)
    }
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let mask = self.mask(shape);
        (x[0] * &mask, Few::from_iter([mask]))
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        match at.kept(0) {
            Some(mask) => at.each(|_| at.cotangent() * mask),
            None => self.vjp(at),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|_| A::apply(self.clone(), &[at.cotangent()]))
    }
    fn is_linear(&self) -> bool {
        true
    }
    fn saves(&self) -> Saves {
        Saves::NOTHING
    }
    fn acts_on_rows(&self, _: &Shape, _: &Shape) -> bool {
        true
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        vec![("p", self.p.to_string())]
    }
}
