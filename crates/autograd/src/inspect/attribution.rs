//! Which inputs a result is due to.

use crate::algebra::Real;
use crate::{Interpretation, Key, Tape, Tensor, Var};
use std::fmt;

/// How much each element of an input contributes to a scalar result, by one of several methods. The values are there to
/// be drawn.
#[derive(Clone, Debug)]
pub struct Attribution<T: Real = f32> {
    /// The method.
    pub method: &'static str,
    /// One number an element of the input.
    pub values: Tensor<T>,
    /// Of SmoothGrad: how much each value scatters from sample to sample.
    pub spread: Option<Tensor<T>>,
    /// Of integrated gradients: how well the values add up.
    pub completeness: Option<Completeness>,
}

/// Whether integrated gradients add up to the difference of the results, as they must.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Completeness {
    /// `f(x) − f(baseline)`.
    pub difference: f64,
    /// The sum of all values.
    pub sum: f64,
    /// How many points of the line between were used.
    pub steps: usize,
}

impl Completeness {
    /// `|sum − difference|`.
    pub fn gap(&self) -> f64 {
        (self.sum - self.difference).abs()
    }
}

/// The value and the gradient of a function at a point.
fn slope<T: Real>(f: &impl Fn(&Var<T>) -> Var<T>, x: &Tensor<T>) -> (f64, Tensor<T>) {
    let tape = Tape::new().evaluating();
    let x = tape.var(x.clone());
    let y = f(&x);
    if y.node().is_none() {
        return (y.value().item().to_f64(), Tensor::zeros(x.shape()));
    }
    (y.value().item().to_f64(), y.backward().of(&x).or_zeros())
}

/// `|∂f/∂xᵢ|`: where the result is most sensitive. (Simonyan, Vedaldi and Zisserman, 2013.)
///
/// # Panics
/// If `f` does not give a scalar.
///
/// ```
/// use autograd::{inspect::saliency, prelude::*};
/// let x = Tensor::from([1.0_f64, -2.0, 0.0]);
/// let found = saliency(|x| (x.square() * -1.0).sum(), &x);
/// assert_eq!(found.values.to_vec(), [2.0, 4.0, 0.0]);
/// ```
#[track_caller]
pub fn saliency<T: Real>(f: impl Fn(&Var<T>) -> Var<T>, x: &Tensor<T>) -> Attribution<T> {
    let values = slope(&f, x).1.abs();
    Attribution { method: "saliency", values, spread: None, completeness: None }
}

/// `xᵢ · ∂f/∂xᵢ`: exact for a linear function without a constant.
///
/// # Panics
/// If `f` does not give a scalar.
///
/// ```
/// use autograd::{inspect::input_times_gradient, prelude::*};
/// let (x, w) = (Tensor::from([1.0_f64, -2.0]), Tensor::from([3.0, 0.5]));
/// let found = input_times_gradient(|x| (x * x.constant(&w)).sum(), &x);
/// assert_eq!(found.values.to_vec(), [3.0, -1.0]); // their sum is f(x)
/// ```
#[track_caller]
pub fn input_times_gradient<T: Real>(f: impl Fn(&Var<T>) -> Var<T>, x: &Tensor<T>) -> Attribution<T> {
    let values = slope(&f, x).1 * x;
    Attribution { method: "input × gradient", values, spread: None, completeness: None }
}

/// More points than this are not tried.
const MOST_STEPS: usize = 4096;

