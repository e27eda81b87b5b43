//! Studies: what a sampler tries, that nothing of a study depends on threads or on being stopped, and that a Bayesian one finds
//! more than chance.

use nn::search::{Found, Grid, Random, Sampler, Setting, Space, Study, Tpe, Trial};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A bowl along two settings, and a third that matters little.
struct Bowl {
    space: Space,
    rate: Setting<f64>,
    width: Setting<usize>,
    kind: Setting<char>,
}

impl Bowl {
    fn new() -> Self {
        let mut space = Space::new();
        Bowl {
            rate: space.log("rate", 1e-6..=1.0),
            width: space.whole("width", 1..=100),
            kind: space.choice("kind", ['a', 'b', 'c']),
            space,
        }
    }

    fn depth(&self, trial: &Trial) -> f64 {
        let kind = if trial.get(&self.kind) == 'b' { 0.0 } else { 0.5 };
        (trial.get(&self.rate).log10() + 2.0).powi(2) + ((trial.get(&self.width) as f64 - 70.0) / 30.0).powi(2) + kind
    }
}

fn losses(found: &Found) -> Vec<f64> {
    found.trials.iter().map(|trial| trial.loss).collect()
}

#[test]
fn values_lie_in_their_ranges_and_reach_all_of_them() {
    let bowl = Bowl::new();
    let found = Study::new(&bowl.space, Random, 0).minimize(2000, |_| 0.0).unwrap();
    let rates: Vec<f64> = found.trials.iter().map(|trial| trial.get(&bowl.rate)).collect();
    let widths: Vec<usize> = found.trials.iter().map(|trial| trial.get(&bowl.width)).collect();
    assert!(rates.iter().all(|rate| (1e-6..=1.0).contains(rate)));
    // All orders of magnitude alike: below 1e-3 lies one half. 2,000 draws stray by 5 standard deviations, 5 · 22, at most.
    let small = rates.iter().filter(|rate| **rate < 1e-3).count();
    assert!((890..=1110).contains(&small), "{small}");
    assert_eq!((widths.iter().min(), widths.iter().max()), (Some(&1), Some(&100)));
    for kind in ['a', 'b', 'c'] {
        let count = found.trials.iter().filter(|trial| trial.get(&bowl.kind) == kind).count();
        assert!((560..=775).contains(&count), "{kind}: {count}");
    }
}

#[test]
fn a_grid_has_every_combination_once_and_ends() {
    let bowl = Bowl::new();
    let grid = Grid::within(&bowl.space, 30);
    assert_eq!(grid.len(), 27);
    let found = Study::new(&bowl.space, grid, 0).minimize(30, |trial| bowl.depth(trial)).unwrap();
    let mut tried: Vec<_> = found
        .trials
        .iter()
        .map(|trial| (trial.get(&bowl.rate).log10().round() as i64, trial.get(&bowl.width), trial.get(&bowl.kind)))
        .collect();
    tried.sort_unstable();
    tried.dedup();
    assert_eq!(tried.len(), 27);
    for rate in [-6, -3, 0] {
        for width in [1, 51, 100] {
            assert!(tried.contains(&(rate, width, 'c')), "{rate} {width} in {tried:?}");
        }
    }
}

