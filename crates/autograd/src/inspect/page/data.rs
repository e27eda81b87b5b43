//! What a page shows, as its script gets it: every text is finished here, the script only shows.

use super::boards::Board;
use super::states::States;
use crate::inspect::faces::{Face, Texts, few};
use crate::inspect::outline::Outline;
use crate::inspect::player::Frame;
use crate::inspect::{Flow, Kept, Node, Numbers, Paths, Snapshot};
use crate::text::{TAPE, bytes, significant, six_digits};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The table and the player of a page have so many nodes at most.
pub(super) const ROWS: usize = 5000;

#[derive(Serialize)]
pub(super) struct Data {
    pub title: String,
    pub headline: String,
    pub summary: String,
    nodes: BTreeMap<usize, NodeText>,
    edges: Vec<EdgeText>,
    groups: Vec<GroupText>,
    graph: States,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    /// What the limits leave out, in words.
    left_out: Option<String>,
    frames: Vec<Step>,
    paths: Vec<PathsText>,
    pub boards: Vec<Board>,
}

/// A node: what stands on its box, and what there is to say of it.
#[derive(Serialize)]
struct NodeText {
    face: Face,
    class: &'static str,
    group: Option<usize>,
    details: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct EdgeText {
    from: usize,
    to: usize,
    class: &'static str,
    lines: Vec<String>,
}

#[derive(Serialize)]
struct GroupText {
    face: Face,
    title: String,
    parent: Option<usize>,
}

/// A row of the table: its cells, and for each column what it is sorted by where that is not the text.
#[derive(Serialize)]
struct Row {
    node: usize,
    cells: Vec<String>,
    keys: [Option<f64>; 9],
}

/// A pull-back.
#[derive(Serialize)]
struct Step {
    node: usize,
    head: String,
    incoming: String,
    parts: Vec<Part>,
}

/// What one operand gets.
#[derive(Serialize)]
struct Part {
    edge: usize,
    target: usize,
    name: String,
    local: Option<String>,
    message: String,
    total: Option<String>,
    count: Option<String>,
}

#[derive(Serialize)]
struct PathsText {
    title: String,
    end: String,
    rows: Vec<PathText>,
}

#[derive(Serialize)]
struct PathText {
    share: String,
    part: f64,
    product: String,
    way: String,
    nodes: Vec<usize>,
    edges: Vec<usize>,
}

impl Data {
    pub fn of(snapshot: &Snapshot, title: Option<&str>, paths: &[Paths], boards: Vec<Board>) -> Self {
        let outline = Outline::of(snapshot);
        let texts = Texts::of(snapshot, &outline);
        let graph = States::of(snapshot, &outline, &texts);
        let mut shown: BTreeSet<usize> = graph.nodes().collect();
        shown.extend(0..snapshot.nodes.len().min(ROWS));
        let nodes = shown.iter().map(|&id| {
            let node = &snapshot.nodes[id];
            let face = texts.nodes[id].clone();
            let details = snapshot.details(node);
            (id, NodeText { face, class: snapshot.box_class(id), group: outline.of_node[id], details })
        });
        let edges = snapshot.edges.iter().enumerate().map(|(place, edge)| EdgeText {
            from: edge.from,
            to: edge.to,
            class: snapshot.wire_class(&[place]),
            lines: texts.edges[place].clone(),
        });
        let groups = outline.groups.iter().zip(&texts.groups).map(|(group, face)| GroupText {
            face: face.clone(),
            title: group.title.clone(),
            parent: group.parent,
        });
        let table = snapshot.table();
        let rows = snapshot.nodes.iter().take(ROWS).map(|node| Row {
            node: node.id,
            cells: table.cells(node).to_vec(),
            keys: keys(node),
        });
        let count = snapshot.nodes.len();
        let tape = format!("{count} nodes, {} ops", snapshot.operations());
        Data {
            title: title.map_or_else(|| snapshot.headline(), str::to_string),
            headline: snapshot.headline(),
            summary: format!(
                "{tape}, {}, {} saved for the backward pass",
                snapshot.number,
                bytes(snapshot.saved_bytes())
            ),
            nodes: nodes.collect(),
            edges: edges.collect(),
            groups: groups.collect(),
            graph,
            columns: TAPE.iter().map(|column| column.0).collect(),
            rows: rows.collect(),
            left_out: (count > ROWS).then(|| {
                format!("The table has the first {ROWS} of {count} nodes, the player the first {ROWS} steps.")
            }),
            frames: snapshot.player().take(ROWS).map(|frame| snapshot.step(&frame)).collect(),
            paths: paths.iter().map(|paths| snapshot.paths_text(paths)).collect(),
            boards,
        }
    }
}

/// What the columns are sorted by.
fn keys(node: &Node) -> [Option<f64>; 9] {
    let one =
        |numbers: &Numbers| Some(numbers.single().unwrap_or_else(|| numbers.summary().mean)).filter(|x| x.is_finite());
    let saved: usize = node.saved.iter().map(|saved| saved.bytes).sum();
    let value = node.value.as_ref().and_then(one);
    let gradient = match &node.gradient {
        Flow::Zero => Some(0.0),
        flow => flow.value().and_then(one),
    };
    let elements = node.elements() as f64;
    [Some(node.id as f64), None, None, None, Some(elements), value, gradient, Some(saved as f64), None]
}

impl Snapshot {
    fn details(&self, node: &Node) -> Vec<(&'static str, String)> {
        let numbers = |numbers: &Numbers| match numbers {
            Numbers::Whole(numbers) => nested(numbers, &node.shape),
            Numbers::Summary(summary) => format!("{summary}, {} of {} exactly 0", summary.zeros, summary.elements),
        };
        let text = |word: &'static str, text: String| (!text.is_empty()).then_some((word, text));
        let gradient = match &node.gradient {
            Flow::Value(gradient) => numbers(gradient),
            _ => self.table().gradient(node),
        };
        let inputs: Vec<String> = node.operands.iter().map(|operand| self.letter(operand)).collect();
        let constants: Vec<String> = node.constants.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let saved = node.saved.iter().map(|saved| {
            let why = if saved.what == Kept::Own {
                "what it made on the way".to_string()
            } else {
                self.kept_name(node, saved.what)
            };
            format!("{why}, {}", bytes(saved.bytes))
        });
        let all = [
            text(
                "formula",
                self.formula(node).map_or(String::new(), |formula| format!("{} = {formula}", node.label())),
            ),
            text("inputs", inputs.join(", ")),
            text("constants", constants.join(", ")),
            text("shape", format!("{:?}", node.shape)),
            text("value", node.value.as_ref().map_or("not kept".to_string(), numbers)),
            text("gradient", gradient),
            text("keeps", saved.collect::<Vec<_>>().join("; ")),
            text("module", self.module_path(node)),
            text("line", format!("{}:{}", node.at.file, node.at.line)),
        ];
        all.into_iter().flatten().collect()
    }

