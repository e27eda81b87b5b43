use super::near;
use super::solution::ch06::*;
use book::tiny::Tape;

exercise!("exercise 6.1", both_edges_of_a_square_count, {
    let tape = Tape::default();
    let x = tape.input("x", 3.0);
    let square = x * x;
    assert_eq!(backward(&tape.steps(), square.step), [6.0, 1.0]);
});

exercise!("exercise 6.2", a_step_waits_for_all_its_readers, {
    // 2 reads 0 and 3, 0 reads 3, 3 reads 1: 2 moves with 3 by 2 + 5 · 7, and 3
    // with 1 by 10.
    let back = [vec![(3, 7.0)], vec![], vec![(0, 5.0), (3, 2.0)], vec![(1, 10.0)]];
    assert_eq!(backward_in_any_order(&back, 2), [5.0, 370.0, 1.0, 37.0]);
});

exercise!("exercise 6.3", descent_comes_to_rest, {
    near(descend(0.1, 100), 3.0, 1e-6);
    near(descend(0.5, 1), 3.0, 1e-15);
});

exercise!("exercise 6.4", two_results_share_a_sweep, {
    let tape = Tape::default();
    let x = tape.input("x", 2.0);
    let square = x * x;
    let cube = square * x;
    let steps = tape.steps();
    // 2x + 3x², whichever is named first.
    near(of_both(&steps, square.step, cube.step)[x.step], 16.0, 1e-12);
    near(of_both(&steps, cube.step, square.step)[x.step], 16.0, 1e-12);
    near(of_both(&steps, square.step, square.step)[x.step], 8.0, 1e-12);
});
