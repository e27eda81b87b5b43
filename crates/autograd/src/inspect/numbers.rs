//! Values and gradients as a snapshot keeps them: whole while they are few, summed up when they are many.

use crate::Tensor;
use crate::algebra::Real;
use crate::kernels::summary;
use crate::text::{significant, six_digits};
use serde::{Deserialize, Serialize};
use std::fmt;

/// More elements than this are summed up.
pub const WHOLE: usize = 64;

/// The numbers of a tensor, in row-major order, or what can be said of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// All of them: at most [`WHOLE`].
    Whole(#[serde(with = "non_finite::many")] Vec<f64>),
    /// Of more.
    Summary(Summary),
}

/// What can be said of many numbers. Mean, deviation and extremes are those of the finite ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many there are.
    pub elements: usize,
    /// Their mean.
    #[serde(with = "non_finite")]
    pub mean: f64,
    /// The square root of their mean square difference from it.
    #[serde(with = "non_finite")]
    pub std: f64,
    /// The smallest.
    #[serde(with = "non_finite")]
    pub min: f64,
    /// The largest.
    #[serde(with = "non_finite")]
    pub max: f64,
    /// How many are exactly 0.
    pub zeros: usize,
    /// How many are NaN or infinite.
    pub non_finite: usize,
}

impl Summary {
    /// Of these numbers, in one pass.
    ///
    /// ```
    /// use autograd::inspect::Summary;
    /// let summary = Summary::of(&[1.0, 0.0, 5.0, f64::NAN]);
    /// assert_eq!((summary.mean, summary.min, summary.max), (2.0, 0.0, 5.0));
    /// assert_eq!((summary.zeros, summary.non_finite), (1, 1));
    /// assert_eq!(summary.to_string(), "2 ± 2.16 [0 .. 5], 1 not finite");
    /// ```
    pub fn of<T: Real>(numbers: &[T]) -> Self {
        let sums = summary::sums(numbers);
        let count = sums.finite as f64;
        let off = sums.sum / count;
        let (min, max) = if sums.finite == 0 { (f64::NAN, f64::NAN) } else { (sums.min, sums.max) };
        Summary {
            elements: numbers.len(),
            mean: sums.shift + off,
            std: (sums.squares / count - off * off).max(0.0).sqrt() + off * 0.0,
            min,
            max,
            zeros: sums.zeros,
            non_finite: numbers.len() - sums.finite,
        }
    }

    /// What can be said of several lots of numbers together.
    ///
    /// ```
    /// use autograd::inspect::{Numbers, Summary};
    /// let lots = [Numbers::Whole(vec![1.0, 0.0]), Numbers::Whole(vec![5.0])];
    /// assert_eq!(Summary::together(&lots), Some(Summary::of(&[1.0, 0.0, 5.0])));
    /// ```
    pub fn together<'a>(lots: impl IntoIterator<Item = &'a Numbers>) -> Option<Self> {
        lots.into_iter().map(Numbers::summary).reduce(|a, b| {
            let [m, n] = [&a, &b].map(|part| (part.elements - part.non_finite) as f64);
            if m == 0.0 || n == 0.0 {
                let finite = if n == 0.0 { &a } else { &b };
                return Summary {
                    elements: a.elements + b.elements,
                    non_finite: a.non_finite + b.non_finite,
                    ..*finite
                };
            }
            // Mean and mean square difference of the whole, from those of the parts.
            let off = b.mean - a.mean;
            let square = (m * a.std * a.std + n * b.std * b.std) / (m + n) + off * off * m * n / ((m + n) * (m + n));
            Summary {
                elements: a.elements + b.elements,
                mean: a.mean + off * n / (m + n),
                std: square.sqrt(),
                min: a.min.min(b.min),
                max: a.max.max(b.max),
                zeros: a.zeros + b.zeros,
                non_finite: a.non_finite + b.non_finite,
            }
        })
    }

    /// The mean in print: what is left of one by rounding alone is none.
    pub(super) fn told_mean(&self) -> f64 {
        if self.mean.abs() < 1e-9 * self.std { 0.0 } else { self.mean }
    }

    /// The root of the mean square.
    pub fn rms(&self) -> f64 {
        self.mean.hypot(self.std)
    }

    /// The Euclidean norm.
    pub fn norm(&self) -> f64 {
        self.rms() * ((self.elements - self.non_finite) as f64).sqrt()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.elements > self.non_finite {
            let [mean, std, min, max] = [self.told_mean(), self.std, self.min, self.max].map(|x| significant(x, 3));
            write!(f, "{mean} ± {std} [{min} .. {max}]")?;
        }
        match self.non_finite {
            0 if self.elements == 0 => f.write_str("empty"),
            0 => Ok(()),
            n if n == self.elements => f.write_str("none is finite"),
            n => write!(f, ", {n} not finite"),
        }
    }
}

