//! Printing tensors.

use super::Tensor;
use crate::algebra::Real;
use crate::text::six_digits;
use std::fmt;

/// More elements than this along an axis are shortened to the first and last three.
const SHOWN: usize = 8;

impl<T: Real> fmt::Display for Tensor<T> {
    /// Nested brackets; six significant digits unless a precision is given; long axes shortened.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.to_vec();
        write_axis(f, &data, &self.shape(), 0)
    }
}

fn write_axis<T: Real>(f: &mut fmt::Formatter<'_>, data: &[T], shape: &[usize], depth: usize) -> fmt::Result {
    let [extent, rest @ ..] = shape else {
        return write_number(f, data[0].to_f64());
    };
    let step: usize = rest.iter().product();
    f.write_str("[")?;
    let mut first = true;
    for i in 0..*extent {
        let hidden = *extent > SHOWN && (3..extent - 3).contains(&i);
        if hidden && i > 3 {
            continue;
        }
        if !first {
            f.write_str(",")?;
            if rest.is_empty() {
                f.write_str(" ")?;
            } else {
                write!(f, "\n{:1$}", "", depth + 1)?;
            }
        }
        first = false;
        if hidden {
            f.write_str("…")?;
        } else {
            write_axis(f, &data[i * step..(i + 1) * step], rest, depth + 1)?;
        }
    }
    f.write_str("]")
}

/// Six significant digits, without trailing zeros; scientific beyond 10⁻⁵…10⁶.
fn write_number(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if let Some(precision) = f.precision() {
        return write!(f, "{value:.precision$}");
    }
    f.write_str(&six_digits(value))
}

impl<T: Real> fmt::Debug for Tensor<T> {
    /// The shape and the elements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor<{}> {} {}", T::NAME, self.shape(), self)
    }
}
