//! What layers say of inputs that do not fit them, word for word: the layer's path, what it takes, what came, the fix.

use nn::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of a panic, without the line that it names.
fn refused<R>(f: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().expect("it is refused");
    let text = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    text.lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}

/// A model in which every layer has a path.
#[derive(Module)]
struct Model {
    table: Embedding,
    fc: Linear,
    both: Bilinear,
    conv: Conv2d,
    up: ConvTranspose2d,
    line: Conv1d,
    norm: LayerNorm,
    rms: RmsNorm,
    groups: GroupNorm,
    batch: BatchNorm1d,
    images: BatchNorm2d,
    rnn: Rnn,
    lstm: Lstm,
    gru: Gru,
    attention: MultiHeadAttention,
    positions: LearnedPositions,
    slopes: PRelu,
    encoder: Vec<EncoderBlock>,
}

fn model() -> Model {
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let g = &mut generator;
    let mut model = Model {
        table: Embedding::new(5, 3, g),
        fc: Linear::new(3, 2, g),
        both: Bilinear::new(3, 4, 2, g),
        conv: Conv2d::new(3, 8, [3, 3], g),
        up: ConvTranspose2d::new(3, 8, [3, 3], g),
        line: Conv1d::new(2, 2, [3], g),
        norm: LayerNorm::new([4, 3]),
        rms: RmsNorm::new([3]),
        groups: GroupNorm::new(2, 4),
        batch: BatchNorm1d::new(3),
        images: BatchNorm2d::new(3),
        rnn: Rnn::new(3, 2, g),
        lstm: Lstm::with(3, 2, Recurrence::new().batch_first(), g),
        gru: Gru::new(3, 2, g),
        attention: MultiHeadAttention::new(4, 2, g),
        positions: LearnedPositions::new(5, 3, g),
        slopes: PRelu::new(3),
        encoder: vec![EncoderBlock::new(4, 2, 8, g)],
    };
    model.name_parameters();
    model
}

fn ones<const N: usize>(shape: [usize; N]) -> Tensor {
    Tensor::ones(shape)
}

