//! Every case of the reference files for the operations that exist, and an account of those that do not yet.

use autograd::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Vars<T> = BTreeMap<String, Var<T>>;

fn load(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/reference/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the test data is there");
    let file: Value = serde_json::from_str(&text).expect("the test data is JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("inf, -inf or nan"),
        Value::Bool(holds) => f64::from(u8::from(*holds)),
        _ => value.as_f64().expect("a number"),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn tensor<T: Real>(value: &Value) -> Tensor<T> {
    let shape: Vec<usize> = value["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    Tensor::from_vec(numbers(&value["data"]).into_iter().map(T::from_f64).collect(), &shape[..])
}

fn indices(value: &Value) -> Indices {
    let plain = tensor::<f64>(value);
    Indices::new(plain.to_vec().into_iter().map(|v| v as usize).collect(), plain.shape())
}

fn axes(value: &Value) -> autograd::Axes {
    match value.as_array() {
        None => autograd::Axes::from(..),
        Some(axes) => axes.iter().map(|a| a.as_i64().unwrap() as isize).collect::<Vec<_>>()[..].into(),
    }
}

fn list(value: &Value) -> Vec<isize> {
    value.as_array().unwrap().iter().map(|v| v.as_i64().unwrap() as isize).collect()
}

/// The outputs of a case's operation, or `None` where the operation does not exist yet.
fn apply<T: Real>(case: &Value, x: &Vars<T>) -> Option<Var<T>> {
    let (op, attrs, inputs) = (case["op"].as_str().unwrap(), &case["attrs"], &case["inputs"]);
    let only = || x.values().next().unwrap();
    let keep = attrs["keepdim"].as_bool().unwrap_or(false);
    let axis = || attrs["axis"].as_i64().unwrap() as isize;
    let axis_set = || axes(&attrs["axes"]);
    let variadic = || -> Vec<&Var<T>> { (0..x.len()).map(|i| &x[&format!("x{i}")]).collect() };
    let reduced = |with: fn(&Var<T>, autograd::Axes) -> Var<T>, keeping: fn(&Var<T>, autograd::Axes) -> Var<T>| {
        if keep { keeping(only(), axis_set()) } else { with(only(), axis_set()) }
    };
    Some(match op {
        "add" => &x["a"] + &x["b"],
        "sub" => &x["a"] - &x["b"],
        "mul" => &x["a"] * &x["b"],
        "div" => &x["a"] / &x["b"],
        "pow" => x["a"].pow(&x["b"]),
        "maximum" => x["a"].maximum(&x["b"]),
        "minimum" => x["a"].minimum(&x["b"]),
        "exp" => only().exp(),
        "tanh" => only().tanh(),
        "relu" => only().relu(),
        "square" => only().square(),
        "sum" => reduced(|x, a| x.sum_axes(a), |x, a| x.sum_keep(a)),
        "mean" => reduced(|x, a| x.mean_axes(a), |x, a| x.mean_keep(a)),
        "max" => reduced(|x, a| x.max_axes(a), |x, a| x.max_keep(a)),
        "min" => reduced(|x, a| x.min_axes(a), |x, a| x.min_keep(a)),
        "logsumexp" => {
            let y = only().logsumexp(axis_set());
            if keep {
                y.reshape(only().shape().reduced(&axis_set().resolve(&only().shape()).unwrap(), true))
            } else {
                y
            }
        }
        "softmax" => only().softmax(axis()),
        "log_softmax" => only().log_softmax(axis()),
        "matmul" => {
            let side = |name: &str, flag: &str| {
                let x = x[name].clone();
                if attrs[flag].as_bool().unwrap() { x.transpose() } else { x }
            };
            side("a", "transpose_a").matmul(&side("b", "transpose_b"))
        }
        "dot" => x["a"].matmul(&x["b"]),
        "outer" => x["a"].unsqueeze(1) * x["b"].unsqueeze(0),
        "reshape" => only().reshape(&list(&attrs["shape"])[..]),
        "permute" => Var::apply(autograd::ops::shape::Permute { axes: list(&attrs["axes"])[..].into() }, &[only()]),
        "broadcast_to" => {
            let shape: Vec<usize> = list(&attrs["shape"]).into_iter().map(|n| n as usize).collect();
            only().broadcast_to(&shape[..])
        }
        "squeeze" => only().squeeze(axis_set()),
        "unsqueeze" => {
            let mut places = list(&attrs["axes"]);
            let rank = (only().shape().rank() + places.len()) as isize;
            places.iter_mut().for_each(|p| *p = p.rem_euclid(rank));
            places.sort_unstable();
            places.into_iter().fold(only().clone(), |x, place| x.unsqueeze(place))
        }
        "slice" => {
            let place = |v: &Value| v.as_i64().map(|v| v as isize);
            let cuts = attrs["slices"].as_array().unwrap().iter().enumerate();
            cuts.fold(only().clone(), |x, (axis, cut)| {
                let slice = autograd::ops::shape::Slice {
                    axis: axis as isize,
                    start: place(&cut[0]),
                    end: place(&cut[1]),
                    step: place(&cut[2]).unwrap_or(1),
                };
                Var::apply(slice, &[&x])
            })
        }
        "concat" => Var::concat(&variadic(), axis()),
        "stack" => Var::stack(&variadic(), axis()),
        "gather" => x["x"].gather(axis(), indices(&inputs["index"])),
        "take" => {
            let index = indices(&inputs["index"]);
            x["x"].reshape([-1]).index_select(0, index)
        }
        "index_select" => x["x"].index_select(axis(), indices(&inputs["index"])),
        "embedding" if attrs["padding_idx"].is_null() => x["weight"].index_select(0, indices(&inputs["index"])),
        "where" | "masked_fill" => {
            let carrier = only();
            let mask = carrier.constant(&tensor(&inputs[if op == "where" { "cond" } else { "mask" }]));
            let mask = mask.greater(&carrier.constant(&Tensor::scalar(T::ZERO)));
            if op == "where" {
                mask.choose(&x["a"], &x["b"])
            } else {
                mask.choose(&carrier.constant(&Tensor::scalar(T::from_f64(number(&attrs["value"])))), &x["x"])
            }
        }
        "clamp" => {
            let bound = |name: &str, none: f64| attrs[name].as_f64().unwrap_or(none);
            only().clamp(bound("min", f64::NEG_INFINITY), bound("max", f64::INFINITY))
        }
        "cross_entropy"
            if attrs["soft"] == false
                && attrs["label_smoothing"] == 0.0
                && attrs["ignore_index"].is_null()
                && inputs["weight"].is_null() =>
        {
            let reduction = match attrs["reduction"].as_str().unwrap() {
                "mean" => Reduction::Mean,
                "sum" => Reduction::Sum,
                _ => Reduction::None,
            };
            x["x"].cross_entropy_with(indices(&inputs["t"]), reduction)
        }
        _ => return None,
    })
}

fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(1e-300, |m, v| f64::max(m, v.abs()))
}

#[track_caller]
fn assert_close<T: Real>(what: &str, got: &Tensor<T>, want: &Value, tolerance: f64, scale: f64) {
    let (got, want) = (got.cast::<f64>(), tensor::<f64>(want));
    assert_eq!(got.shape(), want.shape(), "{what}");
    for (i, (g, w)) in got.to_vec().into_iter().zip(want.to_vec()).enumerate() {
        assert!((g - w).abs() <= tolerance * scale, "{what}[{i}]: got {g:e}, want {w:e}, scale {scale:e}");
    }
}

fn magnitude(map: &Value) -> f64 {
    let tensors = map.as_object().into_iter().flat_map(|map| map.values());
    largest(tensors.flat_map(|t| numbers(&t["data"])))
}

/// Value, gradient, forward mode and Hessian-vector products (both orders) of one case. Whether it could be run.
fn check_case<T: Real>(case: &Value, tolerance: f64) -> bool {
    let name = case["name"].as_str().unwrap();
    let tape = Tape::<T>::keeping();
    let grads = case["grads"].as_object().cloned().unwrap_or_default();
    let mut vars = Vars::new();
    for (input, value) in case["inputs"].as_object().unwrap() {
        if value["dtype"].is_null() && (grads.contains_key(input) || grads.is_empty()) {
            vars.insert(input.clone(), tape.var(tensor::<T>(value)));
        } else if value["dtype"].is_null() {
            vars.insert(input.clone(), tape.constant(&tensor::<T>(value)));
        }
    }
    let Some(y) = apply(case, &vars) else { return false };
    let want = &case["outputs"]["y"];
    assert_close(&format!("{name}: y"), y.value(), want, tolerance, largest(numbers(&want["data"])));
    if grads.is_empty() {
        return true;
    }
    let scale = magnitude(&case["grads"]);
    let cotangent = tensor::<T>(&case["cotangent"]["y"]);
    let gradients = y.backward_with(&cotangent);
    let recorded = y.backward_recorded_with(&y.constant(&cotangent));
    let mut direction = Direction::new();
    for input in grads.keys() {
        direction = direction.along(&vars[input], tensor(&case["tangent"][input]));
    }
    for (input, want) in &grads {
        let x = &vars[input];
        assert_close(&format!("{name}: gradient of {input}"), &gradients.of(x).or_zeros(), want, tolerance, scale);
        let again = recorded.of(x).or_zeros_on(x);
        assert_close(&format!("{name}: recorded gradient of {input}"), again.value(), want, tolerance, scale);
    }
    let moved = y.push_forward(&direction);
    let want = &case["jvp"]["y"];
    assert_close(&format!("{name}: jvp"), &moved, want, tolerance, largest(numbers(&want["data"])).max(scale));

    // Hessian-vector products, forward over reverse and reverse over reverse.
    let scale = magnitude(&case["hvp"]).max(if case["hvp_zero"] == true { scale } else { 0.0 });
    let curved = y.curvature_with(&cotangent, &direction);
    let terms = grads.keys().filter_map(|input| {
        let x = &vars[input];
        let slope = recorded.of(x).value()?;
        Some((slope.clone() * x.constant(&tensor(&case["tangent"][input]))).sum())
    });
    let second = terms.reduce(|a, b| a + b).filter(|sum| sum.node().is_some()).map(|sum| sum.backward());
    for input in grads.keys() {
        let x = &vars[input];
        let zeros = Tensor::zeros(x.shape());
        let forward = curved.of(x).value().map_or(zeros.clone(), |dual| dual.tangent_or_zeros());
        let reverse = second.as_ref().map_or(zeros.clone(), |second| second.of(x).or_zeros());
        let want = if case["hvp_zero"] == true {
            serde_json::json!({"shape": x.shape().to_vec(), "data": vec![0.0; x.shape().elements()]})
        } else {
            case["hvp"][input].clone()
        };
        assert_close(&format!("{name}: forward-over-reverse of {input}"), &forward, &want, 100.0 * tolerance, scale);
        assert_close(&format!("{name}: reverse-over-reverse of {input}"), &reverse, &want, 100.0 * tolerance, scale);
    }
    true
}

fn run_file<T: Real>(file: &str, tolerance: f64) -> (usize, BTreeSet<String>) {
    let (mut ran, mut missing) = (0, BTreeSet::new());
    for case in load(file) {
        if check_case::<T>(&case, tolerance) {
            ran += 1;
        } else {
            missing.insert(case["op"].as_str().unwrap().to_string());
        }
    }
    (ran, missing)
}

/// Operations of the reference that are still to come.
const TO_COME: &[&str] = &[
    "adaptive_avg_pool2d",
    "argmax",
    "argmin",
    "atan2",
    "avg_pool2d",
    "batch_norm",
    "batch_norm_eval",
    "cdist",
    "cholesky",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_similarity",
    "cumprod",
    "cumsum",
    "det",
    "diag",
    "einsum",
    "embedding",
    "flip",
    "group_norm",
    "hypot",
    "inv",
    "kron",
    "layer_norm",
    "logaddexp",
    "max_pool2d",
    "norm",
    "one_hot",
    "pad",
    "pairwise_distance",
    "prod",
    "remainder",
    "repeat_interleave",
    "rms_norm",
    "roll",
    "scatter_add",
    "slogdet",
    "solve",
    "sort",
    "split",
    "std",
    "tile",
    "topk",
    "trace",
    "tril",
    "triu",
    "upsample_bilinear2d",
    "upsample_nearest2d",
    "var",
];

#[test]
fn tensor_operations_in_double_precision() {
    let (ran, missing) = run_file::<f64>("tensor_ops", 1e-12);
    assert_eq!(ran, 192);
    assert_eq!(missing.iter().map(String::as_str).collect::<Vec<_>>(), TO_COME);
}

#[test]
fn tensor_operations_in_single_precision() {
    assert_eq!(run_file::<f32>("tensor_ops", 1e-5).0, 192);
}

#[test]
fn cross_entropy_in_both_precisions() {
    assert_eq!(run_file::<f64>("losses", 1e-12).0, 5);
    assert_eq!(run_file::<f32>("losses", 1e-5).0, 5);
}

/// A function of one variable by name, with its constants.
fn unary<T: Real>(op: &str, attrs: &Value, x: &Var<T>) -> Option<Var<T>> {
    Some(match op {
        "neg" => -x,
        "abs" => x.abs(),
        "square" => x.square(),
        "sqrt" => x.sqrt(),
        "recip" => x.recip(),
        "exp" => x.exp(),
        "expm1" => x.exp_m1(),
        "ln" => x.ln(),
        "log1p" => x.ln_1p(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tanh" => x.tanh(),
        "sigmoid" => x.sigmoid(),
        "softplus" => x.softplus(),
        "relu" => x.relu(),
        "leaky_relu" => x.leaky_relu(number(&attrs["slope"])),
        "elu" => x.elu(number(&attrs["alpha"])),
        "gelu" => x.gelu(),
        "gelu_tanh" => x.gelu_tanh(),
        "silu" => x.silu(),
        "erf" => x.erf(),
        "erfc" => x.erfc(),
        "step" => x.step(),
        "hardtanh" => x.clamp(-1.0, 1.0),
        "relu6" => x.clamp(0.0, 6.0),
        "relu_square" => x.relu().square(),
        "abs_pow" => x.abs().powf(number(&attrs["p"])),
        "xlogx" => x * x.ln(),
        _ => return None,
    })
}

fn binary<T: Real>(op: &str, a: &Var<T>, b: &Var<T>) -> Option<Var<T>> {
    Some(match op {
        "add" => a + b,
        "sub" => a - b,
        "mul" | "mul_inf" => a * b,
        "div" => a / b,
        "pow" => a.pow(b),
        "maximum" => a.maximum(b),
        "minimum" => a.minimum(b),
        _ => return None,
    })
}

/// What a point of a region may be off by: relative to the value, and absolutely.
fn allowance(region: &str, order: usize) -> (f64, f64) {
    match region {
        // Derivatives of saturated tails may be written so that they lose relative accuracy.
        "huge" | "extreme" | "saturated" if order > 0 => (1e-12, 1e-15),
        "near_one" | "near_pole" | "near_zero" | "near_step" | "cancel" if order > 0 => (1e-9, 1e-14),
        "near_one" | "near_pole" | "near_zero" | "near_step" | "cancel" => (1e-13, 0.0),
        "saturated" => (1e-13, 0.0),
        _ if order == 2 => (1e-12, 1e-15),
        _ if order == 1 => (2e-14, 1e-15),
        _ => (2e-14, 1e-300),
    }
}

/// Compares a list of points, and returns what is off.
fn compare(what: &str, got: &[f64], want: &[f64], regions: &[&str], order: usize) -> Vec<String> {
    let mut off = Vec::new();
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let (relative, absolute) = allowance(regions[i], order);
        let fine = g == w || (g.is_nan() && w.is_nan()) || (g - w).abs() <= relative * w.abs() + absolute;
        if !fine {
            off.push(format!("{what} at point {i} ({}): got {g:e}, want {w:e}", regions[i]));
        }
    }
    off
}

#[test]
fn elementwise_functions_at_every_point() {
    let (mut ran, mut off) = (0, Vec::new());
    for case in load("elementwise") {
        let op = case["op"].as_str().unwrap();
        let regions: Vec<&str> = case["region"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
        let tape = Tape::<f64>::keeping();
        let var = |name: &str| tape.var(numbers(&case[name]));
        let mut check = |what: &str, got: &Tensor<f64>, want: &str, order| {
            off.extend(compare(&format!("{op} {what}"), &got.to_vec(), &numbers(&case[want]), &regions, order));
        };
        if case["arity"] == 1 {
            let x = var("x");
            let Some(y) = unary(op, &case["attrs"], &x) else { continue };
            check("value", y.value(), "f", 0);
            let slope = y.sum().backward_recorded().of(&x).or_zeros_on(&x);
            check("slope", slope.value(), "d1", 1);
            if slope.node().is_some() {
                check("curvature", &slope.sum().backward().of(&x).or_zeros(), "d2", 2);
            }
        } else {
            let (a, b) = (var("a"), var("b"));
            let Some(y) = binary(op, &a, &b) else { continue };
            check("value", y.value(), "f", 0);
            let gradients = y.sum().backward();
            check("slope along a", &gradients.of(&a).or_zeros(), "da", 1);
            check("slope along b", &gradients.of(&b).or_zeros(), "db", 1);
        }
        ran += 1;
    }
    assert!(off.is_empty(), "{} points are off:\n{}", off.len(), off.join("\n"));
    assert_eq!(ran, 31);
}

#[test]
fn conventions_at_points_without_a_derivative() {
    let mut ran = Vec::new();
    for case in load("kinks") {
        for strict in [false, true] {
            let expected = if strict { &case["strict_grads"] } else { &case["grads"] };
            if strict && expected.is_null() {
                continue;
            }
            let tape = if strict { Tape::<f64>::new().strict() } else { Tape::new() };
            let inputs: Vars<f64> = case["inputs"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.clone(), tape.var(tensor::<f64>(value))))
                .collect();
            let Some(y) = kink(&case, &inputs) else { continue };
            let name = case["name"].as_str().unwrap();
            let same = |got: f64, want: f64| {
                got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= 4.0 * f64::EPSILON * want.abs()
            };
            let outputs = case["outputs"].get("y").or(case["outputs"].get("values")).unwrap();
            for (got, want) in y.value().to_vec().into_iter().zip(numbers(&outputs["data"])) {
                assert!(same(got, want), "{name}: value {got}, want {want}");
            }
            if let (Some(cotangent), Some(grads)) = (case["cotangent"].get("y"), expected.as_object()) {
                let gradients = y.backward_with(&tensor(cotangent));
                for (input, want) in grads {
                    let got = gradients.of(&inputs[input]).or_zeros().to_vec();
                    for (got, want) in got.into_iter().zip(numbers(&want["data"])) {
                        assert!(same(got, want), "{name} (strict: {strict}): gradient of {input} {got}, want {want}");
                    }
                }
            }
            ran.push(name.to_string());
        }
    }
    assert_eq!(ran.len(), 69, "{ran:?}");
}

fn kink(case: &Value, x: &Vars<f64>) -> Option<Var<f64>> {
    let op = case["op"].as_str().unwrap();
    let only = || x.values().next().unwrap();
    let at = |value: f64| only().constant(&Tensor::scalar(value));
    let positive = || only().greater(&at(0.0));
    Some(match op {
        "where_ln" => positive().choose(&only().ln(), &at(0.0)),
        "where_sqrt" => positive().choose(&only().sqrt(), &at(0.0)),
        "where_recip" => only().equal(&at(0.0)).choose(&at(0.0), &only().recip()),
        "where_exp" => only().less(&at(1.0)).choose(&only().exp(), only()),
        "where_safe_ln" => positive().choose(&positive().choose(only(), &at(1.0)).ln(), &at(0.0)),
        "sqrt_sum_square" => only().square().sum().sqrt(),
        "clamp_tensor" => x["x"].maximum(&x["min"]).minimum(&x["max"]),
        _ => {
            let by_name =
                if x.len() == 2 { binary(op, x.get("a")?, x.get("b")?) } else { unary(op, &case["attrs"], only()) };
            return by_name.or_else(|| apply(case, x));
        }
    })
}

/// A scalar program as an expression tree.
fn program<T: Real>(node: &Value, x: &[Var<T>], defs: &[Var<T>]) -> Option<Var<T>> {
    if let Some(c) = node.as_f64() {
        return Some(x[0].constant(&Tensor::scalar(T::from_f64(c))));
    }
    let parts = node.as_array().unwrap();
    let op = parts[0].as_str().unwrap();
    match op {
        "x" => return Some(x[parts[1].as_u64().unwrap() as usize].clone()),
        "def" => return Some(defs[parts[1].as_u64().unwrap() as usize].clone()),
        _ => {}
    }
    let arguments: Vec<Var<T>> = parts[1..].iter().map(|part| program(part, x, defs)).collect::<Option<_>>()?;
    match &arguments[..] {
        [a] => unary(op, &Value::Null, a),
        [a, b] => binary(
            match op {
                "max" => "maximum",
                "min" => "minimum",
                op => op,
            },
            a,
            b,
        ),
        _ => None,
    }
}

#[test]
fn whole_programs_with_their_hessians() {
    let mut ran = 0;
    for case in load("programs").iter().filter(|case| case["op"] == "program") {
        let name = case["name"].as_str().unwrap();
        let point = tensor::<f64>(&case["inputs"]["x"]);
        let n = point.elements();
        let build = |all: &Var<f64>| -> Option<Var<f64>> {
            let x: Vec<Var<f64>> = (0..n as isize).map(|i| all.slice(0, i..i + 1).reshape([])).collect();
            let mut defs: Vec<Var<f64>> = Vec::new();
            for def in case["program"]["defs"].as_array().unwrap() {
                defs.push(program(def, &x, &defs)?);
            }
            program(&case["program"]["out"], &x, &defs)
        };
        if build(&Tape::new().var(point.clone())).is_none() {
            continue;
        }
        let baseline = numbers(&case["f64_baseline"]);
        let bound = |i: usize| 100.0 * baseline[i].max(1e-16);
        let (value, gradient) = autograd::transform::value_and_grad(|x: &Var<f64>| build(x).unwrap(), &point);
        let close = |what: &str, got: &[f64], want: &Value, bound: f64| {
            let want = if want.is_array() { numbers(want) } else { numbers(&want["data"]) };
            let scale = largest(want.iter().copied());
            for (g, w) in got.iter().zip(&want) {
                assert!((g - w).abs() <= bound * scale, "{name}: {what} {g:e}, want {w:e} within {:e}", bound * scale);
            }
        };
        close("value", &[value], &case["outputs"]["y"], bound(0));
        close("gradient", &gradient.to_vec(), &case["grads"]["x"], bound(1));
        let hessian = autograd::transform::hessian(|x: &Var<f64>| build(x).unwrap(), &point);
        close("hessian", &hessian.to_vec(), &case["hessian"], bound(2));
        ran += 1;
    }
    assert_eq!(ran, 45);
}
