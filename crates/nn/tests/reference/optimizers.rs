//! Every optimizer step by step, clipping, and L-BFGS's requirement.

use super::{assert_close, load, numbers, tensor};
use nn::optim::{Outcome, Rule, clip_norm, clip_value};
use nn::prelude::*;
use serde_json::Value;

/// The optimizer of a case: its name there, and here. All its settings go by name.
pub fn optimizer(name: &str, attrs: &Value) -> Box<dyn Optimizer<f64>> {
    match name {
        "sgd" => made(Sgd::new, Sgd::with_group, attrs),
        "adam" => made(Adam::new, Adam::with_group, attrs),
        "adamw" => made(AdamW::new, AdamW::with_group, attrs),
        "rmsprop" => made(RmsProp::new, RmsProp::with_group, attrs),
        "adagrad" => made(Adagrad::new, Adagrad::with_group, attrs),
        "adadelta" => made(Adadelta::new, Adadelta::with_group, attrs),
        "adamax" => made(Adamax::new, Adamax::with_group, attrs),
        "nadam" => made(NAdam::new, NAdam::with_group, attrs),
        "radam" => made(RAdam::new, RAdam::with_group, attrs),
        "lion" => made(Lion::new, Lion::with_group, attrs),
        other => panic!("no optimizer `{other}`"),
    }
}

fn made<R: Rule<f64> + 'static>(
    new: impl Fn(f64) -> R,
    with_group: impl Fn(R, &str, R) -> R,
    attrs: &Value,
) -> Box<dyn Optimizer<f64>> {
    let with = |attrs: &Value| {
        let mut made = new(0.5);
        for (name, value) in attrs.as_object().unwrap() {
            match name.as_str() {
                "name" | "steps" | "groups" | "indices" => {}
                "betas" => {
                    made.set("beta1", value[0].as_f64().unwrap()).unwrap();
                    made.set("beta2", value[1].as_f64().unwrap()).unwrap();
                }
                name => {
                    let setting = match name {
                        "lr" => "rate",
                        "eps" => "epsilon",
                        "lr_decay" => "rate_decay",
                        "initial_accumulator" => "first",
                        same => same,
                    };
                    let number = value.as_f64().unwrap_or_else(|| f64::from(value.as_bool().unwrap()));
                    made.set(setting, number).unwrap();
                }
            }
        }
        made
    };
    let mut optimizer = with(attrs);
    for group in attrs["groups"].as_array().into_iter().flatten() {
        for index in group["indices"].as_array().unwrap() {
            optimizer = with_group(optimizer, &index.to_string(), with(group));
        }
    }
    Box::new(optimizer)
}

