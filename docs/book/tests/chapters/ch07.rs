use super::solution::ch07::*;

exercise!("exercise 7.1", the_exact_slope_lies_within_the_bar, {
    let honest = |f: fn(f64) -> f64, x: f64, exact: f64| {
        let (slope, bar) = measured(f, x);
        assert!((slope - exact).abs() <= bar, "{slope} +- {bar} against {exact}");
        assert!(bar < 1e-3 * exact.abs(), "{bar} says nothing");
    };
    honest(f64::sin, 1.0, 1.0_f64.cos());
    honest(f64::exp, 3.0, 3.0_f64.exp());
    honest(|x| 1.0 / x, 0.01, -1e4);
    honest(|x| 1e6 + x, 1.0, 1.0);
});

exercise!("exercise 7.2", the_bar_decides, {
    assert_eq!(verdict(1000.002, 1000.0, 0.01), Verdict::Ok);
    assert_eq!(verdict(2e-7, 1e-7, 1e-9), Verdict::Wrong);
    assert_eq!(verdict(1.0, 1.5, 0.7), Verdict::Coarse);
});

exercise!("exercise 7.3", a_kink_need_not_be_hit_exactly, {
    assert!(kink_near(0.5, 1e-3, &[2.0, 0.5]));
    assert!(kink_near(0.5004, 1e-3, &[2.0, 0.5]));
    assert!(!kink_near(0.502, 1e-3, &[2.0, 0.5]));
});

exercise!("exercise 7.4", one_direction_judges_all_inputs, {
    let f = |x: &[f64]| x[0] * x[1] + x[2].sin();
    let x = [2.0, 3.0, 1.0];
    let (right, swapped) = ([3.0, 2.0, 1.0_f64.cos()], [2.0, 3.0, 1.0_f64.cos()]);
    let d = [0.3, -0.7, 0.5];
    assert!(right_along(f, &x, &right, &d));
    assert!(!right_along(f, &x, &swapped, &d));
    // Along the diagonal nobody would have noticed.
    assert!(right_along(f, &x, &swapped, &[1.0, 1.0, 1.0]));
});