#[test]
fn a_study_is_the_same_for_any_number_of_threads() {
    let bowl = Bowl::new();
    let run = |threads| {
        let mut study = Study::new(&bowl.space, Tpe::new().with_first(4), 9).with_batch(3).with_threads(threads);
        // The later a trial of a batch is, the sooner it is done.
        let slow = |trial: &Trial| {
            std::thread::sleep(std::time::Duration::from_millis(3 - trial.number as u64 % 3));
            bowl.depth(trial)
        };
        losses(&study.minimize(20, slow).unwrap())
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn a_study_that_was_stopped_goes_on_to_the_same_end() {
    let folder = tempfile::tempdir().unwrap();
    let (bowl, path) = (Bowl::new(), folder.path().join("deep/trials.jsonl"));
    let study = || Study::new(&bowl.space, Tpe::new().with_first(4), 9).with_batch(3);
    let whole = study().minimize(20, |trial| bowl.depth(trial)).unwrap();

    study().with_file(&path).minimize(8, |trial| bowl.depth(trial)).unwrap();
    // The program ended while it wrote a line.
    let text = std::fs::read_to_string(&path).unwrap();
    let cut = text.trim_end().len() - 5;
    std::fs::write(&path, &text[..cut]).unwrap();
    let made = AtomicUsize::new(0);
    let counted = |trial: &Trial| {
        made.fetch_add(1, Ordering::Relaxed);
        bowl.depth(trial)
    };
    let found = study().with_file(&path).minimize(20, counted).unwrap();
    assert_eq!(losses(&found), losses(&whole));
    assert_eq!(made.into_inner(), 13);

    // All is known now.
    let again = study().with_file(&path).minimize(20, |_| panic!("nothing is left to do")).unwrap();
    assert_eq!(losses(&again), losses(&whole));
}

#[test]
fn trials_that_fail_are_noted_and_never_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let (bowl, path) = (Bowl::new(), folder.path().join("trials.jsonl"));
    let fails = |trial: &Trial| match trial.number % 3 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        _ => bowl.depth(trial),
    };
    let mut study = Study::new(&bowl.space, Tpe::new().with_first(4), 1).with_file(&path);
    let (found, again) = (study.minimize(30, fails).unwrap(), study.minimize(30, |_| unreachable!()).unwrap());
    assert_eq!(found.best().unwrap().number % 3, 2);
    assert!(found.curve()[0].is_nan());
    let bits = |found: &Found| found.trials.iter().map(|trial| trial.loss.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&found), bits(&again));
}

#[test]
fn files_of_other_studies_are_refused_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (bowl, path) = (Bowl::new(), folder.path().join("trials.jsonl"));
    Study::new(&bowl.space, Random, 1).with_file(&path).minimize(4, |trial| bowl.depth(trial)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Study::new(&bowl.space, Random, 2).with_file(&path).minimize(4, |_| 0.0).unwrap_err().to_string();
    assert!(error.contains("of another study: seed `1` there, `2` here"), "{error}");
    let error = Study::new(&bowl.space, Tpe::new(), 1).with_file(&path).minimize(4, |_| 0.0).unwrap_err().to_string();
    assert!(error.contains("of another study: sampler `random` there"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    for other in ["{\n", "[]\n", "\u{0}\n", "a note of mine, without an end of line"] {
        std::fs::write(&path, other).unwrap();
        assert!(Study::new(&bowl.space, Random, 1).with_file(&path).minimize(4, |_| 0.0).is_err(), "{other:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
    }
    let header = String::from_utf8(before).unwrap().lines().next().unwrap().to_string();
    for line in
        [r#"{"trial":0,"at":[0.5],"loss":1,"settings":{}}"#, r#"{"trial":0,"at":[0.5,0.5,2],"loss":1,"settings":{}}"#]
    {
        std::fs::write(&path, format!("{header}\n{line}\n")).unwrap();
        let error = Study::new(&bowl.space, Random, 1).with_file(&path).minimize(4, |_| 0.0).unwrap_err().to_string();
        assert!(error.contains("line 2: places"), "{error}");
    }
}

/// In the mean over 20 seeds, at the same number of trials: also where eight run side by side, which know nothing of each other's
/// losses and must not all go to the same place.
#[test]
fn a_bayesian_study_finds_more_than_chance() {
    fn best<S: Sampler>(make: impl Fn() -> S, batch: usize) -> f64 {
        let bowl = Bowl::new();
        let study = |seed| Study::new(&bowl.space, make(), seed).with_batch(batch);
        let found = |seed| study(seed).minimize(60, |trial| bowl.depth(trial)).unwrap();
        (0..20).map(|seed| found(seed).best().unwrap().loss).sum::<f64>() / 20.0
    }
    let random = best(|| Random, 1);
    for batch in [1, 4, 8] {
        let bayesian = best(Tpe::new, batch);
        assert!(bayesian < 0.7 * random, "in batches of {batch}: {bayesian} against {random}");
    }
}
