//! The workloads in candle, on its CPU device, by the same timing rule and in the same rows.

use benches::{HEADER, measure};
use candle_core::{D, DType, Device, Result, Tensor, Var};
use candle_nn::{
    AdamW, Conv2d, Embedding, LSTM, LayerNorm, Linear, Module, Optimizer, ParamsAdamW, RNN, SGD, VarBuilder, VarMap,
    conv2d, embedding, layer_norm, linear, loss, lstm, ops,
};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, steps] = &arguments[..]
        && name == "process-of-steps"
    {
        let mut step = exclusive_or()?;
        (0..steps.parse().unwrap_or(0)).for_each(|_| step());
        return Ok(());
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let one = |name: &str, metric: &str, step: &mut dyn FnMut()| {
        let [time] = measure([step]);
        time.print(name, metric, rayon::current_num_threads());
    };
    println!("{HEADER}");
    if wanted("W1") {
        one("W1", "train step", &mut perceptron(64, 32)?);
    }
    if wanted("W2") {
        one("W2", "train step", &mut perceptron(512, 128)?);
    }
    if wanted("W3") {
        one("W3", "train step", &mut exclusive_or()?);
    }
    if wanted("W4") {
        one("W4", "train step", &mut convolutions()?);
    }
    if wanted("W5") {
        one("W5", "train step", &mut recurrent()?);
    }
    if wanted("W6") {
        one("W6", "train step", &mut transformer()?);
    }
    if wanted("W7") {
        one("W7", "value and gradient", &mut curve()?);
    }
    if wanted("W8") {
        for n in [512, 1024, 2048] {
            one("W8", &format!("matmul {n} forward and backward"), &mut product(n)?);
        }
    }
    if wanted("W9") {
        // A chain of thousands of nodes is deeper than a usual stack when candle walks it.
        let deep = std::thread::Builder::new().stack_size(1 << 30).spawn(move || -> Result<()> {
            let [time] = measure([&mut chain()?]);
            time.print("W9", "1000 triples forward and backward", rayon::current_num_threads());
            Ok(())
        });
        deep?.join().expect("the chain ends")?;
    }
    Ok(())
}

/// The parameters of a model, and the place where layers find them.
fn parameters() -> (VarMap, VarBuilder<'static>) {
    let map = VarMap::new();
    let builder = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    (map, builder)
}

fn labels(count: usize, classes: usize) -> Result<Tensor> {
    Tensor::from_vec((0..count).map(|i| ((i * 7 + 3) % classes) as u32).collect(), count, &Device::Cpu)
}

fn uniform(shape: impl Into<candle_core::Shape>) -> Result<Tensor> {
    Tensor::rand(0f32, 1f32, shape, &Device::Cpu)
}

/// A step of Adam, with weight decay or without.
fn stepper<F>(map: &VarMap, lr: f64, decay: f64, loss: F) -> Result<impl FnMut() + use<F>>
where
    F: Fn() -> Result<Tensor>,
{
    let settings = ParamsAdamW { lr, weight_decay: decay, ..Default::default() };
    let mut optimizer = AdamW::new(map.all_vars(), settings)?;
    Ok(move || optimizer.backward_step(&loss().unwrap()).unwrap())
}

fn perceptron(hidden: usize, batch: usize) -> Result<impl FnMut()> {
    let (map, builder) = parameters();
    let layers = [(784, hidden), (hidden, hidden), (hidden, 10)];
    let [a, b, c] = layers.map(|(i, o)| linear(i, o, builder.pp(format!("{i} {o}"))).unwrap());
    let (x, labels) = (uniform((batch, 784))?, labels(batch, 10)?);
    stepper(&map, 1e-3, 0.0, move || {
        loss::cross_entropy(&c.forward(&b.forward(&a.forward(&x)?.relu()?)?.relu()?)?, &labels)
    })
}

fn exclusive_or() -> Result<impl FnMut()> {
    let (map, builder) = parameters();
    let (a, b) = (linear(2, 2, builder.pp("a"))?, linear(2, 1, builder.pp("b"))?);
    let (x, target) = (Tensor::new(&[[0f32, 1.0]], &Device::Cpu)?, Tensor::new(&[[1f32]], &Device::Cpu)?);
    stepper(&map, 1e-3, 0.0, move || {
        let p = ops::sigmoid(&b.forward(&a.forward(&x)?.relu()?)?)?;
        let yes = (&target * (&p + 1e-7)?.log()?)?;
        let no = ((1.0 - &target)? * ((1.0 - &p)? + 1e-7)?.log()?)?;
        (yes + no)?.mean_all()?.neg()
    })
}

