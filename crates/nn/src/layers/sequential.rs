//! Layers one after the other.

use crate::{BoxedLayer, Module, Path};
use autograd::algebra::Real;
use autograd::{Array, Layer, Param};

/// Layers of any kind, one after the other: each output is the next input. Paths are numbers: `0.weight`.
///
/// ```
/// use nn::prelude::*;
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let net = Sequential::<f32>::new()
///     .with(Linear::new(4, 8, &mut generator))
///     .with(Relu)
///     .with(Linear::new(8, 3, &mut generator));
/// assert_eq!(net.forward(Tensor::ones([2, 4])).shape(), Shape::from([2, 3]));
/// assert_eq!(net.forward(Shapes::new([2, 4])).shape(), Shape::from([2, 3]));
/// ```
pub struct Sequential<T: Real = f32> {
    layers: Vec<Box<dyn BoxedLayer<T>>>,
}

impl<T: Real> Default for Sequential<T> {
    fn default() -> Self {
        Sequential { layers: Vec::new() }
    }
}

impl<T: Real> Sequential<T> {
    /// No layers: the identity.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more layer at the end.
    pub fn with(mut self, layer: impl BoxedLayer<T> + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// The layers in order.
    pub fn layers(&self) -> &[Box<dyn BoxedLayer<T>>] {
        &self.layers
    }
}

impl<T: Real> Module<T> for Sequential<T> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        self.layers.visit(path, visit);
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        self.layers.visit_mut(path, visit);
    }
}

impl<T: Real> Layer<T> for Sequential<T> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Sequential");
        self.layers.iter().enumerate().fold(x, |x, (number, layer)| {
            let _place = x.place(number);
            A::run(layer.as_ref(), x)
        })
    }
}
