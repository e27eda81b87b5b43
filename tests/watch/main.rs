//! Ten runs that go wrong are named by the watch, with the number and what to do; of their healthy twins nothing is said. At
//! many seeds and sizes.

#[path = "../../examples/watch/gallery.rs"]
mod gallery;

use gallery::{Case, GALLERY, Setting};
use nn::watch::Log;

/// Seeds and sizes.
fn settings() -> Vec<Setting> {
    let sizes = [(32, 32, 12, 120, 10), (8, 16, 20, 100, 7), (64, 24, 10, 80, 5), (16, 64, 15, 70, 1)];
    let seeds = |(place, (batch, width, depth, steps, every)): (u64, (usize, usize, usize, usize, usize))| {
        let seed = move |seed: u64| Setting { seed: seed * 4 + place, batch, width, depth, steps, every };
        (0..3).map(seed)
    };
    let all_at_one_size = (0..10).map(|seed| Setting { seed, batch: 32, width: 32, depth: 12, steps: 70, every: 10 });
    (0..).zip(sizes).flat_map(seeds).chain(all_at_one_size).collect()
}

fn context(case: &Case, at: &Setting, log: &Log) -> String {
    let Setting { seed, batch, width, depth, steps, every } = at;
    let found: Vec<String> = log.findings.iter().map(ToString::to_string).collect();
    format!(
        "{} ({}), seed {seed}, batch {batch}, width {width}, depth {depth}, {steps} steps, every {every}: {}\n{}",
        case.name,
        case.title,
        log.headline(),
        found.join("\n")
    )
}

#[test]
fn every_mistake_is_named_with_its_number_and_a_fix() {
    for case in GALLERY {
        for at in settings() {
            let log = (case.run)(&at, false);
            let found = log.findings.iter().find(|seen| seen.finding.fault == case.fault);
            let seen = found.unwrap_or_else(|| panic!("{}", context(case, &at, &log)));
            // It is the first thing that is said, and it is said once.
            assert_eq!(log.findings[0].finding.fault, case.fault, "{}", context(case, &at, &log));
            let count = log.findings.iter().filter(|seen| seen.finding.fault == case.fault).count();
            assert_eq!(count, 1, "{}", context(case, &at, &log));
            let finding = &seen.finding;
            assert!(!finding.fix.is_empty() && finding.at.line > 0);
            // The number is beyond its limit, on the side that it should be on.
            let falls = ["vanishing", "saturated", "too low", "ignores"];
            let is_low = falls.iter().any(|word| finding.fault.to_string().contains(word));
            let crossed = if is_low { finding.value < finding.limit } else { finding.value > finding.limit };
            assert!(crossed, "{}", context(case, &at, &log));
        }
    }
}

#[test]
fn of_every_healthy_twin_nothing_is_said() {
    for case in GALLERY {
        for at in settings() {
            let log = (case.run)(&at, true);
            assert!(log.findings.is_empty(), "{}", context(case, &at, &log));
        }
    }
}
