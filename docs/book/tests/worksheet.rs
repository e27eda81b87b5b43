//! Worksheets: their keys are right, and there is something to do on every one.

use book::tiny::{Op, Step};
use book::worksheet::Worksheet;

/// The result, were one step off by a little: everything after it computed anew.
fn with_nudge(steps: &[Step], at: usize, by: f64) -> f64 {
    let mut values: Vec<f64> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let x: Vec<f64> = step.inputs.iter().map(|&i| values[i]).collect();
        let value =
            if step.op == Op::Input { step.value } else { step.op.value(&x) };
        values.push(if i == at { value + by } else { value });
    }
    values[steps.len() - 1]
}

#[test]
fn keys_agree_with_nudging() {
    for seed in 0..300 {
        let sheet = Worksheet::new(seed);
        for (at, gradient) in sheet.gradient().into_iter().enumerate() {
            let h = 1e-4;
            let measured = (with_nudge(&sheet.steps, at, h)
                - with_nudge(&sheet.steps, at, -h))
                / (2.0 * h);
            assert!(
                (gradient - measured).abs() < 1e-3,
                "sheet {seed}, step {at}: {gradient}, {measured}"
            );
            assert_eq!(
                gradient,
                gradient.round(),
                "sheet {seed}: a whole number fits the box"
            );
        }
    }
}

#[test]
fn a_seed_gives_one_sheet() {
    assert_eq!(Worksheet::new(7).page(), Worksheet::new(7).page());
    assert_ne!(Worksheet::new(7).steps, Worksheet::new(8).steps);
}

#[test]
fn the_sheet_does_not_give_the_key_away() {
    let sheet = Worksheet::new(7);
    let boxes = sheet.steps.len();
    assert_eq!(sheet.text().matches("____").count(), boxes);
    assert_eq!(sheet.picture().matches("____").count(), boxes);
    assert_eq!(sheet.key().matches("____").count(), 0);
    assert_eq!(sheet.picture_of_key().matches("____").count(), 0);
}
