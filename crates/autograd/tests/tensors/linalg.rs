//! Decompositions: residuals over sizes and magnitudes, closed forms, matrices that cannot be inverted or factored, and
//! what is said of them.

use autograd::check::gradcheck;
use autograd::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

fn normal<T: Real>(shape: [usize; 2], seed: u64) -> Tensor<T> {
    Tensor::normal(shape, 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn largest<T: Real>(x: &Tensor<T>) -> f64 {
    x.to_vec().iter().fold(0.0, |most, x| f64::max(most, x.to_f64().abs()))
}

/// The matrix of binomial coefficients `C(i + j, i)`: symmetric, of determinant 1, and its Cholesky factor is the
/// triangle of Pascal.
fn pascal(n: usize) -> Tensor<f64> {
    let mut rows = vec![vec![1.0; n]; n];
    for i in 1..n {
        for j in 1..n {
            rows[i][j] = rows[i - 1][j] + rows[i][j - 1];
        }
    }
    Tensor::from_vec(rows.concat(), [n, n])
}

/// Solutions, inverses and factors put back where they came from, at every size and magnitude.
fn residuals<T: Real>(magnitudes: &[f64]) {
    for n in [1, 2, 3, 4, 7, 16, 17, 33, 64, 65] {
        for &magnitude in magnitudes {
            let size = T::from_f64(magnitude);
            let bound = 40.0 * T::EPSILON.to_f64() * n as f64;
            let a = normal::<T>([n, n], n as u64) * size;
            let b = normal::<T>([n, 3], 100 + n as u64);
            let x = a.solve(&b);
            let residual = a.matmul(&x) - &b;
            assert!(largest(&residual) <= bound * (largest(&a) * largest(&x) + largest(&b)), "solve {n} {magnitude:e}");
            let inverse = a.inv();
            let residual = a.matmul(&inverse) - Tensor::eye(n);
            assert!(largest(&residual) <= bound * largest(&a) * largest(&inverse), "inv {n} {magnitude:e}");
            let root = normal::<T>([n, n], 7 + n as u64) * T::from_f64(magnitude.sqrt());
            let square = root.matmul(&root.transpose()) + Tensor::eye(n) * size;
            let factor = square.cholesky();
            let residual = factor.matmul(&factor.transpose()) - &square;
            assert!(largest(&residual) <= bound * largest(&square), "cholesky {n} {magnitude:e}");
            assert_eq!(factor.to_vec().iter().enumerate().filter(|(i, x)| i % n > i / n && **x != T::ZERO).count(), 0);
        }
    }
}

#[test]
fn residuals_are_small() {
    residuals::<f64>(&[1e-120, 1e-3, 1.0, 1e5, 1e120]);
    residuals::<f32>(&[1e-15, 1e-3, 1.0, 1e5, 1e15]);
}

#[test]
fn closed_forms() {
    for n in 1..10 {
        let a = pascal(n);
        assert!((a.det().item() - 1.0).abs() < 1e-9, "{n}");
        let triangle = Tensor::from_fn([n, n], |i| {
            let (row, column) = (i / n, i % n);
            if column > row { 0.0 } else { pascal(n).at(&[row - column, column]).unwrap_or(0.0) }
        });
        assert!(largest(&(a.cholesky() - triangle)) < 1e-9, "{n}");
    }
    // A determinant beyond the range of the numbers still has a logarithm.
    let large = Tensor::<f64>::eye(300) * -1e10;
    let (sign, logarithm) = large.slogdet();
    assert_eq!((large.det().item(), sign.item()), (f64::INFINITY, 1.0));
    assert!((logarithm.item() - 300.0 * 1e10_f64.ln()).abs() < 1e-9);
    // An odd permutation.
    let (sign, logarithm) = Tensor::from([[0.0_f32, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).slogdet();
    assert_eq!((sign.item(), logarithm.item()), (-1.0, 0.0));
}

/// Of rank 2, 1 and 0: value, slope and curvature of the determinant, which is a polynomial, against differences.
#[test]
fn determinants_of_singular_matrices() {
    let rank_two = Tensor::<f64>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]);
    let rank_one = Tensor::from([[1.0, -2.0, 3.0], [2.0, -4.0, 6.0], [-1.0, 2.0, -3.0]]);
    for a in [rank_two, rank_one, Tensor::zeros([3, 3]), Tensor::zeros([4, 4])] {
        assert!(largest(&a.det()) < 1e-14);
        // The sum says what rounding is measured against: these determinants have next to no slope of their own.
        let report = gradcheck(&[a], |x| x[0].det() + x[0].sum());
        assert!(report.passed(), "{report}");
    }
    // A first column of zeros must not spoil the rest.
    assert_eq!(Tensor::from([[0.0_f64, 1.0], [0.0, 2.0]]).det().item(), 0.0);
    let (sign, logarithm) = Tensor::from([[0.0_f64, 1.0], [0.0, 2.0]]).slogdet();
    assert_eq!((sign.item(), logarithm.item()), (0.0, f64::NEG_INFINITY));
}

#[test]
fn a_stack_gives_what_its_matrices_give_alone() {
    let stack = Tensor::normal([5, 4, 4], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(3));
    let b = Tensor::normal([5, 4, 2], 0.0, 1.0, &mut ChaCha8Rng::seed_from_u64(4));
    let positive = stack.matmul(&stack.transpose()) + Tensor::eye(4);
    let part = |x: &Tensor<f64>, i: isize| x.slice(0, i..i + 1).squeeze(0).to_vec();
    let matrix = |x: &Tensor<f64>, i: isize| x.slice(0, i..i + 1).squeeze(0);
    for i in 0..5 {
        let a = matrix(&stack, i);
        assert_eq!(part(&stack.solve(&b), i), a.solve(&matrix(&b, i)).to_vec());
        assert_eq!(part(&stack.inv(), i), a.inv().to_vec());
        assert_eq!(stack.det().to_vec()[i as usize], a.det().item());
        assert_eq!(part(&positive.cholesky(), i), matrix(&positive, i).cholesky().to_vec());
    }
}

#[test]
fn one_bad_matrix_spoils_only_its_own_part() {
    let stack = Tensor::from([[[2.0_f64, 0.0], [0.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]], [[4.0, 0.0], [0.0, 9.0]]]);
    let finite = |y: &Tensor<f64>| y.to_vec().chunks(4).map(|m| m.iter().all(|x| x.is_finite())).collect::<Vec<_>>();
    assert_eq!(finite(&stack.inv()), [true, false, true]);
    assert_eq!(finite(&stack.solve(&Tensor::eye(2))), [true, false, true]);
    assert_eq!(finite(&(stack - Tensor::eye(2) * 0.5).cholesky()), [true, false, true]);
}

#[test]
fn numbers_that_are_not_finite_do_not_panic() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308] {
        for n in [1, 2, 3, 20] {
            let tape = Tape::new();
            let a = tape.var(Tensor::full([n, n], bad));
            let (sign, logarithm) = a.slogdet();
            let b = a.constant(&Tensor::ones([n]));
            let lower = a.solve_triangular(&b, Triangle::Lower).sum();
            let all = a.det() + sign + logarithm + a.inv().sum() + a.solve(&b).sum() + a.cholesky().sum() + lower;
            assert_eq!(all.backward_recorded().of(&a).or_zeros_on(&a).shape(), a.shape());
            assert_eq!(all.backward().of(&a).or_zeros().shape(), a.shape());
        }
    }
}

