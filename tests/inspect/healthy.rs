//! What healthy programs look like: nothing is to be said of any of them.

use autograd::inspect::Snapshot;
use nn::data;
use nn::init::Init;
use nn::prelude::*;

fn silent(what: &str, loss: &Var) {
    let found = Snapshot::of_backward(loss).diagnose();
    assert!(found.findings.is_empty(), "{what}: {found}");
}

#[derive(Module)]
struct Classifier {
    hidden: Linear,
    output: Linear,
}

impl Classifier {
    fn new(inputs: usize, hidden: usize, classes: usize, generator: &mut ChaCha8Rng) -> Self {
        Classifier {
            hidden: Linear::with_init(inputs, hidden, Init::KaimingUniform, generator),
            output: Linear::with_init(hidden, classes, Init::GlorotUniform, generator),
        }
    }
}

impl Layer for Classifier {
    fn forward<A: Array>(&self, x: A) -> A {
        self.output.forward(self.hidden.forward(x).relu())
    }
}

/// The network of the `digits` example, at its start and on its way.
#[test]
fn digits() {
    let (train, _) = data::digits().split_at(1437);
    for (seed, hidden, batch) in [(0, 256, 64), (1, 32, 16), (2, 16, 8), (3, 64, 1437)] {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut net = Classifier::new(train.features(), hidden, train.classes, &mut generator);
        let mut optimizer = Adam::new(3e-3);
        for (step, (x, labels)) in (0..3).flat_map(|epoch| data::batches(&train, batch, seed << 32 | epoch)).enumerate()
        {
            if step % 17 == 0 {
                let tape = Tape::keeping();
                let loss = net.forward(tape.constant(&x)).cross_entropy(&labels);
                silent(&format!("digits, seed {seed}, step {step}"), &loss);
            }
            let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
            optimizer.step(&mut net, &gradients);
        }
    }
}

/// Exclusive or, a row at a time and all four, from start to solution.
#[test]
fn exclusive_or() {
    let table = data::xor();
    for seed in 0..6 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut net = Sequential::<f32>::new()
            .with(Linear::with_init(2, 2, Init::GlorotUniform, &mut generator))
            .with(Relu)
            .with(Linear::with_init(2, 1, Init::GlorotUniform, &mut generator))
            .with(Sigmoid);
        let mut optimizer = Adam::new(0.01);
        for epoch in 0..300 {
            for (x, labels) in data::batches(&table, 1, seed << 32 | epoch) {
                let target = Tensor::from([[labels[0] as f32]]);
                let loss = |tape: &Tape| {
                    let p = net.forward(tape.constant(&x));
                    loss::binary_cross_entropy(&p, &tape.constant(&target), Reduction::Mean)
                };
                if epoch % 60 == 0 {
                    silent(&format!("exclusive or, seed {seed}, epoch {epoch}"), &loss(&Tape::keeping()));
                }
                let (_, gradients) = gradient(|tape| loss(tape));
                optimizer.step(&mut net, &gradients);
            }
        }
    }
}

/// Deep nets as they are started: narrow and wide, rectifiers and `tanh`.
#[test]
fn depth() {
    for seed in 0..6 {
        for (depth, width) in [(3, 16), (8, 64), (20, 128)] {
            let mut generator = ChaCha8Rng::seed_from_u64(seed);
            let mut net = Sequential::<f32>::new()
                .with(Linear::with_init(10, width, Init::KaimingNormal, &mut generator))
                .with(Relu);
            for _ in 0..depth {
                net = net.with(Linear::with_init(width, width, Init::KaimingNormal, &mut generator)).with(Relu);
            }
            let net = net.with(Linear::new(width, 4, &mut generator));
            let x = Tensor::normal([32, 10], 0.0, 1.0, &mut generator);
            let labels: Vec<usize> = (0..32).map(|i| i % 4).collect();
            let tape = Tape::keeping();
            silent(
                &format!("{depth} rectifiers of {width}, seed {seed}"),
                &net.forward(tape.constant(&x)).cross_entropy(&labels),
            );
        }
        // As other libraries start a net of a few layers.
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut net = Sequential::<f32>::new().with(Linear::new(10, 32, &mut generator)).with(Tanh);
        for _ in 0..4 {
            net = net.with(Linear::new(32, 32, &mut generator)).with(Tanh);
        }
        let net = net.with(Linear::new(32, 1, &mut generator));
        let x = Tensor::normal([16, 10], 0.0, 1.0, &mut generator);
        let tape = Tape::keeping();
        silent("five layers of tanh", &net.forward(tape.constant(&x)).square().mean());
    }
}

