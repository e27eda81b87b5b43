//! Losses. Those of class labels are among the operations of networks.

use crate::table::operations;
use Reduction::{Mean, Sum};
use autograd::prelude::*;
use nn::loss::{self, GaussianKl, GaussianNll, MultiMargin, PoissonNll, TripletMargin};

/// Each loss by itself.
const EACH: Reduction = Reduction::None;

operations! {
    mse Normal ["2x3", "2x3"] ["4x1", "3"] |x| loss::mse(&x[0], &x[1], Mean);
    half_mse Normal ["2x3", "3"] |x| loss::half_mse(&x[0], &x[1]);
    mae Normal ["2x3", "3"] ["", ""] |x| loss::mae(&x[0], &x[1], Sum);
    huber Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::huber(&x[0], &x[1], 0.75, EACH);
    smooth_l1 Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::smooth_l1(&x[0], &x[1], 0.75, EACH);
    log_cosh Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::log_cosh(&x[0], &x[1], EACH);
    binary_cross_entropy Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::binary_cross_entropy(&x[0].sigmoid(), &x[1], EACH);
    binary_cross_entropy_weighted Normal ["2x3", "2x3", "3"] |x| loss::binary_cross_entropy_weighted(&x[0].sigmoid(), &x[1], &x[2], Mean);
    binary_cross_entropy_from_logits Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::binary_cross_entropy_from_logits(&x[0], &x[1], EACH);
    binary_cross_entropy_from_logits_weighted Normal ["2x3", "2x3", "3"] ["", "2", ""] ["0x3", "3", "3"] |x| loss::binary_cross_entropy_from_logits_weighted(&x[0], &x[1], &x[2], EACH);
    categorical_cross_entropy Normal ["2x3", "2x3"] ["2x3x2", "2x3x2"] ["4", "4"] ["0x3", "0x3"] |x| loss::categorical_cross_entropy(&x[0].softmax(-1), &x[1], EACH);
    focal Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::focal(&x[0], &x[1].sigmoid(), 0.25, 2.0, EACH);
    hinge Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::hinge(&x[0], &x[1], EACH);
    squared_hinge Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::squared_hinge(&x[0], &x[1], EACH);
    multi_margin Normal ["3x4"] |x| loss::multi_margin(&x[0], [3, 0, 1], MultiMargin::default(), EACH);
    multi_margin_squared Normal ["3x4"] |x| loss::multi_margin(&x[0], [3, 0, 1], MultiMargin { margin: 0.5, squared: true }, Mean);
    multi_margin_places Normal ["2x3x2"] |x| loss::multi_margin(&x[0], Indices::new(vec![2, 0, 1, 1], [2, 2]), MultiMargin::default(), Sum);
    kl_div Positive ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::kl_div(&x[0], &x[1], EACH);
    kl_div_of_logarithms Normal ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::kl_div_of_logarithms(&x[0], &x[1], EACH);
    batch_mean Normal ["2x3"] ["4"] |x| loss::batch_mean(&x[0]);
    gaussian_kl Normal ["2x3", "2x3"] ["4x1", "3"] ["0x3", "3"] |x| loss::gaussian_kl(&x[0], &x[1], EACH);
    gaussian_kl_elements Normal ["2x3", "2x3"] |x| x[0].zip(&x[1], GaussianKl);
    poisson_nll Positive ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::poisson_nll(&x[0], &x[1], PoissonNll::default(), EACH);
    poisson_nll_full AboveOne ["2x3", "2x3"] ["", ""] ["0x3", "0x3"] |x| loss::poisson_nll(&x[0], &x[1], PoissonNll { full: true, ..PoissonNll::default() }, EACH);
    poisson_nll_rates Positive ["2x3", "2x3"] ["4x1", "3"] ["", "2"] ["0x3", "3"] |x| loss::poisson_nll(&x[0], &x[1], PoissonNll { log_input: false, ..PoissonNll::default() }, EACH);
    gaussian_nll Positive ["2x3", "2x3", "3"] ["", "2", ""] ["0x3", "3", "3"] |x| loss::gaussian_nll(&x[0], &x[1], &x[2], GaussianNll::default(), EACH);
    gaussian_nll_full Positive ["2x3", "2x3", "2x3"] |x| loss::gaussian_nll(&x[0], &x[1], &x[2], GaussianNll { full: true, epsilon: 1e-3 }, Mean);
    cosine_embedding Normal ["4x3", "4x3", "4"] ["2x3", "3", ""] |x| loss::cosine_embedding(&x[0], &x[1], &x[2], 0.1, EACH);
    cosine_embedding_alike Positive ["4x3", "4x3", "4"] |x| loss::cosine_embedding(&x[0], &x[1], &x[2], 0.1, EACH);
    cosine_embedding_others Normal ["4x3", "4x3", "4"] |x| loss::cosine_embedding(&x[0], &x[1], &(x[2].square() * T::from_f64(-1.0)), -0.9, EACH);
    triplet_margin Normal ["4x3", "4x3", "4x3"] ["2x3", "3", "3"] |x| loss::triplet_margin(&x[0], &x[1], &x[2], TripletMargin::default(), EACH);
    triplet_margin_swapped Normal ["4x3", "4x3", "4x3"] |x| loss::triplet_margin(&x[0], &x[1], &x[2], TripletMargin { margin: 2.0, swap: true, ..TripletMargin::default() }, Mean);
}
