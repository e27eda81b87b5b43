//! Optimizers, metrics and whole training runs against values from other tools, in double precision.

use nn::metrics::{self, Average, ConfusionMatrix};
use nn::prelude::*;
use serde_json::Value;

fn load(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/reference/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the test data is there");
    let file: Value = serde_json::from_str(&text).expect("the test data is JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value["data"].as_array().expect("a tensor").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn tensor(value: &Value) -> Tensor<f64> {
    let shape: Vec<usize> = value["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    Tensor::from_vec(numbers(value), &shape[..])
}

fn whole(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|v| v as usize).collect()
}

#[track_caller]
fn assert_close(what: &str, got: &[f64], want: &[f64], bound: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1e-300, |m: f64, v| m.max(v.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).abs() <= bound * scale, "{what}[{i}]: got {g:e}, want {w:e}");
    }
}

// ---- optimizers --------------------------------------------------------------------------------------------

/// One optimizer of several kinds, with the settings of a case.
enum Any {
    Sgd(Sgd<f64>),
    Adam(Adam<f64>),
    AdamW(AdamW<f64>),
}

impl Any {
    fn new(name: &str, attrs: &Value) -> Option<Self> {
        let number = |name: &str, default: f64| attrs[name].as_f64().unwrap_or(default);
        if attrs["amsgrad"] == true || !attrs["groups"].is_null() {
            return None;
        }
        let (rate, beta) = (attrs["lr"].as_f64().unwrap(), |i: usize, d: f64| attrs["betas"][i].as_f64().unwrap_or(d));
        Some(match name {
            "sgd" => Any::Sgd(Sgd {
                momentum: number("momentum", 0.0),
                dampening: number("dampening", 0.0),
                weight_decay: number("weight_decay", 0.0),
                nesterov: attrs["nesterov"] == true,
                ..Sgd::new(rate)
            }),
            "adam" => Any::Adam(Adam {
                beta1: beta(0, 0.9),
                beta2: beta(1, 0.999),
                epsilon: number("eps", 1e-8),
                weight_decay: number("weight_decay", 0.0),
                ..Adam::new(rate)
            }),
            "adamw" => Any::AdamW(AdamW {
                beta1: beta(0, 0.9),
                beta2: beta(1, 0.999),
                epsilon: number("eps", 1e-8),
                weight_decay: number("weight_decay", 0.01),
                ..AdamW::new(rate)
            }),
            _ => return None,
        })
    }

    fn step(&mut self, model: &mut impl Module<f64>, gradients: &Gradients<Tensor<f64>>) {
        match self {
            Any::Sgd(optimizer) => optimizer.step(model, gradients),
            Any::Adam(optimizer) => optimizer.step(model, gradients),
            Any::AdamW(optimizer) => optimizer.step(model, gradients),
        }
    }
}

/// The objective of the optimizer cases, as an expression tree.
fn program(node: &Value, x: &Var<f64>) -> Var<f64> {
    if let Some(c) = node.as_f64() {
        return x.constant(&Tensor::from([c]));
    }
    let part = |i: usize| program(&node[i], x);
    match node[0].as_str().unwrap() {
        "x" => {
            let i = node[1].as_i64().unwrap() as isize;
            x.slice(0, i..i + 1)
        }
        "add" => part(1) + part(2),
        "sub" => part(1) - part(2),
        "mul" => part(1) * part(2),
        "div" => part(1) / part(2),
        "square" => part(1).square(),
        "sin" => part(1).sin(),
        "cos" => part(1).cos(),
        "exp" => part(1).exp(),
        "pow" => part(1).pow(&part(2)),
        other => panic!("the objective uses `{other}`"),
    }
}

#[test]
fn optimizers_follow_their_recurrences() {
    let (mut ran, mut left) = (0, Vec::new());
    for case in load("optimizers") {
        let name = case["name"].as_str().unwrap();
        let listed_every_tenth = name == "adam_square_200";
        let settings = Any::new(case["op"].as_str().unwrap(), &case["attrs"]).filter(|_| !listed_every_tenth);
        let Some(mut optimizer) = settings else {
            left.push(name.to_string());
            continue;
        };
        let mut p = Param::new(tensor(&case["inputs"]["initial"]));
        let want = tensor(&case["outputs"]["trajectory"]);
        for step in 0..20 {
            let (loss, gradients) = gradient(|tape| {
                let x = tape.param(&p);
                if case["objective"].is_null() {
                    // A loss whose gradient is the one that is listed.
                    let listed = tensor(&case["inputs"]["gradients"]).slice(0, step..step + 1).reshape([-1]);
                    (x * tape.constant(&listed)).sum()
                } else {
                    program(&case["objective"]["out"], &x).sum()
                }
            });
            if !case["outputs"]["loss"].is_null() {
                let want = numbers(&case["outputs"]["loss"])[step as usize];
                assert!((loss - want).abs() <= 1e-10 * want.abs(), "{name} step {step}: loss {loss}, want {want}");
            }
            optimizer.step(&mut p, &gradients);
            let want = want.slice(0, step..step + 1).to_vec();
            assert_close(&format!("{name} step {step}"), &p.value().to_vec(), &want, 1e-10);
        }
        ran += 1;
    }
    assert_eq!(ran, 16, "left: {left:?}");
    assert!(
        left.iter().all(|name| ["amsgrad", "strong", "square", "group"].iter().any(|part| name.contains(part))),
        "{left:?}"
    );
}

