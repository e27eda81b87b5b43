//! What proposes trials.

use super::{Space, Trial};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// Proposes trials. A proposal must be a function of what it is given, so that a study can go on where it stopped.
///
/// ```
/// use nn::search::{Sampler, Space, Study, Trial};
/// use rand::rngs::ChaCha8Rng;
///
/// /// The middle of everything, once.
/// struct Middle;
/// impl Sampler for Middle {
///     fn describe(&self) -> String {
///         "middle".to_string()
///     }
///     fn propose(&self, space: &Space, number: usize, _: &[Trial], _: &mut ChaCha8Rng) -> Option<Vec<f64>> {
///         (number == 0).then(|| vec![0.5; space.len()])
///     }
/// }
/// let mut space = Space::new();
/// let x = space.linear("x", -1.0..=3.0);
/// let found = Study::new(&space, Middle, 0).minimize(10, |trial| trial.get(&x))?;
/// assert_eq!(found.trials.iter().map(|trial| trial.loss).collect::<Vec<_>>(), [1.0]);
/// # Ok::<(), nn::FileError>(())
/// ```
pub trait Sampler {
    /// Its name and settings, by which a file knows whether a study is the same.
    fn describe(&self) -> String;

    /// Places of all settings, from 0 to 1 along each axis, for the trial of this number, from what is known: trials in order.
    /// Those that failed or are still under way have a loss that is not a number. `None` if there is nothing more to try.
    fn propose(&self, space: &Space, number: usize, known: &[Trial], generator: &mut ChaCha8Rng) -> Option<Vec<f64>>;
}

/// Anywhere, each place as likely as any other. Source: Bergstra and Bengio, *Random search for hyper-parameter optimization*,
/// 2012.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Random;

impl Sampler for Random {
    fn describe(&self) -> String {
        "random".to_string()
    }

    fn propose(&self, space: &Space, _: usize, _: &[Trial], generator: &mut ChaCha8Rng) -> Option<Vec<f64>> {
        Some((0..space.len()).map(|_| generator.random()).collect())
    }
}
