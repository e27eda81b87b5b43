//! ADBench's four problems on the scalar engine, against derivatives that were computed with 160 bits.
//!
//! | file | what lives there |
//! |---|---|
//! | `gmm.rs` | a mixture of Gaussians, its likelihood and prior |
//! | `ba.rs` | bundle adjustment, the reprojection of a point |
//! | `lstm.rs` | long short-term memory on a sequence |
//! | `hand.rs` | hand tracking, a skinned mesh |
//!
//! The formulas are those of the benchmark, with its prior and its layout of parameters.

mod ba;
mod gmm;
mod hand;
mod lstm;
#[path = "../data/adbench/problems.rs"]
mod problems;

use autograd::algebra::Algebra;

fn sum<A: Algebra>(terms: impl Iterator<Item = A>) -> A {
    terms.reduce(|sum, term| sum + term).expect("at least one term")
}
