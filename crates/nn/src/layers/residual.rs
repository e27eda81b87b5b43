//! The residual connection.

use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Array, Error, Layer, Param};

/// `x + f(x)` of a layer `f`. Shape: that of `x`, which `f` must keep. Parameters and their paths: those of the layer. Source:
/// He, Zhang, Ren and Sun, 2016.
///
/// ```
/// use nn::prelude::*;
/// let x = Tensor::from([-1.0_f32, 2.0]);
/// assert_eq!(Residual(Relu).forward(x).to_vec(), [-1.0, 4.0]);
/// ```
///
/// # Panics
/// If the layer changes the shape.
#[derive(Clone, Debug)]
pub struct Residual<L>(pub L);

impl<T: Real, L: Module<T>> Module<T> for Residual<L> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        self.0.visit(path, visit);
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        self.0.visit_mut(path, visit);
    }
}

impl<T: Real, L: Layer<T>> Layer<T> for Residual<L> {
    #[track_caller]
    fn forward<A: Array<T>>(&self, x: A) -> A {
        let _scope = x.scope("Residual");
        let y = self.0.forward(x.clone());
        let (before, after) = (x.shape(), y.shape());
        if before != after {
            let problem = format!("its layer turns shape {before} into {after}, which cannot be added to what came in");
            Error::shape(problem, "end the layer in the shape of its input, by a linear layer or a padded convolution")
                .raise::<()>("Residual");
        }
        x + y
    }
}
