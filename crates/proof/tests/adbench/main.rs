//! ADBench's four problems as programs of tensors, against derivatives that were computed with 160 bits.
//!
//! | file | what lives there |
//! |---|---|
//! | `gmm.rs` | a mixture of Gaussians: batched triangles, logsumexp; the program of the example `mixture` |
//! | `ba.rs` | bundle adjustment: every observation at once, cameras and points picked by number |
//! | `lstm.rs` | long short-term memory: a long tape of small operations |
//! | `hand.rs` | hand tracking: a chain of matrices, a skinned mesh, a Jacobian of 300 rows |

mod ba;
mod gmm;
mod hand;
mod lstm;
#[path = "../../../autograd/tests/data/adbench/problems.rs"]
mod problems;
