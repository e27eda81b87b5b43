//! Reports as a page shows them: text, rows that lead to nodes, and heat maps.

use crate::algebra::Real;
use crate::check::{Element, Report, Verdict};
use crate::inspect::{Attribution, Kinks, Snapshot};
use crate::text::{bytes, significant, six_digits};
use serde::Serialize;

/// A part of the page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Board {
    /// What the address of the part ends with.
    pub id: String,
    pub title: String,
    /// Whether it says that something is wrong.
    pub alarm: bool,
    pub text: String,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Line>,
    pub maps: Vec<Map>,
}

/// A row, and the node that it is about.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub node: Option<usize>,
    pub alarm: bool,
    pub cells: Vec<String>,
}

/// A tensor as coloured cells.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Map {
    pub title: String,
    pub columns: usize,
    pub cells: Vec<Cell>,
    /// What the colours mean: a word for each kind of cell that occurs.
    pub legend: Vec<(&'static str, &'static str)>,
}

/// One element: its kind, how strong it is from 0 to 1, and all about it in words.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Cell {
    pub kind: &'static str,
    pub level: f64,
    pub about: String,
}

/// More elements than this are not drawn.
const CELLS: usize = 4096;

impl Board {
    fn new(id: &'static str, title: &str, text: String) -> Self {
        Board {
            id: id.to_string(),
            title: title.to_string(),
            alarm: false,
            text,
            columns: Vec::new(),
            rows: Vec::new(),
            maps: Vec::new(),
        }
    }

    /// Leaves out the columns that say nothing in any row.
    pub fn drop_empty_columns(&mut self) {
        for column in (0..self.columns.len()).rev() {
            if self.rows.iter().all(|row| row.cells[column].is_empty()) {
                self.columns.remove(column);
                self.rows.iter_mut().for_each(|row| drop(row.cells.remove(column)));
            }
        }
    }

    /// Where a number that is not finite came from, if any is there.
    pub fn non_finite(snapshot: &Snapshot) -> Option<Self> {
        let found = snapshot.non_finite.as_ref()?;
        let mut board = Board::new("nonfinite", "A number that is not finite", found.to_string());
        board.alarm = true;
        board.columns = vec!["node", "operation", "line"];
        let way = found.way.iter().map(|(node, _)| *node);
        board.rows = std::iter::once(found.node)
            .chain(found.hidden.iter().map(|hidden| hidden.node))
            .chain(way)
            .map(|id| {
                let node = &snapshot.nodes[id];
                let cells = vec![id.to_string(), node.op.clone(), node.at.to_string()];
                Line { node: Some(id), alarm: id == found.node, cells }
            })
            .collect();
        board.rows.dedup_by(|a, b| a.node == b.node);
        Some(board)
    }

    /// What is wrong with the step, by which number, and what to do.
    pub fn diagnosis(snapshot: &Snapshot) -> Option<Self> {
        snapshot.root?;
        let found = snapshot.diagnose();
        let text = found.to_string();
        let first = text.lines().next().unwrap_or_default().to_string();
        let mut board = Board::new("diagnosis", "Diagnosis", first);
        board.alarm = !found.findings.is_empty();
        board.columns = vec!["node", "finding", "what", "measured", "limit", "fix", "line"];
        let rows = found.findings.into_iter().map(|finding| Line {
            node: finding.node,
            alarm: true,
            cells: vec![
                finding.node.map_or(String::new(), |node| node.to_string()),
                finding.fault.to_string(),
                finding.what,
                format!("{}: {}", finding.measure, significant(finding.value, 3)),
                significant(finding.limit, 3),
                finding.fix,
                finding.at.to_string(),
            ],
        });
        board.rows = rows.collect();
        Some(board)
    }

