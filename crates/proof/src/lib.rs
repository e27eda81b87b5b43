//! The proof that every operation is right: what is checked, against what, and how it is told.
//!
//! | module | what lives there |
//! |---|---|
//! | [`rows`] | the table of operations: one line a row |
//! | [`table`] | what is checked of a row: every reading, layout, precision, order and mode |
//! | [`programs`] | random programs, and what must be true of every one |
//! | [`views`] | what must be true of every picture of a random program |
//! | [`wrong`] | every operation on inputs that do not fit it |
//! | [`golden`] | expected values that other tools computed |
//! | [`numerics`] | how far single precision is from exact, over all of `f32` |
//! | [`mutants`] | every rule made wrong, to see that the checks notice |
//! | [`page`] | all of it as the page `docs/correctness.md` |
//!
//! Everything here is a function that returns what it found, so that tests, the page of results and the mutants use
//! the same checks.
#![deny(missing_docs)]

pub mod golden;
pub mod mutants;
pub mod numerics;
pub mod page;
pub mod programs;
pub mod rows;
pub mod table;
pub mod views;
pub mod wrong;
