//! Where a number that is not finite came from.

use super::formula::{COTANGENT, OUTPUT, slot};
use super::numbers::non_finite;
use super::{Edge, Node, Numbers, Place, Snapshot};
use crate::shape::coordinates;
use crate::text::six_digits;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The first number that is not finite although everything that it was made of is, in the forward pass or else in the
/// backward pass: where, from what, why, and what to do.
///
/// ```
/// use autograd::{inspect::{Cause, Snapshot}, prelude::*};
/// let tape = Tape::<f64>::keeping();
/// let x = tape.var([0.5, -2.0]).named("x");
/// let found = Snapshot::of_backward(&x.ln().sum()).non_finite.unwrap();
/// assert_eq!((found.op.as_str(), found.formula.as_str(), found.index.clone()), ("ln", "ln(-2)", vec![1]));
/// assert_eq!(found.cause, Cause::Domain);
/// println!("{found}");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NonFinite {
    /// The operation's node.
    pub node: usize,
    /// The operation.
    pub op: String,
    /// The line of the user's code.
    pub at: Place,
    /// What it gave: NaN or an infinity.
    #[serde(with = "non_finite")]
    pub value: f64,
    /// At which element.
    pub index: Vec<usize>,
    /// What was computed there, with its numbers.
    pub formula: String,
    /// What got the message, where the number arose on the way back.
    pub target: Option<String>,
    /// Where a choice hides it from the root.
    pub hidden: Option<Hidden>,
    /// Whether the root is finite, where there is one.
    pub root_is_finite: Option<bool>,
    /// The shortest way to the root, as nodes and operations, where the root depends on it.
    pub way: Vec<(usize, String)>,
    /// What happens on the way back at an operation whose result is hidden.
    pub backward: Option<Suppressed>,
    /// The cause.
    pub cause: Cause,
    /// What to do.
    pub fix: String,
}

/// An operation that reads what is not finite and gives what is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    /// Its node.
    pub node: usize,
    /// The operation.
    pub op: String,
    /// Its line.
    pub at: Place,
    /// Of a choice: where the condition is false.
    pub condition_false: Vec<Vec<usize>>,
}

/// A cotangent of 0 that met a slope that is not finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suppressed {
    /// The message in print: `g / (2*out)`.
    pub formula: String,
    /// The same with its numbers at the first such element.
    pub numbers: String,
    /// What gets the message.
    pub target: String,
    /// The elements.
    pub elements: Vec<Vec<usize>>,
    /// Whether the rule is on that makes such a message 0; else it is NaN.
    pub is_suppressed: bool,
}

/// Why a number is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// A function outside of its domain, in a branch that a choice does not take.
    MaskedBranch,
    /// A logarithm or a root of what is too small for it.
    Domain,
    /// A division by 0.
    DivisionByZero,
    /// An exponential, a power or a product that is too large for the number type.
    Overflow,
    /// ∞ − ∞ or 0 · ∞.
    Indefinite,
    /// An infinite slope, at a point where there is no derivative.
    InfiniteSlope,
    /// It came in from outside.
    Input,
    /// None of these.
    Other,
}

/// The numbers of a recording, by whatever is at hand: a live tape, or a snapshot that has them whole.
pub(super) trait Values {
    fn output(&self, node: usize) -> Option<Vec<f64>>;
    fn operand(&self, node: usize, input: usize) -> Option<Vec<f64>>;
    fn gradient(&self, node: usize) -> Option<Vec<f64>>;
    fn slope(&self, edge: &Edge) -> Option<Vec<f64>>;
    fn message(&self, edge: &Edge) -> Option<Vec<f64>>;
}

impl Values for Snapshot {
    fn output(&self, node: usize) -> Option<Vec<f64>> {
        Some(self.nodes[node].value.as_ref()?.whole()?.to_vec())
    }
    fn operand(&self, node: usize, input: usize) -> Option<Vec<f64>> {
        match &self.nodes[node].operands[input] {
            super::Operand::Node(node) => self.output(*node),
            super::Operand::Constant(constant) => Some(constant.value.as_ref()?.whole()?.to_vec()),
        }
    }
    fn gradient(&self, node: usize) -> Option<Vec<f64>> {
        Some(self.nodes[node].gradient.value()?.whole()?.to_vec())
    }
    fn slope(&self, edge: &Edge) -> Option<Vec<f64>> {
        Some(edge.local.as_ref()?.whole()?.to_vec())
    }
    fn message(&self, edge: &Edge) -> Option<Vec<f64>> {
        Some(edge.message.value()?.whole()?.to_vec())
    }
}

