//! The tensor engine: what its operations, sweeps and checks must do. One program, so that what all of them use is compiled
//! once; alone by the name of a file: `cargo test -p autograd --test tensors recompute::`.

mod check;
mod custom;
mod errors;
mod identities;
mod indexing;
mod large;
#[cfg(feature = "linalg")]
mod linalg;
mod networks;
mod observe;
mod per_sample;
mod products;
mod recompute;
mod reductions;
mod reuse;
mod semantics;
mod shaping;
mod texts;
mod transform;
