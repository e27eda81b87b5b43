//! The engine that the reader builds, one file a chapter.
//!
//! | file | chapter | what it adds |
//! |---|---|---|
//! | `record.rs` | 2 | numbers that remember how they were computed |
//! | `gates.rs` | 3 | the derivatives of one step |
//! | `paths.rs` | 4 | all ways back from a result to an input |
//! | `backward.rs` | 5 | the sum over all of them, without walking twice |

mod backward;
mod gates;
mod paths;
mod record;

pub use backward::backward;
pub use gates::edges;
pub use paths::{Path, paths};
pub use record::{Number, Op, Step, Tape};
