//! Products and distances: values at the ends of the range, and what is said of operands that do not fit.

use autograd::algebra::{Formula, formulas};
use autograd::check::check_op;
use autograd::ops::conv::Conv;
use autograd::ops::matmul::Linear;
use autograd::ops::then::Then;
use autograd::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// The text of an error without its line.
fn text<R>(result: Result<R, Error>) -> String {
    let Err(error) = result else { return "no error".to_string() };
    error.to_string().lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn distances_stay_in_range_where_squares_leave_it() {
    for size in [1e-30_f32, 1e-20, 1.0, 1e19, 1e30] {
        let a = Tensor::from([[0.0, 0.0]]);
        let b = Tensor::from([[3.0 * size, 4.0 * size]]);
        let found = a.cdist(&b).item();
        assert!((found / (5.0 * size) - 1.0).abs() < 4.0 * f32::EPSILON, "{size}: {found}");
    }
    let far = Tensor::from([[f64::INFINITY, 0.0], [f64::NAN, 0.0]]);
    let found = far.cdist(&Tensor::from([[0.0, 0.0]])).to_vec();
    assert!(found[0] == f64::INFINITY && found[1].is_nan());
}

#[test]
fn distances_of_close_rows_keep_their_digits() {
    // Products of rows would leave none of the digits of a difference of 10⁻⁶ at a distance of 10⁴.
    let tape = Tape::new();
    let a = tape.var(Tensor::from([[1e4_f64, 1e4]]));
    let b = tape.constant(&Tensor::from([[1e4 + 3e-6, 1e4 + 4e-6]]));
    let y = a.cdist(&b);
    let apart = [a.value().to_vec()[0] - b.value().to_vec()[0], a.value().to_vec()[1] - b.value().to_vec()[1]];
    let length = apart[0].hypot(apart[1]);
    assert!((y.value().item() / length - 1.0).abs() < 1e-14);
    let slope = y.sum().backward().of(&a).or_zeros().to_vec();
    assert!((slope[0] - apart[0] / length).abs() < 1e-14 && (slope[1] - apart[1] / length).abs() < 1e-14);
}

#[test]
fn distances_of_many_rows_do_not_depend_on_their_number() {
    let rows = |n: usize| Tensor::from_fn([n, 7], |i| ((i * 37 + 11) % 101) as f32 / 16.0);
    let (a, b) = (rows(300), rows(200));
    let all = a.cdist(&b);
    let one = a.slice(0, 217..218).cdist(&b);
    assert_eq!(all.slice(0, 217..218).to_vec(), one.to_vec());
}

#[test]
fn malformed_equations() {
    let a = Tensor::<f32>::ones([2, 3]);
    insta::assert_snapshot!(text(Tensor::try_einsum("i1,jk", &[&a, &a])), @"
    einsum: `1` in the equation `i1,jk` is not the name of an axis
      operands: [2, 3], [2, 3]
      help: write it like `ij,jk->ik`: a letter an axis
    ");
    insta::assert_snapshot!(text(Tensor::try_einsum("ij,jk->ik", &[&a])), @"
    einsum: the number of operands differs: 2 in `ij,jk->ik`, 1 given
      operands: [2, 3]
      help: name the axes of each operand, with commas between operands
    ");
    insta::assert_snapshot!(text(Tensor::try_einsum("ij->iz", &[&a])), @"
    einsum: the output index `z` of `ij->iz` occurs in no operand
      operands: [2, 3]
      help: the output can only have axes that an operand has
    ");
    insta::assert_snapshot!(text(Tensor::try_einsum("ij->ii", &[&a])), @"
    einsum: the output index `i` of `ij->ii` is named twice
      operands: [2, 3]
      help: name each axis of the output once
    ");
    insta::assert_snapshot!(text(Tensor::try_einsum("ijk->i", &[&a])), @"
    einsum: `ijk` names 3 axes of an operand of shape [2, 3], which has 2
      operands: [2, 3]
      help: give each axis one letter; `...` stands for those in front or between that keep their places
    ");
    insta::assert_snapshot!(text(Tensor::try_einsum("...i...->i", &[&a])), @"
    einsum: `.` in the equation `...i...->i` is not the name of an axis
      operands: [2, 3]
      help: write it like `ij,jk->ik`: a letter an axis
    ");
    insta::assert_snapshot!(text(Tensor::try_einsum("ij->i->j", &[&a])), @"
    einsum: `-` in the equation `ij->i->j` is not the name of an axis
      operands: [2, 3]
      help: write it like `ij,jk->ik`: a letter an axis
    ");
    insta::assert_snapshot!(text(Tensor::<f32>::try_einsum("", &[])), @"
    einsum: the number of operands differs: 1 in ``, 0 given
      help: name the axes of each operand, with commas between operands
    ");
}

#[test]
fn operands_that_do_not_fit_an_equation() {
    let tape = Tape::new();
    let (x, w) = (tape.var(Tensor::<f32>::ones([2, 3])).named("x"), tape.var(Tensor::ones([4, 5])).named("w"));
    insta::assert_snapshot!(text(Var::try_einsum("ij,jk->ik", &[&x, &w])), @"
    einsum: the index `j` of `ij,jk->ik` has extent 3 in one place and 4 in another
      operands: `x` [2, 3], `w` [4, 5]
      help: axes of one name must have one extent (or 1, which stretches)
    ");
    insta::assert_snapshot!(text(Var::try_einsum("ii", &[&x])), @"
    einsum: the index `i` of `ii` has extent 2 in one place and 3 in another
      operands: `x` [2, 3]
      help: axes of one name must have one extent (or 1, which stretches)
    ");
    insta::assert_snapshot!(text(Var::try_einsum("...,...", &[&x, &w])), @"
    einsum: the index `...` of `...,...` has extent 2 in one place and 4 in another
      operands: `x` [2, 3], `w` [4, 5]
      help: axes of one name must have one extent (or 1, which stretches)
    ");
}

/// A view along whose axis of extent 1 the steps are those of what it was made from: nobody may step along it.
#[test]
fn stacks_of_single_rows() {
    // The rows 1 2 3 and 4 5 6, from columns that were turned.
    let a = Tensor::<f64>::from_vec((1..=6).map(f64::from).collect(), [2, 3, 1]).transpose();
    let b = Tensor::from([[1.0, 0.0], [0.0, 10.0], [100.0, 0.0]]);
    assert_eq!(a.matmul(&b).to_vec(), [301.0, 20.0, 604.0, 50.0]);
}

autograd::elementwise! {
    /// `x sin x`, whose slope nobody wrote down.
    struct Wave;
    fn wave(self, x) { x * x.sin() }
}

/// An operation and a formula as one, for each kind of slope, in every mode and order.
#[test]
fn an_operation_and_its_formula_have_every_derivative() {
    fn check<F: Formula<1>>(formula: F) {
        for (x, bias) in [(&[3, 2][..], true), (&[2], true), (&[2, 1, 2], false)] {
            let mut inputs = vec![numbers(x, 1), numbers(&[4, 2], 2)];
            inputs.extend(bias.then(|| numbers(&[4], 3)));
            let report = check_op(Then(Linear, formula), &inputs);
            assert!(report.passed(), "{report}");
        }
        let filters = Then(Conv { convolution: Convolution::new().with_padding([1, 0]) }, formula);
        let report = check_op(filters, &[numbers(&[2, 1, 3, 2], 1), numbers(&[2, 1, 2, 2], 2), numbers(&[2], 3)]);
        assert!(report.passed(), "{report}");
    }
    check(formulas::MulConstant { constant: -2.5 });
    check(formulas::Step);
    check(formulas::Tanh);
    check(formulas::Gelu);
    check(formulas::Elu { alpha: 1.5 });
    check(Wave);
}

/// Value and gradients of a program, to the bit, under a cotangent that differs from place to place.
fn bits(inputs: &[Tensor], program: impl Fn(&[Var]) -> Var) -> Vec<u32> {
    let tape = Tape::new();
    let inputs: Vec<Var> = inputs.iter().map(|input| tape.var(input.clone())).collect();
    let y = program(&inputs);
    let gradients = y.backward_with(&numbers(&y.shape(), 7).cast());
    let gradients = inputs.iter().flat_map(|input| gradients.of(input).or_zeros().to_vec());
    y.value().to_vec().into_iter().chain(gradients).map(f32::to_bits).collect()
}

/// The two, one after the other, to the bit: from a single number to what threads share, panels, and what is packed.
#[test]
fn a_linear_map_and_its_formula_are_the_two() {
    fn compare<F: Formula<1>>([rows, features, outputs]: [usize; 3], turned: bool, formula: F) {
        let x = match turned {
            true => numbers(&[features, rows], 4).transpose(),
            false => numbers(&[rows, features], 4),
        };
        let inputs = [x, numbers(&[outputs, features], 5), numbers(&[outputs], 6)].map(|input| input.cast());
        let one = bits(&inputs, |x| x[0].linear_then(&x[1], Some(&x[2]), formula));
        let two = bits(&inputs, |x| x[0].linear(&x[1], Some(&x[2])).map(formula));
        assert!(one == two, "{rows} rows, {features} to {outputs}, {formula:?}");
    }
    let small = [[1, 1, 1], [1, 2, 2], [3, 0, 2], [0, 3, 2], [3, 2, 0], [17, 33, 9]];
    let large = [[64, 784, 64], [20, 500, 400], [128, 784, 512], [300, 400, 500]];
    for extents in small.into_iter().chain(large) {
        for turned in [false, true] {
            compare(extents, turned, formulas::Relu);
            compare(extents, turned, formulas::Silu);
            compare(extents, turned, Wave);
        }
    }
}

/// The same of convolutions: in runs with room between rows and without, padded, with patches, in groups.
#[test]
fn a_convolution_and_its_formula_are_the_two() {
    fn compare<F: Formula<1>>(x: [usize; 4], w: [usize; 4], convolution: Convolution<2>, formula: F) {
        let inputs = [numbers(&x, 4), numbers(&w, 5), numbers(&w[..1], 6)].map(|input| input.cast());
        let one = bits(&inputs, |x| x[0].conv2d_then(&x[1], Some(&x[2]), convolution, formula));
        let two = bits(&inputs, |x| x[0].conv2d(&x[1], Some(&x[2]), convolution).map(formula));
        assert!(one == two, "{x:?}, {w:?}, {convolution:?}, {formula:?}");
    }
    let plain = Convolution::new();
    for (x, w, convolution) in [
        ([3, 2, 7, 9], [5, 2, 3, 3], plain),
        ([2, 3, 6, 6], [4, 3, 1, 1], plain),
        ([2, 3, 6, 8], [4, 3, 3, 3], plain.with_padding([1, 2])),
        ([2, 3, 9, 8], [4, 3, 3, 2], plain.with_stride([2, 3])),
        ([2, 4, 6, 5], [6, 2, 3, 3], plain.with_groups(2)),
        ([0, 2, 6, 5], [6, 2, 3, 3], plain),
        ([40, 8, 30, 30], [16, 8, 3, 3], plain),
    ] {
        compare(x, w, convolution, formulas::Relu);
        compare(x, w, convolution, formulas::Gelu);
    }
    let inputs = [numbers(&[3, 2, 9], 4), numbers(&[5, 2, 3], 5)].map(|input| input.cast());
    let one = bits(&inputs, |x| x[0].conv1d_then(&x[1], None, Convolution::new(), formulas::Tanh));
    assert!(one == bits(&inputs, |x| x[0].conv1d(&x[1], None, Convolution::new()).tanh()));
}

/// The samples of a batch apart, whether the slope reads what the formula is applied to or its value.
#[test]
fn a_linear_map_and_its_formula_keep_samples_apart() {
    fn compare<F: Formula<1>>(formula: F) {
        let seen = |together: bool| {
            let tape = Tape::new();
            let (w, b) = (tape.var(numbers(&[4, 3], 1)), tape.var(numbers(&[4], 2)));
            let x = tape.constant(&numbers(&[5, 3], 3));
            let y = match together {
                true => x.linear_then(&w, Some(&b), formula),
                false => x.linear(&w, Some(&b)).map(formula),
            };
            let apart = y.square().sum_axes(1).backward_per_sample();
            [apart.of(&w), apart.of(&b)]
        };
        let one = seen(true);
        assert_eq!(one[0].shape(), Shape::from([5, 4, 3]));
        assert_eq!(one, seen(false));
    }
    compare(formulas::Tanh);
    compare(formulas::Gelu);
    compare(formulas::Step);
}

/// Numbers around zero.
fn numbers(shape: &[usize], seed: u64) -> Tensor<f64> {
    Tensor::normal(Shape::from(shape), 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(seed))
}
