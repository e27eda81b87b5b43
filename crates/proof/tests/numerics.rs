//! Every function in single precision is as close to exact as it says: at two hundred thousand numbers of all sizes, and, when asked
//! for (`cargo test --release -p proof --test numerics -- --ignored`), at each of the 2³².

use libtest_mimic::{Arguments, Trial};
use proof::numerics::{functions, functions_of_two};

/// A prime, so that all patterns of low bits occur.
const STEP: usize = 20_011;

fn main() {
    let mut trials = Vec::new();
    for f in functions() {
        let trial =
            |step: usize| move || f.check(step).map(|worst| println!("{}: {worst:?}", f.name)).map_err(Into::into);
        trials.push(Trial::test(f.name, trial(STEP)));
        trials.push(Trial::test(format!("all/{}", f.name), trial(1)).with_ignored_flag(true));
    }
    for f in functions_of_two() {
        let trial =
            |pairs: usize| move || f.check(pairs).map(|worst| println!("{}: {worst:?}", f.name)).map_err(Into::into);
        trials.push(Trial::test(f.name, trial(200_000)));
        trials.push(Trial::test(format!("all/{}", f.name), trial(20_000_000)).with_ignored_flag(true));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
