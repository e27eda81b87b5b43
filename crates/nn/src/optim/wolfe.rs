//! The search along a line for a point that is lower by enough and flatter by enough.

/// A point on the line.
pub(super) struct Point {
    /// How far along.
    pub at: f64,
    /// The loss there.
    pub value: f64,
    /// Its slope along the line.
    pub slope: f64,
    /// Its gradient.
    pub gradient: Vec<f64>,
}

/// How much of the fall that the first slope promises must be there.
const ENOUGH: f64 = 1e-4;
/// What of the first slope may be left.
const FLAT: f64 = 0.9;
/// How many points a search looks at, at most.
const MOST: usize = 30;

/// A point that fulfils the strong Wolfe conditions, `φ(s) ≤ φ(0) + c₁ s φ′(0)` and `|φ′(s)| ≤ c₂ |φ′(0)|`, with `c₁ = 10⁻⁴`
/// and `c₂ = 0.9`; or the lowest that was found, or nothing if none was lower. `look` evaluates a point; what is not a number
/// there counts as too high. Source: Nocedal, Wright, Numerical Optimization, second edition, algorithms 3.5 and 3.6.
pub(super) fn search(start: &Point, first: f64, mut look: impl FnMut(f64) -> Point) -> Option<Point> {
    let low_enough = |point: &Point| point.value <= start.value + ENOUGH * point.at * start.slope;
    let flat_enough = |point: &Point| point.slope.abs() <= FLAT * start.slope.abs();
    let beginning = || Point { at: 0.0, value: start.value, slope: start.slope, gradient: Vec::new() };

    // Outwards, until a stretch is known to hold such a point.
    let (mut low, mut at, mut left) = (beginning(), first, MOST);
    let mut high = loop {
        if left == 0 {
            return moved(low);
        }
        left -= 1;
        let point = look(at);
        if !low_enough(&point) || (low.at > 0.0 && point.value >= low.value) {
            break point;
        }
        if flat_enough(&point) {
            return Some(point);
        }
        if point.slope >= 0.0 {
            break std::mem::replace(&mut low, point);
        }
        // Not beyond ten times as far.
        at = lowest_of_cubic(&low, &point).filter(|best| *best > 2.0 * at).unwrap_or(2.0 * at).min(10.0 * at);
        low = point;
    };

    // Inwards: `low` is the lowest so far, and the slope there points towards `high`.
    while left > 0 {
        left -= 1;
        let (width, middle) = (high.at - low.at, low.at + (high.at - low.at) / 2.0);
        if middle == low.at || middle == high.at {
            break;
        }
        // Not too near to either end.
        let inside = |best: &f64| (0.1..=0.9).contains(&((best - low.at) / width));
        let point = look(lowest_of_cubic(&low, &high).filter(inside).unwrap_or(middle));
        if !low_enough(&point) || point.value >= low.value {
            high = point;
            continue;
        }
        if flat_enough(&point) {
            return Some(point);
        }
        let before = std::mem::replace(&mut low, point);
        if low.slope * width >= 0.0 {
            high = before;
        }
    }
    moved(low)
}

/// The point, unless it is where the search began.
fn moved(point: Point) -> Option<Point> {
    (point.at > 0.0).then_some(point)
}

/// Where the cubic with the values and slopes of two points is lowest. Source: Nocedal, Wright, equation 3.59.
fn lowest_of_cubic(a: &Point, b: &Point) -> Option<f64> {
    let chord = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.at - b.at);
    let root = (chord * chord - a.slope * b.slope).sqrt() * (b.at - a.at).signum();
    let lowest = b.at - (b.at - a.at) * (b.slope + root - chord) / (b.slope - a.slope + 2.0 * root);
    lowest.is_finite().then_some(lowest)
}
