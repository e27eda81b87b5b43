//! A recording as a graph: from the inputs on the left to the result on the right.

use super::{COLOURS, escaped, svg};
use crate::page::short;
use crate::tiny::{Op, Step};
use std::fmt::Write;

/// The ink of what goes forwards.
const FORWARD: &str = "#1a4f8b";
/// The ink of what comes back.
const BACKWARD: &str = "#b3261e";
const NODE: (f64, f64) = (96.0, 62.0);
/// From the middle of a node to the next one's, along and across.
const PITCH: (f64, f64) = (190.0, 96.0);

/// A picture of a recording, with as much written on it as wanted.
///
/// ```
/// use book::{pictures::Graph, tiny::Tape};
/// let tape = Tape::default();
/// let (x, y) = (tape.input("x", 2.0), tape.input("y", 3.0));
/// let z = x * y;
/// let svg = Graph::new(&tape.steps()).gradient(z.step, "1").svg("a product");
/// assert!(svg.contains(">x<") && svg.contains(">mul<") && svg.contains("= 6"));
/// ```
#[derive(Clone, Debug)]
pub struct Graph {
    steps: Vec<Step>,
    gradients: Vec<Option<(String, bool)>>,
    values: bool,
    /// For each step and each of its inputs.
    edges: Vec<Vec<Edge>>,
    lit: Option<usize>,
}

#[derive(Clone, Debug, Default)]
struct Edge {
    slope: Option<String>,
    message: Option<String>,
    colours: Vec<&'static str>,
}

/// Where things are.
struct Layout {
    nodes: Vec<(f64, f64)>,
    /// For each step and each of its inputs, the points between which the edge
    /// swings, from the input on.
    edges: Vec<Vec<Vec<(f64, f64)>>>,
    size: (f64, f64),
}

impl Graph {
    /// The recording alone: names, operations and values.
    pub fn new(steps: &[Step]) -> Self {
        Graph {
            steps: steps.to_vec(),
            gradients: vec![None; steps.len()],
            values: true,
            edges: steps
                .iter()
                .map(|step| vec![Edge::default(); step.inputs.len()])
                .collect(),
            lit: None,
        }
    }

    /// Leaves the values out.
    pub fn without_values(mut self) -> Self {
        self.values = false;
        self
    }

    /// Writes a gradient into a node, in the ink of what comes back.
    pub fn gradient(mut self, step: usize, text: impl Into<String>) -> Self {
        self.gradients[step] = Some((text.into(), false));
        self
    }

    /// Writes a gradient that is wrong.
    pub fn wrong_gradient(mut self, step: usize, text: impl Into<String>) -> Self {
        self.gradients[step] = Some((text.into(), true));
        self
    }

    /// Writes the local derivative on the edge from a step back to its input number
    /// `input`.
    pub fn slope(
        mut self,
        step: usize,
        input: usize,
        text: impl Into<String>,
    ) -> Self {
        self.edges[step][input].slope = Some(text.into());
        self
    }

    /// Writes all local derivatives.
    pub fn slopes(mut self) -> Self {
        for step in 0..self.steps.len() {
            for (input, (_, slope)) in
                crate::tiny::edges(&self.steps, step).into_iter().enumerate()
            {
                self.edges[step][input].slope = Some(short(slope));
            }
        }
        self
    }

    /// Writes what travels back along an edge.
    pub fn message(
        mut self,
        step: usize,
        input: usize,
        text: impl Into<String>,
    ) -> Self {
        self.edges[step][input].message = Some(text.into());
        self
    }

    /// Draws an edge in one more of [`COLOURS`].
    pub fn colour(mut self, step: usize, input: usize, colour: usize) -> Self {
        self.edges[step][input].colours.push(COLOURS[colour % COLOURS.len()]);
        self
    }

    /// Makes one node stand out.
    pub fn lit(mut self, step: usize) -> Self {
        self.lit = Some(step);
        self
    }

    /// The picture, described for those who cannot see it.
    pub fn svg(&self, description: &str) -> String {
        let (body, (width, height)) = self.body();
        svg(width, height, description, &body)
    }

    /// What is inside of the picture, and its size.
    pub(super) fn body(&self) -> (String, (f64, f64)) {
        let layout = self.layout();
        let (mut lines, mut labels, mut nodes) =
            (String::new(), String::new(), String::new());
        for (edges, points) in self.edges.iter().zip(&layout.edges) {
            for (edge, points) in edges.iter().zip(points) {
                edge.draw(points, &mut lines, &mut labels);
            }
        }
        for at in 0..self.steps.len() {
            self.draw_node(at, layout.nodes[at], &mut nodes);
        }
        (lines + &nodes + &labels, layout.size)
    }

