//! Automatic differentiation.
pub mod algebra;
