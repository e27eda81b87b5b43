use super::near;
use super::solution::ch02::*;
use book::tiny::Tape;

exercise!("exercise 2.1", a_difference_is_recorded_once, {
    let tape = Tape::default();
    let square = squared_distance(tape.input("x", 5.0), tape.input("y", 2.0));
    near(square.value(), 9.0, 0.0);
    assert_eq!(tape.steps().len(), 4, "two inputs and two steps");
});

exercise!("exercise 2.2", a_recording_runs_again, {
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 1.5), tape.input("y", 0.8));
    let product = x * y;
    let _ = product.exp() - y;
    assert_eq!(replay(&tape.steps(), &[3.0, 0.0]), [3.0, 0.0, 0.0, 1.0, 1.0]);
});

exercise!("exercise 2.3", a_square_reads_its_input_twice, {
    let tape = Tape::default();
    let x = tape.input("x", 3.0);
    let square = x * x;
    let _ = square + x;
    assert_eq!(readings(&tape.steps()), [3, 1, 0]);
});

exercise!("exercise 2.4", what_a_result_needs_goes_all_the_way_back, {
    let tape = Tape::default();
    let (x, y) = (tape.input("x", 3.0), tape.input("y", 1.0));
    let product = x * x;
    let _aside = y.exp();
    let result = product.ln();
    let _later = result + y;
    assert_eq!(
        needed(&tape.steps(), result.step),
        [true, false, true, false, true, false]
    );
});
