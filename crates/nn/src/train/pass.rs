//! One evaluation of the loss and its gradients, over one batch or several.

use super::objective::Objective;
use crate::Module;
use crate::data::Dataset;
use crate::watch::Watch;
use autograd::algebra::Real;
use autograd::{Gradients, Key, Tape, Tensor, gradient_at};

/// Where the random numbers of a run come from: its seed, and how many passes there were.
#[derive(Clone, Copy)]
pub(super) struct Passes {
    pub(super) seed: u64,
    pub(super) done: u64,
}

/// The loss and the gradients of the mean over all rows of some batches: `Σ nₖ lₖ / Σ nₖ` of the batches' losses `lₖ` and
/// numbers of rows `nₖ`, one pass a batch. So batches whose losses are means over their rows are as good as one batch of
/// all the rows.
pub(super) fn pass<M: Module<T>, B, T: Real>(
    objective: &Objective<'_, M, B, T>,
    model: &M,
    data: &dyn Dataset<Batch = B>,
    batches: &[Vec<usize>],
    passes: Passes,
    mut watch: Option<&mut Watch<T>>,
) -> (f64, Gradients<Tensor<T>>) {
    let mut of_batch = |number: usize| {
        let batch = data.batch(&batches[number]);
        let key = Key::new(passes.seed).at_step(passes.done + number as u64);
        let loss = |tape: &Tape<T>| objective(model, tape, &batch).0;
        let (loss, gradients) = match &mut watch {
            Some(watch) => watch.gradient_at(model, key, loss),
            None => gradient_at(key, loss),
        };
        (loss.to_f64(), gradients)
    };
    if batches.len() == 1 {
        return of_batch(0);
    }
    let rows = batches.iter().map(Vec::len).sum::<usize>() as f64;
    let mut shared = |number: usize| {
        let share = batches[number].len() as f64 / rows;
        let (loss, gradients) = of_batch(number);
        (loss * share, gradients.map(|gradient| gradient * T::from_f64(share)))
    };
    (1..batches.len()).fold(shared(0), |(loss, gradients), number| {
        let (next, more) = shared(number);
        (loss + next, gradients.plus(more))
    })
}
