//! Elements picked by number and put in order: ties and NaN, and what is said of numbers that do not fit.

use crate::texts::{panic, text};
use autograd::ops::order::{ArgExtreme, ArgSort};
use autograd::ops::reduce::Which;
use autograd::prelude::*;

/// Against the standard library's stable sort, on numbers with many ties.
#[test]
fn sorting_is_stable_and_puts_nan_last() {
    let x: Vec<f64> = (0..500).map(|i| if i % 17 == 0 { f64::NAN } else { f64::from(i * 7919 % 23) - 11.0 }).collect();
    let key = |i: &usize| if x[*i].is_nan() { f64::INFINITY } else { x[*i] + 0.0 };
    let mut ascending: Vec<usize> = (0..x.len()).collect();
    ascending.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let mut descending: Vec<usize> = (0..x.len()).collect();
    descending.sort_by(|a, b| key(b).total_cmp(&key(a)));
    let tensor = Tensor::from(x.clone());
    assert_eq!(tensor.argsort(0, false).to_indices().as_slice(), ascending);
    assert_eq!(tensor.argsort(0, true).to_indices().as_slice(), descending);
    for k in [0, 1, 2, 37, 499, 500] {
        assert_eq!(tensor.top_k(0, k, false).1.to_indices().as_slice(), &ascending[..k]);
        assert_eq!(tensor.top_k(0, k, true).1.to_indices().as_slice(), &descending[..k]);
    }
    // Every axis, against the last one.
    let cube = Tensor::from_fn([5, 4, 3], |i| (i * 29 % 7) as f32);
    assert_eq!(cube.sort(0, false).0, cube.permute([1, 2, 0]).sort(-1, false).0.permute([2, 0, 1]));
    assert_eq!(cube.sort(1, true).0, cube.permute([0, 2, 1]).sort(-1, true).0.permute([0, 2, 1]));
}

#[test]
fn the_first_extreme_wins_and_nan_before_all() {
    let nan = f32::NAN;
    let x = Tensor::from([[1.0, 3.0, 3.0, 1.0], [-0.0, 0.0, -0.0, 0.0], [1.0, nan, 5.0, nan]]);
    assert_eq!(x.argmax(1).to_indices().as_slice(), [1, 0, 1]);
    assert_eq!(x.argmin(1).to_indices().as_slice(), [0, 0, 1]);
    let (largest, place) = x.max_with_index(1);
    assert_eq!((largest.to_vec()[0], largest.to_vec()[2].is_nan(), place.shape()), (3.0, true, Shape::from([3])));
    assert_eq!(x.argmax_keep(0).shape(), Shape::from([1, 4]));
    // All readings that have values have the same indices.
    let tape = Tape::new();
    let (var, dual) = (tape.var(x.clone()), Dual::new(x.clone(), x.clone()));
    assert_eq!(var.argmax(1).to_indices(), x.argmax(1).to_indices());
    assert_eq!(dual.argmax(1).to_indices(), x.argmax(1).to_indices());
    assert_eq!(Dual::fixed(var).argmax(1).to_indices(), x.argmax(1).to_indices());
    let symbol = Symbol::<f32>::letter("x", [3, 4]);
    assert_eq!(
        symbol.top_k(1, 2, true).0.to_string(),
        "take_along(x, argsort(x, axis=1, descending=true, first=2), axis=1)"
    );
}

