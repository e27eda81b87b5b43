//! A layer and its activation as one operation.

use crate::{Module, Path};
use autograd::Param;
use autograd::algebra::Real;

/// A layer whose activation is part of it: made by [`Linear::then`](super::Linear::then), [`Conv1d::then`](super::Conv1d::then) and
/// [`Conv2d::then`](super::Conv2d::then). Shapes and paths are those of the layer.
///
/// Values and gradients are those of the layer and of the formula behind it; it takes one operation in the place of two,
/// and so less time where arrays are small. On the tape the operation is called as the layer's is, and its constants name the formula. A layer and an activation
/// after it show what comes in between, too.
///
/// ```
/// use autograd::algebra::formulas;
/// use nn::prelude::*;
/// let mut generator = ChaCha8Rng::seed_from_u64(0);
/// let (linear, x) = (Linear::<f32>::new(4, 8, &mut generator), Tensor::ones([2, 4]));
/// let expected = Tanh.forward(linear.forward(x.clone()));
/// let hidden = linear.then(formulas::Tanh);
/// assert_eq!(hidden.forward(x.clone()), expected);
///
/// let net = Sequential::new().with(hidden).with(Linear::new(8, 3, &mut generator));
/// let tape = Tape::new();
/// assert_eq!(net.forward(tape.constant(&x)).shape(), Shape::from([2, 3]));
/// assert_eq!(tape.len(), 6); // two weights, two biases, two operations
/// ```
#[derive(Clone, Debug)]
pub struct Then<L, F> {
    /// The layer.
    pub layer: L,
    /// What is applied to every output: a formula from [`formulas`](autograd::algebra::formulas), or one of your own by
    /// [`elementwise!`](autograd::elementwise).
    pub formula: F,
}

impl<T: Real, L: Module<T>, F> Module<T> for Then<L, F> {
    fn visit<'a>(&'a self, path: &mut Path, visit: &mut dyn FnMut(&str, &'a Param<T>)) {
        self.layer.visit(path, visit);
    }
    fn visit_mut(&mut self, path: &mut Path, visit: &mut dyn FnMut(&str, &mut Param<T>)) {
        self.layer.visit_mut(path, visit);
    }
}
