//! What must be true of layers beyond their gradients: what padding and masks hide does not matter, statistics come back
//! with the gradients, weights start where PyTorch's do, a summary adds up.

use autograd::check::check_op;
use nn::layers::{CellSequence, CellStep, GruCell, LstmCell};
use nn::prelude::*;

fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn normal<const N: usize>(shape: [usize; N], seed: u64) -> Tensor<f64> {
    Tensor::normal(shape, 0.0, 1.0, &mut generator(seed))
}

#[track_caller]
fn assert_close(got: &Tensor<f64>, want: &Tensor<f64>, bound: f64) {
    assert_eq!(got.shape(), want.shape());
    let off = if got.elements() == 0 { 0.0 } else { (got - want).abs().max().item() };
    assert!(off <= bound, "off by {off:e}\n{got}\n{want}");
}

// ---- sequences that end early ------------------------------------------------------------------------------

const LENGTHS: [usize; 4] = [3, 5, 1, 0];

/// A recurrent layer as a function of a batch, the lengths of its sequences and a state, to outputs and states.
type Run<L> = fn(&L, Var<f64>, Option<&[usize]>, [Var<f64>; 2]) -> Vec<Var<f64>>;

/// A padded batch gives what its sequences give alone, outputs, states and all gradients, whatever the padding holds.
fn padded_is_single<L: Module<f64>>(layer: L, states: usize, run: Run<L>) {
    let mut x = normal([5, 4, 3], 1);
    for (i, value) in x.make_mut().iter_mut().enumerate() {
        let (time, sample) = (i / 12, i / 3 % 4);
        if time >= LENGTHS[sample] {
            *value = f64::NAN;
        }
    }
    let start = [normal([states, 4, 2], 2), normal([states, 4, 2], 3)];
    let tape = Tape::new();
    let vars = start.each_ref().map(|state| tape.var(state.clone()));
    let input = tape.var(x.clone());
    let whole = run(&layer, input.clone(), Some(&LENGTHS), vars.clone());
    let weights: Vec<Tensor<f64>> =
        whole.iter().zip(10..).map(|(y, seed)| Tensor::normal(y.shape(), 0.0, 1.0, &mut generator(seed))).collect();
    let weighed = |y: &[Var<f64>], cut: &dyn Fn(usize, &Tensor<f64>) -> Tensor<f64>| {
        let terms = y.iter().zip(&weights).enumerate().map(|(i, (y, w))| (y.clone() * y.constant(&cut(i, w))).sum());
        terms.reduce(|a, b| a + b).unwrap()
    };
    let gradients = weighed(&whole, &|_, w| w.clone()).backward();
    let zeros = |p: &Param<f64>| Tensor::<f64>::zeros(p.value().shape());
    let mut sums: Vec<Tensor<f64>> = layer.parameters().into_iter().map(|(_, p)| zeros(p)).collect();
    let of_input = gradients.of(&input).or_zeros();
    for (sample, &length) in LENGTHS.iter().enumerate() {
        let (i, t) = (sample as isize, length as isize);
        let beyond = whole[0].value().slice(1, i..i + 1).slice(0, t..);
        assert!(beyond.to_vec().iter().all(|&v| v == 0.0));
        assert!(of_input.slice(1, i..i + 1).slice(0, t..).to_vec().iter().all(|&v| v == 0.0));
        let alone = |x: &Tensor<f64>| x.slice(1, i..i + 1).contiguous();
        if length == 0 {
            for (y, start) in whole[1..].iter().zip(&start) {
                assert_close(&alone(y.value()), &alone(start), 0.0);
            }
            continue;
        }
        let tape = Tape::new();
        let vars = start.each_ref().map(|state| tape.var(alone(state)));
        let input = tape.var(alone(&x).slice(0, ..t).contiguous());
        let single = run(&layer, input.clone(), None, vars.clone());
        let cut = |i: usize, y: &Tensor<f64>| if i == 0 { alone(y).slice(0, ..t).contiguous() } else { alone(y) };
        for (i, (single, whole)) in single.iter().zip(&whole).enumerate() {
            assert_close(&cut(i, whole.value()), single.value(), 1e-14);
        }
        let own = weighed(&single, &cut).backward();
        assert_close(&alone(&of_input).slice(0, ..t), &own.of(&input).or_zeros(), 1e-13);
        for ((_, parameter), sum) in layer.parameters().into_iter().zip(&mut sums) {
            *sum = &*sum + own.of(parameter).or_zeros();
        }
    }
    for ((_, parameter), sum) in layer.parameters().into_iter().zip(&sums) {
        assert_close(&gradients.of(parameter).or_zeros(), sum, 1e-13);
    }
}

