//! Every operation on inputs that do not fit it: each is refused in words, or computed; none panics.

use crate::table::Row;
use autograd::prelude::*;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A way in which inputs can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// None at all.
    Nothing,
    /// One too few.
    Missing,
    /// Too many: two more, since one may be an input that can be left out.
    Extra,
    /// One is a scalar.
    Scalar,
    /// One has an axis less.
    LowerRank,
    /// One has an axis more.
    HigherRank,
    /// One is longer by one along an axis.
    Longer,
    /// One is shorter by one along an axis, so that indices may point behind its end.
    Shorter,
    /// One has no elements.
    Empty,
    /// One is transposed, and not contiguous.
    Transposed,
    /// One holds NaN and infinities: bad data, but no bad shape.
    NotFinite,
}

impl Way {
    const ALL: [Way; 11] = [
        Way::Nothing,
        Way::Missing,
        Way::Extra,
        Way::Scalar,
        Way::LowerRank,
        Way::HigherRank,
        Way::Longer,
        Way::Shorter,
        Way::Empty,
        Way::Transposed,
        Way::NotFinite,
    ];

    /// The inputs made wrong in this way, at each place where that is possible.
    fn spoil(self, inputs: &[Tensor<f64>]) -> Vec<Vec<Tensor<f64>>> {
        let ones = |extents: &[usize]| Tensor::<f64>::ones(extents);
        let one_by_one = |change: &dyn Fn(&Tensor<f64>) -> Vec<Tensor<f64>>| {
            let mut all = Vec::new();
            for (i, x) in inputs.iter().enumerate() {
                for changed in change(x) {
                    let mut spoiled = inputs.to_vec();
                    spoiled[i] = changed;
                    all.push(spoiled);
                }
            }
            all
        };
        let each_axis = |change: &dyn Fn(usize) -> Option<usize>| {
            one_by_one(&|x| {
                let shape = x.shape();
                let changed = |axis: usize| {
                    let mut extents = shape.to_vec();
                    extents[axis] = change(extents[axis])?;
                    Some(ones(&extents))
                };
                (0..shape.rank()).filter_map(changed).collect()
            })
        };
        match self {
            Way::Nothing => vec![Vec::new()],
            Way::Missing => vec![inputs[..inputs.len() - 1].to_vec()],
            Way::Extra => vec![[inputs, &inputs[..1], &inputs[..1]].concat()],
            Way::Scalar => one_by_one(&|_| vec![ones(&[])]),
            Way::LowerRank => {
                one_by_one(&|x| x.shape().split_first().map(|(_, rest)| ones(rest)).into_iter().collect())
            }
            Way::HigherRank => one_by_one(&|x| vec![ones(&[&[2], &x.shape()[..]].concat())]),
            Way::Longer => each_axis(&|extent| Some(extent + 1)),
            Way::Shorter => each_axis(&|extent| extent.checked_sub(1)),
            Way::Empty => each_axis(&|_| Some(0)),
            Way::Transposed => one_by_one(&|x| if x.shape().rank() < 2 { Vec::new() } else { vec![x.transpose()] }),
            Way::NotFinite => one_by_one(&|x| {
                [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|bad| Tensor::full(x.shape(), bad)).to_vec()
            }),
        }
    }
}

/// What operations did with inputs that are wrong in one way.
#[derive(Clone, Debug, Default)]
pub struct Refusals {
    /// How often inputs were refused.
    pub refused: usize,
    /// How often they were fine after all, and a result was computed.
    pub computed: usize,
    /// The first refusal, word for word.
    pub example: Option<String>,
}

/// The table: for each operation and each way, what happened.
#[derive(Clone, Debug, Default)]
pub struct Table(pub BTreeMap<(&'static str, Way), Refusals>);

/// Tries every operation of the rows on wrong inputs.
///
/// # Errors
/// What panicked, and refusals that do not say what they should.
pub fn table(rows: &[Row]) -> Result<Table, String> {
    let mut table = Table::default();
    let mut problems = Vec::new();
    for row in rows {
        for inputs in row.samples() {
            let tape = Tape::keeping();
            let vars: Vec<Var<f64>> = inputs.iter().map(|x| tape.var(x.clone())).collect();
            row.record(&vars);
            let nodes = tape.nodes();
            for node in nodes.iter().filter(|node| node.op != "leaf") {
                // Constants are not on the tape; operations on them are met in other rows.
                let values: Option<Vec<Tensor<f64>>> =
                    node.inputs.iter().map(|input| nodes[(*input)?].value.clone()).collect();
                let Some(values) = values.filter(|values| !values.is_empty()) else { continue };
                for way in Way::ALL {
                    for spoiled in way.spoil(&values) {
                        let outcome = attempt(&tape, node.id, &spoiled);
                        if let Err(problem) = table.note(node.op, way, &spoiled, outcome) {
                            problems.push(format!("{} in row {}, {way:?}: {problem}", node.op, row.name));
                        }
                    }
                }
            }
        }
    }
    problems.dedup();
    if problems.is_empty() { Ok(table) } else { Err(problems.join("\n")) }
}

fn attempt(tape: &Tape<f64>, node: usize, inputs: &[Tensor<f64>]) -> std::thread::Result<Result<Tensor<f64>, Error>> {
    let inputs: Vec<&Tensor<f64>> = inputs.iter().collect();
    catch_unwind(AssertUnwindSafe(|| tape.reapply(node, &inputs)))
}

impl Table {
    fn note(
        &mut self,
        op: &'static str,
        way: Way,
        inputs: &[Tensor<f64>],
        outcome: std::thread::Result<Result<Tensor<f64>, Error>>,
    ) -> Result<(), String> {
        let cell = self.0.entry((op, way)).or_default();
        let shapes: Vec<String> = inputs.iter().map(|x| x.shape().to_string()).collect();
        match outcome {
            Err(_) => return Err(format!("panics on {}", shapes.join(", "))),
            Ok(Ok(_)) => cell.computed += 1,
            Ok(Err(error)) => {
                cell.refused += 1;
                let text = error.to_string();
                let named = text.starts_with(&format!("{op}: "));
                let shown = inputs.is_empty() || text.contains(&format!("operands: {}", shapes.join(", ")));
                let helped = text.lines().any(|line| line.trim_start().starts_with("help: "));
                if !(named && shown && helped) {
                    return Err(format!("is refused without its name, its operands or a fix:\n{text}"));
                }
                cell.example.get_or_insert(without_line(&text));
            }
        }
        Ok(())
    }
}

fn without_line(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("at: ")).collect::<Vec<_>>().join("\n")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((op, way), cell) in &self.0 {
            writeln!(f, "[{op}, {way:?}] {} refused, {} computed", cell.refused, cell.computed)?;
            if let Some(example) = &cell.example {
                writeln!(f, "{example}")?;
            }
        }
        Ok(())
    }
}
