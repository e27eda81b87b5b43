//! Which class was taken for which.

use std::fmt;

/// How often each class was taken for each: `counts[actual][predicted]`.
///
/// ```
/// use nn::metrics::ConfusionMatrix;
/// let matrix = ConfusionMatrix::new(&[0, 1, 1, 1], &[0, 0, 1, 1], 2);
/// assert_eq!(matrix.counts(), [vec![1, 1], vec![0, 2]]);
/// assert_eq!(matrix.class(1).precision, 2.0 / 3.0);
/// assert_eq!(matrix.class(1).recall, 1.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionMatrix {
    counts: Vec<Vec<usize>>,
    zero_division: f64,
}

/// Precision `tp/(tp + fp)`, recall `tp/(tp + fn)`, and F1 `2tp/(2tp + fp + fn)`; 0/0 counts as 0 unless
/// [`ConfusionMatrix::with_zero_division`] says otherwise.
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
        ConfusionMatrix { counts, zero_division: 0.0 }
    }

    /// Lets 0/0 in precision, recall and F1 count as `value`: the precision of a class that is never predicted, the recall
    /// of one that never occurs.
    ///
    /// ```
    /// use nn::metrics::ConfusionMatrix;
    /// let matrix = ConfusionMatrix::new(&[0, 0], &[0, 0], 2);
    /// assert_eq!(matrix.class(1).recall, 0.0);
    /// assert_eq!(matrix.with_zero_division(1.0).class(1).recall, 1.0);
    /// ```
    pub fn with_zero_division(mut self, value: f64) -> Self {
        self.zero_division = value;
        self
    }

    /// `counts[actual][predicted]`.
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// Precision, recall and F1 of one class; of a class beyond the matrix as of one that never came.
    pub fn class(&self, class: usize) -> ClassScores {
        let right = self.counts.get(class).map_or(0, |row| row[class]);
        self.scores(right, self.called(class), self.support(class))
    }

    /// The number of rows that were called this class.
    fn called(&self, class: usize) -> usize {
        self.counts.iter().filter_map(|row| row.get(class)).sum()
    }

    /// The number of rows that are this class.
    fn support(&self, class: usize) -> usize {
        self.counts.get(class).map_or(0, |row| row.iter().sum())
    }

    /// The number of all rows, and of those that are right.
    fn rows(&self) -> (usize, usize) {
        (self.counts.iter().flatten().sum(), (0..self.counts.len()).map(|class| self.counts[class][class]).sum())
    }

    /// Precision, recall and F1 over all classes.
    pub fn average(&self, average: Average) -> ClassScores {
        let classes: Vec<ClassScores> = (0..self.counts.len()).map(|class| self.class(class)).collect();
        let (support, right) = self.rows();
        if average == Average::Micro {
            return self.scores(right, support, support);
        }
        let weight = |class: &ClassScores| match average {
            Average::Macro => 1.0 / classes.len().max(1) as f64,
            _ => class.support as f64 / support.max(1) as f64,
        };
        let mean = |of: fn(&ClassScores) -> f64| classes.iter().map(|class| weight(class) * of(class)).sum();
        ClassScores { precision: mean(|c| c.precision), recall: mean(|c| c.recall), f1: mean(|c| c.f1), support }
    }

    /// The mean recall over the classes that occur; 0 of nothing.
    ///
    /// ```
    /// use nn::metrics::ConfusionMatrix;
    /// let matrix = ConfusionMatrix::new(&[0, 0, 0, 0], &[0, 0, 0, 1], 2);
    /// assert_eq!(matrix.balanced_accuracy(), 0.5);
    /// ```
    pub fn balanced_accuracy(&self) -> f64 {
        let classes = (0..self.counts.len()).map(|class| self.class(class));
        let recalls: Vec<f64> = classes.filter(|class| class.support > 0).map(|class| class.recall).collect();
        recalls.iter().sum::<f64>() / recalls.len().max(1) as f64
    }

    /// Matthews' correlation coefficient of predicted and actual classes, from −1 to 1:
    /// `(c·s − Σₖ pₖtₖ) / √((s² − Σpₖ²)(s² − Σtₖ²))` with `s` rows, `c` right ones, `pₖ` called and `tₖ` being class `k`;
    /// 0 where only one class is called or only one occurs.
    ///
    /// Source: Gorodkin, *Comparing two K-category assignments by a K-category correlation coefficient*, 2004.
    ///
    /// ```
    /// use nn::metrics::ConfusionMatrix;
    /// assert_eq!(ConfusionMatrix::new(&[0, 1, 2], &[0, 1, 2], 3).matthews(), 1.0);
    /// assert_eq!(ConfusionMatrix::new(&[1, 0], &[0, 1], 2).matthews(), -1.0);
    /// ```
    pub fn matthews(&self) -> f64 {
        let (all, right) = self.rows();
        let classes = || (0..self.counts.len()).map(|class| (self.called(class) as f64, self.support(class) as f64));
        let (all, right) = (all as f64, right as f64);
        let both = right * all - classes().map(|(called, support)| called * support).sum::<f64>();
        let called = all * all - classes().map(|(called, _)| called * called).sum::<f64>();
        let support = all * all - classes().map(|(_, support)| support * support).sum::<f64>();
        if called == 0.0 || support == 0.0 { 0.0 } else { both / (called * support).sqrt() }
    }

    fn scores(&self, right: usize, called: usize, support: usize) -> ClassScores {
        let ratio = |a: usize, b: usize| if b == 0 { self.zero_division } else { a as f64 / b as f64 };
        ClassScores {
            precision: ratio(right, called),
            recall: ratio(right, support),
            f1: ratio(2 * right, called + support),
            support,
        }
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
