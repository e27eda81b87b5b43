//! Where tracking stops: why a value of a tape is no node of it, for the message to whoever asks for its gradient.

use super::{NONE, Tape, Var};
use crate::Tensor;
use crate::algebra::Real;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// What made a value a constant, and where.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub why: Why,
    /// The line of the user's code.
    pub at: &'static Location<'static>,
    pub path: Option<Arc<str>>,
    /// What was detached, on a tape that keeps every value.
    pub node: Option<u32>,
}

/// What makes a value a constant, the likeliest to be a mistake last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    Constant,
    Frozen,
    Detached,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.at.file(), self.at.line());
        match (self.why, &self.path) {
            (Why::Detached, _) => write!(f, "the `detach` at {file}:{line}"),
            (Why::Frozen, Some(path)) => write!(f, "the frozen parameter `{path}` brought in at {file}:{line}"),
            (Why::Frozen, None) => write!(f, "a frozen parameter brought in at {file}:{line}"),
            (Why::Constant, _) => write!(f, "the constant brought in at {file}:{line}"),
        }
    }
}

impl<T: Real> Tape<T> {
    /// A constant that tells what made it one. There are as many of these as lines that make constants.
    pub(super) fn stopped(
        &self,
        why: Why,
        at: &'static Location<'static>,
        path: Option<Arc<str>>,
        value: Tensor<T>,
    ) -> Var<T> {
        self.stop(Stop { why, at: self.called_at(at), path, node: None }, value)
    }

    /// The value of `variable`, as a constant. A tape that keeps every value also notes whose value it was.
    pub(super) fn detached(&self, variable: &Var<T>, at: &'static Location<'static>) -> Var<T> {
        let node = self.0.keeps_all.then_some(variable.node);
        self.stop(Stop { why: Why::Detached, at: self.called_at(at), path: None, node }, variable.value.clone())
    }

    /// The line of the user's code at which something happens now: of the outermost module's call, if one is open.
    fn called_at(&self, at: &'static Location<'static>) -> &'static Location<'static> {
        let scopes = self.0.scopes.borrow();
        let (mut at, mut scope) = (at, self.0.scope.get());
        while let Some(record) = scopes.get(scope as usize) {
            (at, scope) = (record.at, record.parent);
        }
        at
    }

    fn stop(&self, stop: Stop, value: Tensor<T>) -> Var<T> {
        let mut stops = self.0.stops.borrow_mut();
        let known = stops.iter().rposition(|other| {
            other.why == stop.why
                && std::ptr::eq(other.at, stop.at)
                && other.path == stop.path
                && other.node == stop.node
        });
        let stop = known.unwrap_or_else(|| {
            stops.push(stop);
            stops.len() - 1
        });
        Var::of(self.clone(), NONE, stop as u32, value)
    }

    /// A constant that was computed from constants.
    pub(super) fn computed(&self, inputs: &[&Var<T>], value: Tensor<T>) -> Var<T> {
        let stops = self.0.stops.borrow();
        let why = |x: &&&Var<T>| stops.get(x.generation as usize).map(|stop| stop.why);
        // The first of the likeliest.
        let stop = inputs.iter().rev().max_by_key(why).map_or(NONE, |x| x.generation);
        Var::of(self.clone(), NONE, stop, value)
    }
}

impl<T: Real> Var<T> {
    /// The place of that in the tape's list.
    pub(crate) fn stop_place(&self) -> Option<usize> {
        (self.node == NONE && self.generation != NONE).then_some(self.generation as usize)
    }

    /// Where the tracking of this constant stopped.
    pub(super) fn stop(&self) -> Option<Stop> {
        self.tape.0.stops.borrow().get(self.generation as usize).cloned()
    }
}
