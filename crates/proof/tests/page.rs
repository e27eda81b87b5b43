//! The page of results in the repository is the one that this code makes. A test of its own, since the page wants a
//! process in which no kernel has run yet.

#[test]
fn the_page_of_results_is_a_fresh_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/correctness.md");
    let there = std::fs::read_to_string(path).expect("docs/correctness.md");
    let fresh = proof::page::page().unwrap_or_else(|problem| panic!("{problem}"));
    let difference = there.lines().zip(fresh.lines()).enumerate().find(|(_, (there, fresh))| there != fresh);
    if let Some((line, (there, fresh))) = difference {
        panic!(
            "line {} of docs/correctness.md is not what this code gives.\n  there: {there}\n  fresh: {fresh}\n\
             make it again: cargo run --release -p proof -- page > docs/correctness.md",
            line + 1
        );
    }
    assert_eq!(there.lines().count(), fresh.lines().count(), "docs/correctness.md lacks lines, or has too many");
}
