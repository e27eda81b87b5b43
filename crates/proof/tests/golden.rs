//! Every case of the reference files is a test, in both precisions.

use libtest_mimic::{Arguments, Trial};

fn main() {
    let trial = |trial: proof::golden::Case| {
        Trial::test(trial.name(), move || trial.check().map(drop).map_err(|problem| problem.into()))
    };
    libtest_mimic::run(&Arguments::from_args(), proof::golden::cases().into_iter().map(trial).collect()).exit();
}
