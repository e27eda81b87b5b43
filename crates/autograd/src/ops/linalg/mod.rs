//! What decomposes matrices, behind the feature `linalg`. The last two axes are those of matrices, all before them a
//! stack of matrices.
//!
//! | file | what lives there |
//! |---|---|
//! | `mod.rs` | the shapes of stacks of square matrices |
//! | `solve.rs` | solving with a matrix and with a triangle; the inverse |
//! | `determinant.rs` | the determinant, its sign and logarithm, the cofactors |
//! | `cholesky.rs` | Cholesky's factor |

mod cholesky;
mod determinant;
mod solve;

pub use cholesky::Cholesky;
pub use determinant::{Cofactors, CofactorsAlong, Determinant, LogDeterminant};
pub use solve::{Inverse, Solve, SolveTriangular, Triangle};

use crate::{Error, Shape};

/// The leading axes of a stack of square matrices.
fn square(shape: Shape) -> Result<Shape, Error> {
    let rank = shape.rank();
    if rank < 2 {
        return Err(Error::shape(
            format!("shape {shape} is not that of a matrix"),
            "give a matrix [n, n], or a stack of them [..., n, n]",
        ));
    }
    if shape[rank - 2] != shape[rank - 1] {
        return Err(Error::shape(
            format!("a matrix of {} rows and {} columns is not square", shape[rank - 2], shape[rank - 1]),
            "the last two axes must have one extent",
        ));
    }
    Ok(Shape::of(&shape[..rank - 2]))
}
