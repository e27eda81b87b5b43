//! The stated run: a variational autoencoder of six numbers, its first weights, batches and noise given, followed for 20 steps.
//! The losses to compare with are PyTorch's, in double precision; the file is part of the tests of `nn`.

use super::{Vae, elbo_loss};
use nn::prelude::*;
use serde_json::Value;
use std::error::Error;

const RUNS: &str = include_str!("../../crates/nn/tests/data/reference/training.json");

/// The loss of the last steps, and how far the worst step is from the stated one, relative to it.
pub struct Followed {
    pub loss: f64,
    pub stated: f64,
    pub worst: f64,
}

/// Makes every step of the stated run.
pub fn follow() -> Result<Followed, Box<dyn Error>> {
    let all: Value = serde_json::from_str(RUNS)?;
    let runs = all["cases"].as_array().ok_or("no cases")?;
    let run = runs.iter().find(|run| run["name"] == "vae_adam").ok_or("no run `vae_adam`")?;
    let (attrs, inputs) = (&run["attrs"], &run["inputs"]);
    let size = |name: &str| attrs[name].as_u64().unwrap_or(0) as usize;
    let mut net = Vae::<f64>::new(size("input"), size("hidden"), size("latent"), &mut ChaCha8Rng::seed_from_u64(0));
    let names = net.parameters().into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    let values = names.iter().map(|name| tensor(&inputs[name])).collect::<Result<Vec<_>, _>>()?;
    net.set_values(&values);

    let (x, noise) = (tensor(&inputs["x"])?, tensor(&inputs["noise"])?);
    let stated = tensor(&run["outputs"]["loss"])?.to_vec();
    let batches: Vec<Vec<usize>> = serde_json::from_value(attrs["batches"].clone())?;
    let mut optimizer = Adam::new(attrs["optimizer"]["lr"].as_f64().ok_or("no rate")?);
    let (mut worst, mut loss) = (0.0_f64, 0.0);
    for (step, &stated) in stated.iter().enumerate() {
        let (x, noise) = (x.index_select(0, &batches[step % batches.len()]), noise.index_select(0, [step]).squeeze(0));
        // The stated loss is the sum over the batch.
        let gradients = gradient(|tape| elbo_loss(&net, &tape.constant(&x), Some(&noise)).0 * x.shape()[0] as f64);
        loss = gradients.0;
        optimizer.step(&mut net, &gradients.1);
        worst = worst.max((loss - stated).abs() / stated.abs());
    }
    Ok(Followed { loss, stated: stated.last().copied().unwrap_or(f64::NAN), worst })
}

fn tensor(value: &Value) -> Result<Tensor<f64>, Box<dyn Error>> {
    let shape: Vec<usize> = serde_json::from_value(value["shape"].clone())?;
    Ok(Tensor::try_from_vec(serde_json::from_value(value["data"].clone())?, Shape::from(&shape[..]))?)
}
