//! The graph as an SVG and in Graphviz's language.

use super::faces::{Face, Texts};
use super::outline::{BOXES, Outline};
use super::picture::{Area, Painter, Picture};
use super::{Flow, Snapshot};
use std::fmt::Write;

/// How boxes and wires look, here and in the page.
pub const STYLE: &str = include_str!("page/graph.css");

/// The widest picture that flows to the right; wider ones flow down.
const WIDEST: f64 = 1500.0;

impl Snapshot {
    /// The graph as an SVG that needs nothing else: on each node its name, operation, shape, value and gradient; on each
    /// edge the local derivative and the message that came back along it; dashed where that is exactly zero. Light or dark as
    /// the reader prefers, with text alternatives. At most [`BOXES`] boxes are shown: modules are folded from the inside out,
    /// and long runs of a tape without modules, and the picture says so.
    ///
    /// ```
    /// use autograd::{inspect::Snapshot, scalar::Tape};
    /// let tape = Tape::traced();
    /// let x = tape.var(3.0).named("x");
    /// let svg = Snapshot::of_backward(&(x * x)).to_svg();
    /// assert!(svg.starts_with("<svg") && svg.contains("grad 6"));
    /// ```
    pub fn to_svg(&self) -> String {
        let outline = Outline::of(self);
        let texts = Texts::of(self, &outline);
        let open = outline.open_at_first();
        let (picture, _) = picture(self, &outline, &texts, &open);
        written(self, &outline, &texts, &picture)
    }

    /// What folding hides, in words; nothing if it hides nothing.
    pub(super) fn folded(&self, shown: usize) -> String {
        match self.nodes.len() {
            nodes if nodes == shown => String::new(),
            nodes => format!("{nodes} nodes in {shown} boxes: folded to show at most {BOXES} at once"),
        }
    }

    pub(super) fn headline(&self) -> String {
        let root = self.root.map_or(String::new(), |root| format!(" of {}", self.nodes[root].label()));
        let kind = if self.root.is_some() { "Gradient" } else { "Recording" };
        format!("{kind}{root}: {} nodes, {} operations, {}", self.nodes.len(), self.operations(), self.at)
    }
}

/// A picture, to the right if it is not too wide, else down; and whether it flows down.
pub(super) fn picture(snapshot: &Snapshot, outline: &Outline<'_>, texts: &Texts, open: &[bool]) -> (Picture, bool) {
    let painted = |down: bool| Painter { snapshot, outline, texts, open, down }.picture();
    let picture = painted(false);
    match picture.width > WIDEST {
        true => (painted(true), true),
        false => (picture, false),
    }
}

