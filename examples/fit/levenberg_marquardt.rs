//! Least squares after Levenberg and Marquardt, with the Jacobian by the engine's own transform.

use autograd::prelude::*;
use autograd::transform::jacobian;

/// Where a fit ended.
pub struct Fit {
    /// The parameters, shape `[n]`.
    pub parameters: Tensor<f64>,
    /// `Σ r²` there.
    pub sum_of_squares: f64,
    /// How often the Jacobian was taken.
    pub iterations: usize,
    /// Whether the last step was too small to matter.
    pub converged: bool,
    /// Of each parameter by `σ² (JᵀJ)⁻¹`, with `σ² = Σ r²/(m − n)`: what the Gauss–Newton Hessian knows.
    pub standard_errors: Tensor<f64>,
}

/// Makes `Σ r²` small, `r` the residuals `[m]` as a function of the parameters `[n]`, by steps that solve
/// `(JᵀJ + λ D²) δ = −Jᵀr`.
///
/// `D` holds the largest lengths that each column of `J` has had, so that units do not matter (Moré, 1978). A step that
/// does what the linear model promised makes `λ` smaller and Newton's way shorter; one that raises the sum is taken back
/// and makes `λ` larger, by factors that double (Nielsen, 1999).
pub fn fit(residuals: impl Fn(&Var<f64>) -> Var<f64>, start: &Tensor<f64>, most: usize) -> Result<Fit, Error> {
    let value = |b: &Tensor<f64>| residuals(&Tape::new().constant(b)).value().clone();
    let mut b = start.clone();
    let (mut r, mut lengths) = (value(&b), Tensor::zeros(b.shape()));
    let (mut lambda, mut growth, mut converged, mut iterations) = (1e-3, 2.0, false, 0);
    let mut hessian = Tensor::eye(b.elements());
    while !converged && iterations < most {
        iterations += 1;
        let slopes = jacobian(&residuals, &b);
        // In units in which every column has had length 1 at most: then the equations are as well posed as can be.
        lengths = lengths.maximum(&slopes.norm(2.0, 0));
        let scaled = &slopes / &lengths;
        hessian = scaled.transpose().matmul(&scaled);
        let down = -scaled.transpose().matmul(&r);
        loop {
            let damped = &hessian + Tensor::eye(b.elements()) * lambda;
            let step = damped.try_solve(&down)?;
            let moved = &b + &step / &lengths;
            let there = value(&moved);
            // As a sum of products, which rounds less than a difference of sums.
            let gained = ((&r - &there) * (&r + &there)).sum().item();
            let promised = step.dot(&(&down + &step * lambda)).item();
            converged = step.norm(2.0, 0).item() < 1e-13 * (&moved * &lengths).norm(2.0, 0).item();
            // Where rounding is all that is left to gain, the linear model knows better.
            let rounding = 1e-12 * r.square().sum().item();
            if gained > 0.0 || promised < rounding && gained > -rounding {
                lambda *= (1.0 - (2.0 * gained / promised - 1.0).powi(3)).clamp(1.0 / 3.0, 1.0);
                growth = 2.0;
                (b, r) = (moved, there);
                break;
            }
            if converged || lambda > 1e30 {
                converged = true;
                break;
            }
            lambda *= growth;
            growth *= 2.0;
        }
    }
    let sum_of_squares = r.square().sum().item();
    let freedom = r.elements() as f64 - b.elements() as f64;
    let variances = hessian.try_inv()?.diagonal(0) * (sum_of_squares / freedom);
    Ok(Fit { standard_errors: variances.sqrt() / lengths, parameters: b, sum_of_squares, iterations, converged })
}
