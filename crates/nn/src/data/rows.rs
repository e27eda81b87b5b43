//! Some rows of a data set, as one of its own.

use super::Dataset;
use autograd::Error;

/// Some rows of another data set, in an order of their own: a part of a split, a fold, a sample. Nothing is copied.
///
/// ```
/// use nn::data::{Dataset, Rows, train_test_split, two_moons};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let moons = two_moons(100, 0.1, &mut ChaCha8Rng::seed_from_u64(0));
/// let split = train_test_split(moons.len(), 0.2, 0)?;
/// let test = Rows::new(&moons, split.test)?;
/// assert_eq!((test.len(), test.batch(&[0, 1]).1.len()), (20, 2));
/// # Ok::<(), autograd::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rows<'a, D: ?Sized> {
    data: &'a D,
    rows: Vec<usize>,
}

impl<'a, D: Dataset + ?Sized> Rows<'a, D> {
    /// These rows of a data set.
    ///
    /// # Errors
    /// If one does not exist.
    #[track_caller]
    pub fn new(data: &'a D, rows: Vec<usize>) -> Result<Self, Error> {
        match rows.iter().find(|&&row| row >= data.len()) {
            None => Ok(Rows { data, rows }),
            Some(row) => {
                let problem = format!("row {row} of a data set of {} rows", data.len());
                Err(Error::index(problem, "rows count from 0").during("Rows::new", []))
            }
        }
    }
}

impl<D: Dataset + ?Sized> Dataset for Rows<'_, D> {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn batch(&self, rows: &[usize]) -> Self::Batch {
        self.data.batch(&rows.iter().map(|&row| self.rows[row]).collect::<Vec<_>>())
    }
}
