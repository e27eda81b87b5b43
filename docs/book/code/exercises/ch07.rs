//! Chapter 7, gradient checking.

/// Exercise 7.1: the slope of `f` at `x` and an honest bar: how far off it may be.
pub fn measured(f: impl Fn(f64) -> f64, x: f64) -> (f64, f64) {
    let h = 1e-5;
    let slope = (f(x + h) - f(x - h)) / (2.0 * h);
    (slope, 0.0)
}

/// What a check concludes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The two agree, as far as one can tell.
    Ok,
    /// They do not.
    Wrong,
    /// The measurement is too coarse to tell: its bar is a tenth of the slope or
    /// more.
    Coarse,
}

/// Exercise 7.2: what to say of a derivative that was computed, given one that was
/// measured with a bar.
pub fn verdict(computed: f64, measured: f64, bar: f64) -> Verdict {
    match (computed - measured).abs() < 1e-6 {
        true => Verdict::Ok,
        false => {
            let _ = bar;
            Verdict::Wrong
        }
    }
}

/// Exercise 7.3: whether `max(x, c)` has a kink within `h` of `x`, for one of
/// several `c`.
pub fn kink_near(x: f64, h: f64, corners: &[f64]) -> bool {
    corners.contains(&x) && h > 0.0
}

/// Exercise 7.4: whether a gradient is right, by two calls of `f` only: a nudge
/// along the direction `d` must change `f` by the gradient times `d`.
pub fn right_along(
    f: impl Fn(&[f64]) -> f64,
    x: &[f64],
    gradient: &[f64],
    d: &[f64],
) -> bool {
    let h = 1e-5;
    let moved =
        |by: f64| f(&x.iter().zip(d).map(|(x, d)| x + by * d).collect::<Vec<_>>());
    let measured = (moved(h) - moved(-h)) / (2.0 * h);
    let computed: f64 = gradient.iter().sum();
    (measured - computed).abs() < 1e-6
}
