use super::problems::{Bundle, agree, reference};
use autograd::algebra::Algebra;
use autograd::scalar;

/// The two residuals of camera (11), point (3), weight.
fn residual<A: Algebra>(x: &[A], feature: &[f64]) -> [A; 2] {
    let (r, centre) = (&x[..3], &x[3..6]);
    let (f, u0, v0, k1, k2) = (x[6], x[7], x[8], x[9], x[10]);
    let p: [A; 3] = std::array::from_fn(|i| x[11 + i] - centre[i]);
    let theta = (r[0].square() + r[1].square() + r[2].square()).sqrt();
    let u: [A; 3] = std::array::from_fn(|i| r[i] / theta);
    let along = (u[0] * p[0] + u[1] * p[1] + u[2] * p[2]) * theta.cos().rsub(1.0);
    let y: [A; 3] = std::array::from_fn(|i| {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        p[i] * theta.cos() + (u[j] * p[k] - u[k] * p[j]) * theta.sin() + u[i] * along
    });
    let (s, t) = (y[0] / y[2], y[1] / y[2]);
    let rho = s.square() + t.square();
    let distortion = k1 * rho + k2 * rho.square() + 1.0;
    [x[14] * (s * distortion * f + u0 - feature[0]), x[14] * (t * distortion * f + v0 - feature[1])]
}

#[test]
fn bundle_adjustment() {
    for name in ["ba_test", "ba1_n49_m7776_p31843", "ba2_n21_m11315_p36455"] {
        let (bundle, want) = (Bundle::read(name), reference(name));
        assert_eq!(want["n_m_p"], serde_json::json!([bundle.cameras, bundle.points, bundle.observations]));
        let (values, [first, second]) = scalar::jacobian(|x| residual(x, &bundle.feature), &bundle.block);
        agree(&values, &want["residual"]);
        agree(&first, &want["jacobian_2x15"][0]);
        agree(&second, &want["jacobian_2x15"][1]);
    }
}
