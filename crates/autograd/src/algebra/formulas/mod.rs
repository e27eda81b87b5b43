//! Every elementwise rule: its formula, its derivative, its documentation.
//!
//! | file | what lives there |
//! |---|---|
//! | `arithmetic.rs` | `+ − · /`, with constants on either side, and the step of the chain rule |
//! | `powers.rs` | powers and roots |
//! | `exponential.rs` | exponentials and logarithms |
//! | `trigonometric.rs` | functions of angles |
//! | `hyperbolic.rs` | hyperbolic functions |
//! | `special.rs` | the error function, the bell curve, the gamma function |
//! | `activations.rs` | what networks bend their values with |
//! | `pieces.rs` | magnitude, sign, bounds, steps, rounding, comparisons, the larger and the smaller of two |
//!
//! The rules of functions that numbers compute themselves (`exp`, `tanh`, …) name that function in their value; all
//! others are written in terms of those. A slope is given where a better one is known than the automatic one.

use super::Algebra;

mod activations;
mod arithmetic;
mod exponential;
mod hyperbolic;
mod pieces;
mod powers;
mod special;
mod trigonometric;

pub use activations::*;
pub use arithmetic::*;
pub use exponential::*;
pub use hyperbolic::*;
pub use pieces::*;
pub use powers::*;
pub use special::*;
pub use trigonometric::*;

/// `x`, kept finite where it is multiplied by what has vanished long before: the limit, and not 0 · ∞.
fn bounded<A: Algebra>(x: A) -> A {
    x.clamp(-1e3, 1e3)
}
