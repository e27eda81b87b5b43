//! Seven problems with a scalar result, written once for every algebra, with generated data.

use autograd::algebra::Algebra;
use std::f64::consts::PI;

/// A function of several numbers, and the point where it is differentiated.
pub trait Problem {
    fn point(&self) -> &[f64];
    fn value<A: Algebra>(&self, x: &[A]) -> A;
}

/// Knuth's 64-bit linear congruential generator; the upper 53 bits are the number.
pub struct Uniform(pub u64);

impl Uniform {
    pub fn next(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        low + (high - low) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }

    pub fn take(&mut self, count: usize, low: f64, high: f64) -> Vec<f64> {
        (0..count).map(|_| self.next(low, high)).collect()
    }
}

fn zero<A: Algebra>() -> A {
    A::constant(0.0)
}

/// The product of all variables: one dependent chain.
pub struct Speelpenning(Vec<f64>);

impl Speelpenning {
    pub fn new(n: usize) -> Self {
        Speelpenning((0..n).map(|i| (1.0 + i as f64) / (2.0 + i as f64)).collect())
    }
}

impl Problem for Speelpenning {
    fn point(&self) -> &[f64] {
        &self.0
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        x[1..].iter().fold(x[0], |product, &x| product * x)
    }
}

/// Rosenbrock's valley in many dimensions.
pub struct Rosenbrock(Vec<f64>);

impl Rosenbrock {
    pub fn new(n: usize) -> Self {
        Rosenbrock(Uniform(7).take(n, -1.5, 1.5))
    }
}

impl Problem for Rosenbrock {
    fn point(&self) -> &[f64] {
        &self.0
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        x.windows(2).fold(zero(), |sum, x| {
            let across = x[1] - x[0].square();
            sum + (across.square() * 100.0 + x[0].rsub(1.0).square())
        })
    }
}

/// The log-likelihood of a mixture of Gaussians with full covariances (ADBench's GMM without the constants that do not
/// depend on the parameters). Parameters: log-weights, means, and for each component the log-diagonal and the lower
/// triangle, column by column, of the inverse covariance's factor.
pub struct Mixture {
    dimension: usize,
    components: usize,
    data: Vec<f64>,
    point: Vec<f64>,
}

impl Mixture {
    pub fn new(dimension: usize, components: usize, samples: usize) -> Self {
        let mut random = Uniform(11);
        let data = random.take(samples * dimension, -2.0, 2.0);
        let mut point = random.take(components, -1.0, 1.0);
        point.extend(random.take(components * dimension, 0.0, 1.0));
        point.extend(random.take(components * dimension * (dimension + 1) / 2, -0.5, 0.5));
        Mixture { dimension, components, data, point }
    }
}

fn log_sum_exp<A: Algebra>(x: &[A]) -> A {
    let largest = x[1..].iter().fold(x[0], |largest, &x| x.if_greater(largest, x, largest));
    x.iter().fold(zero::<A>(), |sum, &x| sum + (x - largest).exp()).ln() + largest
}

impl Problem for Mixture {
    fn point(&self) -> &[f64] {
        &self.point
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        let (d, k) = (self.dimension, self.components);
        let (weights, x) = x.split_at(k);
        let (means, factors) = x.split_at(k * d);
        let factors: Vec<(&[A], &[A])> = factors.chunks(d * (d + 1) / 2).map(|factor| factor.split_at(d)).collect();
        let diagonals: Vec<Vec<A>> = factors.iter().map(|(q, _)| q.iter().map(|q| q.exp()).collect()).collect();
        let log_determinants: Vec<A> = factors.iter().map(|(q, _)| q.iter().fold(zero(), |sum, &q| sum + q)).collect();

        let mut total = zero::<A>();
        let (mut centred, mut terms) = (vec![zero::<A>(); d], vec![zero::<A>(); k]);
        for sample in self.data.chunks(d) {
            for c in 0..k {
                for j in 0..d {
                    centred[j] = means[c * d + j].rsub(sample[j]);
                }
                let below = factors[c].1;
                let mut square = zero::<A>();
                for j in 0..d {
                    let mut row = diagonals[c][j] * centred[j];
                    for i in 0..j {
                        row = row + below[i * (2 * d - i - 1) / 2 + (j - i - 1)] * centred[i];
                    }
                    square = square + row * row;
                }
                terms[c] = weights[c] + log_determinants[c] - square * 0.5;
            }
            total = total + log_sum_exp(&terms);
        }
        let samples = (self.data.len() / d) as f64;
        total = total - log_sum_exp(weights) * samples;
        for c in 0..k {
            let entries = diagonals[c].iter().chain(factors[c].1);
            let square = entries.fold(zero::<A>(), |sum, &entry| sum + entry * entry);
            total = total + square * 0.5;
        }
        total
    }
}

