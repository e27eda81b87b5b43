//! The layers by their names in the reference files: each is made with the weights of a case and bound to its variables.

use super::json::{Reference, Vars};
use super::operations::Results;
use super::operations::networks::{convolution, pooling, sizes};
use autograd::prelude::*;
use nn::layers::*;
use nn::{Module, ModuleExt};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// What of `tensor_ops.json` is a layer as well.
pub(super) const OPERATIONS: [&str; 12] = [
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "avg_pool2d",
    "max_pool2d",
    "adaptive_avg_pool2d",
    "layer_norm",
    "rms_norm",
    "group_norm",
    "batch_norm",
    "batch_norm_eval",
    "embedding",
];

/// The outputs of a case's layer by name, or `None` where there is no such layer.
pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let epsilon = case.attribute("eps").as_f64().unwrap_or_default();
    let y = match case.op() {
        "rnn" | "lstm" | "gru" => return Some(recurrent(case, x)),
        "attention" => return Some(attention(case, x)),
        "encoder_block" => encoder_block(case, x),
        "positional_encoding" => {
            let shape = x["x"].shape();
            let positions = SinusoidalPositions::<T>::new(shape[1] + 2, shape[2]);
            let table = positions.forward(x["x"].constant(&Tensor::zeros(&shape[1..])));
            return Some(vec![("y", positions.forward(x["x"].clone())), ("pe", table)]);
        }
        "linear" => bound(x, with_bias(Linear::new(1, 1, &mut any()), x, Linear::without_bias)),
        "conv1d" => {
            let layer = Conv1d { convolution: convolution(case), ..Conv1d::new(1, 1, [1], &mut any()) };
            bound(x, with_bias(layer, x, Conv1d::without_bias))
        }
        "conv2d" => {
            let layer = Conv2d { convolution: convolution(case), ..Conv2d::new(1, 1, [1, 1], &mut any()) };
            bound(x, with_bias(layer, x, Conv2d::without_bias))
        }
        "conv_transpose2d" => {
            let layer =
                ConvTranspose2d::new(1, 1, [1, 1], &mut any()).with_output_padding(sizes(case, "output_padding"));
            let layer = ConvTranspose2d { convolution: convolution(case), ..layer };
            bound(x, with_bias(layer, x, ConvTranspose2d::without_bias))
        }
        "avg_pool2d" => {
            let pooling = pooling(case);
            let counted = case.flag("count_include_pad");
            bound(x, AvgPool2d(if counted { pooling } else { pooling.without_counting_padding() }))
        }
        "max_pool2d" => {
            let dilation = if case.attribute("dilation").is_null() { [1, 1] } else { sizes(case, "dilation") };
            bound(x, MaxPool2d(pooling(case).with_dilation(dilation)))
        }
        "adaptive_avg_pool2d" => bound(x, AdaptiveAvgPool2d(sizes(case, "output"))),
        "layer_norm" => {
            let shape = case.list("normalized_shape").into_iter().map(|n| n as usize).collect::<Vec<_>>();
            let layer = LayerNorm::new(&shape[..]).with_epsilon(epsilon);
            bound(x, with_bias(layer, x, LayerNorm::without_bias))
        }
        "rms_norm" => {
            let shape = case.list("normalized_shape").into_iter().map(|n| n as usize).collect::<Vec<_>>();
            bound(x, RmsNorm::new(&shape[..]).with_epsilon(epsilon))
        }
        "group_norm" => {
            let groups = case.whole("groups") as usize;
            bound(x, GroupNorm::new(groups, groups).with_epsilon(epsilon))
        }
        "batch_norm" | "batch_norm_eval" => return Some(batch_norm(case, x, epsilon)),
        "embedding" => {
            let layer = Embedding::new(x["weight"].shape()[0], 1, &mut any());
            let layer = match case.attribute("padding_idx").as_u64() {
                Some(padding) => layer.with_padding(padding as usize),
                None => layer,
            };
            let layer = weighted(x, layer);
            layer.forward(&Ids::new(&x["weight"], case.indices("index")))
        }
        _ => return None,
    };
    Some(vec![("y", y)])
}

/// Whatever stands in a weight before the case's takes its place.
fn any() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

fn with_bias<L>(layer: L, x: &Vars<impl Real>, without: fn(L) -> L) -> L {
    if x.contains_key("bias") { layer } else { without(layer) }
}

/// A layer whose parameters are the variables of their names; one that the case lacks stays what it is.
fn weighted<T: Real, M: Module<T>>(x: &Vars<T>, layer: M) -> M {
    named(&|path| x.get(path).cloned(), layer)
}

/// A layer whose parameters are the variables that `variable` gives for their paths.
fn named<T: Real, M: Module<T>>(variable: &dyn Fn(&str) -> Option<Var<T>>, mut layer: M) -> M {
    layer.visit_mut(&mut Default::default(), &mut |path, parameter| {
        if let Some(variable) = variable(path) {
            parameter.set(variable.value().clone());
            variable.tape().bind(parameter, &variable);
        }
    });
    layer
}

/// The output of a layer for the input `x`.
fn bound<T: Real, L: Layer<T> + Module<T>>(x: &Vars<T>, layer: L) -> Var<T> {
    weighted(x, layer).forward(x["x"].clone())
}

