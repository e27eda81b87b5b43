//! Every operation × every way in which its inputs can be wrong: none panics, and what is refused is refused with the
//! operation's name, its operands' shapes and a fix. To read the texts: `cargo run -p proof -- refusals`.

use proof::wrong::{Refusals, Way};

#[test]
fn wrong_inputs_are_refused_in_words() {
    std::panic::set_hook(Box::new(|_| {}));
    let table = proof::wrong::table(&proof::rows::rows());
    let _ = std::panic::take_hook();
    let table = table.unwrap_or_else(|problems| panic!("{problems}"));
    let refused = |way: Way| -> usize {
        table.0.iter().filter(|((_, w), _)| *w == way).map(|(_, Refusals { refused, .. })| refused).sum()
    };
    // Too many inputs are wrong for every operation; bad numbers in good shapes are wrong for none.
    assert!(table.0.iter().all(|((_, way), cell)| *way != Way::Extra || cell.computed == 0));
    assert_eq!(refused(Way::NotFinite), 0);
    assert!(refused(Way::Longer) > 100 && refused(Way::Shorter) > 100 && refused(Way::LowerRank) > 100);
}
