//! Transforms: functions of variables turned into their derivatives. Each records the function once and sweeps the
//! tape: backwards for pull-backs, forwards for push-forwards, backwards on duals for curvature.
//!
//! A function takes `&Var` (or a tuple, an array or a vector of them, nested at will) and returns a `Var`, or a pair of a
//! `Var` and anything else that shall come back beside the result; the point has the same form as the argument. To
//! differentiate with respect to a model's parameters, let variables stand for them: [`Tape::bind`](crate::Tape::bind),
//! or `model.of_parameters(|tape| …)` for all of them.
//!
//! | file | what lives there |
//! |---|---|
//! | `point.rs` | [`Point`]: where a derivative is taken |
//! | `first.rs` | [`grad`], [`value_and_grad`], [`per_sample`], [`vjp`], [`jvp`], [`linearize`] |
//! | `second.rs` | [`jacobian`], [`hessian`], [`hvp`] |

mod first;
mod point;
mod second;

pub use first::{grad, jvp, linearize, per_sample, value_and_grad, vjp};
pub use point::Point;
pub use second::{hessian, hvp, jacobian};
