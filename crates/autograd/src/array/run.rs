//! What a value knows of the run that it belongs to: its mode, and the module that is being called.

use std::rc::Rc;

/// What the run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Training: dropout drops.
    Training,
    /// Evaluation: everything is deterministic.
    Evaluation,
}

/// A module's scope, or a segment that is recomputed; it ends when this is dropped.
#[must_use = "the scope ends when the guard is dropped"]
pub struct Scope(Option<(Rc<dyn Scoped>, ScopeState)>);

/// What has scopes, and closes them: a tape.
pub(crate) trait Scoped {
    fn close(&self, state: ScopeState);
}

/// What closes, and what it goes back to.
#[derive(Clone, Copy)]
pub(crate) struct ScopeState {
    pub kind: Kind,
    pub outer: u32,
    pub generation: u32,
}

/// What a scope is one of.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Module,
    Segment,
}

impl Scope {
    /// A scope of nothing.
    pub fn none() -> Self {
        Scope(None)
    }
    pub(crate) fn new(owner: Rc<dyn Scoped>, state: ScopeState) -> Self {
        Scope(Some((owner, state)))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if let Some((owner, state)) = &self.0 {
            owner.close(*state);
        }
    }
}
