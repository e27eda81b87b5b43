//! Shapes, rims and diagonals: where nodes are said to be made, and what is said of shapes that do not fit.

use crate::texts::{panic, text};
use autograd::ops::diagonal::{Diagonal, DiagonalMatrix, Part, Triangle};
use autograd::ops::pad::{Pad, Unpad};
use autograd::ops::rearrange::{Flip, Roll};
use autograd::prelude::*;

#[test]
fn rims_that_do_not_fit() {
    let x = Tensor::<f32>::ones([2, 3]);
    insta::assert_snapshot!(text(x.try_pad(&[[1, 1]], Padding::Constant(0.0))), @"
    pad: 1 of [before, after] for shape [2, 3], which has 2 axes
      operands: [2, 3]
      help: give [before, after] for every axis; [0, 0] leaves one as it is
    ");
    insta::assert_snapshot!(text(x.try_pad(&[[0, 0], [0, 3]], Padding::Reflect)), @"
    pad: pads [0, 3] at axis 1 of shape [2, 3]: 3 places cannot be mirrored so far
      operands: [2, 3]
      help: the edge is not repeated, so a reflected pad is 2 at most here
    ");
    insta::assert_snapshot!(text(Tensor::<f32>::ones([0]).try_pad(&[[1, 0]], Padding::Reflect)), @"
    pad: pads [1, 0] at axis 0 of shape [0]: 0 places cannot be mirrored so far
      operands: [0]
      help: an empty axis has nothing to mirror; pad it with a constant
    ");
    insta::assert_snapshot!(text(Tensor::<f32>::ones([0]).try_pad(&[[0, 1]], Padding::Replicate)), @"
    pad: pads [0, 1] at axis 0 of shape [0], which has no edge to repeat
      operands: [0]
      help: pad an empty axis with a constant
    ");
    insta::assert_snapshot!(text(x.try_pad(&[[usize::MAX, 1], [0, 0]], Padding::Replicate)), @"
    pad: extents [18446744073709551615, 3] are more elements than memory has addresses
      operands: [2, 3]
      help: check the extents: one is probably not what it was meant to be
    ");
    let pad = Pad { pads: [[1, 0]][..].into(), padding: Padding::Replicate };
    insta::assert_snapshot!(text(Tensor::try_apply(Unpad { pad, shape: Shape::from([2]) }, &[&x])), @"
    unpad: shape [2, 3] is not that of the padded array, [3]
      operands: [2, 3]
      help: give it the padded shape
    ");
    // No rim is one of any kind.
    assert_eq!(Tensor::<f32>::ones([0, 2]).pad(&[[0, 0], [1, 1]], Padding::Reflect).shape(), Shape::from([0, 4]));
}

#[test]
fn axes_that_do_not_exist() {
    let x = Tensor::<f32>::ones([2, 3]);
    insta::assert_snapshot!(text(Tensor::try_apply(Flip { axes: [0, 2].into() }, &[&x])), @"
    flip: axis 2 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(Flip { axes: [0, -2].into() }, &[&x])), @"
    flip: axis -2 is named twice
      operands: [2, 3]
      help: name each axis once
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(Roll { shift: 1, axis: 0 }, &[&Tensor::scalar(1.0_f32)])), @"
    roll: axis 0 is out of range for 0 axes
      operands: []
      help: a scalar has no axes; give it one with `.unsqueeze(0)`, or name none where all are meant
    ");
    insta::assert_snapshot!(panic(file!(), || x.repeat_interleave(2, -3)), @"
    repeat_interleave: axis -3 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    insta::assert_snapshot!(text(x.try_split(&[1, 1], 2)), @"
    split: axis 2 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
    insta::assert_snapshot!(panic(file!(), || x.chunk(2, 2)), @"
    chunk: axis 2 is out of range for 2 axes
      operands: [2, 3]
      help: use an axis from -2 to 1
    ");
}

#[test]
fn counts_that_do_not_fit() {
    let x = Tensor::<f32>::ones([2, 3]);
    insta::assert_snapshot!(text(x.try_split(&[1, 1], 1)), @"
    split: sizes [1, 1] add up to 2, but axis 1 has 3 places
      operands: [2, 3]
      help: give sizes that add up to the extent; `.slice` cuts out a part
    ");
    insta::assert_snapshot!(panic(file!(), || x.split(&[usize::MAX, 2], 0)), @"
    split: sizes [18446744073709551615, 2] add up to 18446744073709551615, but axis 0 has 2 places
      operands: [2, 3]
      help: give sizes that add up to the extent; `.slice` cuts out a part
    ");
    insta::assert_snapshot!(panic(file!(), || x.chunk(0, 0)), @"
    chunk: 0 pieces are no whole
      operands: [2, 3]
      help: ask for 1 piece at least
    ");
    insta::assert_snapshot!(panic(file!(), || x.repeat_interleave(usize::MAX, 0)), @"
    repeat_interleave: extents [18446744073709551615, 3] are more elements than memory has addresses
      operands: [2, 3]
      help: check the extents: one is probably not what it was meant to be
    ");
    insta::assert_snapshot!(panic(file!(), || x.tile(&[1, usize::MAX / 2])), @"
    tile: extents [2, 18446744073709551615] are more elements than memory has addresses
      operands: [2, 3]
      help: check the extents: one is probably not what it was meant to be
    ");
    insta::assert_snapshot!(panic(file!(), || x.tile(&[1; 9])), @"
    tile: 9 axes, where a tensor has at most 8: [1, 1, 1, 1, 1, 1, 1, 2, 3]
      operands: [2, 3]
      help: merge some axes with `reshape`
    ");
    // Any shift is some shift.
    assert_eq!(Tensor::from([1.0_f32, 2.0, 3.0]).roll(isize::MIN, 0).to_vec().len(), 3);
    assert_eq!(x.chunk(5, 1).len(), 3);
    assert_eq!(Tensor::<f32>::ones([0]).split(&[], 0).len(), 0);
}

#[test]
fn matrices_that_are_none() {
    let vector = Tensor::<f32>::ones([3]);
    insta::assert_snapshot!(text(Tensor::try_apply(Diagonal { offset: 0 }, &[&vector])), @"
    diagonal: shape [3] has no two axes to be a matrix
      operands: [3]
      help: give a matrix, or a stack of matrices along leading axes
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(Triangle { part: Part::Lower, offset: 0 }, &[&vector])), @"
    tril: shape [3] has no two axes to be a matrix
      operands: [3]
      help: give a matrix, or a stack of matrices along leading axes
    ");
    let matrix = |offset, rows, columns| DiagonalMatrix { offset, rows, columns };
    insta::assert_snapshot!(text(Tensor::try_apply(matrix(0, 1, 1), &[&Tensor::scalar(1.0_f32)])), @"
    diagonal_matrix: a scalar is no diagonal
      operands: []
      help: make it a vector with `.unsqueeze(0)`
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(matrix(1, 3, 3), &[&vector])), @"
    diagonal_matrix: 3 elements for diagonal 1 of 3 rows and 3 columns, which has 2
      operands: [3]
      help: give a last axis as long as the diagonal
    ");
    insta::assert_snapshot!(text(Tensor::try_apply(DiagonalMatrix::square(isize::MIN, 3), &[&vector])), @"
    diagonal_matrix: extents [9223372036854775811, 9223372036854775811] are more elements than memory has addresses
      operands: [3]
      help: check the extents: one is probably not what it was meant to be
    ");
    // A diagonal beyond the matrix is empty; a triangle beyond it is all or nothing.
    let x = Tensor::<f32>::ones([2, 2]);
    assert_eq!(x.diagonal(isize::MAX).elements() + x.diagonal(isize::MIN).elements(), 0);
    assert_eq!(x.tril(isize::MAX).sum().item() + x.triu(isize::MIN).sum().item(), 8.0);
    assert_eq!(x.tril(isize::MIN).sum().item() + x.triu(isize::MAX).sum().item(), 0.0);
}

#[test]
fn shapes_larger_than_memory() {
    insta::assert_snapshot!(text(Shape::try_new(&[usize::MAX, 2])), @"
    extents [18446744073709551615, 2] are more elements than memory has addresses
      help: check the extents: one is probably not what it was meant to be
    ");
    insta::assert_snapshot!(text(Shape::try_new(&[usize::MAX, 2, 0])), @"
    extents [18446744073709551615, 2, 0] are more elements than memory has addresses
      help: check the extents: one is probably not what it was meant to be
    ");
    assert!(Shape::try_new(&[1 << 40, 1 << 10]).is_ok());
}

/// What is written in terms of other operations has the user's line on all of its nodes.
#[test]
fn nodes_of_composites_know_the_line() {
    let tape = Tape::new();
    let x = tape.var(Tensor::<f32>::ones([4, 4]));
    let _ = (x.split(&[1, 3], 0), x.chunk(2, 1), x.tile(&[2, 2]), x.repeat_interleave(2, 0), x.trace());
    let _ = (x.sort(0, true), x.top_k(1, 2, true), x.max_with_index(0), x.embedding([0, 1], Some(1)), x.take([3]));
    let _ = (
        Var::stack(&[&x, &x], 0),
        x.norm(1.0, 0),
        x.scatter_add(0, Indices::new(vec![0], [1, 1]), &x.slice(0, ..1).slice(1, ..1)),
    );
    for node in tape.nodes() {
        assert!(node.at.file().contains("tests"), "{} is said to be made at {}", node.op, node.at);
    }
}
