//! How good a model is: its loss and metrics on a data set, and its outputs.

use super::objective::Objective;
use super::order::Order;
use super::{TrainError, Trainer};
use crate::data::Dataset;
use autograd::algebra::Real;
use autograd::{Error, Layer, Shaping, Tape, Tensor};

/// What a metric computes from all outputs and the batch of all rows.
type Compute<'a, B, T> = Box<dyn Fn(&Tensor<T>, &B) -> f64 + 'a>;

/// A measure of a whole data set, with its name.
pub(super) struct Metric<'a, B, T: Real> {
    pub(super) name: String,
    pub(super) compute: Compute<'a, B, T>,
}

/// How good a model is on a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean of the loss over all rows.
    pub loss: f64,
    /// The metrics by name, in the order in which the trainer has them.
    pub metrics: Vec<(String, f64)>,
}

impl Evaluation {
    /// A metric by its name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|(known, _)| known == name).map(|&(_, value)| value)
    }

    /// Loss and metrics, with something before their names.
    pub(super) fn named(self, before: &str) -> Vec<(String, f64)> {
        let all = std::iter::once(("loss".to_string(), self.loss)).chain(self.metrics);
        all.map(|(name, value)| (format!("{before}{name}"), value)).collect()
    }
}

/// Loss and outputs, in evaluation mode, batch by batch in the order of the data. Outputs are gathered if they are wanted.
pub(super) fn run<M, B, T: Real>(
    objective: &Objective<'_, M, B, T>,
    model: &M,
    data: &dyn Dataset<Batch = B>,
    size: usize,
    wanted: bool,
) -> Result<(f64, Option<Tensor<T>>), Error> {
    let (mut sum, mut outputs) = (0.0, Vec::new());
    for rows in Order::Stored(size).batches(0, data.len(), 0)? {
        let (loss, output) = objective(model, &Tape::new().evaluating(), &data.batch(&rows));
        sum += loss.value().to_vec().first().map_or(f64::NAN, |loss| loss.to_f64()) * rows.len() as f64;
        if !wanted {
            continue;
        }
        let output = output.ok_or_else(|| {
            let help = "let the closure return `(loss, output)`";
            Error::value("there is no output for metrics, the closure gives the loss alone", help).during("Trainer", [])
        })?;
        if output.value().shape().first() != Some(&rows.len()) {
            let problem = format!("an output of shape {} for a batch of {} rows", output.value().shape(), rows.len());
            return Err(
                Error::shape(problem, "give an output with one row for each row of the batch").during("Trainer", [])
            );
        }
        outputs.push(output.value().clone());
    }
    let parts: Vec<_> = outputs.iter().collect();
    let outputs = if wanted { Some(Tensor::try_concat(&parts, 0)?) } else { None };
    Ok((sum / data.len() as f64, outputs))
}

impl<M, B, T: Real> Trainer<'_, M, B, T> {
    /// The loss and the metrics of a model on a data set, in evaluation mode: dropout passes everything, batch norms use
    /// what they learned. The loss is the mean over batches, by their rows; metrics are of all rows at once.
    ///
    /// # Errors
    /// If there are no rows, or metrics but no outputs to measure.
    ///
    /// # Panics
    /// As the model and the loss do.
    pub fn evaluate(&self, model: &M, data: &dyn Dataset<Batch = B>) -> Result<Evaluation, TrainError> {
        let (loss, outputs) = run(&self.objective, model, data, self.evaluation_size, !self.metrics.is_empty())?;
        let metrics = outputs.map(|outputs| {
            let all = data.batch(&(0..data.len()).collect::<Vec<_>>());
            self.metrics.iter().map(|metric| (metric.name.clone(), (metric.compute)(&outputs, &all))).collect()
        });
        Ok(Evaluation { loss, metrics: metrics.unwrap_or_default() })
    }

    /// The outputs of a model for all rows of a data set, in its order and in evaluation mode.
    ///
    /// # Errors
    /// If there are no rows, or the trainer's closure gives the loss alone.
    ///
    /// # Panics
    /// As the model does.
    pub fn outputs(&self, model: &M, data: &dyn Dataset<Batch = B>) -> Result<Tensor<T>, TrainError> {
        let (_, outputs) = run(&self.objective, model, data, self.evaluation_size, true)?;
        Ok(outputs.unwrap_or_else(|| Tensor::zeros([0])))
    }

    /// The outputs of a layer for inputs `[n, …]`, of which no targets are known. Nothing is recorded; the memory is that of
    /// one batch.
    ///
    /// # Errors
    /// If there are no inputs, or they have no axis of rows.
    ///
    /// # Panics
    /// As the layer does.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::train::Trainer;
    /// let net = Linear::new(2, 3, &mut ChaCha8Rng::seed_from_u64(0));
    /// let trainer = Trainer::of_layer(Adam::new(0.1), |y, labels: &Vec<usize>| y.cross_entropy(labels)).with_batch_size(16);
    /// let x = Tensor::from_fn([100, 2], |i| i as f32);
    /// assert!((trainer.predict(&net, &x)? - net.forward(x)).abs().max().item() < 1e-4);
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    pub fn predict(&self, model: &M, inputs: &Tensor<T>) -> Result<Tensor<T>, TrainError>
    where
        M: Layer<T>,
    {
        let rows = inputs.shape().first().copied().unwrap_or(0);
        if rows == 0 {
            let problem = format!("inputs of shape {}", inputs.shape());
            return Err(Error::shape(problem, "give one row for each input: [n, …]")
                .during("Trainer::predict", [])
                .into());
        }
        let outputs: Vec<Tensor<T>> = (0..rows)
            .step_by(self.evaluation_size)
            .map(|at| model.forward(inputs.slice(0, at as isize..(at + self.evaluation_size).min(rows) as isize)))
            .collect();
        Ok(Tensor::try_concat(&outputs.iter().collect::<Vec<_>>(), 0)?)
    }
}
