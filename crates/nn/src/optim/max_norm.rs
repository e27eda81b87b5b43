//! A bound on the weights of each unit.

use crate::module::matches;
use crate::{Module, Path};
use autograd::Error;
use autograd::algebra::Real;

/// Scales down each unit's weights whose 2-norm is larger than `most`: `w ← w · min(1, c/‖w‖)`. To be called after a step. A
/// unit's weights are what stands at one place of the first axis (a row of a linear layer, a filter of a convolution); a
/// parameter with fewer than two axes is one unit. It goes by the parameters whose path matches `pattern`, in which `*` stands
/// for anything, and leaves frozen ones alone. Returns how many units it scaled. Source: Srivastava and others, 2014.
///
/// # Panics
/// If `most` is negative or not a number.
///
/// ```
/// use nn::optim::max_norm;
/// use nn::prelude::*;
/// let mut p = Param::new(Tensor::from([[3.0_f64, 4.0], [0.0, 1.0]]));
/// assert_eq!(max_norm(&mut p, "*", 2.5), 1);
/// assert_eq!(p.value().to_vec(), [1.5, 2.0, 0.0, 1.0]);
/// ```
#[track_caller]
pub fn max_norm<T: Real>(model: &mut dyn Module<T>, pattern: &str, most: f64) -> usize {
    if most.is_nan() || most < 0.0 {
        return Error::value(format!("the largest norm is {most}"), "give one from 0").raise("max_norm");
    }
    let mut scaled = 0;
    model.visit_mut(&mut Path::default(), &mut |path, parameter| {
        let shape = parameter.value().shape();
        if parameter.is_frozen() || !matches(pattern, path) {
            return;
        }
        let units = if shape.len() < 2 { 1 } else { shape[0] };
        let length = shape.elements() / units.max(1);
        for unit in parameter.make_mut().chunks_exact_mut(length.max(1)) {
            let norm = unit.iter().map(|w| w.to_f64() * w.to_f64()).sum::<f64>().sqrt();
            if norm > most {
                let factor = most / norm;
                unit.iter_mut().for_each(|w| *w = T::from_f64(w.to_f64() * factor));
                scaled += 1;
            }
        }
    });
    scaled
}
