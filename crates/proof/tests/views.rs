//! What must be true of every picture of a program, on random ones.

#[test]
fn pictures_of_random_programs() {
    proof::views::run(120, 1).unwrap_or_else(|problem| panic!("{problem}"));
}

/// A rule that is off by a thousandth is seen on its edge.
#[test]
fn a_wrong_local_derivative_shows() {
    use autograd::ops::mutation::{Change, Mutation, Rule, with};
    let mutation = Mutation { op: "tanh", rule: Rule::PullBack, change: Change::Factor, input: 0 };
    let problem = with(mutation, || proof::views::run(300, 1)).0.expect_err("a wrong rule is noticed");
    assert!(problem.contains("`tanh`, input 0"), "{problem}");
}

/// Every row of the table can be pictured: its rules print, and its local derivatives are right.
#[test]
fn pictures_of_every_operation() {
    for row in proof::rows::rows() {
        for inputs in row.samples() {
            proof::views::of(&inputs, |x| row.record(x)).unwrap_or_else(|problem| panic!("{}: {problem}", row.name));
        }
    }
}

/// The programs of the reference through every view, on tensors and on traced scalars.
#[test]
fn pictures_of_the_reference_programs() {
    let all = proof::golden::pictured();
    assert!(all.len() > 20, "{}", all.len());
    for pictured in &all {
        proof::views::of_reference(pictured).unwrap_or_else(|problem| panic!("{}: {problem}", pictured.name));
    }
}
