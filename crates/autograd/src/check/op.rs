//! Everything that can be asked of an operation, in one call.

use super::differences::largest;
use super::{Check, Report, along, generator};
use crate::algebra::Real;
use crate::ops::{Op, infer};
use crate::{Dual, Error, Interpretation, Shape, Shapes, Shaping, Symbol, Tape, Tensor, Var};
use std::panic::Location;

/// Checks an operation at `inputs` in every way that the engine uses it: that its shape is the one it infers under every
/// interpretation; that it takes views, and records what it computes; its derivatives of first and second order,
/// backwards, forwards and mixed, linear in the cotangent and the same to the bit when taken twice; that single precision
/// gives what double precision gives.
///
/// ```
/// use autograd::check::check_op;
/// use autograd::ops::matmul::MatMul;
/// use autograd::prelude::*;
/// let report = check_op(MatMul, &[Tensor::from([[1.0, -2.0], [0.5, 3.0]]), Tensor::from([[0.3], [-0.7]])]);
/// assert!(report.passed(), "{report}");
/// ```
#[track_caller]
pub fn check_op<O: Op<f64> + Op<f32>>(op: O, inputs: &[Tensor<f64>]) -> Report {
    Check::default().op(op, inputs)
}

impl Check {
    /// Checks an operation at `inputs`; see [`check_op`].
    ///
    /// # Panics
    /// Where a rule does: one that reads what it did not [announce](Op::saves), or returns something impossible.
    #[track_caller]
    pub fn op<O: Op<f64> + Op<f32>>(&self, op: O, inputs: &[Tensor<f64>]) -> Report {
        let name = Op::<f64>::name(&op);
        let extents: Vec<Shape> = inputs.iter().map(|x| x.shape()).collect();
        let apply = |x: &[Var<f64>]| Var::apply(op.clone(), &refs(x));
        let shape = match inferred(&op, &extents) {
            Ok(shape) => shape,
            Err(fault) => return Report::fault(fault).named(name),
        };
        let values: Vec<&Tensor<f64>> = inputs.iter().collect();
        let computed = Op::<f64>::forward(&op, &values, shape);
        if computed.shape() != shape {
            let fault = format!("it infers shape {shape} and computes a value of shape {}", computed.shape());
            return Report::fault(fault).named(name);
        }
        let mut report = self.run(inputs, apply).named(name);
        // It is applied here for whoever asks.
        let asked_at = Location::caller();
        if let Some(culprit) = &mut report.culprit {
            (culprit.file, culprit.line) = (asked_at.file().to_string(), asked_at.line());
        }
        let faults = [
            readings(&op, inputs, &computed),
            views(&op, inputs, &computed),
            little_kept(&op, inputs),
            if self.second_order { reverse_over_forward(&op, inputs) } else { None },
            precisions(&op, inputs),
        ];
        report.faults.extend(faults.into_iter().flatten());
        report
    }
}

fn refs<A>(x: &[A]) -> Vec<&A> {
    x.iter().collect()
}

fn bits(x: &Tensor<f64>) -> Vec<u64> {
    x.to_vec().into_iter().map(f64::to_bits).collect()
}

/// The shape that it infers in both precisions.
fn inferred<O: Op<f64> + Op<f32>>(op: &O, extents: &[Shape]) -> Result<Shape, String> {
    let refused = |error: Error| format!("it refuses these inputs: {}", error.report().problem);
    let double = infer::<f64, O>(op, extents).map_err(refused)?;
    let single = infer::<f32, O>(op, extents).map_err(refused)?;
    if single == double {
        return Ok(double);
    }
    Err(format!("it infers shape {double} in f64 and {single} in f32"))
}

/// Every interpretation gives the same value and the same shape.
fn readings<O: Op<f64>>(op: &O, inputs: &[Tensor<f64>], computed: &Tensor<f64>) -> Option<String> {
    let tape = Tape::new();
    let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
    let duals: Vec<_> = inputs.iter().map(|x| Dual::new(x.clone(), x.clone())).collect();
    let moving: Vec<_> = vars.iter().map(|x| Dual::new(x.clone(), x.clone())).collect();
    let shapes: Vec<Shapes<f64>> = inputs.iter().map(|x| Shapes::new(x.shape())).collect();
    let letters: Vec<_> = inputs.iter().map(|x| Symbol::<f64>::letter("x", x.shape())).collect();
    let dual = Dual::apply(op.clone(), &refs(&duals));
    let values = [
        ("a tensor", Tensor::apply(op.clone(), &refs(inputs))),
        ("a variable", Var::apply(op.clone(), &refs(&vars)).value().clone()),
        ("a dual", dual.value().clone()),
        ("a recorded dual", Dual::apply(op.clone(), &refs(&moving)).value().value().clone()),
    ];
    let differs = values.iter().find(|(_, value)| bits(value) != bits(computed) || value.shape() != computed.shape());
    if let Some((reading, _)) = differs {
        return Some(format!("the value of {reading} differs from what `forward` computes"));
    }
    let extents = [
        ("tangent", dual.tangent_or_zeros().shape()),
        ("shape", Shapes::apply(op.clone(), &refs(&shapes)).shape()),
        ("symbol", Symbol::apply(op.clone(), &refs(&letters)).shape()),
    ];
    let (what, shape) = extents.iter().find(|(_, shape)| *shape != computed.shape())?;
    Some(format!("the {what} has shape {shape}, the value {}", computed.shape()))
}