fn batch_norm<T: Real>(case: &Reference, x: &Vars<T>, epsilon: f64) -> Results<T> {
    let evaluated = case.op() == "batch_norm_eval";
    if evaluated {
        let _ = x["x"].tape().clone().evaluating();
    }
    let momentum = case.attribute("momentum").as_f64().unwrap_or_default();
    let norm = |y: Var<T>, state: Vec<(String, &Param<T>)>| {
        let mut results = vec![("y", y.clone())];
        let gradients = y.sum().backward();
        for (name, path) in [("running_mean", "running_mean"), ("running_var", "running_var")] {
            let statistic = state.iter().find(|(own, _)| own == path).expect("a statistic").1;
            results.extend(gradients.learned(statistic).map(|value| (name, y.constant(&value))));
        }
        results
    };
    let channels = x["x"].shape()[1];
    if x["x"].shape().rank() == 4 {
        let layer = BatchNorm2d::new(channels).with_momentum(momentum).with_epsilon(epsilon);
        let layer = weighted(x, layer);
        norm(layer.forward(x["x"].clone()), layer.state())
    } else {
        let layer = BatchNorm1d::new(channels).with_momentum(momentum).with_epsilon(epsilon);
        let layer = weighted(x, layer);
        norm(layer.forward(x["x"].clone()), layer.state())
    }
}

fn recurrent<T: Real>(case: &Reference, x: &Vars<T>) -> Results<T> {
    let stacked = Recurrence {
        layers: case.whole("layers") as usize,
        bidirectional: case.flag("bidirectional"),
        bias: case.flag("bias"),
        ..Recurrence::new()
    };
    let (inputs, hidden) = (x["x"].shape()[2], case.whole("hidden") as usize);
    let state = || x["h0"].clone();
    match case.op() {
        "lstm" => {
            let layer = weighted(x, Lstm::with(inputs, hidden, stacked, &mut any()));
            let start = LstmState { hidden: state(), cell: x["c0"].clone() };
            let (output, end) = layer.forward(x["x"].clone(), Some(start));
            vec![("output", output), ("h_n", end.hidden), ("c_n", end.cell)]
        }
        "gru" => {
            let layer = weighted(x, Gru::with(inputs, hidden, stacked, &mut any()));
            let (output, end) = layer.forward(x["x"].clone(), Some(state()));
            vec![("output", output), ("h_n", end)]
        }
        _ => {
            let rectified = case.attribute("nonlinearity") == "relu";
            let nonlinearity = if rectified { Nonlinearity::Relu } else { Nonlinearity::Tanh };
            let layer = Rnn::with(inputs, hidden, stacked, &mut any()).with_nonlinearity(nonlinearity);
            let (output, end) = weighted(x, layer).forward(x["x"].clone(), Some(state()));
            vec![("output", output), ("h_n", end)]
        }
    }
}

/// The variable for a parameter of attention: the files have the three projections apart, the layer packs them.
fn projection<T: Real>(x: &Vars<T>, path: &str) -> Option<Var<T>> {
    let joined = |names: [&str; 3]| {
        let parts: Option<Vec<&Var<T>>> = names.iter().map(|name| x.get(*name)).collect();
        parts.map(|parts| Var::concat(&parts, 0))
    };
    match path {
        "in_proj_weight" => joined(["w_q", "w_k", "w_v"]),
        "in_proj_bias" => joined(["b_q", "b_k", "b_v"]),
        "out_proj.weight" => x.get("w_o").cloned(),
        "out_proj.bias" => x.get("b_o").cloned(),
        _ => None,
    }
}

fn attention<T: Real>(case: &Reference, x: &Vars<T>) -> Results<T> {
    let query = &x["query"];
    let layer = MultiHeadAttention::new(query.shape()[2], case.whole("heads") as usize, &mut any());
    let layer = if x.contains_key("b_q") { layer } else { layer.without_bias() };
    let layer = named(&|path| projection(x, path), layer);
    let mut attention = Attention::new();
    if case.flag("causal") {
        attention = attention.causal();
    }
    if !case.get("inputs")["key_padding_mask"].is_null() {
        // The file's mask names the keys that are ignored, the layer's those that are not.
        let ignored = query.constant(&case.plain::<T>("key_padding_mask").unsqueeze(1).unsqueeze(1));
        attention = attention.with_mask(&ignored.less(&query.constant(&Tensor::scalar(T::ONE))));
    }
    let (y, weights) = layer.forward_with_weights(query.clone(), x["key"].clone(), x["value"].clone(), &attention);
    vec![("y", y), ("weights", weights)]
}

fn encoder_block<T: Real>(case: &Reference, x: &Vars<T>) -> Var<T> {
    let features = x["x"].shape()[2];
    let mut block = EncoderBlock::new(features, case.whole("heads") as usize, case.whole("ff") as usize, &mut any());
    block.norm_first = case.flag("norm_first");
    block.is_causal = case.flag("causal");
    block.norm1.epsilon = case.number("eps");
    block.norm2.epsilon = case.number("eps");
    let variable = |path: &str| match path.split_once('.')? {
        ("self_attn", path) => projection(x, path),
        ("linear1", name) => x.get(if name == "weight" { "w_1" } else { "b_1" }).cloned(),
        ("linear2", name) => x.get(if name == "weight" { "w_2" } else { "b_2" }).cloned(),
        ("norm1", name) => x.get(&format!("ln1_{name}")).cloned(),
        (_, name) => x.get(&format!("ln2_{name}")).cloned(),
    };
    match *case.attribute("activation") == "gelu" {
        true => named(&variable, block.with_activation(Gelu)).forward(x["x"].clone()),
        false => named(&variable, block).forward(x["x"].clone()),
    }
}
