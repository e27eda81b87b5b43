use super::near;
use super::solution::ch03::*;

/// Holds slopes by every input against nudging.
#[track_caller]
fn as_nudged<const N: usize>(
    slopes: [f64; N],
    f: impl Fn([f64; N]) -> f64,
    x: [f64; N],
) {
    for (i, slope) in slopes.into_iter().enumerate() {
        let (mut above, mut below) = (x, x);
        above[i] += 1e-5;
        below[i] -= 1e-5;
        near(slope, (f(above) - f(below)) / 2e-5, 1e-8);
    }
}

exercise!("exercise 3.1", division_falls_as_the_divisor_grows, {
    as_nudged(division(3.0, 2.0), |[a, b]| a / b, [3.0, 2.0]);
});

exercise!("exercise 3.2", sigmoid_knows_its_slope_from_its_result, {
    let value = |[x]: [f64; 1]| 1.0 / (1.0 + (-x).exp());
    for x in [-2.0, 0.0, 0.7] {
        as_nudged([sigmoid(value([x]))], value, [x]);
    }
});

exercise!("exercise 3.3", a_length_moves_with_its_sides, {
    as_nudged(length(3.0, 4.0), |[a, b]| (a * a + b * b).sqrt(), [3.0, 4.0]);
});

exercise!("exercise 3.4", one_input_moves_two_gates, {
    for [x, y, z] in [[2.0, 3.0, 1.0], [2.0, 3.0, 7.0]] {
        as_nudged(circuit(x, y, z), |[x, y, z]| (x + y) * y.max(z), [x, y, z]);
    }
});