#[test]
fn linear_and_bilinear() {
    let model = model();
    insta::assert_snapshot!(refused(|| model.fc.forward(ones([5, 4]))), @"
    Linear: `fc` takes inputs […, 3], and got one of shape [5, 4]
      help: its features are the last axis: make the layer for 4, or feed 3
    ");
    insta::assert_snapshot!(refused(|| model.fc.forward(Tensor::scalar(1.0))), @"
    Linear: `fc` takes inputs […, 3], and got one of shape []
      help: a scalar has no axis of features: feed 3 of them
    ");
    insta::assert_snapshot!(refused(|| model.both.forward(ones([5, 3]), ones([5, 3]))), @"
    Bilinear: `both` takes inputs […, 4], and got one of shape [5, 3]
      help: its features are the last axis: make the layer for 3, or feed 4
    ");
    let tokens = |numbers: [usize; 3]| model.table.forward(&Ids::new(&Tensor::scalar(0.0), numbers));
    insta::assert_snapshot!(refused(|| tokens([4, 5, 0])), @"
    Embedding: `table` has rows for 5 tokens, and got token 5
      help: tokens count from 0: make the table for all of the vocabulary, or check how it was made
    ");
    // A layer that no walk has named yet.
    let nameless = Linear::<f32>::new(3, 2, &mut ChaCha8Rng::seed_from_u64(0));
    insta::assert_snapshot!(refused(|| nameless.forward(ones([5, 4]))), @"
    Linear: it takes inputs […, 3], and got one of shape [5, 4]
      help: its features are the last axis: make the layer for 4, or feed 3
    ");
}

#[test]
fn convolutions() {
    let model = model();
    insta::assert_snapshot!(refused(|| model.conv.forward(ones([2, 1, 9, 9]))), @"
    Conv2d: `conv` takes inputs [batch, 3, height, width], and got one of shape [2, 1, 9, 9]
      help: channels are axis 1: make the layer for those of the input, or feed 3
    ");
    insta::assert_snapshot!(refused(|| model.conv.forward(ones([3, 9, 9]))), @"
    Conv2d: `conv` takes inputs [batch, 3, height, width], and got one of shape [3, 9, 9]
      help: give a single sample a batch axis with `.unsqueeze(0)`
    ");
    insta::assert_snapshot!(refused(|| model.conv.forward(ones([2, 3, 2, 9]))), @"
    conv2d: a kernel of 3 is larger than the extent 2 of axis 2
      operands: [2, 3, 2, 9], [8, 3, 3, 3], [8]
      help: use a smaller kernel or dilation, or more padding; earlier strides and pooling may have left too little
    ");
    insta::assert_snapshot!(refused(|| model.up.forward(ones([2, 8, 9, 9]))), @"
    ConvTranspose2d: `up` takes inputs [batch, 3, height, width], and got one of shape [2, 8, 9, 9]
      help: channels are axis 1: make the layer for those of the input, or feed 3
    ");
    insta::assert_snapshot!(refused(|| model.line.forward(ones([2, 3, 9]))), @"
    Conv1d: `line` takes inputs [batch, 2, length], and got one of shape [2, 3, 9]
      help: channels are axis 1: make the layer for those of the input, or feed 2
    ");
    insta::assert_snapshot!(refused(|| Conv2d::<f32>::grouped(3, 4, [1, 1], 2, &mut ChaCha8Rng::seed_from_u64(0))), @"2 groups do not divide 3 input and 4 output channels");
    insta::assert_snapshot!(refused(|| MaxPool2d::new([2, 2]).forward(ones([2, 9, 9]))), @"
    max_pool2d: an input of 3 axes, shape [2, 9, 9], where 4 are wanted
      operands: [2, 9, 9]
      help: give it a batch axis with `.unsqueeze(0)`: [batch, channels, height, width]
    ");
}

#[test]
fn norms() {
    let model = model();
    insta::assert_snapshot!(refused(|| model.norm.forward(ones([2, 3, 4]))), @"
    LayerNorm: `norm` takes inputs […, 4, 3], and got one of shape [2, 3, 4]
      help: its extents are the last axes: make the layer for those of the input
    ");
    insta::assert_snapshot!(refused(|| model.rms.forward(ones([2, 4]))), @"
    RmsNorm: `rms` takes inputs […, 3], and got one of shape [2, 4]
      help: its extents are the last axes: make the layer for those of the input
    ");
    insta::assert_snapshot!(refused(|| model.groups.forward(ones([2, 3, 4]))), @"
    GroupNorm: `groups` takes inputs [batch, 4, …], and got one of shape [2, 3, 4]
      help: channels are axis 1: make the layer for those of the input
    ");
    insta::assert_snapshot!(refused(|| model.batch.forward(ones([2, 4]))), @"
    BatchNorm1d: `batch` takes inputs [batch, 3] or [batch, 3, length], and got one of shape [2, 4]
      help: channels are axis 1: make the layer for those of the input
    ");
    insta::assert_snapshot!(refused(|| model.images.forward(ones([2, 3]))), @"
    BatchNorm2d: `images` takes inputs [batch, 3, height, width], and got one of shape [2, 3]
      help: channels are axis 1: make the layer for those of the input
    ");
    let lonely = || gradient(|tape| model.batch.forward(tape.constant(&ones([1, 3]))).sum());
    insta::assert_snapshot!(refused(lonely), @"
    BatchNorm1d: `batch` takes inputs with two or more elements a channel in training, and got one of shape [1, 3]
      help: one element has no spread: train on batches of 2 or more, or evaluate by `Tape::new().evaluating()`
    ");
}

#[test]
fn recurrent_layers() {
    let model = model();
    insta::assert_snapshot!(refused(|| model.rnn.forward(ones([4, 2, 5]), None)), @"
    Rnn: `rnn` takes inputs [time, batch, 3], and got one of shape [4, 2, 5]
      help: its features are the last axis: make the layer for those of the input, or feed 3
    ");
    insta::assert_snapshot!(refused(|| model.gru.forward(ones([4, 3]), None)), @"
    Gru: `gru` takes inputs [time, batch, 3], and got one of shape [4, 3]
      help: give a single sequence a batch axis with `.unsqueeze(1)`
    ");
    insta::assert_snapshot!(refused(|| model.lstm.forward(ones([4, 3]), None)), @"
    Lstm: `lstm` takes inputs [batch, time, 3], and got one of shape [4, 3]
      help: give a single sequence a batch axis with `.unsqueeze(0)`
    ");
    insta::assert_snapshot!(refused(|| model.gru.forward(ones([0, 2, 3]), None)), @"
    Gru: `gru` takes inputs [time, batch, 3], and got one of shape [0, 2, 3]
      help: a sequence has one step at least
    ");
    insta::assert_snapshot!(refused(|| model.rnn.forward(ones([4, 2, 3]), Some(ones([2, 2])))), @"
    Rnn: `rnn` takes a state [1, 2, 2], and got one of shape [2, 2]
      help: a state is [layers · directions, batch, hidden], whatever the layout of the input; without one it is zeros
    ");
    insta::assert_snapshot!(refused(|| model.rnn.forward_padded(ones([4, 2, 3]), &[4], None)), @"
    Rnn: lengths [4] for a batch of 2 sequences padded to 4 steps
      help: give each sequence of the batch its own length, up to the number of steps
    ");
    insta::assert_snapshot!(refused(|| model.lstm.forward_padded(ones([2, 4, 3]), &[4, 5], None)), @"
    Lstm: lengths [4, 5] for a batch of 2 sequences padded to 4 steps
      help: give each sequence of the batch its own length, up to the number of steps
    ");
}

#[test]
fn attention_and_positions() {
    let model = model();
    let attend = |x: Tensor| model.attention.forward_self(x, &Attention::new());
    insta::assert_snapshot!(refused(|| attend(ones([2, 3, 6]))), @"
    MultiHeadAttention: `attention` takes inputs [batch, places, 4], and got one of shape [2, 3, 6]
      help: its features are the last axis: make the layer for those of the input, or feed 4
    ");
    insta::assert_snapshot!(refused(|| attend(ones([3, 4]))), @"
    MultiHeadAttention: `attention` takes inputs [batch, places, 4], and got one of shape [3, 4]
      help: give a single sequence a batch axis with `.unsqueeze(0)`
    ");
    let masked = |x: Tensor| {
        let mask = padding_mask(&x, &[1, 2, 3], 3);
        model.attention.forward_self(x, &Attention::new().with_mask(&mask))
    };
    insta::assert_snapshot!(refused(|| masked(ones([2, 3, 4]))), @"
    scaled_dot_product_attention: a mask or bias of shape [3, 1, 1, 3] does not broadcast to scores of shape [2, 2, 3, 3]
      operands: [2, 2, 3, 2], [2, 2, 3, 2], [2, 2, 3, 2], [3, 1, 1, 3]
      help: its last axes are [queries, keys], or 1 where it is the same for all; give the axis of the heads with `.unsqueeze(1)`
    ");
    insta::assert_snapshot!(refused(|| model.encoder[0].forward(ones([2, 3, 5]))), @"
    MultiHeadAttention: `encoder.0.self_attn` takes inputs [batch, places, 4], and got one of shape [2, 3, 5]
      help: its features are the last axis: make the layer for those of the input, or feed 4
    ");
    insta::assert_snapshot!(refused(|| model.positions.forward(ones([2, 6, 3]))), @"
    LearnedPositions: `positions` takes inputs […, time, 3] of up to 5 places, and got one of shape [2, 6, 3]
      help: make the table for the longest sequence, or cut the input
    ");
    insta::assert_snapshot!(refused(|| RotaryPositions::<f32>::new(4, 2).forward(ones([3, 4]))), @"
    RotaryPositions: it takes inputs […, time, 2] of up to 4 places, and got one of shape [3, 4]
      help: the last axes are [time, features], as many features as the table has
    ");
    insta::assert_snapshot!(refused(|| MultiHeadAttention::<f32>::new(5, 2, &mut ChaCha8Rng::seed_from_u64(0))), @"2 heads do not divide 5 features: each head owns as many of them");
}

#[test]
fn what_keeps_or_halves_a_shape() {
    let model = model();
    insta::assert_snapshot!(refused(|| Residual(model.fc.clone()).forward(ones([5, 3]))), @"
    Residual: its layer turns shape [5, 3] into [5, 2], which cannot be added to what came in
      help: end the layer in the shape of its input, by a linear layer or a padded convolution
    ");
    insta::assert_snapshot!(refused(|| Glu { axis: -1 }.forward(ones([5, 3]))), @"
    Glu: axis -1 of an input of shape [5, 3] has no two halves
      help: its extent must be even and not 0: make the layer before it twice as wide as its result
    ");
    insta::assert_snapshot!(refused(|| model.slopes.forward(ones([5, 4]))), @"
    PRelu: `slopes` takes inputs [batch, 3, …], and got one of shape [5, 4]
      help: channels are axis 1: make the layer for those of the input, or with one slope for all
    ");
}