    /// The parameters and inputs, and why those without a gradient have none.
    pub fn parameters(snapshot: &Snapshot) -> Option<Self> {
        use crate::inspect::{Flow, Reason};
        let explanations = snapshot.explanations();
        let is_lost =
            |reason: &Reason| !matches!(reason, Reason::HasGradient | Reason::NotSwept | Reason::Frozen { .. });
        let lost = explanations.iter().filter(|(_, explanation)| is_lost(&explanation.reason)).count();
        let text = match (snapshot.root, lost) {
            (None, _) => "There was no backward sweep.".to_string(),
            (_, 0) => "Every parameter and input that should have a gradient has one.".to_string(),
            (_, lost) => format!("{lost} of {} have no gradient.", explanations.len()),
        };
        let mut board = Board::new("parameters", "Parameters and inputs", text);
        board.alarm = lost > 0;
        board.columns = vec!["name", "shape", "gradient", "why"];
        board.rows = explanations
            .into_iter()
            .map(|(node, explanation)| {
                let shape = node.map_or(String::new(), |node| format!("{:?}", snapshot.nodes[node].shape));
                let gradient = match node.map(|node| &snapshot.nodes[node].gradient) {
                    Some(Flow::Value(gradient)) => gradient.to_string(),
                    Some(Flow::Zero) => "exactly 0".to_string(),
                    Some(Flow::NotSwept) => "-".to_string(),
                    Some(Flow::Unreachable) | None => "none".to_string(),
                };
                let alarm = is_lost(&explanation.reason);
                let why = match explanation.reason {
                    Reason::HasGradient | Reason::NotSwept => String::new(),
                    _ => explanation.to_string(),
                };
                Line { node, alarm, cells: vec![explanation.subject, shape, gradient, why] }
            })
            .collect();
        (!board.rows.is_empty()).then_some(board)
    }

    /// Every sum that broadcasting makes on the way back.
    pub fn audit(snapshot: &Snapshot) -> Option<Self> {
        let audit = snapshot.audit();
        let text = audit.to_string();
        let warnings: Vec<&str> = text.lines().filter(|line| line.contains("warning:")).map(str::trim).collect();
        let first = text.lines().next().unwrap_or_default();
        let text = [first].into_iter().chain(warnings).collect::<Vec<_>>().join("\n");
        let mut board = Board::new("broadcasting", "Broadcasting", text);
        board.alarm = audit.reductions.iter().any(|stretched| stretched.both);
        board.columns = vec!["node", "operation", "operand", "stretched", "summed over axes", "factor", "line"];
        let rows = audit.reductions.into_iter().map(|stretched| Line {
            node: Some(stretched.node),
            alarm: stretched.both,
            cells: vec![
                stretched.node.to_string(),
                stretched.op,
                stretched.operand,
                format!("{:?} -> {:?}", stretched.shape, stretched.result),
                format!("{:?}", stretched.axes),
                format!("{} to 1", stretched.factor),
                stretched.at,
            ],
        });
        board.rows = rows.collect();
        (!board.rows.is_empty()).then_some(board)
    }

    /// What is kept for the backward pass and why, and what recomputing would save.
    pub fn memory(snapshot: &Snapshot) -> Option<Self> {
        let memory = snapshot.memory();
        let text = memory.to_string();
        // The nodes stand in the rows.
        let told = text.lines().filter(|line| !line.starts_with("  node") && !line.starts_with("  and "));
        let mut board = Board::new("memory", "Saved for backward", told.map(str::trim).collect::<Vec<_>>().join("\n"));
        board.columns = vec!["node", "bytes", "kept before", "why", "line"];
        let rows = memory.nodes.iter().take(CELLS).map(|node| Line {
            node: Some(node.node),
            alarm: false,
            cells: vec![
                node.node.to_string(),
                bytes(node.bytes),
                if node.shared == 0 { String::new() } else { bytes(node.shared) },
                node.why.clone(),
                snapshot.nodes[node.node].at.to_string(),
            ],
        });
        board.rows = rows.collect();
        (!board.rows.is_empty()).then_some(board)
    }