    fn draw_node(&self, at: usize, (x, y): (f64, f64), out: &mut String) {
        let step = &self.steps[at];
        let leaf = step.inputs.is_empty();
        let fill = if leaf { "#eef5ec" } else { "#eef2f8" };
        let (stroke, width) =
            if self.lit == Some(at) { (BACKWARD, 3) } else { ("#8795a8", 1) };
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{fill}\" stroke=\"{stroke}\" \
             stroke-width=\"{width}\"/>",
            x - NODE.0 / 2.0,
            y - NODE.1 / 2.0,
            NODE.0,
            NODE.1
        );
        // Which of the two is taken from the other, the edges do not tell.
        let operands: Vec<&str> = step
            .inputs
            .iter()
            .map(|&input| self.steps[input].name.as_str())
            .collect();
        let what = match (step.op, operands.as_slice()) {
            (Op::Sub, [x, y]) if !x.is_empty() && !y.is_empty() => {
                format!("{x} - {y}")
            }
            _ => step.op_name(),
        };
        let title = match (leaf, step.name.as_str()) {
            (true, name) => name.to_string(),
            (false, "") => what,
            (false, name) => format!("{name}: {what}"),
        };
        let mut rows = vec![(title, "#111", "600")];
        if self.values {
            rows.push((format!("= {}", short(step.value)), FORWARD, "400"));
        }
        if let Some((gradient, wrong)) = &self.gradients[at] {
            rows.push((
                format!("{}{gradient}", if *wrong { "✗ " } else { "" }),
                BACKWARD,
                if *wrong { "700" } else { "400" },
            ));
        }
        let top = y - 18.0 * (rows.len() as f64 - 1.0) / 2.0 + 4.5;
        for (i, (text, colour, weight)) in rows.into_iter().enumerate() {
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{colour}\" font-weight=\"{weight}\">{}</text>",
                top + 18.0 * i as f64,
                escaped(&text)
            );
        }
    }

    /// Columns by the longest way from an input, rows by the middle of the
    /// neighbours.
    fn layout(&self) -> Layout {
        let n = self.steps.len();
        let mut column = vec![0; n];
        for (at, step) in self.steps.iter().enumerate() {
            column[at] = step
                .inputs
                .iter()
                .map(|&input| column[input] + 1)
                .max()
                .unwrap_or(0);
        }
        // An input stands just before its first reader.
        for at in (0..n).filter(|&at| self.steps[at].inputs.is_empty()) {
            let readers =
                (0..n).filter(|&reader| self.steps[reader].inputs.contains(&at));
            column[at] =
                readers.map(|reader| column[reader] - 1).min().unwrap_or(0);
        }
        // Places in columns: the steps, and one for each column that an edge passes
        // through.
        let mut places: Vec<(usize, Vec<usize>)> =
            column.iter().map(|&column| (column, Vec::new())).collect();
        let mut routes = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let mut of_step: Vec<Vec<usize>> = Vec::new();
            for (number, &input) in step.inputs.iter().enumerate() {
                let mut route = vec![input];
                // Twins share a way and part by a swing.
                if let Some(twin) =
                    step.inputs[..number].iter().position(|&other| other == input)
                {
                    route = of_step[twin].clone();
                } else {
                    for passed in column[input] + 1..column[at] {
                        places.push((passed, Vec::new()));
                        route.push(places.len() - 1);
                    }
                    route.push(at);
                    for pair in route.windows(2) {
                        places[pair[0]].1.push(pair[1]);
                        places[pair[1]].1.push(pair[0]);
                    }
                }
                of_step.push(route);
            }
            routes.push(of_step);
        }
        let columns =
            places.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let mut row = vec![0.0; places.len()];
        let members = |column: usize| {
            (0..places.len()).filter(|&i| places[i].0 == column).collect::<Vec<_>>()
        };
        for column in 0..columns {
            let members = members(column);
            for (i, &place) in members.iter().enumerate() {
                row[place] = i as f64 - (members.len() as f64 - 1.0) / 2.0;
            }
        }
        for round in 0..8 {
            for step in 0..columns {
                let column = if round % 2 == 0 { step } else { columns - 1 - step };
                let mut members = members(column);
                let middle = |place: usize| {
                    let near: Vec<f64> =
                        places[place].1.iter().map(|&other| row[other]).collect();
                    if near.is_empty() {
                        row[place]
                    } else {
                        near.iter().sum::<f64>() / near.len() as f64
                    }
                };
                let wanted: Vec<f64> = (0..places.len()).map(middle).collect();
                members.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
                // As near to the wish as the neighbours in the column allow.
                let mut rows: Vec<f64> =
                    members.iter().map(|&place| wanted[place]).collect();
                for i in 1..rows.len() {
                    rows[i] = rows[i].max(rows[i - 1] + 1.0);
                }
                let shift = members
                    .iter()
                    .zip(&rows)
                    .map(|(&place, row)| wanted[place] - row)
                    .sum::<f64>()
                    / members.len().max(1) as f64;
                for (&place, new) in members.iter().zip(&rows) {
                    row[place] = new + shift;
                }
            }
        }
        let (low, high) =
            row.iter().fold((f64::MAX, f64::MIN), |(low, high), &row| {
                (low.min(row), high.max(row))
            });
        let position = |place: usize| {
            (
                20.0 + NODE.0 / 2.0 + PITCH.0 * places[place].0 as f64,
                24.0 + NODE.1 / 2.0 + PITCH.1 * (row[place] - low),
            )
        };
        let nodes: Vec<(f64, f64)> = (0..n).map(position).collect();
        let edges = routes
            .iter()
            .enumerate()
            .map(|(at, of_step)| {
                // Edges arrive in the order in which they come from above, so that
                // they do not cross at the door.
                let height =
                    |number: usize| row[of_step[number][of_step[number].len() - 2]];
                let ways = of_step.iter().enumerate().map(|(number, route)| {
                    let others =
                        (0..of_step.len()).filter(|&other| other != number);
                    let above = others
                        .filter(|&other| {
                            (height(other), other) < (height(number), number)
                        })
                        .count();
                    let port =
                        16.0 * (above as f64 - (of_step.len() as f64 - 1.0) / 2.0);
                    let mut points: Vec<(f64, f64)> =
                        route.iter().map(|&place| position(place)).collect();
                    let last = points.len() - 1;
                    points[0].0 += NODE.0 / 2.0;
                    points[last].0 -= NODE.0 / 2.0;
                    points[last].1 += port;
                    let twins = self.steps[at]
                        .inputs
                        .iter()
                        .filter(|&&other| other == route[0])
                        .count();
                    if twins > 1 {
                        points[0].1 += port;
                        let middle = (
                            (points[0].0 + points[last].0) / 2.0,
                            (points[0].1 + points[last].1) / 2.0 + port,
                        );
                        if last == 1 {
                            points.insert(1, middle);
                        }
                    }
                    points
                });
                ways.collect()
            })
            .collect();
        let size = (
            40.0 + NODE.0 + PITCH.0 * (columns.max(1) - 1) as f64,
            48.0 + NODE.1 + PITCH.1 * (high - low).max(0.0),
        );
        Layout { nodes, edges, size }
    }
}

