//! Transforms of functions of several arguments, with something beside the result, against derivatives by hand.

use autograd::prelude::*;
use autograd::transform::{grad, hessian, hvp, jacobian, jvp, linearize, value_and_grad, vjp};
use std::cell::Cell;

fn t<const N: usize>(x: [f64; N]) -> Tensor<f64> {
    Tensor::from(x)
}

fn close(a: &Tensor<f64>, b: &[f64]) {
    assert_eq!(a.elements(), b.len());
    for (a, b) in a.to_vec().into_iter().zip(b) {
        assert!((a - b).abs() <= 1e-14 * (1.0 + b.abs()), "{a} {b}");
    }
}

/// `f(a, (b, c), [d, e]) = a² sin b + c d² + e a`, element by element.
type Point = (Tensor<f64>, (Tensor<f64>, Tensor<f64>), [Tensor<f64>; 2]);
type Vars = (Var<f64>, (Var<f64>, Var<f64>), [Var<f64>; 2]);

fn f((a, (b, c), [d, e]): &Vars) -> Var<f64> {
    a.square() * b.sin() + c * d.square() + e * a
}

fn point() -> Point {
    (t([1.5, -0.5]), (t([0.3, 2.0]), t([-1.0, 0.7])), [t([0.9, 1.1]), t([4.0, -3.0])])
}

/// The numbers of each argument at place `i`.
fn at(i: usize) -> [f64; 5] {
    let (a, (b, c), [d, e]) = point();
    [a, b, c, d, e].map(|x| x.to_vec()[i])
}

/// The five slopes at place `i`.
fn slopes(i: usize) -> [f64; 5] {
    let [a, b, c, d, e] = at(i);
    [2.0 * a * b.sin() + e, a * a * b.cos(), d * d, 2.0 * c * d, a]
}

#[test]
fn gradients_have_the_form_of_the_point() {
    let (value, (da, (db, dc), [dd, de])) = value_and_grad(|x: &Vars| f(x).sum(), &point());
    let expected: f64 = (0..2).map(at).map(|[a, b, c, d, e]| a * a * b.sin() + c * d * d + e * a).sum();
    assert!((value - expected).abs() < 1e-14);
    let (first, second) = (slopes(0), slopes(1));
    for (i, got) in [da, db, dc, dd, de].iter().enumerate() {
        close(got, &[first[i], second[i]]);
    }
}

/// A value that is brought along can be read, and no more: the tape is empty, and the message names both lines.
#[test]
fn gradients_keep_nothing_of_the_tape() {
    let mut recorded = 0;
    let hidden = |x: &Var<f64>| {
        recorded = line!() + 1;
        let hidden = x.sin();
        (hidden.square().sum(), hidden)
    };
    let emptied = line!() + 1;
    let ((_, hidden), _) = value_and_grad(hidden, &t([0.5]));
    close(hidden.value(), &[0.5_f64.sin()]);
    let text = hidden.try_backward().unwrap_err().to_string();
    for line in [recorded, emptied] {
        assert!(text.contains(&format!("transform.rs:{line}")), "{text}");
    }
}

#[test]
fn the_linear_part_is_recorded_once_and_called_often() {
    let calls = Cell::new(0);
    let counted = |x: &Vars| {
        calls.set(calls.get() + 1);
        f(x)
    };
    let (y, push_forward) = linearize(counted, &point());
    let (again, pull_back) = vjp(f, &point());
    assert_eq!(y, again);
    let zeros = || t([0.0, 0.0]);
    for k in 0..5 {
        let unit = |i: usize| if i == k { t([1.0, 10.0]) } else { zeros() };
        let tangent = (unit(0), (unit(1), unit(2)), [unit(3), unit(4)]);
        close(&push_forward(&tangent), &[slopes(0)[k], 10.0 * slopes(1)[k]]);
        assert_eq!(push_forward(&tangent), jvp(f, &point(), &tangent).1);
    }
    // All at once: the sum; and the pull-back is its adjoint.
    let all = (t([1.0, 2.0]), (t([3.0, 4.0]), t([5.0, 6.0])), [t([7.0, 8.0]), t([9.0, 10.0])]);
    let moved = |i: usize, t: [f64; 5]| slopes(i).iter().zip(t).map(|(s, t)| s * t).sum::<f64>();
    let expected = [moved(0, [1.0, 3.0, 5.0, 7.0, 9.0]), moved(1, [2.0, 4.0, 6.0, 8.0, 10.0])];
    close(&push_forward(&all), &expected);
    let (pulled, _, _) = pull_back(&t([1.0, -1.0]));
    close(&pulled, &[slopes(0)[0], -slopes(1)[0]]);
    assert_eq!(calls.get(), 1);
}

