//! What a trainer does: the same as a loop written by hand, to the bit; and what it says of a run.

#[path = "training/checkpoints.rs"]
mod checkpoints;
#[path = "training/endings.rs"]
mod endings;
#[path = "training/hand.rs"]
mod hand;
#[path = "training/history.rs"]
mod history;

use nn::data::{self, Labelled};
use nn::prelude::*;
use nn::train::Trainer;

/// Three clouds of points.
fn clouds<T: Real>(rows: usize) -> Labelled<T> {
    let clouds = data::blobs(rows, 3, 0.3, &mut ChaCha8Rng::seed_from_u64(4));
    let inputs = clouds.inputs.cast::<T>();
    Labelled::new(inputs, clouds.labels).unwrap()
}

/// A network with dropout and batch norm, so that a run draws random numbers and learns statistics.
fn net<T: Real>() -> Sequential<T> {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    Sequential::new()
        .with(Linear::new(2, 12, &mut generator))
        .with(BatchNorm1d::new(12))
        .with(Relu)
        .with(Dropout { p: 0.25 })
        .with(Linear::new(12, 3, &mut generator))
}

fn cross_entropy<T: Real>(logits: &Var<T>, labels: &Vec<usize>) -> Var<T> {
    logits.cross_entropy(labels)
}

fn accuracy<T: Real>(logits: &Tensor<T>, batch: &(Tensor<T>, Vec<usize>)) -> f64 {
    metrics::accuracy(&metrics::argmax(logits), &batch.1)
}

/// The bits of all parameters and statistics.
fn bits<T: Real>(model: &impl Module<T>) -> Vec<u64> {
    model.state().iter().flat_map(|(_, p)| p.value().to_vec()).map(|w| w.to_f64().to_bits()).collect()
}

type OfClouds<'a, T> = Trainer<'a, Sequential<T>, (Tensor<T>, Vec<usize>), T>;
