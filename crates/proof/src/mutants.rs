//! Every rule made wrong in every way, one at a time: whether the table of operations notices, and whether the gradient
//! check names the guilty operation.

use crate::table::Row;
use autograd::ops::mutation::{Change, Mutation, Rule, with};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A check failed and named the operation.
    Named,
    /// A check failed.
    Killed,
    /// Nothing noticed.
    Survived,
    /// It changes no number (a message that is always zero, an exchange of equals): there is nothing to notice.
    Equivalent,
}

/// A mutant and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// What was made wrong.
    pub mutation: Mutation,
    /// What became of it.
    pub fate: Fate,
}

/// The largest number of inputs whose messages are made wrong one by one.
const INPUTS: usize = 3;

/// Makes every rule wrong in every way and runs the rows that use it.
pub fn mutants(rows: &[Row]) -> Vec<Mutant> {
    let mut users: BTreeMap<&'static str, (usize, Vec<&Row>)> = BTreeMap::new();
    for row in rows {
        for (operation, met) in row.check().map(|seen| seen.operations).unwrap_or_default() {
            let user = users.entry(operation).or_default();
            user.0 = user.0.max(met.inputs);
            user.1.push(row);
        }
    }
    let mut mutations = Vec::new();
    for (&op, (arity, _)) in &users {
        for rule in [Rule::PullBack, Rule::RecordedPullBack, Rule::PushForward] {
            for change in Change::ALL {
                let inputs = match (rule, change) {
                    (_, Change::Swapped) => usize::from(*arity > 1),
                    (Rule::PushForward, Change::Sign | Change::Factor | Change::Axis) => 1,
                    _ => INPUTS.min(*arity),
                };
                mutations.extend((0..inputs).map(|input| Mutation { op, rule, change, input }));
            }
        }
    }
    // A mutation holds for the thread that it is made on.
    mutations.into_par_iter().map(|mutation| Mutant { mutation, fate: fate(mutation, &users[mutation.op].1) }).collect()
}

fn fate(mutation: Mutation, rows: &[&Row]) -> Fate {
    let name = format!("`{}`", mutation.op);
    let mut fate = Fate::Equivalent;
    for row in rows {
        let (outcome, effects) = with(mutation, || catch_unwind(AssertUnwindSafe(|| row.check())));
        let found = match outcome {
            Ok(Err(problem)) if problem.contains("culprit") && problem.contains(&name) => Fate::Named,
            Ok(Err(_)) | Err(_) => Fate::Killed,
            Ok(Ok(_)) if effects > 0 => Fate::Survived,
            Ok(Ok(_)) => Fate::Equivalent,
        };
        fate = match (fate, found) {
            (_, Fate::Named) => return Fate::Named,
            (Fate::Killed, _) | (_, Fate::Killed) => Fate::Killed,
            (a, b) => a.min(b),
        };
    }
    fate
}
