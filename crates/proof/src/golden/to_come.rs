//! Operations of the reference files that are still to come.

/// A case of one of these is left out.
pub(super) const TO_COME: &[&str] = &[
    "bce",
    "bce_with_logits",
    "cosine_embedding",
    "cross_entropy",
    "focal",
    "gaussian_kl",
    "gaussian_nll",
    "hinge",
    "huber",
    "kl_div",
    "log_cosh",
    "mae",
    "multi_margin",
    "nll",
    "poisson_nll",
    "smooth_l1",
    "squared_hinge",
    "triplet_margin",
];
