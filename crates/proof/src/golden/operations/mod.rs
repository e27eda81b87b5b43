//! The operations by their names in the reference files, one file a family.

mod elementwise;
mod indexing;
mod linalg;
mod losses;
pub(super) mod networks;
mod products;
mod reductions;
mod shaping;

use super::json::{Reference, Vars};
use autograd::Var;
use autograd::algebra::Real;

/// The outputs of an operation by name.
pub(super) type Results<T> = Vec<(&'static str, Var<T>)>;

/// What a case's operation gives, or `None` where there is no such operation.
pub(super) fn apply<T: Real>(case: &Reference, x: &Vars<T>) -> Option<Results<T>> {
    let families = [
        elementwise::apply,
        products::apply,
        linalg::apply,
        reductions::apply,
        shaping::apply,
        indexing::apply,
        networks::apply,
        losses::apply,
    ];
    families.into_iter().find_map(|family| family(case, x))
}

/// The only input, or the one that comes first in the alphabet.
fn only<T: Real>(x: &Vars<T>) -> &Var<T> {
    x.values().next().expect("an input")
}

/// The inputs `x0`, `x1`, … in order.
fn variadic<T: Real>(x: &Vars<T>) -> Vec<&Var<T>> {
    (0..).map_while(|i| x.get(&format!("x{i}"))).collect()
}

/// The usual single output.
fn single<T: Real>(y: Var<T>) -> Option<Results<T>> {
    Some(vec![("y", y)])
}
