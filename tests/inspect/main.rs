//! The gallery of mistakes and the tour: twelve mistakes are named, with their line and what to do; of what is healthy, nothing
//! is said. At many seeds and sizes.

#[path = "../../examples/faults/gallery.rs"]
mod gallery;
mod healthy;
mod tour;
mod variants;

use autograd::inspect::{Diagnosis, Fault, Finding};
use gallery::{Case, GALLERY, Setting};

/// Seeds and sizes.
fn settings() -> impl Iterator<Item = Setting> {
    let sizes = [(8, 8, 12), (16, 16, 24), (33, 12, 40), (64, 48, 16)];
    sizes.into_iter().flat_map(|(batch, width, steps)| {
        (0..5).map(move |seed| Setting { seed: seed * 101 + batch as u64, batch, width, steps })
    })
}

fn each(test: impl Fn(&Case, &Setting)) {
    for case in GALLERY {
        settings().for_each(|at| test(case, &at));
    }
}

fn context(case: &Case, at: &Setting, found: &Diagnosis) -> String {
    let Setting { seed, batch, width, steps } = at;
    format!("{}, seed {seed}, batch {batch}, width {width}, {steps} steps:\n{found}", case.name)
}

#[test]
fn every_mistake_is_named_with_its_line_and_a_fix() {
    assert_eq!(GALLERY.len(), 12);
    each(|case, at| {
        let found = (case.step)(at, false);
        let [finding, others @ ..] = found.findings.as_slice() else { panic!("{}", context(case, at, &found)) };
        // Nothing else is blamed, but that what explodes may overflow.
        let overflows = |other: &Finding| case.name == "exploding_rnn" && matches!(other.fault, Fault::NonFinite(_));
        assert!(others.iter().all(overflows), "{}", context(case, at, &found));
        assert_eq!(finding.fault, case.fault, "{}", context(case, at, &found));
        let place = (finding.at.file.replace('\\', "/"), finding.at.line as usize);
        assert!(place.0.ends_with(&case.file()) && place.1 == case.line(), "{}", context(case, at, &found));
        assert!(case.line() > 0 && !finding.fix.is_empty() && !case.title.is_empty() && !case.marked().is_empty());
        // The number is beyond its limit; NaN is beyond any.
        let crossed = finding.value > finding.limit || finding.value.is_nan() || finding.fault == Fault::FlippedSign;
        assert!(crossed, "{}", context(case, at, &found));
    });
}

#[test]
fn of_every_healthy_twin_nothing_is_said() {
    each(|case, at| {
        let found = (case.step)(at, true);
        assert!(found.findings.is_empty(), "{}", context(case, at, &found));
    });
}
