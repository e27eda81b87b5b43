//! Whole training runs from stated weights, step by step, against PyTorch: losses, gradient norms, weights, statistics.

use crate::optimizers::optimizer;
use crate::{assert_close, load, numbers, tensor, whole};
use nn::data::Dataset;
use nn::optim::clip_norm;
use nn::prelude::*;
use nn::train::{StepRecord, StepView, Trainer};
use serde_json::Value;
use std::cell::Cell;
use std::f64::consts::PI;
use std::ops::ControlFlow;

/// A model of the file: its fields are named so that its paths are those of PyTorch's `state_dict`.
trait Model: Module<f64> {
    /// The loss of a batch.
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64>;

    /// The output for all rows in evaluation, where the file has it.
    fn predict(&self, _x: Tensor<f64>) -> Option<Tensor<f64>> {
        None
    }
}

/// Some rows of a case's data.
struct Batch<'a> {
    inputs: &'a Value,
    rows: Vec<usize>,
    step: usize,
}

impl Batch<'_> {
    fn of(&self, name: &str, tape: &Tape<f64>) -> Var<f64> {
        tape.constant(&tensor(&self.inputs[name]).index_select(0, &self.rows))
    }

    /// Labels or tokens, one row after the other.
    fn whole(&self, name: &str) -> Indices {
        let all = whole(&self.inputs[name]);
        let width = all.len() / self.inputs[name]["shape"][0].as_u64().unwrap() as usize;
        let numbers: Vec<usize> = self.rows.iter().flat_map(|row| all[row * width..][..width].to_vec()).collect();
        Indices::new(numbers, [self.rows.len(), width])
    }

    fn labels(&self) -> Vec<usize> {
        self.whole("target").as_slice().to_vec()
    }
}

fn linear(g: &mut ChaCha8Rng) -> Linear<f64> {
    Linear::new(1, 1, g)
}

#[derive(Module)]
#[module(real = "f64")]
struct Cnn {
    conv1: Conv2d<f64>,
    conv2: Conv2d<f64>,
    fc: Linear<f64>,
}

impl Model for Cnn {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let h = MaxPool2d::new([2, 2]).forward(self.conv1.forward(batch.of("x", tape)).relu());
        let h = self.conv2.forward(h).relu();
        self.fc.forward(Flatten.forward(h)).cross_entropy(batch.labels())
    }
}

#[derive(Module)]
#[module(real = "f64")]
struct LstmLanguage {
    emb: Embedding<f64>,
    lstm: Lstm<f64>,
    fc: Linear<f64>,
}

impl Model for LstmLanguage {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let (h, _) = self.lstm.forward(self.emb.forward(&tape.ids(batch.whole("x"))), None);
        rows(self.fc.forward(h)).cross_entropy(batch.labels())
    }
}

/// The logits of all positions one below the other.
fn rows(logits: Var<f64>) -> Var<f64> {
    let classes = logits.shape()[2] as isize;
    logits.reshape([-1, classes])
}

#[derive(Module)]
#[module(real = "f64")]
struct GruClassifier {
    gru: Gru<f64>,
    fc: Linear<f64>,
}

impl Model for GruClassifier {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let (_, state) = self.gru.forward(batch.of("x", tape), None);
        self.fc.forward(state.slice(0, -1..).squeeze(0)).cross_entropy(batch.labels())
    }
}

#[derive(Module)]
#[module(real = "f64")]
struct TransformerLanguage {
    tok: Embedding<f64>,
    pos: LearnedPositions<f64>,
    block: EncoderBlock<f64, Gelu>,
    norm: LayerNorm<f64>,
    fc: Linear<f64>,
}

impl Model for TransformerLanguage {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let h = self.pos.forward(self.tok.forward(&tape.ids(batch.whole("x"))));
        let h = self.norm.forward(self.block.forward(h));
        rows(self.fc.forward(h)).cross_entropy(batch.labels())
    }
}

#[derive(Module)]
#[module(real = "f64")]
struct Normed {
    fc1: Linear<f64>,
    bn1: BatchNorm1d<f64>,
    fc2: Linear<f64>,
    bn2: BatchNorm1d<f64>,
    fc3: Linear<f64>,
}

impl Layer<f64> for Normed {
    fn forward<A: Array<f64>>(&self, x: A) -> A {
        let h = self.bn1.forward(self.fc1.forward(x)).relu();
        let h = self.bn2.forward(self.fc2.forward(h)).relu();
        self.fc3.forward(h)
    }
}

