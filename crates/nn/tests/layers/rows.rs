//! The table of layers: one row a layer, or a way of calling it.

use autograd::algebra::formulas;
use nn::prelude::*;

/// A layer as a program of some inputs, under each interpretation that is looked at.
pub trait Program<T: Real> {
    fn module(&self) -> &dyn Module<T>;
    fn module_mut(&mut self) -> &mut dyn Module<T>;
    fn on_tensors(&self, x: &[Tensor<T>]) -> Vec<Tensor<T>>;
    fn on_vars(&self, x: &[Var<T>]) -> Vec<Var<T>>;
    fn on_shapes(&self, x: &[Shapes<T>]) -> Vec<Shapes<T>>;
}

struct Held<L, F, G, H> {
    layer: L,
    on_tensors: F,
    on_vars: G,
    on_shapes: H,
}

impl<T: Real, L: Module<T>, F, G, H> Program<T> for Held<L, F, G, H>
where
    F: Fn(&L, &[Tensor<T>]) -> Vec<Tensor<T>>,
    G: Fn(&L, &[Var<T>]) -> Vec<Var<T>>,
    H: Fn(&L, &[Shapes<T>]) -> Vec<Shapes<T>>,
{
    fn module(&self) -> &dyn Module<T> {
        &self.layer
    }
    fn module_mut(&mut self) -> &mut dyn Module<T> {
        &mut self.layer
    }
    fn on_tensors(&self, x: &[Tensor<T>]) -> Vec<Tensor<T>> {
        (self.on_tensors)(&self.layer, x)
    }
    fn on_vars(&self, x: &[Var<T>]) -> Vec<Var<T>> {
        (self.on_vars)(&self.layer, x)
    }
    fn on_shapes(&self, x: &[Shapes<T>]) -> Vec<Shapes<T>> {
        (self.on_shapes)(&self.layer, x)
    }
}

/// One row: what is made, what goes in, and what PyTorch calls its parameters and buffers.
pub struct Row<T: Real> {
    pub name: &'static str,
    pub program: Box<dyn Program<T>>,
    pub inputs: Vec<Shape>,
    /// Which axis of the inputs counts the samples.
    pub batch: usize,
    /// The names of parameters and statistics in PyTorch's documentation, in the order of its `state_dict`.
    pub names: Vec<&'static str>,
}

/// What the closures of a row are, so that their types are known where they are written.
fn row<T: Real, L: Module<T> + 'static>(
    name: &'static str,
    names: &'static str,
    (batch, inputs): (usize, Vec<Shape>),
    layer: L,
    on_tensors: impl Fn(&L, &[Tensor<T>]) -> Vec<Tensor<T>> + 'static,
    on_vars: impl Fn(&L, &[Var<T>]) -> Vec<Var<T>> + 'static,
    on_shapes: impl Fn(&L, &[Shapes<T>]) -> Vec<Shapes<T>> + 'static,
) -> Row<T> {
    let program = Box::new(Held { layer, on_tensors, on_vars, on_shapes });
    Row { name, program, inputs, batch, names: names.split_whitespace().collect() }
}

/// A row from one way to call the layer, for every interpretation: `"name": layer, "names", axis of samples [shapes]`, and
/// how it is called if that is not `layer.forward(x)`.
macro_rules! rows {
    ($($name:literal: $layer:expr, $names:literal, $batch:literal [$($shape:expr),+] $(, |$l:ident, $x:ident| $call:expr)?;)*) => {
        vec![$(rows!(@row $name, $layer, $names, ($batch, vec![$(Shape::from($shape)),+]) $(, |$l, $x| $call)?)),*]
    };
    (@row $name:literal, $layer:expr, $names:literal, $inputs:expr) => {
        rows!(@row $name, $layer, $names, $inputs, |l, x| vec![l.forward(x[0].clone())])
    };
    (@row $name:literal, $layer:expr, $names:literal, $inputs:expr, |$l:ident, $x:ident| $call:expr) => {
        row($name, $names, $inputs, $layer, |$l, $x| $call, |$l, $x| $call, |$l, $x| $call)
    };
}

/// Tokens for so many samples of two places.
fn tokens(samples: usize) -> Indices {
    Indices::new((0..2 * samples).map(|i| i * 3 % 5).collect(), [samples, 2])
}

