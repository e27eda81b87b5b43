//! Which rows make which batch of an epoch.

use crate::data::shuffled;
use autograd::Error;

/// How the batches of an epoch are made.
pub(super) enum Order<'a> {
    /// Of a size, in an order of each epoch's own.
    Shuffled(usize),
    /// Of a size, in the order of the data.
    Stored(usize),
    /// As a function of the epoch, from 0, says.
    Given(Box<dyn Fn(u64) -> Vec<Vec<usize>> + 'a>),
}

impl Order<'_> {
    /// The rows of each batch of an epoch of a data set of `n` rows.
    #[track_caller]
    pub(super) fn batches(&self, epoch: u64, n: usize, seed: u64) -> Result<Vec<Vec<usize>>, Error> {
        let cut = |rows: Vec<usize>, size: usize| rows.chunks(size.max(1)).map(<[usize]>::to_vec).collect();
        let batches: Vec<Vec<usize>> = match self {
            Order::Shuffled(size) => cut(shuffled((0..n).collect(), epoch_seed(seed, epoch)), *size),
            Order::Stored(size) => cut((0..n).collect(), *size),
            Order::Given(batches) => batches(epoch),
        };
        if let Some(row) = batches.iter().flatten().find(|&&row| row >= n) {
            let problem = format!("a batch of epoch {} asks for row {row} of {n}", epoch + 1);
            return Err(Error::index(problem, "rows count from 0").during("Trainer", []));
        }
        if batches.is_empty() || batches.iter().any(Vec::is_empty) {
            let problem = match (n, batches.len()) {
                (0, _) => "the data set has no rows".to_string(),
                (_, 0) => format!("epoch {} has no batches", epoch + 1),
                _ => format!("a batch of epoch {} has no rows", epoch + 1),
            };
            return Err(Error::value(problem, "a step needs at least one row").during("Trainer", []));
        }
        Ok(batches)
    }

    /// The same, in words: what a run that goes on must have in common with the one that it goes on with.
    pub(super) fn describe(&self) -> String {
        match self {
            Order::Shuffled(size) => format!("shuffled batches of {size}"),
            Order::Stored(size) => format!("batches of {size} in the order of the data"),
            Order::Given(_) => "batches of its own".to_string(),
        }
    }
}

/// The seed of an epoch's order: no two epochs of runs with seeds below 2³² share one.
fn epoch_seed(seed: u64, epoch: u64) -> u64 {
    seed.rotate_left(32) ^ epoch
}
