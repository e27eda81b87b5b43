//! How well scores tell classes apart, at any threshold.

use super::{Rows, numbers, rows};
use autograd::algebra::Real;
use autograd::{Error, Tensor};

/// Which rows are called positive at each threshold: the receiver operating characteristic; see [`roc_curve`].
#[derive(Clone, Debug, PartialEq)]
pub struct RocCurve {
    /// The fraction of negative rows that are called positive.
    pub false_positive_rates: Vec<f64>,
    /// The fraction of positive rows that are called positive.
    pub true_positive_rates: Vec<f64>,
    /// A row is called positive from this score up; the first is infinite: none is.
    pub thresholds: Vec<f64>,
}

/// How the classes of a many-class problem are told apart two by two, for [`roc_auc_of_classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classes {
    /// Each class against all others; the mean over classes.
    OneVersusRest,
    /// Each pair of classes by the scores of either, on the rows of the two; the mean over pairs.
    ///
    /// Source: Hand and Till, *A simple generalisation of the area under the ROC curve*, 2001.
    OneVersusOne,
}

/// The curve of true against false positives over all thresholds, from the highest score down; one point for each score
/// that occurs, after (0, 0). Label 1 is positive, 0 negative. Scores `[n]`.
///
/// # Errors
/// If there is not one label for each score, a label is neither 0 nor 1, a score is NaN, or one of the classes is missing.
///
/// ```
/// use autograd::Tensor;
/// let curve = nn::metrics::roc_curve(&Tensor::from([0.9, 0.4, 0.6, 0.1]), &[1, 1, 0, 0]).unwrap();
/// assert_eq!(curve.true_positive_rates, [0.0, 0.5, 0.5, 1.0, 1.0]);
/// assert_eq!(curve.false_positive_rates, [0.0, 0.0, 0.5, 0.5, 1.0]);
/// ```
#[track_caller]
pub fn roc_curve<T: Real>(scores: &Tensor<T>, actual: &[usize]) -> Result<RocCurve, Error> {
    let ranking = Ranking::of("roc_curve", scores, actual)?;
    ranking.has_both("roc_curve")?;
    let mut curve =
        RocCurve { false_positive_rates: vec![0.0], true_positive_rates: vec![0.0], thresholds: vec![f64::INFINITY] };
    for step in &ranking.steps {
        curve.false_positive_rates.push(step.negatives as f64 / ranking.negatives() as f64);
        curve.true_positive_rates.push(step.positives as f64 / ranking.positives() as f64);
        curve.thresholds.push(step.score);
    }
    Ok(curve)
}

/// The area under the [`roc_curve`]: the probability that a positive row has a higher score than a negative one, ties
/// counting one half.
///
/// # Errors
/// As [`roc_curve`].
///
/// ```
/// use autograd::Tensor;
/// assert_eq!(nn::metrics::roc_auc(&Tensor::from([0.9, 0.4, 0.6, 0.1]), &[1, 1, 0, 0]).unwrap(), 0.75);
/// ```
#[track_caller]
pub fn roc_auc<T: Real>(scores: &Tensor<T>, actual: &[usize]) -> Result<f64, Error> {
    Ranking::of("roc_auc", scores, actual)?.area("roc_auc")
}

/// The mean area under the ROC curve over classes, or pairs of them. Scores `[n, classes]`.
///
/// # Errors
/// If there is not one label for each row, a label is no class, a score is NaN, or a class does not occur.
///
/// ```
/// use autograd::Tensor;
/// use nn::metrics::{Classes, roc_auc_of_classes};
/// let scores = Tensor::from([[0.8, 0.1, 0.1], [0.1, 0.7, 0.2], [0.2, 0.1, 0.7]]);
/// assert_eq!(roc_auc_of_classes(&scores, &[0, 1, 2], Classes::OneVersusOne).unwrap(), 1.0);
/// ```
#[track_caller]
pub fn roc_auc_of_classes<T: Real>(scores: &Tensor<T>, actual: &[usize], classes: Classes) -> Result<f64, Error> {
    let name = "roc_auc_of_classes";
    let Rows { scores, classes: count } = rows(name, scores, actual)?;
    if count < 2 {
        return Err(Error::value(format!("scores of {count} classes"), "give at least two").during(name, []));
    }
    // Each class with those that it is told from: one other class, or all.
    let contests: Vec<(usize, Option<usize>)> = match classes {
        Classes::OneVersusRest => (0..count).map(|class| (class, None)).collect(),
        Classes::OneVersusOne => {
            let others = |class| (0..count).filter(move |&other| other != class).map(move |other| (class, Some(other)));
            (0..count).flat_map(others).collect()
        }
    };
    let mut areas = 0.0;
    for &(class, other) in &contests {
        let rows = actual.iter().enumerate().filter(|&(_, &a)| a == class || other.is_none_or(|other| a == other));
        let pairs = rows.map(|(row, &a)| (scores[row * count + class], usize::from(a == class)));
        areas += Ranking::new(name, pairs.collect())?.area(name)?;
    }
    Ok(areas / contests.len() as f64)
}