#[test]
fn a_padded_batch_is_its_sequences() {
    let both = Recurrence::new().with_layers(2).bidirectional();
    padded_is_single(Rnn::with(3, 2, both, &mut generator(4)), 4, |layer, x, lengths, [h, _]| {
        let (y, h) = match lengths {
            Some(lengths) => layer.forward_padded(x, lengths, Some(h)),
            None => layer.forward(x, Some(h)),
        };
        vec![y, h]
    });
    padded_is_single(Gru::with(3, 2, both, &mut generator(5)), 4, |layer, x, lengths, [h, _]| {
        let (y, h) = match lengths {
            Some(lengths) => layer.forward_padded(x, lengths, Some(h)),
            None => layer.forward(x, Some(h)),
        };
        vec![y, h]
    });
    padded_is_single(Lstm::with(3, 2, both, &mut generator(6)), 4, |layer, x, lengths, [hidden, cell]| {
        let state = Some(LstmState { hidden, cell });
        let (y, state) = match lengths {
            Some(lengths) => layer.forward_padded(x, lengths, state),
            None => layer.forward(x, state),
        };
        vec![y, state.hidden, state.cell]
    });
}

/// What is read in two parts, with the state carried over, is what is read at once.
#[test]
fn states_carry_on() {
    let lstm = Lstm::<f64>::with(3, 2, Recurrence::new().with_layers(2), &mut generator(7));
    let x = normal([6, 2, 3], 8);
    let (whole, end) = lstm.forward(x.clone(), None);
    let (first, state) = lstm.forward(x.slice(0, ..4), None);
    let (second, last) = lstm.forward(x.slice(0, 4..), Some(state));
    assert_close(&Tensor::concat(&[&first, &second], 0), &whole, 1e-15);
    assert_close(&last.cell, &end.cell, 1e-15);
}

/// A layer that is read batch first is the same layer.
#[test]
fn batch_first_is_another_order_of_axes() {
    let gru = Gru::<f64>::new(3, 2, &mut generator(9));
    let mut turned = Gru::with(3, 2, Recurrence::new().batch_first(), &mut generator(10));
    turned.set_values(&gru.values());
    let x = normal([4, 2, 3], 11);
    let ((y, h), (z, k)) = (gru.forward(x.clone(), None), turned.forward(x.permute([1, 0, 2]), None));
    assert_close(&y.permute([1, 0, 2]), &z, 1e-15);
    assert_close(&h, &k, 1e-15);
}

// ---- attention ---------------------------------------------------------------------------------------------

/// What is hidden from a place does not matter to it: not in its output, not in its gradient.
#[test]
fn attention_does_not_see_what_is_hidden() {
    let layer = MultiHeadAttention::<f64>::new(4, 2, &mut generator(12));
    let x = normal([2, 5, 4], 13);
    let hidden = |i: usize| i / 20 == 1 && i / 4 % 5 >= 3;
    let changed = Tensor::from_fn([2, 5, 4], |i| if hidden(i) { 1e3 } else { x.to_vec()[i] });
    let of = |x: &Tensor<f64>| {
        let tape = Tape::new();
        let v = tape.var(x.clone());
        let masked = Attention::new().with_mask(&padding_mask(&v, &[5, 3], 5));
        let y = layer.forward(v.clone(), v.detach(), v.detach(), &masked);
        (y.value().slice(1, ..3).contiguous(), y.slice(1, ..3).sum().backward().of(&v).or_zeros())
    };
    let ((y, slope), (z, other)) = (of(&x), of(&changed));
    assert_eq!((y, slope.slice(1, ..3).contiguous()), (z, other.slice(1, ..3).contiguous()));

    // Causal: the future does not matter.
    let later = Tensor::from_fn([2, 5, 4], |i| if i / 4 % 5 == 4 { -7.0 } else { x.to_vec()[i] });
    let causal = |x: Tensor<f64>| layer.forward_self(x, &Attention::new().causal()).slice(1, ..4).contiguous();
    assert_close(&causal(x.clone()), &causal(later), 1e-15);
    // To itself by one product, or as query, key and value.
    let apart = layer.forward(x.clone(), x.clone(), x.clone(), &Attention::new());
    assert_close(&layer.forward_self(x, &Attention::new()), &apart, 1e-14);
}

