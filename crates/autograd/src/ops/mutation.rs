//! Rules made wrong on purpose, behind the feature `mutation`: the proof that the checks would notice.
//!
//! While [`with`] runs, one rule of one operation is changed, whoever uses it. Nothing else in the crate knows.

use super::{Few, Messages, Op, Pushforward};
use crate::algebra::Real;
use crate::{Array, Dual, Tensor, Var};
use std::any::Any;
use std::cell::Cell;

/// Which rule is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The pull-back, on tensors and recorded alike.
    PullBack,
    /// The pull-back that is differentiated again, while the one on tensors stays right.
    RecordedPullBack,
    /// The push-forward.
    PushForward,
}

/// How it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The sign is flipped.
    Sign,
    /// A thousandth too much.
    Factor,
    /// The last axis that has more than one element runs backwards.
    Axis,
    /// Nothing arrives.
    Dropped,
    /// What belongs to the first two inputs is exchanged, where their shapes allow it.
    Swapped,
}

impl Change {
    /// All of them.
    pub const ALL: [Change; 5] = [Change::Sign, Change::Factor, Change::Axis, Change::Dropped, Change::Swapped];
}

/// One rule made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// The name of the operation.
    pub op: &'static str,
    /// Which of its rules.
    pub rule: Rule,
    /// How.
    pub change: Change,
    /// For which input.
    pub input: usize,
}

thread_local! {
    static ACTIVE: Cell<Option<Mutation>> = const { Cell::new(None) };
    static EFFECTS: Cell<usize> = const { Cell::new(0) };
}

/// Runs `f` with a rule made wrong on this thread. Also returns how often that changed a number.
pub fn with<R>(mutation: Mutation, f: impl FnOnce() -> R) -> (R, usize) {
    /// Puts back what was there before, also when `f` panics.
    struct Restore(Option<Mutation>, usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            ACTIVE.set(self.0);
            EFFECTS.set(self.1);
        }
    }
    let _restore = Restore(ACTIVE.replace(Some(mutation)), EFFECTS.replace(0));
    let result = f();
    (result, EFFECTS.get())
}

/// Whether a rule of this operation is made wrong.
pub(crate) fn is_active(op: &str) -> bool {
    ACTIVE.get().is_some_and(|mutation| mutation.op == op)
}

fn active(op: &str, rules: &[Rule]) -> Option<Mutation> {
    ACTIVE.get().filter(|mutation| mutation.op == op && rules.contains(&mutation.rule))
}

/// The messages of a pull-back, changed if it is its turn. `recorded` says that they will be differentiated again.
pub(crate) fn pull_back<T: Real, A: Array<T>>(op: &str, messages: Messages<A>, recorded: bool) -> Messages<A> {
    let rules = if recorded { &[Rule::PullBack, Rule::RecordedPullBack][..] } else { &[Rule::PullBack] };
    let Some(mutation) = active(op, rules) else { return messages };
    let mut changed = messages.clone();
    let Some(message) = changed.get_mut(mutation.input) else { return messages };
    match mutation.change {
        Change::Dropped => *message = None,
        Change::Swapped => exchange(&mut changed, |message| message.as_ref().map(|m| m.shape())),
        _ => *message = message.take().map(|m| altered(mutation.change, m)),
    }
    let differs = messages.iter().zip(&changed).any(|(a, b)| match (a, b) {
        (Some(a), Some(b)) => differ::<T, A>(a, b),
        // No message is a message of zeros.
        (Some(message), None) | (None, Some(message)) => numbers::<T, A>(message).iter().any(|&x| x != T::ZERO),
        (None, None) => false,
    });
    EFFECTS.set(EFFECTS.get() + usize::from(differs));
    changed
}

/// The push-forward of an operation, changed if it is its turn.
#[track_caller]
pub(crate) fn push_forward<T: Real, A: Array<T>, O: Op<T>>(op: &O, at: &Pushforward<A>) -> A {
    let right = op.jvp(at);
    let Some(mutation) = active(op.name(), &[Rule::PushForward]) else { return right };
    let wrong = match mutation.change {
        Change::Dropped | Change::Swapped => {
            let mut tangents: Few<Option<&A>> = at.tangents.iter().copied().collect();
            match mutation.change {
                Change::Swapped => exchange(&mut tangents, |tangent| tangent.map(|t| t.shape())),
                _ => tangents[mutation.input.min(at.tangents.len() - 1)] = None,
            }
            if tangents.iter().all(Option::is_none) {
                right.constant(&Tensor::zeros(right.shape()))
            } else {
                op.jvp(&Pushforward { tangents: &tangents, ..*at })
            }
        }
        _ if mutation.input > 0 => return right,
        change => altered(change, right.clone()),
    };
    EFFECTS.set(EFFECTS.get() + usize::from(differ::<T, A>(&right, &wrong)));
    wrong
}

fn altered<T: Real, A: Array<T>>(change: Change, x: A) -> A {
    match change {
        Change::Sign => -x,
        Change::Factor => x * T::from_f64(1.001),
        _ => match x.shape().iter().rposition(|&extent| extent > 1) {
            Some(axis) => x.slice_step(axis as isize, .., -1),
            None => x,
        },
    }
}

fn exchange<V, S: PartialEq>(parts: &mut [V], shape: impl Fn(&V) -> Option<S>) {
    if let [a, b, ..] = parts
        && shape(a).is_some()
        && shape(a) == shape(b)
    {
        std::mem::swap(a, b);
    }
}

/// The numbers of a value, and of its tangent where it has one, under every reading that rules run on.
fn numbers<T: Real, A: Array<T>>(x: &A) -> Vec<T> {
    let x = x as &dyn Any;
    if let Some(x) = x.downcast_ref::<Tensor<T>>() {
        x.to_vec()
    } else if let Some(x) = x.downcast_ref::<Var<T>>() {
        x.value().to_vec()
    } else if let Some(x) = x.downcast_ref::<Dual<Tensor<T>>>() {
        [x.value().to_vec(), x.tangent().map(Tensor::to_vec).unwrap_or_default()].concat()
    } else if let Some(x) = x.downcast_ref::<Dual<Var<T>>>() {
        [x.value().value().to_vec(), x.tangent().map(|x| x.value().to_vec()).unwrap_or_default()].concat()
    } else {
        Vec::new()
    }
}

/// Whether two values differ.
fn differ<T: Real, A: Array<T>>(a: &A, b: &A) -> bool {
    numbers::<T, A>(a) != numbers::<T, A>(b)
}