/// Graphs with captions, side by side in so many columns, row by row.
pub fn strip(
    description: &str,
    columns: usize,
    panels: &[(String, Graph)],
) -> String {
    let bodies: Vec<(String, (f64, f64))> =
        panels.iter().map(|(_, graph)| graph.body()).collect();
    let size = |side: fn(&(f64, f64)) -> f64| {
        bodies.iter().map(|(_, size)| side(size)).fold(0.0, f64::max)
    };
    let (width, height) = (size(|size| size.0) + 12.0, size(|size| size.1) + 40.0);
    let mut all = String::new();
    for (i, ((caption, _), (body, _))) in panels.iter().zip(&bodies).enumerate() {
        let (x, y) = (width * (i % columns) as f64, height * (i / columns) as f64);
        let _ = writeln!(
            all,
            "<g transform=\"translate({x:.1},{y:.1})\"><rect x=\"6\" y=\"6\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\" \
             fill=\"none\" stroke=\"#d0d4da\"/><text x=\"20\" y=\"28\" font-weight=\"600\">{}</text>\n\
             <g transform=\"translate(6,28)\">{body}</g></g>",
            width - 12.0,
            height - 12.0,
            escaped(caption)
        );
    }
    let rows = panels.len().div_ceil(columns.max(1));
    svg(
        width * columns.min(panels.len()) as f64,
        height * rows as f64,
        description,
        &all,
    )
}

impl Edge {
    fn draw(&self, points: &[(f64, f64)], lines: &mut String, labels: &mut String) {
        let path = |shift: f64| {
            let mut d = format!("M{:.1},{:.1}", points[0].0, points[0].1 + shift);
            for pair in points.windows(2) {
                let middle = (pair[0].0 + pair[1].0) / 2.0;
                let (from, to) = (pair[0].1 + shift, pair[1].1 + shift);
                let _ = write!(
                    d,
                    "C{middle:.1},{from:.1} {middle:.1},{to:.1} {:.1},{to:.1}",
                    pair[1].0
                );
            }
            d
        };
        if self.colours.is_empty() {
            let _ = writeln!(
                lines,
                "<path d=\"{}\" fill=\"none\" stroke=\"#8795a8\" stroke-width=\"1.5\"/>",
                path(0.0)
            );
        }
        for (i, colour) in self.colours.iter().enumerate() {
            let shift = 4.0 * (i as f64 - (self.colours.len() as f64 - 1.0) / 2.0);
            let _ = writeln!(
                lines,
                "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\"/>",
                path(shift)
            );
        }
        // Halfway along the last stretch, where edges to one step have parted.
        let (from, to) = (points[points.len() - 2], points[points.len() - 1]);
        let (x, y) = match points.len() {
            3 => points[1],
            _ => ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0),
        };
        for (text, colour, below) in
            [(&self.slope, FORWARD, -5.0), (&self.message, BACKWARD, 14.0)]
        {
            if let Some(text) = text {
                let _ = writeln!(
                    labels,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{colour}\" stroke=\"#fff\" \
                     stroke-width=\"4\" paint-order=\"stroke\">{}</text>",
                    y + below,
                    escaped(text)
                );
            }
        }
    }
}
