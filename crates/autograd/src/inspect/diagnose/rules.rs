//! Wrong derivatives: what a gradient check found, as a diagnosis.

use super::{Diagnosis, Fault, Finding};
use crate::check::{Culprit, Report};
use crate::inspect::Place;

impl Report {
    /// What is wrong with the operation that a check blames, in the form of [`Snapshot::diagnose`](crate::inspect::Snapshot::diagnose).
    ///
    /// ```
    /// use autograd::{check::check_op, inspect::Fault, ops::elementwise::Elementwise, prelude::*};
    /// autograd::elementwise! {
    ///     /// A sine whose slope has the wrong sign.
    ///     struct Wrong;
    ///     fn wrong(self, x) { x.sin() }
    ///     slope inputs { [-x.cos()] }
    /// }
    /// let report = check_op(Elementwise(Wrong), &[Tensor::from([0.3, 1.2])]);
    /// assert_eq!(report.diagnose().findings[0].fault, Fault::FlippedSign);
    /// ```
    pub fn diagnose(&self) -> Diagnosis {
        let name = if self.name.is_empty() { String::new() } else { format!(" of `{}`", self.name) };
        let subject = format!("the gradient check{name}, {} elements", self.elements);
        Diagnosis { findings: self.culprit.iter().map(finding).collect(), subject }
    }
}

fn finding(culprit: &Culprit) -> Finding {
    let Culprit { node, op, file, line, what, ratio, cause } = culprit;
    let n = ratio.map_or(0.0, |ratio| if ratio > 1.0 { ratio } else { 1.0 / ratio }).round();
    let (fault, fix) = match cause.as_deref() {
        Some("missing 1/n") => (Fault::MissingDivision, format!("divide the message by {n} in the `vjp` of `{op}`")),
        Some("an extra 1/n") => (Fault::WrongRule, format!("do not divide the message by {n} in the `vjp` of `{op}`")),
        Some("a flipped sign") => (Fault::FlippedSign, format!("turn the sign of the message in the `vjp` of `{op}`")),
        _ => (Fault::WrongRule, format!("work out the message of `{op}` again, from what its `forward` computes")),
    };
    let words = cause.as_ref().map_or(String::new(), |cause| format!(", {cause}"));
    Finding {
        fault,
        at: Place { file: file.clone(), line: *line },
        node: Some(*node),
        what: format!("the rule of `{op}` does not fit its value{words}\n  {what}"),
        measure: "analytic over numeric".to_string(),
        value: ratio.unwrap_or(f64::NAN),
        limit: 1.0,
        fix,
    }
}
