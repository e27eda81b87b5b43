//! A gradient worked out by hand, beside the engine's.

use super::{Flow, Numbers, Recording, Snapshot};
use crate::text::{six_digits, unnamed};
use serde::Serialize;
use std::fmt;
use std::panic::Location;

/// How a gradient that someone worked out compares with the engine's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The name of the variable.
    pub name: String,
    /// The conclusion.
    pub verdict: Likeness,
    /// The largest difference; NaN where there is nothing to compare.
    pub difference: f64,
    /// Where it is, in row-major order.
    pub element: usize,
    /// There: what was worked out, and what the engine has.
    pub values: Option<(f64, f64)>,
    /// What else is to be said.
    pub remark: Option<String>,
}

/// How alike two gradients are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Likeness {
    /// The same to the last bit.
    Exact,
    /// The same but for rounding: within 10⁻⁶ of the larger.
    Close,
    /// Not the same.
    Wrong,
}

impl Snapshot {
    /// How the gradient that someone worked out for a named variable compares with the engine's.
    ///
    /// ```
    /// use autograd::{inspect::{Likeness, Snapshot}, scalar::Tape};
    /// let tape = Tape::traced();
    /// let x = tape.var(3.0).named("x");
    /// let snapshot = Snapshot::of_backward(&(x * x));
    /// assert_eq!(snapshot.compare("x", &[6.0]).to_string(), "x: exact");
    /// let wrong = snapshot.compare("x", &[3.0]);
    /// assert_eq!(wrong.verdict, Likeness::Wrong);
    /// assert_eq!(wrong.to_string(), "x: wrong, largest difference 3: yours 3, here 6; yours is a half of it everywhere: is a use of `x` missing?");
    /// ```
    pub fn compare(&self, name: &str, mine: &[f64]) -> Comparison {
        let nothing = |remark: String| Comparison {
            name: name.to_string(),
            verdict: Likeness::Wrong,
            difference: f64::NAN,
            element: 0,
            values: None,
            remark: Some(remark),
        };
        let Some(node) = self.find_named(name) else {
            return nothing(format!("nothing is called `{name}`"));
        };
        let here = match &self.nodes[node].gradient {
            Flow::NotSwept => return nothing("there was no backward sweep".to_string()),
            Flow::Unreachable | Flow::Zero => vec![0.0; self.nodes[node].elements()],
            Flow::Value(Numbers::Whole(numbers)) => numbers.clone(),
            Flow::Value(Numbers::Summary(_)) => {
                return nothing("it has too many elements to be kept whole".to_string());
            }
        };
        if here.len() != mine.len() {
            return nothing(format!("yours has {} elements, here are {}", mine.len(), here.len()));
        }
        compared(name, mine, &here)
    }

    pub(super) fn find_named(&self, name: &str) -> Option<usize> {
        let named = |node: &&super::Node| node.name.as_deref() == Some(name) || unnamed(node.id) == name;
        self.nodes.iter().rev().find(named).map(|node| node.id)
    }
}

fn compared(name: &str, mine: &[f64], here: &[f64]) -> Comparison {
    let off = |(a, b): (&f64, &f64)| if a.to_bits() == b.to_bits() || a == b { 0.0 } else { (a - b).abs() };
    let worse =
        |worst: (usize, f64), next: (usize, f64)| if next.1 > worst.1 || next.1.is_nan() { next } else { worst };
    let (element, difference) = mine.iter().zip(here).map(off).enumerate().fold((0, 0.0), worse);
    let size = mine.iter().chain(here).fold(0.0, |size: f64, x| size.max(x.abs()));
    let verdict = match difference {
        0.0 => Likeness::Exact,
        difference if difference <= 1e-6 * size => Likeness::Close,
        _ => Likeness::Wrong,
    };
    let ratio = mine.first().zip(here.first()).map_or(f64::NAN, |(a, b)| a / b);
    let everywhere = mine.iter().zip(here).all(|(a, b)| (a - ratio * b).abs() <= 1e-6 * a.abs());
    let remark = match ratio {
        _ if verdict != Likeness::Wrong || !everywhere => None,
        -1.0 => Some("the sign is flipped".to_string()),
        0.5 => Some(format!("yours is a half of it everywhere: is a use of `{name}` missing?")),
        ratio if ratio.is_finite() && ratio != 0.0 => {
            Some(format!("yours is {} times it everywhere", six_digits(ratio)))
        }
        _ => None,
    };
    let values = mine.get(element).copied().zip(here.get(element).copied());
    Comparison { name: name.to_string(), verdict, difference, element, values, remark }
}

/// How a value that someone worked out for a named variable compares with the one on the tape: for students, step by step.
///
/// ```
/// use autograd::{inspect::compare, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let h = tape.var([0.5, -1.0]).tanh().named("h");
/// assert_eq!(compare("h", &[0.46211716, -0.76159416], &tape).to_string(), "h: close, largest difference 4.04424e-9 at [1]: yours -0.761594, here -0.761594");
/// # let _ = h;
/// ```
#[track_caller]
pub fn compare(name: &str, mine: &[f64], tape: &impl Recording) -> Comparison {
    let mut snapshot = tape.picture(Location::caller());
    for node in &mut snapshot.nodes {
        node.gradient = node.value.take().map_or(Flow::NotSwept, Flow::Value);
    }
    snapshot.compare(name, mine)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        f.write_str(match self.verdict {
            Likeness::Exact => "exact",
            Likeness::Close => "close",
            Likeness::Wrong => "wrong",
        })?;
        if let (Some((mine, here)), true) = (self.values, self.verdict != Likeness::Exact) {
            write!(f, ", largest difference {}", six_digits(self.difference))?;
            if self.element > 0 {
                write!(f, " at [{}]", self.element)?;
            }
            write!(f, ": yours {}, here {}", six_digits(mine), six_digits(here))?;
        }
        match (&self.remark, self.values) {
            (Some(remark), Some(_)) => write!(f, "; {remark}"),
            (Some(remark), None) => write!(f, ", {remark}"),
            (None, _) => Ok(()),
        }
    }
}
