//! Optimizers, metrics and whole training runs against values from other tools, in double precision.

#[path = "reference/metrics.rs"]
mod metrics;
#[path = "reference/optimizers.rs"]
mod optimizers;
#[path = "reference/schedules.rs"]
mod schedules;
#[path = "reference/training.rs"]
mod training;

use nn::optim::clip_norm;
use nn::prelude::*;
use optimizers::optimizer;
use serde_json::Value;

fn load(name: &str) -> Vec<Value> {
    load_from("tests/data/reference", name)
}

/// The cases of a file, in a folder beside this crate's manifest.
fn load_from(folder: &str, name: &str) -> Vec<Value> {
    let path = format!("{}/{folder}/{name}.json", env!("CARGO_MANIFEST_DIR"));
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

// ---- training runs -----------------------------------------------------------------------------------------

/// Linear layers with an activation between them.
#[derive(Module)]
#[module(real = "f64")]
struct Dense {
    layers: Vec<Linear<f64>>,
    activation: String,
}

impl Dense {
    fn new(weights: Vec<Tensor<f64>>, activation: &str) -> Self {
        let layers = weights
            .chunks(2)
            .map(|pair| Linear { weight: Param::new(pair[0].clone()), bias: Some(Param::new(pair[1].clone())) });
        Dense { layers: layers.collect(), activation: activation.to_string() }
    }
}

impl Layer<f64> for Dense {
    fn forward<A: Array<f64>>(&self, x: A) -> A {
        let last = self.layers.len() - 1;
        self.layers.iter().enumerate().fold(x, |x, (i, layer)| {
            let y = layer.forward(x);
            match self.activation.as_str() {
                _ if i == last => y,
                "tanh" => y.tanh(),
                "gelu" => y.gelu(),
                "relu" => y.relu(),
                other => panic!("no activation `{other}`"),
            }
        })
    }
}

#[test]
fn small_networks_step_by_step() {
    let mut ran = 0;
    // They stand with the programs of one pass, on which the proof draws.
    let traces = load_from("../proof/data/reference", "programs").into_iter().filter(|case| case["op"] == "mlp_trace");
    for case in traces {
        let (name, attrs, inputs) = (case["name"].as_str().unwrap(), &case["attrs"], &case["inputs"]);
        let mut optimizer = optimizer(attrs["optimizer"]["name"].as_str().unwrap(), &attrs["optimizer"]);
        let layers = attrs["layers"].as_array().unwrap().len() - 1;
        let names: Vec<String> = (0..layers).flat_map(|i| [format!("w{i}"), format!("b{i}")]).collect();
        let weights = names.iter().map(|name| tensor(&inputs[name])).collect();
        let mut net = Dense::new(weights, attrs["activation"].as_str().unwrap());
        let rows = tensor(&inputs["x"]).shape()[0];
        let loss_of = |net: &Dense, batch: &[usize], tape: &Tape<f64>| {
            let y = net.forward(tape.constant(&tensor(&inputs["x"]).index_select(0, batch)));
            match attrs["loss"].as_str().unwrap() {
                "cross_entropy" => {
                    let labels = whole(&inputs["t"]);
                    let smoothing = attrs["label_smoothing"].as_f64().unwrap_or(0.0);
                    let labels = batch.iter().map(|&i| labels[i]).collect::<Vec<_>>();
                    y.cross_entropy_with(labels, ClassLoss::new().with_label_smoothing(smoothing))
                }
                kind => {
                    let t = tape.constant(&tensor(&inputs["t"]).index_select(0, batch));
                    match kind {
                        "mse" => loss::mse(&y, &t, Reduction::Mean),
                        "huber" => loss::huber(&y, &t, 1.0, Reduction::Mean),
                        _ => loss::binary_cross_entropy_from_logits(&y, &t, Reduction::Mean),
                    }
                }
            }
        };
        let all: Vec<usize> = (0..rows).collect();
        for step in 0..10 {
            let batch: Vec<usize> = match attrs["batches"].as_array() {
                Some(batches) => {
                    batches[step].as_array().unwrap().iter().map(|i| i.as_u64().unwrap() as usize).collect()
                }
                None => all.clone(),
            };
            let (loss, mut gradients) = gradient(|tape| loss_of(&net, &batch, tape));
            let want = numbers(&case["outputs"]["loss"])[step];
            assert!((loss - want).abs() <= 1e-9 * want.abs(), "{name} step {step}: loss {loss:e}, want {want:e}");
            if let Some(most) = attrs["clip_grad_norm"].as_f64() {
                gradients = clip_norm(gradients, most, 2.0).0;
            }
            optimizer.step(&mut net, &gradients);
            for (weight, name_of) in net.values().iter().zip(&names) {
                let at = step as isize;
                let want = tensor(&case["outputs"][name_of]).slice(0, at..at + 1).to_vec();
                assert_close(&format!("{name} step {step}: {name_of}"), &weight.to_vec(), &want, 1e-9);
            }
        }
        let loss = gradient(|tape| loss_of(&net, &all, tape)).0;
        assert_close(&format!("{name}: final loss"), &[loss], &numbers(&case["outputs"]["final_loss"]), 1e-9);
        ran += 1;
    }
    assert_eq!(ran, 5);
}
