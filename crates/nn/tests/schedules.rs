//! What holds for every schedule: its ends, its shape, far steps, and what it refuses.

use nn::prelude::*;
use nn::schedule::*;

#[test]
fn rates_stay_between_their_ends_however_far() {
    let schedules: [(&str, Box<dyn Schedule>); 9] = [
        ("step", Box::new(Step::new(0.5, 10, 0.5))),
        ("multi-step", Box::new(MultiStep::new(0.5, [3, 50], 0.5))),
        ("exponential", Box::new(Exponential::new(0.5, 0.9))),
        ("polynomial", Box::new(Polynomial::new(0.5, 100, 2.0))),
        ("ramp", Box::new(Ramp::warm_up(0.5, 20))),
        ("cosine", Box::new(Cosine::new(0.5, 100).with_least(0.1))),
        ("warm restarts", Box::new(WarmRestarts::new(0.5, 7).with_growth(3))),
        ("one cycle", Box::new(OneCycle::new(0.5, 100).with_three_phases())),
        ("one cycle of one step", Box::new(OneCycle::new(0.5, 1))),
    ];
    for (name, schedule) in schedules {
        for step in (0..200).chain([10_000_000, u64::MAX / 2, u64::MAX]) {
            let rate = schedule.rate(step);
            assert!((0.0..=0.5).contains(&rate), "{name} at {step}: {rate}");
        }
    }
}

#[test]
fn one_after_another_after_another() {
    let schedule =
        (|step: u64| step as f64).then(3, |step: u64| 10.0 + step as f64).then(5, Exponential::new(1.0, 0.5));
    let rates: Vec<f64> = (0..8).map(|step| schedule.rate(step)).collect();
    assert_eq!(rates, [0.0, 1.0, 2.0, 10.0, 11.0, 1.0, 0.5, 0.25]);
}

#[test]
fn a_plateau_of_what_is_not_a_number_is_a_plateau() {
    let mut plateau = ReduceOnPlateau::new(1.0).with_patience(2).with_factor(0.5);
    let rates: Vec<f64> = [1.0, f64::NAN, f64::NAN, f64::NAN].map(|loss| plateau.report(loss)).into();
    assert_eq!(rates, [1.0, 1.0, 1.0, 0.5]);
    assert_eq!(plateau.state().best, 1.0);
    // A rate that is already below the least does not go up.
    assert_eq!(ReduceOnPlateau::new(0.1).with_patience(0).with_least(0.5).report(f64::NAN), 0.1);
}

fn refused(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let text = *std::panic::catch_unwind(f).unwrap_err().downcast::<String>().unwrap();
    text.lines().filter(|line| !line.starts_with("  at:")).collect::<Vec<_>>().join("\n")
}

#[test]
fn settings_outside_their_range() {
    insta::assert_snapshot!(refused(|| _ = Step::new(0.1, 0, 0.5)), @"
    Step: `every` is 0
      help: give the number of steps, from 1
    ");
    insta::assert_snapshot!(refused(|| _ = Cosine::new(f64::NAN, 10)), @"
    Cosine: `rate` is NaN, and must be finite and not negative
      help: the usual value is 0.1
    ");
    insta::assert_snapshot!(refused(|| _ = OneCycle::new(0.1, 10).with_rise(1.0)), @"
    OneCycle: `rise` is 1, and must be at least 0 and less than 1
      help: the usual value is 0.3
    ");
    insta::assert_snapshot!(refused(|| _ = WarmRestarts::new(0.1, 10).with_growth(0)), @"
    WarmRestarts: `growth` is 0
      help: give the number of steps, from 1
    ");
    insta::assert_snapshot!(refused(|| _ = ReduceOnPlateau::new(0.1).with_factor(1.5)), @"
    ReduceOnPlateau: `factor` is 1.5, and must be at least 0 and less than 1
      help: the usual value is 0.1
    ");
    let damaged = PlateauState { rate: -1.0, ..ReduceOnPlateau::new(0.1).state() };
    let error = ReduceOnPlateau::new(0.1).load_state(damaged).unwrap_err().to_string();
    insta::assert_snapshot!(error.lines().next().unwrap(), @"ReduceOnPlateau: `rate` is -1, and must be finite and not negative");
}
