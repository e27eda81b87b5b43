//! What a data set is: rows that are gathered into batches.

use autograd::algebra::Real;
use autograd::{Indexing, Shaping, Tensor};

/// Rows that can be gathered into batches: what mini-batches, splits and trainers work on.
///
/// ```
/// use nn::data::{Dataset, batches};
///
/// /// Numbers and their squares, made when they are asked for.
/// struct Squares(usize);
/// impl Dataset for Squares {
///     type Batch = Vec<(usize, usize)>;
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn batch(&self, rows: &[usize]) -> Self::Batch {
///         rows.iter().map(|&row| (row, row * row)).collect()
///     }
/// }
/// assert_eq!(batches(&Squares(10), 4, 0).map(|batch| batch.len()).collect::<Vec<_>>(), [4, 4, 2]);
/// ```
pub trait Dataset {
    /// What some rows are gathered into.
    type Batch;

    /// The number of rows.
    fn len(&self) -> usize;

    /// These rows, in this order.
    ///
    /// # Panics
    /// If one does not exist.
    fn batch(&self, rows: &[usize]) -> Self::Batch;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Inputs, one row each, and their classes.
///
/// ```
/// use nn::data::Labelled;
/// let points = Labelled::new([[0.0, 0.0], [1.0, 1.0], [0.5, 0.1]].into(), vec![0, 1, 0]).unwrap();
/// assert_eq!((points.len(), points.features(), points.classes), (3, 2, 2));
/// let (train, test) = points.split_at(2);
/// assert_eq!((train.len(), test.labels), (2, vec![0]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled<T: Real = f32> {
    /// The inputs, `[n, …]`.
    pub inputs: Tensor<T>,
    /// The class of each.
    pub labels: Vec<usize>,
    /// The number of classes.
    pub classes: usize,
}

impl<T: Real> Labelled<T> {
    /// Inputs `[n, …]` with the class of each; there are as many classes as the largest label asks for.
    ///
    /// # Errors
    /// If there is not one label for each row.
    #[track_caller]
    pub fn new(inputs: Tensor<T>, labels: Vec<usize>) -> Result<Self, autograd::Error> {
        one_for_each("Labelled::new", &inputs, labels.len(), "labels")?;
        let classes = labels.iter().max().map_or(0, |&label| label + 1);
        Ok(Labelled { inputs, labels, classes })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of features of each row.
    pub fn features(&self) -> usize {
        self.inputs.shape().iter().skip(1).product()
    }

    /// The first `n` rows, and the others.
    pub fn split_at(&self, n: usize) -> (Self, Self) {
        let n = n.min(self.len());
        let part = |inputs: Tensor<T>, labels: &[usize]| Labelled {
            inputs: inputs.contiguous(),
            labels: labels.to_vec(),
            classes: self.classes,
        };
        let at = n as isize;
        (part(self.inputs.slice(0, ..at), &self.labels[..n]), part(self.inputs.slice(0, at..), &self.labels[n..]))
    }

    /// A data set of these rows, in this order.
    ///
    /// # Panics
    /// If one does not exist.
    pub fn select(&self, rows: &[usize]) -> Self {
        let (inputs, labels) = self.batch(rows);
        Labelled { inputs, labels, classes: self.classes }
    }
}

impl<T: Real> Dataset for Labelled<T> {
    type Batch = (Tensor<T>, Vec<usize>);

    fn len(&self) -> usize {
        self.labels.len()
    }

    fn batch(&self, rows: &[usize]) -> Self::Batch {
        (self.inputs.index_select(0, rows), rows.iter().map(|&row| self.labels[row]).collect())
    }
}

/// Inputs, one row each, and the numbers that belong to them: for regression.
///
/// ```
/// use nn::data::{Dataset, Measured};
/// let line = Measured::new([[0.0], [1.0], [2.0]].into(), [[1.0], [3.0], [5.0]].into()).unwrap();
/// let (x, y) = line.batch(&[2, 0]);
/// assert_eq!((x.to_vec(), y.to_vec()), (vec![2.0, 0.0], vec![5.0, 1.0]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Measured<T: Real = f32> {
    /// The inputs, `[n, …]`.
    pub inputs: Tensor<T>,
    /// What belongs to each, `[n, …]`.
    pub targets: Tensor<T>,
}

impl<T: Real> Measured<T> {
    /// Inputs `[n, …]` with targets `[n, …]`.
    ///
    /// # Errors
    /// If there is not one target for each row.
    #[track_caller]
    pub fn new(inputs: Tensor<T>, targets: Tensor<T>) -> Result<Self, autograd::Error> {
        one_for_each("Measured::new", &inputs, targets.shape().first().copied().unwrap_or(0), "targets")?;
        Ok(Measured { inputs, targets })
    }

    /// A data set of these rows, in this order.
    ///
    /// # Panics
    /// If one does not exist.
    pub fn select(&self, rows: &[usize]) -> Self {
        let (inputs, targets) = self.batch(rows);
        Measured { inputs, targets }
    }
}

impl<T: Real> Dataset for Measured<T> {
    type Batch = (Tensor<T>, Tensor<T>);

    fn len(&self) -> usize {
        self.inputs.shape().first().copied().unwrap_or(0)
    }

    fn batch(&self, rows: &[usize]) -> Self::Batch {
        (self.inputs.index_select(0, rows), self.targets.index_select(0, rows))
    }
}

#[track_caller]
fn one_for_each<T: Real>(
    name: &'static str,
    inputs: &Tensor<T>,
    count: usize,
    what: &str,
) -> Result<(), autograd::Error> {
    let shape = inputs.shape();
    match shape.first() {
        Some(&rows) if rows == count => Ok(()),
        _ => {
            let problem = format!("{count} {what} for inputs of shape {shape}");
            Err(autograd::Error::value(problem, format!("give one row of {what} for each row of inputs"))
                .during(name, []))
        }
    }
}
