//! The names of the products.

use super::Interpretation;
use crate::algebra::{Formula, Real};
use crate::ops::{broadcast_all, distance, einsum, matmul, then::Then};
use crate::{Error, Reductions, Shape, Shaping};

/// Products of vectors, matrices and stacks of them, and the distances and angles between them.
pub trait Products: Interpretation {
    /// The matrix product. Rule: [`MatMul`](matmul::MatMul).
    #[track_caller]
    fn matmul(&self, other: &Self) -> Self {
        Self::apply(matmul::MatMul, &[self, other])
    }

    /// The matrix product, or an error if the shapes do not fit.
    ///
    /// # Errors
    /// [`Error::Shape`].
    #[track_caller]
    fn try_matmul(&self, other: &Self) -> Result<Self, Error> {
        Self::try_apply(matmul::MatMul, &[self, other])
    }

    /// `x Wᵀ + b` over the last axis. Rule: [`Linear`](matmul::Linear).
    #[track_caller]
    fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        match bias {
            Some(bias) => Self::apply(matmul::Linear, &[self, weight, bias]),
            None => Self::apply(matmul::Linear, &[self, weight]),
        }
    }

    /// `f(x Wᵀ + b)`: a linear map and its activation as one operation. Rule: [`Then`].
    ///
    /// ```
    /// use autograd::algebra::formulas::Relu;
    /// use autograd::prelude::*;
    /// let (x, w) = (Tensor::from([[1.0_f32, 2.0]]), Tensor::from([[1.0, 1.0], [-1.0, 0.0]]));
    /// assert_eq!(x.linear_then(&w, Some(&Tensor::from([0.5, 0.0])), Relu).to_vec(), [3.5, 0.0]);
    /// ```
    #[track_caller]
    fn linear_then<F: Formula<1>>(&self, weight: &Self, bias: Option<&Self>, formula: F) -> Self {
        match bias {
            Some(bias) => Self::apply(Then(matmul::Linear, formula), &[self, weight, bias]),
            None => Self::apply(Then(matmul::Linear, formula), &[self, weight]),
        }
    }

    /// The products of all operands, summed over the indices that the output lacks: the equation names the axes of
    /// each operand, `"ij,jk->ik"`. An index that occurs twice in one operand takes the diagonal; without `->` the
    /// output has the indices that occur once, in the order of the alphabet; `...` stands for axes that keep their
    /// places; an extent of 1 stretches.
    ///
    /// Made of other operations: two operands at a time, those with the fewest multiplications first, by
    /// [`matmul`](Products::matmul) where an index is summed. Each operand gets the pull-back of those.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let a = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let b = Tensor::from([10.0, 100.0]);
    /// assert_eq!(Tensor::einsum("ij,j->i", &[&a, &b]).to_vec(), [210.0, 430.0]);
    /// assert_eq!(Tensor::einsum("ii->", &[&a]).item(), 5.0);
    /// assert_eq!(Tensor::einsum("ij->ji", &[&a]), a.transpose());
    /// ```
    ///
    /// # Panics
    /// Where [`try_einsum`](Products::try_einsum) returns an error.
    #[track_caller]
    fn einsum(equation: &str, operands: &[&Self]) -> Self {
        match Self::try_einsum(equation, operands) {
            Ok(value) => value,
            Err(error) => error.raise("einsum"),
        }
    }

    /// The products that an equation names, or an error if it is malformed or the operands do not fit it.
    ///
    /// # Errors
    /// [`Error::Value`] for the equation, [`Error::Shape`] for the operands.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let a = Tensor::<f32>::ones([2, 3]);
    /// let error = Tensor::try_einsum("ij,jk->ik", &[&a, &a]).unwrap_err();
    /// assert!(error.to_string().contains("the index `j` of `ij,jk->ik` has extent 3 in one place and 2 in another"));
    /// ```
    #[track_caller]
    fn try_einsum(equation: &str, operands: &[&Self]) -> Result<Self, Error> {
        match einsum::einsum(equation, operands) {
            Ok(value) => Ok(value),
            Err(error) => Err(error.during("einsum", operands.iter().map(|x| x.operand()))),
        }
    }

    /// `Σᵢ aᵢ bᵢ` of two vectors. Shapes: `[n]`, `[n]` → `[]`. Rule: [`MatMul`](matmul::MatMul).
    ///
    /// ```
    /// use autograd::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 2.0]).dot(&Tensor::from([3.0, 4.0])).item(), 11.0);
    /// ```
    ///
    /// # Panics
    /// If they are not vectors of one length.
    #[track_caller]
    fn dot(&self, other: &Self) -> Self {
        expect(vectors(self.shape(), other.shape()), "dot", &[self, other]);
        self.matmul(other)
    }

    /// `y[i, j] = aᵢ bⱼ` of two vectors. Shapes: `[m]`, `[n]` → `[m, n]`. Pull-back: `a ← g b`, `b ← gᵀ a`.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let y = Tensor::from([1.0_f32, 2.0]).outer(&Tensor::from([3.0, 4.0]));
    /// assert_eq!(y, Tensor::from([[3.0, 4.0], [6.0, 8.0]]));
    /// ```
    ///
    /// # Panics
    /// If they are not vectors.
    #[track_caller]
    fn outer(&self, other: &Self) -> Self {
        expect(vectors(self.shape(), other.shape()), "outer", &[self, other]);
        self.unsqueeze(1) * other.unsqueeze(0)
    }

    /// The Kronecker product: each element of `a` times all of `b`, in blocks. Shapes: `[m, n]`, `[k, l]` →
    /// `[m k, n l]`, and so in up to four axes; the one with fewer gets axes of extent 1 in front. Pull-back: each
    /// element's block of `g`, times the other.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let y = Tensor::from([[1.0_f32, 2.0]]).kron(&Tensor::from([[1.0], [10.0]]));
    /// assert_eq!(y, Tensor::from([[1.0, 2.0], [10.0, 20.0]]));
    /// ```
    ///
    /// # Panics
    /// If one has more than four axes.
    #[track_caller]
    fn kron(&self, other: &Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        let rank = a.rank().max(b.rank());
        let fits =
            if rank <= 4 { Ok(()) } else { Err(Error::shape("more than four axes", "merge some with `reshape`")) };
        expect(fits, "kron", &[self, other]);
        let extent = |shape: &Shape, axis: usize| (axis + shape.rank()).checked_sub(rank).map_or(1, |axis| shape[axis]);
        // Every axis of the result is one of `a` outside and one of `b` inside.
        let (mut outside, mut inside, mut merged) = ([1; 8], [1; 8], [1; 4]);
        for axis in 0..rank {
            (outside[2 * axis], inside[2 * axis + 1]) = (extent(&a, axis), extent(&b, axis));
            merged[axis] = extent(&a, axis) * extent(&b, axis);
        }
        let blocks = self.reshape(Shape::of(&outside[..2 * rank])) * other.reshape(Shape::of(&inside[..2 * rank]));
        blocks.reshape(Shape::of(&merged[..rank]))
    }

    /// `y[…, o] = Σᵢⱼ a[…, i] W[o, i, j] b[…, j] + c[o]`, by two matrix products. Shapes: `a` `[…, m]`, `b` `[…, n]`,
    /// `W` `[out, m, n]`, `c` `[out]` → `[…, out]`; leading axes broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (a, b) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([3.0, 4.0]));
    /// let w = Tensor::from([[[1.0, 0.0], [0.0, 1.0]]]);
    /// assert_eq!(a.bilinear(&b, &w, Some(&Tensor::from([0.5]))).to_vec(), [11.5]);
    /// ```
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    fn bilinear(&self, other: &Self, weight: &Self, bias: Option<&Self>) -> Self {
        let w = weight.shape();
        let operands = [self, other, weight, bias.unwrap_or(weight)];
        let given = &operands[..3 + usize::from(bias.is_some())];
        expect(bilinear(self.shape(), other.shape(), w, bias.map(|bias| bias.shape())), "bilinear", given);
        let (outputs, m, n) = (w[0], w[1], w[2]);
        let columns = weight.permute([1, 0, 2]).reshape(Shape::of(&[m, outputs * n]));
        let lead = self.shape();
        let mut extents = lead[..lead.rank() - 1].to_vec();
        extents.extend([outputs, n]);
        let halfway = self.matmul(&columns).reshape(Shape::of(&extents));
        let y = halfway.matmul(&other.unsqueeze(-1)).squeeze(-1);
        match bias {
            Some(bias) => y + bias,
            None => y,
        }
    }

    /// The Euclidean distances between the rows of this and those of another. Rule:
    /// [`Distances`](distance::Distances).
    #[track_caller]
    fn cdist(&self, other: &Self) -> Self {
        Self::apply(distance::Distances, &[self, other])
    }

    /// The `p`-norm of `a − b + ε` over the last axis, as PyTorch has it: `ε` (there 10⁻⁶) is added to each difference
    /// and keeps equal rows apart; with 0 their gradient is 0. Pull-back: that of [`norm`](crate::Reductions::norm), to
    /// `b` with the other sign. Shapes: `[…, d]` → `[…]`; the operands broadcast.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (a, b) = (Tensor::from([[0.0_f32, 0.0], [1.0, 1.0]]), Tensor::from([3.0, 4.0]));
    /// assert_eq!(a.pairwise_distance(&b, 1.0, 0.0).to_vec(), [7.0, 5.0]);
    /// ```
    #[track_caller]
    fn pairwise_distance(&self, other: &Self, p: f64, epsilon: f64) -> Self {
        expect(broadcast_all(&[self.shape(), other.shape()]), "pairwise_distance", &[self, other]);
        let apart = self.clone() - other;
        if epsilon == 0.0 { apart.norm(p, -1) } else { (apart + Self::Real::from_f64(epsilon)).norm(p, -1) }
    }

    /// The cosine of the angle between vectors along `axis`, `Σ a b / (max(|a|, ε) max(|b|, ε))`; PyTorch's `ε` is 10⁻⁸.
    /// Each is divided by its length first, so that products do not leave the range. Pull-back:
    /// `a ← g (b/|b| − y a/|a|) / |a|`, and so to `b`. Shapes: the operands broadcast, and the axis goes.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (a, b) = (Tensor::from([[1e30_f32, 0.0], [1.0, 1.0]]), Tensor::from([0.0, 2.0]));
    /// let y = a.cosine_similarity(&b, -1, 1e-8).to_vec();
    /// assert!(y[0] == 0.0 && (y[1] - 0.5_f32.sqrt()).abs() < 1e-6);
    /// ```
    #[track_caller]
    fn cosine_similarity(&self, other: &Self, axis: isize, epsilon: f64) -> Self {
        let shape = expect(broadcast_all(&[self.shape(), other.shape()]), "cosine_similarity", &[self, other]);
        let (a, b) = (self.broadcast_to(shape), other.broadcast_to(shape));
        (unit(a, axis, epsilon) * unit(b, axis, epsilon)).sum_axes(axis)
    }
}
impl<A: Interpretation> Products for A {}