/// Integrated gradients: `(xᵢ − bᵢ) ∫₀¹ ∂f/∂xᵢ (b + t (x − b)) dt`, along the line from a baseline `b`. Their sum is
/// `f(x) − f(b)`; the integral is taken at the middles of equal pieces, of which there are twice as many until the sum is
/// within a thousandth of the difference, or a millionth of the values without their signs. (Sundararajan, Taly and Yan,
/// 2017.)
///
/// # Panics
/// If `f` does not give a scalar, or the baseline has another shape than `x`.
///
/// ```
/// use autograd::{inspect::integrated_gradients, prelude::*};
/// let (x, baseline) = (Tensor::from([2.0_f64, 1.0]), Tensor::from([0.0, 0.0]));
/// let found = integrated_gradients(|x| x.powi(3).sum(), &x, &baseline);
/// let completeness = found.completeness.unwrap();
/// assert_eq!(completeness.difference, 9.0);
/// assert!(completeness.gap() <= 0.009);
/// println!("{found}");
/// ```
#[track_caller]
pub fn integrated_gradients<T: Real>(
    f: impl Fn(&Var<T>) -> Var<T>,
    x: &Tensor<T>,
    baseline: &Tensor<T>,
) -> Attribution<T> {
    let way = x - baseline;
    let difference = slope(&f, x).0 - slope(&f, baseline).0;
    let mut steps = 16;
    loop {
        let mut sum = Tensor::zeros(x.shape());
        for step in 0..steps {
            let along = (step as f64 + 0.5) / steps as f64;
            sum = sum + slope(&f, &(baseline + &way * T::from_f64(along))).1;
        }
        let values = sum * &way * T::from_f64(1.0 / steps as f64);
        let (mut total, mut size) = (0.0, 0.0);
        for value in values.to_vec() {
            total += value.to_f64();
            size += value.to_f64().abs();
        }
        let completeness = Completeness { difference, sum: total, steps };
        if completeness.gap() <= 1e-3 * difference.abs().max(1e-3 * size) || steps >= MOST_STEPS {
            return Attribution {
                method: "integrated gradients",
                values,
                spread: None,
                completeness: Some(completeness),
            };
        }
        steps *= 2;
    }
}

/// SmoothGrad: the mean of the gradients at `samples` points about `x`, moved by normal noise of deviation `noise`, and
/// how they scatter. The noise is that of ChaCha8 under `seed`. (Smilkov and others, 2017.)
///
/// # Panics
/// If `f` does not give a scalar, or there are no samples.
///
/// ```
/// use autograd::{inspect::smooth_grad, prelude::*};
/// let x = Tensor::from([1.0_f64]);
/// let found = smooth_grad(|x| x.square().sum(), &x, 0.1, 200, 7);
/// assert!((found.values.item() - 2.0).abs() < 0.05);
/// assert!((found.spread.unwrap().item() - 0.2).abs() < 0.05); // 2 × the noise
/// ```
#[track_caller]
pub fn smooth_grad<T: Real>(
    f: impl Fn(&Var<T>) -> Var<T>,
    x: &Tensor<T>,
    noise: f64,
    samples: usize,
    seed: u64,
) -> Attribution<T> {
    if samples == 0 {
        crate::Error::value("a mean of no samples", "take at least one").raise::<()>("smooth_grad");
    }
    let key = Key::new(seed);
    let at = |sample: usize| x + Tensor::normal(x.shape(), 0.0, noise, &mut key.generator(sample as u64));
    let slopes: Vec<Tensor<T>> = (0..samples).map(|sample| slope(&f, &at(sample)).1).collect();
    let over = T::from_f64(1.0 / samples as f64);
    let mean = slopes.iter().fold(Tensor::zeros(x.shape()), |sum, slope| sum + slope) * over;
    let squares = slopes.iter().fold(Tensor::zeros(x.shape()), |sum, slope| sum + (slope - &mean).square());
    let spread = Some((squares * over).sqrt());
    Attribution { method: "SmoothGrad", values: mean, spread, completeness: None }
}

impl<T: Real> fmt::Display for Attribution<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use super::Numbers;
        use crate::text::six_digits;
        write!(f, "{}: {}", self.method, Numbers::of(&self.values))?;
        if let Some(Completeness { difference, sum, steps }) = self.completeness {
            let gap = self.completeness.map_or(0.0, |completeness| completeness.gap());
            let [difference, sum, gap] = [difference, sum, gap].map(six_digits);
            write!(f, "\n  completeness: sum {sum}, difference {difference}, gap {gap} after {steps} steps")?;
        }
        if let Some(spread) = &self.spread {
            write!(f, "\n  spread: {}", Numbers::of(spread))?;
        }
        // The strongest elements.
        let values = self.values.to_vec();
        let mut order: Vec<usize> = (0..values.len()).collect();
        let size = |i: usize| values[i].to_f64().abs();
        order.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
        let strongest = order.iter().take(5).map(|&i| format!("[{i}] {}", six_digits(values[i].to_f64())));
        write!(f, "\n  strongest: {}", strongest.collect::<Vec<_>>().join(", "))
    }
}
