//! Distances between the rows of two matrices.

use super::{Messages, Op, Pullback, Pushforward, Saves};
use crate::algebra::Real;
use crate::kernels::distance as kernel;
use crate::{Array, Error, Reductions, Shape, Tensor};
use std::ops::RangeInclusive;

/// `y[…, i, j] = |aᵢ − bⱼ|`: the Euclidean distance between each row of `a` and each of `b`. Pull-back with
/// `w = g / y`: `aᵢ ← Σⱼ wᵢⱼ (aᵢ − bⱼ)`, `bⱼ ← Σᵢ wᵢⱼ (bⱼ − aᵢ)`; equal rows contribute 0, the shortest of the
/// subgradients.
///
/// Shapes: `[…, m, d]`, `[…, n, d]` → `[…, m, n]`; leading axes broadcast. The differences of all pairs are not kept.
///
/// ```
/// use autograd::prelude::*;
/// let a = Tensor::from([[0.0_f32, 0.0]]);
/// let b = Tensor::from([[3.0, 4.0], [0.0, 0.0]]);
/// assert_eq!(a.cdist(&b).to_vec(), [5.0, 0.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Distances;

/// The shapes of both inputs with leading axes stretched, and that of the result.
struct Stacks {
    a: Shape,
    b: Shape,
    y: Shape,
}

impl Distances {
    fn stacks(a: Shape, b: Shape) -> Result<Stacks, Error> {
        if a.rank() < 2 || b.rank() < 2 {
            return Err(Error::shape(
                format!("shapes {a} and {b} are not both those of rows"),
                "give matrices, a row a point; make one point a matrix with `.unsqueeze(0)`",
            ));
        }
        let (last_a, last_b) = (a.rank() - 1, b.rank() - 1);
        if a[last_a] != b[last_b] {
            return Err(Error::shape(
                format!("rows of {} and of {} numbers have no distance", a[last_a], b[last_b]),
                "the last axes must agree: a row a point",
            ));
        }
        let (lead_a, lead_b) = (Shape::of(&a[..last_a - 1]), Shape::of(&b[..last_b - 1]));
        let lead = lead_a.broadcast(&lead_b).ok_or_else(|| {
            Error::shape(
                format!("the leading axes {lead_a} and {lead_b} of shapes {a} and {b} do not broadcast"),
                "leading axes must be equal or 1, matched from the last one",
            )
        })?;
        let stack = |rows: usize, columns: usize| {
            let rank = lead.rank();
            lead.with_inserted(rank, rows)?.with_inserted(rank + 1, columns)
        };
        let (m, n, d) = (a[last_a - 1], b[last_b - 1], a[last_a]);
        Ok(Stacks { a: stack(m, d)?, b: stack(n, d)?, y: stack(m, n)? })
    }

    /// The differences of all pairs, `[…, m, n, d]`.
    fn apart<A: Array<T>, T: Real>(a: &A, b: &A) -> A {
        a.unsqueeze(-2) - b.unsqueeze(-3)
    }

    /// `v / y`, and 0 where `y` is 0.
    fn weights<A: Array<T>, T: Real>(v: &A, y: &A) -> A {
        let number = |value: T| y.constant(&Tensor::scalar(value));
        let equal = || y.equal(&number(T::ZERO));
        equal().choose(&number(T::ZERO), &(v.clone() / equal().choose(&number(T::ONE), y)))
    }
}

impl<T: Real> Op<T> for Distances {
    fn name(&self) -> &'static str {
        "cdist"
    }
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }
    fn infer(&self, inputs: &[Shape]) -> Result<Shape, Error> {
        Ok(Self::stacks(inputs[0], inputs[1])?.y)
    }
    fn forward(&self, x: &[&Tensor<T>], shape: Shape) -> Tensor<T> {
        match Self::stacks(x[0].shape(), x[1].shape()) {
            Ok(stacks) => kernel::distances(&x[0].broadcasted(stacks.a), &x[1].broadcasted(stacks.b), shape),
            Err(error) => error.raise("cdist"),
        }
    }
    fn vjp<A: Array<T>>(&self, at: &Pullback<A>) -> Messages<A> {
        let weights = Self::weights(at.cotangent(), at.output()).unsqueeze(-1);
        let pulls = Self::apart(at.input(0), at.input(1)) * weights;
        at.each(|i| {
            let message = if i == 0 { pulls.sum_axes(-2) } else { -pulls.sum_axes(-3) };
            message.sum_to(at.input_shape(i))
        })
    }
    fn vjp_fused(&self, at: &Pullback<Tensor<T>>) -> Messages<Tensor<T>> {
        let (a, b) = (at.input(0), at.input(1));
        let stacks = match Self::stacks(a.shape(), b.shape()) {
            Ok(stacks) => stacks,
            Err(error) => error.raise("cdist"),
        };
        let (a, b) = (a.broadcasted(stacks.a), b.broadcasted(stacks.b));
        let weights = Self::weights(at.cotangent(), at.output());
        at.each(|i| {
            let message =
                if i == 0 { kernel::pull(&weights, &a, &b) } else { kernel::pull(&weights.transposed(), &b, &a) };
            message.sum_to(at.input_shape(i))
        })
    }
    fn jvp<A: Array<T>>(&self, at: &Pushforward<A>) -> A {
        let (a, b) = (at.input(0), at.input(1));
        let apart = Self::apart(a, b);
        let moved = at.sum(|i, t| {
            let sideways = if i == 0 { t.unsqueeze(-2) } else { -t.unsqueeze(-3) };
            (apart.clone() * sideways).sum_axes(-1)
        });
        Self::weights(&moved, at.output())
    }
    fn saves(&self) -> Saves {
        Saves::ALL
    }
    fn decisions(&self, _: &[&Tensor<T>], y: &Tensor<T>) -> Vec<u64> {
        y.to_vec().iter().map(|y| 1 + u64::from(*y == T::ZERO)).collect()
    }
}
