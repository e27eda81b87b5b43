//! What reductions promise of their rounding and range, and what is said of those that cannot be.

use autograd::algebra::Real;
use autograd::ops::reduce::Prod;
use autograd::ops::scan::{CumProd, CumSum, Recurrence, Way};
use autograd::ops::variance::{StandardDeviation, Variance};
use autograd::ops::vector_norm::Norm;
use autograd::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// Numbers of both signs and of sizes from 1e-4 to 1e4.
fn numbers(shape: impl Into<Shape>) -> Tensor {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let (shape, mut uniform) = (shape.into(), |low, high, shape| Tensor::uniform(shape, low, high, &mut generator));
    uniform(-1.0, 1.0, shape) * (uniform(-9.0, 9.0, shape)).exp()
}

/// Half the distance from 1 to the next number.
const U: f64 = f32::EPSILON as f64 / 2.0;

/// The error bound of a sum of `n` numbers, as a multiple of the sum of their magnitudes.
fn bound(n: usize) -> f64 {
    let halvings = if n <= 4096 { 0.0 } else { (n as f64).log2().ceil() - 12.0 };
    // The terms of order u² are far below this.
    (163.0 + halvings) * U * 1.001
}

#[test]
fn sums_keep_their_error_bound() {
    for n in [1, 31, 33, 4096, 4097, 100_000, 1 << 20] {
        let x = numbers([n]);
        let exact: f64 = x.to_vec().iter().map(|&x| f64::from(x)).sum();
        let size: f64 = x.to_vec().iter().map(|&x| f64::from(x).abs()).sum();
        let off = |sum: f32| (f64::from(sum) - exact).abs() / size;
        assert!(off(x.sum().item()) <= bound(n), "{n} in a row");
        assert!(
            off(x.reshape([n as isize, 1]).broadcast_to([n, 3]).sum_axes(0).to_vec()[1]) <= bound(n),
            "{n} in a column"
        );
    }
    // One after the other, a million additions of 0.1 would stand at 100958.
    assert!((Tensor::full([1_000_000], 0.1_f32).sum().item() - 100_000.0).abs() < 0.2);
}

#[test]
fn running_sums_are_as_good_as_twice_the_precision() {
    let x = numbers([1 << 16]);
    for way in [Way::Forwards, Way::Backwards] {
        let got = Tensor::apply(CumSum { axis: 0, way }, &[&x]).to_vec();
        let (mut x, mut got) = (x.to_vec(), got);
        if way == Way::Backwards {
            x.reverse();
            got.reverse();
        }
        let (mut exact, mut size) = (0.0_f64, 0.0_f64);
        for (k, (&x, &got)) in x.iter().zip(&got).enumerate() {
            exact += f64::from(x);
            size += f64::from(x).abs();
            // The sum in double precision has a rounding of its own.
            let bound = U * exact.abs() + ((k as f64 * U).powi(2) + k as f64 * f64::EPSILON) * size;
            assert!((f64::from(got) - exact).abs() <= bound, "{k}: {got} {exact}");
        }
    }
    // An infinite sum stays what it is.
    let x = Tensor::from([1.0_f32, f32::INFINITY, 1.0, f32::NEG_INFINITY]).cumsum(0).to_vec();
    assert_eq!((x[0], x[1], x[2], x[3].is_nan()), (1.0, f32::INFINITY, f32::INFINITY, true));
}

#[test]
fn long_rows_of_exponentials_keep_their_digits() {
    // ln(n e^0.1) = 0.1 + ln n.
    let n = 3_000_000;
    let x = Tensor::full([n], 0.1_f32);
    let exact = 0.1_f32.to_f64() + (n as f64).ln();
    assert!((f64::from(x.logsumexp(0).item()) - exact).abs() < 4e-6);
    let share = f64::from(x.softmax(0).to_vec()[n - 1]) * n as f64;
    assert!((share - 1.0).abs() < 1.001 * (163.0 + n as f64 / 4096.0) * U, "{share}");
    assert_eq!(Tensor::from([1.0_f32, f32::INFINITY]).logsumexp(0).item(), f32::INFINITY);
    assert!(Tensor::from([1.0_f32, f32::NAN]).logsumexp(0).item().is_nan());
}

#[test]
fn norms_leave_no_range() {
    fn check<T: Real>(large: f64, small: f64) {
        for p in [0.5, 1.0, 1.5, 2.0, 3.0, f64::INFINITY] {
            for scale in [small, 1.0, large] {
                let x = Tensor::from([3.0, -4.0, 0.0, 1.0].map(|x| T::from_f64(x * scale)));
                let magnitudes = [3.0_f64, 4.0, 1.0];
                let exact = match p {
                    f64::INFINITY => 4.0,
                    _ => magnitudes.iter().map(|x| x.powf(p)).sum::<f64>().powf(1.0 / p),
                };
                let got = x.norm(p, ..).item().to_f64() / scale;
                assert!((got / exact - 1.0).abs() < 40.0 * T::EPSILON.to_f64(), "{} p {p} at {scale}: {got}", T::NAME);
            }
        }
        let x = Tensor::from([1.0, 3.0].map(|x| T::from_f64(x * large)));
        assert!((x.std(0).item().to_f64() / large - 1.0).abs() < 4.0 * T::EPSILON.to_f64());
    }
    check::<f32>(1e36, 1e-37);
    check::<f64>(1e306, 1e-300);
    // A row out of range leaves the others as they are, to the bit.
    let row = [0.3_f32, 0.7];
    let alone = Tensor::from(row).norm(2.0, 0).item();
    assert_eq!(Tensor::from([row, [1e30, 1e30]]).norm(2.0, 1).to_vec()[0].to_bits(), alone.to_bits());
    let special = Tensor::from([[f32::INFINITY, 1.0], [f32::NAN, 1.0], [0.0, 0.0]]).norm(2.0, 1).to_vec();
    assert!(special[0] == f32::INFINITY && special[1].is_nan() && special[2] == 0.0);
}

