//! The log density of a mixture of Gaussians as a program of tensors, in the form that ADBench gave it.

use autograd::prelude::*;

/// `k` Gaussians of `d` dimensions. That they are free numbers, whatever they are, is the point of this form: weights
/// are a softmax, and the covariance of each component is `(QᵀQ)⁻¹` for a triangle `Q` whose diagonal is exponential.
#[derive(Clone, Debug)]
pub struct Mixture<A> {
    /// The logarithms of the weights, up to a constant. Shape `[k]`.
    pub logits: A,
    /// Shape `[k, d]`.
    pub means: A,
    /// Of each component the logarithm of the diagonal of `Q`, then what is below the diagonal, column by column. Shape
    /// `[k, d (d + 1)/2]`.
    pub factors: A,
}

impl<A: Array<f64>> Mixture<A> {
    /// `ln p(x)` at each point: `ln Σ w exp(Σ ln diag Q − |Q (x − μ)|²/2) − d/2 ln 2π`, summed over the components.
    /// Shapes: `[n, d]` → `[n]`.
    pub fn log_density(&self, points: &Tensor<f64>) -> A {
        let d = self.means.shape()[1];
        let from_mean = self.means.constant(points) - self.means.unsqueeze(1);
        let whitened = from_mean.matmul(&self.triangles().transpose());
        let volume = self.logits.clone() + self.factors.slice(1, ..d as isize).sum_axes(1);
        let terms = volume.unsqueeze(1) - whitened.square().sum_axes(2) * 0.5;
        let normal = 0.5 * d as f64 * (2.0 * std::f64::consts::PI).ln();
        terms.logsumexp(0) - self.logits.logsumexp(0) - normal
    }

    /// `γ²/2 |Q|² − m Σ ln diag Q` over all components, in the squared Frobenius norm: minus the logarithm of a Wishart
    /// prior, but for a constant. Without one a component that shrinks onto a single point is infinitely likely.
    pub fn penalty(&self, gamma: f64, m: f64) -> A {
        let logarithms = self.factors.slice(1, ..self.means.shape()[1] as isize);
        self.triangles().square().sum() * (0.5 * gamma * gamma) - logarithms.sum() * m
    }

    /// `Q` of each component. Shape `[k, d, d]`.
    pub fn triangles(&self) -> A {
        let (k, d) = (self.means.shape()[0], self.means.shape()[1]);
        let diagonal = self.factors.slice(1, ..d as isize).exp();
        let below = self.factors.slice(1, d as isize..);
        let zero = self.factors.constant(&Tensor::zeros([k, 1]));
        let zero_at = d * (d + 1) / 2;
        // Where each entry of the square comes from.
        let entry = |row: usize, column: usize| match column {
            _ if row == column => row,
            _ if row > column => d + column * (2 * d - column - 1) / 2 + (row - column - 1),
            _ => zero_at,
        };
        let from: Vec<usize> = (0..d * d).map(|i| entry(i / d, i % d)).collect();
        A::concat(&[&diagonal, &below, &zero], 1).index_select(1, from).reshape(Shape::from([k, d, d]))
    }
}
