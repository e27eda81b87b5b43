use super::problems::{self, agree, reference};
use autograd::Tensor;
use autograd::prelude::*;
use autograd::transform::value_and_grad;

#[path = "../../../../examples/mixture/density.rs"]
mod density;

/// The benchmark adds what a prior would have subtracted.
#[test]
fn mixture_of_gaussians() {
    for name in ["gmm_test", "gmm_d2_K5", "gmm_d10_K25", "gmm_d20_K50"] {
        let (data, want) = (problems::Mixture::read(name), reference(name));
        let (d, k) = (data.d, data.k);
        let points = Tensor::from(data.points.clone()).reshape([-1, d as isize]);
        let (alpha, rest) = data.parameters.split_at(k);
        let (mu, icf) = rest.split_at(k * d);
        let at = [(alpha, vec![k]), (mu, vec![k, d]), (icf, vec![k, d * (d + 1) / 2])];
        let at = at.map(|(numbers, shape)| Tensor::from_vec(numbers.to_vec(), &shape[..]));
        let objective = |x: &[Var<f64>; 3]| {
            let [logits, means, factors] = x.clone();
            let mixture = density::Mixture { logits, means, factors };
            let value = mixture.log_density(&points).sum() + mixture.penalty(data.gamma, data.m as f64);
            value - data.prior_constant()
        };
        let (value, slopes) = value_and_grad(objective, &at);
        agree(&[value], &want["objective"]);
        agree(&slopes.map(|slope| slope.to_vec()).concat(), &want["gradient"]);
    }
}
