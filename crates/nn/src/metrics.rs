//! How well a classifier does.

use autograd::Tensor;
use autograd::algebra::Real;
use std::fmt;

/// The class with the largest score in each row; the first one where several are equal. Shape `[n, classes]`.
///
/// ```
/// use autograd::Tensor;
/// assert_eq!(nn::metrics::argmax(&Tensor::from([[0.1_f32, 0.9], [0.8, 0.2]])), [1, 0]);
/// ```
pub fn argmax<T: Real>(scores: &Tensor<T>) -> Vec<usize> {
    let classes = scores.shape().last().copied().unwrap_or(1).max(1);
    let best = |row: &[T]| (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
    scores.to_vec().chunks(classes).map(best).collect()
}

/// The fraction that is right; 0 of nothing.
///
/// ```
/// assert_eq!(nn::metrics::accuracy(&[1, 0, 2, 2], &[1, 0, 2, 0]), 0.75);
/// ```
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    correct(predicted, actual) as f64 / actual.len().max(1) as f64
}

/// The number that is right.
pub fn correct(predicted: &[usize], actual: &[usize]) -> usize {
    predicted.iter().zip(actual).filter(|(p, a)| p == a).count()
}

/// How often each class was taken for each: `counts[actual][predicted]`.
///
/// ```
/// use nn::metrics::ConfusionMatrix;
/// let matrix = ConfusionMatrix::new(&[0, 1, 1, 1], &[0, 0, 1, 1], 2);
/// assert_eq!(matrix.counts(), [vec![1, 1], vec![0, 2]]);
/// assert_eq!(matrix.class(1).precision, 2.0 / 3.0);
/// assert_eq!(matrix.class(1).recall, 1.0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    counts: Vec<Vec<usize>>,
}

/// Precision `tp/(tp + fp)`, recall `tp/(tp + fn)`, and F1 `2tp/(2tp + fp + fn)`; 0/0 counts as 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores {
    /// Of those that were called this class, the fraction that is.
    pub precision: f64,
    /// Of those that are this class, the fraction that was called so.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// How many are this class.
    pub support: usize,
}

/// How the scores of classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// The mean over classes.
    Macro,
    /// The mean over classes, weighted by how often each occurs.
    Weighted,
    /// From the pooled counts.
    Micro,
}

impl ConfusionMatrix {
    /// Counts predictions against truths for `classes` classes; a class beyond them widens the matrix.
    pub fn new(predicted: &[usize], actual: &[usize], classes: usize) -> Self {
        let most = predicted.iter().chain(actual).copied().max().map_or(0, |class| class + 1);
        let classes = classes.max(most);
        let mut counts = vec![vec![0; classes]; classes];
        for (&p, &a) in predicted.iter().zip(actual) {
            counts[a][p] += 1;
        }
        ConfusionMatrix { counts }
    }

    /// `counts[actual][predicted]`.
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// Precision, recall and F1 of one class.
    pub fn class(&self, class: usize) -> ClassScores {
        let right = self.counts[class][class];
        let called: usize = self.counts.iter().map(|row| row[class]).sum();
        let support: usize = self.counts[class].iter().sum();
        scores(right, called, support)
    }

    /// Precision, recall and F1 over all classes.
    pub fn average(&self, average: Average) -> ClassScores {
        let classes: Vec<ClassScores> = (0..self.counts.len()).map(|class| self.class(class)).collect();
        let support: usize = classes.iter().map(|class| class.support).sum();
        if average == Average::Micro {
            let right = (0..self.counts.len()).map(|class| self.counts[class][class]).sum();
            return scores(right, support, support);
        }
        let weight = |class: &ClassScores| match average {
            Average::Macro => 1.0 / classes.len().max(1) as f64,
            _ => class.support as f64 / support.max(1) as f64,
        };
        let mean = |of: fn(&ClassScores) -> f64| classes.iter().map(|class| weight(class) * of(class)).sum();
        ClassScores { precision: mean(|c| c.precision), recall: mean(|c| c.recall), f1: mean(|c| c.f1), support }
    }
}

fn scores(right: usize, called: usize, support: usize) -> ClassScores {
    let ratio = |a: usize, b: usize| if b == 0 { 0.0 } else { a as f64 / b as f64 };
    ClassScores {
        precision: ratio(right, called),
        recall: ratio(right, support),
        f1: ratio(2 * right, called + support),
        support,
    }
}

impl fmt::Display for ConfusionMatrix {
    /// A row an actual class, a column a predicted one, and the scores of each class.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "actual \\ predicted")?;
        for class in 0..self.counts.len() {
            write!(f, "{class:>5}")?;
        }
        writeln!(f, "   precision  recall      F1")?;
        for (class, row) in self.counts.iter().enumerate() {
            write!(f, "{class:>18}")?;
            for count in row {
                if *count == 0 {
                    write!(f, "    ·")?;
                } else {
                    write!(f, "{count:>5}")?;
                }
            }
            let scores = self.class(class);
            writeln!(f, "   {:>9.3} {:>7.3} {:>7.3}", scores.precision, scores.recall, scores.f1)?;
        }
        Ok(())
    }
}