/// After rotation, the product of a query and a key depends on their distance alone.
#[test]
fn rotary_positions_tell_distances() {
    let rotary = RotaryPositions::<f64>::new(12, 6);
    let (q, k) = (normal([1, 6], 14), normal([1, 6], 15));
    let everywhere = |x: &Tensor<f64>| rotary.forward(x.broadcast_to([12, 6]));
    let scores = everywhere(&q).matmul(&everywhere(&k).transpose());
    for (i, j) in [(0, 0), (3, 1), (2, 7)] {
        let moved = scores.at(&[i + 4, j + 4]).unwrap() - scores.at(&[i, j]).unwrap();
        assert!(moved.abs() < 1e-13, "{moved:e}");
    }
    assert!((scores.at(&[3, 1]).unwrap() - scores.at(&[1, 3]).unwrap()).abs() > 1e-3);
}

// ---- statistics --------------------------------------------------------------------------------------------

#[test]
fn statistics_come_back_with_the_gradients() {
    let mut norm = BatchNorm1d::<f64>::new(2).with_momentum(0.25);
    let batches = [normal([4, 2], 16), normal([3, 2], 17)];
    let pass =
        |norm: &BatchNorm1d<f64>, x: &Tensor<f64>| gradient(|tape| norm.forward(tape.constant(x)).square().sum()).1;
    // PyTorch's rule, by hand.
    let (mut mean, mut variance) = (Tensor::zeros([2]), Tensor::<f64>::ones([2]));
    for x in &batches {
        mean = mean * 0.75 + x.mean_axes(0) * 0.25;
        variance = variance * 0.75 + x.var_axes(0, 1) * 0.25;
    }
    // Nothing has changed before the step, which applies what both passes learned, in order.
    let gradients = pass(&norm, &batches[0]).plus(pass(&norm, &batches[1]));
    assert_eq!(norm.running_mean.value().to_vec(), [0.0, 0.0]);
    let weight = norm.weight.value().clone();
    GradientDescent::new(0.1).step(&mut norm, &gradients);
    assert_close(norm.running_mean.value(), &mean, 1e-15);
    assert_close(norm.running_var.value(), &variance, 1e-15);
    assert_eq!(norm.num_batches_tracked.value().item(), 2.0);
    assert_ne!(*norm.weight.value(), weight);

    // Two gradients of one run learned the same once; an evaluation learned nothing, and a frozen statistic stays.
    let tape = Tape::new();
    let y = norm.forward(tape.constant(&batches[0]));
    let both = y.sum().backward().plus(y.square().sum().backward());
    assert_eq!(both.learned(&norm.num_batches_tracked).unwrap().item(), 3.0);
    let tape = Tape::new().evaluating();
    let gradients = norm.forward(tape.constant(&batches[0])).sum().backward();
    assert!(gradients.learned(&norm.running_mean).is_none());
    let before = norm.running_mean.value().clone();
    assert_eq!(norm.freeze("running*", true), 2);
    let gradients = pass(&norm, &batches[1]);
    GradientDescent::new(0.1).step(&mut norm, &gradients);
    assert_eq!((norm.running_mean.value(), norm.num_batches_tracked.value().item()), (&before, 3.0));
}

/// Statistics inside a segment that is recomputed are learned once.
#[test]
fn recomputed_segments_learn_once() {
    let net = Recompute(Sequential::<f64>::new().with(BatchNorm1d::new(2)).with(Tanh));
    let (_, gradients) = gradient(|tape| net.forward(tape.constant(&normal([4, 2], 18))).sum());
    let state = net.state();
    let count = state.iter().find(|(path, _)| path == "0.num_batches_tracked").unwrap().1;
    assert_eq!(gradients.learned(count).unwrap().item(), 1.0);
}

// ---- how weights start -------------------------------------------------------------------------------------

