//! Formulas as operations: one formula gives the forward pass, the fused backward pass, forward mode, and, replayed on
//! arrays, every higher derivative.

use super::per_sample::SampleMessages;
use super::replay::{Handle, Replay};
use super::{Few, Messages, Op, Pullback, Pushforward, Saves, broadcast_all};
use crate::algebra::{Formula, InPrint, Real, Slope, choices, formulas, in_print};
use crate::kernels::elementwise as kernel;
use crate::{Array, Error, Reductions, Shape, Tensor};
use std::array::from_fn;
use std::ops::RangeInclusive;

/// A formula of `N` inputs as an operation: `y = f(x₀, x₁, …)` on every element.
///
/// Shapes: the inputs broadcast to the output's. Pull-back: `xᵢ ← Σ g · ∂f/∂xᵢ`, the sum over the axes along which `xᵢ`
/// was stretched. Made by
/// [`map`](crate::Interpretation::map) and [`zip`](crate::Interpretation::zip).
#[derive(Clone, Debug)]
pub struct Elementwise<F, const N: usize>(pub F);

impl<T: Real, F: Formula<N>, const N: usize> Op<T> for Elementwise<F, N> {
    fn name(&self) -> &'static str {
        F::NAME
    }
    fn arity(&self) -> RangeInclusive<usize> {
        N..=N
    }

    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        broadcast_all(inputs)
    }

    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::value(&self.0, from_fn(|k| x[k]), shape)
    }

    fn forward_over(&self, x: &mut [Tensor<T>], shape: &Shape) -> Option<usize> {
        if F::SLOPE == Slope::Automatic {
            return None;
        }
        let own = x.iter_mut().position(|x| x.has_shape(shape) && x.is_unshared())?;
        kernel::value_over(&self.0, x, own);
        Some(own)
    }

    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        if F::SLOPE != Slope::Automatic {
            return (self.forward(x, shape), Few::new());
        }
        let (y, slopes) = kernel::recorded(&self.0, from_fn(|k| x[k]), shape);
        (y, slopes.into_iter().collect())
    }

    fn saves(&self) -> Saves {
        match F::SLOPE {
            Slope::Constant => Saves::NOTHING,
            Slope::Inputs | Slope::Automatic => Saves::INPUTS,
            Slope::Output => Saves::OUTPUT,
            Slope::InputsAndOutput => Saves::ALL,
        }
    }

    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let g = at.cotangent();
        let slopes = match F::SLOPE {
            Slope::Constant => self.0.slope::<f64>(&[f64::NAN; N], f64::NAN),
            _ => [f64::NAN; N],
        };
        at.each(|i| {
            let message = match F::SLOPE {
                Slope::Constant => scaled_numbers(g, slopes[i])?,
                _ => self.stretched(at, i),
            };
            let shape = at.input_shape(i);
            Some(if message.has_shape(&shape) { message } else { message.sum_to(shape) })
        })
    }

    fn vjp_add(&self, at: &Pullback<Tensor<T>>, i: usize, sum: &mut Tensor<T>) -> bool {
        let g = at.cotangent();
        let direct = F::SLOPE != Slope::Constant && at.kept(i).is_none();
        if !direct || sum.elements() < kernel::REUSED_ELEMENTS || !sum.has_shape(&g.shape()) {
            return false;
        }
        let (x, y) = self.operands(at);
        kernel::add_message(&self.0, i, at.guards(), g, x, y, sum);
        true
    }

    fn vjp_per_sample(&self, at: &Pullback<Tensor<T>>) -> Option<SampleMessages<T>> {
        let slopes = (F::SLOPE == Slope::Constant).then(|| self.0.slope::<f64>(&[f64::NAN; N], f64::NAN));
        let message = |i: usize| match slopes {
            Some(slopes) => scaled(at.cotangent(), slopes[i]),
            None => Some(self.stretched(at, i)),
        };
        Some((0..N).map(|i| if at.wants(i) { Some(at.unstretched(i, message(i)?)) } else { None }).collect())
    }

    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let g = at.cotangent();
        if F::SLOPE == Slope::Constant {
            let slopes = self.0.slope::<f64>(&[f64::NAN; N], f64::NAN);
            return at.each(|i| scaled(g, slopes[i]).map(|message| message.sum_to(at.input_shape(i))));
        }
        let replay = Replay::default();
        let x = from_fn(|k| replay.optional(at.inputs[k].as_ref()));
        let slopes = self.0.slope(&x, replay.optional(at.output));
        at.each(|i| {
            times(g, slopes[i], at.guards()).map(|message| message.broadcast_to(g.shape()).sum_to(at.input_shape(i)))
        })
    }

    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let shape = at.output().shape();
        let replay = Replay::default();
        let x = from_fn(|k| replay.optional(Some(at.input(k))));
        let slopes = self.0.slope(&x, replay.optional(Some(at.output())));
        at.sum(|i, tangent| times(tangent, slopes[i], at.guards())).broadcast_to(shape)
    }

    fn constants(&self) -> Vec<(&'static str, String)> {
        self.0.constants()
    }

    fn in_print(&self, inputs: &[&str], output: &str, cotangent: &str) -> Option<InPrint> {
        Some(in_print(&self.0, from_fn(|i| inputs[i]), output, cotangent))
    }

    fn decisions(&self, x: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        let (shape, x) = (y.shape(), from_fn::<_, N, _>(|k| x[k]));
        let first = |x: &Tensor<T>| {
            let (data, offset, _) = x.parts();
            data[offset].to_f64()
        };
        // A formula that takes no choice at one element takes none at any.
        if shape.elements() == 0 || choices(&self.0, x.map(first)) == 0 {
            return Vec::new();
        }
        let x = x.map(|x| x.broadcasted(shape).to_vec());
        (0..shape.elements()).map(|i| choices(&self.0, from_fn(|k| x[k][i].to_f64()))).collect()
    }
}