#[test]
fn matrices_without_rows() {
    let none = Tensor::<f64>::zeros([0, 0]);
    assert_eq!(none.det().item(), 1.0);
    let (sign, logarithm) = none.slogdet();
    assert_eq!((sign.item(), logarithm.item()), (1.0, 0.0));
    assert_eq!(none.inv().shape(), Shape::from([0, 0]));
    assert_eq!(none.cholesky().shape(), Shape::from([0, 0]));
    assert_eq!(none.solve(&Tensor::zeros([0, 3])).shape(), Shape::from([0, 3]));
    assert_eq!(Tensor::<f64>::zeros([2, 0, 0]).det().to_vec(), [1.0, 1.0]);
    assert!(none.try_inv().is_ok() && none.try_cholesky().is_ok());
}

/// The text of an error without its line.
fn text<R>(result: Result<R, Error>) -> String {
    let Err(error) = result else { return "no error".to_string() };
    error.to_string().lines().filter(|line| !line.starts_with("  at: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_said_of_shapes() {
    let of = |extents: &[usize]| Tensor::<f32>::ones(extents);
    insta::assert_snapshot!(text(of(&[2, 3]).try_inv()), @"
    inv: a matrix of 2 rows and 3 columns is not square
      operands: [2, 3]
      help: the last two axes must have one extent
    ");
    insta::assert_snapshot!(text(of(&[3]).try_cholesky()), @"
    cholesky: shape [3] is not that of a matrix
      operands: [3]
      help: give a matrix [n, n], or a stack of them [..., n, n]
    ");
    insta::assert_snapshot!(text(of(&[2, 2]).try_solve(&of(&[3]))), @"
    solve: 2 equations do not fit a right-hand side of shape [3]
      operands: [2, 2], [3]
      help: the right-hand side has a row for each row of the matrix
    ");
    insta::assert_snapshot!(text(of(&[4, 2, 2]).try_solve(&of(&[4, 2]))), @"
    solve: 2 equations do not fit a right-hand side of shape [4, 2]
      operands: [4, 2, 2], [4, 2]
      help: a stack of vectors is a stack of columns: `b.unsqueeze(-1)`
    ");
    insta::assert_snapshot!(text(of(&[4, 2, 2]).try_solve(&of(&[3, 2, 1]))), @"
    solve: the leading axes [4] and [3] of shapes [4, 2, 2] and [3, 2, 1] do not broadcast
      operands: [4, 2, 2], [3, 2, 1]
      help: leading axes must be equal or 1, matched from the last one
    ");
    insta::assert_snapshot!(text(of(&[2, 2]).try_solve(&of(&[]))), @"
    solve: a scalar is no right-hand side
      operands: [2, 2], []
      help: give a vector [n], or columns [..., n, k]
    ");
    insta::assert_snapshot!(text(Shapes::<f32>::new([2, 3]).try_cholesky()), @"
    cholesky: a matrix of 2 rows and 3 columns is not square
      operands: [2, 3]
      help: the last two axes must have one extent
    ");
}

#[test]
fn what_is_said_of_numbers() {
    let tape = Tape::new();
    let a = tape.var(Tensor::from([[[1.0_f64, 0.0], [0.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]]])).named("covariance");
    insta::assert_snapshot!(text(a.try_cholesky()), @"
    cholesky: matrix 1 of the stack is not positive definite, or not finite
      operands: `covariance` [2, 2, 2]
      help: add a small multiple of the identity, or look at how it comes about
    ");
    let flat = tape.var(Tensor::from([[0.0_f64, 0.0], [0.0, 1.0]]));
    insta::assert_snapshot!(text(flat.try_inv()), @"
    inv: the matrix is singular, or not finite
      operands: [2, 2]
      help: add a small multiple of the identity, or look at how it comes about
    ");
    insta::assert_snapshot!(text(flat.try_solve(&a)), @"
    solve: the matrix is singular, or not finite
      operands: [2, 2], `covariance` [2, 2, 2]
      help: add a small multiple of the identity, or look at how it comes about
    ");
}