/// Bounds from PyTorch's documentation of each module; a uniform weight reaches nine tenths of its own.
#[test]
fn weights_start_as_in_pytorch() {
    let g = &mut generator(19);
    let within = |what: &str, parameter: &Param<f64>, bound: f64| {
        let largest = parameter.value().abs().max().item();
        assert!(largest <= bound && largest > 0.9 * bound, "{what}: {largest} of {bound}");
    };
    let linear = Linear::new(50, 40, g);
    within("linear", &linear.weight, (1.0_f64 / 50.0).sqrt());
    within("linear bias", linear.bias.as_ref().unwrap(), (1.0_f64 / 50.0).sqrt());
    within("bilinear", &Bilinear::new(25, 8, 9, g).weight, 0.2);
    let conv = Conv2d::grouped(8, 16, [3, 3], 2, g);
    within("conv", &conv.weight, (1.0_f64 / 36.0).sqrt());
    within("conv bias", conv.bias.as_ref().unwrap(), (1.0_f64 / 36.0).sqrt());
    within("transposed conv", &ConvTranspose2d::new(8, 16, [2, 2], g).weight, (1.0_f64 / 64.0).sqrt());
    let lstm = Lstm::new(7, 25, g);
    for cell in &lstm.weights.cells {
        within("lstm", &cell.weight_ih, 0.2);
        within("lstm", &cell.weight_hh, 0.2);
        within("lstm", cell.bias_ih.as_ref().unwrap(), 0.2);
    }
    let attention = MultiHeadAttention::new(24, 2, g);
    within("attention", &attention.in_proj_weight, (6.0_f64 / (24.0 + 72.0)).sqrt());
    within("attention", &attention.out_proj.weight, (1.0_f64 / 24.0).sqrt());
    let zeros = [attention.in_proj_bias.as_ref(), attention.out_proj.bias.as_ref()];
    assert!(zeros.into_iter().all(|bias| bias.unwrap().value().to_vec().iter().all(|&v| v == 0.0)));
    let spread = Embedding::<f64>::new(400, 10, g).weight.value().square().mean().item();
    assert!((spread - 1.0).abs() < 0.1, "{spread}");
}

// ---- summaries ---------------------------------------------------------------------------------------------

/// A model with a forward of its own.
#[derive(Module)]
struct Language {
    tok: Embedding,
    pos: LearnedPositions,
    block: EncoderBlock<f32, Gelu>,
    head: Sequential,
}

impl Language {
    fn forward<A: Array>(&self, tokens: &Ids<A>) -> A {
        let x = self.pos.forward(self.tok.forward(tokens));
        self.head.forward(self.block.forward(x))
    }
}