/// The mean precision over the positive rows, each at the threshold that just admits it: `Σₙ (Rₙ − Rₙ₋₁)·Pₙ` over the
/// scores that occur, without interpolation. Label 1 is positive. Scores `[n]`.
///
/// # Errors
/// If there is not one label for each score, a label is neither 0 nor 1, a score is NaN, or no row is positive.
///
/// ```
/// use autograd::Tensor;
/// let precision = nn::metrics::average_precision(&Tensor::from([0.9, 0.4, 0.6, 0.1]), &[1, 1, 0, 0]).unwrap();
/// assert_eq!(precision, (1.0 + 2.0 / 3.0) / 2.0);
/// ```
#[track_caller]
pub fn average_precision<T: Real>(scores: &Tensor<T>, actual: &[usize]) -> Result<f64, Error> {
    let ranking = Ranking::of("average_precision", scores, actual)?;
    if ranking.positives() == 0 {
        return Err(missing("average_precision", 1));
    }
    let mut before = 0;
    let terms = ranking.steps.iter().map(|step| {
        let new = step.positives - std::mem::replace(&mut before, step.positives);
        new as f64 / ranking.positives() as f64 * step.positives as f64 / (step.positives + step.negatives) as f64
    });
    Ok(terms.sum())
}

/// Rows by score, from the highest down.
struct Ranking {
    steps: Vec<Step>,
}

/// How many rows of each class have at least this score.
struct Step {
    score: f64,
    positives: usize,
    negatives: usize,
}

impl Ranking {
    #[track_caller]
    fn of<T: Real>(metric: &'static str, scores: &Tensor<T>, actual: &[usize]) -> Result<Self, Error> {
        let shape = scores.shape();
        if shape[..] != [actual.len()] {
            let problem = format!("{} labels for scores of shape {shape}", actual.len());
            return Err(Error::value(problem, "give one label for each score: [n]").during(metric, []));
        }
        if let Some(row) = actual.iter().position(|&label| label > 1) {
            let problem = format!("label {} at position {row} is neither 0 nor 1", actual[row]);
            return Err(Error::value(problem, "for more classes there is `roc_auc_of_classes`").during(metric, []));
        }
        Self::new(metric, numbers(scores).into_iter().zip(actual.iter().copied()).collect())
    }

    #[track_caller]
    fn new(metric: &'static str, mut pairs: Vec<(f64, usize)>) -> Result<Self, Error> {
        if let Some(row) = pairs.iter().position(|(score, _)| score.is_nan()) {
            let problem = format!("the score at position {row} is NaN");
            return Err(Error::value(problem, "scores must be comparable; find where it came from").during(metric, []));
        }
        pairs.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let mut steps: Vec<Step> = Vec::new();
        for (score, label) in pairs {
            let (positives, negatives) = steps.last().map_or((0, 0), |step| (step.positives, step.negatives));
            if steps.last().is_none_or(|step| step.score != score) {
                steps.push(Step { score, positives, negatives });
            }
            if let Some(step) = steps.last_mut() {
                step.positives += label;
                step.negatives += 1 - label;
            }
        }
        Ok(Ranking { steps })
    }

    fn positives(&self) -> usize {
        self.steps.last().map_or(0, |step| step.positives)
    }

    fn negatives(&self) -> usize {
        self.steps.last().map_or(0, |step| step.negatives)
    }

    #[track_caller]
    fn has_both(&self, metric: &'static str) -> Result<(), Error> {
        match (self.negatives(), self.positives()) {
            (0, _) => Err(missing(metric, 0)),
            (_, 0) => Err(missing(metric, 1)),
            _ => Ok(()),
        }
    }

    /// Twice the area is a whole number of pairs, so it is counted exactly.
    #[track_caller]
    fn area(&self, metric: &'static str) -> Result<f64, Error> {
        self.has_both(metric)?;
        let (mut twice, mut positives, mut negatives) = (0_u128, 0, 0);
        for step in &self.steps {
            twice += ((step.negatives - negatives) * (step.positives + positives)) as u128;
            (positives, negatives) = (step.positives, step.negatives);
        }
        Ok(twice as f64 / (2 * positives * negatives) as f64)
    }
}

#[track_caller]
fn missing(metric: &'static str, class: usize) -> Error {
    let which = if class == 1 { "positive" } else { "negative" };
    Error::value(format!("no row is {which}"), "it is not defined without both classes; take a larger sample")
        .during(metric, [])
}
