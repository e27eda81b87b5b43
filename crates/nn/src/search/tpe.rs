//! A Bayesian sampler.

use super::space::Axis;
use super::{Random, Sampler, Space, Trial};
use rand::rngs::ChaCha8Rng;
use tpe::{TpeOptimizerBuilder, categorical_range, histogram_estimator, parzen_estimator};

/// The tree-structured Parzen estimator: trials are parted into the good and the others; of each part a density is estimated,
/// along each axis; and of some places drawn from the density of the good, the one is proposed at which it is largest beside
/// that of the others, which is where the expected improvement is. The first trials are [`Random`]. Trials that failed count as
/// the worst, and so do those that are still under way, so that what runs side by side is not all in one place. Source: Bergstra,
/// Bardenet, Bengio and Kégl, *Algorithms for hyper-parameter optimization*, 2011; the densities are those of the crate `tpe`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tpe {
    first: usize,
    good: f64,
    candidates: usize,
}

impl Default for Tpe {
    fn default() -> Self {
        Self::new()
    }
}

impl Tpe {
    /// Ten random trials first; a tenth of the trials is good; the best of 24 places is proposed.
    pub fn new() -> Self {
        Tpe { first: 10, good: 0.1, candidates: 24 }
    }

    /// With so many random trials first.
    pub fn with_first(self, first: usize) -> Self {
        Tpe { first, ..self }
    }

    /// With so large a share of trials that count as good.
    ///
    /// # Panics
    /// If it is not between 0 and 1.
    #[track_caller]
    pub fn with_good(self, good: f64) -> Self {
        assert!(good > 0.0 && good < 1.0, "Tpe: a share of {good} is good: give one between 0 and 1, such as 0.1");
        Tpe { good, ..self }
    }

    /// With so many places to propose the best of.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    pub fn with_candidates(self, candidates: usize) -> Self {
        assert!(candidates > 0, "Tpe: the best of 0 places: give at least 1, such as 24");
        Tpe { candidates, ..self }
    }

    /// The place to propose along one axis, where `known` are the places there were and their losses; `None` if the estimator
    /// cannot tell.
    fn along(&self, axis: &Axis, known: &[(f64, f64)], generator: &mut ChaCha8Rng) -> Option<f64> {
        let count = match axis {
            Axis::Unordered(count) => *count,
            _ => 1,
        };
        // A choice is told by its number, any other setting by its place.
        let (estimator, range) = match axis {
            Axis::Unordered(_) => (histogram_estimator(), categorical_range(count).ok()?),
            _ => (parzen_estimator(), tpe::range(0.0, 1.0).ok()?),
        };
        let mut builder = TpeOptimizerBuilder::new();
        let mut optimizer = builder.gamma(self.good).candidates(self.candidates).build(estimator, range).ok()?;
        for &(place, loss) in known {
            let told = match axis {
                Axis::Unordered(_) => Axis::index(place, count) as f64,
                _ => place.min(1.0 - f64::EPSILON),
            };
            optimizer.tell(told, loss).ok()?;
        }
        let asked = optimizer.ask(generator).ok()?;
        Some(match axis {
            Axis::Unordered(_) => (asked.floor() + 0.5) / count as f64,
            _ => asked,
        })
    }
}

impl Sampler for Tpe {
    fn describe(&self) -> String {
        format!("tpe: {} at random first, a share of {} good, the best of {}", self.first, self.good, self.candidates)
    }

    fn propose(&self, space: &Space, number: usize, known: &[Trial], generator: &mut ChaCha8Rng) -> Option<Vec<f64>> {
        let random = Random.propose(space, number, known, generator)?;
        if known.len() < self.first.max(1) {
            return Some(random);
        }
        let axes = space.axes.iter().zip(random).enumerate();
        let proposed = axes.map(|(place, (axis, random))| {
            let loss = |trial: &Trial| if trial.loss.is_nan() { f64::INFINITY } else { trial.loss };
            let known: Vec<(f64, f64)> = known.iter().map(|trial| (trial.at[place], loss(trial))).collect();
            self.along(axis, &known, generator).unwrap_or(random)
        });
        Some(proposed.collect())
    }
}