/// Hinge loss of a rectifier network of widths 2, 16, 16, 1 on 100 points of two moons, with an L2 penalty.
/// Parameters: neuron by neuron, weights, then the bias.
pub struct Network {
    data: Vec<([f64; 2], f64)>,
    point: Vec<f64>,
}

impl Network {
    pub fn new() -> Self {
        let mut random = Uniform(3);
        let data = (0..100).map(|i| {
            let angle = PI * (i / 2) as f64 / 49.0;
            let (x, y, label) = match i % 2 {
                1 => (1.0 - angle.cos(), 0.5 - angle.sin(), 1.0),
                _ => (angle.cos(), angle.sin(), -1.0),
            };
            ([x + random.next(-0.15, 0.15), y + random.next(-0.15, 0.15)], label)
        });
        let data = data.collect();
        let mut point = Vec::new();
        for (inputs, outputs) in [(2, 16), (16, 16), (16, 1)] {
            for _ in 0..outputs {
                point.extend(random.take(inputs, -1.0, 1.0));
                point.push(0.01);
            }
        }
        Network { data, point }
    }
}

impl Problem for Network {
    fn point(&self) -> &[f64] {
        &self.point
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        let (first, rest) = x.split_at(16 * 3);
        let (second, last) = rest.split_at(16 * 17);
        let neuron = |weights: &[A], inputs: &[A; 16]| {
            inputs.iter().zip(weights).fold(weights[16], |sum, (&input, &weight)| sum + weight * input)
        };
        let mut loss = zero::<A>();
        for &([x, y], label) in &self.data {
            let a = std::array::from_fn(|i| (first[3 * i + 2] + first[3 * i] * x + first[3 * i + 1] * y).relu());
            let b = std::array::from_fn(|i| neuron(&second[17 * i..17 * i + 17], &a).relu());
            loss = loss + (neuron(last, &b) * label).rsub(1.0).relu();
        }
        let penalty = x.iter().fold(zero::<A>(), |sum, &weight| sum + weight * weight);
        loss * 0.01 + penalty * 1e-4
    }
}

/// A stack of LSTM cells with diagonal weights that predicts the next character of a text (ADBench's LSTM).
pub struct Recurrent {
    layers: usize,
    width: usize,
    state: Vec<f64>,
    text: Vec<f64>,
    point: Vec<f64>,
}

impl Recurrent {
    pub fn new(layers: usize, length: usize, width: usize) -> Self {
        let mut random = Uniform(9);
        let point = random.take((8 * layers + 3) * width, 0.0, 1.0);
        let state = random.take(2 * layers * width, 0.0, 1.0);
        let text = random.take(length * width, 0.0, 1.0);
        let text = text.into_iter().map(|u| if u < 0.5 { 0.0 } else { 1.0 }).collect();
        Recurrent { layers, width, state, text, point }
    }
}

impl Problem for Recurrent {
    fn point(&self) -> &[f64] {
        &self.point
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        let b = self.width;
        let (main, extra) = x.split_at(8 * self.layers * b);
        let mut state: Vec<A> = self.state.iter().map(|&s| A::constant(s)).collect();
        let mut flow = vec![zero::<A>(); b];
        let mut total = zero::<A>();
        let characters: Vec<&[f64]> = self.text.chunks(b).collect();
        for pair in characters.windows(2) {
            for i in 0..b {
                flow[i] = extra[i] * pair[0][i];
            }
            for (w, state) in main.chunks(8 * b).zip(state.chunks_mut(2 * b)) {
                let (hidden, cell) = state.split_at_mut(b);
                for i in 0..b {
                    let gate = |j: usize, x: A| x * w[j * b + i] + w[(4 + j) * b + i];
                    let forget = gate(0, flow[i]).sigmoid();
                    let take = gate(1, hidden[i]).sigmoid();
                    let give = gate(2, flow[i]).sigmoid();
                    let change = gate(3, hidden[i]).tanh();
                    cell[i] = cell[i] * forget + take * change;
                    hidden[i] = give * cell[i].tanh();
                    flow[i] = hidden[i];
                }
            }
            let mut sum = A::constant(2.0);
            for i in 0..b {
                flow[i] = flow[i] * extra[b + i] + extra[2 * b + i];
                sum = sum + flow[i].exp();
            }
            let log = sum.ln();
            for i in 0..b {
                if pair[1][i] != 0.0 {
                    total = total + (flow[i] - log) * pair[1][i];
                }
            }
        }
        total * (-1.0 / ((characters.len() - 1) * b) as f64)
    }
}

