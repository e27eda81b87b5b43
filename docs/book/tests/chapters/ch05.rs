use super::near;
use super::solution::ch05::*;
use book::tiny::Tape;

exercise!("exercise 5.1", forwards_gives_every_step_by_one_input, {
    let tape = Tape::default();
    let x = tape.input("x", 3.0);
    let square = x * x;
    let _ = square - x;
    assert_eq!(forward(&tape.steps(), x.step), [1.0, 6.0, 5.0]);
});

exercise!("exercise 5.2", what_hears_nothing_says_nothing, {
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 3.0), tape.input("y", 2.0));
    let _aside = (y * y).exp();
    let result = x * x;
    let (gradient, products) = backward_counted(&tape.steps(), result.step);
    assert_eq!((gradient[x.step], gradient[y.step], products), (6.0, 0.0, 2));
});

exercise!("exercise 5.3", each_result_has_a_sweep, {
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 3.0), tape.input("y", 2.0));
    let (product, difference) = (x * y, x - y);
    let rows = jacobian(
        &tape.steps(),
        &[product.step, difference.step],
        &[x.step, y.step],
    );
    assert_eq!(rows, [[2.0, 3.0], [1.0, -1.0]]);
});

exercise!("exercise 5.4", nothing_passes_a_detached_step, {
    let tape = Tape::default();
    let x = tape.input("x", 3.0);
    let square = x * x;
    let result = square * x;
    // As if 9 was a constant: d(9 x) = 9, and not 27.
    let gradient = backward_detached(&tape.steps(), result.step, square.step);
    near(gradient[x.step], 9.0, 0.0);
    near(gradient[square.step], 0.0, 0.0);
});
