//! What a check found, and what its pattern suggests.

use crate::Shaping;
use crate::Tensor;
use crate::shape::coordinates;
use crate::text::{significant, six_digits};
use serde::Serialize;
use std::fmt;

/// What a check found of one derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Within the error bar.
    Ok,
    /// Outside of it.
    Wrong,
    /// A discrete decision changes within the step: there is no derivative to compare with.
    Kink,
    /// The numeric side is too coarse to tell.
    Precision,
    /// Two backward passes differ.
    Nondeterministic,
}

/// One derivative that was looked at by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Element {
    /// Which input.
    pub input: usize,
    /// Where in it.
    pub index: Vec<usize>,
    /// What the rules say.
    pub analytic: f64,
    /// What differences say.
    pub numeric: f64,
    /// How sure they are.
    pub bar: f64,
    /// The conclusion.
    pub verdict: Verdict,
    /// Which operation changed its decision.
    pub node: Option<String>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What was checked.
    pub name: String,
    /// The number of derivatives of first order.
    pub elements: usize,
    /// The shapes of the inputs.
    pub shapes: Vec<Vec<usize>>,
    /// Every element that was looked at by itself, by input and in row-major order, ok or not: what a heat map is drawn
    /// from. Empty if one random direction said that all is well; [`Check::full`](super::Check::full) looks at all.
    pub checked: Vec<Element>,
    /// The elements that are not ok, worst first.
    pub failures: Vec<Element>,
    /// What else is wrong, in words: forward mode, second order, linearity.
    pub faults: Vec<String>,
    /// What the pattern of errors suggests.
    pub hint: Option<String>,
    /// The operation whose rule does not fit its own forward pass, and what is wrong about it.
    pub culprit: Option<Culprit>,
}

/// The operation whose rule does not fit its own forward pass. Printed, it is one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Culprit {
    /// Its node.
    pub node: usize,
    /// Its name.
    pub op: String,
    /// The file that applies it.
    pub file: String,
    /// The line there.
    pub line: u32,
    /// What is wrong.
    pub what: String,
    /// Its message over the right one, where that is the same along every direction.
    pub ratio: Option<f64>,
    /// What such a factor means.
    pub cause: Option<String>,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Culprit { node, op, file, line, what, .. } = self;
        write!(f, "node {node} `{op}` ({file}:{line}): {what}")
    }
}

/// What a factor between an analytic derivative and the right one means.
pub(super) const FLIPPED: &str = "a flipped sign";
pub(super) const MISSING: &str = "missing 1/n";
pub(super) const EXTRA: &str = "an extra 1/n";
pub(super) const TWICE: &str = "a factor of 2";
pub(super) const FACTOR: &str = "a constant factor";

impl Report {
    /// Whether nothing is wrong and at least 95 % of the elements are ok.
    pub fn passed(&self) -> bool {
        let wrong = self.count(Verdict::Wrong) + self.count(Verdict::Nondeterministic);
        wrong == 0 && self.faults.is_empty() && self.failures.len() * 20 <= self.elements
    }

    /// What is said of something that cannot be differentiated at all.
    pub(super) fn fault(fault: String) -> Self {
        Report { faults: vec![fault], ..Report::of(&[]) }
    }

    /// Nothing found yet.
    pub(super) fn of(inputs: &[Tensor<f64>]) -> Self {
        Report {
            name: String::new(),
            elements: inputs.iter().map(Tensor::elements).sum(),
            shapes: inputs.iter().map(|x| x.shape().to_vec()).collect(),
            checked: Vec::new(),
            failures: Vec::new(),
            faults: Vec::new(),
            hint: None,
            culprit: None,
        }
    }