fn is_bad(numbers: Option<&Numbers>) -> bool {
    match numbers {
        Some(Numbers::Whole(numbers)) => numbers.iter().any(|x| !x.is_finite()),
        Some(Numbers::Summary(summary)) => summary.non_finite > 0,
        None => false,
    }
}

/// The first number that is not finite, if any is.
pub(super) fn find(snapshot: &Snapshot, values: &dyn Values) -> Option<NonFinite> {
    let bad: Vec<bool> = snapshot.nodes.iter().map(|node| is_bad(node.value.as_ref())).collect();
    if bad.contains(&true) {
        let found =
            snapshot.nodes.iter().filter(|node| bad[node.id]).find(|node| comes_from_finite(node, &bad, values));
        let found = found.or_else(|| first_nan(snapshot, values))?;
        return Some(forward(snapshot, values, found, &bad));
    }
    let sends = |edge: &&Edge| is_bad(edge.message.value()) && !is_bad(snapshot.nodes[edge.from].gradient.value());
    snapshot.edges.iter().find(sends).map(|edge| backward(snapshot, values, edge))
}

fn comes_from_finite(node: &Node, bad: &[bool], values: &dyn Values) -> bool {
    node.operands.iter().enumerate().all(|(input, operand)| match operand.node() {
        Some(operand) => !bad[operand],
        None => values.operand(node.id, input).is_none_or(|numbers| numbers.iter().all(|x| x.is_finite())),
    })
}

/// The first NaN that is made of infinities.
fn first_nan<'a>(snapshot: &'a Snapshot, values: &dyn Values) -> Option<&'a Node> {
    let has_nan = |numbers: Option<Vec<f64>>| numbers.is_some_and(|numbers| numbers.iter().any(|x| x.is_nan()));
    snapshot.nodes.iter().find(|node| {
        has_nan(values.output(node.id)) && !(0..node.operands.len()).any(|i| has_nan(values.operand(node.id, i)))
    })
}

fn forward(snapshot: &Snapshot, values: &dyn Values, node: &Node, bad: &[bool]) -> NonFinite {
    let output = values.output(node.id).unwrap_or_default();
    let element = output.iter().position(|x| !x.is_finite()).unwrap_or(0);
    let at = Element { snapshot, values, node, element };
    let way = way_to_root(snapshot, node.id);
    let root_is_finite = snapshot.root.map(|root| !bad[root]);
    // What reads something that is not finite, depends on this node, and is itself finite.
    let leads = snapshot.leads_to(node.id);
    let reads_bad = |node: &&Node| node.operands.iter().any(|o| o.node().is_some_and(|o| leads[o] && bad[o]));
    let hider = snapshot.nodes.iter().filter(reads_bad).find(|node| !bad[node.id] && root_is_finite != Some(false));
    let hidden = hider.map(|node| Hidden {
        node: node.id,
        op: node.op.clone(),
        at: node.at.clone(),
        condition_false: match node.op.as_str() {
            "where" => {
                let condition = values.operand(node.id, 0).unwrap_or_default();
                let shape = node.operands.first().and_then(|operand| snapshot.shape_of(operand)).unwrap_or_default();
                let off = condition.iter().enumerate().filter(|(_, holds)| **holds <= 0.0);
                off.map(|(place, _)| coordinates(place, &shape)).collect()
            }
            _ => Vec::new(),
        },
    });
    let cause = if hidden.is_some() { Cause::MaskedBranch } else { at.cause(output.get(element).copied()) };
    NonFinite {
        node: node.id,
        op: node.op.clone(),
        at: node.at.clone(),
        value: output.get(element).copied().unwrap_or(f64::NAN),
        index: coordinates(element, &node.shape),
        formula: at.formula(),
        target: None,
        backward: if hidden.is_some() { suppressed(snapshot, values, node) } else { None },
        hidden,
        root_is_finite,
        way,
        cause,
        fix: at.fix(cause),
    }
}

