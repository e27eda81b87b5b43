//! What is searched: settings with their ranges.

use std::fmt::{self, Debug, Display};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What a setting is along its axis, whose places go from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Axis {
    /// Any number of a range.
    Continuous,
    /// One of so many, which are in an order.
    Ordered(usize),
    /// One of so many, which are in none.
    Unordered(usize),
}

impl Axis {
    /// Which of `count` a place stands for: each has an equal part of the axis.
    pub(super) fn index(place: f64, count: usize) -> usize {
        ((place * count as f64) as usize).min(count - 1)
    }
}

/// Settings that are searched together. Each is declared with a name and a range, which gives the [`Setting`] to read its value
/// by.
///
/// ```
/// use nn::search::{Random, Space, Study};
/// let mut space = Space::new();
/// let width = space.whole("width", 1..=8);
/// let shape = space.choice("shape", ["round", "square"]);
/// let found = Study::new(&space, Random, 0).minimize(10, |trial| trial.get(&width) as f64)?;
/// let best = found.best().unwrap();
/// assert!((1..=8).contains(&best.get(&width)) && ["round", "square"].contains(&best.get(&shape)));
/// # Ok::<(), nn::FileError>(())
/// ```
#[derive(Clone, Default)]
pub struct Space {
    pub(super) axes: Vec<Axis>,
    names: Vec<String>,
    ranges: Vec<String>,
    show: Vec<Arc<dyn Fn(f64) -> String + Send + Sync>>,
}

/// One setting of a [`Space`]: [`Trial::get`](super::Trial::get) gives its value, of type `V`.
#[derive(Clone)]
pub struct Setting<V> {
    pub(super) axis: usize,
    pub(super) value: Arc<dyn Fn(f64) -> V + Send + Sync>,
}

impl Space {
    /// Without settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number of a range, all of it alike.
    ///
    /// # Panics
    /// If the range is not one of finite numbers that goes up, or there is a setting of this name.
    #[track_caller]
    pub fn linear(&mut self, name: &str, range: RangeInclusive<f64>) -> Setting<f64> {
        let (low, high) = ends(name, &range, f64::MIN);
        self.with(name, Axis::Continuous, format!("{low}..={high}"), move |place| low + place * (high - low))
    }

    /// A positive number of a range, all its orders of magnitude alike: for learning rates.
    ///
    /// # Panics
    /// If the range is not one of finite positive numbers that goes up, or there is a setting of this name.
    #[track_caller]
    pub fn log(&mut self, name: &str, range: RangeInclusive<f64>) -> Setting<f64> {
        let (low, high) = ends(name, &range, f64::MIN_POSITIVE);
        let value = move |place: f64| (low * (high / low).powf(place)).clamp(low, high);
        self.with(name, Axis::Continuous, format!("log {low}..={high}"), value)
    }

    /// A whole number of a range.
    ///
    /// # Panics
    /// If the range is empty, or there is a setting of this name.
    #[track_caller]
    pub fn whole(&mut self, name: &str, range: RangeInclusive<usize>) -> Setting<usize> {
        let (low, high) = (*range.start(), *range.end());
        assert!(low <= high, "Space: `{name}` from {low} to {high} has no values: give a range that goes up");
        let count = high - low + 1;
        let value = move |place| low + Axis::index(place, count);
        self.with(name, Axis::Ordered(count), format!("{low}..={high}"), value)
    }

    /// One of some values, which are in no order.
    ///
    /// # Panics
    /// If there are none, or there is a setting of this name.
    #[track_caller]
    pub fn choice<V>(&mut self, name: &str, values: impl Into<Vec<V>>) -> Setting<V>
    where
        V: Clone + Debug + Send + Sync + 'static,
    {
        let values = values.into();
        assert!(!values.is_empty(), "Space: `{name}` has no values to choose from: give at least one");
        let (axis, range) = (Axis::Unordered(values.len()), format!("{values:?}"));
        self.with(name, axis, range, move |place| values[Axis::index(place, values.len())].clone())
    }

    #[track_caller]
    fn with<V: Debug + 'static>(
        &mut self,
        name: &str,
        axis: Axis,
        range: String,
        value: impl Fn(f64) -> V + Send + Sync + 'static,
    ) -> Setting<V> {
        assert!(
            !self.names.iter().any(|own| own == name),
            "Space: there is a setting `{name}` already: name it otherwise"
        );
        self.axes.push(axis);
        self.names.push(name.to_string());
        self.ranges.push(range);
        let value = Arc::new(value);
        let shown = value.clone();
        self.show.push(Arc::new(move |place| format!("{:?}", shown(place))));
        Setting { axis: self.axes.len() - 1, value }
    }

    /// How many settings there are.
    pub fn len(&self) -> usize {
        self.axes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.axes.is_empty()
    }

    /// The values at some places, by name, as text.
    pub(super) fn described(&self, at: &[f64]) -> Vec<(String, String)> {
        let shown = self.show.iter().zip(at).map(|(show, &place)| show(place));
        self.names.iter().cloned().zip(shown).collect()
    }
}

#[track_caller]
fn ends(name: &str, range: &RangeInclusive<f64>, least: f64) -> (f64, f64) {
    let (low, high) = (*range.start(), *range.end());
    let fits = low >= least && low < high && (high - low).is_finite();
    let kind = if least > 0.0 { "finite positive numbers" } else { "finite numbers" };
    assert!(fits, "Space: `{name}` from {low} to {high}: give a range of {kind} that goes up");
    (low, high)
}

/// Name and range of each setting.
impl Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> =
            self.names.iter().zip(&self.ranges).map(|(name, range)| format!("{name}: {range}")).collect();
        f.write_str(&all.join(", "))
    }
}

impl Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Space {{ {self} }}")
    }
}

impl<V> Debug for Setting<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting {}", self.axis)
    }
}
