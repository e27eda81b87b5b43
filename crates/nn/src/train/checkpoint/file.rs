//! A checkpoint in a file: one safetensors file, so that any tool can look into it. Tensors are `model.PATH`,
//! `optimizer.NAME`, `best.PATH` and `history.steps`; the rest is JSON in the file's metadata, under `run`. A checksum over
//! names, shapes, numbers and that text finds what was damaged; nothing in the file is executed.

use super::{Best, Checkpoint, Position};
use crate::FileError;
use crate::file::{malformed, read, write_atomically};
use crate::optim::OptimizerState;
use crate::schedule::PlateauState;
use crate::train::history::json::{self, Number};
use crate::train::history::{EpochRecord, History, StepRecord};
use crate::weights::{Entry, numbers};
use autograd::algebra::Real;
use autograd::{Shape, Tensor};
use flate2::Crc;
use safetensors::{SafeTensors, View};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// What the file says that it is. The number goes up when older readers would read it wrongly.
const FORMAT: &str = "autograd checkpoint 1";
const MODEL: &str = "model.";
const OPTIMIZER: &str = "optimizer.";
const BEST: &str = "best.";
const STEPS: &str = "history.steps";
/// Epoch, loss, rate, and the norm of gradients, not a number where there is none.
const STEP_COLUMNS: usize = 4;

/// What is no tensor.
#[derive(Serialize, Deserialize)]
struct Run {
    number: String,
    position: Position,
    plan: BTreeMap<String, String>,
    optimizer: String,
    numbers: BTreeMap<String, Number>,
    plateau: Option<Plateau>,
    best: Option<BestEpoch>,
    epochs: Vec<EpochRecord>,
}

#[derive(Serialize, Deserialize)]
struct Plateau {
    #[serde(with = "json::number")]
    rate: f64,
    #[serde(with = "json::number")]
    best: f64,
    bad: u64,
    cooling: u64,
}

#[derive(Serialize, Deserialize)]
struct BestEpoch {
    epoch: u64,
    #[serde(with = "json::number")]
    measure: f64,
    bad: u64,
}

