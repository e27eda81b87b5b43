use super::near;
use super::solution::ch01::*;

exercise!("exercise 1.1", slope_from_the_left, {
    // x² between 2.9 and 3 rises from 8.41 to 9.
    near(from_the_left(|x| x * x, 3.0, 0.1), 5.9, 1e-12);
});

exercise!("exercise 1.2", four_nudges_are_exact_up_to_the_fourth_power, {
    near(four_nudges(|x| x.powi(3), 2.0, 0.5), 12.0, 1e-12);
    near(four_nudges(|x| x.powi(4), 2.0, 0.5), 32.0, 1e-12);
    let error = |h| (four_nudges(f64::sin, 1.0, h) - 1.0_f64.cos()).abs();
    near(error(0.2) / error(0.1), 16.0, 0.5);
});

exercise!("exercise 1.3", the_best_nudge_is_in_the_middle, {
    // The third root of three times the distance of neighbouring numbers is about
    // 9e-6.
    let best = best_nudge(f64::sin, 1.0, 1.0_f64.cos());
    assert!((1e-6..=1e-4).contains(&best), "{best:e}");
});

exercise!("exercise 1.4", every_input_is_nudged_by_itself, {
    let slopes = gradient(|x| x[0] * x[0] * x[1] + x[2], &[3.0, 4.0, 5.0]);
    assert_eq!(slopes.len(), 3);
    for (slope, exact) in slopes.into_iter().zip([24.0, 9.0, 1.0]) {
        near(slope, exact, 1e-8);
    }
});