    fn step(&self, frame: &Frame) -> Step {
        let shown = |numbers: &Numbers| few(numbers, 4);
        let name = frame.name.as_ref().map_or(String::new(), |name| format!(" {name}"));
        let first = self.edges.partition_point(|edge| edge.from > frame.node);
        let parts = frame.contributions.iter().enumerate().map(|(i, part)| {
            let edge = &self.edges[first + i];
            let rule = self.pull_back(edge).into_iter().chain(self.pull_back_in_numbers(edge));
            let message = part.message.as_ref().map_or("exactly 0".to_string(), shown);
            let mut told: Vec<String> = rule.chain([message]).collect();
            told.dedup();
            Part {
                edge: first + i,
                target: part.target,
                name: part.target_name.clone(),
                local: part.local_text(shown),
                message: told.join(" = "),
                total: part.total_text(shown),
                count: part.message.is_some().then(|| part.count_text()),
            }
        });
        Step {
            node: frame.node,
            head: format!("step {} of {}: node {} {}{name}", frame.step, frame.steps, frame.node, frame.op),
            incoming: shown(&frame.incoming),
            parts: parts.collect(),
        }
    }

    fn paths_text(&self, paths: &Paths) -> PathsText {
        let text = paths.to_string();
        let rows = paths.paths.iter().map(|path| {
            let edge = |(node, input): (&usize, &usize)| {
                let place = self.edges.iter().position(|edge| edge.from == *node && edge.input == *input);
                place.filter(|&place| self.edges[place].from == *node)
            };
            PathText {
                share: format!("{} %", significant(100.0 * path.share, 3)),
                part: path.share,
                product: shortened(&paths.product(path), " * "),
                way: shortened(&path.ops.iter().chain([&paths.input]).cloned().collect::<Vec<_>>().join(" > "), " > "),
                nodes: path.nodes.clone(),
                edges: path.nodes.iter().zip(&path.inputs).filter_map(edge).collect(),
            }
        });
        PathsText {
            title: text.lines().next().unwrap_or_default().to_string(),
            end: text.lines().last().unwrap_or_default().trim().to_string(),
            rows: rows.collect(),
        }
    }
}

/// The first and the last parts of a long chain.
fn shortened(chain: &str, link: &str) -> String {
    let parts: Vec<&str> = chain.split(link).collect();
    match parts.len().checked_sub(8) {
        None | Some(0) => chain.to_string(),
        Some(more) => [&parts[..4], &[&format!("({more} more)")], &parts[parts.len() - 4..]].concat().join(link),
    }
}

/// Numbers in brackets as their shape has it.
pub(super) fn nested(numbers: &[f64], shape: &[usize]) -> String {
    match shape {
        [] => numbers.first().map_or(String::new(), |number| six_digits(*number)),
        [_, rest @ ..] => {
            let each = rest.iter().product::<usize>().max(1);
            let parts: Vec<String> = numbers.chunks(each).map(|part| nested(part, rest)).collect();
            let apart = if rest.is_empty() { ", " } else { ",\n" };
            format!("[{}]", parts.join(apart))
        }
    }
}
