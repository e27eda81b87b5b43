//! Chapter 1, slope by nudging.

// ANCHOR: one
/// Exercise 1.1: the slope of `f` on the way from `x - h` to `x`.
pub fn from_the_left(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    (f(x) - f(x - h)) / h
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 1.2: the slope of `f` at `x` from four nudges, so that the error
/// shrinks like `h⁴`.
pub fn four_nudges(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    let near = (f(x + h) - f(x - h)) / (2.0 * h);
    let far = (f(x + 2.0 * h) - f(x - 2.0 * h)) / (4.0 * h);
    (4.0 * near - far) / 3.0
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 1.3: of the nudges 10⁻¹, 10⁻² … 10⁻¹⁵, the one whose central slope of
/// `f` at `x` is nearest to `exact`.
pub fn best_nudge(f: impl Fn(f64) -> f64, x: f64, exact: f64) -> f64 {
    let error = |h: f64| ((f(x + h) - f(x - h)) / (2.0 * h) - exact).abs();
    let nudges = (1..=15).map(|digits| 10.0_f64.powi(-digits));
    nudges.min_by(|a, b| error(*a).total_cmp(&error(*b))).unwrap_or(f64::NAN)
}
// ANCHOR_END: three

// ANCHOR: four
/// Exercise 1.4: the slope of `f` by each of its inputs, with central nudges of
/// 10⁻⁵.
pub fn gradient(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<f64> {
    let h = 1e-5;
    let moved = |i: usize, by: f64| {
        let mut x = x.to_vec();
        x[i] += by;
        f(&x)
    };
    (0..x.len()).map(|i| (moved(i, h) - moved(i, -h)) / (2.0 * h)).collect()
}
// ANCHOR_END: four
