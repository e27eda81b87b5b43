//! Every combination of some levels.

use super::space::Axis;
use super::{Sampler, Space, Trial};
use rand::rngs::ChaCha8Rng;

/// Every combination of some levels of each setting, the last setting fastest: evenly along each axis, both ends among them, and
/// every value of a choice.
///
/// ```
/// use nn::search::{Grid, Space, Study};
/// let mut space = Space::new();
/// let (x, kind) = (space.linear("x", 0.0..=1.0), space.choice("kind", ['a', 'b']));
/// let grid = Grid::within(&space, 7);
/// let found = Study::new(&space, grid, 0).minimize(7, |trial| trial.get(&x))?;
/// let tried: Vec<_> = found.trials.iter().map(|trial| (trial.get(&x), trial.get(&kind))).collect();
/// assert_eq!(tried, [(0.0, 'a'), (0.0, 'b'), (0.5, 'a'), (0.5, 'b'), (1.0, 'a'), (1.0, 'b')]);
/// # Ok::<(), nn::FileError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    levels: Vec<usize>,
}

impl Grid {
    /// With as many levels as a number of trials allows: each setting in turn gets one more as long as all combinations fit.
    /// A choice has all of its values, also where they are more than fit.
    pub fn within(space: &Space, trials: usize) -> Self {
        let most = |axis: &Axis| match axis {
            Axis::Continuous => usize::MAX,
            Axis::Ordered(count) | Axis::Unordered(count) => *count,
        };
        let first = |axis: &Axis| if let Axis::Unordered(count) = axis { *count } else { 1 };
        let mut levels: Vec<usize> = space.axes.iter().map(first).collect();
        loop {
            let before = levels.clone();
            for (place, axis) in space.axes.iter().enumerate() {
                let mut more = levels.clone();
                more[place] += 1;
                if more[place] <= most(axis) && combinations(&more) <= trials {
                    levels = more;
                }
            }
            if levels == before {
                return Grid { levels };
            }
        }
    }

    /// How many combinations there are.
    pub fn len(&self) -> usize {
        combinations(&self.levels)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn combinations(levels: &[usize]) -> usize {
    levels.iter().fold(1, |all, &levels| all.saturating_mul(levels))
}

impl Sampler for Grid {
    fn describe(&self) -> String {
        format!("grid {:?}", self.levels)
    }

    fn propose(&self, _: &Space, number: usize, _: &[Trial], _: &mut ChaCha8Rng) -> Option<Vec<f64>> {
        let mut rest = number;
        let mut at = vec![0.0; self.levels.len()];
        for (place, &levels) in at.iter_mut().zip(&self.levels).rev() {
            *place = if levels == 1 { 0.5 } else { (rest % levels) as f64 / (levels - 1) as f64 };
            rest /= levels;
        }
        (rest == 0).then_some(at)
    }
}
