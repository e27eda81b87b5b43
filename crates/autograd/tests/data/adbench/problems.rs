//! The benchmark's files, as the tests of both engines read them, and its measure of a difference.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::f64::consts::PI;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A file, plain or gzipped.
fn text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../autograd/tests/data/adbench");
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|_| {
        let mut text = String::new();
        let file = File::open(folder.join(format!("{name}.gz"))).expect("a file of the benchmark");
        GzDecoder::new(file).read_to_string(&mut text).expect("text");
        text
    })
}

fn numbers(name: &str) -> Vec<f64> {
    text(&format!("{name}.txt")).split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

/// The expected values of a problem.
pub fn reference(name: &str) -> Value {
    serde_json::from_str(&text(&format!("{name}.json"))).expect("the reference is JSON")
}

/// By ADBench's measure.
#[track_caller]
pub fn agree(got: &[f64], want: &Value) {
    agree_within(1e-12, got, want);
}

/// ADBench's measure: |a − b| / max(1, |a| + |b|).
#[track_caller]
pub fn agree_within(tolerance: f64, got: &[f64], want: &Value) {
    let want = want.as_array().map_or_else(|| std::slice::from_ref(want), Vec::as_slice);
    assert_eq!(got.len(), want.len());
    for (i, (&got, want)) in got.iter().zip(want).enumerate() {
        let want = want.as_f64().expect("a number");
        let error = (got - want).abs() / (got.abs() + want.abs()).max(1.0);
        assert!(error <= tolerance, "{i}: got {got}, want {want}, error {error:e}");
    }
}

/// Points, and where the parameters of a mixture of Gaussians are.
pub struct Mixture {
    pub d: usize,
    pub k: usize,
    pub points: Vec<f64>,
    pub gamma: f64,
    pub m: usize,
    /// alpha [k], mu [k][d], icf [k][d(d+1)/2].
    pub parameters: Vec<f64>,
}

impl Mixture {
    pub fn read(name: &str) -> Self {
        let numbers = numbers(name);
        let (d, k, n) = (numbers[0] as usize, numbers[1] as usize, numbers[2] as usize);
        let (parameters, rest) = numbers[3..].split_at(k + k * d + k * d * (d + 1) / 2);
        let (points, wishart) = rest.split_at(n * d);
        let (points, parameters) = (points.to_vec(), parameters.to_vec());
        Mixture { d, k, points, gamma: wishart[0], m: wishart[1] as usize, parameters }
    }

    /// What normalises the prior of all components.
    pub fn prior_constant(&self) -> f64 {
        let (d, freedom) = (self.d, self.d + self.m + 1);
        let multivariate =
            (d * (d - 1)) as f64 / 4.0 * PI.ln() + (1..=d).map(|j| ln_gamma_of_half(freedom + 1 - j)).sum::<f64>();
        self.k as f64 * ((freedom * d) as f64 * (self.gamma.ln() - 0.5 * 2.0_f64.ln()) - multivariate)
    }
}

/// ln Γ(n/2) for whole n, by Γ(½) = √π, Γ(1) = 1 and Γ(z + 1) = z Γ(z).
fn ln_gamma_of_half(n: usize) -> f64 {
    let start = if n % 2 == 1 { 0.5 * PI.ln() } else { 0.0 };
    (if n % 2 == 1 { 1 } else { 2 }..n).step_by(2).map(|k| (0.5 * k as f64).ln()).fold(start, |sum, ln| sum + ln)
}

/// Observations of points by cameras: all cameras, points and observations are alike.
pub struct Bundle {
    pub cameras: usize,
    pub points: usize,
    pub observations: usize,
    /// camera [11], point [3], weight.
    pub block: Vec<f64>,
    pub feature: Vec<f64>,
}

impl Bundle {
    pub fn read(name: &str) -> Self {
        let numbers = numbers(name);
        let [cameras, points, observations] = std::array::from_fn(|i| numbers[i] as usize);
        let (block, feature) = numbers[3..].split_at(15);
        Bundle { cameras, points, observations, block: block.to_vec(), feature: feature.to_vec() }
    }
}

/// A sequence, and the parameters of a recurrent network.
pub struct Recurrent {
    pub layers: usize,
    pub b: usize,
    /// main [layer][weights, biases][forget, in, out, change][b], extra [in, out, bias][b].
    pub parameters: Vec<f64>,
    /// [layer][hidden, cell][b].
    pub state: Vec<f64>,
    /// [step][b].
    pub sequence: Vec<f64>,
}

impl Recurrent {
    pub fn read(name: &str) -> Self {
        let numbers = numbers(name);
        let (layers, b) = (numbers[0] as usize, numbers[2] as usize);
        let (parameters, rest) = numbers[3..].split_at((8 * layers + 3) * b);
        let (state, sequence) = rest.split_at(2 * layers * b);
        let [parameters, state, sequence] = [parameters, state, sequence].map(<[f64]>::to_vec);
        Recurrent { layers, b, parameters, state, sequence }
    }
}

/// A 4 × 4 matrix, row by row, whose last row is 0, 0, 0, 1.
pub type Affine = [f64; 16];

pub struct Bone {
    pub parent: Option<usize>,
    /// Where it lies in its parent's frame.
    pub base: Affine,
    /// From the frame of the whole hand at rest to its own.
    pub inverse: Affine,
}

pub struct Vertex {
    pub place: [f64; 3],
    /// The bones that it follows, and how much.
    pub bones: Vec<(usize, f64)>,
}

/// A mesh that bones carry.
pub struct Hand {
    pub bones: Vec<Bone>,
    pub vertices: Vec<Vertex>,
    pub triangles: Vec<[usize; 3]>,
}

impl Hand {
    pub fn read() -> Self {
        let number = |field: &str| field.parse::<f64>().expect("a number");
        let lines = |name: &str, line: &mut dyn FnMut(&[&str])| {
            let text = text(name);
            text.lines().filter(|text| text.contains(':')).for_each(|text| line(&text.split(':').collect::<Vec<_>>()));
        };
        let mut hand = Hand { bones: Vec::new(), vertices: Vec::new(), triangles: Vec::new() };
        lines("hand_model_bones.txt", &mut |fields| {
            let matrix = |first: usize| std::array::from_fn(|i| number(fields[first + i]));
            hand.bones.push(Bone { parent: fields[1].parse().ok(), base: matrix(2), inverse: matrix(18) });
        });
        lines("hand_model_vertices.txt", &mut |fields| {
            let bones = fields[9..].chunks(2).map(|pair| (number(pair[0]) as usize, number(pair[1])));
            let place = std::array::from_fn(|i| number(fields[i]));
            hand.vertices.push(Vertex { place, bones: bones.take(number(fields[8]) as usize).collect() });
        });
        lines("hand_model_triangles.txt", &mut |fields| {
            hand.triangles.push(std::array::from_fn(|i| number(fields[i]) as usize));
        });
        assert_eq!((hand.bones.len(), hand.vertices.len(), hand.triangles.len()), (22, 544, 1084));
        hand
    }
}

/// For each bone, the places in the pose of its angles about x and z, if it has them: each finger bends at three joints
/// and spreads at the first.
pub fn angles(bones: usize) -> Vec<[Option<usize>; 2]> {
    let mut angles = vec![[None; 2]; bones];
    for finger in 0..5 {
        let (bone, first) = (2 + 4 * finger, 6 + 4 * finger);
        angles[bone] = [Some(first), Some(first + 1)];
        angles[bone + 1][0] = Some(first + 2);
        angles[bone + 2][0] = Some(first + 3);
    }
    angles
}

/// The measured points, and what each is measured at: a vertex, or a triangle.
pub struct Measured {
    pub places: Vec<usize>,
    pub points: Vec<f64>,
    /// Two barycentric coordinates of each point, if it may lie anywhere in its triangle.
    pub barycentric: Vec<f64>,
    /// The pose: rotation [3], shift [3], angles [20].
    pub theta: Vec<f64>,
}

impl Measured {
    pub fn read(name: &str) -> Self {
        let numbers = numbers(name);
        let n = numbers[0] as usize;
        let (rows, rest) = numbers[2..].split_at(4 * n);
        let (barycentric, theta) = rest.split_at(rest.len() - 26);
        Measured {
            places: rows.chunks(4).map(|row| row[0] as usize).collect(),
            points: rows.chunks(4).flat_map(|row| &row[1..]).copied().collect(),
            barycentric: barycentric.to_vec(),
            theta: theta.to_vec(),
        }
    }

    /// Checks one row of the Jacobian: slopes by the pose, and by all barycentric coordinates. The file has those of the
    /// row's own point first, and no others: those are zeros.
    #[track_caller]
    pub fn agree(&self, row: usize, theta: &[f64], barycentric: &[f64], want: &Value) {
        let point = row / 3;
        let own = if self.barycentric.is_empty() { 0..0 } else { 2 * point..2 * point + 2 };
        agree(&[&barycentric[own.clone()], theta].concat(), &want["jacobian"][row]);
        assert!(barycentric.iter().enumerate().all(|(i, &slope)| own.contains(&i) || slope == 0.0));
    }
}