    /// The same report under a name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_string();
        self
    }

    /// How many elements have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Ok => self.elements - self.failures.len(),
            _ => self.failures.iter().filter(|element| element.verdict == verdict).count(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { String::new() } else { format!(" `{}`", self.name) };
        let (pattern, cause) = match self.hint.as_ref().map(|hint| hint.rsplit_once(": ").unwrap_or(("", hint))) {
            Some(("", cause)) => (String::new(), Some(cause)),
            Some((pattern, cause)) => (format!(", {pattern}"), Some(cause)),
            None => (String::new(), None),
        };
        let wrong = self.count(Verdict::Wrong);
        if wrong == self.elements && wrong > 0 {
            write!(f, "gradcheck{name}: {wrong} of {wrong} wrong{pattern}")?;
        } else {
            write!(f, "gradcheck{name} f64, {} elements: {} ok", self.elements, self.count(Verdict::Ok))?;
            for (verdict, word) in [
                (Verdict::Kink, "kink"),
                (Verdict::Precision, "too coarse"),
                (Verdict::Nondeterministic, "nondeterministic"),
            ] {
                if self.count(verdict) > 0 {
                    write!(f, ", {} {word}", self.count(verdict))?;
                }
            }
            write!(f, ", {wrong} wrong{pattern}")?;
        }
        if let Some(cause) = cause {
            write!(f, "  -> {cause}")?;
        }
        for element in self.failures.iter().take(10) {
            let index: Vec<String> = element.index.iter().map(usize::to_string).collect();
            write!(
                f,
                "\n  in[{}][{}]   analytic {}   numeric {} +- {}",
                element.input,
                index.join(","),
                six_digits(element.analytic),
                six_digits(element.numeric),
                significant(element.bar, 2)
            )?;
            if let Some(node) = &element.node {
                write!(f, "   {node} changed side between x-h and x+h")?;
            }
        }
        if self.failures.len() > 10 {
            write!(f, "\n  and {} more", self.failures.len() - 10)?;
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        if let Some(culprit) = &self.culprit {
            write!(f, "\n  culprit: {culprit}")?;
        }
        Ok(())
    }
}

/// Every element of the gradients, unjudged.
pub(super) fn elements(analytic: &[Tensor<f64>], numeric: &[Tensor<f64>]) -> Vec<Element> {
    let mut all = Vec::new();
    for (input, (a, n)) in analytic.iter().zip(numeric).enumerate() {
        for (place, (a_value, n_value)) in a.to_vec().into_iter().zip(n.to_vec()).enumerate() {
            all.push(Element {
                input,
                index: coordinates(place, &a.shape()),
                analytic: a_value,
                numeric: n_value,
                bar: 0.0,
                verdict: Verdict::Ok,
                node: None,
            });
        }
    }
    all
}

/// What the pattern of wrong elements suggests.
pub(super) fn hint(report: &Report, gradient: &[Tensor<f64>]) -> Option<String> {
    let wrong: Vec<&Element> = report.failures.iter().filter(|e| e.verdict == Verdict::Wrong).collect();
    let first = wrong.first()?;
    let inputs: Vec<usize> = {
        let mut inputs: Vec<usize> = wrong.iter().map(|e| e.input).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    };
    if wrong.iter().all(|e| e.analytic == 0.0) {
        return Some(format!("input {}: the gradient is 0 where the function changes: a missing term", first.input));
    }
    let ratio = first.analytic / first.numeric;
    // A rule that is right but for its last digits has no pattern to speak of.
    if (ratio - 1.0).abs() <= 1e-4 {
        return None;
    }
    if wrong.iter().all(|e| (e.analytic / e.numeric - ratio).abs() <= 1e-4 * ratio.abs()) {
        let elements = gradient[first.input].elements() as f64;
        let close = |value: f64| (ratio - value).abs() <= 1e-4 * value.abs();
        // The culprit knows of how many numbers it makes one.
        let known = report.culprit.as_ref().filter(|culprit| culprit.ratio.is_some_and(close));
        let cause = match known.and_then(|culprit| culprit.cause.as_deref()) {
            Some(cause) => cause,
            None if close(-1.0) => FLIPPED,
            None if close(2.0) || close(0.5) => TWICE,
            None if elements > 1.0 && close(elements) => MISSING,
            None if elements > 1.0 && close(1.0 / elements) => EXTRA,
            None => FACTOR,
        };
        return Some(format!("analytic/numeric = {ratio:.6} everywhere: {cause}"));
    }
    for &input in &inputs {
        let shape = gradient[input].shape();
        if shape.rank() == 2 && shape[0] == shape[1] && shape[0] > 1 {
            let transposed = gradient[input].transpose();
            let fits = |e: &&&Element| {
                let there = transposed.at(&e.index).unwrap_or(f64::NAN);
                (there - e.numeric).abs() <= e.bar + 1e-6 * e.numeric.abs()
            };
            let here: Vec<&&Element> = wrong.iter().filter(|e| e.input == input).collect();
            if here.iter().all(fits) {
                return Some(format!("the gradient of input {input} is transposed"));
            }
        }
    }
    Some(format!("inputs {inputs:?} are wrong, the others right: a missing term in their messages"))
        .filter(|_| inputs.len() < gradient.len())
}