/// The first steps of Adam on x², to fifteen digits.
#[test]
fn adam_on_a_parabola() {
    let mut p = Param::new(Tensor::from([1.0_f64]));
    let mut adam = Adam::new(0.1);
    for want in [0.9000000005, 0.80041222869179215, 0.70158627294602955, 0.60393906057374484, 0.50796365926434068] {
        let (_, gradients) = gradient(|tape| tape.param(&p).square().sum());
        adam.step(&mut p, &gradients);
        assert!((p.value().item() - want).abs() < 1e-14, "{} {want}", p.value().item());
    }
}

// ---- metrics -----------------------------------------------------------------------------------------------

#[test]
fn metrics_of_classifiers() {
    let mut ran = 0;
    for case in load("metrics") {
        let (op, attrs) = (case["op"].as_str().unwrap(), &case["attrs"]);
        if attrs["zero_division"] == 1.0 {
            continue; // here 0/0 counts as 0
        }
        let (actual, predicted) = (whole(&case["inputs"]["true"]), whole(&case["inputs"]["pred"]));
        let outputs = &case["outputs"];
        let classes = attrs["classes"].as_u64().unwrap_or(2) as usize;
        let matrix = ConfusionMatrix::new(&predicted, &actual, classes);
        match op {
            "accuracy" => {
                assert_close("accuracy", &[metrics::accuracy(&predicted, &actual)], &numbers(&outputs["value"]), 1e-14)
            }
            "confusion_matrix" => {
                let counts: Vec<f64> = matrix.counts().iter().flatten().map(|&n| n as f64).collect();
                assert_close("counts", &counts, &numbers(&outputs["counts"]), 0.0);
            }
            _ => {
                let scores = match attrs["average"].as_str().unwrap() {
                    "none" => (0..classes).map(|class| matrix.class(class)).collect(),
                    "binary" => vec![matrix.class(1)],
                    "micro" => vec![matrix.average(Average::Micro)],
                    "macro" => vec![matrix.average(Average::Macro)],
                    _ => vec![matrix.average(Average::Weighted)],
                };
                let of = |f: fn(&metrics::ClassScores) -> f64| scores.iter().map(f).collect::<Vec<f64>>();
                assert_close("precision", &of(|s| s.precision), &numbers(&outputs["precision"]), 1e-14);
                assert_close("recall", &of(|s| s.recall), &numbers(&outputs["recall"]), 1e-14);
                assert_close("f1", &of(|s| s.f1), &numbers(&outputs["f1"]), 1e-14);
            }
        }
        ran += 1;
    }
    assert_eq!(ran, 32);
}

// ---- training runs -----------------------------------------------------------------------------------------

/// Linear layers with an activation between them.
#[derive(Module)]
#[module(real = "f64")]
struct Dense {
    layers: Vec<Linear<f64>>,
    #[module(skip)]
    tanh: bool,
}

impl Dense {
    fn new(weights: Vec<Tensor<f64>>, tanh: bool) -> Self {
        let layers = weights
            .chunks(2)
            .map(|pair| Linear { weight: Param::new(pair[0].clone()), bias: Some(Param::new(pair[1].clone())) });
        Dense { layers: layers.collect(), tanh }
    }
}

impl Layer<f64> for Dense {
    fn forward<A: Array<f64>>(&self, x: A) -> A {
        let last = self.layers.len() - 1;
        self.layers.iter().enumerate().fold(x, |x, (i, layer)| {
            let y = layer.forward(x);
            match (i == last, self.tanh) {
                (true, _) => y,
                (_, true) => y.tanh(),
                _ => y.relu(),
            }
        })
    }
}

