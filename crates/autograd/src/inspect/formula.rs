//! What rules look like in print.

use super::{Edge, Node, Numbers, Operand, Snapshot};
use crate::algebra::{InPrint, Real};
use crate::ops::any::AnyOp;
use crate::ops::{Few, Pullback};
use crate::text::six_digits;
use crate::{Shape, Symbol};
use std::any::TypeId;
use std::collections::HashMap;
use std::fmt::Write;

/// The letter of input `i` in a formula.
pub(super) fn slot(i: usize) -> String {
    format!("{{{i}}}")
}
pub(super) const OUTPUT: &str = "{out}";
pub(super) const COTANGENT: &str = "{g}";

/// What the edges of an operation say in print, by input.
#[derive(Clone, Default)]
pub(super) struct Printed {
    pub value: Option<usize>,
    pub slopes: Vec<Option<usize>>,
    pub pull_backs: Vec<Option<usize>>,
}

impl Printed {
    /// Whether the operation acts on single elements.
    pub fn is_elementwise(&self) -> bool {
        self.slopes.iter().any(Option::is_some)
    }
}

/// The formulas of a snapshot under construction: each kind of rule is asked once.
#[derive(Default)]
pub(super) struct Formulas {
    pub texts: Vec<String>,
    known: HashMap<(TypeId, String), Printed>,
    places: HashMap<String, usize>,
}

impl Formulas {
    fn keep(&mut self, text: String) -> usize {
        let next = self.texts.len();
        *self.places.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            next
        })
    }

    /// What a rule on single elements looks like, from how it prints for given letters.
    pub fn of_elements(
        &mut self,
        kind: (TypeId, String),
        inputs: usize,
        print: impl FnOnce(&[&str], &str, &str) -> Option<InPrint>,
    ) -> Option<Printed> {
        if let Some(printed) = self.known.get(&kind) {
            return Some(printed.clone());
        }
        let letters: Vec<String> = (0..inputs).map(slot).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        let InPrint { value, slopes, messages } = print(&letters, OUTPUT, COTANGENT)?;
        let printed = Printed {
            value: Some(self.keep(value)),
            slopes: slopes.into_iter().map(|slope| Some(self.keep(slope))).collect(),
            pull_backs: messages.into_iter().map(|message| Some(self.keep(message))).collect(),
        };
        self.known.insert(kind, printed.clone());
        Some(printed)
    }

    /// What the rule of a recorded operation looks like.
    pub fn of<T: Real>(&mut self, op: &dyn AnyOp<T>, shapes: &[Shape], output: Shape) -> Printed {
        let mut key = String::new();
        for part in [&format_args!("{:?}", op.constants()), &format_args!("{shapes:?}{output:?}")] {
            let _ = key.write_fmt(*part); // writing to a string cannot fail
        }
        let kind = (op.kind(), key);
        let elementwise =
            self.of_elements(kind.clone(), shapes.len(), |inputs, output, g| op.in_print(inputs, output, g));
        elementwise.unwrap_or_else(|| {
            let printed = self.pull_backs(op, shapes, output);
            self.known.insert(kind, printed.clone());
            printed
        })
    }

    fn pull_backs<T: Real>(&mut self, op: &dyn AnyOp<T>, shapes: &[Shape], output: Shape) -> Printed {
        let inputs: Few<Option<Symbol<T>>> =
            shapes.iter().enumerate().map(|(i, shape)| Some(Symbol::letter(&slot(i), *shape))).collect();
        let wanted: Few<Option<&Shape>> = shapes.iter().map(Some).collect();
        let messages = op.vjp_symbol(&Pullback {
            op: op.name(),
            inputs: &inputs,
            shapes: &wanted,
            output: Some(&Symbol::letter(OUTPUT, output)),
            kept: &[],
            cotangent: &Symbol::letter(COTANGENT, output),
            guard: false,
        });
        let value = op.try_symbol(&inputs.iter().flatten().collect::<Few<_>>());
        Printed {
            value: value.map(|value| self.keep(value.to_string())),
            slopes: vec![None; shapes.len()],
            pull_backs: messages.into_iter().map(|message| Some(self.keep(message?.to_string()))).collect(),
        }
    }
}

impl Snapshot {
    /// The local derivative of an edge in print, with the names of its operands: `1/z`. Of operations on single elements.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, prelude::*};
    /// let tape = Tape::<f64>::keeping();
    /// let z = tape.var([1.2]).named("z");
    /// let snapshot = Snapshot::of_backward(&z.ln());
    /// assert_eq!(snapshot.slope(&snapshot.edges[0]).unwrap(), "1/z");
    /// ```
    pub fn slope(&self, edge: &Edge) -> Option<String> {
        Some(self.with_names(&self.formulas[edge.slope?], &self.nodes[edge.from]))
    }

    /// What a node computes in print, with the names of its operands: `x * y`.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, scalar::Tape};
    /// let tape = Tape::traced();
    /// let (x, y) = (tape.var(1.5).named("x"), tape.var(0.8).named("y"));
    /// let snapshot = Snapshot::of_backward(&(x * y));
    /// assert_eq!(snapshot.formula(&snapshot.nodes[2]).unwrap(), "x * y");
    /// ```
    pub fn formula(&self, node: &Node) -> Option<String> {
        Some(self.with_names(&self.formulas[node.formula?], node))
    }

    /// The message of an edge in print, with the names of its operands and `g` for the cotangent: `g @ wᵀ`.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, prelude::*};
    /// let tape = Tape::<f64>::keeping();
    /// let (x, w) = (tape.var([[1.0, 2.0]]).named("x"), tape.var([[0.5], [2.0]]).named("w"));
    /// let snapshot = Snapshot::of_backward(&x.matmul(&w));
    /// assert_eq!(snapshot.pull_back(&snapshot.edges[0]).unwrap(), "g @ wᵀ");
    /// assert_eq!(snapshot.pull_back(&snapshot.edges[1]).unwrap(), "xᵀ @ g");
    /// ```
    pub fn pull_back(&self, edge: &Edge) -> Option<String> {
        Some(self.with_names(&self.formulas[edge.pull_back?], &self.nodes[edge.from]))
    }

    /// A formula with the names of a node's operands in it.
    pub(super) fn with_names(&self, formula: &str, node: &Node) -> String {
        let mut text = formula.replace(OUTPUT, "out").replace(COTANGENT, "g");
        for (i, operand) in node.operands.iter().enumerate() {
            text = text.replace(&slot(i), &self.letter(operand));
        }
        text
    }

    /// What an operand is called in formulas.
    pub fn letter(&self, operand: &Operand) -> String {
        match operand {
            Operand::Node(node) => self.nodes[*node].label(),
            Operand::Constant(constant) => match constant.value.as_ref().and_then(Numbers::single) {
                Some(number) if number < 0.0 => format!("({})", six_digits(number)),
                Some(number) => six_digits(number),
                None => "const".to_string(),
            },
        }
    }
}