impl Model for Normed {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        self.forward(batch.of("x", tape)).cross_entropy(batch.labels())
    }
    fn predict(&self, x: Tensor<f64>) -> Option<Tensor<f64>> {
        Some(self.forward(x))
    }
}

#[derive(Module)]
#[module(real = "f64")]
struct Vae {
    enc: Linear<f64>,
    mu: Linear<f64>,
    logvar: Linear<f64>,
    dec1: Linear<f64>,
    dec2: Linear<f64>,
}

impl Model for Vae {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let x = batch.of("x", tape);
        let e = self.enc.forward(x.clone()).tanh();
        let (mu, logvar) = (self.mu.forward(e.clone()), self.logvar.forward(e));
        let at = batch.step as isize;
        let noise = tape.constant(&tensor(&batch.inputs["noise"]).slice(0, at..at + 1).squeeze(0));
        let z = mu.clone() + (logvar.clone() * 0.5).exp() * noise;
        let logits = self.dec2.forward(self.dec1.forward(z).tanh());
        let divergence = (logvar.clone() + 1.0 - mu.square() - logvar.exp()).sum() * -0.5;
        loss::binary_cross_entropy_from_logits(&logits, &x, Reduction::Sum) + divergence
    }
}

#[derive(Module)]
#[module(real = "f64")]
struct Xor {
    fc1: Linear<f64>,
    fc2: Linear<f64>,
}

impl Model for Xor {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let p = self.fc2.forward(self.fc1.forward(batch.of("x", tape)).relu()).sigmoid();
        loss::binary_cross_entropy(&p, &batch.of("target", tape), Reduction::Mean)
    }
}

#[derive(Module)]
#[module(real = "f64")]
struct Soft {
    fc1: Linear<f64>,
    fc2: Linear<f64>,
    fc3: Linear<f64>,
}

impl Model for Soft {
    fn loss(&self, tape: &Tape<f64>, batch: &Batch) -> Var<f64> {
        let h = self.fc2.forward(self.fc1.forward(batch.of("x", tape)).relu()).relu();
        let p = self.fc3.forward(h).softmax(-1);
        loss::categorical_cross_entropy(&p, &batch.of("target", tape), Reduction::Mean)
    }
}

