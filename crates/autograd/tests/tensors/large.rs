//! What is large enough to be divided, among threads or into panels, against plain loops. Numbers are small whole ones, so
//! that every order of additions gives the same and results are exact.

use autograd::ops::index::IndexAdd;
use autograd::prelude::*;

/// Whole numbers from −4 to 4 without a pattern.
fn whole(i: usize, salt: usize) -> f64 {
    ((i * 7919 + salt * 104_729) % 65_537 % 9) as f64 - 4.0
}

fn tensor<const N: usize>(shape: [usize; N], salt: usize) -> Tensor<f32> {
    Tensor::from_fn(shape, |i| whole(i, salt) as f32)
}

/// What `work` gives, after one, two and three threads gave the same.
fn on_any_threads(work: impl Fn() -> Vec<f32> + Sync) -> Vec<f32> {
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<_>>();
    let here = work();
    #[cfg(feature = "parallel")]
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(bits(here.clone()), bits(pool.install(&work)), "{threads} threads");
    }
    bits(here).into_iter().map(f32::from_bits).collect()
}

#[test]
fn products_with_a_transposed_right_operand() {
    // Rows, columns and terms around the edges of blocks, of panels and of what goes to two threads.
    for [m, n, k] in [
        [1, 1000, 301],
        [3, 440, 300],
        [37, 701, 300],
        [64, 9, 20_000],
        [130, 300, 513],
        [257, 397, 345],
        [2, 5, 140_000],
    ] {
        let (x, w, b) = (tensor([m, k], 1), tensor([n, k], 2), tensor([n], 3));
        let y = on_any_threads(|| x.linear(&w, Some(&b)).to_vec());
        for i in 0..m {
            for j in 0..n {
                let products = (0..k).map(|l| whole(i * k + l, 1) * whole(j * k + l, 2));
                assert_eq!(f64::from(y[i * n + j]), products.sum::<f64>() + whole(j, 3), "{m}×{n}×{k} at {i}, {j}");
            }
        }
        assert_eq!(y, (x.matmul(&w.transpose()) + &b).to_vec());
    }
}

