use super::problems::{Affine, Bone, Hand, Measured, agree, angles, reference};
use autograd::prelude::*;
use autograd::transform::jacobian;

/// One matrix of every bone. Shape `[bones, 4, 4]`.
fn matrices(hand: &Hand, of: impl Fn(&Bone) -> Affine) -> Tensor<f64> {
    let numbers: Vec<f64> = hand.bones.iter().flat_map(of).collect();
    Tensor::from_vec(numbers, [hand.bones.len(), 4, 4])
}

/// How each bone moves what it carries. Shape `[bones, 4, 4]`.
fn pose<A: Array<f64>>(hand: &Hand, theta: &A) -> A {
    let bones = hand.bones.len();
    let [zero, one] = [0.0, 1.0].map(|c| theta.constant(&Tensor::full([bones], c)));
    // Angles that a bone does not have are picked from a 0 behind the pose.
    let behind = theta.shape()[0];
    let padded = A::concat(&[theta, &zero.slice(0, ..1)], 0);
    let angle = |which: usize| {
        let places: Vec<usize> = angles(bones).iter().map(|angles| angles[which].unwrap_or(behind)).collect();
        padded.index_select(0, places)
    };
    let [(sx, cx), (sz, cz)] = [angle(0), angle(1)].map(|angle| (angle.sin(), angle.cos()));
    let entries = [
        [cz.clone(), -(sz.clone() * &cx), sz.clone() * &sx, zero.clone()],
        [sz, cz.clone() * &cx, -(cz * &sx), zero.clone()],
        [zero.clone(), sx, cx, zero.clone()],
        [zero.clone(), zero.clone(), zero, one],
    ];
    let turns = A::stack(&entries.as_flattened().iter().collect::<Vec<_>>(), 1).reshape([-1, 4, 4]);
    let relative = theta.constant(&matrices(hand, |bone| bone.base)).matmul(&turns);
    let mut absolute: Vec<A> = Vec::new();
    for (bone, number) in hand.bones.iter().zip(0..) {
        let own = relative.slice(0, number..number + 1).squeeze(0);
        absolute.push(bone.parent.map_or(own.clone(), |parent| absolute[parent].matmul(&own)));
    }
    let absolute = A::stack(&absolute.iter().collect::<Vec<_>>(), 0);
    absolute.matmul(&theta.constant(&matrices(hand, |bone| bone.inverse)))
}

/// The rotation about `r`, by as many radians as `r` is long, after Rodrigues: `I cos + a aᵀ (1 − cos) + [a]× sin`.
fn about_axis<A: Array<f64>>(r: &A) -> A {
    let angle = r.norm(2.0, ..);
    let axis = r.clone() / &angle;
    let zero = r.constant(&Tensor::zeros([1]));
    let crossed = A::concat(&[&axis, &-axis.clone(), &zero], 0).index_select(0, [6, 5, 1, 2, 6, 3, 4, 0, 6]);
    let identity = r.constant(&Tensor::eye(3));
    identity * angle.cos() + axis.outer(&axis) * angle.cos().rsub(1.0) + crossed.reshape([3, 3]) * angle.sin()
}

/// Where all vertices are: carried by their bones, then turned and shifted with the whole hand. Shape `[vertices, 3]`.
fn positions<A: Array<f64>>(hand: &Hand, theta: &A) -> A {
    let (bones, vertices) = (hand.bones.len(), hand.vertices.len());
    let mut weights = vec![0.0; vertices * bones];
    for (row, vertex) in weights.chunks_mut(bones).zip(&hand.vertices) {
        vertex.bones.iter().for_each(|&(bone, weight)| row[bone] += weight);
    }
    let weights = theta.constant(&Tensor::from_vec(weights, [vertices, bones]));
    let at_rest = hand.vertices.iter().flat_map(|vertex| [vertex.place[0], vertex.place[1], vertex.place[2], 1.0]);
    let at_rest = theta.constant(&Tensor::from_vec(at_rest.collect(), [vertices, 4]));
    let carried = A::einsum("vb,bij,vj->vi", &[&weights, &pose(hand, theta), &at_rest]).slice(1, ..3);
    carried.matmul(&about_axis(&theta.slice(0, ..3)).transpose()) + theta.slice(0, 3..6)
}

/// Measured − computed. Shape `[points, 3]`.
fn residuals<A: Array<f64>>(hand: &Hand, measured: &Measured, theta: &A, u: Option<&A>) -> A {
    let all = positions(hand, theta);
    let computed = match u {
        None => all.index_select(0, &measured.places),
        Some(u) => {
            let corners: Vec<usize> = measured.places.iter().flat_map(|&place| hand.triangles[place]).collect();
            let corners = all.index_select(0, corners).reshape([-1, 3, 3]);
            let shares = A::concat(&[u, &u.sum_keep(1).rsub(1.0)], 1);
            A::einsum("nc,nci->ni", &[&shares, &corners])
        }
    };
    theta.constant(&Tensor::from(measured.points.clone()).reshape([-1, 3])) - computed
}

#[test]
fn hand_tracking() {
    let hand = Hand::read();
    for name in ["hand_test_simple", "hand_test_complicated", "hand_simple_small", "hand_complicated_small"] {
        let (measured, want) = (Measured::read(name), reference(name));
        let theta = Tensor::from(measured.theta.clone());
        let rows = measured.points.len();
        let (values, by_theta, by_u) = if measured.barycentric.is_empty() {
            let residuals = |theta: &Var<f64>| residuals(&hand, &measured, theta, None);
            let (by_theta, values) = jacobian(
                |theta| {
                    let e = residuals(theta);
                    (e.clone(), e.value().clone())
                },
                &theta,
            );
            (values, by_theta, Tensor::zeros([rows, 0]))
        } else {
            let u = Tensor::from(measured.barycentric.clone()).reshape([-1, 2]);
            let ((by_theta, by_u), values) = jacobian(
                |(theta, u)| {
                    let e = residuals(&hand, &measured, theta, Some(u));
                    (e.clone(), e.value().clone())
                },
                &(theta, u),
            );
            (values, by_theta, by_u.reshape([rows as isize, -1]))
        };
        agree(&values.to_vec(), &want["residual"]);
        let (by_theta, by_u) = (by_theta.to_vec(), by_u.to_vec());
        let columns = by_u.len() / rows;
        for row in 0..rows {
            measured.agree(row, &by_theta[row * 26..][..26], &by_u[row * columns..][..columns], &want);
        }
    }
}
