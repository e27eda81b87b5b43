//! How a snapshot is taken of a traced scalar tape.

use super::formula::Formulas;
use super::provenance;
use super::{
    Constant, Decisions, Edge, Engine, Flow, Kept, Node, Numbers, Operand, Place, Recording, Root, Saved, Snapshot,
};
use crate::Error;
use crate::algebra::{Algebra, Slope};
use crate::scalar::{self, Row, Steps, Tape, Traced, Var};
use std::collections::HashMap;
use std::panic::Location;

impl Recording for Tape<Traced> {
    fn picture(&self, at: &'static Location<'static>) -> Snapshot {
        self.look(|steps| take(steps, None, at))
    }
}

impl Root for Var<'_, Traced> {
    fn picture_backward(&self, at: &'static Location<'static>) -> Result<Snapshot, Error> {
        self.trace(|steps, root, adjoints| take(steps, Some((root, adjoints)), at)).ok_or_else(|| {
            Error::nothing_recorded(
                "the root is a constant: no variable of a tape went into it",
                "make the inputs with `tape.var(…)` and compute from those",
            )
            .located(at)
        })
    }
}

/// A snapshot, with the adjoint of each step where there was a sweep from the root.
pub(super) fn take(steps: Steps<'_>, sweep: Option<(usize, &[f64])>, at: &'static Location<'static>) -> Snapshot {
    let rows = steps.rows;
    let mut snapshot = Snapshot {
        engine: Engine::Scalar,
        number: "f64".to_string(),
        at: Place::of(at),
        nodes: rows.iter().enumerate().map(|(id, row)| node(steps, id, row)).collect(),
        edges: Vec::new(),
        formulas: Vec::new(),
        scopes: Vec::new(),
        stops: Vec::new(),
        parameters: Vec::new(),
        root: sweep.map(|(root, _)| root),
        non_finite: None,
        paths: Vec::new(),
        output: None,
    };
    if let Some((root, _)) = sweep {
        snapshot.nodes.iter_mut().for_each(|node| node.gradient = Flow::Unreachable);
        snapshot.nodes[root].gradient = Flow::Value(Numbers::Whole(vec![1.0]));
    }
    let mut formulas = Formulas::default();
    let mut arrived: HashMap<usize, f64> = HashMap::new();
    for (from, row) in rows.iter().enumerate().rev() {
        let Some(rule) = &row.rule else { continue };
        let kind = (rule.kind(), format!("{:?}", row.constants));
        let printed = formulas
            .of_elements(kind, row.operands.len(), |inputs, output, cotangent| {
                Some(rule.in_print(inputs, output, cotangent))
            })
            .unwrap_or_default();
        snapshot.nodes[from].formula = printed.value;
        for input in in_order(row.operands.len()) {
            let scalar::Operand::Slot(slot) = row.operands[input] else { continue };
            let (to, slope) = (steps.step(slot), row.slopes[input]);
            let message = match (&snapshot.nodes[from].gradient, sweep) {
                (Flow::Value(_), Some((_, adjoints))) if rule.reads() != Slope::Constant || slope != 0.0 => {
                    let message = adjoints[from].times_slope(slope);
                    *arrived.entry(to).or_insert(0.0) += message;
                    snapshot.nodes[to].gradient = Flow::Value(Numbers::Whole(vec![adjoints[to]]));
                    Flow::Value(Numbers::Whole(vec![message]))
                }
                (Flow::Value(_) | Flow::Zero, _) => {
                    if snapshot.nodes[to].gradient == Flow::Unreachable {
                        snapshot.nodes[to].gradient = Flow::Zero;
                    }
                    Flow::Zero
                }
                (state, _) => state.clone(),
            };
            let total = message.value().and(arrived.get(&to)).map(|&total| Numbers::Whole(vec![total]));
            let local = Some(Numbers::Whole(vec![slope]));
            let slope = printed.slopes.get(input).copied().flatten();
            let pull_back = printed.pull_backs.get(input).copied().flatten();
            let (keeps_rows, twins) = (false, Vec::new());
            snapshot.edges.push(Edge { from, input, to, slope, pull_back, local, message, keeps_rows, twins, total });
        }
    }
    snapshot.formulas = formulas.texts;
    without_known_totals(&mut snapshot);
    snapshot.non_finite = provenance::find(&snapshot, &snapshot);
    snapshot
}

/// Leaves out the totals that are the first message itself, or the whole gradient.
fn without_known_totals(snapshot: &mut Snapshot) {
    let mut sent: Vec<Vec<usize>> = vec![Vec::new(); snapshot.nodes.len()];
    for (place, edge) in snapshot.edges.iter().enumerate().filter(|(_, edge)| edge.total.is_some()) {
        sent[edge.to].push(place);
    }
    for places in sent {
        for place in [places.first(), places.last()].into_iter().flatten() {
            snapshot.edges[*place].total = None;
        }
    }
}

/// The operands of a step in the order of their messages: a function of more than two is a chain of nodes, of which the
/// last one joins the last operand.
fn in_order(operands: usize) -> impl Iterator<Item = usize> {
    (2..operands).rev().chain(0..operands.min(2))
}

fn node(steps: Steps<'_>, id: usize, row: &Row) -> Node {
    let operand = |operand: &scalar::Operand| match operand {
        scalar::Operand::Slot(slot) => Operand::Node(steps.step(*slot)),
        scalar::Operand::Constant(value) => {
            let value = Some(Numbers::Whole(vec![*value]));
            Operand::Constant(Constant { shape: Some(Vec::new()), value, stop: None })
        }
    };
    let place = Place::of(row.location);
    Node {
        id,
        op: row.op.to_string(),
        name: Some(row.name.clone()).filter(|name| !name.is_empty()),
        operands: row.operands.iter().map(operand).collect(),
        formula: None,
        constants: row.constants.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
        shape: Vec::new(),
        value: Some(Numbers::Whole(vec![row.value])),
        gradient: Flow::NotSwept,
        saved: saved(steps, id, row),
        memory: Some(id),
        decisions: row.rule.as_ref().and_then(|rule| {
            let values: Vec<f64> = row.operands.iter().map(|operand| steps.value(*operand)).collect();
            Some(rule.choices(&values)).filter(|&choices| choices != 0).and_then(|choices| Decisions::of(&[choices]))
        }),
        units: None,
        scope: None,
        at: place.clone(),
        recorded_at: place,
    }
}

/// What the slopes of a step are made of. A constant is a memory of its own, beyond those of the steps.
fn saved(steps: Steps<'_>, id: usize, row: &Row) -> Vec<Saved> {
    let (inputs, output) = row.reads();
    let operands = row.operands.iter().enumerate().filter(|_| inputs).map(|(i, operand)| {
        let memory = match operand {
            scalar::Operand::Slot(slot) => steps.step(*slot),
            scalar::Operand::Constant(_) => steps.rows.len() * (i + 1) + id,
        };
        Saved { what: Kept::Input(i), bytes: size_of::<f64>(), memory }
    });
    let output = output.then_some(Saved { what: Kept::Output, bytes: size_of::<f64>(), memory: id });
    operands.chain(output).collect()
}
