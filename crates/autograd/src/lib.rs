//! Automatic differentiation: an operation is written down once, as mathematics; what you feed a program decides what
//! happens to it.
//!
//! Numbers are `f32` or `f64`. Complex numbers are out of scope for now.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `parallel` (on) | threads for large operations; the bits do not depend on it |
//! | `linalg` | `LinearAlgebra`: solving, inverse, determinant, Cholesky, with the `faer` crate |
//! | `mutation` | rules made wrong on purpose, for the proof that the checks would notice |
#![deny(missing_docs)]

pub mod algebra;
mod array;
mod attempt;
pub mod check;
mod dual;
mod error;
pub mod inspect;
pub mod kernels;
mod layer;
pub mod ops;
mod param;
pub mod scalar;
mod shape;
mod shapes;
mod symbol;
mod tape;
mod tensor;
#[doc(hidden)]
pub mod text;
pub mod transform;

#[cfg(feature = "linalg")]
pub use array::LinearAlgebra;
pub use array::{
    Array, Attention, Ids, Indexing, Interpretation, Mask, Mode, Networks, Positions, Products, Reductions, Scope,
    Shaping,
};
pub use attempt::attempt;
pub use dual::{Dual, DualBase};
pub use error::{Error, Operand, Report};
pub use layer::{AnyLayer, Layer};
pub use ops::classes::{ClassLoss, Reduction};
pub use ops::conv::Convolution;
#[cfg(feature = "linalg")]
pub use ops::linalg::Triangle;
pub use ops::norms::BatchNormalized;
pub use ops::pad::Padding;
pub use ops::pool::Pooling;
pub use param::{Param, ParamId};
pub use shape::{Axes, MAX_RANK, Shape};
pub use shapes::{Diary, Event, Shapes};
pub use symbol::Symbol;
pub use tape::{
    Direction, Edge, Gradients, NodeView, Observer, Outcome, Reached, Recomputation, SampleGradients, Source, Tape,
    Var, Visit, gradient, gradient_at, try_gradient,
};
pub use tensor::{Draw, Indices, Key, PoolStatistics, Tensor, pool_statistics};

/// What most programs need: `use autograd::prelude::*;`.
pub mod prelude {
    pub use crate::algebra::Real;
    pub use crate::{
        Array, Attention, ClassLoss, Convolution, Direction, Dual, Error, Gradients, Ids, Indexing, Indices,
        Interpretation, Key, Layer, Mode, Networks, Padding, Param, Pooling, Products, Reduction, Reductions, Shape,
        Shapes, Shaping, Symbol, Tape, Tensor, Var, gradient, gradient_at,
    };
    #[cfg(feature = "linalg")]
    pub use crate::{LinearAlgebra, Triangle};
}