/// The messages of a node that are 0 times a slope that is not finite.
fn suppressed(snapshot: &Snapshot, values: &dyn Values, node: &Node) -> Option<Suppressed> {
    let gradient = values.gradient(node.id)?;
    snapshot.edges_of(node.id).iter().find_map(|edge| {
        let slopes = values.slope(edge)?;
        let meets = |element: &usize| gradient.get(*element) == Some(&0.0) && !slopes[*element].is_finite();
        let elements: Vec<usize> = (0..slopes.len()).filter(meets).collect();
        let at = Element { snapshot, values, node, element: *elements.first()? };
        let message = values.message(edge).unwrap_or_default();
        Some(Suppressed {
            formula: snapshot.pull_back(edge)?,
            numbers: at.pull_back(edge)?,
            target: snapshot.nodes[edge.to].label(),
            elements: elements.iter().map(|&element| coordinates(element, &node.shape)).collect(),
            is_suppressed: message.iter().all(|x| !x.is_nan()),
        })
    })
}

fn backward(snapshot: &Snapshot, values: &dyn Values, edge: &Edge) -> NonFinite {
    let (node, target) = (&snapshot.nodes[edge.from], &snapshot.nodes[edge.to]);
    let message = values.message(edge).unwrap_or_default();
    let element = message.iter().position(|x| !x.is_finite()).unwrap_or(0);
    let at = Element { snapshot, values, node, element };
    let same_shape = node.shape == target.shape;
    let formula = snapshot.pull_back(edge).unwrap_or_default();
    let numbers = at.pull_back(edge).filter(|_| same_shape).map_or(String::new(), |numbers| format!(" = {numbers}"));
    let slope = values.slope(edge).and_then(|slopes| slopes.get(element).copied()).filter(|_| same_shape);
    let cause = match slope {
        Some(slope) if slope.is_nan() => Cause::Indefinite,
        Some(slope) if !slope.is_finite() => Cause::InfiniteSlope,
        Some(_) => Cause::Overflow,
        None => Cause::Other,
    };
    NonFinite {
        node: node.id,
        op: node.op.clone(),
        at: node.at.clone(),
        value: message.get(element).copied().unwrap_or(f64::NAN),
        index: coordinates(element, &target.shape),
        formula: formula + &numbers,
        target: Some(target.label()),
        hidden: None,
        root_is_finite: Some(true),
        way: way_to_root(snapshot, node.id),
        backward: None,
        cause,
        fix: at.fix(cause),
    }
}

/// The shortest way from a node to the root, without the node.
fn way_to_root(snapshot: &Snapshot, node: usize) -> Vec<(usize, String)> {
    let Some(root) = snapshot.root.filter(|&root| root > node) else { return Vec::new() };
    // The number of steps from each node, and where they come from.
    let mut nearest: Vec<Option<(usize, usize)>> = vec![None; root + 1];
    nearest[node] = Some((0, node));
    for id in node + 1..=root {
        let operands = snapshot.nodes[id].operands.iter().filter_map(|operand| operand.node());
        nearest[id] = operands.filter_map(|o| nearest[o].map(|(steps, _)| (steps + 1, o))).min();
    }
    let mut way = Vec::new();
    let mut at = root;
    while let Some((_, before)) = nearest[at].filter(|(steps, _)| *steps > 0) {
        way.push((at, snapshot.nodes[at].op.clone()));
        at = before;
    }
    way.reverse();
    way
}

/// One element of an operation's result.
struct Element<'a> {
    snapshot: &'a Snapshot,
    values: &'a dyn Values,
    node: &'a Node,
    element: usize,
}