#[test]
fn small_networks_step_by_step() {
    let (mut ran, mut left) = (0, Vec::new());
    for case in load("programs") {
        let (name, attrs, inputs) = (case["name"].as_str().unwrap(), &case["attrs"], &case["inputs"]);
        let Some(mut optimizer) = Any::new(attrs["optimizer"]["name"].as_str().unwrap(), &attrs["optimizer"]) else {
            left.push(name.to_string());
            continue;
        };
        let layers = attrs["layers"].as_array().unwrap().len() - 1;
        let names: Vec<String> = (0..layers).flat_map(|i| [format!("w{i}"), format!("b{i}")]).collect();
        let weights = names.iter().map(|name| tensor(&inputs[name])).collect();
        let mut net = Dense::new(weights, attrs["activation"] == "tanh");
        let rows = tensor(&inputs["x"]).shape()[0];
        for step in 0..10 {
            let batch: Vec<usize> = match attrs["batches"].as_array() {
                Some(batches) => {
                    batches[step].as_array().unwrap().iter().map(|i| i.as_u64().unwrap() as usize).collect()
                }
                None => (0..rows).collect(),
            };
            let x = tensor(&inputs["x"]).index_select(0, &batch);
            let (loss, gradients) = gradient(|tape| {
                let y = net.forward(tape.constant(&x));
                match attrs["loss"].as_str().unwrap() {
                    "cross_entropy" => {
                        let labels = whole(&inputs["t"]);
                        y.cross_entropy(batch.iter().map(|&i| labels[i]).collect::<Vec<_>>())
                    }
                    kind => {
                        let t = tape.constant(&tensor(&inputs["t"]).index_select(0, &batch));
                        match kind {
                            "mse" => loss::mse(&y, &t, Reduction::Mean),
                            "huber" => loss::huber(&y, &t, 1.0, Reduction::Mean),
                            _ => loss::binary_cross_entropy_from_logits(&y, &t, Reduction::Mean),
                        }
                    }
                }
            });
            let want = numbers(&case["outputs"]["loss"])[step];
            assert!((loss - want).abs() <= 1e-9 * want.abs(), "{name} step {step}: loss {loss:e}, want {want:e}");
            optimizer.step(&mut net, &gradients);
            for (weight, name_of) in net.values().iter().zip(&names) {
                let at = step as isize;
                let want = tensor(&case["outputs"][name_of]).slice(0, at..at + 1).to_vec();
                assert_close(&format!("{name} step {step}: {name_of}"), &weight.to_vec(), &want, 1e-9);
            }
        }
        ran += 1;
    }
    assert_eq!(ran, 4);
    assert_eq!(left, ["mlp_gelu_smooth_ce_rmsprop_clip"], "only what needs an optimizer that is not there yet");
}

#[test]
fn whole_training_runs() {
    let mut ran = 0;
    for case in load("training") {
        let (op, attrs, inputs) = (case["op"].as_str().unwrap(), &case["attrs"], &case["inputs"]);
        let names: Vec<&str> = attrs["parameters"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        let mut net = Dense::new(names.iter().map(|name| tensor(&inputs[name])).collect(), false);
        let mut optimizer = Any::new("adam", &attrs["optimizer"]).unwrap();
        let batches = attrs["batches"].as_array().unwrap();
        let mut losses = Vec::new();
        for step in 0..attrs["steps"].as_u64().unwrap() as usize {
            let rows: Vec<usize> = batches[step % batches.len()]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i.as_u64().unwrap() as usize)
                .collect();
            let select = |name: &str| tensor(&inputs[name]).index_select(0, &rows);
            let (loss, gradients) = gradient(|tape| {
                let (y, t) = (net.forward(tape.constant(&select("x"))), tape.constant(&select("target")));
                if op == "xor" {
                    loss::binary_cross_entropy(&y.sigmoid(), &t, Reduction::Mean)
                } else {
                    loss::categorical_cross_entropy(&y.softmax(-1), &t, Reduction::Mean)
                }
            });
            losses.push(loss);
            optimizer.step(&mut net, &gradients);
            if let Some(weights) = case["weights"][(step + 1).to_string()].as_object() {
                let want: Vec<f64> = names.iter().flat_map(|name| numbers(&weights[*name])).collect();
                let got: Vec<f64> = net.values().iter().flat_map(Tensor::to_vec).collect();
                assert_close(&format!("{op} weights after step {}", step + 1), &got, &want, 1e-10);
            }
        }
        assert_close(&format!("{op} losses"), &losses, &numbers(&case["outputs"]["loss"]), 1e-10);
        ran += 1;
    }
    assert_eq!(ran, 2);
}
