//! Gradients of every sample at once are those of a loop, to 1e-12: where operations treat all samples together, where
//! they need a pull-back a sample, and where samples mix.

use autograd::prelude::*;
use autograd::transform::{grad, per_sample};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

fn random(shape: &[usize], seed: u64) -> Tensor<f64> {
    Tensor::normal(shape, 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn all_close(a: &Tensor<f64>, b: &Tensor<f64>, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    if a.elements() > 0 {
        let (off, scale) = ((a - b).abs().max().item(), b.abs().max().item());
        assert!(off <= 1e-12 * scale.max(1.0), "{what}: off by {off:e}\n{a}\n{b}");
    }
}

/// Whether no operation needed a loop.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    AtOnce,
    Loop,
}

/// Holds the sweep that keeps samples apart against one backward sweep a sample.
#[track_caller]
fn check(what: &str, expect: Expect, inputs: &[Tensor<f64>], losses: impl Fn(&[Var<f64>]) -> Var<f64>) {
    let tape = Tape::new().with_key(Key::new(4));
    let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
    let y = losses(&vars);
    let n = y.shape()[0];
    let apart = y.backward_per_sample();
    assert_eq!(apart.samples(), n);
    assert_eq!(apart.looped().is_empty(), expect == Expect::AtOnce, "{what}: looped {:?}", apart.looped());
    for (k, x) in vars.iter().enumerate() {
        let row = |i: usize| {
            let one = Tensor::from_fn([n], |j| if i == j { 1.0 } else { 0.0 });
            y.backward_with(&one).of(x).or_zeros()
        };
        let rows: Vec<Tensor<f64>> = (0..n).map(row).collect();
        let looped = Tensor::stack(&rows.iter().collect::<Vec<_>>(), 0);
        all_close(&apart.of(x), &looped, &format!("{what}, input {k}"));
        // The gradient of the sum is the sum over the samples.
        all_close(&apart.of(x).sum_axes(0), &y.sum().backward().of(x).or_zeros(), &format!("{what}, sum of input {k}"));
    }
}

#[test]
fn linear_layers_at_once() {
    let inputs = [random(&[4, 3], 1), random(&[4], 2), random(&[5, 4], 3), random(&[5], 4), random(&[6, 3], 5)];
    check("two layers and a cross-entropy", Expect::AtOnce, &inputs, |v| {
        let hidden = v[4].linear(&v[0], Some(&v[1])).tanh();
        hidden.linear(&v[2], Some(&v[3])).cross_entropy_with([0, 4, 2, 1, 1, 3], Reduction::None)
    });
    check("without a bias, over rows of rows", Expect::AtOnce, &[random(&[4, 3], 1), random(&[6, 2, 3], 2)], |v| {
        v[1].linear(&v[0], None).gelu().square().mean_axes([1, 2])
    });
    check("a weight twice", Expect::AtOnce, &[random(&[3, 3], 1), random(&[6, 3], 2)], |v| {
        v[1].linear(&v[0], None).sigmoid().linear(&v[0], None).sum_axes(-1)
    });
}

#[test]
fn products_at_once() {
    let (x, deep) = (random(&[5, 3], 1), random(&[5, 2, 3], 2));
    check("rows by a matrix", Expect::AtOnce, &[x.clone(), random(&[3, 4], 3)], |v| {
        v[0].matmul(&v[1]).sin().sum_axes(1)
    });
    check("rows by a vector", Expect::AtOnce, &[x, random(&[3], 3)], |v| v[0].matmul(&v[1]).sin());
    check("stacks by a matrix", Expect::AtOnce, &[deep.clone(), random(&[3, 4], 3)], |v| {
        v[0].matmul(&v[1]).sin().sum_axes([1, 2])
    });
    check("stacks by a vector", Expect::AtOnce, &[deep, random(&[3], 3)], |v| v[0].matmul(&v[1]).sin().sum_axes(1));
    let qkv = [random(&[4, 3, 2], 1), random(&[2, 2], 2), random(&[2, 2], 3), random(&[2, 2], 4)];
    check("attention", Expect::AtOnce, &qkv, |v| {
        let (q, k, w) = (v[0].matmul(&v[1]), v[0].matmul(&v[2]), v[0].matmul(&v[3]));
        q.matmul(&k.transpose()).softmax(-1).matmul(&w).square().sum_axes([1, 2])
    });
    check("a matrix by columns", Expect::Loop, &[random(&[5, 3], 1), random(&[3], 2)], |v| {
        v[0].transpose().matmul(&v[0]).matmul(&v[1]).sin()
    });
    check("a shared matrix on the left", Expect::Loop, &[random(&[2, 3], 1), random(&[5, 3, 4], 2)], |v| {
        v[0].matmul(&v[1]).sin().sum_axes([1, 2])
    });
}

#[test]
fn embeddings_at_once() {
    let inputs = [random(&[7, 3], 1), random(&[2, 3], 2)];
    check("a table", Expect::AtOnce, &inputs, |v| {
        let tokens = Indices::new(vec![0, 3, 3, 6, 1, 0, 2, 2, 2, 5, 4, 0], [4, 3]);
        v[0].index_select(0, &tokens).mean_axes(1).linear(&v[1], None).square().sum_axes(1)
    });
    check("a row a sample", Expect::AtOnce, &inputs[..1], |v| v[0].index_select(0, [6, 6, 0]).exp().sum_axes(1));
    check("columns", Expect::AtOnce, &inputs[..1], |v| v[0].index_select(1, [2, 0, 2]).exp().sum_axes(1));
}

#[test]
fn whatever_is_stretched_over_the_samples() {
    let x = || random(&[5, 3, 2], 1);
    for shape in [&[][..], &[2], &[1], &[3, 1], &[3, 2], &[1, 3, 2], &[5, 1, 2], &[5, 3, 2], &[1, 1, 1]] {
        check(&format!("{shape:?}"), Expect::AtOnce, &[x(), random(shape, 2)], |v| {
            ((&v[0] * &v[1]).tanh() - &v[1] + v[1].broadcast_to([5, 3, 2]).exp()).sum_axes([1, 2])
        });
    }
    check("a choice", Expect::AtOnce, &[x(), random(&[2], 2)], |v| {
        let chosen = v[0].greater(&v[0].constant(&Tensor::scalar(0.1))).choose(&(&v[0] * &v[1]), &v[1]);
        chosen.square().sum_axes([1, 2])
    });
    check("a penalty", Expect::Loop, &[x(), random(&[2], 2)], |v| {
        (&v[0] * &v[1]).sin().sum_axes([1, 2]) + v[1].square().sum()
    });
}

#[test]
fn shapes_within_the_rows() {
    check("cut, turned and joined", Expect::AtOnce, &[random(&[4, 3, 2], 1), random(&[6], 2)], |v| {
        let flat = v[0].permute([0, 2, 1]).reshape([4, 6]) * &v[1];
        let (left, right) = (flat.slice(1, ..3), flat.slice(-1, 2..));
        let joined = Var::concat(&[&left, &right], 1).unsqueeze(1).squeeze(1);
        joined.log_softmax(1).square().sum_keep(1).sum_to([4, 1]).reshape([4])
    });
    check("extremes and their like", Expect::AtOnce, &[random(&[4, 3, 2], 1), random(&[2], 2)], |v| {
        let y = &v[0] * &v[1];
        y.max_axes([1, 2]) + y.logsumexp(2).min_axes(1) + y.transpose().mean_axes([-1, 1])
    });
    check("dropout", Expect::AtOnce, &[random(&[4, 6], 1), random(&[6], 2)], |v| {
        (&v[0] * &v[1]).dropout(0.5).straight_through(&v[0].step()).square().sum_axes(1)
    });
}

#[test]
fn convolutions_and_attention() {
    let planes = [random(&[3, 2, 5, 4], 1), random(&[4, 2, 3, 3], 2), random(&[4], 3)];
    check("a convolution", Expect::AtOnce, &planes, |v| {
        let convolution = Convolution::new().with_stride([2, 1]).with_padding([1, 1]);
        v[0].conv2d(&v[1], Some(&v[2]), convolution).tanh().sum_axes([1, 2, 3])
    });
    let lines = [random(&[3, 2, 5], 1), random(&[2, 4, 3], 2), random(&[4], 3)];
    check("its transpose", Expect::AtOnce, &lines, |v| {
        v[0].conv_transpose1d(&v[1], Some(&v[2]), Convolution::new(), [0]).tanh().sum_axes([1, 2])
    });
    let queries = [random(&[4, 3, 2], 1), random(&[4, 3, 2], 2), random(&[3, 3], 3)];
    check("attention with a shared bias", Expect::AtOnce, &queries, |v| {
        let weights = v[0].attention_weights(&v[1], &Attention::new().causal().with_bias(&v[2]));
        weights.matmul(&v[1]).square().sum_axes([1, 2])
    });
    let heads = [random(&[4, 2, 3, 2], 1), random(&[4, 1, 5, 2], 2), random(&[5, 3], 3), random(&[2, 1, 5], 4)];
    check("attention as one operation", Expect::AtOnce, &heads, |v| {
        let y = v[0].scaled_dot_product_attention(&v[1], &v[2], &Attention::new().with_bias(&v[3]));
        y.square().sum_axes([1, 2, 3])
    });
    check("queries as samples", Expect::Loop, &[random(&[4, 2], 1), random(&[3, 2], 2)], |v| {
        v[0].scaled_dot_product_attention(&v[1], &v[1], &Attention::new()).square().sum_axes(1)
    });
}

#[test]
fn norms_and_scans_within_the_rows() {
    let inputs = [random(&[4, 6], 1), random(&[6], 2), random(&[6], 3)];
    check("a layer norm", Expect::AtOnce, &inputs, |v| {
        (v[0].standardize(1, 1e-5) * &v[1] + &v[2]).sigmoid().cumsum(1).square().sum_axes(1)
    });
    check("a batch norm", Expect::Loop, &inputs, |v| (v[0].standardize(0, 1e-5) * &v[1] + &v[2]).sigmoid().sum_axes(1));
    check("spreads", Expect::AtOnce, &inputs[..2], |v| {
        let y = &v[0] * &v[1];
        y.var_axes(1, 1) + y.std_axes(1, 0) + y.cumprod(1).mean_axes(1) + y.norm(2.0, 1)
    });
    check("a gather", Expect::AtOnce, &inputs[..2], |v| {
        let picked = (&v[0] * &v[1]).gather(1, Indices::new(vec![0, 5, 3, 3, 1, 2, 4, 4], [4, 2]));
        picked.exp().sum_axes(1)
    });
}

#[test]
fn samples_that_mix() {
    check("the mean of the batch", Expect::Loop, &[random(&[5, 3], 1), random(&[3], 2)], |v| {
        let x = &v[0] * &v[1];
        ((x.clone() - x.mean_axes(0)).tanh() * &x).sum_axes(1)
    });
    check("turned and back", Expect::Loop, &[random(&[5, 3], 1), random(&[2, 3], 2)], |v| {
        v[0].linear(&v[1], None).transpose().exp().sum_axes(0)
    });
    check(
        "softmax over the batch, then a direct layer",
        Expect::Loop,
        &[random(&[5, 3], 1), random(&[2, 3], 2)],
        |v| v[0].softmax(0).linear(&v[1], None).tanh().linear(&v[1].transpose(), None).square().sum_axes(1),
    );
    check("backwards through the batch", Expect::Loop, &[random(&[5, 3], 1)], |v| {
        (v[0].slice_step(0, .., -1) * &v[0]).sum_axes(1)
    });
}

#[test]
fn segments_and_sizes() {
    check("recomputed", Expect::AtOnce, &[random(&[6, 3], 1), random(&[3, 3], 2)], |v| {
        v[0].recompute(|x| x.linear(&v[1], None).tanh().linear(&v[1], None).sigmoid()).sum_axes(1)
    });
    check("one sample", Expect::AtOnce, &[random(&[1, 3], 1), random(&[1, 3], 2), random(&[1], 3)], |v| {
        v[0].linear(&v[1], Some(&v[2])).square().sum_axes(1) + &v[2]
    });
    let tape = Tape::new();
    let (x, w) = (tape.var(random(&[0, 3], 1)), tape.var(random(&[2, 3], 2)));
    let nothing = x.linear(&w, None).square().sum_axes(1).backward_per_sample();
    assert_eq!((nothing.of(&w).shape(), nothing.of(&x).shape()), (Shape::from([0, 2, 3]), Shape::from([0, 0, 3])));
    let unused = tape.var(random(&[4], 1));
    let some = tape.var(random(&[2, 3], 1)).linear(&w, None).sum_axes(1).backward_per_sample();
    assert_eq!(some.of(&unused), Tensor::zeros([2, 4]));
    assert_eq!(some.of(&Param::new(random(&[4], 1))), Tensor::zeros([2, 4]));
}

/// The closed form of least squares, and the gradient of each sample alone, through parameters.
#[test]
fn each_is_the_gradient_of_its_sample_alone() {
    let (x, t, w, b) = (random(&[5, 3], 1), random(&[5], 2), random(&[3], 3), random(&[], 4));
    let (losses, (dw, db)) =
        per_sample(|(w, b)| (w.constant(&x).matmul(w) + b - w.constant(&t)).square(), &(w.clone(), b.clone()));
    let off = x.matmul(&w) + &b - &t;
    all_close(&losses, &off.square(), "losses");
    all_close(&dw, &(off.unsqueeze(1) * &x * 2.0), "dw = 2 off x");
    all_close(&db, &(&off * 2.0), "db = 2 off");

    let (first, second) = (Param::new(random(&[4, 3], 5)), Param::new(random(&[2, 4], 6)));
    let net = |tape: &Tape<f64>, x: &Tensor<f64>, labels: &[usize]| {
        let hidden = tape.constant(x).linear(&tape.param(&first), None).softplus();
        hidden.linear(&tape.param(&second), None).cross_entropy_with(labels, Reduction::None)
    };
    let labels = [0, 1, 1, 0, 1];
    let tape = Tape::new();
    let apart = net(&tape, &x, &labels).backward_per_sample();
    for i in 0..5 {
        let row = x.slice(0, i as isize..i as isize + 1);
        let (_, alone) = gradient(|tape| net(tape, &row, &labels[i..=i]).sum());
        for weight in [&first, &second] {
            let mine = apart.of(weight).slice(0, i as isize..i as isize + 1).reshape(weight.value().shape());
            all_close(&mine, &alone.of(weight).or_zeros(), "alone");
        }
    }
    // Something beside the losses comes back beside them.
    let ((_, aside), slopes) = per_sample(|w: &Var<f64>| ((w * 2.0).sin(), "aside"), &w);
    assert_eq!(aside, "aside");
    all_close(&slopes.sum_axes(0), &grad(|w: &Var<f64>| (w * 2.0).sin().sum(), &w), "sum");
}

#[test]
#[should_panic(expected = "backward_per_sample: losses of shape [2, 3], where one for each sample is wanted")]
fn one_loss_a_sample() {
    Tape::new().var(random(&[2, 3], 1)).exp().backward_per_sample();
}