/// What is worked out of the operands of something made of other operations; panics if they do not fit.
#[track_caller]
fn expect<A: Interpretation, R>(fits: Result<R, Error>, op: &'static str, operands: &[&A]) -> R {
    match fits {
        Ok(found) => found,
        Err(error) => error.during(op, operands.iter().map(|x| x.operand())).raise(op),
    }
}

/// Vectors along `axis` over their lengths, or over `epsilon` where they are shorter.
#[track_caller]
fn unit<A: Interpretation>(x: A, axis: isize, epsilon: f64) -> A {
    let length = x.norm_keep(2.0, axis).clamp(epsilon, f64::INFINITY);
    x / length
}

fn vectors(a: Shape, b: Shape) -> Result<(), Error> {
    if (a.rank(), b.rank()) == (1, 1) {
        return Ok(());
    }
    Err(Error::shape(format!("shapes {a} and {b} are not those of two vectors"), "flatten with `.reshape([-1])`"))
}

fn bilinear(a: Shape, b: Shape, weight: Shape, bias: Option<Shape>) -> Result<(), Error> {
    let fits = weight.rank() == 3 && a.last() == Some(&weight[1]) && b.last() == Some(&weight[2]);
    if !fits {
        return Err(Error::shape(
            format!("inputs of shapes {a} and {b} do not fit a weight of shape {weight}"),
            "weights are [out, m, n] for inputs whose last axes have the extents m and n",
        ));
    }
    if let Some(bias) = bias.filter(|bias| bias[..] != weight[..1]) {
        return Err(Error::shape(
            format!("a bias of shape {bias} does not fit a weight of shape {weight}"),
            format!("the bias has one number for each output: [{}]", weight[0]),
        ));
    }
    let (lead_a, lead_b) = (Shape::of(&a[..a.rank() - 1]), Shape::of(&b[..b.rank() - 1]));
    match lead_a.broadcast(&lead_b) {
        Some(_) => Ok(()),
        None => Err(Error::shape(
            format!("the leading axes {lead_a} and {lead_b} do not broadcast"),
            "leading axes must be equal or 1, matched from the last one",
        )),
    }
}
