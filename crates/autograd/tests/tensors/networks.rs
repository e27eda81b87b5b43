//! What networks are made of: against definitions written out, at sizes where tiles and threads come into play, and
//! with inputs that do not fit.

use autograd::ops::Op;
use autograd::ops::attention::AttentionWeights;
use autograd::ops::conv::{Conv, ConvTranspose, ConvWeight};
use autograd::ops::pool::{ArgMaxPool, Windows};
use autograd::ops::resample::{Resample, ResampleAdjoint, Resampling};
use autograd::ops::scaled_dot_product::ScaledDotProduct;
use autograd::prelude::*;

/// Small whole numbers: sums of their products are exact, in any order.
fn whole(shape: impl Into<Shape>, seed: usize) -> Tensor<f64> {
    Tensor::from_fn(shape, |i| ((i * 7919 + seed * 104_729) % 1009 % 9) as f64 - 4.0)
}

/// A convolution by its definition.
fn by_definition(x: &Tensor<f64>, w: &Tensor<f64>, c: &Convolution<2>, shape: Shape) -> Tensor<f64> {
    let (of_x, of_w, data, weights) = (x.shape(), w.shape(), x.to_vec(), w.to_vec());
    let filters = of_w[0] / c.groups;
    let mut places = (0..shape.elements()).map(|place| {
        let (j, i) = (place % shape[3], place / shape[3] % shape[2]);
        let (o, n) = (place / (shape[2] * shape[3]) % shape[1], place / (shape[1] * shape[2] * shape[3]));
        let mut sum = 0.0;
        for channel in 0..of_w[1] {
            for k in 0..of_w[2] {
                for l in 0..of_w[3] {
                    let row = (i * c.stride[0] + k * c.dilation[0]).wrapping_sub(c.padding[0]);
                    let column = (j * c.stride[1] + l * c.dilation[1]).wrapping_sub(c.padding[1]);
                    if row < of_x[2] && column < of_x[3] {
                        let source = n * of_x[1] + o / filters * of_w[1] + channel;
                        let weight = ((o * of_w[1] + channel) * of_w[2] + k) * of_w[3] + l;
                        sum += data[(source * of_x[2] + row) * of_x[3] + column] * weights[weight];
                    }
                }
            }
        }
        sum
    });
    Tensor::from_fn(shape, |_| places.next().unwrap())
}

fn dot(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.to_vec().iter().zip(b.to_vec()).map(|(a, b)| a * b).sum()
}

/// Convolutions with several tiles of patches, and batches that are halved: exactly what the definition gives. Their
/// adjoints are exactly adjoint.
#[test]
fn large_convolutions_are_what_they_are_defined_as() {
    let plain = Convolution::<2>::new();
    let cases = [
        // One sample, several tiles.
        ([1, 64, 40, 30], [4, 64, 3, 5], plain.with_padding([1, 2])),
        // A long line, whose tiles begin within it.
        ([1, 256, 1, 700], [3, 256, 1, 7], plain.with_stride([1, 2]).with_padding([0, 9])),
        // A batch in quarters.
        ([5, 16, 22, 24], [16, 16, 5, 5], plain.with_padding([2, 2])),
        // Everything at once.
        ([6, 24, 21, 26], [48, 12, 3, 3], Convolution { stride: [1, 2], padding: [2, 0], dilation: [2, 3], groups: 2 }),
        // Patches that are the input itself.
        ([6, 64, 24, 24], [24, 64, 1, 1], plain),
    ];
    for (of_x, of_w, convolution) in cases {
        let (x, w) = (whole(of_x, 1), whole(of_w, 2));
        let y = x.conv2d(&w, None, convolution);
        assert_eq!(y, by_definition(&x, &w, &convolution, y.shape()), "{of_x:?} {convolution:?}");

        let u = whole(y.shape(), 3);
        let weight = ConvWeight { convolution, kernel: [of_w[2], of_w[3]] };
        assert_eq!(dot(&y, &u), dot(&w, &Tensor::apply(weight, &[&x, &u])), "{of_x:?} {convolution:?}");
        let tape = Tape::new();
        let v = tape.var(x.clone());
        let back = v.conv2d(&tape.constant(&w), None, convolution).backward_with(&u);
        assert_eq!(dot(&y, &u), dot(&x, &back.of(&v).or_zeros()), "{of_x:?} {convolution:?}");
    }
}

/// The same bits on one, two and four threads.
#[test]
fn convolutions_do_not_depend_on_threads() {
    let wave = |shape: [usize; 4], step: f64| Tensor::<f32>::from_fn(shape, |i| (i as f64 * step).sin() as f32);
    let (x, w) = (wave([6, 16, 22, 24], 0.37), wave([16, 16, 5, 5], 0.73));
    let work = || {
        let tape = Tape::new();
        let (x, w, b) = (tape.var(x.clone()), tape.var(w.clone()), tape.var(Tensor::<f32>::linspace(0.0, 1.0, 16)));
        let y = x.conv2d(&w, Some(&b), Convolution::new().with_padding([2, 2]));
        let gradients = y.sin().sum().backward();
        let bits = |x: Tensor| x.to_vec().into_iter().map(f32::to_bits).collect::<Vec<_>>();
        [bits(y.value().clone()), bits(gradients.of(&x).or_zeros()), bits(gradients.of(&w).or_zeros())]
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work);
    let one = on(1);
    assert!(one == on(2) && one == on(4));
}

