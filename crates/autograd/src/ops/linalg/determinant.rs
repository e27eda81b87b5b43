//! Determinants.

use super::square;
use crate::algebra::Real;
use crate::kernels::linalg as kernel;
use crate::ops::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::{Array, Error, LinearAlgebra, Shape, Shaping, Tensor};
use std::ops::RangeInclusive;

/// `y = det A`. Pull-back: `A ← g C`, with the matrix `C` of [`Cofactors`], which also a singular matrix has; so first
/// and second derivatives are exact for every matrix, third and higher ones where it can be inverted. Shapes:
/// `[…, n, n]` → `[…]`; of a matrix without rows it is 1.
///
/// The product of many pivots leaves the range of the numbers early; [`LogDeterminant`] does not.
///
/// ```
/// use autograd::prelude::*;
/// let tape = Tape::new();
/// let a = tape.var(Tensor::from([[1.0_f64, 2.0], [2.0, 4.0]]));
/// let y = a.det();
/// assert_eq!(y.value().item(), 0.0);
/// let slope = y.backward().of(&a).or_zeros();
/// assert!(slope.to_vec().iter().zip([4.0, -2.0, -2.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-14));
/// ```
#[derive(Clone, Debug)]
pub struct Determinant;

/// The sign of `det A` and `ln |det A|`, next to each other on a new last axis. Pull-back of the logarithm: `A ← g A⁻ᵀ`;
/// the sign has none. Shapes: `[…, n, n]` → `[…, 2]`.
///
/// A singular matrix has the sign 0 and the logarithm −∞, and no finite derivative.
///
/// ```
/// use autograd::prelude::*;
/// let (sign, logarithm) = Tensor::from([[0.0_f64, 1.0], [1.0, 0.0]]).slogdet();
/// assert_eq!((sign.item(), logarithm.item()), (-1.0, 0.0));
/// ```
#[derive(Clone, Debug)]
pub struct LogDeterminant;

/// The matrix of cofactors, `C[i, j] = ∂ det A / ∂A[i, j]`: `det A · A⁻ᵀ`, and what that tends to where `A` cannot be
/// inverted. Computed from `A = U S Vᵀ` as `det(U Vᵀ) U E Vᵀ` with `Eᵢ` the product of all singular values but the
/// `i`-th. Shape: that of `A`. NaN where `A` is not finite.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::linalg::Cofactors;
/// let c = Tensor::apply(Cofactors, &[&Tensor::from([[1.0_f64, 2.0], [3.0, 4.0]])]);
/// assert!(c.to_vec().iter().zip([4.0, -3.0, -2.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-14));
/// ```
#[derive(Clone, Debug)]
pub struct Cofactors;

/// The derivative of the [`Cofactors`] of `A` along `X`: the second derivative of the determinant, a symmetric map of
/// `X`. Where `A` can be inverted it is `tr(A⁻¹ X) C − C Xᵀ A⁻ᵀ`; the singular values give it for every matrix, without
/// a division. Inputs: `A`, `X`, of one shape, which is that of the result.
///
/// Its own derivative along `A`, the third of a determinant, is written with the inverse.
///
/// ```
/// use autograd::prelude::*;
/// use autograd::ops::linalg::CofactorsAlong;
/// let (a, x) = (Tensor::zeros([2, 2]), Tensor::from([[1.0_f64, 2.0], [3.0, 4.0]]));
/// // Those of a 2 × 2 matrix are linear in it.
/// assert_eq!(Tensor::apply(CofactorsAlong, &[&a, &x]).to_vec(), [4.0, -3.0, -2.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct CofactorsAlong;

/// A number a matrix, next to stacks of matrices.
fn numbers<A: Array<T>, T: Real>(x: &A) -> A {
    x.unsqueeze(-1).unsqueeze(-1)
}

/// `Σᵢⱼ a[i, j] b[i, j]` of each matrix.
fn inner<A: Array<T>, T: Real>(a: &A, b: &A) -> A {
    (a.clone() * b).sum_axes([-2, -1])
}