/// The objective of a case, as an expression tree, of one number an input.
fn program(node: &Value, x: &[Var<f64>]) -> Var<f64> {
    if let Some(c) = node.as_f64() {
        return x[0].constant(&Tensor::from([c]));
    }
    let part = |i: usize| program(&node[i], x);
    match node[0].as_str().unwrap() {
        "x" => x[node[1].as_u64().unwrap() as usize].clone(),
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

/// The loss of a case at the model's numbers, and its gradients. The model is one parameter, or one for each number.
fn evaluate(case: &Value, model: &[Param<f64>], step: usize) -> (f64, Gradients<Tensor<f64>>) {
    gradient(|tape| {
        let parameters: Vec<_> = model.iter().map(|p| tape.param(p)).collect();
        let all = Var::concat(&parameters.iter().collect::<Vec<_>>(), 0);
        if case["objective"].is_null() {
            // A loss whose gradient is the one that is listed.
            let at = step as isize;
            let listed = tensor(&case["inputs"]["gradients"]).slice(0, at..at + 1).reshape([-1]);
            (all * tape.constant(&listed)).sum()
        } else {
            let numbers: Vec<_> = (0..all.shape()[0] as isize).map(|i| all.slice(0, i..i + 1)).collect();
            program(&case["objective"]["out"], &numbers).sum()
        }
    })
}

fn values(model: &[Param<f64>]) -> Vec<f64> {
    model.iter().flat_map(|p| p.value().to_vec()).collect()
}

#[test]
fn trajectories() {
    let mut ran = 0;
    for case in load("optimizers") {
        let (name, op, attrs) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap(), &case["attrs"]);
        if op == "lbfgs" || op.starts_with("clip") {
            continue; // below
        }
        let initial = numbers(&case["inputs"]["initial"]);
        let mut model = match attrs["groups"].is_null() {
            true => vec![Param::new(Tensor::from(initial))],
            false => initial.into_iter().map(|number| Param::new(Tensor::from([number]))).collect(),
        };
        let mut optimizer = optimizer(op, attrs);
        let (trajectory, losses) = (tensor(&case["outputs"]["trajectory"]), &case["outputs"]["loss"]);
        let (rows, steps) = (trajectory.shape()[0], attrs["steps"].as_u64().unwrap() as usize);
        for step in 0..steps {
            let (loss, gradients) = evaluate(&case, &model, step);
            optimizer.step(&mut model, &gradients);
            let every = steps / rows;
            if step % every < every - 1 {
                continue;
            }
            let row = (step / every) as isize;
            if !losses.is_null() {
                assert_close(&format!("{name} step {step}: loss"), &[loss], &[numbers(losses)[row as usize]], 1e-10);
            }
            for (got, want) in values(&model).into_iter().zip(trajectory.slice(0, row..row + 1).to_vec()) {
                assert_close(&format!("{name} step {step}"), &[got], &[want], 1e-10);
            }
        }
        ran += 1;
    }
    assert_eq!(ran, 55);
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

/// Parameters whose gradients are those of a case.
fn with_gradients(case: &Value) -> (Vec<Param<f64>>, Gradients<Tensor<f64>>) {
    let wanted: Vec<_> = (0..3).map(|i| tensor(&case["inputs"][format!("g{i}")])).collect();
    let model: Vec<_> = wanted.iter().map(|g| Param::new(Tensor::zeros(g.shape()))).collect();
    let (_, gradients) = gradient(|tape| {
        let pairs = model.iter().zip(&wanted);
        pairs.map(|(p, g)| (tape.param(p) * tape.constant(g)).sum()).reduce(|a, b| a + b).unwrap()
    });
    (model, gradients)
}

#[test]
fn clipped_gradients() {
    let mut ran = 0;
    for case in load("optimizers") {
        let (name, op, attrs) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap(), &case["attrs"]);
        if !op.starts_with("clip") {
            continue;
        }
        let (model, gradients) = with_gradients(&case);
        let clipped = match op {
            "clip_grad_value" => clip_value(gradients, attrs["value"].as_f64().unwrap()),
            _ => {
                let power = attrs["norm_type"].as_f64().unwrap_or(f64::INFINITY);
                let (clipped, norm) = clip_norm(gradients, attrs["max_norm"].as_f64().unwrap(), power);
                assert_close(name, &[norm], &numbers(&case["outputs"]["total_norm"]), 1e-14);
                clipped
            }
        };
        for (i, p) in model.iter().enumerate() {
            let want = numbers(&case["outputs"][format!("g{i}")]);
            assert_close(&format!("{name}: g{i}"), &clipped.of(p).or_zeros().to_vec(), &want, 1e-14);
        }
        ran += 1;
    }
    assert_eq!(ran, 8);
}

/// A requirement, not a trajectory: so low within so many evaluations.
#[test]
fn lbfgs_reaches_the_minimum() {
    let mut ran = 0;
    for case in load("optimizers") {
        let (name, attrs) = (case["name"].as_str().unwrap(), &case["attrs"]);
        if case["op"] != "lbfgs" {
            continue;
        }
        let mut model = vec![Param::new(tensor(&case["inputs"]["initial"]))];
        let mut optimizer = Lbfgs::new().with_history(attrs["history"].as_u64().unwrap() as usize);
        let (mut evaluations, mut reached) = (0, None);
        loop {
            let progress = optimizer.step(&mut model, |model| {
                let (loss, gradients) = evaluate(&case, model, 0);
                evaluations += 1;
                if loss < attrs["target"].as_f64().unwrap() {
                    reached.get_or_insert(evaluations);
                }
                (loss, gradients)
            });
            if progress.unwrap().outcome != Outcome::Moving {
                break;
            }
        }
        let most = attrs["max_evaluations"].as_u64().unwrap();
        assert!(reached.is_some_and(|evaluations| evaluations <= most), "{name}: {reached:?} of {evaluations}");
        assert_close(name, &values(&model), &numbers(&case["outputs"]["minimizer"]), 1e-7);
        // Other implementations need 40 to 60.
        assert!(reached.unwrap() < 100 && evaluations < 120, "{name}: {reached:?} of {evaluations}");
        ran += 1;
    }
    assert_eq!(ran, 3);
}
