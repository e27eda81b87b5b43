//! The workloads in burn, on its fastest CPU device, by the same timing rule and in the same rows.

use benches::{HEADER, measure};
use burn::module::Module;
use burn::nn::attention::{MhaInput, MultiHeadAttention, MultiHeadAttentionConfig, generate_autoregressive_mask};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig, Lstm, LstmConfig};
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{gelu, relu, sigmoid};
use burn::tensor::{Device, Distribution, Int, Tensor};

fn main() {
    // A chain of thousands of nodes is deeper than a usual stack when burn walks it.
    std::thread::Builder::new().stack_size(1 << 30).spawn(run).expect("a thread starts").join().expect("it ends");
}

fn run() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let device = Device::flex().autodiff();
    if let [name, steps] = &arguments[..]
        && name == "process-of-steps"
    {
        let mut step = exclusive_or(&device);
        return (0..steps.parse().unwrap_or(0)).for_each(|_| step());
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let one = |name: &str, metric: &str, step: &mut dyn FnMut()| {
        let [time] = measure([step]);
        time.print(name, metric, rayon::current_num_threads());
    };
    println!("{HEADER}");
    if wanted("W1") {
        one("W1", "train step", &mut perceptron(64, 32, &device));
    }
    if wanted("W2") {
        one("W2", "train step", &mut perceptron(512, 128, &device));
    }
    if wanted("W3") {
        one("W3", "train step", &mut exclusive_or(&device));
    }
    if wanted("W4") {
        one("W4", "train step", &mut convolutions(&device));
    }
    if wanted("W5") {
        one("W5", "train step", &mut recurrent(&device));
    }
    if wanted("W6") {
        one("W6", "train step", &mut transformer(&device));
    }
    if wanted("W7") {
        one("W7", "value and gradient", &mut curve());
    }
    if wanted("W8") {
        for n in [512, 1024, 2048] {
            one("W8", &format!("matmul {n} forward and backward"), &mut product(n));
        }
    }
    if wanted("W9") {
        one("W9", "1000 triples forward and backward", &mut chain());
    }
}

fn labels(count: usize, classes: usize, device: &Device) -> Tensor<1, Int> {
    let labels: Vec<i32> = (0..count).map(|i| ((i * 7 + 3) % classes) as i32).collect();
    Tensor::from_ints(labels.as_slice(), device)
}

/// A step of training; the optimizer takes the model and gives it back.
fn stepper<M: Module>(
    model: M,
    mut optimizer: ModuleOptimizer,
    rate: f64,
    loss: impl Fn(&M) -> Tensor<1>,
) -> impl FnMut() {
    let mut held = Some(model);
    move || {
        let model = held.take().expect("it was given back");
        let gradients = GradientsParams::from_grads(loss(&model).backward(), &model);
        held = Some(optimizer.step(rate, model, gradients));
    }
}

fn unit() -> Distribution {
    Distribution::Uniform(0.0, 1.0)
}

#[derive(Module, Debug)]
struct Perceptron {
    layers: Vec<Linear>,
}

fn perceptron(hidden: usize, batch: usize, device: &Device) -> impl FnMut() + use<> {
    let sizes = [(784, hidden), (hidden, hidden), (hidden, 10)];
    let layers = sizes.map(|(i, o)| LinearConfig::new(i, o).init(device)).to_vec();
    let (x, labels) = (Tensor::<2>::random([batch, 784], unit(), device), labels(batch, 10, device));
    let loss = CrossEntropyLossConfig::new().init(device);
    stepper(Perceptron { layers }, AdamConfig::new().init(), 1e-3, move |net| {
        let x = relu(net.layers[0].forward(x.clone()));
        let x = relu(net.layers[1].forward(x));
        loss.forward(net.layers[2].forward(x), labels.clone())
    })
}

fn exclusive_or(device: &Device) -> impl FnMut() + use<> {
    let layers = vec![LinearConfig::new(2, 2).init(device), LinearConfig::new(2, 1).init(device)];
    let (x, target) = (Tensor::<2>::from_floats([[0.0, 1.0]], device), Tensor::<2>::from_floats([[1.0]], device));
    stepper(Perceptron { layers }, AdamConfig::new().init(), 1e-3, move |net| {
        let p = sigmoid(net.layers[1].forward(relu(net.layers[0].forward(x.clone()))));
        let yes = target.clone() * (p.clone() + 1e-7).log();
        let no = (-target.clone() + 1.0) * (-p + (1.0 + 1e-7)).log();
        -(yes + no).mean()
    })
}

#[derive(Module, Debug)]
struct Convolutions {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    head: Linear,
}

