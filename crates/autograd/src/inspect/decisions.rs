//! The discrete decisions of an operation, one an element, packed.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Which way an operation went at each element: a rectifier's side, a maximum's winner. A number stands for each way; they
/// are numbered in the order in which they first occur, and the numbers are written with as few bits as there need be.
///
/// ```
/// use autograd::inspect::Decisions;
/// let sides = Decisions::of(&[1, 2, 2, 1]).unwrap();
/// let moved = Decisions::of(&[1, 2, 1, 1]).unwrap();
/// assert_eq!((sides.len(), sides.at(2)), (4, Some(2)));
/// assert_eq!(sides.differing(&moved), [2]);
/// assert!(Decisions::of(&[]).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    elements: usize,
    kinds: Vec<u64>,
    /// Hexadecimal, the first element in the highest bits.
    packed: String,
}

impl Decisions {
    /// Of an operation's elements; `None` if it takes no decisions.
    pub fn of(decisions: &[u64]) -> Option<Self> {
        let first = *decisions.first()?;
        let mut kinds = vec![first];
        let mut number = BTreeMap::from([(first, 0)]);
        let mut last = (first, 0);
        let mut numbers = Vec::with_capacity(decisions.len());
        for &decision in decisions {
            if decision != last.0 {
                let next = kinds.len();
                let known = *number.entry(decision).or_insert(next);
                if known == next {
                    kinds.push(decision);
                }
                last = (decision, known);
            }
            numbers.push(last.1);
        }
        let width = width(kinds.len());
        let mut packed = String::with_capacity(numbers.len() * width / 4 + 1);
        if width < 4 {
            for digit in numbers.chunks(4 / width) {
                let bits = digit.iter().enumerate().fold(0, |bits, (i, n)| bits | n << (4 - width * (i + 1)));
                packed.extend(char::from_digit(bits as u32, 16));
            }
        } else {
            let digits = width / 4;
            for n in numbers {
                let _ = write!(packed, "{n:0digits$x}"); // writing to a string cannot fail
            }
        }
        Some(Decisions { elements: decisions.len(), kinds, packed })
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.elements
    }

    /// Whether there are none, which [`of`](Decisions::of) never makes.
    pub fn is_empty(&self) -> bool {
        self.elements == 0
    }

    /// The decision at an element, in row-major order.
    pub fn at(&self, element: usize) -> Option<u64> {
        let width = width(self.kinds.len());
        let digit = |i: usize| self.packed.as_bytes().get(i).and_then(|&c| char::from(c).to_digit(16));
        let number = if width < 4 {
            let in_digit = 4 / width;
            digit(element / in_digit)? >> (4 - width * (element % in_digit + 1)) & ((1 << width) - 1)
        } else {
            (0..width / 4).try_fold(0, |n, i| Some(n << 4 | digit(element * width / 4 + i)?))?
        };
        self.kinds.get(number as usize).copied().filter(|_| element < self.elements)
    }

    /// The elements where two differ.
    pub fn differing(&self, other: &Decisions) -> Vec<usize> {
        if self == other {
            return Vec::new();
        }
        (0..self.elements.max(other.elements)).filter(|&i| self.at(i) != other.at(i)).collect()
    }
}

/// The bits of an element: 1, 2, or whole hexadecimal digits.
fn width(kinds: usize) -> usize {
    match kinds {
        0..=2 => 1,
        3..=4 => 2,
        _ => (usize::BITS - (kinds - 1).leading_zeros()).next_multiple_of(4) as usize,
    }
}
