//! Decompositions of matrices by the `faer` crate, on one thread, so that the bits do not depend on how many there are.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | [`Job`], the way from a number type of ours to one of faer's; stacks of matrices |
//! | `factors.rs` | `P A = L U`: solving, inverse, determinant |
//! | `triangular.rs` | Cholesky's factor, and solving with a triangle |
//! | `cofactors.rs` | the cofactor matrix and its derivative, by singular values |

mod cofactors;
mod factors;
mod triangular;

pub(crate) use cofactors::{cofactors, cofactors_along};
pub(crate) use factors::{Factors, factor};
pub(crate) use triangular::{cholesky, solve_triangular};

use crate::Shape;
use faer::traits::RealField;

/// What needs of its number type that faer computes with it. [`Real`](crate::algebra::Real) runs it, since it is `f32`
/// or `f64`.
pub trait Job<T> {
    /// What it returns.
    type Output;
    /// Does it.
    fn run(self) -> Self::Output
    where
        T: RealField;
}

/// For each place in `batch` the place in `own`, which broadcasts to it, row-major.
fn places(own: Shape, batch: Shape) -> impl Iterator<Item = usize> {
    let added = batch.rank() - own.rank();
    (0..batch.elements()).map(move |index| {
        let (mut rest, mut place, mut step) = (index, 0, 1);
        for axis in (0..batch.rank()).rev() {
            let coordinate = rest % batch[axis];
            rest /= batch[axis];
            if axis >= added {
                place += if own[axis - added] == 1 { 0 } else { coordinate * step };
                step *= own[axis - added];
            }
        }
        place
    })
}

/// The axes before the last two: how a stack of matrices is laid out.
fn lead(shape: Shape) -> Shape {
    Shape::of(&shape[..shape.rank() - 2])
}
