//! Values, gradients, forward mode and curvature of a case against its file.

use super::json::{Reference, Vars, numbers, tensor};
use super::operations::Results;
use autograd::prelude::*;
use serde_json::{Map, Value};

/// The worst differences of a case, each as a fraction of what the file's README allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    /// Of outputs.
    pub value: f64,
    /// Of gradients and push-forwards.
    pub first_order: f64,
    /// Of Hessian-vector products.
    pub second_order: f64,
}

pub(super) fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(1e-300, |m, v| f64::max(m, v.abs()))
}

fn magnitude(map: &Map<String, Value>) -> f64 {
    largest(map.values().flat_map(|tensor| numbers(&tensor["data"])))
}

/// Compares a tensor with its expected value and notes how much of `bound` the worst element uses.
fn close<T: Real>(what: &str, got: &Tensor<T>, want: &Value, bound: f64, worst: &mut f64) -> Result<(), String> {
    let (got, want) = (got.cast::<f64>(), tensor::<f64>(want));
    if got.shape() != want.shape() {
        return Err(format!("{what} has shape {}, want {}", got.shape(), want.shape()));
    }
    for (i, (g, w)) in got.to_vec().into_iter().zip(want.to_vec()).enumerate() {
        let used = if g == w { 0.0 } else { (g - w).abs() / bound };
        if used.is_nan() || used > 1.0 {
            return Err(format!("{what}[{i}]: got {g:e}, want {w:e} within {bound:e}"));
        }
        *worst = worst.max(used);
    }
    Ok(())
}

/// Value, gradient (fused and recorded), forward mode and Hessian-vector products (both orders) of one case.
pub(super) fn check<T: Real>(
    case: &Reference,
    tolerance: f64,
    apply: fn(&Reference, &Vars<T>) -> Option<Results<T>>,
) -> Result<Worst, String> {
    let mut worst = Worst::default();
    let nothing = Map::new();
    let object = |key: &str| case.get(key).as_object().unwrap_or(&nothing).clone();
    let (grads, outputs, cotangents) = (object("grads"), object("outputs"), object("cotangent"));

    let tape = Tape::<T>::keeping();
    let mut vars = Vars::new();
    for (input, value) in object("inputs") {
        if value["dtype"].is_null() && (grads.contains_key(&input) || grads.is_empty()) {
            vars.insert(input, tape.var(tensor::<T>(&value)));
        } else if value["dtype"].is_null() {
            vars.insert(input, tape.constant(&tensor::<T>(&value)));
        }
    }
    let results = apply(case, &vars).ok_or_else(|| format!("there is no operation `{}`", case.op()))?;
    let scale = magnitude(&outputs);
    for (name, got) in &results {
        close(name, got.value(), &outputs[*name], tolerance * scale, &mut worst.value)?;
    }
    if grads.is_empty() {
        return Ok(worst);
    }

    // What is differentiated: Σ over outputs of cotangent · output.
    let weighed = results.iter().filter_map(|(name, y)| {
        let cotangent = tensor::<T>(cotangents.get(*name)?);
        Some((y.clone() * y.constant(&cotangent)).sum())
    });
    let root = weighed.reduce(|a, b| a + b).ok_or("no output has a cotangent")?;
    let scale = magnitude(&grads);
    let (gradients, recorded) = (root.backward(), root.backward_recorded());
    let mut direction = Direction::new();
    for (input, want) in &grads {
        let x = &vars[input];
        let bound = tolerance * scale;
        close(&format!("gradient of {input}"), &gradients.of(x).or_zeros(), want, bound, &mut worst.first_order)?;
        let again = recorded.of(x).or_zeros_on(x);
        close(&format!("recorded gradient of {input}"), again.value(), want, bound, &mut worst.first_order)?;
        direction = direction.along(x, tensor(&case.get("tangent")[input]));
    }
    for (name, y) in &results {
        let Some(want) = case.get("jvp").get(*name) else { continue };
        let bound = tolerance * largest(numbers(&want["data"])).max(scale);
        close(&format!("jvp of {name}"), &y.push_forward(&direction), want, bound, &mut worst.first_order)?;
    }

    // Hessian-vector products, forward over reverse and reverse over reverse.
    let products = object("hvp");
    let scale = magnitude(&products).max(if products.is_empty() { scale } else { 0.0 });
    let curved = root.curvature(&direction);
    let terms = grads.keys().filter_map(|input| {
        let x = &vars[input];
        Some((recorded.of(x).value()?.clone() * x.constant(&tensor(&case.get("tangent")[input]))).sum())
    });
    let second = terms.reduce(|a, b| a + b).filter(|sum| sum.node().is_some()).map(|sum| sum.backward());
    for input in grads.keys() {
        let x = &vars[input];
        let zeros = Tensor::zeros(x.shape());
        let forward = curved.of(x).value().map_or(zeros.clone(), |dual| dual.tangent_or_zeros());
        let reverse = second.as_ref().map_or(zeros.clone(), |second| second.of(x).or_zeros());
        let zero = serde_json::json!({"shape": x.shape().to_vec(), "data": vec![0.0; x.shape().elements()]});
        let want = products.get(input).unwrap_or(&zero);
        let bound = 100.0 * tolerance * scale;
        close(&format!("forward over reverse of {input}"), &forward, want, bound, &mut worst.second_order)?;
        close(&format!("reverse over reverse of {input}"), &reverse, want, bound, &mut worst.second_order)?;
    }
    Ok(worst)
}
