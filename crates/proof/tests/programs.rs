//! What must be true of every program, on random ones. Ten thousand of them: `cargo run --release -p proof -- programs
//! 10000`.

#[test]
fn random_programs() {
    let tally = proof::programs::run(200, 0).unwrap_or_else(|problem| panic!("{problem}"));
    println!("{tally:?}");
    assert!(tally.programs == 200 && tally.operations > 200 * 10, "{tally:?}");
}

/// A wrong rule shows, the program that shows it is short, and it prints as Rust.
#[test]
fn a_failure_shrinks_and_prints() {
    use autograd::ops::mutation::{Change, Mutation, Rule, with};
    let mutation = Mutation { op: "tanh", rule: Rule::PullBack, change: Change::Factor, input: 0 };
    let problem = with(mutation, || proof::programs::run(300, 0)).0.expect_err("a wrong rule is noticed");
    assert!(problem.contains("culprit: node") && problem.contains("`tanh`"), "{problem}");
    let steps = problem.matches("let (a, b) =").count();
    assert!(steps > 0 && problem.contains("tape.var(Tensor::from_vec(vec!["), "{problem}");
}
