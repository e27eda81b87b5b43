//! Mini-batches in a seeded order.

use super::Labelled;
use autograd::Tensor;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

/// One pass over a data set in mini-batches of `size`, in an order shuffled by ChaCha8 from `seed`. Every row comes
/// once; the last batch may be smaller. Give each epoch its own seed.
///
/// ```
/// let digits = nn::data::digits();
/// let sizes: Vec<usize> = nn::data::batches(&digits, 500, 7).map(|(_, labels)| labels.len()).collect();
/// assert_eq!(sizes, [500, 500, 500, 297]);
/// ```
pub fn batches(data: &Labelled, size: usize, seed: u64) -> Batches<'_> {
    let mut order: Vec<usize> = (0..data.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    Batches { data, order, size: size.max(1), next: 0 }
}

/// The mini-batches of one epoch; see [`batches`].
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    data: &'a Labelled,
    order: Vec<usize>,
    size: usize,
    next: usize,
}

impl Iterator for Batches<'_> {
    type Item = (Tensor, Vec<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.order.len() {
            return None;
        }
        let end = (self.next + self.size).min(self.order.len());
        let batch = self.data.rows(&self.order[self.next..end]);
        self.next = end;
        Some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.order.len() - self.next).div_ceil(self.size);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Batches<'_> {}