/// Convolutions with a batch norm, which mixes samples on purpose.
#[test]
fn images() {
    for seed in 0..6 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let kernel = Param::new(Init::KaimingNormal.tensor([8, 1, 3, 3], &mut generator));
        let second = Param::new(Init::KaimingNormal.tensor([12, 8, 3, 3], &mut generator));
        let output = Linear::<f32>::new(12 * 16, 10, &mut generator);
        let images = Tensor::normal([16, 1, 8, 8], 0.0, 1.0, &mut generator);
        let labels: Vec<usize> = (0..16).map(|i| i % 10).collect();
        let tape = Tape::keeping();
        let shape = Convolution::<2>::default();
        let x = tape.constant(&images);
        let x = x.conv2d(&x.param(&kernel), None, shape).batch_norm(None, None, 1e-5).value.relu();
        let x = x.conv2d(&x.param(&second), None, shape).relu();
        let x = Flatten.forward(x);
        silent("images", &output.forward(x).cross_entropy(&labels));
    }
}

/// Attention over tokens that are brought in as numbers, with a causal mask by hand.
#[test]
fn attention() {
    for seed in 0..6 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let (batch, length, width) = (4, 6, 8);
        let layer = |generator: &mut ChaCha8Rng| Linear::<f32>::new(width, width, generator);
        let (q, k, v, o) = (
            layer(&mut generator),
            layer(&mut generator),
            layer(&mut generator),
            Linear::new(width, 5, &mut generator),
        );
        let x = Tensor::normal([batch, length, width], 0.0, 1.0, &mut generator);
        let mask = Tensor::from_fn([length, length], |i| if i % length > i / length { f32::NEG_INFINITY } else { 0.0 });
        let tape = Tape::keeping();
        let x = tape.constant(&x);
        let (q, k, v) = (q.forward(x.clone()), k.forward(x.clone()), v.forward(x.clone()));
        let scores = q.matmul(&k.permute([0, 2, 1])) * (1.0 / (width as f32).sqrt()) + tape.constant(&mask);
        let mixed = scores.softmax(-1).matmul(&v);
        let logits = o.forward(mixed + &x).reshape([(batch * length) as isize, 5]);
        let labels: Vec<usize> = (0..batch * length).map(|i| i % 5).collect();
        silent("attention", &logits.cross_entropy(&labels));
    }
}

