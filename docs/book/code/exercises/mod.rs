//! The exercises: functions that are not right yet. Each has a test that fails
//! until it is:
//! `cargo test -p book --test exercises -- --ignored ch01`.

pub mod ch01;
pub mod ch02;
pub mod ch03;
pub mod ch04;
pub mod ch05;
pub mod ch06;
pub mod ch07;
pub mod ch08;
pub mod ch09;
