//! The texts of the tour, where every number is exact on every machine to the digits that are shown.

#[path = "../../examples/inspect/tour.rs"]
mod stops;

use autograd::inspect::{Page, Snapshot};

/// Without the numbers of lines, which move.
fn text(text: &str) -> String {
    let digits = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit()).to_string();
    let mut parts = text.split("tour.rs:");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + "tour.rs:_" + &digits(part))
}

#[test]
fn what_one_can_follow_with_a_pencil() {
    let [_, nan, stopped, lost] = stops::ON_PAPER.map(|stop| text(&stop()));
    let calculation = stops::one_calculation();
    // Whose views are held word for word by the tests of the views.
    for line in [
        "  2  mul   z     0 1     1.2        4.15345    x,y ",
        "  79.9 %   2.65609 = 1 * 3.32012 * 0.8     add > exp > mul      (x via y)",
        "z.grad 3.32012 + 0.833333 = 4.15345   (2nd contribution)",
    ] {
        assert!(calculation.contains(line), "{calculation}");
    }
    insta::assert_snapshot!(nan, @"
    4. A NaN, found
    The loss of this program is NaN. The first number that is not finite, although all that it was made of is, is the one
    to look at.

    loss = NaN
    NonFinite: node 3 `ln` (tour.rs:_) produced NaN at [0,1]: ln(-1)
      forward: reaches the loss by node 4 `mean` > node 5 `neg`
      cause: outside of its domain. fix: keep shares above 0, `ln(shares.maximum(small))`; for probabilities use `log_softmax` or `log_sigmoid`
    ");
    insta::assert_snapshot!(stopped, @"
    5. Stopped at once
    A tape in anomaly mode stops there by itself, forwards or backwards. Here the value is fine and the slope is not.

    NonFinite: node 1 `sqrt` (tour.rs:_) sends inf to distance.grad[1]: g / (2*out) = 1 / (2*0)
      cause: infinite slope. fix: keep distance away from where `sqrt` has an infinite slope, as in `sqrt(distance + small)`
    ");
    insta::assert_snapshot!(lost, @"
    6. A gradient that got lost
    The encoder of this autoencoder never learns. Ask why.

    `encoder.weight` has no gradient: its last recorded result `code` was detached at tour.rs:_; 1 more parameter was lost the same way
    `decoder.weight` has a gradient
    ");
}

#[test]
fn what_the_page_is_made_of() {
    let (text, wrong) = stops::a_wrong_derivative();
    assert!(
        text.contains("gradcheck `mean_square`: 6 of 6 wrong, analytic/numeric = 6.000000 everywhere  -> missing 1/n")
    );
    assert!(text.contains("\n  fix: divide the message by 6 in the `vjp` of `mean_square`"), "{text}");
    let (text, snapshot) = stops::one_step();
    assert!(text.trim_end().ends_with("diagnosis of 9 nodes, 4 parameters: nothing found"), "{text}");
    let again = Snapshot::from_json(&snapshot.to_json()).unwrap();
    let page = |snapshot: &Snapshot| Page::new(snapshot).with_check(&wrong).to_html();
    assert_eq!((again.to_svg(), again.to_dot(), page(&again)), (snapshot.to_svg(), snapshot.to_dot(), page(&snapshot)));
}