impl<T: Real> Op<T> for Determinant {
    fn name(&self) -> &'static str {
        "det"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        square(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::factor(x[0]).determinant(shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| A::apply(Cofactors, &[at.input(i)]) * numbers(at.cotangent()))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| inner(&A::apply(Cofactors, &[at.input(i)]), t))
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
}

impl<T: Real> Op<T> for LogDeterminant {
    fn name(&self) -> &'static str {
        "slogdet"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        let lead = square(inputs[0])?;
        lead.with_inserted(lead.rank(), 2)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        kernel::factor(x[0]).log_determinant(shape)
    }
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let factors = kernel::factor(x[0]);
        (factors.log_determinant(shape), [factors.lu, factors.order].into_iter().collect())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| at.input(i).inv().transpose() * at.cotangent().slice(-1, 1..2).unsqueeze(-1))
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let (Some(lu), Some(order)) = (at.kept(0), at.kept(1)) else { return self.vjp(at) };
        let factors = kernel::Factors { lu: lu.clone(), order: order.clone() };
        at.each(|_| factors.inverse().transposed() * at.cotangent().slice(-1, 1..2).unsqueeze(-1))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| {
            let moved = inner(&at.input(i).inv().transpose(), t).unsqueeze(-1);
            let still = moved.constant(&Tensor::zeros(moved.shape()));
            A::concat(&[&still, &moved], -1)
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
}

impl<T: Real> Op<T> for Cofactors {
    fn name(&self) -> &'static str {
        "cofactors"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        square(inputs[0])?;
        Ok(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        kernel::cofactors(x[0])
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        at.each(|i| A::apply(CofactorsAlong, &[at.input(i), at.cotangent()]))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|i, t| A::apply(CofactorsAlong, &[at.input(i), t]))
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
}

impl<T: Real> Op<T> for CofactorsAlong {
    fn name(&self) -> &'static str {
        "cofactors_along"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        square(inputs[0])?;
        if inputs[0] == inputs[1] {
            return Ok(inputs[0]);
        }
        Err(Error::shape(
            format!("a direction of shape {} for matrices of shape {}", inputs[1], inputs[0]),
            "a direction has the shape of what moves along it",
        ))
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        kernel::cofactors_along(x[0], x[1])
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        // With B = A⁻¹ the result is D(X) = tr(B X) C − C Xᵀ Bᵀ; what follows is the adjoint of its derivative along A,
        // which has D itself in it, since D is that of C.
        let (a, x, g) = (at.input(0), at.input(1), at.cotangent());
        at.each(|i| {
            if i == 1 {
                return A::apply(CofactorsAlong, &[a, g]);
            }
            let along = |x: &A| A::apply(CofactorsAlong, &[a, x]);
            let (b, c) = (a.inv(), A::apply(Cofactors, &[a]));
            let (bx, bt) = (b.matmul(x), b.transpose());
            let trace = numbers(&inner(&bt, x));
            let turned = bt.matmul(&g.transpose().matmul(&c)).matmul(&bx.transpose());
            along(g) * trace - bx.matmul(&b).transpose() * numbers(&inner(g, &c)) - along(&g.matmul(&bx)) + turned
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let (a, x) = (at.input(0), at.input(1));
        at.sum(|i, t| {
            if i == 1 {
                return A::apply(CofactorsAlong, &[a, t]);
            }
            let (b, c, moved) = (a.inv(), A::apply(Cofactors, &[a]), A::apply(CofactorsAlong, &[a, t]));
            let (bx, bt) = (b.matmul(x), b.transpose());
            let trace = numbers(&inner(&bt, x));
            let moved_trace = numbers(&inner(&b.matmul(t).transpose(), &bx));
            let turned = c.matmul(&bx.transpose()).matmul(&t.transpose().matmul(&bt));
            moved.clone() * trace - c * moved_trace - moved.matmul(&bx.transpose()) + turned
        })
    }
    fn saves(&self) -> Saves {
        Saves::INPUTS
    }
}
