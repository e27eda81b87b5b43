//! Losses.

use super::{Results, single};
use crate::golden::json::{Reference, Vars, numbers, shape};
use autograd::prelude::*;
use nn::loss::{self, GaussianNll, MultiMargin, PoissonNll, TripletMargin};

pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let reduction = case.reduction();
    let (number, input) = (|name: &str| case.number(name), |name: &str| &x[name]);
    single(match case.op() {
        "mse" => loss::mse(input("x"), input("t"), reduction),
        "half_mse" => loss::half_mse(input("x"), input("t")),
        "mae" => loss::mae(input("x"), input("t"), reduction),
        "huber" => loss::huber(input("x"), input("t"), number("delta"), reduction),
        "smooth_l1" => loss::smooth_l1(input("x"), input("t"), number("beta"), reduction),
        "log_cosh" => loss::log_cosh(input("x"), input("t"), reduction),
        "bce" => match x.get("weight") {
            Some(weight) => loss::binary_cross_entropy_weighted(input("x"), input("t"), weight, reduction),
            None => loss::binary_cross_entropy(input("x"), input("t"), reduction),
        },
        "bce_with_logits" => match x.get("pos_weight") {
            Some(weight) => loss::binary_cross_entropy_from_logits_weighted(input("x"), input("t"), weight, reduction),
            None => loss::binary_cross_entropy_from_logits(input("x"), input("t"), reduction),
        },
        "cross_entropy" if case.flag("soft") => input("x").cross_entropy_soft(input("t"), options(case)),
        "cross_entropy" => input("x").cross_entropy_with(labels(case), options(case)),
        "categorical_cross_entropy" => loss::categorical_cross_entropy(input("x"), input("t"), reduction),
        "nll" => input("x").nll(labels(case), options(case)),
        "hinge" => loss::hinge(input("x"), input("t"), reduction),
        "squared_hinge" => loss::squared_hinge(input("x"), input("t"), reduction),
        "multi_margin" => {
            let options = MultiMargin { margin: number("margin"), squared: number("p") == 2.0 };
            loss::multi_margin(input("x"), labels(case), options, reduction)
        }
        "kl_div" => {
            let whole = case.attribute("reduction") == "batchmean";
            let kept = if whole { Reduction::None } else { reduction };
            let divergence = if case.flag("log_target") { loss::kl_div_of_logarithms } else { loss::kl_div };
            let y = divergence(input("x"), input("t"), kept);
            if whole { loss::batch_mean(&y) } else { y }
        }
        "gaussian_kl" => loss::gaussian_kl(input("mu"), input("logvar"), reduction),
        "poisson_nll" => {
            let (log_input, full) = (case.flag("log_input"), case.flag("full"));
            let options = PoissonNll { log_input, full, epsilon: number("eps") };
            loss::poisson_nll(input("x"), input("t"), options, reduction)
        }
        "gaussian_nll" => {
            let options = GaussianNll { full: case.flag("full"), epsilon: number("eps") };
            loss::gaussian_nll(input("x"), input("t"), input("var"), options, reduction)
        }
        "cosine_embedding" => {
            let alike = input("a").constant(&case.plain("t"));
            loss::cosine_embedding(input("a"), input("b"), &alike, number("margin"), reduction)
        }
        "triplet_margin" => {
            let options = TripletMargin { margin: number("margin"), swap: case.flag("swap"), epsilon: number("eps") };
            loss::triplet_margin(input("a"), input("p"), input("n"), options, reduction)
        }
        "focal" => loss::focal(input("x"), input("t"), number("alpha"), number("gamma"), reduction),
        _ => return None,
    })
}

/// The largest whole number for −100, which marks in the file what does not count.
fn label(number: f64) -> usize {
    if number < 0.0 { usize::MAX } else { number as usize }
}

fn labels(case: &Reference) -> Indices {
    let input = &case.get("inputs")["t"];
    Indices::new(numbers(&input["data"]).into_iter().map(label).collect(), &shape(input)[..])
}

fn options(case: &Reference) -> ClassLoss {
    let weights = &case.get("inputs")["weight"];
    ClassLoss {
        reduction: case.reduction(),
        label_smoothing: case.attribute("label_smoothing").as_f64().unwrap_or(0.0),
        weights: (!weights.is_null()).then(|| numbers(&weights["data"])),
        ignored: case.attribute("ignore_index").as_f64().map(label),
    }
}
