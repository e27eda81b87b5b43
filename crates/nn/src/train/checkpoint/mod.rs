//! A run at the end of a step, whole: what it takes to go on as if it had not been stopped.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Checkpoint`] and [`Position`]; whether one fits a model |
//! | `file.rs` | how it is written, and read without trust |
//! | `folder.rs` | [`Checkpoints`]: when to write, which to keep |

mod file;
mod folder;

pub use folder::Checkpoints;

use super::early::Best;
use super::history::{History, json};
use crate::optim::OptimizerState;
use crate::schedule::PlateauState;
use crate::weights::LoadReport;
use crate::{Module, ModuleExt};
use autograd::algebra::Real;
use autograd::{Error, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A run at the end of a step: parameters, statistics, what the optimizer remembers, how far it is. A trainer makes and uses it
/// by itself; a hand-written loop can, too.
///
/// ```
/// use nn::prelude::*;
/// use nn::train::{Checkpoint, Position};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run.safetensors");
/// let mut net = Linear::<f64>::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0));
/// let mut optimizer = Adam::new(0.1);
/// let x = Tensor::from([[1.0, 2.0]]);
/// let mut step = |net: &mut Linear<f64>, optimizer: &mut Adam<f64>| {
///     let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).square().sum());
///     optimizer.step(net, &gradients);
/// };
/// step(&mut net, &mut optimizer);
/// Checkpoint::new(&net, optimizer.state(&net), Position { step: 1, ..Position::default() }).save(&path)?;
/// step(&mut net, &mut optimizer);
///
/// let mut resumed = Linear::new(2, 1, &mut ChaCha8Rng::seed_from_u64(1));
/// let mut again = Adam::new(0.1);
/// let checkpoint = Checkpoint::load(&path)?;
/// checkpoint.restore_weights(&mut resumed)?;
/// again.load_state(&resumed, &checkpoint.optimizer)?;
/// step(&mut resumed, &mut again);
/// assert_eq!(resumed.values(), net.values());
/// # Ok::<(), nn::train::TrainError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint<T: Real = f32> {
    /// Parameters and statistics by path.
    pub weights: BTreeMap<String, Tensor<T>>,
    /// What the optimizer remembers.
    pub optimizer: OptimizerState<T>,
    /// How far the run is.
    pub position: Position,
    /// The run so far.
    pub history: History,
    /// What early stopping remembers, where there is any.
    pub best: Option<Best<T>>,
    /// What the schedule that goes by a measure remembers, where there is one.
    pub plateau: Option<PlateauState>,
    /// Settings of the run by name that it cannot go on without: size and order of batches, rows of the data.
    pub plan: BTreeMap<String, String>,
}

/// How far a run is, and where its random numbers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The seed: of the order of each epoch, and of the key.
    pub seed: u64,
    /// How many forward and backward passes there were: the step of the key of the next.
    pub passes: u64,
    /// How many steps the optimizer made.
    pub step: u64,
    /// How many epochs are over.
    pub epoch: u64,
    /// How many batches of the next epoch are done.
    pub batch: u64,
    /// How many rows those had.
    pub rows: u64,
    /// The sum of the loss over those rows.
    #[serde(with = "json::number")]
    pub sum: f64,
}

impl<T: Real> Checkpoint<T> {
    /// A model, the state of its optimizer, and how far a run is.
    pub fn new(model: &(impl Module<T> + ?Sized), optimizer: OptimizerState<T>, position: Position) -> Self {
        Checkpoint {
            weights: weights(model),
            optimizer,
            position,
            history: History::default(),
            best: None,
            plateau: None,
            plan: BTreeMap::new(),
        }
    }

    /// Gives a model the parameters and statistics. Their identities stay.
    ///
    /// # Errors
    /// If the model has other paths or shapes; then it is as it was.
    pub fn restore_weights(&self, model: &mut (impl Module<T> + ?Sized)) -> Result<(), Error> {
        fits(model, &self.weights)?;
        set_weights(model, &self.weights);
        Ok(())
    }
}

/// The parameters and statistics of a model by path.
pub(super) fn weights<T: Real>(model: &(impl Module<T> + ?Sized)) -> BTreeMap<String, Tensor<T>> {
    model.state().into_iter().map(|(path, parameter)| (path, parameter.value().clone())).collect()
}

/// Gives a model the values of its paths.
pub(super) fn set_weights<T: Real>(model: &mut (impl Module<T> + ?Sized), weights: &BTreeMap<String, Tensor<T>>) {
    model.visit_mut(&mut crate::Path::default(), &mut |path, parameter| {
        if let Some(value) = weights.get(path) {
            parameter.set(value.clone());
        }
    });
}

/// Says how weights and a model differ, if they do.
pub(super) fn fits<T: Real>(
    model: &(impl Module<T> + ?Sized),
    weights: &BTreeMap<String, Tensor<T>>,
) -> Result<(), Error> {
    let mut report = LoadReport::default();
    let mut known = Vec::new();
    for (path, parameter) in model.state() {
        let shape = parameter.value().shape();
        match weights.get(&path) {
            None => report.missing.push(path.clone()),
            Some(value) if value.shape() != shape => {
                report.misshaped.push((path.clone(), shape.to_vec(), value.shape().to_vec()));
            }
            Some(_) => report.loaded.push(path.clone()),
        }
        known.push(path);
    }
    report.unexpected = weights.keys().filter(|path| !known.contains(path)).cloned().collect();
    if report.is_complete() {
        return Ok(());
    }
    let help = "make the model as it was made for the run; it is as it was";
    Err(Error::value(format!("the weights are of another model: {report}"), help).during("Checkpoint", []))
}
