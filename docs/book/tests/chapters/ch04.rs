use super::near;
use super::solution::ch04::*;
use book::tiny::{Number, Tape};

/// Each of `n` squarings has two edges to what it squares.
fn squarings(mut x: Number<'_>, n: usize) -> Number<'_> {
    for _ in 0..n {
        x = x * x;
    }
    x
}

exercise!("exercise 4.1", paths_are_counted_without_walking, {
    let tape = Tape::default();
    let x = tape.input("x", 1.0);
    let result = squarings(x, 60);
    assert_eq!(count_paths(&tape.steps(), result.step, x.step), 1 << 60);
});

exercise!("exercise 4.2", shares_sum_to_a_hundred, {
    assert_eq!(shares(&[3.0, 1.0]), [75.0, 25.0]);
    assert_eq!(shares(&[3.0, -1.0]), [150.0, -50.0]);
});

exercise!("exercise 4.3", cancellation_is_one_or_more, {
    near(cancellation(&[2.0, 3.0]), 1.0, 1e-15);
    near(cancellation(&[500.0, -499.0]), 999.0, 1e-9);
});

exercise!("exercise 4.4", the_strongest_way_is_found, {
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 2.0), tape.input("y", 5.0));
    let result = x * y - x * x * x;
    // By y: 5. By the three factors of the cube: 4 each.
    near(strongest(&tape.steps(), result.step, x.step), 5.0, 1e-12);
});
