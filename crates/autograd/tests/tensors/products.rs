//! Products and distances: values at the ends of the range, and what is said of operands that do not fit.

use autograd::prelude::*;

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
