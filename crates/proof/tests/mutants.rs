//! No wrong rule goes unnoticed.

use proof::mutants::{Fate, mutants};

#[test]
fn every_mutant_is_noticed() {
    let all = mutants(&proof::rows::rows());
    let count = |fate: Fate| all.iter().filter(|mutant| mutant.fate == fate).count();
    println!(
        "{} mutants: {} named, {} killed without a name, {} survived, {} change nothing",
        all.len(),
        count(Fate::Named),
        count(Fate::Killed),
        count(Fate::Survived),
        count(Fate::Equivalent)
    );
    let list = |fate: Fate| {
        let of: Vec<String> =
            all.iter().filter(|mutant| mutant.fate == fate).map(|mutant| format!("{:?}", mutant.mutation)).collect();
        of.join("\n")
    };
    assert_eq!(count(Fate::Survived), 0, "survived:\n{}", list(Fate::Survived));
    assert_eq!(count(Fate::Killed), 0, "noticed, but the guilty operation was not named:\n{}", list(Fate::Killed));
    assert!(count(Fate::Named) > all.len() / 4, "most mutants change something");
}
