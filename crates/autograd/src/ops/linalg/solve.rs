//! Solving linear equations.

use super::square;
use crate::algebra::Real;
use crate::kernels::linalg as kernel;
use crate::ops::{Few, Messages, Op, Pullback, Pushforward, Saves};
use crate::{Array, Error, LinearAlgebra, Shape, Tensor};
use std::ops::RangeInclusive;

/// `y = A⁻¹ b`: the solution of `A y = b`, by the factors `P A = L U`. Pull-back: `b ← A⁻ᵀ g`, `A ← −(A⁻ᵀ g) yᵀ`, summed
/// over stretched axes; on plain tensors with the factors of the forward pass. Push-forward: `A⁻¹ (ḃ − Ȧ y)`.
///
/// Shapes: `A` `[…, n, n]`; `b` a vector `[n]`, which gives `[…, n]`, or columns `[…, n, k]`; leading axes broadcast.
///
/// A singular matrix gives infinities or NaN in its part of the result; [`try_solve`](LinearAlgebra::try_solve)
/// returns an error.
///
/// ```
/// use autograd::prelude::*;
/// let a = Tensor::from([[2.0_f64, 0.0], [1.0, 1.0]]);
/// assert_eq!(a.solve(&Tensor::from([2.0, 4.0])).to_vec(), [1.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Solve;

/// `y = A⁻¹ b` for a triangle `A`: what stands on its other side is not read, and gets no gradient. Pull-back:
/// `b ← A⁻ᵀ g`, `A ← −(A⁻ᵀ g) yᵀ` within the triangle. Shapes, and a 0 on the diagonal: as for [`Solve`].
///
/// ```
/// use autograd::prelude::*;
/// let a = Tensor::from([[2.0_f64, 7.0], [1.0, 1.0]]);
/// assert_eq!(a.solve_triangular(&Tensor::from([2.0, 4.0]), Triangle::Lower).to_vec(), [1.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct SolveTriangular {
    /// The side that is read.
    pub triangle: Triangle,
}

/// A side of a matrix, with its diagonal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triangle {
    /// On and below the diagonal.
    Lower,
    /// On and above the diagonal.
    Upper,
}

/// `y = A⁻¹`. Pull-back: `A ← −yᵀ g yᵀ`. Shape: that of `A`, `[…, n, n]`. To multiply by an inverse, [`Solve`] is
/// faster and more accurate.
///
/// A singular matrix gives infinities or NaN in its part of the result; [`try_inv`](LinearAlgebra::try_inv) returns an
/// error.
///
/// ```
/// use autograd::prelude::*;
/// let a = Tensor::from([[2.0_f64, 0.0], [0.0, 4.0]]);
/// assert_eq!(a.inv(), Tensor::from([[0.5, 0.0], [0.0, 0.25]]));
/// ```
#[derive(Clone, Debug)]
pub struct Inverse;

/// The right-hand sides as columns, stretched to the stack of results.
struct Equations {
    /// A vector as a column, else its own shape.
    columns: Shape,
    /// The results as columns.
    stack: Shape,
    /// The results.
    result: Shape,
}

impl Equations {
    fn new(a: Shape, b: Shape) -> Result<Self, Error> {
        let lead_a = square(a)?;
        let n = a[a.rank() - 1];
        if b.rank() == 0 {
            return Err(Error::shape("a scalar is no right-hand side", "give a vector [n], or columns [..., n, k]"));
        }
        let columns = if b.rank() == 1 { Shape::of(&[b[0], 1]) } else { b };
        let (rows, k) = (columns[columns.rank() - 2], columns[columns.rank() - 1]);
        if rows != n {
            let help = if b.rank() >= 2 && k == n {
                "a stack of vectors is a stack of columns: `b.unsqueeze(-1)`"
            } else {
                "the right-hand side has a row for each row of the matrix"
            };
            return Err(Error::shape(format!("{n} equations do not fit a right-hand side of shape {b}"), help));
        }
        let lead_b = Shape::of(&columns[..columns.rank() - 2]);
        let lead = lead_a.broadcast(&lead_b).ok_or_else(|| {
            Error::shape(
                format!("the leading axes {lead_a} and {lead_b} of shapes {a} and {b} do not broadcast"),
                "leading axes must be equal or 1, matched from the last one",
            )
        })?;
        let stack = lead.with_inserted(lead.rank(), n)?.with_inserted(lead.rank() + 1, k)?;
        let result = if b.rank() == 1 { stack.without(stack.rank() - 1) } else { stack };
        Ok(Equations { columns, stack, result })
    }

    /// Those of operands that were found to fit.
    #[track_caller]
    fn of(op: &'static str, a: Shape, b: Shape) -> Self {
        match Self::new(a, b) {
            Ok(equations) => equations,
            Err(error) => error.raise(op),
        }
    }