impl<F: Formula<N>, const N: usize> Elementwise<F, N> {
    /// The message to input `i` before it is summed over what was stretched, of the output's shape.
    fn stretched<T: Real>(&self, at: &Pullback<Tensor<T>>, i: usize) -> Tensor<T> {
        let g = at.cotangent();
        match at.kept(i) {
            Some(slope) => kernel::times_slope(at.guards(), g, slope, g.shape()),
            None => {
                let (x, y) = self.operands(at);
                kernel::message(&self.0, i, at.guards(), g, x, y, g.shape())
            }
        }
    }

    /// Inputs and output. What the slope does not read was not kept; anything of a fitting shape stands in for it.
    fn operands<'a, T: Real>(&self, at: &'a Pullback<Tensor<T>>) -> ([&'a Tensor<T>; N], &'a Tensor<T>) {
        let stand_in = at.output.or(at.inputs[0].as_ref()).unwrap_or(at.cotangent());
        let x = from_fn(|k| at.inputs[k].as_ref().unwrap_or(stand_in));
        (x, at.output.unwrap_or(x[0]))
    }
}

/// `g · c`, or `None` for an exact zero.
fn scaled<A: Array<T>, T: Real>(g: &A, slope: f64) -> Option<A> {
    match slope {
        0.0 => None,
        1.0 => Some(g.clone()),
        -1.0 => Some(-g.clone()),
        c => Some(g.map(formulas::MulConstant { constant: c })),
    }
}

/// [`scaled`] of plain numbers, without a step in between.
fn scaled_numbers<T: Real>(g: &Tensor<T>, slope: f64) -> Option<Tensor<T>> {
    match slope {
        0.0 => None,
        1.0 => Some(g.clone()),
        -1.0 => Some(kernel::value(&formulas::Neg, [g], g.shape())),
        constant => Some(kernel::value(&formulas::MulConstant { constant }, [g], g.shape())),
    }
}

/// `g · slope` for a slope that was replayed, or `None` for an exact zero.
fn times<A: Array<T>, T: Real>(g: &A, slope: Handle<'_, A>, guard: bool) -> Option<A> {
    match slope.array() {
        Ok(slope) if guard => Some(g.zip(&slope, formulas::TimesSlope)),
        Ok(slope) => Some(g.clone() * slope),
        Err(number) => scaled(g, number),
    }
}