/// Bundle adjustment: how far each observed feature is from where its camera sees its point (ADBench's BA).
pub struct Bundle {
    pub cameras: usize,
    pub points: usize,
    pub features: Vec<[f64; 2]>,
    /// Cameras (11 each), points (3 each), weights.
    point: Vec<f64>,
}

/// The two residuals of one observation. A camera is its rotation (angle · axis), centre, focal length, principal
/// point, and two coefficients of radial distortion.
pub fn residual<A: Algebra>(camera: &[A], point: &[A], weight: A, feature: [f64; 2]) -> [A; 2] {
    let p: [A; 3] = std::array::from_fn(|i| point[i] - camera[3 + i]);
    let angle = (camera[0] * camera[0] + camera[1] * camera[1] + camera[2] * camera[2]).sqrt();
    let (cos, sin, inverse) = (angle.cos(), angle.sin(), angle.recip());
    let axis: [A; 3] = std::array::from_fn(|i| camera[i] * inverse);
    let along = (axis[0] * p[0] + axis[1] * p[1] + axis[2] * p[2]) * cos.rsub(1.0);
    let rotated: [A; 3] = std::array::from_fn(|i| {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        p[i] * cos + (axis[j] * p[k] - axis[k] * p[j]) * sin + axis[i] * along
    });
    let (s, t) = (rotated[0] / rotated[2], rotated[1] / rotated[2]);
    let square = s * s + t * t;
    let distortion = camera[9] * square + 1.0 + camera[10] * (square * square);
    [
        weight * (s * distortion * camera[6] + camera[7] - feature[0]),
        weight * (t * distortion * camera[6] + camera[8] - feature[1]),
    ]
}

impl Bundle {
    pub fn new(cameras: usize, points: usize, observations: usize) -> Self {
        let mut random = Uniform(5);
        let ranges = [(-0.15, 0.15), (-0.15, 0.15), (0.05, 0.2), (20.0, 30.0), (20.0, 30.0), (20.0, 30.0)];
        let ranges = ranges.into_iter().chain([(300.0, 400.0), (-5.0, 5.0), (-5.0, 5.0), (0.0, 0.1), (0.0, 0.01)]);
        let mut point = Vec::new();
        for _ in 0..cameras {
            point.extend(ranges.clone().map(|(low, high)| random.next(low, high)));
        }
        point.extend(random.take(3 * points, 0.0, 8.0));
        let mut features = Vec::new();
        for _ in 0..observations {
            point.push(random.next(0.3, 0.9));
            features.push([random.next(-500.0, 500.0), random.next(-500.0, 500.0)]);
        }
        Bundle { cameras, points, features, point }
    }

    /// The camera, point and weight of an observation.
    pub fn observation<'x, A: Copy>(&self, x: &'x [A], i: usize) -> (&'x [A], &'x [A], A) {
        let (cameras, rest) = x.split_at(11 * self.cameras);
        let (points, weights) = rest.split_at(3 * self.points);
        let (camera, point) = (11 * (i % self.cameras), 3 * (i % self.points));
        (&cameras[camera..camera + 11], &points[point..point + 3], weights[i])
    }
}

/// Half the sum of all squared residuals.
impl Problem for Bundle {
    fn point(&self) -> &[f64] {
        &self.point
    }

    fn value<A: Algebra>(&self, x: &[A]) -> A {
        let mut total = zero::<A>();
        for (i, &feature) in self.features.iter().enumerate() {
            let (camera, point, weight) = self.observation(x, i);
            let [u, v] = residual(camera, point, weight, feature);
            total = total + u * u + v * v;
        }
        total * 0.5
    }
}
