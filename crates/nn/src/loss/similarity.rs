//! What pulls alike together and pushes others apart.

use super::reduce;
use autograd::algebra::Real;
use autograd::{Array, Reduction, elementwise};

elementwise! {
    /// `1 − c` where `t > 0`, else `max(0, c − margin)`, of a cosine `c`. Derivatives by `c`: −1, or 1 above the margin;
    /// by `t`: 0. Shapes broadcast.
    ///
    /// ```
    /// use nn::{loss::CosineEmbedding, prelude::*};
    /// let (cosine, t) = (Tensor::from([0.25_f32, 0.25]), Tensor::from([1.0, -1.0]));
    /// assert_eq!(cosine.zip(&t, CosineEmbedding { margin: 0.0 }).to_vec(), [0.75, 0.25]);
    /// ```
    pub struct CosineEmbedding {
        /// The cosine up to which others are far enough apart.
        margin: f64,
    }
    fn cosine_embedding(self, cosine, t) {
        t.if_greater(A::constant(0.0), -cosine + 1.0, (cosine - self.margin).relu())
    }
    slope inputs {
        let zero = A::constant(0.0);
        [t.if_greater(zero, A::constant(-1.0), (cosine - self.margin).step()), zero]
    }
}

/// One minus the cosine of rows that are alike (`t = 1`), and what the cosine of others (`t = −1`) is above a margin,
/// reduced over rows. Formula and derivative by the cosine: [`CosineEmbedding`]; by the rows that of
/// [`cosine_similarity`](autograd::Products::cosine_similarity). Shapes: rows `[…, d]`, which broadcast; `t` `[…]`.
///
/// ```
/// use nn::prelude::*;
/// let (a, b) = (Tensor::from([[1.0_f32, 0.0], [1.0, 0.0]]), Tensor::from([[2.0, 0.0], [3.0, 0.0]]));
/// let t = Tensor::from([1.0, -1.0]);
/// assert_eq!(loss::cosine_embedding(&a, &b, &t, 0.25, Reduction::None).to_vec(), [0.0, 0.75]);
/// ```
///
/// # Panics
/// If the shapes do not broadcast, or the rows are scalars.
#[track_caller]
pub fn cosine_embedding<A: Array<T>, T: Real>(a: &A, b: &A, alike: &A, margin: f64, reduction: Reduction) -> A {
    reduce(a.cosine_similarity(b, -1, 1e-8).zip(alike, CosineEmbedding { margin }), reduction)
}

/// The options of [`triplet_margin`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripletMargin {
    /// By how much the negative is to be further away than the positive.
    pub margin: f64,
    /// Whether the negative may also be too close to the positive: the lesser of both distances then counts.
    pub swap: bool,
    /// `ε`, which is added to each difference and keeps equal rows apart.
    pub epsilon: f64,
}

impl Default for TripletMargin {
    fn default() -> Self {
        TripletMargin { margin: 1.0, swap: false, epsilon: 1e-6 }
    }
}

/// `max(0, |a − p| − |a − n| + margin)` of an anchor, a positive that is like it and a negative that is not, reduced over
/// rows; with `swap` the lesser of `|a − n|` and `|p − n|` counts. Derivative: where it is positive, that of the
/// [distances](autograd::Products::pairwise_distance). Shapes: rows `[…, d]`, which broadcast. Sources: Schroff,
/// Kalenichenko and Philbin, 2015; Balntas and others, 2016, for `swap`.
///
/// ```
/// use nn::{loss::TripletMargin, prelude::*};
/// let (a, p, n) = (Tensor::from([[0.0_f32, 0.0]]), Tensor::from([[3.0, 4.0]]), Tensor::from([[0.0, 2.0]]));
/// let options = TripletMargin { epsilon: 0.0, ..TripletMargin::default() };
/// assert_eq!(loss::triplet_margin(&a, &p, &n, options, Reduction::Mean).item(), 4.0);
/// ```
///
/// # Panics
/// If the shapes do not broadcast, or are those of scalars.
#[track_caller]
pub fn triplet_margin<A: Array<T>, T: Real>(
    anchor: &A,
    positive: &A,
    negative: &A,
    options: TripletMargin,
    reduction: Reduction,
) -> A {
    let TripletMargin { margin, swap, epsilon } = options;
    let near = anchor.pairwise_distance(positive, 2.0, epsilon);
    let far = anchor.pairwise_distance(negative, 2.0, epsilon);
    let far = if swap { far.minimum(&positive.pairwise_distance(negative, 2.0, epsilon)) } else { far };
    reduce((near - far + T::from_f64(margin)).relu(), reduction)
}
