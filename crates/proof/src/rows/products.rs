//! Products.

use crate::table::operations;
use autograd::algebra::formulas;
use autograd::prelude::*;

operations! {
    matmul Normal ["2x3", "3x4"] ["3", "3"] ["2x3", "3"] ["3", "3x4"] ["5x2x3", "3x4"] ["5x2x3", "5x3x4"] ["2x1x2x3", "4x3x2"] ["0x3", "3x2"] ["2x0", "0x3"] ["3", "2x3x2"] ["0", "0"] ["0x2x3", "3x4"] ["2x3", "0x3x4"] ["2x0x3", "3x4"] ["0", "0x3"] ["2x1x3", "3x4"] ["2x3x1", "1x4"] ["2x1x1", "1x4"] ["2x1x3", "2x3x1"] ["1x3", "2x3x1"] ["1x2x3", "3x1"] |x| x[0].matmul(&x[1]);
    matmul_transposed_left Normal ["3x2", "3x4"] ["2x3x2", "3x4"] ["2x3x1", "3x4"] |x| x[0].transpose().matmul(&x[1]);
    matmul_transposed_right Normal ["2x3", "4x3"] ["5x2x3", "4x3"] |x| x[0].matmul(&x[1].transpose());
    matmul_transposed_both Normal ["2x3x2", "2x4x3"] ["3x2", "2x4x3"] |x| x[0].transpose().matmul(&x[1].transpose());
    linear Normal ["2x3", "4x3", "4"] ["3", "4x3", "4"] ["2x5x3", "4x3", "4"] ["0x3", "4x3", "4"] ["2x1x3", "4x3", "4"] ["2x3x1", "1x1", "1"] |x| x[0].linear(&x[1], Some(&x[2]));
    linear_without_bias Normal ["2x3", "4x3"] |x| x[0].linear(&x[1], None);
    linear_then_tanh Normal ["2x3", "4x3", "4"] ["3", "4x3", "4"] ["2x5x3", "4x3", "4"] ["0x3", "4x3", "4"] ["2x0", "4x0", "4"] |x| x[0].linear_then(&x[1], Some(&x[2]), formulas::Tanh);
    linear_then_gelu Normal ["2x3", "4x3", "4"] ["2x1x3", "4x3", "4"] |x| x[0].linear_then(&x[1], Some(&x[2]), formulas::Gelu);
    linear_then_square_without_bias Normal ["2x3", "4x3"] |x| x[0].linear_then(&x[1], None, formulas::Square);
    dot Normal ["5", "5"] ["0", "0"] |x| x[0].dot(&x[1]);
    outer Normal ["3", "2"] ["0", "2"] |x| x[0].outer(&x[1]);
    kron Normal ["2x2", "2x3"] ["3", "2x2"] ["2x1x2", "2"] ["0x2", "2x2"] ["", "2"] |x| x[0].kron(&x[1]);
    bilinear Normal ["4x3", "4x2", "5x3x2", "5"] ["3", "2", "5x3x2", "5"] ["2x1x3", "4x2", "1x3x2", "1"] ["0x3", "0x2", "5x3x2", "5"] |x| x[0].bilinear(&x[1], &x[2], Some(&x[3]));
    bilinear_without_bias Normal ["4x3", "4x2", "5x3x2"] |x| x[0].bilinear(&x[1], &x[2], None);
    // products by an equation
    einsum Normal ["2x3", "3x4"] ["0x3", "3x2"] ["1x1", "3x2"] |x| A::einsum("ij,jk->ik", &[&x[0], &x[1]]);
    einsum_implicit Normal ["2x3", "3x4"] |x| A::einsum("bj,ja", &[&x[0], &x[1]]);
    einsum_batched Normal ["2x2x3x2", "2x2x4x2"] |x| A::einsum("bhqd,bhkd->bhqk", &[&x[0], &x[1]]);
    einsum_inner Normal ["2x3", "2x3"] |x| A::einsum("ij,ij->", &[&x[0], &x[1]]);
    einsum_rows Normal ["2x3", "2x3"] ["1x3", "2x3"] |x| A::einsum("bi,bi->b", &[&x[0], &x[1]]);
    einsum_elements Normal ["4", "4"] ["0", "0"] |x| A::einsum("i,i->i", &[&x[0], &x[1]]);
    einsum_of_three Normal ["2x3x2", "2x4", "4x3"] |x| A::einsum("abc,cd,db->a", &[&x[0], &x[1], &x[2]]);
    einsum_of_four Normal ["2", "2x3", "3x2", "2"] |x| A::einsum("i,ij,jk,k->", &[&x[0], &x[1], &x[2], &x[3]]);
    einsum_diagonal Normal ["3x3"] ["0x0"] |x| A::einsum("ii->i", &[&x[0]]);
    einsum_trace Normal ["4x4"] |x| A::einsum("ii", &[&x[0]]);
    einsum_thrice Normal ["3x2x3x3"] |x| A::einsum("iaii->ai", &[&x[0]]);
    einsum_unnamed Normal ["2x1x2x3", "4x3x2"] ["2x3", "3x2"] |x| A::einsum("...ij,...jk", &[&x[0], &x[1]]);
    einsum_stretched Normal ["1x3", "2x1"] |x| A::einsum("ij,ij->ji", &[&x[0], &x[1]]);
    einsum_groups Normal ["2x3x2x2", "2x2x3"] |x| A::einsum("abcd,cde->eab", &[&x[0], &x[1]]);
    // distances
    pairwise_distance Normal ["3x4", "3x4"] ["3x4", "4"] ["4", "4"] ["0x3", "3"] |x| x[0].pairwise_distance(&x[1], 2.0, 1e-6);
    pairwise_distance_3 Normal ["2x3", "2x3"] |x| x[0].pairwise_distance(&x[1], 3.0, 0.0);
    cosine_similarity Normal ["3x4", "3x4"] ["3x4", "4"] ["2x3x2", "3x2"] ["0x3", "3"] |x| x[0].cosine_similarity(&x[1], -1, 1e-8);
    cosine_similarity_middle Normal ["2x3x2", "2x3x2"] |x| x[0].cosine_similarity(&x[1], 1, 1e-8);
    cdist Normal ["3x2", "4x2"] ["2x3x2", "4x2"] ["1x3", "1x3"] ["0x2", "3x2"] ["3x0", "2x0"] |x| x[0].cdist(&x[1]);
}