impl Element<'_> {
    /// The number of an operand that goes into this element, of an operation on single elements.
    fn operand(&self, input: usize) -> Option<f64> {
        let shape = self.snapshot.shape_of(&self.node.operands[input])?;
        let added = self.node.shape.len().checked_sub(shape.len())?;
        let place = coordinates(self.element, &self.node.shape);
        let steps = shape.iter().zip(&place[added..]);
        let place = steps.fold(0, |place, (&extent, &i)| place * extent + if extent == 1 { 0 } else { i });
        self.values.operand(self.node.id, input)?.get(place).copied()
    }

    fn is_elementwise(&self) -> bool {
        self.snapshot.edges_of(self.node.id).iter().any(|edge| edge.slope.is_some())
    }

    /// What is computed here, with its numbers, or for more than single elements with names.
    fn formula(&self) -> String {
        let Some(formula) = self.node.formula.map(|formula| &self.snapshot.formulas[formula]) else {
            return self.node.label();
        };
        match self.is_elementwise() {
            true => self.with_numbers(formula.clone()),
            false => self.snapshot.with_names(formula, self.node),
        }
    }

    /// The message of an edge here, with its numbers.
    fn pull_back(&self, edge: &Edge) -> Option<String> {
        Some(self.with_numbers(self.snapshot.formulas[edge.pull_back?].clone()))
    }

    fn with_numbers(&self, formula: String) -> String {
        let here = |numbers: Option<Vec<f64>>| numbers.and_then(|numbers| numbers.get(self.element).copied());
        let mut text = formula;
        let output = here(self.values.output(self.node.id));
        let cotangent = here(self.values.gradient(self.node.id));
        let inputs = (0..self.node.operands.len()).map(|i| (slot(i), self.operand(i)));
        for (letter, number) in inputs.chain([(OUTPUT.to_string(), output), (COTANGENT.to_string(), cotangent)]) {
            if let Some(number) = number {
                text = with_number(&text, &letter, number);
            }
        }
        text
    }

    fn cause(&self, value: Option<f64>) -> Cause {
        let input = |i: usize| if i < self.node.operands.len() { self.operand(i) } else { None };
        let is_zero = |i: usize| input(i) == Some(0.0);
        let infinite = (0..self.node.operands.len()).any(|i| input(i).is_some_and(f64::is_infinite));
        match self.node.op.as_str() {
            "leaf" => Cause::Input,
            _ if infinite => Cause::Indefinite,
            "ln" | "log2" | "log10" | "ln_1p" | "sqrt" | "rsqrt" | "asin" | "acos" | "acosh" | "atanh" => Cause::Domain,
            "div" if is_zero(1) => Cause::DivisionByZero,
            "recip" | "rdiv" if is_zero(0) => Cause::DivisionByZero,
            "div_constant" => Cause::DivisionByZero,
            "pow" | "powf" | "powi" if is_zero(0) => Cause::DivisionByZero,
            "pow" | "powf" if value.is_some_and(f64::is_nan) => Cause::Domain,
            _ if value.is_some_and(f64::is_infinite) => Cause::Overflow,
            _ => Cause::Other,
        }
    }

    fn fix(&self, cause: Cause) -> String {
        let (op, operands) = (&self.node.op, &self.node.operands);
        let name = |i: usize| operands.get(i).map_or("x".to_string(), |operand| self.snapshot.letter(operand));
        let guarded = if op == "div" { 1 } else { 0 };
        let (x, sign) = (name(guarded), if matches!(op.as_str(), "div" | "recip" | "rdiv") { "!=" } else { ">" });
        match cause {
            Cause::MaskedBranch if op == "div" => format!("{} / where({x} != 0, {x}, 1) inside", name(0)),
            Cause::MaskedBranch => format!("{op}(where({x} {sign} 0, {x}, 1)) inside"),
            Cause::Domain => match op.as_str() {
                "ln" | "log2" | "log10" => {
                    format!(
                        "keep {x} above 0, `{op}({x}.maximum(small))`; for probabilities use `log_softmax` or `log_sigmoid`"
                    )
                }
                "ln_1p" => format!("keep {x} above -1"),
                _ => format!("keep {x} within the domain of `{op}`, with `maximum` or `clamp` before it"),
            },
            Cause::DivisionByZero => {
                format!("keep {x} away from 0, as in `{x} + small`, or choose another value where it is 0")
            }
            Cause::Overflow => match op.as_str() {
                "exp" | "exp2" | "exp_m1" | "sinh" | "cosh" => {
                    format!(
                        "subtract the maximum of {x} first; `softmax`, `logsumexp`, `softplus` and `log_sigmoid` do"
                    )
                }
                _ => "scale the values down, clip the gradient, or lower the learning rate".to_string(),
            },
            Cause::Indefinite => "find what became infinite before it and bound that".to_string(),
            Cause::InfiniteSlope => {
                format!("keep {x} away from where `{op}` has an infinite slope, as in `{op}({x} + small)`")
            }
            Cause::Input => "look at the data, the initial values and the last step of the optimizer".to_string(),
            Cause::Other => "look at its operands in the table".to_string(),
        }
    }
}

