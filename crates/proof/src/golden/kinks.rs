//! Conventions at points without a derivative, on tensors and, where all inputs are numbers, on scalars.

use super::compare::Worst;
use super::functions::{binary, binary_scalar, unary, unary_scalar};
use super::json::{Reference, Vars, number, numbers, tensor};
use super::operations;
use autograd::prelude::*;
use autograd::scalar;
use serde_json::Value;

/// Runs a row with and without the rule that an upstream of exactly 0 contributes exactly 0.
pub(super) fn check(case: &Reference) -> Result<Worst, String> {
    on_tensors(case, Tape::new(), case.get("grads"))?;
    if !case.get("strict_grads").is_null() {
        on_tensors(case, Tape::new().strict(), case.get("strict_grads"))
            .map_err(|problem| format!("strict: {problem}"))?;
    }
    on_scalars(case)?;
    Ok(Worst::default())
}

/// Equal, or within a few units in the last place.
fn same(got: f64, want: f64) -> bool {
    got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= 4.0 * f64::EPSILON * want.abs()
}

fn all_same(case: &Reference, what: &str, got: &[f64], want: &Value) -> Result<(), String> {
    let want = numbers(&want["data"]);
    // A determinant of 0 is what rounding leaves of a difference; the row asks for no more.
    let rounding = if case.op() == "det" { 1e-12 } else { 0.0 };
    match got.len() == want.len() && got.iter().zip(&want).all(|(&g, &w)| same(g, w) || (g - w).abs() <= rounding) {
        true => Ok(()),
        false => Err(format!("{what}: got {got:?}, want {want:?}")),
    }
}

fn on_tensors(case: &Reference, tape: Tape<f64>, grads: &Value) -> Result<(), String> {
    let inputs: Vars<f64> = case
        .get("inputs")
        .as_object()
        .expect("inputs")
        .iter()
        .map(|(name, value)| (name.clone(), tape.var(tensor::<f64>(value))))
        .collect();
    let results = row(case, &inputs).ok_or_else(|| format!("there is no operation `{}`", case.op()))?;
    for (name, y) in &results {
        all_same(case, &format!("value of {name}"), &y.value().to_vec(), &case.get("outputs")[*name])?;
        let Some(cotangent) = case.get("cotangent").get(*name) else { continue };
        let gradients = y.backward_with(&tensor(cotangent));
        for (input, want) in grads.as_object().into_iter().flatten() {
            all_same(case, &format!("gradient of {input}"), &gradients.of(&inputs[input]).or_zeros().to_vec(), want)?;
        }
    }
    Ok(())
}

fn on_scalars(case: &Reference) -> Result<(), String> {
    let inputs = case.get("inputs").as_object().expect("inputs");
    let numbers_only = inputs.values().all(|input| input["shape"].as_array().is_some_and(Vec::is_empty));
    if *case.get("level") == "consequence" || !numbers_only {
        return Ok(());
    }
    let tape = scalar::Tape::new();
    // In the order of the alphabet: a, b.
    let x = tape.vars(&inputs.values().map(|input| number(&input["data"][0])).collect::<Vec<f64>>());
    let y = match x[..] {
        [x] => unary_scalar(case.op(), case, x),
        [a, b] => binary_scalar(case.op(), a, b),
        _ => None,
    };
    let Some(y) = y else { return Ok(()) };
    all_same(case, "scalar value", &[y.value()], &case.get("outputs")["y"])?;
    let Some(cotangent) = case.get("cotangent").get("y") else { return Ok(()) };
    let gradients = (y * number(&cotangent["data"][0])).backward();
    for (key, &x) in inputs.keys().zip(&x) {
        if let Some(want) = case.get("grads").get(key) {
            all_same(case, &format!("scalar gradient of {key}"), &[gradients.of(x)], want)?;
        }
    }
    Ok(())
}

fn row(case: &Reference, x: &Vars<f64>) -> Option<operations::Results<f64>> {
    let op = case.op();
    let only = || x.values().next().expect("an input").clone();
    let at = |value: f64| only().constant(&Tensor::scalar(value));
    let positive = || only().greater(&at(0.0));
    let y = match op {
        "where_ln" => positive().choose(&only().ln(), &at(0.0)),
        "where_sqrt" => positive().choose(&only().sqrt(), &at(0.0)),
        "where_recip" => only().equal(&at(0.0)).choose(&at(0.0), &only().recip()),
        "where_exp" => only().less(&at(1.0)).choose(&only().exp(), &only()),
        "where_safe_ln" => positive().choose(&positive().choose(&only(), &at(1.0)).ln(), &at(0.0)),
        "sqrt_sum_square" => only().square().sum().sqrt(),
        "clamp_tensor" => x["x"].maximum(&x["min"]).minimum(&x["max"]),
        _ => {
            let by_name = match (x.get("a"), x.get("b")) {
                (Some(a), Some(b)) => binary(op, a.clone(), b.clone()),
                _ => unary(op, case, only()),
            };
            return by_name.map(|y| vec![("y", y)]).or_else(|| operations::apply(case, x));
        }
    };
    Some(vec![("y", y)])
}
