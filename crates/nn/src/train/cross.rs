//! Cross-validation: a model and a run for each fold, judged on the rows that it did not see.

use super::{Evaluation, TrainError, Trained, Trainer};
use crate::Module;
use crate::data::{Dataset, Rows, Split};
use autograd::algebra::Real;
use std::fmt;

/// What cross-validation came to.
#[derive(Clone, Debug)]
pub struct CrossValidation<M> {
    /// Each fold, in order.
    pub folds: Vec<Fold<M>>,
}

/// One fold.
#[derive(Clone, Debug)]
pub struct Fold<M> {
    /// The model that learned from the fold's training rows.
    pub model: M,
    /// Its run.
    pub trained: Trained,
    /// How good it is on the fold's test rows.
    pub evaluation: Evaluation,
}

/// Trains a model of its own for each fold, on the fold's training rows, and evaluates it on the others: what `make` gives for
/// a fold, counted from 0, a model and a trainer. The test rows have no part in the training, early stopping included: a
/// trainer with a validation split takes it from the training rows.
///
/// The folds come from [`k_fold`](crate::data::k_fold) or [`stratified_k_fold`](crate::data::stratified_k_fold).
///
/// # Errors
/// As [`Trainer::fit`], for the first fold that fails.
///
/// ```
/// use nn::data;
/// use nn::prelude::*;
/// use nn::train::{Trainer, cross_validate};
/// let clouds = data::blobs(90, 3, 0.3, &mut ChaCha8Rng::seed_from_u64(0));
/// let folds = data::stratified_k_fold(&clouds.labels, 3, 0)?;
/// let result = cross_validate(&clouds, &folds, |fold| {
///     let net = Linear::new(2, 3, &mut ChaCha8Rng::seed_from_u64(fold));
///     let trainer = Trainer::of_layer(Adam::new(0.3), |y, labels: &Vec<usize>| y.cross_entropy(labels))
///         .with_metric("accuracy", |y, (_, labels)| metrics::accuracy(&metrics::argmax(y), labels))
///         .with_epochs(20);
///     (net, trainer)
/// })?;
/// let (mean, deviation) = result.mean("accuracy").unwrap();
/// assert!(mean > 0.9 && deviation < 0.1);
/// # Ok::<(), nn::train::TrainError>(())
/// ```
pub fn cross_validate<'a, M: Module<T>, B: 'a, T: Real>(
    data: &dyn Dataset<Batch = B>,
    folds: &[Split],
    make: impl Fn(u64) -> (M, Trainer<'a, M, B, T>),
) -> Result<CrossValidation<M>, TrainError> {
    let run = |(fold, split): (usize, &Split)| {
        let (mut model, mut trainer) = make(fold as u64);
        let trained = trainer.fit(&mut model, &Rows::new(data, split.train.clone())?)?;
        let evaluation = trainer.evaluate(&model, &Rows::new(data, split.test.clone())?)?;
        Ok(Fold { model, trained, evaluation })
    };
    let folds: Result<_, TrainError> = folds.iter().enumerate().map(run).collect();
    Ok(CrossValidation { folds: folds? })
}

impl<M> CrossValidation<M> {
    /// The mean and the standard deviation (over `k − 1`) of a metric, or of `loss`, over the folds; `None` if there is no
    /// such.
    pub fn mean(&self, name: &str) -> Option<(f64, f64)> {
        let of = |fold: &Fold<M>| match name {
            "loss" => Some(fold.evaluation.loss),
            _ => fold.evaluation.get(name),
        };
        let values: Vec<f64> = self.folds.iter().map(of).collect::<Option<_>>()?;
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (!values.is_empty()).then(|| (mean, if n > 1.0 { (squares / (n - 1.0)).sqrt() } else { 0.0 }))
    }
}

/// A line for the loss and each metric: `accuracy 0.953 ± 0.030 over 5 folds`.
impl<M> fmt::Display for CrossValidation<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metrics = self.folds.first().map(|fold| &fold.evaluation.metrics[..]).unwrap_or_default();
        let names = ["loss"].into_iter().chain(metrics.iter().map(|(name, _)| name.as_str()));
        for name in names {
            if let Some((mean, deviation)) = self.mean(name) {
                writeln!(f, "{name} {mean:.4} ± {deviation:.4} over {} folds", self.folds.len())?;
            }
        }
        Ok(())
    }
}