impl Snapshot {
    /// The message of an edge in print with its numbers, `1 / 1.2`, where everything that it reads is a single number.
    pub(super) fn pull_back_in_numbers(&self, edge: &Edge) -> Option<String> {
        let node = &self.nodes[edge.from];
        let is_single = |operand| self.shape_of(operand).is_some_and(|shape| shape.iter().all(|&extent| extent == 1));
        let single = node.elements() == 1 && node.operands.iter().all(is_single) && edge.slope.is_some();
        let numbers = Element { snapshot: self, values: self, node, element: 0 }.pull_back(edge).filter(|_| single);
        numbers.filter(|numbers| !numbers.contains('{'))
    }
}

/// A letter of a formula replaced by a number, in parentheses where a sign would be misread.
fn with_number(formula: &str, letter: &str, number: f64) -> String {
    let mut text = String::new();
    let mut rest = formula;
    while let Some((before, after)) = rest.split_once(letter) {
        text += before;
        let alone = (text.is_empty() || text.ends_with(['(', ' ']) && !text.ends_with("- ") && !text.ends_with("+ "))
            && (after.is_empty() || after.starts_with([')', ',']));
        let digits = six_digits(number);
        text += &if digits.starts_with('-') && !alone { format!("({digits})") } else { digits };
        rest = after;
    }
    text + rest
}

/// `[2,1]`; nothing for a single number.
fn bracketed(index: &[usize]) -> String {
    match index {
        [] => String::new(),
        index => format!("[{}]", index.iter().map(usize::to_string).collect::<Vec<_>>().join(",")),
    }
}

/// The first few of a list.
fn listed(items: Vec<String>, last: &str) -> String {
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] if items.len() <= 4 => format!("{}{last}{end}", first.join(", ")),
        items => format!("{} and {} more", items[..3].join(", "), items.len() - 3),
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::MaskedBranch => "masked branch",
            Cause::Domain => "outside of its domain",
            Cause::DivisionByZero => "division by 0",
            Cause::Overflow => "overflow",
            Cause::Indefinite => "inf - inf or 0 * inf",
            Cause::InfiniteSlope => "infinite slope",
            Cause::Input => "it came in from outside",
            Cause::Other => "not known",
        })
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NonFinite { node, op, at, value, formula, cause, fix, .. } = self;
        let index = bracketed(&self.index);
        write!(f, "NonFinite: node {node} `{op}` ({at}) ")?;
        match &self.target {
            Some(target) => write!(f, "sends {value} to {target}.grad{index}: {formula}")?,
            None => {
                let verb = if *cause == Cause::Input { "came in with" } else { "produced" };
                let index = if index.is_empty() { index } else { format!(" at {index}") };
                write!(f, "{verb} {value}{index}: {formula}")?;
            }
        }
        match (&self.hidden, self.root_is_finite) {
            (Some(hidden), _) => {
                write!(f, "\n  forward: {value} hidden by node {} `{}` ({})", hidden.node, hidden.op, hidden.at)?;
                if !hidden.condition_false.is_empty() {
                    let places = hidden.condition_false.iter().map(|index| bracketed(index)).collect();
                    write!(f, ", condition false at {}", listed(places, " and "))?;
                }
                if self.root_is_finite == Some(true) {
                    f.write_str("; loss is finite")?;
                }
            }
            (None, Some(false)) if self.target.is_none() => {
                let way: Vec<String> = self.way.iter().map(|(node, op)| format!("node {node} `{op}`")).collect();
                f.write_str("\n  forward: reaches the loss")?;
                if !way.is_empty() {
                    write!(f, " by {}", way.join(" > "))?;
                }
            }
            _ => {}
        }
        if let Some(Suppressed { formula, numbers, target, elements, is_suppressed }) = &self.backward {
            let places: Vec<String> =
                elements.iter().map(|index| format!("{target}.grad{}", bracketed(index))).collect();
            let places = listed(places, ", ");
            write!(f, "\n  backward: d {op} = {formula} = {numbers}: 0 times a slope that is not finite, ")?;
            match is_suppressed {
                true => write!(f, "suppressed to 0 at {places}\n            (with the rule switched off: NaN)")?,
                false => write!(f, "NaN at {places}, since the rule is switched off")?,
            }
        }
        write!(f, "\n  cause: {cause}. fix: {fix}")
    }
}