    /// How much each element of an input contributes.
    pub fn attribution<T: Real>(attribution: &Attribution<T>) -> Self {
        let title = format!("Attribution: {}", attribution.method);
        let mut board = Board::new("attribution", &title, attribution.to_string());
        let shape = attribution.values.shape().to_vec();
        let values: Vec<f64> = attribution.values.to_vec().into_iter().map(|x| x.to_f64()).collect();
        let spread = attribution.spread.as_ref().map(|spread| spread.to_vec());
        let largest = values.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let cells = values.iter().enumerate().map(|(place, &value)| {
            let spread =
                spread.as_ref().map_or(String::new(), |spread| format!(" ± {}", six_digits(spread[place].to_f64())));
            Cell {
                kind: if value < 0.0 { "minus" } else { "plus" },
                level: if largest > 0.0 { value.abs() / largest } else { 0.0 },
                about: format!("{}: {}{spread}", index(place, &shape), six_digits(value)),
            }
        });
        let legend = vec![("plus", "raises the result"), ("minus", "lowers it")];
        board.maps = maps("input", &shape, cells.collect(), legend);
        board
    }

    /// A gradient check, a map for each input.
    pub fn check(report: &Report) -> Self {
        let title = if report.name.is_empty() {
            "Gradient check".to_string()
        } else {
            format!("Gradient check of {}", report.name)
        };
        let mut board = Board::new("check", &title, report.to_string());
        board.alarm = !report.passed();
        for (input, shape) in report.shapes.iter().enumerate() {
            let checked = report.checked.iter().filter(|element| element.input == input);
            let cells: Vec<Cell> = checked.map(Cell::of).collect();
            let legend = vec![
                ("ok", "within the error bar"),
                ("wrong", "wrong"),
                ("kink", "a kink"),
                ("coarse", "too coarse to tell, or not repeatable"),
            ];
            board.maps.extend(maps(&format!("in[{input}]"), shape, cells, legend));
        }
        board
    }

    /// Which decisions differ between two recordings.
    pub fn kinks(kinks: &Kinks) -> Self {
        let mut board = Board::new("kinks", "Decisions that flipped", kinks.to_string());
        board.columns = vec!["node", "operation", "elements", "line"];
        let rows = kinks.flips.iter().map(|flip| Line {
            node: Some(flip.node),
            alarm: true,
            cells: vec![flip.node.to_string(), flip.op.clone(), format!("{:?}", flip.elements), flip.at.clone()],
        });
        board.rows = rows.collect();
        board
    }
}

impl Cell {
    fn of(element: &Element) -> Self {
        let (kind, level) = match element.verdict {
            Verdict::Ok => ("ok", 0.0),
            Verdict::Wrong => ("wrong", 1.0),
            Verdict::Kink => ("kink", 1.0),
            Verdict::Precision | Verdict::Nondeterministic => ("coarse", 1.0),
        };
        let [analytic, numeric, bar] = [element.analytic, element.numeric, element.bar].map(six_digits);
        let node = element.node.as_ref().map_or(String::new(), |node| format!(", {node} changed side"));
        let about = format!("{:?}: analytic {analytic}, numeric {numeric} ± {bar}{node}", element.index);
        Cell { kind, level, about }
    }
}

/// The cells of a tensor by matrices: the last two axes are rows and columns. Only what occurs is in the legend.
fn maps(title: &str, shape: &[usize], cells: Vec<Cell>, legend: Vec<(&'static str, &'static str)>) -> Vec<Map> {
    let columns = shape.last().copied().unwrap_or(1).max(1);
    let rows = if shape.len() > 1 { shape[shape.len() - 2].max(1) } else { 1 };
    let legend: Vec<_> = legend.into_iter().filter(|(kind, _)| cells.iter().any(|cell| cell.kind == *kind)).collect();
    let matrices = cells.chunks(rows * columns).take(CELLS.div_ceil(rows * columns)).enumerate();
    let map = |(place, matrix): (usize, &[Cell])| {
        let outer = &shape[..shape.len().saturating_sub(2)];
        let title =
            if outer.is_empty() { format!("{title} {shape:?}") } else { format!("{title}{}", index(place, outer)) };
        Map { title, columns, cells: matrix.iter().take(CELLS).cloned().collect(), legend: legend.clone() }
    };
    matrices.map(map).collect()
}

/// Where an element is: `[2, 1]`.
fn index(place: usize, shape: &[usize]) -> String {
    let mut rest = place;
    let mut index: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&extent| {
            let i = rest % extent.max(1);
            rest /= extent.max(1);
            i
        })
        .collect();
    index.reverse();
    format!("{index:?}")
}
