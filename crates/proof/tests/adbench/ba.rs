use super::problems::{Bundle, agree, agree_within, reference};
use autograd::prelude::*;
use autograd::transform::value_and_grad;
use serde_json::{Value, json};

/// `a × b` of vectors along the last axis.
fn cross<A: Array<f64>>(a: &A, b: &A) -> A {
    let turned = |v: &A, by: isize| A::concat(&[&v.slice(1, by..), &v.slice(1, ..by)], 1);
    turned(a, 1) * turned(b, 2) - turned(a, 2) * turned(b, 1)
}

/// The residuals of all observations: observation `i` is of point `i mod m` by camera `i mod n`. Shape `[p, 2]`.
fn residuals<A: Array<f64>>(bundle: &Bundle, cameras: &A, points: &A, weights: &A) -> A {
    let modulo = |n: usize| (0..bundle.observations).map(|i| i % n).collect::<Vec<_>>();
    let camera = cameras.index_select(0, modulo(bundle.cameras));
    let part = |from: isize, to: isize| camera.slice(1, from..to);
    let p = points.index_select(0, modulo(bundle.points)) - part(3, 6);
    let theta = part(0, 3).norm_keep(2.0, 1);
    let u = part(0, 3) / &theta;
    let along = (u.clone() * &p).sum_keep(1) * theta.cos().rsub(1.0);
    let y = p.clone() * theta.cos() + cross(&u, &p) * theta.sin() + u * along;
    let projected = y.slice(1, ..2) / y.slice(1, 2..);
    let rho = projected.square().sum_keep(1);
    let distortion = part(9, 10) * &rho + part(10, 11) * rho.square() + 1.0;
    let feature = camera.constant(&Tensor::from(bundle.feature.clone()));
    (projected * distortion * part(6, 7) + part(7, 9) - feature) * weights.unsqueeze(1)
}

/// `½ Σ |e|²`. All observations are alike, so each camera's gradient is `Jᵀe` of one times the observations that it
/// makes, and each point's likewise.
#[test]
fn bundle_adjustment() {
    for name in ["ba_test", "ba1_n49_m7776_p31843", "ba2_n21_m11315_p36455"] {
        let (bundle, want) = (Bundle::read(name), reference(name));
        let repeated = |part: &[f64], times: usize| Tensor::from_vec(part.repeat(times), [times, part.len()]);
        let point = (
            repeated(&bundle.block[..11], bundle.cameras),
            repeated(&bundle.block[11..14], bundle.points),
            Tensor::full([bundle.observations], bundle.block[14]),
        );
        let objective = |(cameras, points, weights): &(Var<f64>, Var<f64>, Var<f64>)| {
            let e = residuals(&bundle, cameras, points, weights);
            (e.square().sum() * 0.5, e.value().clone())
        };
        let ((_, e), (cameras, points, weights)) = value_and_grad(objective, &point);

        let numbers = |value: &Value| -> Vec<f64> { serde_json::from_value(value.clone()).expect("numbers") };
        let (residual, jacobian) = (numbers(&want["residual"]), &want["jacobian_2x15"]);
        let (first, second) = (numbers(&jacobian[0]), numbers(&jacobian[1]));
        let slope: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a * residual[0] + b * residual[1]).collect();
        let times = |part: &[f64], n: usize| -> Value {
            let seen = |which: usize| ((which..bundle.observations).step_by(n).count()) as f64;
            (0..n).flat_map(|which| part.iter().map(move |slope| slope * seen(which))).collect::<Vec<_>>().into()
        };
        for e in e.to_vec().chunks(2) {
            agree(e, &want["residual"]);
        }
        // `Jᵀe` cancels: what double precision loses of `J` and `e` is a larger part of it.
        agree_within(1e-10, &cameras.to_vec(), &times(&slope[..11], bundle.cameras));
        agree_within(1e-10, &points.to_vec(), &times(&slope[11..14], bundle.points));
        agree_within(1e-10, &weights.to_vec(), &json!(vec![slope[14]; bundle.observations]));
    }
}
