//! A parameter, its gradient, and how far a step moved it.

use super::Histogram;
use autograd::algebra::Real;
use autograd::inspect::{Summary, non_finite};
use autograd::text::{Column, significant, table};
use autograd::{Gradients, Param, Reached, Tensor};
use serde::{Deserialize, Serialize};

/// A parameter at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterRow {
    /// Where it is in the model.
    pub path: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers before the step.
    pub weight: Spread,
    /// Its gradient; `None` if it has none.
    pub gradient: Option<Spread>,
    /// `‖Δw‖/‖w‖`: how far the optimizer moved it, whatever its rule, over its size before; `NaN` of a parameter of zeros
    /// that did not move.
    #[serde(with = "non_finite")]
    pub update: f64,
}

/// How numbers spread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean, deviation and extremes of the finite ones.
    pub summary: Summary,
    /// How many are there, but too small for the full precision of the number type.
    pub subnormal: u64,
    /// How many of which size; with the zeros and what is not finite.
    pub histogram: Histogram,
}

impl Spread {
    /// Of these numbers.
    ///
    /// ```
    /// use nn::watch::Spread;
    /// let spread = Spread::of(&[3.0_f32, -4.0, 0.0, 1e-40, f32::NAN]);
    /// assert_eq!((spread.norm(), spread.largest(), spread.subnormal), (5.0, 4.0, 1));
    /// assert_eq!((spread.share(spread.histogram.zeros), spread.share(spread.subnormal)), (0.2, 0.2));
    /// ```
    pub fn of<T: Real>(numbers: &[T]) -> Self {
        let summary = Summary::of(numbers);
        let histogram = Histogram::with_zeros(numbers, summary.zeros);
        let subnormal = match T::NAME {
            "f32" => histogram.below(f32::MIN_EXP - 1),
            _ => numbers.iter().filter(|x| x.to_f64().is_subnormal()).count() as u64,
        };
        Spread { summary, subnormal, histogram }
    }

    /// The Euclidean norm of the finite ones.
    pub fn norm(&self) -> f64 {
        if self.summary.elements == self.summary.non_finite { 0.0 } else { self.summary.norm() }
    }

    /// The root of their mean square; NaN if there is none.
    pub fn rms(&self) -> f64 {
        self.summary.rms()
    }

    /// The largest absolute value of them; NaN if there is none.
    pub fn largest(&self) -> f64 {
        self.summary.max.max(-self.summary.min)
    }

    /// A count as a share of all.
    pub fn share(&self, count: u64) -> f64 {
        count as f64 / self.histogram.total().max(1) as f64
    }
}

impl ParameterRow {
    /// Of a parameter after a step, with its value before.
    pub(super) fn of<T: Real>(
        path: &str,
        parameter: &Param<T>,
        before: &Tensor<T>,
        gradients: &Gradients<Tensor<T>>,
    ) -> Self {
        let (old, new) = (before.contiguous(), parameter.value().contiguous());
        let (old, new) = (old.as_slice().unwrap_or_default(), new.as_slice().unwrap_or_default());
        let weight = Spread::of(old);
        let gradient = match gradients.of(parameter) {
            Reached::Value(gradient) => Some(Spread::of(gradient.contiguous().as_slice().unwrap_or_default())),
            Reached::Zero(_) => Some(Spread::of(&vec![T::ZERO; old.len()])),
            Reached::Unreachable(_) => None,
        };
        let update = distance(old, new) / weight.norm();
        ParameterRow { path: path.to_string(), shape: before.shape().to_vec(), weight, gradient, update }
    }
}

/// The Euclidean distance, in double precision.
fn distance<T: Real>(a: &[T], b: &[T]) -> f64 {
    const LANES: usize = 8;
    let square = |a: &T, b: &T| (b.to_f64() - a.to_f64()).powi(2);
    let ((many_a, few_a), (many_b, few_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in many_a.iter().zip(many_b) {
        (0..LANES).for_each(|lane| sums[lane] += square(&a[lane], &b[lane]));
    }
    let rest: f64 = few_a.iter().zip(few_b).map(|(a, b)| square(a, b)).sum();
    (sums.iter().sum::<f64>() + rest).sqrt()
}

pub(super) const COLUMNS: [Column; 10] = [
    Column("parameter", 2, true),
    Column("shape", 2, true),
    Column("|w|", 2, true),
    Column("|g|", 2, true),
    Column("rms g", 2, true),
    Column("max |g|", 2, true),
    Column("zero", 2, true),
    Column("subnormal", 2, true),
    Column("not finite", 2, true),
    Column("log10 update", 0, true),
];

impl ParameterRow {
    /// The cells of its row in a table.
    pub(super) fn cells(&self) -> [String; 10] {
        let number = |x: f64| significant(x, 3);
        let of_gradient = |f: &dyn Fn(&Spread) -> String| self.gradient.as_ref().map_or("-".to_string(), f);
        let share = |spread: &Spread, count: u64| format!("{} %", significant(100.0 * spread.share(count), 3));
        [
            self.path.clone(),
            format!("{:?}", self.shape),
            number(self.weight.norm()),
            of_gradient(&|g| number(g.norm())),
            of_gradient(&|g| number(g.rms())),
            of_gradient(&|g| number(g.largest())),
            of_gradient(&|g| share(g, g.histogram.zeros)),
            of_gradient(&|g| share(g, g.subnormal)),
            of_gradient(&|g| share(g, g.histogram.non_finite())),
            if self.update > 0.0 { format!("{:.2}", self.update.log10()) } else { "-".to_string() },
        ]
    }
}

/// Parameters as a table. What is said of zeros and the like is said of gradients.
pub(super) fn as_table(rows: &[ParameterRow], title: &str) -> String {
    let cells: Vec<[String; 10]> = rows.iter().map(ParameterRow::cells).collect();
    table(&COLUMNS, &cells, title, "update: |step of the optimizer| / |w|")
}
