//! What layers say of inputs that do not fit them.

use autograd::algebra::Real;
use autograd::{Error, Param, Shape};

/// What a layer is called in messages: the path of a parameter of it without its last name, once it is known.
pub(super) fn name<T: Real>(parameter: &Param<T>) -> String {
    match parameter.path().and_then(|path| path.rsplit_once('.')) {
        Some((module, _)) => format!("`{module}`"),
        None => "it".to_string(),
    }
}

/// Panics at the caller's line with the layer's path, what it takes and what came, unless the input fits.
#[track_caller]
pub(super) fn takes<T: Real>(
    layer: &'static str,
    parameter: &Param<T>,
    fits: bool,
    takes: impl FnOnce() -> String,
    got: Shape,
    help: impl FnOnce() -> String,
) {
    if !fits {
        let problem = format!("{} takes {}, and got one of shape {got}", name(parameter), takes());
        Error::shape(problem, help()).raise(layer)
    }
}

/// [`takes`], of an input with so many features on its last axis.
#[track_caller]
pub(super) fn takes_features<T: Real>(layer: &'static str, parameter: &Param<T>, features: usize, got: Shape) {
    takes(
        layer,
        parameter,
        got.last() == Some(&features),
        || format!("inputs […, {features}]"),
        got,
        || match got.last() {
            Some(&other) => format!("its features are the last axis: make the layer for {other}, or feed {features}"),
            None => format!("a scalar has no axis of features: feed {features} of them"),
        },
    );
}
