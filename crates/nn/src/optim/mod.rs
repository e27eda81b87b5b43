//! Optimizers: what turns gradients into steps. Each makes one fused pass over a parameter's memory.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Optimizer`], and the walk that they share |
//! | `sgd.rs` | [`GradientDescent`], [`Sgd`] |
//! | `adam.rs` | [`Adam`], [`AdamW`] |

mod adam;
mod sgd;

pub use adam::{Adam, AdamW};
pub use sgd::{GradientDescent, Sgd};

use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Gradients, ParamId, Reached, Tensor};
use std::collections::HashMap;

/// Turns the gradients of one backward pass into one step.
pub trait Optimizer<T: Real = f32> {
    /// Moves every trainable parameter of the model that the gradients reach. A parameter that they do not reach stays;
    /// one that they reach with an exact zero is moved as by a gradient of zeros.
    fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<Tensor<T>>);

    /// The learning rate.
    fn learning_rate(&self) -> f64;

    /// Changes the learning rate, for schedules.
    fn set_learning_rate(&mut self, rate: f64);
}

/// What an optimizer remembers of each parameter: `N` tensors of its shape, zero at first, and how often it was moved.
#[derive(Clone, Debug)]
struct Memory<T: Real, const N: usize> {
    steps: i32,
    tensors: [Tensor<T>; N],
}

/// The memories of all parameters, by identity.
type Memories<T, const N: usize> = HashMap<ParamId, Memory<T, N>>;

/// Calls `update` with each trainable parameter's numbers, its gradient, its memory and the number of this step.
fn walk<T: Real, M: Module<T> + ?Sized, const N: usize>(
    model: &mut M,
    gradients: &Gradients<Tensor<T>>,
    memories: &mut Memories<T, N>,
    mut update: impl FnMut(&mut [T], &[T], [&mut [T]; N], i32),
) {
    model.visit_mut(&mut Path::default(), &mut |path, parameter| {
        if parameter.is_frozen() {
            return;
        }
        let gradient = match gradients.of(parameter) {
            Reached::Value(gradient) => gradient.contiguous(),
            Reached::Zero(shape) => Tensor::zeros(shape),
            Reached::Unreachable(_) => return,
        };
        let shape = parameter.value().shape();
        let memory = memories
            .entry(parameter.id())
            .or_insert_with(|| Memory { steps: 0, tensors: std::array::from_fn(|_| Tensor::zeros(shape)) });
        if memory.steps == 0 {
            parameter.set_path(path);
        }
        memory.steps += 1;
        let slices = memory.tensors.each_mut().map(Tensor::make_mut);
        update(parameter.make_mut(), gradient.as_slice().unwrap_or(&[]), slices, memory.steps);
    });
}
