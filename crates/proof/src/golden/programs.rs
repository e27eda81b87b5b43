//! Whole scalar programs: value, gradient and Hessian, by the tensor engine and by the scalar engine.

use super::compare::{Worst, largest};
use super::functions::{binary, binary_scalar, unary, unary_scalar};
use super::json::{Reference, numbers, tensor};
use autograd::algebra::{Algebra, SmallDual};
use autograd::inspect::Snapshot;
use autograd::prelude::*;
use autograd::{scalar, transform};
use serde_json::Value;

/// An expression tree on any vocabulary, from what it means by a constant and by a function's name.
fn evaluate<V: Clone>(
    expression: &Value,
    x: &[V],
    defs: &[V],
    constant: &dyn Fn(f64) -> V,
    function: &dyn Fn(&str, &[V]) -> V,
) -> V {
    let Some(parts) = expression.as_array() else { return constant(expression.as_f64().expect("a number")) };
    let op = parts[0].as_str().expect("an operation");
    let index = || parts[1].as_u64().expect("an index") as usize;
    match op {
        "x" => x[index()].clone(),
        "def" => defs[index()].clone(),
        _ => {
            let inputs: Vec<V> = parts[1..].iter().map(|part| evaluate(part, x, defs, constant, function)).collect();
            function(op, &inputs)
        }
    }
}

fn run<V: Clone>(program: &Value, x: &[V], constant: &dyn Fn(f64) -> V, function: &dyn Fn(&str, &[V]) -> V) -> V {
    let mut defs = Vec::new();
    for def in program["defs"].as_array().expect("definitions") {
        defs.push(evaluate(def, x, &defs, constant, function));
    }
    evaluate(&program["out"], x, &defs, constant, function)
}

fn on_scalars<A: Algebra>(case: &Reference, x: &[A]) -> A {
    run(case.get("program"), x, &A::constant, &|op, inputs| {
        let result = match *inputs {
            [x] => unary_scalar(op, case, x),
            [a, b] => binary_scalar(op, a, b),
            _ => None,
        };
        result.unwrap_or_else(|| panic!("there is no function `{op}`"))
    })
}

fn on_variables(case: &Reference, all: &Var<f64>) -> Var<f64> {
    let n = all.shape()[0] as isize;
    let x: Vec<Var<f64>> = (0..n).map(|i| all.slice(0, i..i + 1).reshape([])).collect();
    run(case.get("program"), &x, &|c| all.constant(&Tensor::scalar(c)), &|op, inputs| {
        let result = match inputs {
            [x] => unary(op, case, x.clone()),
            [a, b] => binary(op, a.clone(), b.clone()),
            _ => None,
        };
        result.unwrap_or_else(|| panic!("there is no function `{op}`"))
    })
}

/// Value, gradient and Hessian, each within 100 times what plain double precision loses.
pub(super) fn check(case: &Reference) -> Result<Worst, String> {
    let point = tensor::<f64>(&case.get("inputs")["x"]);
    let x = point.to_vec();
    let baseline = numbers(case.get("f64_baseline"));
    let mut worst = Worst::default();
    let mut close = |what: &str, got: &[f64], want: &Value, order: usize| -> Result<(), String> {
        let want = numbers(&want["data"]);
        let bound = 100.0 * baseline[order].max(1e-16) * largest(want.iter().copied());
        for (i, (g, w)) in got.iter().zip(&want).enumerate() {
            let used = (g - w).abs() / bound;
            if used.is_nan() || used > 1.0 {
                return Err(format!("{what}[{i}]: got {g:e}, want {w:e} within {bound:e}"));
            }
            let worst = [&mut worst.value, &mut worst.first_order, &mut worst.second_order];
            let worst = worst.into_iter().nth(order).expect("an order");
            *worst = worst.max(used);
        }
        Ok(())
    };
    let f = |x: &Var<f64>| on_variables(case, x);
    let (value, gradient) = transform::value_and_grad(f, &point);
    close("value", &[value], &case.get("outputs")["y"], 0)?;
    close("gradient", &gradient.to_vec(), &case.get("grads")["x"], 1)?;
    close("Hessian", &transform::hessian(f, &point).to_vec(), case.get("hessian"), 2)?;

    let (value, gradient) = scalar::gradient(|x| on_scalars(case, x), &x);
    if value.to_bits() != on_scalars(case, &x).to_bits() {
        return Err("recording a scalar program changes its value".to_string());
    }
    close("scalar value", &[value], &case.get("outputs")["y"], 0)?;
    close("scalar gradient", &gradient, &case.get("grads")["x"], 1)?;
    let mut hessian = Vec::new();
    for i in 0..x.len() {
        for j in 0..x.len() {
            // d²/dxᵢdxⱼ by duals of duals: the outer one moves along xⱼ, the inner one along xᵢ.
            let moving: Vec<SmallDual<SmallDual<f64, 1>, 1>> = (0..x.len())
                .map(|k| {
                    let one_at = |at: usize| f64::from(u8::from(k == at));
                    let value = SmallDual { value: x[k], slope: [one_at(i)] };
                    SmallDual { value, slope: [SmallDual { value: one_at(j), slope: [0.0] }] }
                })
                .collect();
            hessian.push(on_scalars(case, &moving).slope[0].slope[0]);
        }
    }
    close("scalar Hessian", &hessian, case.get("hessian"), 2)?;
    Ok(worst)
}

/// A program of the reference as the inspector sees it.
pub struct Pictured {
    /// What the reference calls it.
    pub name: String,
    /// Recorded on tensors: one leaf holds all inputs.
    pub tensors: Snapshot,
    /// Recorded on traced scalars: the first leaves are the inputs.
    pub scalars: Snapshot,
    /// The derivative by each input, from the reference.
    pub gradient: Vec<f64>,
}

pub(super) fn pictured(case: &Reference) -> Pictured {
    let point = tensor::<f64>(&case.get("inputs")["x"]);
    let tape = Tape::keeping();
    let tensors = Snapshot::of_backward(&on_variables(case, &tape.var(point.clone()).named("x")));
    let tape = scalar::Tape::traced();
    let x: Vec<_> = point.to_vec().into_iter().map(|x| tape.var(x)).collect();
    let scalars = Snapshot::of_backward(&on_scalars(case, &x));
    Pictured { name: case.name().to_string(), tensors, scalars, gradient: numbers(&case.get("grads")["x"]["data"]) }
}