/// The model of a case; whatever its weights are, the case's take their place.
fn model(op: &str, attrs: &Value) -> Box<dyn Model> {
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let g = &mut generator;
    let number = |name: &str| attrs[name].as_u64().unwrap() as usize;
    let padding = |i: usize| [attrs["padding"][i].as_u64().unwrap() as usize; 2];
    match op {
        "cnn" => Box::new(Cnn {
            conv1: Conv2d::new(1, 1, [1, 1], g).with_padding(padding(0)),
            conv2: Conv2d::new(1, 1, [1, 1], g).with_padding(padding(1)),
            fc: linear(g),
        }),
        "lstm_lm" => Box::new(LstmLanguage {
            emb: Embedding::new(1, 1, g),
            lstm: Lstm::with(1, 1, Recurrence::new().batch_first(), g),
            fc: linear(g),
        }),
        "gru_classifier" => Box::new(GruClassifier {
            gru: Gru::with(1, 1, Recurrence::new().batch_first().with_layers(number("layers")), g),
            fc: linear(g),
        }),
        "transformer_lm" => {
            let block = EncoderBlock::new(number("heads"), number("heads"), 1, g);
            Box::new(TransformerLanguage {
                tok: Embedding::new(1, 1, g),
                pos: LearnedPositions::new(1, 1, g),
                block: block.with_norm_first().with_activation(Gelu).causal(),
                norm: LayerNorm::new([1]),
                fc: linear(g),
            })
        }
        "batchnorm_mlp" => {
            let setting = |name: &str| attrs[name].as_f64().unwrap();
            let norm = || BatchNorm1d::new(1).with_momentum(setting("bn_momentum")).with_epsilon(setting("bn_eps"));
            Box::new(Normed { fc1: linear(g), bn1: norm(), fc2: linear(g), bn2: norm(), fc3: linear(g) })
        }
        "vae" => Box::new(Vae { enc: linear(g), mu: linear(g), logvar: linear(g), dec1: linear(g), dec2: linear(g) }),
        "xor" => Box::new(Xor { fc1: linear(g), fc2: linear(g) }),
        "mlp_soft" => Box::new(Soft { fc1: linear(g), fc2: linear(g), fc3: linear(g) }),
        other => panic!("no model `{other}`"),
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

/// Where the gradient is 0 by theory, Adam divides noise by noise: the keys' biases are compared by themselves.
fn without_key_bias(path: &str, values: &[f64], what: &str, want: &[f64]) -> (Vec<f64>, Vec<f64>) {
    if !path.ends_with("in_proj_bias") {
        return (values.to_vec(), want.to_vec());
    }
    let third = values.len() / 3;
    for (g, w) in values[third..2 * third].iter().zip(&want[third..2 * third]) {
        assert!((g - w).abs() <= 1e-8, "{what}, keys' bias: got {g:e}, want {w:e}");
    }
    let rest = |all: &[f64]| [&all[..third], &all[2 * third..]].concat();
    (rest(values), rest(want))
}

#[test]
fn step_by_step() {
    let (mut ran, mut predicted) = (0, 0);
    for case in load("training") {
        let (name, op) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap());
        let (attrs, inputs, outputs) = (&case["attrs"], &case["inputs"], &case["outputs"]);
        let mut net = model(op, attrs);
        let paths = |statistics: bool| -> Vec<String> {
            let state = net.state().into_iter().filter(|(_, parameter)| parameter.is_statistic() == statistics);
            state.map(|(path, _)| path).filter(|path| !path.ends_with("num_batches_tracked")).collect()
        };
        let (parameters, buffers) = (names(&attrs["parameters"]), names(&attrs["buffers"]));
        assert_eq!(paths(false), parameters, "{name}");
        assert_eq!(paths(true), buffers, "{name}");
        net.visit_mut(&mut nn::Path::default(), &mut |path, parameter| {
            if !inputs[path].is_null() {
                parameter.set(tensor(&inputs[path]));
            }
        });

        let mut optimizer = optimizer(attrs["optimizer"]["name"].as_str().unwrap(), &attrs["optimizer"]);
        let (batches, first_rate) = (attrs["batches"].as_array().unwrap(), optimizer.learning_rate());
        let (mut losses, mut norms, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        for step in 0..attrs["steps"].as_u64().unwrap() as usize {
            let rows = batches[step % batches.len()].as_array().unwrap();
            let rows = rows.iter().map(|row| row.as_u64().unwrap() as usize).collect();
            let (loss, mut gradients) = gradient(|tape| net.loss(tape, &Batch { inputs, rows, step }));
            losses.push(loss);
            let square = |g: &Tensor<f64>| g.to_vec().iter().map(|v| v * v).sum::<f64>();
            norms.push(gradients.of_parameters().map(square).sum::<f64>().sqrt());
            if step == 0 {
                let of = |p: &Param<f64>| gradients.of(p).or_zeros().to_vec();
                let got: Vec<f64> = net.parameters().into_iter().flat_map(|(_, p)| of(p)).collect();
                let want: Vec<f64> = parameters.iter().flat_map(|path| numbers(&case["grads"][*path])).collect();
                assert_close(&format!("{name}: first gradients"), &got, &want, 1e-10);
            }
            if let Some(most) = attrs["clip_grad_norm"].as_f64() {
                gradients = clip_norm(gradients, most, 2.0).0;
            }
            if !attrs["schedule"].is_null() {
                let (schedule, t) = (&attrs["schedule"], step as f64);
                let least = schedule["eta_min"].as_f64().unwrap();
                let turn = (PI * t / schedule["t_max"].as_f64().unwrap()).cos();
                optimizer.set_learning_rate(least + (first_rate - least) * (1.0 + turn) / 2.0);
            }
            rates.push(optimizer.learning_rate());
            optimizer.step(&mut *net, &gradients);
            let weights = &case["weights"][(step + 1).to_string()];
            if weights.is_object() {
                let what = format!("{name}: weights after step {}", step + 1);
                let state = net.state().into_iter().filter(|(path, _)| !weights[path].is_null());
                let pairs = state.map(|(path, parameter)| {
                    without_key_bias(&path, &parameter.value().to_vec(), &what, &numbers(&weights[&path]))
                });
                let (got, want): (Vec<_>, Vec<_>) = pairs.unzip();
                assert_eq!(got.len(), parameters.len() + buffers.len(), "{what}");
                assert_close(&what, &got.concat(), &want.concat(), 1e-10);
            }
        }
        assert_close(&format!("{name}: losses"), &losses, &numbers(&outputs["loss"]), 1e-10);
        assert_close(&format!("{name}: norms of gradients"), &norms, &numbers(&outputs["grad_norm"]), 1e-10);
        if !outputs["lr"].is_null() {
            assert_close(&format!("{name}: rates"), &rates, &numbers(&outputs["lr"]), 1e-14);
        }
        if let Some(y) = net.predict(tensor(&inputs["x"])) {
            assert_close(&format!("{name}: predictions"), &y.to_vec(), &numbers(&outputs["eval_y"]), 1e-10);
            predicted += 1;
        }
        ran += 1;
    }
    assert_eq!((ran, predicted), (8, 1));
}

type AnyModel = Box<dyn Model>;

/// The rows of a case's data, by their numbers.
struct Numbers(usize);

impl Dataset for Numbers {
    type Batch = Vec<usize>;
    fn len(&self) -> usize {
        self.0
    }
    fn batch(&self, rows: &[usize]) -> Vec<usize> {
        rows.to_vec()
    }
}

/// The same runs, all eight, by a trainer: its losses, norms, rates and weights are PyTorch's.
#[test]
fn by_the_trainer() {
    for case in load("training") {
        let (name, op) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap());
        let (attrs, inputs, outputs) = (&case["attrs"], &case["inputs"], &case["outputs"]);
        let mut net = model(op, attrs);
        net.visit_mut(&mut nn::Path::default(), &mut |path, parameter| {
            if !inputs[path].is_null() {
                parameter.set(tensor(&inputs[path]));
            }
        });
        let rows = |rows: &Value| rows.as_array().unwrap().iter().map(|row| row.as_u64().unwrap() as usize).collect();
        let batches: Vec<Vec<usize>> = attrs["batches"].as_array().unwrap().iter().map(rows).collect();
        let data = Numbers(batches.iter().flatten().max().unwrap() + 1);
        // One of the models takes its noise by the number of the step.
        let step = Cell::new(0);
        let objective = |net: &AnyModel, tape: &Tape<f64>, rows: &Vec<usize>| {
            net.loss(tape, &Batch { inputs, rows: rows.clone(), step: step.get() })
        };
        let compared = Cell::new(0);
        let made = optimizer(attrs["optimizer"]["name"].as_str().unwrap(), &attrs["optimizer"]);
        let first_rate = made.learning_rate();
        let mut trainer = Trainer::new(made, objective)
            .with_batches(|_| batches.clone())
            .with_steps(attrs["steps"].as_u64().unwrap())
            .with_clip_norm(attrs["clip_grad_norm"].as_f64().unwrap_or(f64::MAX))
            .after_each_step(|view: &StepView<'_, AnyModel, f64>| {
                step.set(view.step as usize);
                let weights = &case["weights"][view.step.to_string()];
                let what = format!("{name}: weights after step {}", view.step);
                for (path, parameter) in view.model.state().into_iter().filter(|(path, _)| !weights[path].is_null()) {
                    let values = parameter.value().to_vec();
                    let (got, want) = without_key_bias(&path, &values, &what, &numbers(&weights[&path]));
                    assert_close(&format!("{what}: {path}"), &got, &want, 1e-9);
                    compared.set(compared.get() + 1);
                }
                ControlFlow::Continue(())
            });
        if !attrs["schedule"].is_null() {
            let of = |name: &str| attrs["schedule"][name].as_f64().unwrap();
            let (least, steps) = (of("eta_min"), of("t_max"));
            trainer = trainer.with_schedule(move |t: u64| {
                least + (first_rate - least) * (1.0 + (PI * t as f64 / steps).cos()) / 2.0
            });
        }
        let steps = trainer.fit(&mut net, &data).unwrap().history.steps;
        let column = |of: fn(&StepRecord) -> f64| steps.iter().map(of).collect::<Vec<_>>();
        assert_close(&format!("{name}: losses"), &column(|s| s.loss), &numbers(&outputs["loss"]), 1e-10);
        let norms = column(|s| s.gradient_norm.unwrap());
        assert_close(&format!("{name}: norms of gradients"), &norms, &numbers(&outputs["grad_norm"]), 1e-10);
        if !outputs["lr"].is_null() {
            assert_close(&format!("{name}: rates"), &column(|s| s.rate), &numbers(&outputs["lr"]), 1e-14);
        }
        assert!(compared.get() > 0, "{name}");
    }
}
