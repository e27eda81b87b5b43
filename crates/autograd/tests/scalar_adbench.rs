//! Three of ADBench's problems on the scalar engine, against gradients that were computed with 160 bits.
//!
//! The formulas are those of the benchmark, with its prior and its layout of parameters.

use autograd::algebra::Algebra;
use autograd::scalar;
use serde_json::Value;
use std::f64::consts::PI;

fn words(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

fn reference(text: &str) -> Value {
    serde_json::from_str(text).expect("the reference is JSON")
}

/// ADBench's measure: |a − b| / max(1, |a| + |b|).
#[track_caller]
fn agree(got: &[f64], want: &Value) {
    let want = want.as_array().map_or_else(|| std::slice::from_ref(want), Vec::as_slice);
    assert_eq!(got.len(), want.len());
    for (i, (&got, want)) in got.iter().zip(want).enumerate() {
        let want = want.as_f64().expect("a number");
        let error = (got - want).abs() / (got.abs() + want.abs()).max(1.0);
        assert!(error <= 1e-12, "{i}: got {got}, want {want}, error {error:e}");
    }
}

fn sum<A: Algebra>(terms: impl Iterator<Item = A>) -> A {
    terms.reduce(|sum, term| sum + term).expect("at least one term")
}

fn log_sum_exp<A: Algebra>(x: &[A]) -> A {
    let largest = x.iter().skip(1).fold(x[0], |largest, &x| x.if_greater(largest, x, largest));
    sum(x.iter().map(|&x| (x - largest).exp())).ln() + largest
}

/// ln Γ(n/2) for whole n, by Γ(½) = √π, Γ(1) = 1 and Γ(z + 1) = z Γ(z).
fn ln_gamma_of_half(n: usize) -> f64 {
    let start = if n % 2 == 1 { 0.5 * PI.ln() } else { 0.0 };
    (if n % 2 == 1 { 1 } else { 2 }..n).step_by(2).map(|k| (0.5 * k as f64).ln()).fold(start, |sum, ln| sum + ln)
}

struct Mixture {
    d: usize,
    k: usize,
    data: Vec<f64>,
    gamma: f64,
    m: usize,
}

impl Mixture {
    fn read(text: &str) -> (Self, Vec<f64>) {
        let words = words(text);
        let (d, k, n) = (words[0] as usize, words[1] as usize, words[2] as usize);
        let parameters = k + k * d + k * d * (d + 1) / 2;
        let (point, rest) = words[3..].split_at(parameters);
        let (data, wishart) = rest.split_at(n * d);
        (Mixture { d, k, data: data.to_vec(), gamma: wishart[0], m: wishart[1] as usize }, point.to_vec())
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        let (d, k, n) = (self.d, self.k, self.data.len() / self.d);
        let (alpha, rest) = x.split_at(k);
        let (mu, icf) = rest.split_at(k * d);
        let component = |c: usize| icf[c * d * (d + 1) / 2..(c + 1) * d * (d + 1) / 2].split_at(d);
        let likelihood = sum(self.data.chunks(d).map(|point| {
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
        let freedom = d + self.m + 1;
        let multivariate =
            (d * (d - 1)) as f64 / 4.0 * PI.ln() + (1..=d).map(|j| ln_gamma_of_half(freedom + 1 - j)).sum::<f64>();
        let constant = (freedom * d) as f64 * (self.gamma.ln() - 0.5 * 2.0_f64.ln()) - multivariate;
        let prior = sum((0..k).map(|c| {
            let (q, l) = component(c);
            let square = sum(q.iter().map(|q| q.exp().square()).chain(l.iter().map(|l| l.square())));
            square * (0.5 * self.gamma * self.gamma) - sum(q.iter().copied()) * self.m as f64
        }));
        likelihood - log_sum_exp(alpha) * n as f64 + prior
            - ((n * d) as f64 * 0.5 * (2.0 * PI).ln() + k as f64 * constant)
    }
}

#[test]
fn mixture_of_gaussians() {
    for (data, want) in [
        (include_str!("data/adbench/gmm_test.txt"), include_str!("data/adbench/gmm_test.json")),
        (include_str!("data/adbench/gmm_d2_K5.txt"), include_str!("data/adbench/gmm_d2_K5.json")),
    ] {
        let (mixture, point) = Mixture::read(data);
        let (value, slope) = scalar::gradient(|x| mixture.value(x), &point);
        let want = reference(want);
        agree(&[value], &want["objective"]);
        agree(&slope, &want["gradient"]);
    }
}

/// The two residuals of camera (11), point (3), weight.
fn residual<A: Algebra>(x: &[A], feature: &[f64]) -> [A; 2] {
    let (r, centre) = (&x[..3], &x[3..6]);
    let (f, u0, v0, k1, k2) = (x[6], x[7], x[8], x[9], x[10]);
    let p: [A; 3] = std::array::from_fn(|i| x[11 + i] - centre[i]);
    let theta = (r[0].square() + r[1].square() + r[2].square()).sqrt();
    let u: [A; 3] = std::array::from_fn(|i| r[i] / theta);
    let along = (u[0] * p[0] + u[1] * p[1] + u[2] * p[2]) * theta.cos().rsub(1.0);
    let y: [A; 3] = std::array::from_fn(|i| {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        p[i] * theta.cos() + (u[j] * p[k] - u[k] * p[j]) * theta.sin() + u[i] * along
    });
    let (s, t) = (y[0] / y[2], y[1] / y[2]);
    let rho = s.square() + t.square();
    let distortion = k1 * rho + k2 * rho.square() + 1.0;
    [x[14] * (s * distortion * f + u0 - feature[0]), x[14] * (t * distortion * f + v0 - feature[1])]
}

#[test]
fn bundle_adjustment() {
    let words = words(include_str!("data/adbench/ba_test.txt"));
    let (x, feature) = words[3..].split_at(15);
    let (values, [first, second]) = scalar::jacobian(|x| residual(x, feature), x);
    let want = reference(include_str!("data/adbench/ba_test.json"));
    agree(&values, &want["residual"]);
    agree(&first, &want["jacobian_2x15"][0]);
    agree(&second, &want["jacobian_2x15"][1]);
}

/// `x`: main parameters [layer][weights, biases][forget, in, out, change][b], then extra [in, out, bias][b].
fn lstm<A: Algebra>(x: &[A], layers: usize, b: usize, state: &[f64], sequence: &[f64]) -> A {
    let (main, extra) = x.split_at(8 * layers * b);
    let mut state: Vec<A> = state.iter().map(|&s| A::constant(s)).collect();
    let steps: Vec<&[f64]> = sequence.chunks(b).collect();
    let mut total = A::constant(0.0);
    for pair in steps.windows(2) {
        let mut input: Vec<A> = (0..b).map(|i| extra[i] * pair[0][i]).collect();
        for (w, state) in main.chunks(8 * b).zip(state.chunks_mut(2 * b)) {
            for i in 0..b {
                let (hidden, cell) = (state[i], state[b + i]);
                let gate = |g: usize, x: A| x * w[g * b + i] + w[(4 + g) * b + i];
                let cell = cell * gate(0, input[i]).sigmoid() + gate(1, hidden).sigmoid() * gate(3, hidden).tanh();
                input[i] = gate(2, input[i]).sigmoid() * cell.tanh();
                (state[i], state[b + i]) = (input[i], cell);
            }
        }
        let y: Vec<A> = (0..b).map(|i| input[i] * extra[b + i] + extra[2 * b + i]).collect();
        let z = (sum(y.iter().map(|y| y.exp())) + 2.0).ln();
        total = total + sum((0..b).map(|i| (y[i] - z) * pair[1][i]));
    }
    -total / ((steps.len() - 1) * b) as f64
}

#[test]
fn long_short_term_memory() {
    let words = words(include_str!("data/adbench/lstm_l2_c1024.txt"));
    let (layers, b) = (words[0] as usize, words[2] as usize);
    let (x, rest) = words[3..].split_at((8 * layers + 3) * b);
    let (state, sequence) = rest.split_at(2 * layers * b);
    let (value, slope) = scalar::gradient(|x| lstm(x, layers, b, state, sequence), x);
    let want = reference(include_str!("data/adbench/lstm_l2_c1024.json"));
    agree(&[value], &want["objective"]);
    agree(&slope, &want["gradient"]);
}
