//! Whole Jacobians, and second derivatives.

use super::Point;
use crate::algebra::Real;
use crate::{Direction, Interpretation, Outcome, Shape, Tape, Tensor, Var};

/// `∇f(x)` and the Hessian-vector product `H t` of a function with a scalar result: a forward sweep, then a backward
/// sweep on duals, at the cost of a few gradients and without the Hessian.
///
/// # Panics
/// As [`grad`](super::grad) and [`jvp`](super::jvp).
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::hvp;
/// let (slope, product) = hvp(|x: &Var<f64>| x.powi(3).sum(), &Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 1.0]));
/// assert_eq!((slope.to_vec(), product.to_vec()), (vec![3.0, 12.0], vec![6.0, 12.0]));
/// ```
#[track_caller]
pub fn hvp<T: Real, P: Point<T>, R: Outcome<T>>(f: impl FnOnce(&P::Vars) -> R, x: &P, tangent: &P) -> (R::With<P>, P) {
    let tape = Tape::keeping();
    let vars = x.record(&tape);
    let (y, aside) = f(&vars).split();
    let curved = y.curvature(&P::direction(&vars, tangent));
    let zeros = |x: &Var<T>| Tensor::zeros(x.shape());
    let slope = P::collect(&vars, &mut |x| curved.of(x).value().map_or_else(|| zeros(x), |dual| dual.value().clone()));
    let product = P::collect(&vars, &mut |x| curved.of(x).value().map_or_else(|| zeros(x), |d| d.tangent_or_zeros()));
    (R::join(slope, aside), product)
}

/// The Jacobian of a function: for each tensor of the point, the shape of the result, then that of the tensor. By as
/// many sweeps as the smaller side has elements.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::jacobian;
/// let matrix = jacobian(|x: &Var<f64>| x.square(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(matrix, Tensor::from([[2.0, 0.0], [0.0, 4.0]]));
///
/// let (a, b) = (Tensor::from([[1.0, 2.0]]), Tensor::from([3.0, 4.0]));
/// let (da, db) = jacobian(|(a, b)| a.matmul(b), &(a, b));
/// assert_eq!((da, db), (Tensor::from([[[3.0, 4.0]]]), Tensor::from([[1.0, 2.0]])));
/// ```
#[track_caller]
pub fn jacobian<T: Real, P: Point<T>, R: Outcome<T>>(f: impl FnOnce(&P::Vars) -> R, x: &P) -> R::With<P> {
    let tape = Tape::keeping();
    let vars = x.record(&tape);
    let (y, aside) = f(&vars).split();
    let mut all = Vec::new();
    P::collect(&vars, &mut |x| {
        all.push(x.clone());
        x.value().clone()
    });
    let rows = y.value().elements();
    let mut matrices: Vec<Vec<T>> = all.iter().map(|x| vec![T::ZERO; rows * x.value().elements()]).collect();
    if rows <= all.iter().map(|x| x.value().elements()).sum() {
        for row in 0..rows {
            let gradients = y.backward_with(&one_at(y.shape(), row));
            for (x, matrix) in all.iter().zip(&mut matrices) {
                let columns = x.value().elements();
                matrix[row * columns..][..columns].copy_from_slice(&gradients.of(x).or_zeros().to_vec());
            }
        }
    } else {
        for (x, matrix) in all.iter().zip(&mut matrices) {
            let columns = x.value().elements();
            for column in 0..columns {
                let moved = y.push_forward(&Direction::new().along(x, one_at(x.shape(), column)));
                for (row, slope) in moved.to_vec().into_iter().enumerate() {
                    matrix[row * columns + column] = slope;
                }
            }
        }
    }
    let mut shaped = Vec::new();
    for (x, matrix) in all.iter().zip(matrices) {
        shaped.push(Tensor::from_vec(matrix, together(&y.shape(), &x.shape())));
    }
    let mut shaped = shaped.into_iter();
    R::join(P::collect(&vars, &mut |x| shaped.next().unwrap_or_else(|| x.value().clone())), aside)
}

/// The Hessian of a function of one tensor with a scalar result: shape of `x`, twice. By one sweep on duals for each
/// element.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::transform::hessian;
/// let matrix = hessian(|x: &Var<f64>| x.powi(3).sum(), &Tensor::from([1.0, 2.0]));
/// assert_eq!(matrix, Tensor::from([[6.0, 0.0], [0.0, 12.0]]));
/// ```
#[track_caller]
pub fn hessian<T: Real, R: Outcome<T>>(f: impl FnOnce(&Var<T>) -> R, x: &Tensor<T>) -> R::With<Tensor<T>> {
    let tape = Tape::keeping();
    let var = tape.var(x.clone());
    let (y, aside) = f(&var).split();
    let mut data = Vec::with_capacity(x.elements() * x.elements());
    for column in 0..x.elements() {
        let curved = y.curvature(&Direction::new().along(&var, one_at(x.shape(), column)));
        match curved.of(&var).value() {
            Some(dual) => data.extend(dual.tangent_or_zeros().to_vec()),
            None => data.extend(vec![T::ZERO; x.elements()]),
        }
    }
    R::join(Tensor::from_vec(data, together(&x.shape(), &x.shape())), aside)
}

/// All zeros but for a one at a place.
fn one_at<T: Real>(shape: Shape, place: usize) -> Tensor<T> {
    Tensor::from_fn(shape, |i| if i == place { T::ONE } else { T::ZERO })
}

/// One shape after the other.
#[track_caller]
fn together(first: &Shape, second: &Shape) -> Shape {
    let extents: Vec<usize> = first.iter().chain(second.iter()).copied().collect();
    Shape::from(&extents[..])
}
