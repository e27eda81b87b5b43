//! Which rows to learn from and which to test on.
//!
//! Every function gives row numbers, for [`Rows`](super::Rows) of any data or [`Labelled::select`](super::Labelled::select). The order is drawn by
//! ChaCha8 from a seed.

use autograd::Error;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

/// Rows to learn from and rows to test on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The rows to learn from, in the order drawn.
    pub train: Vec<usize>,
    /// The rows to test on, in the order drawn.
    pub test: Vec<usize>,
}

/// `n` rows in two parts: `⌈n · fraction⌉` rows to test on, the others to learn from.
///
/// # Errors
/// If the fraction is not between 0 and 1.
///
/// ```
/// let split = nn::data::train_test_split(10, 0.25, 7).unwrap();
/// assert_eq!((split.train.len(), split.test.len()), (7, 3));
/// ```
#[track_caller]
pub fn train_test_split(n: usize, fraction: f64, seed: u64) -> Result<Split, Error> {
    let test = part(n, fraction)?;
    let mut rows = shuffled((0..n).collect(), seed);
    let train = rows.split_off(test);
    Ok(Split { train, test: rows })
}

/// [`train_test_split`] that keeps the proportions of the classes: of each, what it has of the test rows is within one of
/// its share. `labels` has the class of each row.
///
/// # Errors
/// As [`train_test_split`].
///
/// ```
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1];
/// let split = nn::data::stratified_split(&labels, 0.5, 7).unwrap();
/// assert_eq!(split.test.iter().filter(|&&row| labels[row] == 1).count(), 1);
/// ```
#[track_caller]
pub fn stratified_split(labels: &[usize], fraction: f64, seed: u64) -> Result<Split, Error> {
    let (n, test) = (labels.len(), part(labels.len(), fraction)?);
    let classes = by_class(labels, seed);
    // Whole shares first; what is left goes to the classes whose shares were cut the most.
    let mut taken: Vec<usize> = classes.iter().map(|rows| rows.len() * test / n).collect();
    let mut by_rest: Vec<usize> = (0..classes.len()).collect();
    by_rest.sort_by_key(|&class| std::cmp::Reverse(classes[class].len() * test % n));
    let left = test - taken.iter().sum::<usize>();
    for &class in by_rest.iter().take(left) {
        taken[class] += 1;
    }
    let mut split = Split { train: Vec::new(), test: Vec::new() };
    for (rows, taken) in classes.iter().zip(taken) {
        split.test.extend(&rows[..taken]);
        split.train.extend(&rows[taken..]);
    }
    Ok(Split { train: shuffled(split.train, seed), test: shuffled(split.test, seed) })
}

/// `n` rows in `k` folds: each is tested on once, by a model that learned from the others. The first `n mod k` folds have one
/// row more.
///
/// # Errors
/// If there are less than 2 folds, or more than rows.
///
/// ```
/// let folds = nn::data::k_fold(10, 3, 7).unwrap();
/// assert_eq!(folds.iter().map(|fold| fold.test.len()).collect::<Vec<_>>(), [4, 3, 3]);
/// ```
#[track_caller]
pub fn k_fold(n: usize, k: usize, seed: u64) -> Result<Vec<Split>, Error> {
    folds(shuffled((0..n).collect(), seed), k)
}

/// [`k_fold`] that keeps the proportions of the classes: of each, the folds test on equally many, up to one. `labels` has the
/// class of each row.
///
/// # Errors
/// As [`k_fold`].
///
/// ```
/// let labels = [0, 0, 0, 0, 1, 1];
/// for fold in nn::data::stratified_k_fold(&labels, 2, 7).unwrap() {
///     assert_eq!(fold.test.iter().filter(|&&row| labels[row] == 1).count(), 1);
/// }
/// ```
#[track_caller]
pub fn stratified_k_fold(labels: &[usize], k: usize, seed: u64) -> Result<Vec<Split>, Error> {
    folds(by_class(labels, seed).concat(), k)
}

/// Deals rows out to `k` folds in turn.
#[track_caller]
fn folds(rows: Vec<usize>, k: usize) -> Result<Vec<Split>, Error> {
    if k < 2 || k > rows.len() {
        let problem = format!("{k} folds of {} rows", rows.len());
        return Err(Error::value(problem, "give from 2 folds up to as many as there are rows").during("k_fold", []));
    }
    let fold = |fold: usize| {
        let (test, train): (Vec<_>, Vec<_>) = rows.iter().enumerate().partition(|(place, _)| place % k == fold);
        let rows = |part: Vec<(usize, &usize)>| part.into_iter().map(|(_, &row)| row).collect();
        Split { train: rows(train), test: rows(test) }
    };
    Ok((0..k).map(fold).collect())
}

#[track_caller]
fn part(n: usize, fraction: f64) -> Result<usize, Error> {
    if !(0.0..=1.0).contains(&fraction) {
        let problem = format!("a fraction of {fraction}");
        return Err(Error::value(problem, "give the part to test on, between 0 and 1").during("split", []));
    }
    // A product that rounding alone pushed above a whole number is that number.
    Ok(((n as f64 * fraction * (1.0 - f64::EPSILON)).ceil() as usize).min(n))
}

/// The rows of each class, shuffled.
fn by_class(labels: &[usize], seed: u64) -> Vec<Vec<usize>> {
    let mut classes = std::collections::BTreeMap::<usize, Vec<usize>>::new();
    for row in shuffled((0..labels.len()).collect(), seed) {
        classes.entry(labels[row]).or_default().push(row);
    }
    classes.into_values().collect()
}

/// Rows in an order drawn from a seed.
pub(crate) fn shuffled(mut rows: Vec<usize>, seed: u64) -> Vec<usize> {
    rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    rows
}