/// What an operation says to inputs of these shapes: through `infer` alone, so that nothing can panic.
fn refusal<O: Op<f32>>(op: O, shapes: &[&[usize]]) -> String {
    let symbols: Vec<Shapes> = shapes.iter().map(|shape| Shapes::new(*shape)).collect();
    let error = Shapes::try_apply(op, &symbols.iter().collect::<Vec<_>>()).unwrap_err();
    let report = error.report();
    let operands: Vec<String> = report.operands.iter().map(|operand| operand.shape.to_string()).collect();
    format!("{}: {}\n  operands: {}\n  help: {}", report.op, report.problem, operands.join(", "), report.help)
}

fn conv(convolution: Convolution<2>) -> Conv<2> {
    Conv { convolution }
}

#[test]
fn convolutions_say_what_does_not_fit() {
    let plain = Convolution::<2>::new;
    insta::assert_snapshot!(refusal(conv(plain()), &[&[3, 5, 5], &[4, 3, 3, 3]]), @"
    conv2d: an input of 3 axes, shape [3, 5, 5], where 4 are wanted
      operands: [3, 5, 5], [4, 3, 3, 3]
      help: give it a batch axis with `.unsqueeze(0)`: [batch, channels, height, width]
    ");
    insta::assert_snapshot!(refusal(conv(plain()), &[&[5, 5], &[4, 3, 3, 3]]), @"
    conv2d: an input of 2 axes, shape [5, 5], where 4 are wanted
      operands: [5, 5], [4, 3, 3, 3]
      help: inputs are [batch, channels, height, width]
    ");
    insta::assert_snapshot!(refusal(conv(plain()), &[&[1, 3, 5, 5], &[4, 27]]), @"
    conv2d: a weight of 2 axes, shape [4, 27], where 4 are wanted
      operands: [1, 3, 5, 5], [4, 27]
      help: weights are [out, in / groups, height, width]
    ");
    insta::assert_snapshot!(refusal(conv(plain()), &[&[1, 3, 5, 5], &[3, 4, 3, 3]]), @"
    conv2d: a weight of shape [3, 4, 3, 3] reads 4 channels, where an input of shape [1, 3, 5, 5] has 3
      operands: [1, 3, 5, 5], [3, 4, 3, 3]
      help: weights are [out, in / groups] and then the kernel; the input's channels are its axis 1
    ");
    insta::assert_snapshot!(refusal(conv(plain().with_groups(2)), &[&[1, 4, 5, 5], &[6, 4, 3, 3]]), @"
    conv2d: a weight of shape [6, 4, 3, 3] reads 4 channels, where an input of shape [1, 4, 5, 5] has 2 in each of 2 groups
      operands: [1, 4, 5, 5], [6, 4, 3, 3]
      help: weights are [out, in / groups] and then the kernel; the input's channels are its axis 1
    ");
    insta::assert_snapshot!(refusal(conv(plain().with_groups(2)), &[&[1, 3, 5, 5], &[4, 3, 3, 3]]), @"
    conv2d: the 3 channels of the input do not divide into 2 groups
      operands: [1, 3, 5, 5], [4, 3, 3, 3]
      help: channels and filters must be multiples of the number of groups
    ");
    insta::assert_snapshot!(refusal(conv(plain().with_groups(2)), &[&[1, 4, 5, 5], &[3, 2, 3, 3]]), @"
    conv2d: the 3 filters of the weight do not divide into 2 groups
      operands: [1, 4, 5, 5], [3, 2, 3, 3]
      help: channels and filters must be multiples of the number of groups
    ");
    insta::assert_snapshot!(refusal(conv(plain().with_groups(0)), &[&[1, 4, 5, 5], &[3, 2, 3, 3]]), @"
    conv2d: 0 groups of channels
      operands: [1, 4, 5, 5], [3, 2, 3, 3]
      help: 1 group lets every filter read every channel
    ");
    insta::assert_snapshot!(refusal(conv(plain()), &[&[1, 3, 5, 2], &[4, 3, 3, 3]]), @"
    conv2d: a kernel of 3 is larger than the extent 2 of axis 3
      operands: [1, 3, 5, 2], [4, 3, 3, 3]
      help: use a smaller kernel or dilation, or more padding; earlier strides and pooling may have left too little
    ");
    insta::assert_snapshot!(
        refusal(conv(plain().with_dilation([3, 1]).with_padding([1, 1])), &[&[1, 3, 4, 5], &[4, 3, 3, 3]]),
        @"
        conv2d: a kernel of 3 with dilation 3, which spans 7, is larger than the extent 4 of axis 2 with padding 1 at either end
          operands: [1, 3, 4, 5], [4, 3, 3, 3]
          help: use a smaller kernel or dilation, or more padding; earlier strides and pooling may have left too little
        "
    );
    insta::assert_snapshot!(refusal(conv(plain().with_stride([1, 0])), &[&[1, 3, 5, 5], &[4, 3, 3, 3]]), @"
    conv2d: a stride of 0
      operands: [1, 3, 5, 5], [4, 3, 3, 3]
      help: a stride is 1 or more along every axis
    ");
    insta::assert_snapshot!(refusal(conv(plain().with_dilation([0, 1])), &[&[1, 3, 5, 5], &[4, 3, 3, 3]]), @"
    conv2d: a dilation of 0
      operands: [1, 3, 5, 5], [4, 3, 3, 3]
      help: a dilation is 1 or more along every axis
    ");
    insta::assert_snapshot!(refusal(conv(plain()), &[&[1, 3, 5, 5], &[4, 3, 0, 3]]), @"
    conv2d: a kernel of 0
      operands: [1, 3, 5, 5], [4, 3, 0, 3]
      help: a kernel is 1 or more along every axis
    ");
    insta::assert_snapshot!(refusal(conv(plain()), &[&[1, 3, 5, 5], &[4, 3, 3, 3], &[3]]), @"
    conv2d: a bias of shape [3] for an output of 4 channels
      operands: [1, 3, 5, 5], [4, 3, 3, 3], [3]
      help: the bias has one number for each channel of the output: [4]
    ");
    insta::assert_snapshot!(
        refusal(conv(plain().with_padding([usize::MAX, 0])), &[&[1, 3, 5, 5], &[4, 3, 3, 3]]),
        @"
        conv2d: a padding of 18446744073709551615 or a dilation of 1 is beyond any memory
          operands: [1, 3, 5, 5], [4, 3, 3, 3]
          help: look for a subtraction that went below 0
        "
    );
    insta::assert_snapshot!(
        refusal(conv(plain().with_padding([usize::MAX / 8, 1 << 20])), &[&[9, 3, 5, 5], &[4, 3, 3, 3]]),
        @"
        conv2d: a result of shape [9, 4, 4611686018427387905, 2097155] is beyond any memory
          operands: [9, 3, 5, 5], [4, 3, 3, 3]
          help: look for a subtraction that went below 0 in a size or a padding
        "
    );
}

#[test]
fn transposed_convolutions_say_what_does_not_fit() {
    let with = |convolution: Convolution<2>, output_padding| ConvTranspose { convolution, output_padding };
    let plain = Convolution::<2>::new;
    insta::assert_snapshot!(refusal(with(plain(), [0, 0]), &[&[1, 3, 5, 5], &[4, 3, 3, 3]]), @"
    conv_transpose2d: a weight of shape [4, 3, 3, 3] reads 4 channels, where an input of shape [1, 3, 5, 5] has 3
      operands: [1, 3, 5, 5], [4, 3, 3, 3]
      help: weights of a transposed convolution are [in, out / groups] and then the kernel
    ");
    insta::assert_snapshot!(refusal(with(plain(), [0, 1]), &[&[1, 3, 5, 5], &[3, 4, 3, 3]]), @"
    conv_transpose2d: an output padding of 1 with a stride of 1
      operands: [1, 3, 5, 5], [3, 4, 3, 3]
      help: it says which of `stride` extents is meant and is less than the stride
    ");
    insta::assert_snapshot!(refusal(with(plain().with_groups(2), [0, 0]), &[&[1, 3, 5, 5], &[3, 4, 3, 3]]), @"
    conv_transpose2d: the 3 channels of the input do not divide into 2 groups
      operands: [1, 3, 5, 5], [3, 4, 3, 3]
      help: channels and filters must be multiples of the number of groups
    ");
    insta::assert_snapshot!(refusal(with(plain().with_padding([4, 0]), [0, 0]), &[&[1, 3, 5, 5], &[3, 4, 3, 3]]), @"
    conv_transpose2d: a padding of 4 takes more than the 7 places that axis 2 spreads to
      operands: [1, 3, 5, 5], [3, 4, 3, 3]
      help: in a transposed convolution, padding is cut off at either end; use less of it
    ");
    insta::assert_snapshot!(refusal(with(plain(), [0, 0]), &[&[1, 3, 0, 5], &[3, 4, 3, 3]]), @"
    conv_transpose2d: nothing to spread: the extent of axis 2 is 0
      operands: [1, 3, 0, 5], [3, 4, 3, 3]
      help: check for an empty input first; only the batch may be empty
    ");
    insta::assert_snapshot!(refusal(with(plain(), [0, 0]), &[&[1, 3, 5, 5], &[3, 4, 3, 3], &[3]]), @"
    conv_transpose2d: a bias of shape [3] for an output of 4 channels
      operands: [1, 3, 5, 5], [3, 4, 3, 3], [3]
      help: the bias has one number for each channel of the output: [4]
    ");
    insta::assert_snapshot!(
        refusal(with(plain().with_stride([usize::MAX / 4, 1]), [0, 0]), &[&[1, 3, 9, 5], &[3, 4, 3, 3]]),
        @"
        conv_transpose2d: a result of shape [1, 4, 18446744073709551615, 7] is beyond any memory
          operands: [1, 3, 9, 5], [3, 4, 3, 3]
          help: look for a subtraction that went below 0 in a size or a padding
        "
    );
    insta::assert_snapshot!(
        refusal(ConvWeight { convolution: plain(), kernel: [2, 2] }, &[&[1, 3, 5, 5], &[1, 4, 3, 3]]),
        @"
        conv2d_weight: shape [1, 4, 3, 3] where an input of shape [1, 3, 5, 5] and a weight of shape [4, 3, 2, 2] give [1, 4, 4, 4]
          operands: [1, 3, 5, 5], [1, 4, 3, 3]
          help: give it the shape of the convolution's output
        "
    );
}

/// Standardised values by their definition, in double precision.
fn standardized(values: &[f64], epsilon: f64) -> Vec<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
    values.iter().map(|v| (v - mean) / (variance + epsilon).sqrt()).collect()
}

fn assert_close(got: &[f32], want: &[f64], bound: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((f64::from(*got) - want).abs() <= bound, "element {i}: {got} where {want} is right");
    }
}

/// A mean of 10⁴ with a spread of 1 costs single precision nothing, however the elements lie; nor does a spread of 1e-3
/// at 10.
#[test]
fn norms_lose_nothing_far_from_zero() {
    for (mean, spread) in [(1e4, 1.0), (-1e4, 1.0), (10.0, 1e-3), (0.0, 1e-3)] {
        let x = Tensor::<f32>::from_fn([40, 6, 50], |i| (mean + spread * (i as f64 * 0.7).sin()) as f32);
        let data: Vec<f64> = x.to_vec().into_iter().map(f64::from).collect();
        for (axes, member) in [
            (&[2_isize][..], (|i| i / 50) as fn(usize) -> usize),
            (&[0], |i| i % 300),
            (&[0, 2], |i| i / 50 % 6),
            (&[1], |i| i / 300 * 50 + i % 50),
            (&[1, 2], |i| i / 300),
            (&[0, 1, 2], |_| 0),
        ] {
            let y = x.standardize(axes, 1e-12).to_vec();
            let groups = (0..data.len()).map(member).max().unwrap() + 1;
            for group in 0..groups {
                let places: Vec<usize> = (0..data.len()).filter(|&i| member(i) == group).collect();
                let want = standardized(&places.iter().map(|&i| data[i]).collect::<Vec<_>>(), 1e-12);
                let got: Vec<f32> = places.iter().map(|&i| y[i]).collect();
                assert_close(&got, &want, 1e-6);
            }
        }
    }
}

/// Layer norm's pull-back at an offset of 10⁴ is that without the offset.
#[test]
fn norms_pull_back_far_from_zero() {
    // Multiples of 2⁻⁸, so that the offset is added exactly.
    let x = Tensor::<f32>::from_fn([16, 12], |i| (i * 37 % 101) as f32 / 256.0);
    let cotangent = Tensor::from_fn([16, 12], |i| ((i * 29 % 17) as f32 - 8.0) / 8.0);
    let pulled = |x: Tensor, axes: isize| {
        let v = Tape::new().var(x);
        v.standardize(axes, 1e-5).backward_with(&cotangent).of(&v).or_zeros()
    };
    for axis in [0, 1] {
        let (near, far) = (pulled(x.clone(), axis), pulled(&x + 1e4, axis));
        let scale = near.to_vec().iter().fold(0.0, |m: f32, g| m.max(g.abs()));
        let near: Vec<f64> = near.to_vec().into_iter().map(f64::from).collect();
        assert_close(&far.to_vec(), &near, 2e-6 * f64::from(scale));
    }
}

/// Layouts that are divided among threads: as in double precision by the definition, and the same bits however many
/// threads there are.
#[test]
fn large_norms_and_pools_do_not_depend_on_threads() {
    let x = Tensor::<f32>::from_fn([60, 70, 64], |i| (i as f64 * 0.37).sin() as f32 + 3.0);
    let work = || {
        let tape = Tape::new();
        let v = tape.var(x.clone());
        let mut bits = Vec::new();
        for axes in [&[0_isize][..], &[2], &[0, 2], &[1]] {
            let y = v.standardize(axes, 1e-5);
            let back = y.backward_with(&x);
            bits.push([y.value().to_vec(), back.of(&v).or_zeros().to_vec()].concat());
        }
        let pools = [v.avg_pool1d(Pooling::new([3])), v.max_pool1d(Pooling::new([3])), v.adaptive_avg_pool1d([9])];
        for y in pools.into_iter().chain([v.upsample_linear1d([100], false)]) {
            let back = y.backward_with(&Tensor::ones(y.shape()));
            bits.push([y.value().to_vec(), back.of(&v).or_zeros().to_vec()].concat());
        }
        bits.concat().into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work);
    let one = on(1);
    assert!(one == on(2) && one == on(4));

    let data: Vec<f64> = x.to_vec().into_iter().map(f64::from).collect();
    let y = x.standardize([0, 2], 1e-5).to_vec();
    for channel in [0, 33, 69] {
        let places: Vec<usize> = (0..data.len()).filter(|i| i / 64 % 70 == channel).collect();
        let want = standardized(&places.iter().map(|&i| data[i]).collect::<Vec<_>>(), 1e-5);
        assert_close(&places.iter().map(|&i| y[i]).collect::<Vec<_>>(), &want, 1e-6);
    }
}

/// Maxima by their definition: the first of equal ones wins, padding never does, not even over negative numbers; a NaN
/// beats everything.
#[test]
fn the_first_maximum_takes_the_whole_gradient() {
    let tape = Tape::new();
    let ties = tape.var(Tensor::from([[[-2.0_f32, -1.0, -1.0, -3.0, -3.0]]]));
    let y = ties.max_pool1d(Pooling::new([3]).with_stride([2]).with_padding([1]));
    assert_eq!(y.value().to_vec(), [-1.0, -1.0, -3.0]);
    let gradients = y.backward_with(&Tensor::from([[[1.0, 10.0, 100.0]]]));
    assert_eq!(gradients.of(&ties).or_zeros().to_vec(), [0.0, 11.0, 0.0, 100.0, 0.0]);

    let low = Tensor::<f32>::full([1, 1, 3, 3], f32::NEG_INFINITY);
    assert!(low.max_pool2d(Pooling::new([3, 3]).with_padding([1, 1])).to_vec().iter().all(|&v| v == f32::NEG_INFINITY));
    let hole = Tensor::from([[[1.0_f32, f32::NAN, 5.0, 2.0, 7.0, 3.0]]]);
    let y = hole.max_pool1d(Pooling::new([3])).to_vec();
    assert!(y[0].is_nan() && y[1] == 7.0);
}

/// Interpolation reproduces what is linear, averages what is constant, and a NaN beside a weight of 0 stays there.
#[test]
fn interpolation_is_exact_where_it_can_be() {
    let ramp = Tensor::<f64>::from_fn([1, 1, 5, 9], |i| (i / 9) as f64 * 10.0 + (i % 9) as f64);
    let fine = ramp.upsample_bilinear2d([9, 17], true);
    assert_eq!(fine, Tensor::from_fn([1, 1, 9, 17], |i| (i / 17) as f64 * 5.0 + (i % 17) as f64 * 0.5));
    let ones = Tensor::<f64>::ones([1, 1, 7, 7]);
    let inside = Pooling::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]).without_counting_padding();
    for y in [ones.avg_pool2d(inside), ones.adaptive_avg_pool2d([3, 5]), ones.upsample_bilinear2d([10, 3], false)] {
        assert!(y.to_vec().iter().all(|v| (v - 1.0).abs() < 1e-15), "{y}");
    }
    let hole = Tensor::from([[[1.0_f32, f32::NAN, 5.0]]]);
    let y = hole.upsample_linear1d([5], true).to_vec();
    assert!(y[0] == 1.0 && y[1].is_nan() && y[3].is_nan() && y[4] == 5.0, "{y:?}");
}

/// The text of a panic, without the line.
fn complaint<R>(f: impl FnOnce() -> R) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).err().expect("nothing went wrong");
    let text = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    text.lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn pooling_and_interpolation_say_what_does_not_fit() {
    let average = |pooling| Resample { resampling: Resampling::Average(pooling) };
    let two = Pooling::new([2, 2]);
    insta::assert_snapshot!(refusal(average(two), &[&[3, 8, 8]]), @"
    avg_pool2d: an input of 3 axes, shape [3, 8, 8], where 4 are wanted
      operands: [3, 8, 8]
      help: give it a batch axis with `.unsqueeze(0)`: [batch, channels, height, width]
    ");
    insta::assert_snapshot!(refusal(average(two), &[&[1, 3, 1, 8]]), @"
    avg_pool2d: a kernel of 2 is larger than the extent 1 of axis 2
      operands: [1, 3, 1, 8]
      help: use a smaller kernel or dilation, or more padding; earlier strides and pooling may have left too little
    ");
    insta::assert_snapshot!(refusal(average(two.with_stride([0, 1])), &[&[1, 3, 8, 8]]), @"
    avg_pool2d: a stride of 0
      operands: [1, 3, 8, 8]
      help: a stride is 1 or more along every axis
    ");
    insta::assert_snapshot!(refusal(average(Pooling::new([2, 0])), &[&[1, 3, 8, 8]]), @"
    avg_pool2d: a stride of 0
      operands: [1, 3, 8, 8]
      help: a stride is 1 or more along every axis
    ");
    insta::assert_snapshot!(
        refusal(average(two.with_padding([2, 0]).without_counting_padding()), &[&[1, 3, 8, 8]]),
        @"
        avg_pool2d: with a padding of 2 a window sees nothing of the extent 8 of axis 2
          operands: [1, 3, 8, 8]
          help: use less padding: half the kernel or less
        "
    );
    let largest = |pooling| ArgMaxPool { windows: Windows::Moving(pooling) };
    insta::assert_snapshot!(refusal(largest(two), &[&[1, 3, 1, 8]]), @"
    argmax_pool2d: a kernel of 2 is larger than the extent 1 of axis 2
      operands: [1, 3, 1, 8]
      help: use a smaller kernel or dilation, or more padding; earlier strides and pooling may have left too little
    ");
    insta::assert_snapshot!(refusal(largest(two.with_padding([0, 2])), &[&[1, 3, 8, 8]]), @"
    argmax_pool2d: with a padding of 2 a window sees nothing of the extent 8 of axis 3
      operands: [1, 3, 8, 8]
      help: use less padding: half the kernel or less
    ");
    insta::assert_snapshot!(refusal(largest(two), &[&[1, 3, 5000, 5000]]), @"
    argmax_pool2d: a plane has 25000000 places, but f32 holds whole numbers exactly only up to 16777216
      operands: [1, 3, 5000, 5000]
      help: cut the plane into pieces, or compute in f64
    ");
    insta::assert_snapshot!(
        refusal(Resample { resampling: Resampling::AdaptiveAverage([2, 2]) }, &[&[1, 3, 0, 8]]),
        @"
        adaptive_avg_pool2d: a size of 2 from the extent 0 of axis 2
          operands: [1, 3, 0, 8]
          help: there is nothing to make it of; only the batch may be empty
        "
    );
    insta::assert_snapshot!(
        refusal(Resample { resampling: Resampling::Nearest([usize::MAX, 2]) }, &[&[1, 3, 8, 8]]),
        @"
        upsample_nearest2d: a result of shape [1, 3, 18446744073709551615, 2] is beyond any memory
          operands: [1, 3, 8, 8]
          help: look for a subtraction that went below 0 in a size or a padding
        "
    );
    insta::assert_snapshot!(
        refusal(
            ResampleAdjoint { resampling: Resampling::Nearest([4, 4]), size: [2, 2] },
            &[&[1, 3, 8, 8]]
        ),
        @"
        upsample_nearest2d_adjoint: shape [1, 3, 8, 8] where [1, 3, 2, 2] gives [1, 3, 4, 4]
          operands: [1, 3, 8, 8]
          help: give it the shape of the resampled value
        "
    );
}

#[test]
fn norms_say_what_does_not_fit() {
    let x = Tensor::<f32>::ones([2, 6, 4]);
    let three = Tensor::ones([3]);
    insta::assert_snapshot!(complaint(|| x.standardize(3, 1e-5)), @"
    standardize: axis 3 is out of range for 3 axes
      operands: [2, 6, 4]
      help: use an axis from -3 to 2
    ");
    insta::assert_snapshot!(complaint(|| x.standardize(1, -1.0)), @"
    standardize: an epsilon of -1
      operands: [2, 6, 4]
      help: it keeps what is divided by above 0: give 0 or a little more
    ");
    insta::assert_snapshot!(complaint(|| x.layer_norm(4, None, None, 1e-5)), @"
    layer_norm: the last 4 axes of an input of shape [2, 6, 4]
      help: normalise over 1 to 3 axes
    ");
    insta::assert_snapshot!(complaint(|| x.layer_norm(2, Some(&three), None, 1e-5)), @"
    layer_norm: a weight of shape [3] for an input of shape [2, 6, 4]
      help: it has one number for each normalised element: [6, 4]
    ");
    insta::assert_snapshot!(complaint(|| x.rms_norm(0, None, 1e-5)), @"
    rms_norm: the last 0 axes of an input of shape [2, 6, 4]
      help: normalise over 1 to 3 axes
    ");
    insta::assert_snapshot!(complaint(|| x.group_norm(4, None, None, 1e-5)), @"
    group_norm: the 6 channels of an input of shape [2, 6, 4] do not divide into 4 groups
      help: the number of channels must be a multiple of the number of groups
    ");
    insta::assert_snapshot!(complaint(|| x.group_norm(2, None, Some(&three), 1e-5)), @"
    group_norm: a bias of shape [3] for an input of shape [2, 6, 4]
      help: it has one number for each channel, axis 1: [6]
    ");
    insta::assert_snapshot!(complaint(|| three.batch_norm(None, None, 1e-5)), @"
    batch_norm: an input of shape [3] has no channel axis
      help: inputs are [batch, channels] and then any axes; give a single sample a batch axis with `.unsqueeze(0)`
    ");
    insta::assert_snapshot!(complaint(|| Tensor::<f32>::ones([1, 3]).batch_norm(None, None, 1e-5)), @"
    batch_norm: an input of shape [1, 3] has fewer than two elements a channel, which have no spread
      help: train on batches of 2 or more; to predict, use running statistics: `batch_norm_with`
    ");
    insta::assert_snapshot!(complaint(|| x.batch_norm_with(&three, &three, None, None, 1e-5)), @"
    batch_norm: a mean of shape [3] for an input of shape [2, 6, 4]
      help: it has one number for each channel, axis 1: [6]
    ");
}

/// Attention by its definition, one query at a time; `seen` says which keys it may attend to.
fn attend(q: &Tensor<f64>, k: &Tensor<f64>, v: &Tensor<f64>, seen: impl Fn(usize, usize) -> bool) -> Vec<f64> {
    let (queries, keys, features, width) = (q.shape()[0], k.shape()[0], q.shape()[1], v.shape()[1]);
    let (q, k, v) = (q.to_vec(), k.to_vec(), v.to_vec());
    let mut out = Vec::new();
    for i in 0..queries {
        let score = |j: usize| (0..features).map(|f| q[i * features + f] * k[j * features + f]).sum::<f64>();
        let weights: Vec<f64> =
            (0..keys).map(|j| if seen(i, j) { (score(j) / (features as f64).sqrt()).exp() } else { 0.0 }).collect();
        let total: f64 = weights.iter().sum();
        let share = |weight: f64| if total == 0.0 { 0.0 } else { weight / total };
        out.extend((0..width).map(|c| (0..keys).map(|j| share(weights[j]) * v[j * width + c]).sum::<f64>()));
    }
    out
}

#[test]
fn attention_is_what_it_is_defined_as() {
    // Few, and so many that they are computed in pieces.
    for (queries, keys) in [(7, 9), (70, 40), (40, 130)] {
        let wave = |shape: [usize; 2], step: f64| Tensor::<f64>::from_fn(shape, |i| (i as f64 * step).sin());
        let (q, k, v) = (wave([queries, 6], 0.37), wave([keys, 6], 0.73), wave([keys, 4], 1.1));
        let zero = Tensor::scalar(0.0);
        // The fourth query sees nothing.
        let pattern = Tensor::from_fn([queries, keys], |i| if i / keys == 3 || i % 4 == 1 { 0.0 } else { 1.0 });
        let (mask, holds) = (pattern.greater(&zero), pattern.greater(&zero).to_bools());
        let bias = Tensor::from_fn([queries, keys], |i| if holds[i] { 0.0 } else { f64::NEG_INFINITY });
        let visible = |i: usize, j: usize| holds[i * keys + j];
        for (attention, seen) in [
            (Attention::new(), &(|_, _| true) as &dyn Fn(usize, usize) -> bool),
            (Attention::new().causal(), &|i, j| j <= i),
            (Attention::new().with_mask(&mask), &visible),
            (Attention::new().with_bias(&bias), &visible),
            (Attention::new().causal().with_mask(&mask), &|i, j| j <= i && visible(i, j)),
            (Attention::new().with_scale(1.0 / 6.0_f64.sqrt()), &|_, _| true),
        ] {
            let got = q.scaled_dot_product_attention(&k, &v, &attention).to_vec();
            let parts = q.attention_weights(&k, &attention).matmul(&v).to_vec();
            for ((got, parts), want) in got.iter().zip(parts).zip(attend(&q, &k, &v, seen)) {
                assert!((got - want).abs() < 1e-14 && (parts - want).abs() < 1e-14, "{got} {parts} {want}");
            }
        }
    }
}

/// By numbers, each gradient of attention as one operation is that of a matrix product after the weights.
#[test]
fn attention_has_the_gradients_of_its_parts() {
    let wave = |shape: [usize; 4], step: f64| Tensor::<f64>::from_fn(shape, |i| (i as f64 * step).sin());
    let inputs =
        [wave([2, 70, 3, 5], 0.37), wave([2, 66, 3, 5], 0.73), wave([2, 66, 3, 4], 1.1), wave([2, 1, 70, 66], 1.7)];
    for causal in [false, true] {
        let gradients = |in_one: bool| {
            let tape = Tape::new();
            let x = inputs.each_ref().map(|x| tape.var(x.clone()));
            let [q, k, v] = [0, 1, 2].map(|i| x[i].permute([0, 2, 1, 3]));
            let attention = Attention::new().with_bias(&x[3]);
            let attention = if causal { attention.causal() } else { attention };
            let y = if in_one {
                q.scaled_dot_product_attention(&k, &v, &attention)
            } else {
                q.attention_weights(&k, &attention).matmul(&v)
            };
            let gradients = y.sin().sum().backward();
            x.map(|x| gradients.of(&x).or_zeros())
        };
        let (one, parts) = (gradients(true), gradients(false));
        for (one, parts) in one.iter().zip(&parts) {
            let off = one.to_vec().iter().zip(parts.to_vec()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-13, "{off}");
        }
    }
}

/// A query that sees nothing gets exact zeros and sends exact zeros back, also where scores are huge.
#[test]
fn what_sees_nothing_is_zero_and_never_nan() {
    let tape = Tape::new();
    let huge = |seed: usize| Tensor::<f32>::from_fn([3, 4], |i| ((i * 37 + seed) % 19) as f32 * 1e3 - 9e3);
    let (q, k, v) = (tape.var(huge(1)), tape.var(huge(2)), tape.var(huge(3)));
    let bias = tape.var(Tensor::from_fn([3, 1], |i| if i == 1 { f32::NEG_INFINITY } else { 0.5 }));
    let y = q.scaled_dot_product_attention(&k, &v, &Attention::new().with_bias(&bias));
    assert_eq!(y.value().to_vec()[4..8], [0.0; 4]);
    let gradients = y.sin().sum().backward();
    for x in [&q, &k, &v, &bias] {
        assert!(gradients.of(x).or_zeros().to_vec().iter().all(|g| g.is_finite()));
    }
    assert_eq!(gradients.of(&q).or_zeros().to_vec()[4..8], [0.0; 4]);
}

#[test]
fn attention_does_not_depend_on_threads() {
    let x = Tensor::<f32>::from_fn([6, 160, 8], |i| (i as f64 * 0.37).sin() as f32);
    let bias = Tensor::<f32>::from_fn([160, 160], |i| if i % 7 == 0 { f32::NEG_INFINITY } else { (i % 5) as f32 });
    let bits = |all: &[Tensor<f32>]| all.iter().flat_map(Tensor::to_vec).map(f32::to_bits).collect::<Vec<_>>();
    let weights = || {
        let tape = Tape::new();
        let (v, bias) = (tape.var(x.clone()), tape.var(bias.clone()));
        let y = v.attention_weights(&v, &Attention::new().causal().with_bias(&bias));
        let gradients = y.sin().sum().backward();
        bits(&[y.value().clone(), gradients.of(&v).or_zeros(), gradients.of(&bias).or_zeros()])
    };
    // Heads one after the other, and side by side.
    let attended = |shape: [isize; 4], order: [isize; 4]| {
        let tape = Tape::new();
        let (v, bias) = (tape.var(x.reshape(shape)), tape.var(bias.clone()));
        let (heads, attention) = (v.permute(order), Attention::new().causal().with_bias(&bias));
        let y = heads.scaled_dot_product_attention(&heads, &heads, &attention);
        let gradients = y.sin().sum().backward();
        bits(&[y.value().clone(), gradients.of(&v).or_zeros(), gradients.of(&bias).or_zeros()])
    };
    let work = || [weights(), attended([3, 2, 160, 8], [0, 1, 2, 3]), attended([3, 160, 2, 8], [0, 2, 1, 3])].concat();
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work);
    let one = on(1);
    assert!(one == on(2) && one == on(4));
}

#[test]
fn attention_says_what_does_not_fit() {
    let op = || AttentionWeights { scale: 1.0, causal: false };
    insta::assert_snapshot!(refusal(op(), &[&[5]]), @"
    attention_weights: scores of shape [5], where [queries, keys] are the last axes
      operands: [5]
      help: give queries [queries, features] and keys [keys, features], after any leading axes
    ");
    insta::assert_snapshot!(refusal(op(), &[&[2, 4, 3, 5], &[2, 3, 5]]), @"
    attention_weights: a mask or bias of shape [2, 3, 5] does not broadcast to scores of shape [2, 4, 3, 5]
      operands: [2, 4, 3, 5], [2, 3, 5]
      help: its last axes are [queries, keys], or 1 where it is the same for all; give the axis of the heads with `.unsqueeze(1)`
    ");
    insta::assert_snapshot!(refusal(op(), &[&[3, 5], &[2, 3, 5]]), @"
    attention_weights: a mask or bias of shape [2, 3, 5] does not broadcast to scores of shape [3, 5]
      operands: [3, 5], [2, 3, 5]
      help: its last axes are [queries, keys], or 1 where it is the same for all; give the axis of the heads with `.unsqueeze(1)`
    ");
    let attend = || ScaledDotProduct { weights: op() };
    insta::assert_snapshot!(refusal(attend(), &[&[4], &[5, 4], &[5, 3]]), @"
    scaled_dot_product_attention: queries of shape [4], keys of shape [5, 4] and values of shape [5, 3], which are not all matrices
      operands: [4], [5, 4], [5, 3]
      help: give queries [queries, features], keys [keys, features] and values [keys, any], after any leading axes; a single query is a row, `.unsqueeze(0)`, and one number a key a column, `.unsqueeze(-1)`
    ");
    insta::assert_snapshot!(refusal(attend(), &[&[3, 4], &[5, 6], &[5, 3]]), @"
    scaled_dot_product_attention: queries of shape [3, 4] have 4 features, and keys of shape [5, 6] have 6
      operands: [3, 4], [5, 6], [5, 3]
      help: queries are compared with keys along the last axis: project both to as many features
    ");
    insta::assert_snapshot!(refusal(attend(), &[&[3, 4], &[5, 4], &[6, 3]]), @"
    scaled_dot_product_attention: there are 5 keys, of shape [5, 4], and 6 values, of shape [6, 3]
      operands: [3, 4], [5, 4], [6, 3]
      help: each key has a value: the last axis but one of both must be the same
    ");
    insta::assert_snapshot!(refusal(attend(), &[&[2, 3, 4], &[5, 4], &[3, 5, 3]]), @"
    scaled_dot_product_attention: the leading axes [2], [] and [3] of queries, keys and values do not broadcast
      operands: [2, 3, 4], [5, 4], [3, 5, 3]
      help: leading axes, as of samples and heads, must be equal or 1, matched from the last one
    ");
    insta::assert_snapshot!(refusal(attend(), &[&[2, 3, 4], &[5, 4], &[5, 3], &[2, 3, 4]]), @"
    scaled_dot_product_attention: a mask or bias of shape [2, 3, 4] does not broadcast to scores of shape [2, 3, 5]
      operands: [2, 3, 4], [5, 4], [5, 3], [2, 3, 4]
      help: its last axes are [queries, keys], or 1 where it is the same for all; give the axis of the heads with `.unsqueeze(1)`
    ");
}
