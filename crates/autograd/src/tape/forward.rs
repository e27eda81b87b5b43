//! The forward sweep: tangents carried along a recorded program by each operation's push-forward rule.

use super::gradients::Source;
use super::{Tape, Var};
use crate::algebra::Real;
use crate::ops::{Few, Pushforward};
use crate::{Dual, Error, Gradients, Tensor};

/// A direction in the space of a program's inputs and parameters: what each moves along.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::keeping();
/// let x = tape.var([1.0_f64, 2.0]);
/// let y = x.square();
/// let along = Direction::new().along(&x, Tensor::from([1.0, 0.0]));
/// assert_eq!(y.push_forward(&along).to_vec(), [2.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Direction<T: Real = f32>(Vec<(super::gradients::SourceKey, Tensor<T>)>);

impl<T: Real> Default for Direction<T> {
    fn default() -> Self {
        Direction(Vec::new())
    }
}

impl<T: Real> Direction<T> {
    /// The direction in which nothing moves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same direction, with a variable or a parameter moving along `tangent`.
    ///
    /// # Panics
    /// If the tangent has another shape than what moves.
    #[track_caller]
    pub fn along(mut self, source: &impl Source<T>, tangent: Tensor<T>) -> Self {
        if tangent.shape() != source.extents() {
            Error::shape(
                format!("a tangent of shape {} for a value of shape {}", tangent.shape(), source.extents()),
                "a tangent has the shape of what moves",
            )
            .raise::<()>("direction");
        }
        self.0.push((source.key(), tangent));
        self
    }

    /// Both at once.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

struct Keyed(super::gradients::SourceKey);
impl<T: Real> Source<T> for Keyed {
    fn key(&self) -> super::gradients::SourceKey {
        self.0
    }
    fn extents(&self) -> crate::Shape {
        crate::Shape::SCALAR
    }
}

impl<T: Real> Tape<T> {
    /// The tangent of every node up to `root` along a direction.
    fn tangents(&self, root: u32, direction: &Direction<T>) -> Vec<Option<Tensor<T>>> {
        let nodes = self.0.nodes.borrow();
        let mut tangents: Vec<Option<Tensor<T>>> = vec![None; root as usize + 1];
        for (key, tangent) in &direction.0 {
            if let Some(slot) = self.find(&Keyed(*key)).and_then(|node| tangents.get_mut(node as usize)) {
                *slot = Some(tangent.clone());
            }
        }
        for id in 0..tangents.len() {
            let node = &nodes[id];
            let (Some(op), Some(output)) = (&node.op, &node.output) else { continue };
            let tangent = {
                let moving: Few<Option<&Tensor<T>>> =
                    node.inputs.iter().map(|&input| tangents.get(input as usize).and_then(Option::as_ref)).collect();
                let inputs: Few<&Tensor<T>> = node.saved.iter().flatten().collect();
                let at = Pushforward { inputs: &inputs, output, tangents: &moving, guard: self.0.guard.get() };
                moving.iter().any(Option::is_some).then(|| op.jvp_tensor(&at))
            };
            tangents[id] = tangent;
        }
        tangents
    }
}

impl<T: Real> Var<T> {
    #[track_caller]
    fn check_kept(&self) {
        if let Err(error) = self.recorded_root() {
            error.raise::<()>("forward sweep");
        }
        if !self.tape.0.keeps_all {
            Error::value(
                "a forward sweep needs every value, and this tape keeps only what the backward sweep needs",
                "record on `Tape::keeping()`, or use the functions of `autograd::transform`, which do",
            )
            .raise::<()>("forward sweep");
        }
    }

    /// The derivative of this variable along a direction, by one forward sweep of its tape: `J t`.
    ///
    /// # Panics
    /// If the tape does not [keep](Tape::keeping) every value, or this depends on nothing recorded.
    #[track_caller]
    pub fn push_forward(&self, direction: &Direction<T>) -> Tensor<T> {
        self.check_kept();
        let mut tangents = self.tape.tangents(self.node, direction);
        tangents.pop().flatten().unwrap_or_else(|| Tensor::zeros(self.value.shape()))
    }

    /// The gradient of this scalar together with its derivative along a direction, `H t`: a forward sweep, then the
    /// backward sweep on duals. Each result's value is the gradient, its tangent the Hessian-vector product.
    ///
    /// # Panics
    /// If this is no scalar, depends on nothing recorded, or its tape does not [keep](Tape::keeping) every value.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let tape = Tape::keeping();
    /// let x = tape.var([1.0_f64, 2.0]);
    /// let y = x.powi(3).sum();
    /// let curved = y.curvature(&Direction::new().along(&x, Tensor::from([1.0, 1.0])));
    /// assert_eq!(curved.of(&x).value().unwrap().tangent_or_zeros().to_vec(), [6.0, 12.0]);
    /// ```
    #[track_caller]
    pub fn curvature(&self, direction: &Direction<T>) -> Gradients<Dual<Tensor<T>>> {
        self.check_kept();
        if let Err(error) = self.scalar_root() {
            error.raise::<()>("curvature");
        }
        self.curvature_with(&Tensor::full(self.value.shape(), T::ONE), direction)
    }

    /// The pull-back of a cotangent together with its derivative along a direction, the cotangent held fixed.
    ///
    /// # Panics
    /// As [`curvature`](Var::curvature), and if the cotangent has another shape.
    #[track_caller]
    pub fn curvature_with(&self, cotangent: &Tensor<T>, direction: &Direction<T>) -> Gradients<Dual<Tensor<T>>> {
        self.check_kept();
        if let Err(error) = self.check_cotangent(cotangent.shape()) {
            error.raise::<()>("curvature");
        }
        self.sweep_on_duals(cotangent.clone(), &self.tape.tangents(self.node, direction))
    }
}