impl<T: Real> Checkpoint<T> {
    /// Writes it to a file. At any moment the path holds the old file or the whole new one.
    ///
    /// # Errors
    /// [`FileError::Unwritable`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        let path = path.as_ref();
        let internal = |error: String| malformed(path, error, "this is an error of the library");
        let mut entries = BTreeMap::new();
        let best = self.best.iter().flat_map(|best| &best.weights);
        let groups = [(MODEL, &self.weights), (OPTIMIZER, &self.optimizer.tensors)]
            .into_iter()
            .flat_map(|(prefix, tensors)| tensors.iter().map(move |(name, tensor)| (prefix, name, tensor)));
        for (prefix, name, tensor) in groups.chain(best.map(|(name, tensor)| (BEST, name, tensor))) {
            entries.insert(format!("{prefix}{name}"), Entry::of(tensor));
        }
        let row = |step: &StepRecord| [step.epoch as f64, step.loss, step.rate, step.gradient_norm.unwrap_or(f64::NAN)];
        let steps: Vec<f64> = self.history.steps.iter().flat_map(row).collect();
        entries
            .insert(STEPS.to_string(), Entry::of(&Tensor::from_vec(steps, [self.history.steps.len(), STEP_COLUMNS])));
        let run = serde_json::to_string(&self.run()).map_err(|error| internal(error.to_string()))?;
        let checksum = checksum(&run, entries.iter().map(|(name, entry)| (name.as_str(), entry)));
        let metadata = [("format", FORMAT.to_string()), ("run", run), ("checksum", checksum)];
        let metadata: HashMap<_, _> = metadata.into_iter().map(|(key, value)| (key.to_string(), value)).collect();
        let bytes = safetensors::serialize(entries, Some(metadata)).map_err(|error| internal(error.to_string()))?;
        write_atomically(path, &bytes)
    }

    /// Reads what [`save`](Checkpoint::save) wrote.
    ///
    /// # Errors
    /// [`FileError`] if the file cannot be read, is not whole, or is not a checkpoint of this number type.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = read(path, "a checkpoint, as a trainer writes it, is expected here")?;
        Self::parse(&bytes).map_err(|(problem, help)| malformed(path, problem, help))
    }

    fn parse(bytes: &[u8]) -> Result<Self, (String, String)> {
        let damaged =
            |problem: String| (problem, "the file is damaged; go on from the checkpoint before it".to_string());
        let foreign = || ("not a checkpoint of a run".to_string(), "give a file that a trainer wrote".to_string());
        // The library checks that the header describes just the bytes that follow it.
        let whole = |error| damaged(format!("not a whole safetensors file: {error}"));
        let file = SafeTensors::deserialize(bytes).map_err(whole)?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(whole)?;
        let metadata = header.metadata().as_ref().ok_or_else(foreign)?;
        let format = metadata.get("format").ok_or_else(foreign)?;
        if format != FORMAT {
            return Err((
                format!("this is `{format}`, not `{FORMAT}`"),
                "read it with the version that wrote it".into(),
            ));
        }
        let (run, noted) = metadata.get("run").zip(metadata.get("checksum")).ok_or_else(foreign)?;
        let tensors: BTreeMap<String, _> = file.tensors().into_iter().collect();
        let found = checksum(run, tensors.iter().map(|(name, entry)| (name.as_str(), entry)));
        if found != *noted {
            return Err(damaged(format!("the checksum of what is there is {found}, and the file says {noted}")));
        }
        let run: Run = serde_json::from_str(run).map_err(|error| damaged(format!("`run` is not readable: {error}")))?;
        if run.number != T::NAME {
            let problem = format!("the run is in {}, and this model in {}", run.number, T::NAME);
            return Err((problem, "make the model with the number type of the run".to_string()));
        }
        let mut checkpoint = Checkpoint {
            weights: BTreeMap::new(),
            optimizer: OptimizerState {
                optimizer: run.optimizer,
                numbers: run.numbers.into_iter().map(|(name, number)| (name, number.0)).collect(),
                tensors: BTreeMap::new(),
            },
            position: run.position,
            history: History { steps: Vec::new(), epochs: run.epochs },
            best: run.best.map(|best| Best {
                epoch: best.epoch,
                measure: best.measure,
                bad: best.bad,
                weights: BTreeMap::new(),
            }),
            plateau: run.plateau.map(|state| PlateauState {
                rate: state.rate,
                best: state.best,
                bad: state.bad,
                cooling: state.cooling,
            }),
            plan: run.plan,
        };
        for (name, entry) in &tensors {
            let unknown = || damaged(format!("`{name}` of shape {:?} belongs to nothing", entry.shape()));
            if name == STEPS {
                checkpoint.history.steps =
                    steps(entry.shape(), numbers(entry).unwrap_or_default()).ok_or_else(unknown)?;
                continue;
            }
            let tensor = tensor(entry.shape(), numbers(entry)).ok_or_else(unknown)?;
            let group = match &mut checkpoint.best {
                Some(best) if name.starts_with(BEST) => Some((BEST, &mut best.weights)),
                _ if name.starts_with(MODEL) => Some((MODEL, &mut checkpoint.weights)),
                _ if name.starts_with(OPTIMIZER) => Some((OPTIMIZER, &mut checkpoint.optimizer.tensors)),
                _ => None,
            };
            let (prefix, group) = group.ok_or_else(unknown)?;
            group.insert(name[prefix.len()..].to_string(), tensor);
        }
        Ok(checkpoint)
    }

    fn run(&self) -> Run {
        Run {
            number: T::NAME.to_string(),
            position: self.position,
            plan: self.plan.clone(),
            optimizer: self.optimizer.optimizer.clone(),
            numbers: self.optimizer.numbers.iter().map(|(name, &number)| (name.clone(), Number(number))).collect(),
            plateau: self.plateau.map(|state| Plateau {
                rate: state.rate,
                best: state.best,
                bad: state.bad,
                cooling: state.cooling,
            }),
            best: self.best.as_ref().map(|best| BestEpoch { epoch: best.epoch, measure: best.measure, bad: best.bad }),
            epochs: self.history.epochs.clone(),
        }
    }
}

/// A tensor, if it is one that this library can hold.
fn tensor<T: Real>(shape: &[usize], numbers: Option<Vec<T>>) -> Option<Tensor<T>> {
    Tensor::try_from_vec(numbers?, Shape::try_new(shape).ok()?).ok()
}

/// The steps of a history from their table.
fn steps(shape: &[usize], numbers: Vec<f64>) -> Option<Vec<StepRecord>> {
    let step = |(place, row): (usize, &[f64])| StepRecord {
        step: place as u64 + 1,
        epoch: row[0] as u64,
        loss: row[1],
        rate: row[2],
        gradient_norm: Some(row[3]).filter(|norm| !norm.is_nan()),
    };
    let fits = shape.len() == 2 && shape[1] == STEP_COLUMNS;
    fits.then(|| numbers.chunks_exact(STEP_COLUMNS).enumerate().map(step).collect())
}

/// CRC-32 of the text and of all tensors, by name.
fn checksum<'a, V: View + 'a>(run: &str, tensors: impl Iterator<Item = (&'a str, &'a V)>) -> String {
    let mut crc = Crc::new();
    let mut part = |bytes: &[u8]| {
        crc.update(&(bytes.len() as u64).to_le_bytes());
        crc.update(bytes);
    };
    part(FORMAT.as_bytes());
    part(run.as_bytes());
    for (name, tensor) in tensors {
        part(name.as_bytes());
        part(format!("{:?} {:?}", tensor.dtype(), tensor.shape()).as_bytes());
        part(&tensor.data());
    }
    format!("{:08x}", crc.sum())
}
