//! One recorded operation.

use super::NONE;
use crate::algebra::Real;
use crate::ops::Few;
use crate::ops::any::BoxedOp;
use crate::{Shape, Tensor};
use std::panic::Location;

/// What a leaf is called in the place of its operation.
pub(crate) const LEAF: &str = "leaf";

/// A leaf or a recorded operation: what was done, to what, what it keeps for the way back, and where it happened.
#[derive(Clone)]
pub(crate) struct Node<T: Real> {
    /// `None` for a leaf.
    pub op: Option<BoxedOp<T>>,
    /// The nodes that went in; [`NONE`] for a constant.
    pub inputs: Few<u32>,
    /// The inputs' values, as far as the operation asked.
    pub saved: Few<Option<Tensor<T>>>,
    /// The output's value, if the operation asked or the tape keeps everything.
    pub output: Option<Tensor<T>>,
    /// What the operation kept of its own.
    pub kept: Few<Tensor<T>>,
    pub shape: Shape,
    pub at: &'static Location<'static>,
    pub scope: u32,
    /// The innermost segment that is recomputed.
    pub segment: u32,
}

impl<T: Real> Node<T> {
    pub fn leaf(shape: Shape, output: Option<Tensor<T>>, at: &'static Location<'static>) -> Self {
        Node {
            op: None,
            inputs: Few::new(),
            saved: Few::new(),
            output,
            kept: Few::new(),
            shape,
            at,
            scope: NONE,
            segment: NONE,
        }
    }

    pub fn name(&self) -> &'static str {
        self.op.as_ref().map_or(LEAF, |op| op.name())
    }

    pub fn saved_bytes(&self) -> usize {
        let tensors = self.saved.iter().flatten().chain(&self.output).chain(&self.kept);
        if self.op.is_none() { 0 } else { tensors.map(|x| x.elements() * size_of::<T>()).sum() }
    }
}