/// Views of the same numbers give the same value.
fn views<O: Op<f64>>(op: &O, inputs: &[Tensor<f64>], computed: &Tensor<f64>) -> Option<String> {
    let every_second = |x: &Tensor<f64>| {
        let Some(last) = x.shape().rank().checked_sub(1) else { return x.clone() };
        let (wide, numbers) = (x.shape().with_extent(last, 2 * x.shape()[last]), x.to_vec());
        Tensor::from_fn(wide, |i| if i % 2 == 0 { numbers[i / 2] } else { f64::NAN }).slice_step(-1, .., 2)
    };
    let viewed: Vec<Tensor<f64>> = inputs.iter().map(every_second).collect();
    let (seen, expected) = (Tensor::apply(op.clone(), &refs(&viewed)).to_vec(), computed.to_vec());
    let allowed = 1e-12 * largest(computed);
    let same = |(a, b): (&f64, &f64)| (a - b).abs() <= allowed || a.to_bits() == b.to_bits();
    let all_same = seen.iter().zip(&expected).all(same);
    (!all_same).then(|| format!("views of the same numbers give another value: {seen:?} instead of {expected:?}"))
}

/// On a tape that keeps only what the operation announces, the pull-back on tensors gives what the recorded one gives.
fn little_kept<O: Op<f64>>(op: &O, inputs: &[Tensor<f64>]) -> Option<String> {
    let tape = Tape::new();
    let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
    let y = Var::apply(op.clone(), &refs(&vars));
    y.node()?;
    let cotangent = Tensor::normal(y.shape(), 0.0, 1.0, &mut generator(31));
    let plain = y.backward_with(&cotangent);
    let recorded = y.backward_recorded_with(&y.constant(&cotangent));
    vars.iter().enumerate().find_map(|(i, x)| {
        let (a, b) = (plain.of(x).or_zeros(), recorded.of(x).or_zeros_on(x));
        let off = largest(&(&a - b.value()));
        (off > 1e-12 * largest(&a))
            .then(|| format!("the gradient of input {i} on tensors differs from the recorded one by {off:.1e}"))
    })
}

/// The gradient of a recorded directional derivative is the directional derivative of the gradient.
fn reverse_over_forward<O: Op<f64>>(op: &O, inputs: &[Tensor<f64>]) -> Option<String> {
    let mut generator = generator(37);
    let direction: Vec<Tensor<f64>> =
        inputs.iter().map(|x| Tensor::normal(x.shape(), 0.0, 1.0, &mut generator)).collect();
    let tape = Tape::keeping();
    let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
    let duals: Vec<_> = vars.iter().zip(&direction).map(|(x, t)| Dual::new(x.clone(), x.constant(t))).collect();
    let y = Var::apply(op.clone(), &refs(&vars));
    let moved = Dual::apply(op.clone(), &refs(&duals)).tangent_or_zeros();
    y.node()?;
    let cotangent = Tensor::normal(y.shape(), 0.0, 1.0, &mut generator);
    let expected = y.curvature_with(&cotangent, &along(&vars, &direction));
    let found = moved.node().map(|_| moved.backward_with(&cotangent));
    vars.iter().enumerate().find_map(|(i, x)| {
        let zeros = || Tensor::zeros(x.shape());
        let forward = expected.of(x).value().map_or_else(zeros, |dual| dual.tangent_or_zeros());
        let reverse = found.as_ref().map_or_else(zeros, |gradients| gradients.of(x).or_zeros());
        let off = largest(&(&forward - &reverse));
        (off > 1e-9 * largest(&forward).max(largest(&reverse))).then(|| {
            format!("second order: reverse over forward and forward over reverse differ by {off:.1e} in input {i}")
        })
    })
}

/// Single precision gives what double precision gives, to `10⁻⁵` of the largest number.
fn precisions<O: Op<f64> + Op<f32>>(op: &O, inputs: &[Tensor<f64>]) -> Option<String> {
    let rounded: Vec<Tensor<f64>> = inputs.iter().map(|x| x.cast::<f32>().cast()).collect();
    let (double, single) = (value_and_gradients::<f64, O>(op, &rounded), value_and_gradients::<f32, O>(op, &rounded));
    let size = rounded.iter().chain(&double[..1]).map(largest).fold(0.0, f64::max);
    let slope = double[1..].iter().map(largest).fold(0.0, f64::max);
    double.iter().zip(&single).enumerate().find_map(|(i, (double, single))| {
        let (d, s) = (double.to_vec(), single.to_vec());
        let same_kind = d.iter().zip(&s).all(|(d, s)| d.is_finite() == s.is_finite());
        let off = d.iter().zip(&s).map(|(d, s)| (d - s).abs()).filter(|off| off.is_finite()).fold(0.0, f64::max);
        let what = if i == 0 { "the value".to_string() } else { format!("the gradient of input {}", i - 1) };
        (off > 1e-5 * if i == 0 { size } else { slope } || !same_kind)
            .then(|| format!("{what} in f32 differs from that in f64 by {off:.1e}"))
    })
}

/// The value, then the gradients of all inputs.
fn value_and_gradients<T: Real, O: Op<T>>(op: &O, inputs: &[Tensor<f64>]) -> Vec<Tensor<f64>> {
    let tape = Tape::<T>::new();
    let vars: Vec<Var<T>> = inputs.iter().map(|x| tape.var(x.cast::<T>())).collect();
    let y = Var::apply(op.clone(), &refs(&vars));
    let cotangent = Tensor::normal(y.shape(), 0.0, 1.0, &mut generator(41));
    let gradients = y.node().map(|_| y.backward_with(&cotangent));
    let gradient = |x: &Var<T>| match &gradients {
        Some(gradients) => gradients.of(x).or_zeros().cast(),
        None => Tensor::zeros(x.shape()),
    };
    [y.value().cast()].into_iter().chain(vars.iter().map(gradient)).collect()
}
