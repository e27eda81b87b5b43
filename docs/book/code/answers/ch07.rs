//! Chapter 7, gradient checking.

pub use crate::exercises::ch07::Verdict;

// ANCHOR: one
/// Exercise 7.1: the slope of `f` at `x` and an honest bar: how far off it may be.
pub fn measured(f: impl Fn(f64) -> f64, x: f64) -> (f64, f64) {
    let h = 1e-5;
    let central = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
    let (near, far) = (central(h), central(2.0 * h));
    (near, (far - near).abs() + 3.0 * f64::EPSILON * f(x).abs() / h)
}
// ANCHOR_END: one

// ANCHOR: two
/// Exercise 7.2: what to say of a derivative that was computed, given one that was
/// measured with a bar.
pub fn verdict(computed: f64, measured: f64, bar: f64) -> Verdict {
    if (computed - measured).abs() > bar {
        Verdict::Wrong
    } else if bar >= 0.1 * measured.abs() {
        Verdict::Coarse
    } else {
        Verdict::Ok
    }
}
// ANCHOR_END: two

// ANCHOR: three
/// Exercise 7.3: whether `max(x, c)` has a kink within `h` of `x`, for one of
/// several `c`.
pub fn kink_near(x: f64, h: f64, corners: &[f64]) -> bool {
    corners.iter().any(|&c| (x - h >= c) != (x + h >= c))
}
// ANCHOR_END: three

// ANCHOR: four
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
    let computed: f64 = gradient.iter().zip(d).map(|(g, d)| g * d).sum();
    (measured - computed).abs() < 1e-6
}
// ANCHOR_END: four
