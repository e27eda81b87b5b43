//! First derivatives.

use super::Point;
use crate::algebra::Real;
use crate::{Gradients, Outcome, Tape, Tensor, Var};

/// What the function gave, its variable apart, and the variables at the point.
struct Recorded<T: Real, P: Point<T>, R: Outcome<T>> {
    vars: P::Vars,
    y: Var<T>,
    aside: R::Aside,
}

#[track_caller]
fn record<T: Real, P: Point<T>, R: Outcome<T>>(
    tape: Tape<T>,
    f: impl FnOnce(&P::Vars) -> R,
    x: &P,
) -> Recorded<T, P, R> {
    let vars = x.record(&tape);
    let (y, aside) = f(&vars).split();
    Recorded { vars, y, aside }
}

fn gradient_at<T: Real, P: Point<T>>(vars: &P::Vars, gradients: &Gradients<Tensor<T>>) -> P {
    P::collect(vars, &mut |x| gradients.of(x).or_zeros())
}

/// `∇f(x)` of a function with a scalar result. What was recorded is freed as the sweep passes it, so that memory for the
/// values of `f` and a few gradients is enough; a variable that is brought along can be read, and no more.
///
/// # Panics
/// If the result is not a scalar or depends on nothing recorded.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::grad;
/// let slope = grad(|x: &Var<f64>| x.powi(3).sum(), &Tensor::from([2.0]));
/// assert_eq!(slope.to_vec(), [12.0]);
/// ```
#[track_caller]
pub fn grad<T: Real, P: Point<T>, R: Outcome<T>>(f: impl FnOnce(&P::Vars) -> R, x: &P) -> R::With<P> {
    let at = record::<T, P, R>(Tape::new(), f, x);
    R::join(gradient_at(&at.vars, &at.y.backward_once()), at.aside)
}

/// `f(x)` and `∇f(x)` of a function with a scalar result, with the memory of [`grad`].
///
/// # Panics
/// As [`grad`].
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::value_and_grad;
/// let point = (Tensor::from([3.0_f64]), Tensor::from([4.0]));
/// let (value, (dx, dy)) = value_and_grad(|(x, y)| (x * y).sum(), &point);
/// assert_eq!((value, dx.item(), dy.item()), (12.0, 4.0, 3.0));
/// ```
#[track_caller]
pub fn value_and_grad<T: Real, P: Point<T>, R: Outcome<T>>(f: impl FnOnce(&P::Vars) -> R, x: &P) -> (R::With<T>, P) {
    let at = record::<T, P, R>(Tape::new(), f, x);
    let gradients = at.y.backward_once();
    (R::join(at.y.value().item(), at.aside), gradient_at(&at.vars, &gradients))
}

/// The losses `f(x)`, `[n]`, and the gradient of each: for each tensor of the point `[n, shape]`. The samples are kept
/// apart in one sweep; see [`Var::backward_per_sample`].
///
/// # Panics
/// If the result does not have one axis or depends on nothing recorded.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::per_sample;
/// let x = Tensor::from([[1.0_f64, 2.0], [3.0, 4.0]]);
/// let (losses, slopes) = per_sample(|w: &Var<f64>| w.constant(&x).matmul(w).square(), &Tensor::from([1.0, 1.0]));
/// assert_eq!(losses.to_vec(), [9.0, 49.0]);
/// assert_eq!(slopes, Tensor::from([[6.0, 12.0], [42.0, 56.0]]));
/// ```
#[track_caller]
pub fn per_sample<T: Real, P: Point<T>, R: Outcome<T>>(
    f: impl FnOnce(&P::Vars) -> R,
    x: &P,
) -> (R::With<Tensor<T>>, P) {
    let at = record::<T, P, R>(Tape::new(), f, x);
    let gradients = at.y.backward_per_sample();
    (R::join(at.y.value().clone(), at.aside), P::collect(&at.vars, &mut |x| gradients.of(x)))
}

/// `f(x)` and its pull-back `c ↦ Jᵀ c`, which may be called again and again.
///
/// # Panics
/// If the result depends on nothing recorded; the pull-back, if its cotangent has another shape than the result.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::vjp;
/// let (y, pull_back) = vjp(|x: &Var<f64>| x.square(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(y.to_vec(), [1.0, 4.0]);
/// assert_eq!(pull_back(&Tensor::from([1.0, 10.0])).to_vec(), [2.0, 40.0]);
/// ```
#[track_caller]
pub fn vjp<T: Real, P: Point<T>, R: Outcome<T>, F: FnOnce(&P::Vars) -> R>(
    f: F,
    x: &P,
) -> (R::With<Tensor<T>>, impl Fn(&Tensor<T>) -> P + use<T, P, R, F>) {
    let Recorded { vars, y, aside } = record::<T, P, R>(Tape::new(), f, x);
    let value = R::join(y.value().clone(), aside);
    (value, move |cotangent| gradient_at(&vars, &y.backward_with(cotangent)))
}

/// `f(x)` and its push-forward `J t`, by one forward sweep.
///
/// # Panics
/// If a tangent has another shape than its place of the point.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::jvp;
/// let (y, dy) = jvp(|x: &Var<f64>| x.square(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 0.5]));
/// assert_eq!((y.to_vec(), dy.to_vec()), (vec![1.0, 4.0], vec![2.0, 2.0]));
/// ```
#[track_caller]
pub fn jvp<T: Real, P: Point<T>, R: Outcome<T>>(
    f: impl FnOnce(&P::Vars) -> R,
    x: &P,
    tangent: &P,
) -> (R::With<Tensor<T>>, Tensor<T>) {
    let at = record::<T, P, R>(Tape::keeping(), f, x);
    let moved = at.y.push_forward(&P::direction(&at.vars, tangent));
    (R::join(at.y.value().clone(), at.aside), moved)
}

/// `f(x)` and its linear part `t ↦ J t` at `x`: the push-forward, which may be called again and again. The function is
/// recorded once; each call is one forward sweep.
///
/// # Panics
/// If the result depends on nothing recorded; the push-forward, if a tangent has another shape than its place of the
/// point.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::linearize;
/// let point = (Tensor::from([1.0_f64, 2.0]), Tensor::from([3.0, 4.0]));
/// let (y, push_forward) = linearize(|(a, b)| a * b, &point);
/// assert_eq!(y.to_vec(), [3.0, 8.0]);
/// let along = |a, b| push_forward(&(Tensor::from(a), Tensor::from(b))).to_vec();
/// assert_eq!(along([1.0, 0.0], [0.0, 0.0]), [3.0, 0.0]);
/// assert_eq!(along([1.0, 1.0], [1.0, 1.0]), [4.0, 6.0]);
/// ```
#[track_caller]
pub fn linearize<T: Real, P: Point<T>, R: Outcome<T>, F: FnOnce(&P::Vars) -> R>(
    f: F,
    x: &P,
) -> (R::With<Tensor<T>>, impl Fn(&P) -> Tensor<T> + use<T, P, R, F>) {
    let Recorded { vars, y, aside } = record::<T, P, R>(Tape::keeping(), f, x);
    let value = R::join(y.value().clone(), aside);
    (value, move |tangent| y.push_forward(&P::direction(&vars, tangent)))
}
