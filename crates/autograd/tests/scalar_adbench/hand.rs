use super::problems::{Affine, Hand, Measured, Vertex, agree, angles, reference};
use super::sum;
use autograd::algebra::Algebra;
use autograd::scalar;

/// The upper three rows of an affine matrix.
type Rows<A> = [[A; 4]; 3];

fn compose<A: Algebra>(a: &Rows<A>, b: &Rows<A>) -> Rows<A> {
    let entry = |i: usize, j: usize| {
        let product = sum((0..3).map(|k| a[i][k] * b[k][j]));
        if j == 3 { product + a[i][3] } else { product }
    };
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}

fn constant<A: Algebra>(matrix: &Affine) -> Rows<A> {
    std::array::from_fn(|i| std::array::from_fn(|j| A::constant(matrix[4 * i + j])))
}

/// How each bone moves what it carries.
fn pose<A: Algebra>(hand: &Hand, theta: &[A]) -> Vec<Rows<A>> {
    let zero = A::constant(0.0);
    let mut absolute: Vec<Rows<A>> = Vec::new();
    for (bone, angles) in hand.bones.iter().zip(angles(hand.bones.len())) {
        let [x, z] = angles.map(|angle| angle.map_or(zero, |angle| theta[angle]));
        // About z after about x.
        let turn = [
            [z.cos(), -z.sin() * x.cos(), z.sin() * x.sin(), zero],
            [z.sin(), z.cos() * x.cos(), -z.cos() * x.sin(), zero],
            [zero, x.sin(), x.cos(), zero],
        ];
        let relative = compose(&constant(&bone.base), &turn);
        absolute.push(bone.parent.map_or(relative, |parent| compose(&absolute[parent], &relative)));
    }
    absolute.iter().zip(&hand.bones).map(|(placed, bone)| compose(placed, &constant(&bone.inverse))).collect()
}

/// Where each of these vertices is: carried by its bones, then turned and shifted with the whole hand.
fn positions<A: Algebra>(hand: &Hand, theta: &[A], vertices: &[usize]) -> Vec<[A; 3]> {
    let moves = pose(hand, theta);
    let turn = about_axis(&theta[..3]);
    let position = |&vertex: &usize| {
        let Vertex { place: p, bones } = &hand.vertices[vertex];
        let carried: [A; 3] = std::array::from_fn(|i| {
            sum(bones.iter().map(|&(bone, weight)| {
                let row = &moves[bone][i];
                (row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + row[3]) * weight
            }))
        });
        std::array::from_fn(|i| sum((0..3).map(|k| turn[i][k] * carried[k])) + theta[3 + i])
    };
    vertices.iter().map(position).collect()
}

/// The rotation about `r`, by as many radians as `r` is long.
fn about_axis<A: Algebra>(r: &[A]) -> [[A; 3]; 3] {
    let angle = sum(r.iter().map(|r| r.square())).sqrt();
    let (sin, cos) = (angle.sin(), angle.cos());
    let axis: [A; 3] = std::array::from_fn(|i| r[i] / angle);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let along = axis[i] * axis[j] * cos.rsub(1.0);
            match (j + 3 - i) % 3 {
                0 => along + cos,
                1 => along - axis[3 - i - j] * sin,
                _ => along + axis[3 - i - j] * sin,
            }
        })
    })
}

/// Measured − computed. `x`: the pose, then the barycentric coordinates.
fn residuals<A: Algebra, const K: usize>(hand: &Hand, measured: &Measured, x: &[A]) -> [A; K] {
    let (theta, u) = x.split_at(measured.theta.len());
    if u.is_empty() {
        let at = positions(hand, theta, &measured.places);
        return std::array::from_fn(|k| at[k / 3][k % 3].rsub(measured.points[k]));
    }
    let corners: Vec<usize> = measured.places.iter().flat_map(|&triangle| hand.triangles[triangle]).collect();
    let at = positions(hand, theta, &corners);
    std::array::from_fn(|k| {
        let (point, axis) = (k / 3, k % 3);
        let (u0, u1) = (u[2 * point], u[2 * point + 1]);
        let corner = |c: usize| at[3 * point + c][axis];
        (u0 * corner(0) + u1 * corner(1) + (u0 + u1).rsub(1.0) * corner(2)).rsub(measured.points[k])
    })
}

/// `K` is three times the number of points.
fn check<const K: usize>(hand: &Hand, name: &str) {
    let (measured, want) = (Measured::read(name), reference(name));
    let point = [measured.theta.as_slice(), &measured.barycentric].concat();
    let (values, slopes) = scalar::jacobian(|x| residuals::<_, K>(hand, &measured, x), &point);
    agree(&values, &want["residual"]);
    for (row, slope) in slopes.iter().enumerate() {
        let (theta, barycentric) = slope.split_at(measured.theta.len());
        measured.agree(row, theta, barycentric, &want);
    }
}

#[test]
fn hand_tracking() {
    let hand = Hand::read();
    check::<6>(&hand, "hand_test_simple");
    check::<6>(&hand, "hand_test_complicated");
    check::<300>(&hand, "hand_simple_small");
    check::<300>(&hand, "hand_complicated_small");
}