/// Lengths from 1 to 3.
fn lengths(samples: usize) -> Vec<usize> {
    (0..samples).map(|i| 1 + i % 3).collect()
}

/// Every layer.
pub fn table<T: Real>() -> Vec<Row<T>> {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let g = &mut generator;
    let both = Recurrence::new().with_layers(2).bidirectional();
    rows! {
        "Linear": Linear::new(3, 2, g), "weight bias", 0 [[4, 3]];
        "Linear with its activation": Linear::new(3, 2, g).then(formulas::Gelu), "weight bias", 0 [[4, 3]];
        "Linear without bias": Linear::new(3, 2, g).without_bias(), "weight", 0 [[2, 2, 3]];
        "Bilinear": Bilinear::new(3, 2, 4, g), "weight bias", 0 [[4, 3], [4, 2]],
            |l, x| vec![l.forward(x[0].clone(), x[1].clone())];
        "Embedding": Embedding::new(5, 3, g), "weight", 0 [[3, 1, 1]],
            |l, x| vec![l.forward(&Ids::new(&x[0], tokens(x[0].shape()[0]))) * &x[0]];
        "Conv1d": Conv1d::new(2, 3, [3], g).with_padding([1]).with_stride([2]), "weight bias", 0 [[2, 2, 7]];
        "Conv2d": Conv2d::new(2, 3, [3, 2], g).with_padding([1, 0]).with_dilation([1, 2]), "weight bias", 0 [[2, 2, 4, 5]];
        "Conv2d with its activation": Conv2d::new(2, 3, [3, 2], g).then(formulas::Tanh), "weight bias", 0 [[2, 2, 4, 5]];
        "Conv2d in groups": Conv2d::grouped(4, 2, [2, 2], 2, g).without_bias(), "weight", 0 [[2, 4, 3, 3]];
        "ConvTranspose2d": ConvTranspose2d::grouped(4, 2, [2, 3], 2, g).with_stride([2, 1]).with_output_padding([1, 0]),
            "weight bias", 0 [[2, 4, 2, 3]];
        "MaxPool1d": MaxPool1d::new([2]), "", 0 [[2, 2, 5]];
        "MaxPool2d": MaxPool2d(Pooling::new([2, 2]).with_stride([1, 2])), "", 0 [[2, 2, 3, 4]];
        "AvgPool1d": AvgPool1d::new([2]), "", 0 [[2, 2, 5]];
        "AvgPool2d": AvgPool2d(Pooling::new([2, 3]).with_padding([1, 1])), "", 0 [[2, 2, 3, 4]];
        "AdaptiveAvgPool1d": AdaptiveAvgPool1d([2]), "", 0 [[2, 2, 5]];
        "AdaptiveAvgPool2d": AdaptiveAvgPool2d([2, 1]), "", 0 [[2, 2, 3, 4]];
        "Flatten": Flatten, "", 0 [[2, 3, 2]];
        "LayerNorm": LayerNorm::new([3, 2]), "weight bias", 0 [[2, 3, 2]];
        "RmsNorm": RmsNorm::new([3]), "weight", 0 [[2, 2, 3]];
        "GroupNorm": GroupNorm::new(2, 4), "weight bias", 0 [[2, 4, 3]];
        "BatchNorm1d": BatchNorm1d::new(3), "weight bias running_mean running_var num_batches_tracked", 0 [[5, 3]];
        "BatchNorm1d with a length": BatchNorm1d::new(2).with_momentum(0.3),
            "weight bias running_mean running_var num_batches_tracked", 0 [[2, 2, 3]];
        "BatchNorm2d": BatchNorm2d::new(2).with_epsilon(1e-3),
            "weight bias running_mean running_var num_batches_tracked", 0 [[2, 2, 2, 3]];
        "Dropout": Dropout { p: 0.4 }, "", 0 [[4, 5]];
        "Rnn": Rnn::new(3, 2, g), "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0", 1 [[4, 2, 3], [1, 2, 2]],
            |l, x| { let (y, h) = l.forward(x[0].clone(), Some(x[1].clone())); vec![y, h] };
        "Rnn with a rectifier": Rnn::with(3, 2, Recurrence::new().without_bias(), g).with_nonlinearity(Nonlinearity::Relu),
            "weight_ih_l0 weight_hh_l0", 1 [[3, 2, 3]],
            |l, x| { let (y, h) = l.forward(x[0].clone(), None); vec![y, h] };
        "Rnn both ways": Rnn::with(2, 3, both, g),
            "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0 \
             weight_ih_l0_reverse weight_hh_l0_reverse bias_ih_l0_reverse bias_hh_l0_reverse \
             weight_ih_l1 weight_hh_l1 bias_ih_l1 bias_hh_l1 \
             weight_ih_l1_reverse weight_hh_l1_reverse bias_ih_l1_reverse bias_hh_l1_reverse", 1 [[3, 4, 2]],
            |l, x| { let (y, h) = l.forward_padded(x[0].clone(), &lengths(x[0].shape()[1]), None); vec![y, h] };
        "Lstm": Lstm::new(3, 2, g), "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0", 1 [[4, 2, 3], [1, 2, 2], [1, 2, 2]],
            |l, x| {
                let start = LstmState { hidden: x[1].clone(), cell: x[2].clone() };
                let (y, state) = l.forward(x[0].clone(), Some(start));
                vec![y, state.hidden, state.cell]
            };
        "Lstm of lengths": Lstm::with(3, 2, Recurrence::new().with_layers(2).with_dropout(0.3), g),
            "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0 weight_ih_l1 weight_hh_l1 bias_ih_l1 bias_hh_l1", 1 [[3, 4, 3]],
            |l, x| {
                let (y, state) = l.forward_padded(x[0].clone(), &lengths(x[0].shape()[1]), None);
                vec![y, state.hidden, state.cell]
            };
        "Lstm, batch first": Lstm::with(3, 2, Recurrence::new().batch_first(), g),
            "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0", 0 [[2, 4, 3]],
            |l, x| vec![l.forward(x[0].clone(), None).0];
        "Gru": Gru::new(3, 2, g), "weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0", 1 [[4, 2, 3], [1, 2, 2]],
            |l, x| { let (y, h) = l.forward(x[0].clone(), Some(x[1].clone())); vec![y, h] };
        "Gru of lengths": Gru::with(3, 2, Recurrence::new().bidirectional().without_bias(), g),
            "weight_ih_l0 weight_hh_l0 weight_ih_l0_reverse weight_hh_l0_reverse", 1 [[3, 4, 3]],
            |l, x| { let (y, h) = l.forward_padded(x[0].clone(), &lengths(x[0].shape()[1]), None); vec![y, h] };
        "MultiHeadAttention": MultiHeadAttention::new(4, 2, g),
            "in_proj_weight in_proj_bias out_proj.weight out_proj.bias", 0 [[2, 3, 4], [2, 2, 4], [2, 2, 4]],
            |l, x| {
                let (y, weights) = l.forward_with_weights(x[0].clone(), x[1].clone(), x[2].clone(), &Attention::new());
                vec![y, weights]
            };
        "MultiHeadAttention to itself": MultiHeadAttention::new(4, 2, g).without_bias().with_dropout(0.2)
                .with_rotary(RotaryPositions::new(5, 2)),
            "in_proj_weight out_proj.weight", 0 [[3, 3, 4]],
            |l, x| {
                let mask = padding_mask(&x[0], &lengths(x[0].shape()[0]), 3);
                vec![l.forward_self(x[0].clone(), &Attention::new().causal().with_mask(&mask))]
            };
        "SinusoidalPositions": SinusoidalPositions::new(5, 3), "", 0 [[2, 4, 3]];
        "LearnedPositions": LearnedPositions::new(5, 3, g), "weight", 0 [[2, 4, 3]];
        "RotaryPositions": RotaryPositions::new(5, 4), "", 0 [[2, 3, 4]];
        "EncoderBlock": EncoderBlock::new(4, 2, 3, g),
            "self_attn.in_proj_weight self_attn.in_proj_bias self_attn.out_proj.weight self_attn.out_proj.bias \
             linear1.weight linear1.bias linear2.weight linear2.bias norm1.weight norm1.bias norm2.weight norm2.bias",
            0 [[2, 3, 4]];
        "EncoderBlock, norms first": EncoderBlock::new(4, 2, 3, g).with_norm_first().with_activation(Gelu).causal()
                .with_dropout(0.2),
            "self_attn.in_proj_weight self_attn.in_proj_bias self_attn.out_proj.weight self_attn.out_proj.bias \
             linear1.weight linear1.bias linear2.weight linear2.bias norm1.weight norm1.bias norm2.weight norm2.bias",
            0 [[2, 3, 4]];
        "DecoderBlock": DecoderBlock::new(4, 2, 3, g).with_activation(Silu),
            "self_attn.in_proj_weight self_attn.in_proj_bias self_attn.out_proj.weight self_attn.out_proj.bias \
             multihead_attn.in_proj_weight multihead_attn.in_proj_bias multihead_attn.out_proj.weight \
             multihead_attn.out_proj.bias linear1.weight linear1.bias linear2.weight linear2.bias \
             norm1.weight norm1.bias norm2.weight norm2.bias norm3.weight norm3.bias", 0 [[2, 3, 4], [2, 2, 4]],
            |l, x| vec![l.forward(x[0].clone(), x[1].clone())];
        "DecoderBlock, norms first": DecoderBlock::new(4, 2, 3, g).with_norm_first().with_activation(GeluTanh)
                .with_dropout(0.2),
            "self_attn.in_proj_weight self_attn.in_proj_bias self_attn.out_proj.weight self_attn.out_proj.bias \
             multihead_attn.in_proj_weight multihead_attn.in_proj_bias multihead_attn.out_proj.weight \
             multihead_attn.out_proj.bias linear1.weight linear1.bias linear2.weight linear2.bias \
             norm1.weight norm1.bias norm2.weight norm2.bias norm3.weight norm3.bias", 0 [[2, 3, 4], [2, 3, 4]],
            |l, x| {
                let mask = Attention::new().with_mask(&padding_mask(&x[1], &lengths(x[1].shape()[0]), 3));
                vec![l.forward_with(x[0].clone(), x[1].clone(), &Attention::new(), &mask)]
            };
        "Residual": Residual(Linear::new(3, 3, g)), "weight bias", 0 [[2, 3]];
        "Recompute": Recompute(Linear::new(3, 3, g)), "weight bias", 0 [[2, 3]];
        "Sequential": Sequential::new().with(Linear::new(3, 4, g)).with(Tanh).with(Linear::new(4, 2, g)),
            "0.weight 0.bias 2.weight 2.bias", 0 [[2, 3]];
        "PRelu": PRelu::new(3), "weight", 0 [[2, 3, 4]];
        "PRelu of one slope": PRelu::new(1), "weight", 0 [[2, 3]];
        "Glu": Glu { axis: -1 }, "", 0 [[2, 4]];
        "Relu": Relu, "", 0 [[2, 3]];
        "Relu6": Relu6, "", 0 [[2, 3]];
        "LeakyRelu": LeakyRelu { slope: 0.1 }, "", 0 [[2, 3]];
        "Elu": Elu { alpha: 0.7 }, "", 0 [[2, 3]];
        "Selu": Selu, "", 0 [[2, 3]];
        "Gelu": Gelu, "", 0 [[2, 3]];
        "GeluTanh": GeluTanh, "", 0 [[2, 3]];
        "Silu": Silu, "", 0 [[2, 3]];
        "Mish": Mish, "", 0 [[2, 3]];
        "Softplus": Softplus, "", 0 [[2, 3]];
        "Softsign": Softsign, "", 0 [[2, 3]];
        "Sigmoid": Sigmoid, "", 0 [[2, 3]];
        "LogSigmoid": LogSigmoid, "", 0 [[2, 3]];
        "Tanh": Tanh, "", 0 [[2, 3]];
        "HardTanh": HardTanh::default(), "", 0 [[2, 3]];
        "HardSigmoid": HardSigmoid, "", 0 [[2, 3]];
        "HardSwish": HardSwish, "", 0 [[2, 3]];
        "Softmax": Softmax { axis: -1 }, "", 0 [[2, 3]];
        "LogSoftmax": LogSoftmax { axis: 1 }, "", 0 [[2, 3]];
    }
}