#[test]
fn what_comes_beside_the_result_comes_back() {
    let x = t([1.0, 2.0, 3.0]);
    let with = |x: &Var<f64>| (x.powi(3).sum(), ("aside", x.value().clone()));
    let aside = ("aside", x.clone());
    assert_eq!(grad(with, &x), (t([3.0, 12.0, 27.0]), aside.clone()));
    assert_eq!(value_and_grad(with, &x), ((36.0, aside.clone()), t([3.0, 12.0, 27.0])));
    let (y, pull_back) = vjp(with, &x);
    assert_eq!((y, pull_back(&Tensor::scalar(2.0))), ((Tensor::scalar(36.0), aside.clone()), t([6.0, 24.0, 54.0])));
    assert_eq!(jvp(with, &x, &t([1.0, 0.0, 1.0])), ((Tensor::scalar(36.0), aside.clone()), Tensor::scalar(30.0)));
    let (y, push_forward) = linearize(with, &x);
    assert_eq!((y.1, push_forward(&t([0.0, 1.0, 0.0])).item()), (aside.clone(), 12.0));
    let ones = t([1.0, 1.0, 1.0]);
    assert_eq!(hvp(with, &x, &ones), ((t([3.0, 12.0, 27.0]), aside.clone()), t([6.0, 12.0, 18.0])));
    assert_eq!(jacobian(with, &x), (t([3.0, 12.0, 27.0]), aside.clone()));
    let diagonal = Tensor::from([[6.0, 0.0, 0.0], [0.0, 12.0, 0.0], [0.0, 0.0, 18.0]]);
    assert_eq!(hessian(with, &x), (diagonal, aside));
}

#[test]
fn the_training_forms_bring_it_along_too() {
    let w = Param::new(t([2.0, 3.0]));
    let ((loss, count), gradients) = gradient(|tape| (tape.param(&w).square().sum(), 7));
    assert_eq!((loss, count, gradients.of(&w).or_zeros()), (13.0, 7, t([4.0, 6.0])));
    let ((loss, sum), _) = gradient_at(Key::new(0), |tape| {
        let w = tape.param(&w);
        (w.square().sum(), w.sum())
    });
    // The tape is empty, the value is still there.
    assert_eq!((loss, sum.value().item()), (13.0, 5.0));
    let failed = autograd::try_gradient(|tape| (tape.param(&w), 7)).unwrap_err();
    assert!(matches!(failed, Error::NotScalar(_)));
}

#[test]
fn jacobians_of_several_arguments() {
    // More rows than columns, and fewer: by forward and by backward sweeps.
    let (a, b) = (t([2.0]), t([3.0]));
    let (da, db) = jacobian(|(a, b)| Var::concat(&[&(a * b), &a.square(), &b.exp()], 0), &(a, b));
    assert_eq!((da.to_vec(), da.shape()), (vec![3.0, 4.0, 0.0], Shape::from([3, 1])));
    close(&db, &[2.0, 0.0, 3.0_f64.exp()]);
    let (a, b) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), t([5.0, 6.0]));
    let (da, db) = jacobian(|(a, b)| a.matmul(b), &(a.clone(), b));
    assert_eq!(da.shape(), Shape::from([2, 2, 2]));
    assert_eq!((da.to_vec(), db), (vec![5.0, 6.0, 0.0, 0.0, 0.0, 0.0, 5.0, 6.0], a));
}

#[test]
fn vectors_of_points() {
    let layers = vec![(t([1.0, 2.0]), t([0.5])), (t([3.0, 4.0]), t([0.25]))];
    let slopes = grad(
        |layers: &Vec<(Var<f64>, Var<f64>)>| layers.iter().map(|(w, b)| (w * b).sum()).reduce(|a, b| a * b).unwrap(),
        &layers,
    );
    // (3 · ½) (7 · ¼): each factor's slope times the other factor.
    assert_eq!(slopes[0], (t([0.5 * 1.75, 0.5 * 1.75]), t([3.0 * 1.75])));
    assert_eq!(slopes[1], (t([0.25 * 1.5, 0.25 * 1.5]), t([7.0 * 1.5])));
}

#[test]
#[should_panic(expected = "a direction of 1 tensors for a point of 2")]
fn a_direction_has_the_form_of_its_point() {
    let point = vec![t([1.0]), t([2.0])];
    jvp(|x: &Vec<Var<f64>>| &x[0] * &x[1], &point, &vec![t([1.0])]);
}

#[test]
fn leaves_carry_the_users_line() {
    let line = Cell::new(0);
    let point = [t([1.0]), t([2.0])];
    let f = |x: &[Var<f64>; 2]| {
        line.set(x[1].tape().nodes()[1].at.line());
        (&x[0] * &x[1]).sum()
    };
    let here = line!() + 1;
    grad(f, &point);
    assert_eq!(line.get(), here);
}
