//! What is added to a loss so that weights stay small.

use crate::module::matches;
use crate::{Module, Path};
use autograd::algebra::Real;
use autograd::{Array, Error, Param};

/// The sum of magnitudes of all parameters whose path matches `pattern`, in which `*` stands for anything: `Σ |p|`. Its slope is
/// `sign(p)`, 0 at 0, so it makes weights exactly small and many of them nothing. `door` is any value of the computation.
/// Shape: `[]`. Source: Tibshirani, 1996.
///
/// # Panics
/// If no parameter matches.
///
/// ```
/// use nn::prelude::*;
/// let p = Param::new(Tensor::from([3.0_f64, -4.0]));
/// let (penalty, gradients) = gradient(|tape| loss::l1_penalty(&tape.param(&p), &p, "*"));
/// assert_eq!((penalty, gradients.of(&p).or_zeros().to_vec()), (7.0, vec![1.0, -1.0]));
/// ```
#[track_caller]
pub fn l1_penalty<A: Array<T>, T: Real>(door: &A, model: &dyn Module<T>, pattern: &str) -> A {
    sum_over("l1_penalty", model, pattern, |p| door.param(p).abs().sum())
}

/// The sum of squares of all parameters whose path matches `pattern`, in which `*` stands for anything: `Σ p²`. Its slope is
/// `2 p`. With plain gradient descent, `λ/2` times it is weight decay of `λ`. `door` is any value of the computation. Shape:
/// `[]`.
///
/// # Panics
/// If no parameter matches.
///
/// ```
/// use nn::prelude::*;
/// let net = Linear::<f64>::new(2, 1, &mut ChaCha8Rng::seed_from_u64(0));
/// let x = Tensor::from([[1.0, 2.0]]);
/// let (_, gradients) = gradient(|tape| {
///     let y = net.forward(tape.constant(&x));
///     y.square().sum() * 0.0 + loss::l2_penalty(&y, &net, "*weight") * 0.5
/// });
/// assert_eq!(gradients.of(&net.weight).or_zeros(), *net.weight.value());
/// ```
#[track_caller]
pub fn l2_penalty<A: Array<T>, T: Real>(door: &A, model: &dyn Module<T>, pattern: &str) -> A {
    sum_over("l2_penalty", model, pattern, |p| door.param(p).square().sum())
}

#[track_caller]
fn sum_over<A: Array<T>, T: Real>(
    loss: &'static str,
    model: &dyn Module<T>,
    pattern: &str,
    part: impl Fn(&Param<T>) -> A,
) -> A {
    let (mut sum, mut paths) = (None, Vec::new());
    model.visit(&mut Path::default(), &mut |path, parameter| {
        if matches(pattern, path) {
            let part = part(parameter);
            sum = Some(match sum.take() {
                None => part,
                Some(sum) => sum + part,
            });
        } else {
            paths.push(format!("`{path}`"));
        }
    });
    sum.unwrap_or_else(|| {
        let problem = format!("no parameter's path matches `{pattern}`");
        Error::value(problem, format!("the paths are {}", paths.join(", "))).raise(loss)
    })
}
