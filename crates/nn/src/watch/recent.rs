//! Units that were silent in the last batches: at one batch a rectifier may rest by chance.

use autograd::inspect::{Snapshot, Units};
use std::collections::VecDeque;

/// So many watched batches count.
pub(super) const BATCHES: usize = 8;

/// The units of every rectifier in the last watched batches, by node.
#[derive(Default)]
pub(super) struct Recent {
    batches: VecDeque<Vec<(usize, Units)>>,
}

impl Recent {
    /// The snapshot with its units as the last batches show them together.
    pub fn merged(&mut self, mut snapshot: Snapshot) -> Snapshot {
        let now: Vec<_> = snapshot.nodes.iter().filter_map(|node| Some((node.id, node.units.clone()?))).collect();
        let nodes = |batch: &[(usize, Units)]| batch.iter().map(|(id, units)| (*id, units.count)).collect::<Vec<_>>();
        // Another program, such as one of fewer time steps, has other nodes.
        if self.batches.back().is_some_and(|before| nodes(before) != nodes(&now)) {
            self.batches.clear();
        }
        self.batches.push_back(now);
        if self.batches.len() > BATCHES {
            self.batches.pop_front();
        }
        for place in 0..self.batches[0].len() {
            let units = self.batches.iter().map(|batch| &batch[place].1);
            snapshot.nodes[self.batches[0][place].0].units = Units::together(units);
        }
        snapshot
    }

    /// How many batches count now.
    pub fn batches(&self) -> usize {
        self.batches.len()
    }
}
