//! Recomputation as a layer.

use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Array, Layer, Param};

/// A layer of which a tape keeps only the input, and whose inside is computed again on the way back
/// ([`recompute`](autograd::Interpretation::recompute)): the same bits, for less memory and one more forward pass of it.
/// Shapes, parameters and their paths: those of the layer, so that files fit with and without.
///
/// ```
/// use nn::prelude::*;
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let block = Sequential::<f32>::new().with(Linear::new(4, 4, &mut generator)).with(Tanh).with(Tanh);
/// let net = Recompute(block);
/// let x = Tensor::ones([2, 4]);
/// let slope = |y: Var| y.sum().backward().of(net.parameters()[0].1).or_zeros();
/// let recomputed = slope(net.forward(Tape::new().constant(&x)));
/// let plain = slope(net.0.forward(Tape::new().constant(&x)));
/// assert_eq!(recomputed, plain);
/// ```
pub struct Recompute<L>(pub L);

impl<T: Real, L: Module<T>> Module<T> for Recompute<L> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        self.0.visit(path, visit);
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        self.0.visit_mut(path, visit);
    }
}

impl<T: Real, L: Layer<T>> Layer<T> for Recompute<L> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Recompute");
        x.recompute(|x| self.0.forward(x))
    }
}