#[test]
fn a_summary_has_paths_shapes_parameters_and_cost() {
    let g = &mut generator(20);
    let mut net = Language {
        tok: Embedding::new(50, 8, g),
        pos: LearnedPositions::new(20, 8, g),
        block: EncoderBlock::new(8, 2, 32, g).with_activation(Gelu),
        head: Sequential::new()
            .with(Dropout { p: 0.1 })
            .with(Residual(Linear::new(8, 8, g)))
            .with(Linear::new(8, 50, g)),
    };
    net.freeze("tok*", true);
    net.freeze("block.linear1.bias", true);
    let summary = net.summary_of(|near| {
        let _ = net.forward(&Ids::new(near, Indices::new(vec![0; 30], [2, 15])));
    });
    insta::assert_snapshot!(summary, @"
    module                path                      output           parameters  multiply-adds
    Embedding             tok                       [2, 15, 8]       400 frozen
    LearnedPositions      pos                       [2, 15, 8]              160
    EncoderBlock          block                     [2, 15, 8]
      MultiHeadAttention  block.self_attn           [2, 15, 8]              216         12,960
        Linear            block.self_attn.out_proj  [2, 15, 8]               72          1,920
      LayerNorm           block.norm1               [2, 15, 8]               16
      Linear              block.linear1             [2, 15, 32]  288, 32 frozen          7,680
      Gelu                                          [2, 15, 32]
      Linear              block.linear2             [2, 15, 8]              264          7,680
      LayerNorm           block.norm2               [2, 15, 8]               16
    Sequential            head                      [2, 15, 50]
      Dropout             head.0                    [2, 15, 8]
      Residual            head.1                    [2, 15, 8]
        Linear            head.1                    [2, 15, 8]               72          1,920
      Linear              head.2                    [2, 15, 50]             450         12,000
    1,954 parameters: 1,522 trainable, 432 frozen; 44,160 multiply-adds
    ");
    // The columns add up.
    let total: usize = summary.lines.iter().map(|line| line.parameters).sum();
    assert_eq!(total, net.parameter_count());
    assert_eq!(summary.lines.iter().map(|line| line.multiply_adds).sum::<usize>(), summary.multiply_adds);
    // Counted by hand: q, k, v and the way out, scores and means, two linear layers, the head.
    let by_hand = 2 * 15 * (4 * 8 * 8 + 2 * 15 * 8 + 2 * 8 * 32 + 8 * 8 + 8 * 50);
    assert_eq!(summary.multiply_adds, by_hand);
}

#[test]
fn a_summary_of_convolutions() {
    let g = &mut generator(21);
    let net = Sequential::<f32>::new()
        .with(
            Sequential::new()
                .with(Conv2d::new(3, 8, [3, 3], g).with_padding([1, 1]))
                .with(BatchNorm2d::new(8))
                .with(Relu),
        )
        .with(MaxPool2d::new([2, 2]))
        .with(ConvTranspose2d::new(8, 4, [2, 2], g).with_stride([2, 2]))
        .with(AdaptiveAvgPool2d([1, 1]))
        .with(Flatten);
    insta::assert_snapshot!(net.summary([16, 3, 32, 32]), @"
    module               path  output           parameters  multiply-adds
    Sequential                 [16, 4]
      Sequential         0     [16, 8, 32, 32]
        Conv2d           0.0   [16, 8, 32, 32]         224      3,538,944
        BatchNorm2d      0.1   [16, 8, 32, 32]          16
        Relu             0.2   [16, 8, 32, 32]
      MaxPool2d          1     [16, 8, 16, 16]
      ConvTranspose2d    2     [16, 4, 32, 32]         132        524,288
      AdaptiveAvgPool2d  3     [16, 4, 1, 1]
      Flatten            4     [16, 4]
    372 parameters: 372 trainable, 0 frozen; 17 statistics; 4,063,232 multiply-adds
    ");
}

/// The step of an LSTM against its formula from single functions, in every mode and order.
#[test]
fn the_step_of_an_lstm_is_its_formula() {
    for (batch, hidden) in [(1, 1), (3, 5), (2, 33)] {
        let (x, v) = (normal([batch, 4 * hidden], 5), normal([batch, 4 * hidden], 7));
        let cell = normal([batch, hidden], 6);
        let expected = lstm(&x, &v, &cell);
        assert_close(&Tensor::apply(CellStep(LstmCell), &[&x, &v, &cell]), &expected, 1e-14);
        if hidden < 33 {
            let report = check_op(CellStep(LstmCell), &[x, v, cell]);
            assert!(report.passed(), "{report}");
        }
    }
}

/// The step of a GRU against its formula from single functions, in every mode and order.
#[test]
fn the_step_of_a_gru_is_its_formula() {
    for (batch, hidden) in [(1, 1), (3, 5), (2, 33)] {
        let (x, v) = (normal([batch, 3 * hidden], 5), normal([batch, 3 * hidden], 6));
        let h = normal([batch, hidden], 7);
        assert_close(&Tensor::apply(CellStep(GruCell), &[&x, &v, &h]), &gru(&x, &v, &h), 1e-14);
        if hidden < 33 {
            let report = check_op(CellStep(GruCell), &[x, v, h]);
            assert!(report.passed(), "{report}");
        }
    }
}

/// `h′` and `c′` side by side.
fn lstm<A: Array<f64>>(x: &A, v: &A, cell: &A) -> A {
    let parts = (x.clone() + v).chunk(4, -1);
    let next = parts[1].sigmoid() * cell + parts[0].sigmoid() * parts[2].tanh();
    A::concat(&[&(parts[3].sigmoid() * next.tanh()), &next], -1)
}

/// `h′`.
fn gru<A: Array<f64>>(x: &A, v: &A, h: &A) -> A {
    let (from_x, from_v) = (x.chunk(3, -1), v.chunk(3, -1));
    let [r, z] = [0, 1].map(|gate| (from_x[gate].clone() + &from_v[gate]).sigmoid());
    let n = (from_x[2].clone() + r * &from_v[2]).tanh();
    z.rsub(1.0) * n + z * h
}

/// All states of a walk over time, written in single functions: `[states, time, batch, hidden]`.
fn walk<A: Array<f64>>(x: &[&A], states: usize, backward: bool, step: fn(&A, &A, &A) -> A) -> A {
    let (time, mut now) = (x[0].shape()[0] as isize, x[2..2 + states].iter().map(|&x| x.clone()).collect::<Vec<_>>());
    let mut all = vec![None; time as usize];
    for i in 0..time {
        let t = if backward { time - 1 - i } else { i };
        let pushed = now[0].linear(x[1], x.get(2 + states).copied());
        now = step(&x[0].slice(0, t..t + 1).squeeze(0), &pushed, &now[states - 1]).chunk(states, -1);
        all[t as usize] = Some(A::stack(&now.iter().collect::<Vec<_>>(), 0));
    }
    A::stack(&all.iter().flatten().collect::<Vec<_>>(), 1)
}

/// Inputs of a sequence with so many gates and states.
fn sequence(gates: usize, states: usize, [time, batch, hidden]: [usize; 3], bias: bool) -> Vec<Tensor<f64>> {
    let mut inputs = vec![normal([time, batch, gates * hidden], 5), normal([gates * hidden, hidden], 6) * 0.4];
    inputs.extend((0..states).map(|i| normal([batch, hidden], 7 + i as u64)));
    inputs.extend(bias.then(|| normal([gates * hidden], 9)));
    inputs
}

/// A sequence as one operation: in every mode and order.
#[test]
fn a_sequence_has_every_derivative() {
    for (backward, bias, extents) in [(false, true, [3, 2, 2]), (true, false, [2, 3, 1]), (true, true, [1, 1, 2])] {
        let report = check_op(CellSequence { cell: LstmCell, backward }, &sequence(4, 2, extents, bias));
        assert!(report.passed(), "{report}");
        let report = check_op(CellSequence { cell: GruCell, backward }, &sequence(3, 1, extents, bias));
        assert!(report.passed(), "{report}");
    }
}

/// The same against a walk in single functions, values and all gradients: also of so many rows and steps that the batch is
/// divided, of rows that fill no piece, and of a weight that is too large for that.
#[test]
fn a_sequence_is_its_steps() {
    let few = [(false, true, [5, 3, 4]), (true, false, [4, 2, 3])];
    let many = [(false, false, [40, 19, 50]), (true, true, [12, 70, 40]), (false, true, [2, 9, 420])];
    for (backward, bias, extents) in few.into_iter().chain(many) {
        let (x, op) = (sequence(4, 2, extents, bias), CellSequence { cell: LstmCell, backward });
        compare("lstm", &x, |x| Var::apply(op, x), |x| walk(x, 2, backward, lstm));
        let (x, op) = (sequence(3, 1, extents, bias), CellSequence { cell: GruCell, backward });
        compare("gru", &x, |x| Var::apply(op, x), |x| walk(x, 1, backward, gru));
    }
}

/// Values and gradients of two programs, under a cotangent that differs from place to place.
fn compare(
    name: &str,
    inputs: &[Tensor<f64>],
    a: impl Fn(&[&Var<f64>]) -> Var<f64>,
    b: impl Fn(&[&Var<f64>]) -> Var<f64>,
) {
    let run = |program: &dyn Fn(&[&Var<f64>]) -> Var<f64>| {
        let tape = Tape::new();
        let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
        let y = program(&vars.iter().collect::<Vec<_>>());
        let gradients =
            (y.clone() * &tape.constant(&Tensor::normal(y.shape(), 0.0, 1.0, &mut generator(10)))).sum().backward();
        let mut all = vec![y.value().clone()];
        all.extend(vars.iter().map(|x| gradients.of(x).or_zeros()));
        all
    };
    for (i, (a, b)) in run(&a).iter().zip(&run(&b)).enumerate() {
        assert!(a.shape() == b.shape(), "{name}: {i}");
        let scale = b.abs().max().item().max(1.0);
        assert_close(a, b, 1e-12 * scale);
    }
}

/// A layer gives the same at once and step by step, as it goes where one sequence of the batch ends early.
#[test]
fn at_once_is_step_by_step() {
    let both = Recurrence::new().with_layers(2).bidirectional();
    let (x, lengths) = (normal([9, 4, 3], 11), [9, 9, 9, 8]);
    let (whole, long) = (|x: &Tensor<f64>| x.slice(1, ..3), x.slice(1, ..3));
    let lstm = Lstm::<f64>::with(3, 5, both, &mut generator(12));
    let ((y, end), (z, last)) = (lstm.forward(long.clone(), None), lstm.forward_padded(x.clone(), &lengths, None));
    for (at_once, by_steps) in [(y, z), (end.hidden, last.hidden), (end.cell, last.cell)] {
        assert_close(&at_once, &whole(&by_steps), 1e-14);
    }
    let gru = Gru::<f64>::with(3, 5, both, &mut generator(13));
    let ((y, end), (z, last)) = (gru.forward(long, None), gru.forward_padded(x, &lengths, None));
    assert_close(&y, &whole(&z), 1e-14);
    assert_close(&end, &whole(&last), 1e-14);
}
