//! Gradients made smaller before a step.

use autograd::algebra::Real;
use autograd::kernels::{Kernel, dispatch};
use autograd::{Error, Gradients, Tensor};

/// Scales all gradients alike so that their norm together is at most `most`: by `min(1, most/(‖g‖ + 10⁻⁶))`, so their
/// direction stays. `‖g‖` is the `power`-norm over all elements of all parameters' gradients, `f64::INFINITY` for the
/// largest magnitude. Returns them with the norm before. Source: Pascanu, Mikolov, Bengio, 2013.
///
/// # Panics
/// If a gradient is not finite, `most` is not positive, or `power` is less than 1; see [`try_clip_norm`].
///
/// ```
/// use nn::optim::clip_norm;
/// use nn::prelude::*;
/// let p = Param::new(Tensor::from([3.0_f64, 4.0]));
/// let (_, gradients) = gradient(|tape| (tape.param(&p).square() * 0.5).sum());
/// let (clipped, norm) = clip_norm(gradients, 1.0, 2.0);
/// assert_eq!(norm, 5.0);
/// assert!((clipped.of(&p).or_zeros().to_vec()[0] - 0.6).abs() < 1e-6);
/// ```
#[track_caller]
pub fn clip_norm<T: Real>(gradients: Gradients<Tensor<T>>, most: f64, power: f64) -> (Gradients<Tensor<T>>, f64) {
    try_clip_norm(gradients, most, power).unwrap_or_else(|error| error.raise("clip_norm"))
}

/// [`clip_norm`], for gradients that may not be finite.
///
/// # Errors
/// If a gradient is not finite, since no factor makes it smaller; if `most` is not positive, or `power` is less than 1.
///
/// ```
/// use nn::optim::try_clip_norm;
/// use nn::prelude::*;
/// let p = Param::new(Tensor::from([0.0_f64]));
/// let (_, gradients) = gradient(|tape| tape.param(&p).sqrt().sum());
/// assert!(matches!(try_clip_norm(gradients, 1.0, 2.0), Err(Error::NonFinite(_))));
/// ```
#[track_caller]
pub fn try_clip_norm<T: Real>(
    gradients: Gradients<Tensor<T>>,
    most: f64,
    power: f64,
) -> Result<(Gradients<Tensor<T>>, f64), Error> {
    let wrong = |problem: String, help: &str| Err(Error::value(problem, help).during("clip_norm", []));
    if !(most > 0.0 && power >= 1.0) {
        return wrong(
            format!("the largest norm is {most} and the power {power}"),
            "give a positive norm, and a power from 1, usually 2",
        );
    }
    let norm = norm(&gradients, power);
    if !norm.is_finite() {
        return Err(not_finite(&gradients, norm).during("clip_norm", []));
    }
    let factor = most / (norm + 1e-6);
    if factor >= 1.0 {
        return Ok((gradients, norm));
    }
    let factor = T::from_f64(factor);
    Ok((gradients.map(|gradient| changed(gradient, |data| dispatch(Scale { data, factor }))), norm))
}

/// Brings every element of every gradient between `−most` and `most`. Not a number stays one.
///
/// # Panics
/// If `most` is not positive.
///
/// ```
/// use nn::optim::clip_value;
/// use nn::prelude::*;
/// let p = Param::new(Tensor::from([3.0_f64, 0.2]));
/// let (_, gradients) = gradient(|tape| (tape.param(&p).square() * 0.5).sum());
/// assert_eq!(clip_value(gradients, 1.0).of(&p).or_zeros().to_vec(), [1.0, 0.2]);
/// ```
#[track_caller]
pub fn clip_value<T: Real>(gradients: Gradients<Tensor<T>>, most: f64) -> Gradients<Tensor<T>> {
    if most.is_nan() || most <= 0.0 {
        let problem = format!("the largest value is {most}");
        return Error::value(problem, "give a positive one").raise("clip_value");
    }
    let most = T::from_f64(most);
    gradients.map(|gradient| changed(gradient, |data| dispatch(Between { data, most })))
}

/// The gradient with its numbers changed, where they lie if nobody else holds them.
fn changed<T: Real>(mut gradient: Tensor<T>, change: impl FnOnce(&mut [T])) -> Tensor<T> {
    change(gradient.make_mut());
    gradient
}

struct Scale<'a, T> {
    data: &'a mut [T],
    factor: T,
}

impl<T: Real> Kernel for Scale<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for g in self.data {
            *g *= self.factor;
        }
    }
}

struct Between<'a, T> {
    data: &'a mut [T],
    most: T,
}

impl<T: Real> Kernel for Between<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for g in self.data {
            let capped = if *g > self.most { self.most } else { *g };
            *g = if capped < -self.most { -self.most } else { capped };
        }
    }
}

/// The norm over all parameters' gradients, in the order of their creation.
fn norm<T: Real>(gradients: &Gradients<Tensor<T>>, power: f64) -> f64 {
    let all = |unit: f64, power: f64| {
        gradients.of_parameters().fold(0.0, |sum: f64, gradient| {
            let gradient = gradient.contiguous();
            let part = dispatch(Norm { data: gradient.as_slice().unwrap_or_default(), unit, power });
            match () {
                () if power == f64::INFINITY => {
                    if part > sum || part.is_nan() {
                        part
                    } else {
                        sum
                    }
                }
                () => sum + part,
            }
        })
    };
    if power == f64::INFINITY {
        return all(1.0, power);
    }
    let sum = all(1.0, power);
    // Powers of very large or very small numbers leave the range of numbers; then the largest is the unit.
    if (1e-200..1e200).contains(&sum) {
        return sum.powf(1.0 / power);
    }
    let largest = all(1.0, f64::INFINITY);
    if largest == 0.0 || !largest.is_finite() { largest } else { largest * all(largest, power).powf(1.0 / power) }
}

/// The sum of the powers of `|g|/unit`, or the largest. In double precision, on as many sums as fill a vector, so that the
/// order of additions depends on the length alone.
struct Norm<'a, T> {
    data: &'a [T],
    unit: f64,
    power: f64,
}

impl<T: Real> Kernel for Norm<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f64 {
        let mut parts = [0.0; 8];
        for chunk in self.data.chunks(8) {
            for (part, &g) in parts.iter_mut().zip(chunk) {
                let size = (g.to_f64() / self.unit).abs();
                *part = match () {
                    () if self.power == 2.0 => *part + size * size,
                    () if self.power == 1.0 => *part + size,
                    // Not a number is to be seen.
                    () if self.power == f64::INFINITY => {
                        if *part >= size {
                            *part
                        } else {
                            size
                        }
                    }
                    () => *part + size.powf(self.power),
                };
            }
        }
        match () {
            () if self.power == f64::INFINITY => parts.into_iter().fold(0.0, |a, b| if a >= b { a } else { b }),
            () => parts.into_iter().sum(),
        }
    }
}

/// Says which gradients are not finite, by their shapes.
#[cold]
fn not_finite<T: Real>(gradients: &Gradients<Tensor<T>>, norm: f64) -> Error {
    let odd = |gradient: &&Tensor<T>| gradient.to_vec().iter().any(|g| !g.is_finite());
    let shapes: Vec<_> = gradients.of_parameters().filter(odd).map(|gradient| gradient.shape().to_string()).collect();
    let (count, all) = (shapes.len(), gradients.of_parameters().count());
    let shapes = shapes.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    Error::non_finite(
        format!("the norm is {norm}: {count} of {all} gradients hold numbers that are not finite, of shapes {shapes}"),
        "skip this step or lower the learning rate; a tape that stops at the first such number says where it arose",
    )
}