#[test]
fn what_is_constant_does_not_spread() {
    // 0.1 is no binary fraction: a mean that is a sum divided would miss it, and the slope would be noise over noise.
    for n in [3, 7, 1000] {
        let tape = Tape::<f64>::new();
        let x = tape.var(Tensor::full([n], 0.1));
        for ddof in [0, 1] {
            assert_eq!((x.var(ddof).value().item(), x.std(ddof).value().item()), (0.0, 0.0));
            assert!(x.std(ddof).backward().of(&x).or_zeros().to_vec().iter().all(|&slope| slope == 0.0));
        }
    }
}

#[test]
fn a_variance_far_from_zero_keeps_its_digits() {
    // Source: the NIST dataset NumAcc4 (10000000.2, then .1 and .3 in turn, 1001 numbers): standard deviation 0.1.
    let x = Tensor::from_fn([1001], |i| if i == 0 { 10_000_000.2 } else { 10_000_000.1 + 0.2 * (i % 2) as f64 });
    assert!((x.std(1).item() - 0.1).abs() < 1e-8);
}

/// The text of an error without its line.
fn text<R>(result: Result<R, Error>) -> String {
    let Err(error) = result else { return "no error".to_string() };
    error.to_string().lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn reductions_that_cannot_be() {
    let x = Tensor::<f32>::ones([2, 3]);
    let norm = |p| Norm { p, axes: (..).into(), keep: false };
    let var = |axes: &[isize], ddof| Variance { axes: axes.into(), keep: false, ddof };
    insta::assert_snapshot!(text(Tensor::try_apply(norm(0.0), &[&x])), @"
    norm: p = 0 is no exponent of a norm
      operands: [2, 3]
      help: give a p above 0; the largest magnitude (p = ∞) is `.norm(f64::INFINITY, axes)`
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(norm(f64::INFINITY), &[&x])), @"
    norm: p = inf is no exponent of a norm
      operands: [2, 3]
      help: give a p above 0; the largest magnitude (p = ∞) is `.norm(f64::INFINITY, axes)`
    ");
    assert!(text(Tensor::try_apply(norm(f64::NAN), &[&x])).contains("p = NaN"));
    assert!(text(Tensor::try_apply(norm(-1.0), &[&x])).contains("p = -1"));
    insta::assert_snapshot!(text(Tensor::try_apply(var(&[0], 2), &[&x])), @"
    var: with n = 2 elements and ddof = 2 the divisor n − ddof is not above 0
      operands: [2, 3]
      help: reduce over more than 2 elements, or give a ddof below 2
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(var(&[], 1), &[&x])), @"
    var: with n = 1 elements and ddof = 1 the divisor n − ddof is not above 0
      operands: [2, 3]
      help: reduce over more than 1 elements, or give a ddof below 1
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(var(&[0], 0), &[&Tensor::<f32>::ones([0, 3])])), @"
    var: with n = 0 elements and ddof = 0 the divisor n − ddof is not above 0
      operands: [0, 3]
      help: check for an empty input first; nothing has no spread
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(var(&[2], 0), &[&x])), @"
    var: axis 2 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    let std = StandardDeviation { axes: [0, 1].into(), keep: true, ddof: 6 };
    insta::assert_snapshot!(text(Tensor::try_apply(std, &[&x])), @"
    std: with n = 6 elements and ddof = 6 the divisor n − ddof is not above 0
      operands: [2, 3]
      help: reduce over more than 6 elements, or give a ddof below 6
    ");
    let along = |axis| CumSum { axis, way: Way::Forwards };
    insta::assert_snapshot!(text(Tensor::try_apply(along(-3), &[&x])), @"
    cumsum: axis -3 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(along(0), &[&Tensor::scalar(1.0_f32)])), @"
    cumsum: axis 0 is out of range for 0 axes
      operands: []
      help: a scalar has no axes; give it one with `.unsqueeze(0)`, or name none where all are meant
    ");
    let product = CumProd { axis: 2, way: Way::Forwards, exclusive: false };
    insta::assert_snapshot!(text(Tensor::try_apply(product, &[&x])), @"
    cumprod: axis 2 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    let recurrence = Recurrence { axis: 0, way: Way::Forwards };
    insta::assert_snapshot!(text(Tensor::try_apply(recurrence, &[&x, &Tensor::ones([3])])), @"
    recurrence: factors of shape [2, 3] and terms of shape [3]
      operands: [2, 3], [3]
      help: give as many factors as terms, in one shape; stretch one with `.broadcast_to`
    ");
    let product = Prod { axes: [0, -2].into(), keep: false };
    insta::assert_snapshot!(text(Tensor::try_apply(product, &[&x])), @"
    prod: axis -2 is named twice
      operands: [2, 3]
      help: name each axis once
    ");
}
