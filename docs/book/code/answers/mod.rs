//! The exercises, solved. Their tests run with all others.

pub mod ch01;
pub mod ch02;
pub mod ch03;