fn convolutions(device: &Device) -> impl FnMut() + use<> {
    let net = Convolutions {
        first: Conv2dConfig::new([1, 32], [3, 3]).init(device),
        second: Conv2dConfig::new([32, 64], [3, 3]).init(device),
        pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
        hidden: LinearConfig::new(1600, 128).init(device),
        head: LinearConfig::new(128, 10).init(device),
    };
    let (x, labels) = (Tensor::<4>::random([32, 1, 28, 28], unit(), device), labels(32, 10, device));
    let loss = CrossEntropyLossConfig::new().init(device);
    stepper(net, AdamConfig::new().init(), 1e-3, move |net| {
        let x = net.pool.forward(relu(net.first.forward(x.clone())));
        let x = net.pool.forward(relu(net.second.forward(x))).reshape([32, 1600]);
        loss.forward(net.head.forward(relu(net.hidden.forward(x))), labels.clone())
    })
}

#[derive(Module, Debug)]
struct Recurrent {
    lstm: Lstm,
    head: Linear,
}

fn recurrent(device: &Device) -> impl FnMut() + use<> {
    let net =
        Recurrent { lstm: LstmConfig::new(32, 128, true).init(device), head: LinearConfig::new(128, 10).init(device) };
    let (x, labels) = (Tensor::<3>::random([16, 64, 32], unit(), device), labels(16, 10, device));
    let loss = CrossEntropyLossConfig::new().init(device);
    stepper(net, SgdConfig::new().init(), 0.01, move |net| {
        let (_, state) = net.lstm.forward(x.clone(), None);
        loss.forward(net.head.forward(state.hidden), labels.clone())
    })
}

#[derive(Module, Debug)]
struct Block {
    norms: Vec<LayerNorm>,
    attention: MultiHeadAttention,
    up: Linear,
    down: Linear,
}

#[derive(Module, Debug)]
struct Transformer {
    tokens: Embedding,
    places: Embedding,
    blocks: Vec<Block>,
    norm: LayerNorm,
    head: Linear,
}

fn transformer(device: &Device) -> impl FnMut() + use<> {
    let (features, places, batch, tokens) = (128, 64, 8, 65);
    let norm = || LayerNormConfig::new(features).init(device);
    let block = || Block {
        norms: vec![norm(), norm()],
        attention: MultiHeadAttentionConfig::new(features, 4).with_dropout(0.0).init(device),
        up: LinearConfig::new(features, 512).init(device),
        down: LinearConfig::new(512, features).init(device),
    };
    let net = Transformer {
        tokens: EmbeddingConfig::new(tokens, features).init(device),
        places: EmbeddingConfig::new(places, features).init(device),
        blocks: vec![block(), block()],
        norm: norm(),
        head: LinearConfig::new(features, tokens).init(device),
    };
    let ids = labels(batch * places, tokens, device).reshape([batch, places]);
    let labels = labels(batch * places, 61, device);
    let positions: Tensor<2, Int> = Tensor::<1, Int>::arange(0..places as i64, device).reshape([1, places]);
    let mask = generate_autoregressive_mask(batch, places, device);
    let loss = CrossEntropyLossConfig::new().init(device);
    stepper(net, AdamWConfig::new().init(), 3e-4, move |net| {
        let mut x = net.tokens.forward(ids.clone()) + net.places.forward(positions.clone());
        for block in &net.blocks {
            let input = MhaInput::self_attn(block.norms[0].forward(x.clone())).mask_attn(mask.clone());
            x = x + block.attention.forward(input).context;
            x = x.clone() + block.down.forward(gelu(block.up.forward(block.norms[1].forward(x))));
        }
        loss.forward(net.head.forward(net.norm.forward(x)).reshape([batch * places, tokens]), labels.clone())
    })
}

fn curve() -> impl FnMut() {
    let x = Tensor::<1>::random([1_000_000], Distribution::Uniform(-2.0, 2.0), &Device::flex());
    move || {
        let x = x.clone().autodiff().require_grad();
        let y = x.clone().tanh() * sigmoid(x.clone()) + (-(x.clone() * x.clone())).exp();
        drop(x.grad(&y.sum().backward()));
    }
}

fn product(n: usize) -> impl FnMut() {
    let matrix = || Tensor::<2>::random([n, n], Distribution::Uniform(-1.0, 1.0), &Device::flex());
    let (a, b) = (matrix(), matrix());
    move || {
        let (a, b) = (a.clone().autodiff().require_grad(), b.clone().autodiff().require_grad());
        let gradients = a.clone().matmul(b.clone()).backward();
        drop((a.grad(&gradients), b.grad(&gradients)));
    }
}

fn chain() -> impl FnMut() {
    let x = Tensor::<1>::from_floats([0.3], &Device::flex());
    move || {
        let x = x.clone().autodiff().require_grad();
        let y = (0..1000).fold(x.clone(), |y, _| y.sin() * 1.01 + 0.001);
        drop(x.grad(&y.backward()));
    }
}
