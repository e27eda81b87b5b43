//! Printing tensors.

use super::Tensor;
use crate::algebra::Real;
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
    f.write_str(&significant(value, 6))
}

/// A number to so many significant digits, without trailing zeros.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-5..digits as i32).contains(&exponent) {
        let text = format!("{:.*e}", digits - 1, value);
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa =
            if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        return format!("{mantissa}e{power}");
    }
    let text = format!("{:.*}", (digits as i32 - 1 - exponent).max(0) as usize, value);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

impl<T: Real> fmt::Debug for Tensor<T> {
    /// The shape and the elements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor<{}> {} {}", T::NAME, self.shape(), self)
    }
}
