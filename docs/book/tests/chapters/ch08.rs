use super::near;
use super::solution::ch08::*;

exercise!("exercise 8.1", a_weight_moves_with_its_input_and_the_bend, {
    let (w, b, x) = ([0.5, -0.3], 0.4, [1.0, 2.0]);
    let output = |w: [f64; 2]| (w[0] * x[0] + w[1] * x[1] + b).tanh();
    let slopes = by_weights(&w, b, &x);
    near(
        slopes[0],
        (output([0.5 + 1e-5, -0.3]) - output([0.5 - 1e-5, -0.3])) / 2e-5,
        1e-8,
    );
    near(
        slopes[1],
        (output([0.5, -0.3 + 1e-5]) - output([0.5, -0.3 - 1e-5])) / 2e-5,
        1e-8,
    );
});

exercise!("exercise 8.2", every_neuron_has_a_bias, {
    assert_eq!((parameters(&[2, 16, 16, 1]), parameters(&[3, 1])), (337, 4));
});

exercise!("exercise 8.3", whoever_is_right_by_far_is_left_alone, {
    assert_eq!(
        [by_score(0.2, 1.0), by_score(-0.2, -1.0), by_score(3.0, 1.0)],
        [-1.0, 1.0, 0.0]
    );
});

exercise!("exercise 8.4", descent_goes_down, {
    let mut weights = [2.0, -3.0];
    for _ in 0..50 {
        let slopes = weights.map(|w| 2.0 * w);
        descend(&mut weights, &slopes, 0.25);
    }
    near(weights[0], 0.0, 1e-12);
    near(weights[1], 0.0, 1e-12);
});
