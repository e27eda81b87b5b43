//! Steps of training: forward, backward, optimizer.

use autograd::algebra::formulas;
use autograd::prelude::*;
use nn::prelude::*;
use rand::Rng;

/// Labels that are spread over so many classes.
fn labels(count: usize, classes: usize) -> Indices {
    (0..count).map(|i| (i * 7 + 3) % classes).collect::<Vec<_>>().into()
}

/// 784-h-h-10, softmax cross-entropy, Adam.
pub fn perceptron(hidden: usize, batch: usize) -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f32>::new()
        .with(Linear::new(784, hidden, &mut generator).then(formulas::Relu))
        .with(Linear::new(hidden, hidden, &mut generator).then(formulas::Relu))
        .with(Linear::new(hidden, 10, &mut generator));
    let x = Tensor::uniform([batch, 784], 0.0, 1.0, &mut generator);
    let labels = labels(batch, 10);
    let mut optimizer = Adam::new(1e-3);
    move || {
        let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        optimizer.step(&mut net, &gradients);
    }
}

/// 2-2-1, one row, binary cross-entropy on probabilities, Adam.
pub fn exclusive_or() -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f32>::new()
        .with(Linear::new(2, 2, &mut generator).then(formulas::Relu))
        .with(Linear::new(2, 1, &mut generator).then(formulas::Sigmoid));
    let (x, target) = (Tensor::from([[0.0_f32, 1.0]]), Tensor::from([[1.0]]));
    let mut optimizer = Adam::new(1e-3);
    move || {
        let (_, gradients) = gradient(|tape| {
            let p = net.forward(tape.constant(&x));
            loss::binary_cross_entropy(&p, &tape.constant(&target), Reduction::Mean)
        });
        optimizer.step(&mut net, &gradients);
    }
}

/// Two convolutions 3×3 with pooling, two linear layers, Adam.
pub fn convolutions() -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Sequential::<f32>::new()
        .with(Conv2d::new(1, 32, [3, 3], &mut generator))
        .with(Relu)
        .with(MaxPool2d::new([2, 2]))
        .with(Conv2d::new(32, 64, [3, 3], &mut generator))
        .with(Relu)
        .with(MaxPool2d::new([2, 2]))
        .with(Flatten)
        .with(Linear::new(1600, 128, &mut generator))
        .with(Relu)
        .with(Linear::new(128, 10, &mut generator));
    let x = Tensor::uniform([32, 1, 28, 28], 0.0, 1.0, &mut generator);
    let labels = labels(32, 10);
    let mut optimizer = Adam::new(1e-3);
    move || {
        let (_, gradients) = gradient(|tape| net.forward(tape.constant(&x)).cross_entropy(&labels));
        optimizer.step(&mut net, &gradients);
    }
}

#[derive(Module)]
struct Recurrent {
    lstm: Lstm,
    head: Linear,
}

/// An LSTM over 64 steps whose last output is classified, gradient descent.
pub fn recurrent() -> impl FnMut() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut net = Recurrent { lstm: Lstm::new(32, 128, &mut generator), head: Linear::new(128, 10, &mut generator) };
    let x = Tensor::uniform([64, 16, 32], 0.0, 1.0, &mut generator);
    let labels = labels(16, 10);
    let mut optimizer = GradientDescent::new(0.01);
    move || {
        let (_, gradients) = gradient(|tape| {
            let (_, state) = net.lstm.forward(tape.constant(&x), None);
            net.head.forward(state.hidden.squeeze(0)).cross_entropy(&labels)
        });
        optimizer.step(&mut net, &gradients);
    }
}

#[derive(Module)]
struct Transformer {
    tokens: Embedding,
    places: LearnedPositions,
    blocks: Vec<EncoderBlock<f32, GeluTanh>>,
    norm: LayerNorm,
    head: Linear,
}

impl Transformer {
    const FEATURES: usize = 128;
    const PLACES: usize = 64;
    const TOKENS: usize = 65;

    fn new(generator: &mut impl Rng) -> Self {
        let block = |generator: &mut _| {
            EncoderBlock::new(Self::FEATURES, 4, 512, generator).with_norm_first().with_activation(GeluTanh).causal()
        };
        Transformer {
            tokens: Embedding::new(Self::TOKENS, Self::FEATURES, generator),
            places: LearnedPositions::new(Self::PLACES, Self::FEATURES, generator),
            blocks: vec![block(generator), block(generator)],
            norm: LayerNorm::new([Self::FEATURES]),
            head: Linear::new(Self::FEATURES, Self::TOKENS, generator),
        }
    }

    fn forward<A: Array>(&self, tokens: &Ids<A>) -> A {
        let mut x = self.places.forward(self.tokens.forward(tokens));
        for block in &self.blocks {
            x = block.forward(x);
        }
        self.head.forward(self.norm.forward(x))
    }
}

/// Two causal blocks that predict the next of 65 tokens, AdamW.
pub fn transformer() -> impl FnMut() {
    let batch = 8;
    let mut net = Transformer::new(&mut ChaCha8Rng::seed_from_u64(1));
    let tokens = labels(batch * Transformer::PLACES, Transformer::TOKENS).as_slice().to_vec();
    let tokens = Indices::new(tokens, [batch, Transformer::PLACES]);
    let labels = labels(batch * Transformer::PLACES, 61);
    let mut optimizer = AdamW::new(3e-4);
    move || {
        let (_, gradients) = gradient(|tape| {
            let logits = net.forward(&tape.ids(&tokens));
            logits.reshape([-1, Transformer::TOKENS as isize]).cross_entropy(&labels)
        });
        optimizer.step(&mut net, &gradients);
    }
}