/// Softmaxes over the first axis, and differences of columns and rows, that are meant.
#[test]
fn what_looks_like_a_mistake_and_is_none() {
    for seed in 0..6 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let x = Tensor::<f32>::normal([12, 5], 0.0, 1.0, &mut generator);
        let (net, other) = (Linear::<f32>::new(5, 3, &mut generator), Linear::<f32>::new(5, 3, &mut generator));
        let single = Linear::<f32>::new(5, 1, &mut generator);

        // Which of twelve things is the best one: their shares add up to 1 over the things.
        let tape = Tape::keeping();
        let shares = single.forward(tape.constant(&x)).softmax(0);
        silent("ranking", &-(shares.ln() * tape.constant(&Tensor::from_fn([12, 1], |i| f32::from(i == 3)))).sum());

        // A mean of time steps by learnt weights, three means at once.
        let tape = Tape::keeping();
        let weights = net.forward(tape.constant(&x)).softmax(0);
        let pooled = weights.transpose().matmul(&other.forward(tape.constant(&x)));
        silent("attention over time", &(pooled - tape.constant(&Tensor::ones([3, 3]))).square().mean());

        // Every sample compared with every other, both ways round.
        let tape = Tape::keeping();
        let (a, b) = (net.forward(tape.constant(&x)), other.forward(tape.constant(&x)));
        let similar = a.matmul(&b.transpose());
        let labels: Vec<usize> = (0..12).collect();
        let both = similar.log_softmax(-1).nll(&labels, ClassLoss::default())
            + similar.log_softmax(0).transpose().nll(&labels, ClassLoss::default());
        silent("contrast", &both);

        // All pairs of numbers, on purpose.
        let tape = Tape::keeping();
        let y = single.forward(tape.constant(&x)).squeeze(-1);
        let pairs = y.unsqueeze(1) - y.unsqueeze(0);
        silent("pairs", &pairs.square().mean());
        let tape = Tape::keeping();
        let y = single.forward(tape.constant(&x));
        let far = (&y - tape.constant(&Tensor::normal([1, 12], 0.0, 1.0, &mut generator))).square();
        silent("a kernel between two samples", &(far * -0.5).exp().mean());
        let tape = Tape::keeping();
        let y = single.forward(tape.constant(&x));
        silent("an outer product", &(y * tape.constant(&Tensor::ones([12]))).square().mean());

        // Logistic regression that starts at 0, where some classes have no sample in the batch.
        let tape = Tape::keeping();
        let regression = Linear::<f32>::with_init(5, 10, Init::Constant(0.0), &mut generator);
        silent("regression from 0", &regression.forward(tape.constant(&x)).cross_entropy(vec![2; 12]));

        // A last layer that starts at 0 in front of which all is drawn.
        let tape = Tape::keeping();
        let last = Linear::<f32>::with_init(3, 4, Init::Constant(0.0), &mut generator);
        let labels: Vec<usize> = (0..12).map(|i| i % 4).collect();
        silent("a last layer from 0", &last.forward(net.forward(tape.constant(&x)).relu()).cross_entropy(&labels));
    }
}

/// One sample, one unit: too little to tell anything from.
#[test]
fn small_things() {
    for seed in 0..20 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        for (batch, width) in [(1, 1), (1, 3), (2, 2), (4, 1)] {
            let net = Sequential::<f32>::new()
                .with(Linear::new(2, width, &mut generator))
                .with(Relu)
                .with(Linear::new(width, 1, &mut generator));
            let x = Tensor::normal([batch, 2], 0.0, 1.0, &mut generator);
            let tape = Tape::keeping();
            silent(
                &format!("batch {batch}, width {width}, seed {seed}"),
                &net.forward(tape.constant(&x)).square().mean(),
            );
        }
    }
    // A physical model: the classical Runge-Kutta rule through a swing of a pendulum.
    let tape = Tape::<f32>::keeping();
    let stiffness = tape.var([9.81]).named("g/L");
    let change = |angle: &Var, speed: &Var| (speed.clone(), -(angle.sin() * &stiffness));
    let (mut angle, mut speed) = (tape.var([2.0]), tape.var([0.0]));
    for _ in 0..200 {
        let (a, b) = change(&angle, &speed);
        let (c, d) = change(&(&a * 0.005 + &angle), &(&b * 0.005 + &speed));
        (angle, speed) = (c * 0.01 + &angle, d * 0.01 + &speed);
    }
    silent("pendulum", &(angle - 1.0).square().sum());
    // A polynomial by Horner's rule: each coefficient has the gradient of its power.
    let tape = Tape::<f32>::keeping();
    let x = tape.var([0.1]).named("x");
    let sum = (0..12).fold(tape.var([1.0]), |sum, _| sum * &x + 1.0);
    silent("polynomial", &sum.sum());
}