#[test]
fn places_that_do_not_fit() {
    let x = Tensor::<f32>::ones([2, 3]);
    let long = Tensor::<f32>::ones([2, 5]);
    let sort = |axis, first| ArgSort { axis, descending: false, first };
    insta::assert_snapshot!(text(Tensor::try_apply(sort(2, None), &[&x])), @"
    argsort: axis 2 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(sort(1, Some(4)), &[&x])), @"
    argsort: the first 4 of axis 1 of shape [2, 3] are asked for, which has 3
      operands: [2, 3]
      help: ask for 3 at most
    ");
    let argmax = ArgExtreme { which: Which::Max, axis: 1, keep: false };
    insta::assert_snapshot!(text(Tensor::try_apply(argmax.clone(), &[&Tensor::<f32>::ones([2, 0])])), @"
    argmax: nothing to choose from: axis 1 of shape [2, 0] has no places
      operands: [2, 0]
      help: check for an empty input first
    ");
    insta::assert_snapshot!(text(Shapes::<f32>::try_apply(argmax.clone(), &[&Shapes::new([2, (1 << 24) + 1])])), @"
    argmax: axis 1 has 16777217 places, but f32 holds whole numbers exactly only up to 16777216
      operands: [2, 16777217]
      help: cut the axis into pieces, or compute in f64
    ");
    assert!(Shapes::<f64>::try_apply(argmax, &[&Shapes::new([2, (1 << 24) + 1])]).is_ok());
    insta::assert_snapshot!(text(x.try_take_along(1, &long.argsort(1, true))), @"
    take_along: places below 5 in an axis of 3: axis 1 of shape [2, 3]
      operands: [2, 3], [2, 5]
      help: take along the axis that the places were found on, or from a value that is as long
    ");
    insta::assert_snapshot!(text(x.try_take_along(1, &x.argmax(1))), @"
    take_along: places of shape [2] do not fit a value of shape [2, 3]
      operands: [2, 3], [2]
      help: they must agree in every axis but axis 1; give the places back an axis with `.unsqueeze`
    ");
    insta::assert_snapshot!(text(x.try_take_along(0, &long.argmax_keep(1))), @"
    take_along: places of shape [2, 1] do not fit a value of shape [2, 3]
      operands: [2, 3], [2, 1]
      help: they must agree in every axis but axis 0; give the places back an axis with `.unsqueeze`
    ");
    insta::assert_snapshot!(text(x.try_take_along(-3, &x.argmax(1))), @"
    take_along: axis -3 is out of range for 2 axes
      operands: [2, 3], [2]
      help: use an axis from -2 to 1
    ");
}

#[test]
fn numbers_that_do_not_fit() {
    let x = Tensor::<f32>::ones([2, 3]);
    insta::assert_snapshot!(panic(file!(), || x.take([6])), @"
    index_select: index 6 at position 0 is out of range for 6 slices along axis 0
      operands: [6]
      help: indices count from 0; the largest is 5
    ");
    insta::assert_snapshot!(text(x.try_gather(1, Indices::new(vec![0, 3], [2, 1]))), @"
    gather: index 3 at position 1 is out of range for 3 elements along axis 1
      operands: [2, 3]
      help: indices count from 0; the largest is 2
    ");
    insta::assert_snapshot!(text(x.try_scatter_add(0, Indices::new(vec![0, 2, 0], [1, 3]), &Tensor::ones([1, 3]))), @"
    scatter_add: index 2 at position 1 is out of range for 2 elements along axis 0
      operands: [1, 3]
      help: indices count from 0; the largest is 1
    ");
    insta::assert_snapshot!(text(x.try_scatter_add(0, Indices::new(vec![0, 1, 0], [1, 3]), &x)), @"
    scatter_add: shape [2, 3] where [1, 3] is to be added into [2, 3]
      operands: [2, 3]
      help: give one element for each index
    ");
    insta::assert_snapshot!(text(x.try_embedding([1, 2], None)), @"
    index_select: index 2 at position 1 is out of range for 2 slices along axis 0
      operands: [2, 3]
      help: indices count from 0; the largest is 1
    ");
    insta::assert_snapshot!(text(x.try_embedding([1, 0], Some(2))), @"
    embedding: padding 2 is out of range for 2 rows
      operands: [2, 3]
      help: name a row of the table, or give no padding
    ");
    insta::assert_snapshot!(text(Tensor::scalar(1.0_f32).try_embedding([0], Some(0))), @"
    index_select: axis 0 is out of range for 0 axes
      operands: []
      help: a scalar has no axes; give it one with `.unsqueeze(0)`, or name none where all are meant
    ");
    insta::assert_snapshot!(text(Indices::from([2, 3]).try_one_hot::<f32>(3)), @"
    one_hot: index 3 at position 1 is out of range for 3 classes
      operands: [2]
      help: indices count from 0; the largest is 2
    ");
    insta::assert_snapshot!(text(Indices::from([2, 3]).try_one_hot::<f32>(usize::MAX)), @"
    one_hot: extents [2, 18446744073709551615] are more elements than memory has addresses
      operands: [2]
      help: check the extents: one is probably not what it was meant to be
    ");
    let wide = Tensor::<f32>::ones([4, 3]).greater(&Tensor::scalar(0.0));
    insta::assert_snapshot!(panic(file!(), || x.masked_fill(&wide, 0.0)), @"
    masked_fill: a mask of shape [4, 3] does not broadcast to shape [2, 3]
      operands: [2, 3], [4, 3]
      help: axes are matched from the last one; each extent of the mask must be 1 or that of the value
    ");
    assert_eq!(Indices::new(vec![], [0, 2]).one_hot::<f32>(0).shape(), Shape::from([0, 2, 0]));
}