/// From the fourth on they are divided among threads, if the first three came soon after each other; the bits do not tell.
#[test]
fn products_that_follow_each_other() {
    let [m, n, k] = [19, 512, 128];
    let fraction = |i: usize, salt: usize| whole(i, salt) / 7.0 + whole(i, salt + 1) / 300.0;
    let x = Tensor::from_fn([m, k], |i| fraction(i, 1) as f32);
    let w = Tensor::from_fn([n, k], |i| fraction(i, 3) as f32);
    let series = on_any_threads(|| (0..12).flat_map(|_| x.linear(&w, None).to_vec()).collect());
    let alone = &series[..m * n];
    for (place, y) in alone.iter().enumerate() {
        let (i, j) = (place / n, place % n);
        let products = (0..k).map(|l| fraction(i * k + l, 1) * fraction(j * k + l, 3));
        let (sum, size) = products.fold((0.0, 0.0), |(sum, size), p| (sum + p, size + p.abs()));
        // Rounding the operands, and each of the k steps.
        assert!((f64::from(*y) - sum).abs() <= (k + 2) as f64 * f64::from(f32::EPSILON) * size, "{y} {sum}");
    }
    for later in series.chunks(m * n) {
        assert!(later.iter().zip(alone).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn rows_added_where_they_belong() {
    const ROWS: usize = 60;
    // Most go to few rows, and some rows get nothing.
    let places: Vec<usize> = (0..3000).map(|i| (i * i + 3 * i) % 97 % ROWS).collect();
    for axis in [0, 1] {
        let (outer, inner) = if axis == 0 { (1, 100) } else { (2, 60) };
        let shape = if axis == 0 { Shape::from([ROWS, inner]) } else { Shape::from([outer, ROWS, inner]) };
        let add = IndexAdd { axis, indices: places.clone().into(), shape };
        let x = tensor([outer, places.len(), inner], 5);
        let x = if axis == 0 { x.squeeze(0) } else { x };
        let y = on_any_threads(|| Tensor::apply(add.clone(), &[&x]).to_vec());
        let mut want = vec![0.0; shape.elements()];
        for block in 0..outer {
            for (k, &place) in places.iter().enumerate() {
                for i in 0..inner {
                    want[(block * ROWS + place) * inner + i] += whole((block * places.len() + k) * inner + i, 5);
                }
            }
        }
        assert_eq!(y.into_iter().map(f64::from).collect::<Vec<_>>(), want);
    }
}

/// Windows side by side, with columns and rows that no window sees, equal elements and NaN.
#[test]
fn maxima_of_windows_side_by_side() {
    for (side, extents) in [(2, [21, 34]), (3, [20, 26]), (2, [2, 3]), (2, [6, 67]), (3, [3, 100])] {
        let [height, width] = extents;
        let planes = 300;
        let at = |i: usize| if i.is_multiple_of(41) { f64::NAN } else { whole(i, 7) };
        let x = Tensor::<f32>::from_fn([planes / 3, 3, height, width], |i| at(i) as f32);
        let (down, across) = (height / side, width / side);
        let g = tensor([planes / 3, 3, down, across], 8);
        let both = on_any_threads(|| {
            let v = Tape::new().var(x.clone());
            let y = v.max_pool2d(Pooling::new([side, side]));
            let back = y.backward_with(&g).of(&v).or_zeros();
            [y.value().to_vec(), back.to_vec()].concat()
        });
        let (y, back) = both.split_at(planes * down * across);
        let mut want = vec![0.0; planes * height * width];
        for plane in 0..planes {
            for r in 0..down {
                for c in 0..across {
                    let places = (0..side).flat_map(|i| (0..side).map(move |j| [r * side + i, c * side + j]));
                    let places = places.map(|[i, j]| (plane * height + i) * width + j);
                    let best = places.reduce(|best, place| {
                        let better = at(place) > at(best) || (at(place).is_nan() && !at(best).is_nan());
                        if better { place } else { best }
                    });
                    let (best, window) = (best.unwrap(), (plane * down + r) * across + c);
                    assert_eq!(f64::from(y[window]).to_bits() << 1, at(best).to_bits() << 1, "plane {plane}, {r}, {c}");
                    want[best] += whole(window, 8);
                }
            }
        }
        assert_eq!(back.iter().map(|&g| f64::from(g)).collect::<Vec<_>>(), want);
    }
}

#[test]
fn sums_over_axes_that_lie_apart() {
    const SHAPE: [usize; 4] = [24, 35, 17, 20];
    let x = tensor(SHAPE, 9);
    for axes in [&[0_isize, 2, 3][..], &[0, 2], &[1, 3], &[0, 3]] {
        let y = on_any_threads(|| x.sum_axes(axes).to_vec());
        let kept: Vec<usize> = (0..4).filter(|&axis| !axes.contains(&(axis as isize))).collect();
        let mut want = vec![0.0; kept.iter().map(|&axis| SHAPE[axis]).product()];
        for i in 0..x.elements() {
            let place = |axis: usize| i / SHAPE[axis + 1..].iter().product::<usize>() % SHAPE[axis];
            want[kept.iter().fold(0, |at, &axis| at * SHAPE[axis] + place(axis))] += whole(i, 9);
        }
        assert_eq!(y.into_iter().map(f64::from).collect::<Vec<_>>(), want, "{axes:?}");
    }
}

/// Each row alone gives the bits that it gives among others.
#[test]
fn rows_of_a_softmax_know_nothing_of_each_other() {
    let x = Tensor::<f32>::from_fn([900, 130], |i| (i as f64 * 0.37).sin() as f32 * 3.0);
    for form in [|x: &Tensor<f32>| x.softmax(-1), |x: &Tensor<f32>| x.log_softmax(-1)] {
        let y = on_any_threads(|| form(&x).to_vec());
        for row in [0, 1, 449, 450, 899] {
            let alone = form(&x.slice(0, row as isize..row as isize + 1).contiguous());
            assert_eq!(alone.to_vec(), y[row * 130..][..130]);
        }
    }
}
