use super::problems::{Mixture, agree, reference};
use super::sum;
use autograd::algebra::Algebra;
use autograd::scalar;
use std::f64::consts::PI;

fn log_sum_exp<A: Algebra>(x: &[A]) -> A {
    let largest = x.iter().skip(1).fold(x[0], |largest, &x| x.if_greater(largest, x, largest));
    sum(x.iter().map(|&x| (x - largest).exp())).ln() + largest
}

fn objective<A: Algebra>(mixture: &Mixture, x: &[A]) -> A {
    let (d, k, n) = (mixture.d, mixture.k, mixture.points.len() / mixture.d);
    let (alpha, rest) = x.split_at(k);
    let (mu, icf) = rest.split_at(k * d);
    let component = |c: usize| icf[c * d * (d + 1) / 2..(c + 1) * d * (d + 1) / 2].split_at(d);
    let likelihood = sum(mixture.points.chunks(d).map(|point| {
        let terms: Vec<A> = (0..k)
            .map(|c| {
                let (q, l) = component(c);
                let centred: Vec<A> = (0..d).map(|j| mu[c * d + j].rsub(point[j])).collect();
                let square = sum((0..d).map(|j| {
                    let below = (0..j).map(|i| l[i * (2 * d - i - 1) / 2 + (j - i - 1)] * centred[i]);
                    below.fold(q[j].exp() * centred[j], |row, term| row + term).square()
                }));
                alpha[c] + sum(q.iter().copied()) - square * 0.5
            })
            .collect();
        log_sum_exp(&terms)
    }));
    let prior = sum((0..k).map(|c| {
        let (q, l) = component(c);
        let square = sum(q.iter().map(|q| q.exp().square()).chain(l.iter().map(|l| l.square())));
        square * (0.5 * mixture.gamma.powi(2)) - sum(q.iter().copied()) * mixture.m as f64
    }));
    likelihood - log_sum_exp(alpha) * n as f64 + prior
        - ((n * d) as f64 * 0.5 * (2.0 * PI).ln() + mixture.prior_constant())
}

#[test]
fn mixture_of_gaussians() {
    for name in ["gmm_test", "gmm_d2_K5", "gmm_d10_K25"] {
        let (mixture, want) = (Mixture::read(name), reference(name));
        let (value, slope) = scalar::gradient(|x| objective(&mixture, x), &mixture.parameters);
        agree(&[value], &want["objective"]);
        agree(&slope, &want["gradient"]);
    }
}
