//! What a tape tells of itself, word for word and number for number.

mod diagnose;
mod explain;
mod page;
mod paths;
mod pictures;
mod player;
mod provenance;
mod table;
mod views;

/// The program that the specification of the views shows, in files of that name, on the lines that it shows.
mod example {
    pub mod model;
    #[path = "scalar/loss.rs"]
    pub mod scalar;
    #[path = "tensor/loss.rs"]
    pub mod tensor;
    pub mod train;
}