    /// The messages from `A⁻ᵀ g`.
    fn messages<A: Array<T>, T: Real>(&self, at: &Pullback<A>, back: &A, within: impl Fn(A) -> A) -> Messages<A> {
        let y = shaped(at.output(), self.stack);
        at.each(|i| match i {
            0 => within(-back.matmul(&y.transpose())).sum_to(at.input_shape(0)),
            _ => shaped(&back.sum_to(self.columns), at.input_shape(1)),
        })
    }

    /// `ḃ − Ȧ y` as columns.
    fn moved<A: Array<T>, T: Real>(&self, at: &Pushforward<A>, within: impl Fn(&A) -> A) -> A {
        let y = shaped(at.output(), self.stack);
        let moved = at.sum(|i, t| if i == 0 { -within(t).matmul(&y) } else { shaped(t, self.columns) });
        moved.broadcast_to(self.stack)
    }
}

fn shaped<A: Array<T>, T: Real>(x: &A, shape: Shape) -> A {
    if x.shape() == shape { x.clone() } else { x.reshape(shape) }
}

impl<T: Real> Op<T> for Solve {
    fn name(&self) -> &'static str {
        "solve"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(Equations::new(inputs[0], inputs[1])?.result)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        self.record(x, shape).0
    }
    fn record(&self, x: &[&Tensor<T>], shape: Shape) -> (Tensor<T>, Few<Tensor<T>>) {
        let equations = Equations::of("solve", x[0].shape(), x[1].shape());
        let factors = kernel::factor(x[0]);
        let y = factors.solve(&x[1].reshaped(equations.columns), equations.stack, false).reshaped(shape);
        (y, [factors.lu, factors.order].into_iter().collect())
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let (a, g) = (at.input(0), at.cotangent());
        let equations = Equations::of("solve", a.shape(), at.input(1).shape());
        let back = a.transpose().solve(&shaped(g, equations.stack));
        equations.messages(at, &back, |message| message)
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let (Some(lu), Some(order)) = (at.kept(0), at.kept(1)) else { return self.vjp(at) };
        let factors = kernel::Factors { lu: lu.clone(), order: order.clone() };
        let equations = Equations::of("solve", at.input(0).shape(), at.input(1).shape());
        let back = factors.solve(&at.cotangent().reshaped(equations.stack), equations.stack, true);
        equations.messages(at, &back, |message| message)
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let equations = Equations::of("solve", at.input(0).shape(), at.input(1).shape());
        let moved = equations.moved(at, A::clone);
        shaped(&at.input(0).solve(&moved), equations.result)
    }
}

impl SolveTriangular {
    /// A matrix with zeros on the side that is not read.
    fn within<A: Array<T>, T: Real>(&self, x: &A) -> A {
        let n = x.shape()[x.shape().rank() - 1];
        let inside = |row: usize, column: usize| match self.triangle {
            Triangle::Lower => column <= row,
            Triangle::Upper => column >= row,
        };
        let mask = Tensor::from_fn([n, n], |i| if inside(i / n, i % n) { T::ONE } else { T::ZERO });
        x.clone() * x.constant(&mask)
    }

    fn transposed(&self) -> Self {
        let triangle = match self.triangle {
            Triangle::Lower => Triangle::Upper,
            Triangle::Upper => Triangle::Lower,
        };
        SolveTriangular { triangle }
    }
}

impl<T: Real> Op<T> for SolveTriangular {
    fn name(&self) -> &'static str {
        "solve_triangular"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(Equations::new(inputs[0], inputs[1])?.result)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        let equations = Equations::of("solve_triangular", x[0].shape(), x[1].shape());
        let right = x[1].reshaped(equations.columns).broadcasted(equations.stack);
        kernel::solve_triangular(x[0], right, self.triangle == Triangle::Lower).reshaped(shape)
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let a = at.input(0);
        let equations = Equations::of("solve_triangular", a.shape(), at.input(1).shape());
        let back = A::apply(self.transposed(), &[&a.transpose(), &shaped(at.cotangent(), equations.stack)]);
        equations.messages(at, &back, |message| self.within(&message))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let equations = Equations::of("solve_triangular", at.input(0).shape(), at.input(1).shape());
        let moved = equations.moved(at, |t| self.within(t));
        shaped(&A::apply(self.clone(), &[at.input(0), &moved]), equations.result)
    }
    fn constants(&self) -> Vec<(&'static str, String)> {
        let triangle = if self.triangle == Triangle::Lower { "lower" } else { "upper" };
        vec![("triangle", triangle.to_string())]
    }
}

impl<T: Real> Op<T> for Inverse {
    fn name(&self) -> &'static str {
        "inv"
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        square(inputs[0])?;
        Ok(inputs[0])
    }
    fn forward(&self, x: &[&Tensor<T>], _: Shape) -> Tensor<T> {
        kernel::factor(x[0]).inverse()
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let turned = at.output().transpose();
        at.each(|_| -turned.matmul(&at.cotangent().matmul(&turned)))
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        at.sum(|_, t| -at.output().matmul(&t.matmul(at.output())))
    }
    fn saves(&self) -> Saves {
        Saves::OUTPUT
    }
}