fn convolutions() -> Result<impl FnMut()> {
    let (map, builder) = parameters();
    let filters = |name: &str, i, o| -> Result<Conv2d> { conv2d(i, o, 3, Default::default(), builder.pp(name)) };
    let (first, second) = (filters("first", 1, 32)?, filters("second", 32, 64)?);
    let (hidden, head) = (linear(1600, 128, builder.pp("hidden"))?, linear(128, 10, builder.pp("head"))?);
    let (x, labels) = (uniform((32, 1, 28, 28))?, labels(32, 10)?);
    stepper(&map, 1e-3, 0.0, move || {
        let x = first.forward(&x)?.relu()?.max_pool2d(2)?;
        // The gradient of its pooling needs sizes that the window divides: 11×11 is cut to 10×10.
        let x = second.forward(&x)?.relu()?.narrow(2, 0, 10)?.narrow(3, 0, 10)?.contiguous()?.max_pool2d(2)?;
        loss::cross_entropy(&head.forward(&hidden.forward(&x.flatten_from(1)?)?.relu()?)?, &labels)
    })
}

fn recurrent() -> Result<impl FnMut()> {
    let (map, builder) = parameters();
    let net: LSTM = lstm(32, 128, Default::default(), builder.pp("lstm"))?;
    let head = linear(128, 10, builder.pp("head"))?;
    let (x, labels) = (uniform((16, 64, 32))?, labels(16, 10)?);
    let mut optimizer = SGD::new(map.all_vars(), 0.01)?;
    let value = move || loss::cross_entropy(&head.forward(net.seq(&x)?[63].h())?, &labels);
    Ok(move || optimizer.backward_step(&value().unwrap()).unwrap())
}

struct Block {
    norms: [LayerNorm; 2],
    packed: Linear,
    out: Linear,
    up: Linear,
    down: Linear,
}

fn transformer() -> Result<impl FnMut()> {
    let (features, heads, places, batch, tokens) = (128, 4, 64, 8, 65);
    let (map, builder) = parameters();
    // The fast one has no gradient.
    let normed = |norm: &LayerNorm, x: &Tensor| ops::layer_norm_slow(x, norm.weight(), norm.bias().unwrap(), 1e-5);
    let block = |i: usize| -> Result<Block> {
        let at = builder.pp(format!("block {i}"));
        let norm = |name: &str| layer_norm(features, 1e-5, at.pp(name));
        Ok(Block {
            norms: [norm("first")?, norm("second")?],
            packed: linear(features, 3 * features, at.pp("packed"))?,
            out: linear(features, features, at.pp("out"))?,
            up: linear(features, 512, at.pp("up"))?,
            down: linear(512, features, at.pp("down"))?,
        })
    };
    let blocks = [block(0)?, block(1)?];
    let words: Embedding = embedding(tokens, features, builder.pp("tokens"))?;
    let positions = embedding(places, features, builder.pp("places"))?;
    let (norm, head) = (layer_norm(features, 1e-5, builder.pp("norm"))?, linear(features, tokens, builder.pp("head"))?);
    let ids = labels(batch * places, tokens)?.reshape((batch, places))?;
    let labels = labels(batch * places, 61)?;
    let hidden = (0..places * places).map(|i| if i % places > i / places { f32::NEG_INFINITY } else { 0.0 });
    let mask = Tensor::from_vec(hidden.collect(), (places, places), &Device::Cpu)?;
    stepper(&map, 3e-4, 0.01, move || {
        let mut x = words.forward(&ids)?.broadcast_add(positions.embeddings())?;
        for block in &blocks {
            let packed = block.packed.forward(&normed(&block.norms[0], &x)?)?;
            let parts = packed.reshape((batch, places, 3, heads, features / heads))?.permute((2, 0, 3, 1, 4))?;
            let [query, key, value] = [0, 1, 2].map(|i| parts.get(i).and_then(|part| part.contiguous()).unwrap());
            let scores = (query.matmul(&key.t()?)? * ((features / heads) as f64).powf(-0.5))?.broadcast_add(&mask)?;
            let mixed = ops::softmax(&scores, D::Minus1)?.matmul(&value)?;
            x = (&x + block.out.forward(&mixed.transpose(1, 2)?.reshape((batch, places, features))?)?)?;
            x = (&x + block.down.forward(&block.up.forward(&normed(&block.norms[1], &x)?)?.gelu()?)?)?;
        }
        loss::cross_entropy(&head.forward(&normed(&norm, &x)?)?.reshape((batch * places, tokens))?, &labels)
    })
}

fn curve() -> Result<impl FnMut()> {
    let x = Var::rand(-2f32, 2f32, 1_000_000, &Device::Cpu)?;
    let value = move || -> Result<Tensor> { ((x.tanh()? * ops::sigmoid(&x)?)? + x.sqr()?.neg()?.exp()?)?.sum_all() };
    Ok(move || drop(value().unwrap().backward().unwrap()))
}

fn product(n: usize) -> Result<impl FnMut()> {
    let matrix = || Var::rand(-1f32, 1f32, (n, n), &Device::Cpu);
    let (a, b) = (matrix()?, matrix()?);
    Ok(move || drop(a.matmul(&b).unwrap().backward().unwrap()))
}

fn chain() -> Result<impl FnMut()> {
    let x = Var::new(&[0.3f32], &Device::Cpu)?;
    let value = move || -> Result<Tensor> {
        (0..1000).try_fold(x.as_tensor().clone(), |y, _| (y.sin()? * 1.01)? + 0.001)
    };
    Ok(move || drop(value().unwrap().backward().unwrap()))
}
