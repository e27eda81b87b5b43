//! What watching costs, measured on the run itself.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

/// So many steps of each kind are remembered.
const REMEMBERED: usize = 129;

/// The time of steps, from one to the next, with all that the loop does in between.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// The median of steps that are not watched, in seconds.
    pub plain: f64,
    /// The median of steps that are.
    pub watched: f64,
    /// The time of a run that is watched over that of one that is not.
    pub factor: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [plain, watched] = [self.plain, self.watched].map(|seconds| autograd::text::significant(seconds * 1e6, 3));
        write!(
            f,
            "{:.2} times the time of a run that is not watched ({watched} µs a watched step, {plain} µs any other)",
            self.factor
        )
    }
}

/// Reads the clock once a step.
#[derive(Default)]
pub(super) struct Clock {
    last: Option<(Instant, bool)>,
    plain: VecDeque<f64>,
    watched: VecDeque<f64>,
}

impl Clock {
    /// A step begins.
    pub fn step(&mut self, is_watched: bool) {
        let now = Instant::now();
        if let Some((start, was_watched)) = self.last.replace((now, is_watched)) {
            let times = if was_watched { &mut self.watched } else { &mut self.plain };
            times.push_back((now - start).as_secs_f64());
            if times.len() > REMEMBERED {
                times.pop_front();
            }
        }
    }

    /// The cost, once there were steps of both kinds.
    pub fn cost(&self, every: usize) -> Option<Cost> {
        let (plain, watched) = (median(&self.plain)?, median(&self.watched)?);
        Some(Cost { plain, watched, factor: 1.0 + (watched / plain - 1.0) / every as f64 })
    }
}

fn median(times: &VecDeque<f64>) -> Option<f64> {
    let mut times: Vec<f64> = times.iter().copied().collect();
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}
