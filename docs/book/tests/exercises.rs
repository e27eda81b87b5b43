//! The tests of the exercises, each written once and used three times: the answers
//! pass them, a reader runs them by
//! `cargo test -p book --test exercises -- --ignored ch01`, and as delivered every
//! exercise fails its own.
#![allow(clippy::duplicate_mod, reason = "that is the point")]

/// Fails unless the two agree within the tolerance.
#[track_caller]
fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted}");
}

macro_rules! exercise {
    ($number:literal, $name:ident, $body:block) => {
        #[test]
        fn $name() $body
    };
}

#[path = "chapters"]
mod answers {
    use super::near;
    use book::answers as solution;
    mod ch01;
    mod ch02;
    mod ch03;
    mod ch04;
    mod ch05;
    mod ch06;
    mod ch07;
    mod ch08;
    mod ch09;
}

macro_rules! exercise {
    ($number:literal, $name:ident, $body:block) => {
        #[test]
        #[ignore = $number]
        fn $name() $body
    };
}

#[path = "chapters"]
mod exercises {
    use super::near;
    use book::exercises as solution;
    mod ch01;
    mod ch02;
    mod ch03;
    mod ch04;
    mod ch05;
    mod ch06;
    mod ch07;
    mod ch08;
    mod ch09;
}

macro_rules! exercise {
    ($number:literal, $name:ident, $body:block) => {
        #[test]
        #[should_panic]
        fn $name() $body
    };
}

#[path = "chapters"]
mod unfinished {
    use super::near;
    use book::exercises as solution;
    mod ch01;
    mod ch02;
    mod ch03;
    mod ch04;
    mod ch05;
    mod ch06;
    mod ch07;
    mod ch08;
    mod ch09;
}
