//! What inspection reads of a tape.

use super::stop::Stop;
use super::{NONE, Node, ScopeRecord, Tape};
use crate::algebra::Real;
use crate::ops::{Messages, Pullback};
use crate::{Gradients, Reached, Shape, Tensor};
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;

/// A tape held open for reading.
pub(crate) struct Look<'a, T: Real> {
    pub nodes: &'a [Node<T>],
    pub scopes: &'a [ScopeRecord],
    pub stops: &'a [Stop],
    /// By node.
    pub parameters: Vec<Brought<T>>,
    pub guard: bool,
    names: &'a BTreeMap<u32, String>,
    constants: &'a BTreeMap<(u32, u32), u32>,
    paths: BTreeMap<u32, Arc<str>>,
}

/// A parameter that was brought in.
pub(crate) struct Brought<T: Real> {
    pub id: u64,
    pub path: Option<Arc<str>>,
    pub value: Tensor<T>,
    /// `None` if a constant stands for it.
    pub node: Option<usize>,
    /// Where tracking stopped then.
    pub stop: Option<usize>,
}

/// A place on the tape, if it is one.
pub(crate) fn place(node: u32) -> Option<usize> {
    (node != NONE).then_some(node as usize)
}

impl<T: Real> Tape<T> {
    /// Holds the tape open while `f` reads it. Nothing may be recorded meanwhile.
    pub(crate) fn look<R>(&self, f: impl FnOnce(&Look<'_, T>) -> R) -> R {
        let inner = &*self.0;
        let mut parameters: Vec<Brought<T>> = inner
            .params
            .borrow()
            .iter()
            .map(|(id, entered)| Brought {
                id,
                path: entered.path.clone(),
                value: entered.value.clone(),
                node: place(entered.node),
                stop: entered.stop.and_then(place),
            })
            .collect();
        parameters.sort_by_key(|parameter| (parameter.node.is_none(), parameter.node, parameter.id));
        let paths = parameters.iter().filter_map(|p| Some((p.node? as u32, p.path.clone()?))).collect();
        f(&Look {
            nodes: &inner.nodes.borrow(),
            scopes: &inner.scopes.borrow(),
            stops: &inner.stops.borrow(),
            parameters,
            guard: inner.guard.get(),
            names: &inner.names.borrow(),
            constants: &inner.constants.borrow(),
            paths,
        })
    }
}

impl<T: Real> Look<'_, T> {
    /// The name that a node was given, or the path of the parameter that it stands for.
    pub fn name(&self, node: usize) -> Option<String> {
        let node = node as u32;
        self.names.get(&node).cloned().or_else(|| self.paths.get(&node).map(|path| path.to_string()))
    }

    /// The line of the user's code that a node comes from: of the outermost module's call, else of the operation.
    pub fn caller(&self, node: &Node<T>) -> &'static Location<'static> {
        let (mut at, mut scope) = (node.at, place(node.scope));
        while let Some(record) = scope.and_then(|scope| self.scopes.get(scope)) {
            (at, scope) = (record.at, place(record.parent));
        }
        at
    }

    /// Why an input is a constant, on a tape that keeps every value.
    pub fn stop(&self, node: usize, input: usize) -> Option<usize> {
        self.constants.get(&(node as u32, input as u32)).copied().and_then(place)
    }

    /// Where a shown stop detached.
    pub fn detached(&self, stop: &Stop) -> Option<usize> {
        stop.node.and_then(place)
    }

    /// The messages of the node at a place for a cotangent.
    pub fn pull(&self, node: usize, cotangent: &Tensor<T>) -> Messages<Tensor<T>> {
        super::backward::pull_tensor(self.nodes, node, cotangent, self.guard, None)
    }

    /// The messages of a node's rule at given inputs of given shapes, for a cotangent.
    pub fn pull_at(
        &self,
        node: &Node<T>,
        inputs: &[Option<Tensor<T>>],
        shapes: &[Option<&Shape>],
        cotangent: &Tensor<T>,
    ) -> Messages<Tensor<T>> {
        let Some(op) = &node.op else { return Messages::new() };
        op.vjp_tensor(&Pullback {
            op: op.name(),
            inputs,
            shapes,
            output: node.output.as_ref(),
            kept: &node.kept,
            cotangent,
            guard: self.guard,
        })
    }
}

impl<T: Real> Gradients<Tensor<T>> {
    /// The gradient of the node at a place.
    pub(crate) fn at_node(&self, node: usize) -> Reached<'_, Tensor<T>> {
        use super::gradients::Slot;
        match self.slots.get(node) {
            Some(Slot::Value(value)) => Reached::Value(value),
            Some(Slot::Zero) => Reached::Zero(Shape::SCALAR),
            Some(Slot::Unreached) | None => Reached::Unreachable(Shape::SCALAR),
        }
    }
}
