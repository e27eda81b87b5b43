//! Mini-batches in a seeded order.

use super::{Dataset, shuffled};
use std::sync::mpsc::sync_channel;

/// One pass over a data set in mini-batches of `size`, in an order shuffled by ChaCha8 from `seed`. Every row comes
/// once; the last batch may be smaller. Give each epoch its own seed.
///
/// ```
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let moons = nn::data::two_moons(100, 0.1, &mut ChaCha8Rng::seed_from_u64(0));
/// let sizes: Vec<usize> = nn::data::batches(&moons, 30, 7).map(|(_, labels)| labels.len()).collect();
/// assert_eq!(sizes, [30, 30, 30, 10]);
/// ```
pub fn batches<D: Dataset + ?Sized>(data: &D, size: usize, seed: u64) -> Batches<'_, D> {
    Batches { data, order: shuffled((0..data.len()).collect(), seed), size: size.max(1), next: 0 }
}

/// One pass over a data set in mini-batches of `size`, in its own order.
///
/// ```
/// let table = nn::data::xor();
/// let labels: Vec<usize> = nn::data::batches_in_order(&table, 3).flat_map(|(_, labels)| labels).collect();
/// assert_eq!(labels, [0, 1, 1, 0]);
/// ```
pub fn batches_in_order<D: Dataset + ?Sized>(data: &D, size: usize) -> Batches<'_, D> {
    Batches { data, order: (0..data.len()).collect(), size: size.max(1), next: 0 }
}

/// The mini-batches of one epoch; see [`batches`].
#[derive(Debug)]
pub struct Batches<'a, D: ?Sized> {
    data: &'a D,
    order: Vec<usize>,
    size: usize,
    next: usize,
}

impl<D: Dataset + ?Sized> Batches<'_, D> {
    /// Passes over the first `count` batches, as a run does that goes on where it stopped.
    ///
    /// ```
    /// let table = nn::data::xor();
    /// let all: Vec<_> = nn::data::batches(&table, 1, 7).map(|(_, labels)| labels).collect();
    /// let rest: Vec<_> = nn::data::batches(&table, 1, 7).after(3).map(|(_, labels)| labels).collect();
    /// assert_eq!(rest, all[3..]);
    /// ```
    pub fn after(mut self, count: usize) -> Self {
        self.next = self.next.saturating_add(count.saturating_mul(self.size)).min(self.order.len());
        self
    }

    /// Hands the batches to `f` in the same order, while a thread of its own gathers up to `ahead` of them beforehand.
    ///
    /// ```
    /// let table = nn::data::xor();
    /// let plain: Vec<_> = nn::data::batches(&table, 1, 7).map(|(_, labels)| labels).collect();
    /// let ahead = nn::data::batches(&table, 1, 7)
    ///     .prefetched(2, |batches| batches.map(|(_, labels)| labels).collect::<Vec<_>>());
    /// assert_eq!(plain, ahead);
    /// ```
    pub fn prefetched<R>(self, ahead: usize, f: impl FnOnce(&mut dyn Iterator<Item = D::Batch>) -> R) -> R
    where
        D: Sync,
        D::Batch: Send,
    {
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(ahead);
            scope.spawn(move || {
                for batch in self {
                    // Nobody waits for more: whoever asked has had enough.
                    if send.send(batch).is_err() {
                        return;
                    }
                }
            });
            f(&mut receive.into_iter())
        })
    }
}

impl<D: Dataset + ?Sized> Iterator for Batches<'_, D> {
    type Item = D::Batch;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.order.len() {
            return None;
        }
        let end = (self.next + self.size).min(self.order.len());
        let batch = self.data.batch(&self.order[self.next..end]);
        self.next = end;
        Some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.order.len() - self.next).div_ceil(self.size);
        (left, Some(left))
    }
}

impl<D: Dataset + ?Sized> ExactSizeIterator for Batches<'_, D> {}