impl Numbers {
    /// Those of a tensor.
    ///
    /// ```
    /// use autograd::{inspect::Numbers, prelude::*};
    /// assert_eq!(Numbers::of(&Tensor::from([[1.0_f32, 2.0]])), Numbers::Whole(vec![1.0, 2.0]));
    /// assert_eq!(Numbers::of(&Tensor::<f32>::ones([100])).summary().mean, 1.0);
    /// ```
    pub fn of<T: Real>(tensor: &Tensor<T>) -> Self {
        let contiguous = tensor.contiguous();
        let numbers = contiguous.as_slice().unwrap_or_default();
        match numbers.len() {
            0..=WHOLE => Numbers::Whole(numbers.iter().map(|x| x.to_f64()).collect()),
            _ => Numbers::Summary(Summary::of(numbers)),
        }
    }

    /// All of them, if they are few.
    pub fn whole(&self) -> Option<&[f64]> {
        match self {
            Numbers::Whole(numbers) => Some(numbers),
            Numbers::Summary(_) => None,
        }
    }

    /// The only one.
    pub fn single(&self) -> Option<f64> {
        match self.whole() {
            Some(&[number]) => Some(number),
            _ => None,
        }
    }

    /// What can be said of them.
    pub fn summary(&self) -> Summary {
        match self {
            Numbers::Whole(numbers) => Summary::of(numbers),
            Numbers::Summary(summary) => *summary,
        }
    }
}

impl fmt::Display for Numbers {
    /// The number if there is one, else the mean ± the deviation and the extremes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(number) => f.write_str(&six_digits(number)),
            None => write!(f, "{}", self.summary()),
        }
    }
}

/// Numbers in JSON, which has no word for those that are not finite: they are kept as text.
/// `#[serde(with = "autograd::inspect::non_finite")]`.
pub mod non_finite {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Word(String),
    }

    fn written(x: f64) -> Written {
        if x.is_finite() { Written::Number(x) } else { Written::Word(x.to_string()) }
    }

    fn read<E: Error>(written: Written) -> Result<f64, E> {
        match written {
            Written::Number(x) => Ok(x),
            Written::Word(word) => word.parse().map_err(|_| E::custom(format!("`{word}` is no number"))),
        }
    }

    /// A number, or `NaN`, `inf` or `-inf` as text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        written(*x).serialize(serializer)
    }

    /// What was written.
    ///
    /// # Errors
    /// If it is neither a number nor such a text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        read(Written::deserialize(deserializer)?)
    }

    /// The same for many numbers.
    pub mod many {
        use super::{Deserialize, Deserializer, Serializer, Written, read, written};

        /// A list of them.
        ///
        /// # Errors
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(x: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(x.iter().map(|&x| written(x)))
        }

        /// What was written.
        ///
        /// # Errors
        /// If one is neither a number nor such a text.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
            Vec::<Written>::deserialize(deserializer)?.into_iter().map(read).collect()
        }
    }
}
