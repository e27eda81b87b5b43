//! Units of a layer: those that say nothing, and those that are alike, so that training never parts them.

use super::Units;
use crate::algebra::Real;
use crate::{Shape, Tensor};

/// Weights and gradients that are the same up to rounding: products of equal numbers may be summed in another order.
const ROUNDING: f64 = 1e-6;

/// The axis of a weight along which a layer's units lie: `[out, in, …]` of `linear` and convolutions; of a product, the
/// axis that is not summed over.
pub(super) fn axis(op: &str, input: usize, weight: &Shape) -> Option<usize> {
    match (op, input, weight.rank()) {
        ("linear", 1, 2) | ("conv1d", 1, 3) | ("conv2d", 1, 4) | ("matmul", 0, 2) => Some(0),
        ("matmul", 1, 2) => Some(1),
        _ => None,
    }
}

/// The groups of units along `axis`, the first one or that of a matrix's columns, whose weights are the same, and whose gradients are.
pub(super) fn twins<T: Real>(weight: &Tensor<T>, gradient: Option<&Tensor<T>>, axis: usize) -> Vec<Vec<usize>> {
    let (weights, gradients) = (weight.contiguous(), gradient.map(Tensor::contiguous));
    let Some(weights) = weights.as_slice() else { return Vec::new() };
    let gradients = gradients.as_ref().and_then(Tensor::as_slice);
    let units = weight.shape()[axis];
    let width = weights.len().checked_div(units).unwrap_or(0);
    if width == 0 {
        return Vec::new();
    }
    // Units are rows, or the columns of a matrix.
    let (unit_step, place_step) = if axis == 0 { (width, 1) } else { (1, units) };
    let of = |numbers: &[T], unit: usize, place: usize| numbers[unit * unit_step + place * place_step].to_f64();
    let same = |numbers: &[T], a: usize, b: usize| {
        (0..width).all(|place| {
            let (a, b) = (of(numbers, a, place), of(numbers, b, place));
            (a - b).abs() <= ROUNDING * a.abs().max(b.abs())
        })
    };
    // Units that are alike start alike, so only neighbours in that order are compared.
    let mut order: Vec<usize> = (0..units).collect();
    order.sort_by(|&a, &b| of(weights, a, 0).total_cmp(&of(weights, b, 0)));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for unit in order {
        let near = |group: &&mut Vec<usize>| {
            let (a, b) = (of(weights, group[0], 0), of(weights, unit, 0));
            (a - b).abs() <= ROUNDING * a.abs().max(b.abs())
        };
        let mut candidates = groups.iter_mut().rev().take_while(near);
        match candidates
            .find(|group| same(weights, group[0], unit) && gradients.is_none_or(|g| same(g, group[0], unit)))
        {
            Some(group) => group.push(unit),
            None => groups.push(vec![unit]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort_unstable();
    groups
}

/// The units along `axis`, and which of them are 0 everywhere.
pub(super) fn silent<T: Real>(output: &Tensor<T>, axis: usize) -> Units {
    let (output, shape) = (output.contiguous(), output.shape());
    let (count, inner) = (shape[axis], shape.iter().skip(axis + 1).product::<usize>());
    let numbers = output.as_slice().unwrap_or_default();
    let samples = numbers.len().checked_div(count).unwrap_or(0);
    let is_silent = |unit: &usize| {
        // A unit that speaks mostly does so at one of the first samples.
        numbers.chunks(count * inner).all(|block| block[unit * inner..][..inner].iter().all(|&x| x == T::ZERO))
    };
    let silent = if samples == 0 { Vec::new() } else { (0..count).filter(is_silent).collect() };
    Units { count, samples, silent }
}

impl Units {
    /// What several looks at the same units tell: those that were silent at every one.
    ///
    /// ```
    /// use autograd::inspect::Units;
    /// let (a, b) = (Units { count: 4, samples: 8, silent: vec![0, 2] }, Units { count: 4, samples: 8, silent: vec![2, 3] });
    /// assert_eq!(Units::together([&a, &b]), Some(Units { count: 4, samples: 16, silent: vec![2] }));
    /// ```
    pub fn together<'a>(looks: impl IntoIterator<Item = &'a Units>) -> Option<Units> {
        let mut looks = looks.into_iter();
        let mut all = looks.next()?.clone();
        for look in looks {
            if look.count != all.count {
                continue;
            }
            all.samples += look.samples;
            all.silent.retain(|unit| look.silent.binary_search(unit).is_ok());
        }
        Some(all)
    }
}