fn written(snapshot: &Snapshot, outline: &Outline<'_>, texts: &Texts, picture: &Picture) -> String {
    let Picture { width, height, .. } = picture;
    let folded = snapshot.folded(picture.shown());
    let room = if folded.is_empty() { 0.0 } else { 24.0 };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" aria-labelledby=\"title desc\" \
         viewBox=\"0 0 {width} {}\" width=\"{width}\" height=\"{}\">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
         <style>{STYLE}</style>\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"head\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
        height + room,
        height + room,
        escaped(&snapshot.headline()),
        escaped(&described(snapshot, texts, picture)),
    );
    let rect = |class: &str, area: &Area, radius: usize| {
        let Area { x, y, w, h } = area;
        format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{radius}\"/>")
    };
    let text = |class: &str, x: f64, y: f64, text: &str| {
        format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text))
    };
    // Writing to a string cannot fail.
    for frame in &picture.frames {
        let Area { x, y, .. } = frame.area;
        let title = frame.group.map_or("", |group| outline.groups[group].title.as_str());
        let _ = writeln!(
            svg,
            "<g class=\"frame\">{}{}</g>",
            rect("", &frame.area, 8),
            text("t", x + 10.0, y + 17.0, title)
        );
    }
    for strand in &picture.strands {
        let arrow = if strand.arrow { " marker-end=\"url(#arrow)\"" } else { "" };
        let class = snapshot.wire_class(&strand.edges);
        let _ = writeln!(svg, "<path class=\"wire {class}\" d=\"{}\"{arrow}/>", strand.path);
    }
    for strand in &picture.strands {
        let Some(area) = &strand.label else { continue };
        let lines = if strand.text.is_empty() { &texts.edges[strand.edges[0]] } else { &strand.text };
        let _ = write!(svg, "<g class=\"label\">{}", rect("", area, 3));
        for (i, line) in lines.iter().enumerate() {
            let class = if line.starts_with('←') { "m" } else { "d" };
            svg += &text(class, area.x + area.w / 2.0, area.y + 12.5 + 14.0 * i as f64, line);
        }
        svg += "</g>\n";
    }
    for placed in &picture.boxes {
        let (face, class) = match (placed.node, placed.group) {
            (Some(node), _) if placed.echo => (&texts.nodes[node], "echo"),
            (Some(node), _) => (&texts.nodes[node], snapshot.box_class(node)),
            (None, group) => (&texts.groups[group.unwrap_or_default()], "folded"),
        };
        let Face { title, aside, lines, about } = face;
        let Area { x, y, .. } = placed.area;
        let _ = write!(svg, "<g class=\"box {class}\"><title>{}</title>{}", escaped(about), rect("", &placed.area, 6));
        if placed.echo {
            svg += &text("n", x + 10.0, y + 17.0, title);
            svg += "</g>\n";
            continue;
        }
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\"><tspan class=\"n\">{}</tspan><tspan class=\"o\" dx=\"8\">{}</tspan></text>",
            x + 10.0,
            y + 18.0,
            escaped(title),
            escaped(aside)
        );
        for (i, line) in lines.iter().enumerate() {
            let class = if line.starts_with("grad") { "g" } else { "v" };
            svg += &text(class, x + 10.0, y + 35.0 + 17.0 * i as f64, line);
        }
        svg += "</g>\n";
    }
    if !folded.is_empty() {
        svg += &text("said", 10.0, height + 14.0, &folded);
    }
    svg + "</svg>"
}

/// The picture in words.
fn described(snapshot: &Snapshot, texts: &Texts, picture: &Picture) -> String {
    let boxes = picture.boxes.iter().filter(|placed| !placed.echo).map(|placed| match (placed.node, placed.group) {
        (Some(node), _) => {
            let operands: Vec<String> = snapshot.nodes[node].operands.iter().map(|o| snapshot.letter(o)).collect();
            let from = if operands.is_empty() { String::new() } else { format!(", of {}", operands.join(" and ")) };
            format!("{}{from}", texts.nodes[node].about)
        }
        (None, group) => texts.groups[group.unwrap_or_default()].about.clone(),
    });
    boxes.collect::<Vec<_>>().join(". ")
}

impl Snapshot {
    /// What a box is: `leaf`, `op`, and whether it is the root or has no gradient.
    pub(super) fn box_class(&self, node: usize) -> &'static str {
        let node = &self.nodes[node];
        match (&node.gradient, node.is_leaf()) {
            _ if self.root == Some(node.id) => "root",
            (Flow::Unreachable | Flow::Zero, true) => "leaf lost",
            (Flow::Unreachable | Flow::Zero, false) => "op lost",
            (_, true) => "leaf",
            (_, false) => "op",
        }
    }

    /// What a wire is: dashed if all its messages are exactly zero, pale if there are none.
    pub(super) fn wire_class(&self, edges: &[usize]) -> &'static str {
        let is_zero = |flow: &Flow| match flow {
            Flow::Zero => true,
            Flow::Value(numbers) => {
                let summary = numbers.summary();
                summary.elements > 0 && summary.zeros == summary.elements
            }
            _ => false,
        };
        let messages = || edges.iter().map(|edge| &self.edges[*edge].message);
        match () {
            () if messages().all(is_zero) => "zero",
            () if messages().all(|message| matches!(message, Flow::NotSwept | Flow::Unreachable)) => "unsent",
            () => "",
        }
    }
}

/// Text as XML has it. Letters that XML cannot have at all are left out.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
